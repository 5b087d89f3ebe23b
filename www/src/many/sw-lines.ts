/** A chart of each scheme's share against a number of bits, with a line a scheme, labelled at its end. */

import { css, html, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Pointed } from "../charts/pointed";
import { SizedElement } from "../charts/sized";
import { SCHEMES, type Scheme } from "../engine/types";
import { percent } from "../format";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { bitsOf, shareOf, type Axis, type Point } from "./curves";
import { HEIGHT, MARGIN, plotLines, spreadLabels, type LinePlot } from "./line-plot";
import "../takeaway/sw-take";

const SHARES = [0, 0.25, 0.5, 0.75, 1];

/** Outlines of the schemes' marks around a point. */
const DOTS: Record<Scheme, string> = {
  float: "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
  "layer-wise": "m-4 -4l8 8m0 -8l-8 8",
  "shift-wise": "m0 -5l5 9h-10z",
  "channel-wise": "m-3.5 -3.5h7v7h-7z",
};

type Line = { scheme: Scheme; shares: Map<number, number> };

@customElement("sw-lines")
export class Lines extends SizedElement {
  @property() axis: Axis = "shiftBits";
  @property() heading = "";
  @property({ attribute: false }) points: readonly Point[] = [];
  /** The number of bits in use. */
  @property({ type: Number }) chosen = 0;
  readonly #pointed = new Pointed<{ bits: number }>(this);

