/** Two neighbouring layers' channels, one above the other: each bar's length is a channel's range, in doublings. */

import { css, html, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { SizedElement } from "../charts/sized";
import type { UnbalanceReport } from "../engine/types";
import { real } from "../format";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { bars, DOUBLINGS, heights, HEIGHT, order, unevenness } from "./seesaw";
import "../takeaway/sw-take";

const LEFT = 44;
const STEPS = [0, 4, 8, 12];

const words = text.cause;

@customElement("sw-seesaw")
export class Seesaw extends SizedElement {
  @property({ attribute: false }) pair: UnbalanceReport["pairs"][number] | undefined;
  /** Names of the two layers. */
  @property() first = "";
  @property() second = "";

  protected override render() {
    const { pair, first, second } = this;
    if (!pair) return nothing;
    const { written, read, doublings } = pair;
    const sequence = order(doublings);
    const ratio = (ranges: readonly number[]) => Math.round(unevenness(ranges));
    const description = words.description(written.length, first, ratio(written), second, ratio(read));
    return html`<figure>
      <figcaption class="small">${words.picture(first, second)} <span class="soft">(${words.axis})</span></figcaption>
      <div role="img" aria-label=${description}>
        ${this.#rows(words.written(first), written, sequence)} ${this.#rows(words.read(second), read, sequence)}
      </div>
      <p class="small soft">${description}</p>
      ${this.#twin(sequence)}
    </figure>`;
  }

  #rows(name: string, ranges: readonly number[], sequence: readonly number[]) {
    const width = Math.max(0, this.width - LEFT);
    const y = (doublings: number) => (doublings / DOUBLINGS) * HEIGHT;
    return html`<p class="small name">${name}</p>
      <svg width=${this.width} height=${HEIGHT + 12} viewBox="0 -6 ${this.width} ${HEIGHT + 12}" aria-hidden="true">
        ${STEPS.map(
          (step) =>
            svg`<path class="grid" d="M${LEFT} ${y(step)}H${this.width}" />
              <text x=${LEFT - 6} y=${y(step) + 4} text-anchor="end">${step === 0 ? "R" : `R/${2 ** step}`}</text>`,
        )}
        <path
          class="bars"
          transform="translate(${LEFT} 0)"
          d=${bars(heights(ranges), sequence, width, devicePixelRatio)}
        />
      </svg>`;
  }

  #twin(sequence: readonly number[]) {
    const { pair } = this;
    if (!pair) return nothing;
    return html`<sw-take chart="unbalance"></sw-take>
      <details class="twin">
        <summary>${text.tableTwin}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label=${words.picture(this.first, this.second)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${words.channel}</th>
                <th scope="col">${words.written(this.first)}</th>
                <th scope="col">${words.read(this.second)}</th>
              </tr>
            </thead>
            <tbody>
              ${sequence.map(
                (channel) =>
                  html`<tr>
                    <th scope="row" class="int">${channel}</th>
                    <td>${real(pair.written[channel] ?? 0)}</td>
                    <td>${real(pair.read[channel] ?? 0)}</td>
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
      svg {
        display: block;
      }
      .name {
        margin-top: 8px;
        font-weight: 600;
      }
      .grid {
        fill: none;
        stroke: var(--hair);
        shape-rendering: crispEdges;
      }
      .bars {
        fill: var(--ink);
        fill-opacity: 0.72;
        shape-rendering: crispEdges;
      }
      text {
        fill: var(--soft);
        font: 0.6875rem var(--mono);
      }
    `,
  ];
}
