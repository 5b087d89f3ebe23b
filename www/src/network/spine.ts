/** Drawings beside the network's rows: a line of marks per scheme, or a bar per scheme and node. */

import { html, svg, type TemplateResult } from "lit";
import { INTEGER_SCHEMES, type IntegerScheme } from "../engine/types";
import type { Figure } from "./measures";

export const ROW = 40;
export const STRIP = 104;
/** Steps of the scale in dB. */
const STEP_DB = 20;
const EDGE = 8;
/** Height of a bar's parts: the further off, the thicker, so that colour does not tell alone. */
const THICKNESS = [2, 4, 6, 9] as const;
const OPACITY = [0.3, 0.55, 0.8, 1] as const;

export type Figures = Record<IntegerScheme, readonly Figure[]>;

/** End of the scale: the first step at or above every SQNR that is a number. */
export function mostDb(figures: Figures): number {
  let most = STEP_DB;
  for (const scheme of INTEGER_SCHEMES) {
    for (const { db } of figures[scheme]) if (db !== undefined && db < Infinity) most = Math.max(most, db);
  }
  return Math.ceil(most / STEP_DB) * STEP_DB;
}

export function spine(figures: Figures, rows: number, most: number): TemplateResult {
  const x = (db: number) => EDGE + (Math.max(0, db) / most) * (STRIP - 2 * EDGE);
  const line = (scheme: IntegerScheme) => {
    let path = "";
    let marks = "";
    for (const [i, { db }] of figures[scheme].entries()) {
      if (db === undefined || db === Infinity) continue;
      const at = `${x(db).toFixed(1)} ${i * ROW + ROW / 2}`;
      path += `${path === "" ? "M" : "L"}${at}`;
      if (scheme === "layer-wise") marks += `M${at}m-4 -4l8 8m0 -8l-8 8`;
      if (scheme === "shift-wise") marks += `M${at}m0 -5l5 9h-10z`;
      if (scheme === "channel-wise") marks += `M${at}m-3.5 -3.5h7v7h-7z`;
    }
    return svg`<g class=${scheme}><path class="line" d=${path} /><path class="marks" d=${marks} /></g>`;
  };
  const steps = Array.from({ length: most / STEP_DB + 1 }, (_, i) => i * STEP_DB);
  const grid = steps.map((db) => `M${x(db)} 0V${rows * ROW}`).join("");
  return sheet(rows, svg`<path class="grid" d=${grid} />${[...INTEGER_SCHEMES].reverse().map(line)}`);
}

/** Shares off by 0, 1, 2, 3 or more steps: from thin and faint to thick and full. */
export function bars(figures: Figures, rows: number): TemplateResult {
  const pitch = ROW / (INTEGER_SCHEMES.length + 0.6);
  const bar = (scheme: IntegerScheme, lane: number) => {
    const paths = ["", "", "", ""];
    for (const [i, { offBy }] of figures[scheme].entries()) {
      if (!offBy) continue;
      const y = i * ROW + (lane + 0.8) * pitch;
      let from = EDGE;
      for (const [n, share] of offBy.entries()) {
        const to = from + share * (STRIP - 2 * EDGE);
        if (share > 0) paths[n] += `M${from.toFixed(1)} ${y.toFixed(1)}H${to.toFixed(1)}`;
        from = to;
      }
    }
    return svg`<g class=${scheme}>${paths.map(
      (d, n) => svg`<path class="bar" d=${d} stroke-width=${THICKNESS[n] ?? 0} stroke-opacity=${OPACITY[n] ?? 1} />`,
    )}</g>`;
  };
  const edges = `M${EDGE} 0V${rows * ROW}M${STRIP - EDGE} 0V${rows * ROW}`;
  return sheet(rows, svg`<path class="grid" d=${edges} />${INTEGER_SCHEMES.map(bar)}`);
}

/** One part of a bar, for the legend. */
export function sample(n: number): TemplateResult {
  return html`<svg class="sample" viewBox="0 0 20 12" aria-hidden="true">
    <path class="bar" d="M0 6H20" stroke-width=${THICKNESS[n] ?? 0} stroke-opacity=${OPACITY[n] ?? 1} />
  </svg>`;
}

function sheet(rows: number, content: TemplateResult): TemplateResult {
  const height = rows * ROW;
  return html`<svg class="spine" width=${STRIP} height=${height} viewBox="0 0 ${STRIP} ${height}" aria-hidden="true">
    ${content}
  </svg>`;
}
