/** Line buffer and multiplier column of one lane: what the window holds, and the products around the current one. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { icon } from "../components/marks";
import type { Tap } from "../engine/types";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { written, type Base } from "./bits";
import type { Lane } from "./tracer";
import { windowOf } from "./window";

const words = text.datapath;
/** Multipliers that are drawn: the current one in the middle. */
const MULTIPLIERS = 5;

@customElement("sw-products")
export class Products extends LitElement {
  @property({ attribute: false }) lane: Lane | undefined;
  /** Products added so far; the last of them is the current one. */
  @property({ type: Number }) added = 0;
  @property({ reflect: true }) base: Base = "decimal";

  protected override render() {
    const { lane } = this;
    if (!lane) return nothing;
    const { taps, input_zero_point: zero } = lane.trace;
    const current = Math.max(0, this.added - 1);
    const from = Math.max(0, Math.min(taps.length - MULTIPLIERS, current - (MULTIPLIERS >> 1)));
    const int = (value: number, width: number) => written(BigInt(value), width, this.base);
    return html`${this.#buffer(lane, current)}
      <table class="int ${this.base}">
        <thead>
          <tr>
            <th scope="col">q<sub>x</sub> − ${int(zero, 8)}</th>
            <th scope="col"><span class="unseen">×</span></th>
            <th scope="col">q<sub>w</sub></th>
            <th scope="col" class="product">${words.table.product}</th>
          </tr>
        </thead>
        <tbody>
          ${taps.slice(from, from + MULTIPLIERS).map((tap, i) => {
            const at = from + i;
            const state = at === current && this.added > 0 ? "current" : at < this.added ? "" : "ahead";
            return html`<tr class=${state} aria-current=${state === "current" ? "step" : "false"}>
              <td>${int(tap.activation - zero, 9)}</td>
              <td class="times">×</td>
              <td>${int(tap.weight, 8)}</td>
              <td class="product">
                ${tap.overflow ? html`${icon("warning")}<span class="unseen">${words.overflow}</span> ` : nothing}${int(tap.product, 16)}
              </td>
            </tr>`;
          })}
        </tbody>
      </table>`;
  }

  #buffer({ trace, activationMax }: Lane, current: number) {
    const { cells, columns, channels } = windowOf(trace.taps, current);
    const fill = ({ activation }: Tap) => `--fill:${Math.round((activation / activationMax) * 100)}%`;
    const numbered = columns > 1 && channels === 1 && columns <= 5;
    return html`<figure class="small soft">
      <div class="buffer" style="--columns:${columns}" aria-hidden="true">
        ${cells.map(
          (tap) =>
            html`<i
              class="${tap.place ? "" : "padding"} ${tap === trace.taps[current] ? "current" : ""}"
              style=${fill(tap)}
              >${numbered ? tap.activation : nothing}</i
            >`,
        )}
      </div>
      <figcaption>
        ${channels === 1 ? words.bufferOf(trace.taps[current]?.channel ?? 0) : words.channelsOf(channels)}
        ${cells.some((tap) => !tap.place) ? html`<span class="key"><i class="padding"></i> ${words.padding}</span>` : nothing}
      </figcaption>
    </figure>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(72px, 120px) minmax(min-content, 1fr);
        gap: 8px 12px;
        align-items: start;
      }
      /* So many digits need the whole width. */
      :host([base="bits"]) {
        grid-template-columns: minmax(0, 1fr);
      }
      figure {
        max-width: 120px;
      }
      .buffer {
        display: grid;
        grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
        gap: 2px;
      }
      .buffer i,
      .key i {
        aspect-ratio: 1;
        display: grid;
        place-items: center;
        font: 0.6875rem var(--mono);
        color: var(--ink);
        border: 1px solid var(--line);
        background: linear-gradient(
          to top,
          color-mix(in srgb, var(--ink) 22%, transparent) var(--fill),
          transparent var(--fill)
        );
      }
      .buffer i.padding,
      .key i {
        color: var(--soft);
        background: repeating-linear-gradient(45deg, var(--line) 0 1px, transparent 1px 4px);
      }
      .buffer i.current {
        outline: 2px solid var(--mark-line);
        outline-offset: 0;
        background-color: var(--mark);
      }
      .key {
        display: inline-flex;
        align-items: center;
        gap: 4px;
      }
      .key i {
        width: 10px;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: var(--small);
      }
      table.hex {
        font-size: 0.75rem;
      }
      table.bits {
        font-size: 0.6875rem;
      }
      th {
        font-weight: 500;
        color: var(--soft);
        text-align: end;
        padding: 0 4px 2px;
        white-space: nowrap;
      }
      td {
        text-align: end;
        padding: 2px 4px;
        border: 1px solid var(--hair);
        white-space: nowrap;
      }
      @media (max-width: 359px) {
        :host {
          position: relative;
          overflow-x: auto;
        }
      }
      .times {
        border-inline: 0;
        color: var(--soft);
        padding: 0;
      }
      td.product {
        font-weight: 600;
      }
      tr.current td {
        background: var(--mark);
        border-color: var(--mark-line);
      }
      tr.ahead td {
        color: var(--soft);
        font-weight: 400;
      }
    `,
  ];
}
