/** Reliability diagrams: of the answers given with some confidence, how many are right. One a scheme. */

import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { mark } from "../components/marks";
import { SCHEMES, type Scheme } from "../engine/types";
import { confidence, count, percent } from "../format";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { BINS, reliability, type Bin, type Outcome, type Reliability } from "./outcomes";
import "../takeaway/sw-take";

/** Drawn in these units, shown as large as there is room. */
const SIZE = 200;
const MARGIN = { left: 34, top: 8, right: 8, bottom: 34 };
const TICKS = [0, 0.5, 1];
const LARGEST = 9;

const x = (value: number) => MARGIN.left + value * (SIZE - MARGIN.left - MARGIN.right);
const y = (value: number) => SIZE - MARGIN.bottom - value * (SIZE - MARGIN.top - MARGIN.bottom);

const words = text.many;

@customElement("sw-reliability")
export class ReliabilityView extends LitElement {
  @property({ attribute: false }) outcomes: readonly Outcome[] = [];

  protected override render() {
    const all = SCHEMES.map((scheme) => ({ scheme, ...reliability(this.outcomes, scheme) })).filter(
      ({ pictures }) => pictures > 0,
    );
    if (all.length === 0) return nothing;
    return html`
      <h3>${words.reliability}</h3>
      <p class="small soft">${words.reliabilityHint}</p>
      <div class="diagrams">${all.map(({ scheme, ...found }) => this.#diagram(scheme, found))}</div>
      ${this.#twin(all)}
    `;
  }

  #diagram(scheme: Scheme, { bins, error, pictures }: Reliability) {
    const filled = bins.filter((bin) => bin.pictures > 0);
    const size = (bin: Bin) => Math.max(2.5, LARGEST * Math.sqrt(bin.pictures / pictures));
    return html`<figure class=${scheme}>
      <figcaption>
        <strong>${mark(scheme)} ${text.schemes[scheme]}</strong>
        <span class="small soft num" title=${words.errorHint}>${words.error(error)}</span>
      </figcaption>
      <svg viewBox="0 0 ${SIZE} ${SIZE}" aria-hidden="true">
        ${TICKS.map(
          (tick) =>
            svg`<path class="grid" d="M${x(0)} ${y(tick)}H${x(1)}M${x(tick)} ${y(0)}V${y(1)}" />
              <text x=${x(0) - 5} y=${y(tick) + 3.5} text-anchor="end">${tick * 100}%</text>
              <text x=${x(tick)} y=${y(0) + 13} text-anchor=${tick === 1 ? "end" : "middle"}>${tick}</text>`,
        )}
        <path class="diagonal" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" />
        <text class="unit" x=${x(0.5)} y=${SIZE - 6} text-anchor="middle">${words.confidence}</text>
        <text class="unit" x=${x(0) + 5} y=${y(1) + 11}>${words.accuracy}</text>
        ${filled.map(
          (bin) =>
            svg`<path class="gap" d="M${x(bin.confidence)} ${y(bin.confidence)}V${y(bin.accuracy)}" />
              <circle cx=${x(bin.confidence)} cy=${y(bin.accuracy)} r=${size(bin)} />`,
        )}
      </svg>
    </figure>`;
  }

  #twin(all: readonly ({ scheme: Scheme } & Reliability)[]) {
    return html`<sw-take chart="reliability"></sw-take>
      <details class="twin">
        <summary>${text.tableTwin}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label=${words.reliability}>
          <table>
            <thead>
              <tr>
                <th scope="col">${words.table.scheme}</th>
                <th scope="col">${words.table.bin}</th>
                <th scope="col">${words.table.pictures}</th>
                <th scope="col">${words.table.confidence}</th>
                <th scope="col">${words.table.accuracy}</th>
              </tr>
            </thead>
            <tbody>
              ${all.flatMap(({ scheme, bins }) =>
                bins.map((bin, i) =>
                  bin.pictures === 0
                    ? nothing
                    : html`<tr>
                        <th scope="row">${text.schemes[scheme]}</th>
                        <td>${words.bin(i / BINS, (i + 1) / BINS)}</td>
                        <td class="int">${count(bin.pictures)}</td>
                        <td>${confidence(bin.confidence)}</td>
                        <td>${percent(bin.accuracy)}</td>
                      </tr>`,
                ),
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
      .diagrams {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(44%, 240px), 1fr));
        gap: 16px 32px;
        margin: 12px 0;
      }
      figure {
        max-width: 280px;
      }
      figcaption {
        display: flex;
        flex-direction: column;
      }
      svg:not(.mark) {
        display: block;
        width: 100%;
        /* Large marks reach beyond the axes' ends. */
        overflow: visible;
      }
      .grid {
        stroke: var(--hair);
      }
      .diagonal {
        stroke: var(--soft);
        stroke-dasharray: 3 4;
      }
      .gap {
        stroke: currentColor;
        stroke-opacity: 0.45;
      }
      circle {
        fill: currentColor;
        fill-opacity: 0.75;
      }
      text {
        fill: var(--soft);
        font: 8.5px var(--mono);
      }
      text.unit {
        font-family: var(--sans);
      }
    `,
  ];
}
