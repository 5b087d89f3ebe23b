/**
 * A register as its cells: the sign cell is marked, used bits are filled or framed, copies of the sign are faint. Below
 * it the headroom: how far the sums have reached so far, and how far they can.
 */

import { css, html, nothing, type TemplateResult } from "lit";
import { text } from "../strings";
import { bitsOf, floatBits, signedBits } from "./bits";
import type { Shifter } from "./blocks";
import type { Headroom } from "./headroom";

const words = text.datapath;
/** Registers of more cells show the lower ones: what lies above is only the sign. */
const MOST_CELLS = 40;
const FEWEST_CELLS = 16;
/** So many cells that fall off have room for the rounding bit's name below them. */
const WIDE_ENOUGH = 10;

function cell(kind: string): TemplateResult {
  return html`<i class=${kind}></i>`;
}

/** The class of each cell: whether it is the sign, used, or a copy of the sign, and what it holds. */
function kinds(value: bigint, width: number, signed: boolean): string[] {
  const used = signed ? signedBits(value) : Math.max(1, value.toString(2).length);
  return [...bitsOf(value, width)].map((bit, i) => {
    const holds = bit === "1" ? "one" : "zero";
    if (signed && i === 0) return `${holds} sign`;
    return width - i > used ? `spare ${holds}` : holds;
  });
}

/** The cells of an integer. */
export function register(value: bigint, width: number, signed: boolean, headroom?: Headroom): TemplateResult {
  return html`<div class="cells" style="--cells:${width}" aria-hidden="true">
    ${kinds(value, width, signed).map(cell)} ${headroom && gauge(headroom)}
  </div>`;
}

/** From the lowest bit leftwards: a bar as long as what is used, in a frame as long as what can be. */
function gauge({ now, worst, width }: Headroom): TemplateResult {
  const from = (bits: number) => `grid-column: ${width - Math.min(bits, width) + 1} / -1`;
  return html`<b class="worst" style=${from(worst)}></b><b class="now" style=${from(now)}></b>`;
}

/** A float32: sign, exponent and significand. */
export function floatRegister(value: number): TemplateResult {
  return html`<div class="cells float32" style="--cells:32" aria-hidden="true">
    ${[...bitsOf(floatBits(value), 32)].map((bit, i) =>
      cell(`${bit === "1" ? "one" : "zero"}${i === 0 ? " sign" : ""}${i === 1 || i === 9 ? " part" : ""}`),
    )}
  </div>`;
}

/** A value on the shifter: what stays, and below it what falls off, its first bit named. */
export function shiftRegister(shifter: Shifter, fallen: boolean): TemplateResult {
  const { value, places } = shifter;
  const off = Math.max(0, Math.min(places, 63));
  const width = Math.min(64, Math.max(FEWEST_CELLS, signedBits(value) + 1, off + 2));
  const shown = kinds(value, width, true);
  return html`<div class="cells shifter ${fallen ? "fallen" : ""}" style="--cells:${width}" aria-hidden="true">
    ${shown.map((kind, i) => {
      const place = width - i;
      return cell(place > off ? kind : `${kind.replace("spare ", "")} off${place === off ? " rounding" : ""}`);
    })}
    ${
      off > 0
        ? off < WIDE_ENOUGH
          ? html`<span class="pointer before" style="grid-column: 1 / ${width - off + 2}">${words.roundingBit}</span>`
          : html`<span class="pointer" style="grid-column: ${width - off + 1} / -1">${words.roundingBit}</span>`
        : nothing
    }
  </div>`;
}

/** The product before it is shifted, without the cells that only repeat the sign. */
export function shortRegister(value: bigint, width: number, headroom?: Headroom): TemplateResult {
  const cells = Math.min(width, Math.max(MOST_CELLS, headroom?.worst ?? 0, signedBits(value)));
  const fitting = headroom && { ...headroom, width: cells };
  return register(value, cells, true, fitting);
}

/** What the cells mean. */
export function registerLegend(): TemplateResult {
  const samples = [
    ["one", words.legend.one],
    ["zero", words.legend.zero],
    ["spare zero", words.legend.extension],
    ["zero sign", words.legend.sign],
    ["zero off", words.legend.off],
  ] as const;
  return html`<p class="legend small soft">
    ${samples.map(([kind, name]) => html`<span><span class="cells" style="--cells:1">${cell(kind)}</span> ${name}</span>`)}
    <span
      ><span class="cells" style="--cells:3"><b class="worst"></b><b class="now"></b></span>
      ${words.legend.headroom}</span
    >
  </p>`;
}

export const registerStyles = css`
  .cells {
    display: grid;
    grid-template-columns: repeat(var(--cells), minmax(0, 10px));
    grid-auto-flow: row;
    justify-content: end;
    row-gap: 3px;
    width: 100%;
  }
  .cells > i {
    height: 16px;
    border: 1px solid currentcolor;
    margin-inline-end: -1px;
    transition:
      background-color 200ms,
      transform 300ms,
      opacity 300ms;
  }
  .cells > i.one {
    background: currentcolor;
  }
  .cells > i.zero {
    background: color-mix(in srgb, currentcolor 12%, transparent);
  }
  .cells > i.spare {
    border-color: var(--line);
    background: none;
  }
  .cells > i.spare.one {
    background: color-mix(in srgb, currentcolor 28%, transparent);
  }
  .cells > i.sign {
    border-top-width: 4px;
    border-color: currentcolor;
  }
  .cells.float32 > i.part {
    margin-inline-start: 3px;
  }
  .shifter {
    padding-bottom: 10px;
  }
  .cells > i.off {
    opacity: 0.75;
    border-style: dashed;
  }
  .cells > i.off.one {
    background: color-mix(in srgb, currentcolor 60%, transparent);
  }
  .shifter.fallen > i.off {
    transform: translateY(9px);
  }
  .shifter > i.rounding {
    border: 2px solid var(--ink);
  }
  .shifter > .pointer {
    margin-top: 8px;
    font-size: 0.75rem;
    line-height: 1.2;
    color: var(--ink);
    white-space: nowrap;
    justify-self: start;
    min-width: 0;
  }
  .shifter > .pointer.before {
    justify-self: end;
  }
  .shifter > .pointer.before::after {
    content: "\\202F\\2191";
  }
  .shifter > .pointer:not(.before)::before {
    content: "\\2191\\202F";
  }
  .cells > b {
    grid-row: 2;
    height: 4px;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
  }
  .legend > span {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .legend .cells {
    width: calc(var(--cells) * 10px);
    color: var(--ink);
  }
  .legend b {
    grid-row: 1;
    grid-column: 1 / -1;
  }
  .legend b.now {
    grid-column: 2 / -1;
  }
  .cells > .worst {
    border: 1px solid var(--soft);
  }
  .cells > .now {
    background: var(--soft);
  }
  @media (prefers-reduced-motion: reduce) {
    .cells > i {
      transition: none;
    }
  }
`;