  /** The number of bits that is spoken of: without any other, the one in use. */
  get #at(): number {
    return this.#pointed.at?.bits ?? this.chosen;
  }

  get #lines(): Line[] {
    return SCHEMES.flatMap((scheme) => {
      const shares = new Map<number, number>();
      for (const point of this.points) {
        const share = point.scheme === scheme ? shareOf(point.score) : null;
        if (share !== null) shares.set(point.bits, share);
      }
      return shares.size > 0 ? [{ scheme, shares }] : [];
    });
  }

  private onKey(event: KeyboardEvent): void {
    const bits = bitsOf(this.axis);
    const now = this.#at;
    const targets: Record<string, number | undefined> = {
      ArrowLeft: now - 1,
      ArrowDown: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now + 1,
      Home: bits[0],
      End: bits.at(-1),
    };
    const target = targets[event.key];
    if (this.#pointed.onEscape(event) || target === undefined) return;
    event.preventDefault();
    this.#pointed.pin({ bits: Math.max(bits[0] ?? 0, Math.min(bits.at(-1) ?? 0, target)) });
  }

  /** What is nearest to the pointer. */
  #under(event: MouseEvent, { x }: LinePlot): { bits: number } {
    const across = event.clientX - (event.currentTarget as Element).getBoundingClientRect().left;
    const bits = bitsOf(this.axis);
    const nearest = (best: number, one: number) =>
      Math.abs(x(one) - across) < Math.abs(x(best) - across) ? one : best;
    return { bits: bits.reduce(nearest, bits[0] ?? 0) };
  }

  #readout(lines: readonly Line[]): string {
    const bits = this.#at;
    const said = lines.map(({ scheme, shares }) => text.many.point(text.schemes[scheme], shares.get(bits) ?? null));
    return text.many.at(bits, text.many.axes[this.axis], said);
  }

  protected override render() {
    const lines = this.#lines;
    const bits = bitsOf(this.axis);
    const plot = plotLines(bits, this.width);
    return html`
      <h4>${this.heading}</h4>
      <div
        role="slider"
        tabindex="0"
        aria-label=${text.many.chart(this.heading)}
        aria-orientation="horizontal"
        aria-valuemin=${bits[0] ?? 0}
        aria-valuemax=${bits.at(-1) ?? 0}
        aria-valuenow=${this.#at}
        aria-valuetext=${this.#readout(lines)}
        @keydown=${this.onKey}
        @click=${(event: MouseEvent) => this.#pointed.pin(this.#under(event, plot))}
        @pointermove=${(event: PointerEvent) => this.#pointed.hover(this.#under(event, plot))}
        @pointerleave=${() => this.#pointed.hover(null)}
      >
        ${this.width > 0 ? this.#draw(lines, bits, plot) : html`<div style="height:${HEIGHT}px"></div>`}
      </div>
      <p class="small readout num">${this.#readout(lines)}</p>
      ${this.#twin(lines, bits)}
    `;
  }

  #draw(lines: readonly Line[], bits: readonly number[], { x, y }: LinePlot) {
    const right = this.width - MARGIN.right;
    const ends = lines.map(({ shares }) => y([...shares].toSorted(([a], [b]) => a - b).at(-1)?.[1] ?? 0));
    const labels = spreadLabels(ends);
    return html`<svg width=${this.width} height=${HEIGHT} viewBox="0 0 ${this.width} ${HEIGHT}" aria-hidden="true">
      <rect class="band" x=${x(this.#at) - 10} y=${MARGIN.top - 8} width="20" height=${y(0) - y(1) + 16} />
      ${SHARES.map(
        (share) =>
          svg`<path class="grid" d="M${MARGIN.left} ${y(share)}H${right}" />
            <text x=${MARGIN.left - 8} y=${y(share) + 4} text-anchor="end">${share * 100}%</text>`,
      )}
      ${bits.map((one) => svg`<text x=${x(one)} y=${y(0) + 18} text-anchor="middle">${one}</text>`)}
      <text class="unit" x=${(MARGIN.left + right) / 2} y=${HEIGHT - 4} text-anchor="middle">
        ${text.many.axes[this.axis]}
      </text>
      ${lines.map(({ scheme, shares }, i) => {
        const known = [...shares].toSorted(([a], [b]) => a - b);
        const path = known.map(([one, share], at) => `${at ? "L" : "M"}${x(one)} ${y(share)}`).join("");
        const dots = known.map(([one, share]) => `M${x(one)} ${y(share)}${DOTS[scheme]}`).join("");
        return svg`<path class="line ${scheme}" d=${path} /><path class="dots ${scheme}" d=${dots} />
          <text class="name ${scheme}" x=${right + 12} y=${(labels[i] ?? 0) + 4}>${text.schemes[scheme]}</text>`;
      })}
    </svg>`;
  }

  #twin(lines: readonly Line[], bits: readonly number[]) {
    return html`<sw-take chart="accuracy" which=${text.many.axes[this.axis]}></sw-take>
      <details class="twin">
        <summary>${text.tableTwin}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label=${this.heading}>
          <table>
            <thead>
              <tr>
                <th scope="col">${text.many.axes[this.axis]}</th>
                ${lines.map(({ scheme }) => html`<th scope="col">${text.schemes[scheme]}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${bits.map(
                (one) =>
                  html`<tr>
                    <th scope="row" class="int">${one}</th>
                    ${lines.map(({ shares }) => {
                      const share = shares.get(one);
                      return html`<td>${share === undefined ? nothing : percent(share)}</td>`;
                    })}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    css`
      h4 {
        margin: 0 0 4px;
        font-size: var(--text);
        font-weight: 500;
      }
      svg {
        display: block;
        overflow: visible;
      }
      .band {
        fill: var(--mark);
      }
      .grid {
        fill: none;
        stroke: var(--hair);
        shape-rendering: crispEdges;
      }
      .line {
        fill: none;
        stroke: currentColor;
        stroke-width: 1.6;
      }
      .dots {
        fill: currentColor;
      }
      .dots.layer-wise {
        fill: none;
        stroke: currentColor;
        stroke-width: 2;
      }
      text {
        fill: var(--soft);
        font: 0.6875rem var(--mono);
      }
      text.unit,
      text.name {
        font: 0.75rem var(--sans);
      }
      text.name {
        fill: currentColor;
        font-weight: 600;
      }
      .readout {
        min-height: 2.8em;
        margin-top: 4px;
      }
    `,
  ];
}
