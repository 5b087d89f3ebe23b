/** One number, and where it lies among those of the other schemes. */

import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { SCHEMES, type Scheme } from "../engine/types";
import { real } from "../format";
import { mark } from "../components/marks";
import { text } from "../strings";
import { shared } from "../styles/shared";

const words = text.results.number;

@customElement("sw-number")
export class NumberView extends LitElement {
  @property() scheme: Scheme = "float";
  @property({ type: Number }) value = 0;
  @property() label: string | null = null;
  @property() unit: string | null = null;
  /** Every scheme's, for one scale. */
  @property({ attribute: false }) all: Partial<Record<Scheme, number>> = {};

  protected override render() {
    const { value, unit, all, scheme } = this;
    const away = all.float === undefined || scheme === "float" ? null : value - all.float;
    return html`
      <p class="value"><strong>${real(value)}</strong> ${unit ?? ""}</p>
      <p class="small soft">${this.label ?? nothing}</p>
      ${this.#line()}
      <p class="small num">${away === null ? nothing : words.away(away, unit)}</p>
    `;
  }

  /** 0 is on the line, and every scheme: this one with its mark, the others as ticks. */
  #line() {
    const values = Object.values(this.all);
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const x = (value: number) => (high > low ? ((value - low) / (high - low)) * 100 : 0);
    return html`<div class="line" aria-hidden="true">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none">
        <path d="M0 5H100" />
        ${[low, 0, high].map((value) => svg`<path d="M${x(value)} 2V8" />`)}
        ${SCHEMES.map((other) => {
          const at = this.all[other];
          return at === undefined ? nothing : svg`<path class="other" d="M${x(at)} 1V9" />`;
        })}
      </svg>
      <span class="mark ${this.scheme}" style="left:${x(this.value)}%">${mark(this.scheme)}</span>
      <span class="small soft int ends"><span>${real(low)}</span><span>${real(high)}</span></span>
    </div>`;
  }

  static override styles = [
    shared,
    css`
      .value {
        font-size: 1.125rem;
      }
      strong {
        font-size: 2.25rem;
        letter-spacing: -0.02em;
        font-variant-numeric: tabular-nums;
      }
      .line {
        position: relative;
        margin: 12px 8px 0;
      }
      svg:not(.mark) {
        display: block;
        width: 100%;
        height: 16px;
        overflow: visible;
      }
      svg:not(.mark) path {
        stroke: var(--soft);
        stroke-width: 1px;
        vector-effect: non-scaling-stroke;
      }
      svg:not(.mark) .other {
        stroke: var(--ink);
      }
      span.mark {
        position: absolute;
        top: 0;
        translate: -50% 0;
        line-height: 16px;
      }
      .ends {
        display: flex;
        justify-content: space-between;
        margin: 0 -8px;
      }
    `,
  ];
}
