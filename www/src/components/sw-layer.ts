/** The selected layer: its channels before and after shifting, the ruler of one of them, and every figure. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { playground } from "../context";
import { INTEGER_SCHEMES, type LayerDetail, type LayerReport } from "../engine/types";
import { count, real } from "../format";
import { Watch } from "../state";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import "../charts/sw-ranges";
import "../charts/sw-ruler";
import "../charts/sw-shifts";
import { mark } from "./marks";
import "./sw-figures";

/** Rows that the table twin shows at once. */
const MOST_ROWS = 1536;

@customElement("sw-layer")
export class LayerView extends LitElement {
  readonly #watch = new Watch(this);
  @state() private byRange = true;
  @state() private tabled = false;

  private onLayerStep(event: CustomEvent<number>): void {
    const { reports, node } = this.#watch.state;
    const nodes = reports["layer-wise"]?.layers.map((layer) => layer.node) ?? [];
    const next = nodes[nodes.indexOf(node ?? -1) + event.detail];
    if (next !== undefined) void playground.chooseNode(next);
  }

  protected override render() {
    const { model, node, layers, reports } = this.#watch.state;
    const info = node === null ? undefined : model?.nodes[node];
    if (!info) return nothing;
    const of = (scheme: (typeof INTEGER_SCHEMES)[number]): LayerReport | undefined =>
      reports[scheme]?.layers.find((layer) => layer.node === node);
    const [layerWise, shiftWise] = [of("layer-wise"), of("shift-wise")];
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${text.layer} ${info.index}: ${info.label} <span class="soft name">${info.name}</span></h2>
      ${
        layerWise && shiftWise && layers["layer-wise"] && layers["shift-wise"]
          ? html`<p class="soft small">
                ${text.fewLevels(
                  layerWise.channels_with_few_levels,
                  layerWise.channels,
                  shiftWise.channels_with_few_levels,
                )}
              </p>
              ${this.#charts(layers["layer-wise"], layers["shift-wise"], shiftWise)}
              <sw-figures .layers=${INTEGER_SCHEMES.map((scheme) => ({ scheme, report: of(scheme) }))}></sw-figures>`
          : html`<p class="soft">${info.channels == null ? text.noWeights : text.answers.noCalibration}</p>`
      }
    </section>`;
  }

  #charts(layerWise: LayerDetail, shiftWise: LayerDetail, report: LayerReport) {
    const { channels } = this.#watch.state;
    const channel = this.#watch.state.channel ?? 0;
    const orders = [
      [true, text.byRange],
      [false, text.byChannel],
    ] as const;
    return html`
      <div class="head">
        <h3>${text.ranges}</h3>
        <p class="legend small">
          <span class="layer-wise">${mark("layer-wise")} ${text.before}</span>
          <span class="shift-wise">${mark("shift-wise")} ${text.after}</span>
        </p>
        <div class="order small" role="group" aria-label=${text.order}>
          ${orders.map(
            ([byRange, name]) =>
              html`<button
                class="small"
                aria-pressed=${byRange === this.byRange}
                @click=${() => (this.byRange = byRange)}
              >
                ${name}
              </button>`,
          )}
        </div>
      </div>
      <div class="views">
        <sw-ranges
          .layerWise=${layerWise}
          .shiftWise=${shiftWise}
          .channel=${channel}
          .byRange=${this.byRange}
          @channel-chosen=${(event: CustomEvent<number>) => playground.chooseChannel(event.detail)}
          @layer-step=${this.onLayerStep}
        ></sw-ranges>
        <sw-shifts .histogram=${report.shift_histogram} .selected=${shiftWise.shifts[channel] ?? -1}></sw-shifts>
      </div>
      ${this.#twin(layerWise, shiftWise)}
      <h3>${text.ruler.title(channel)}</h3>
      <sw-ruler compact .layerWise=${channels["layer-wise"]} .shiftWise=${channels["shift-wise"]}></sw-ruler>
    `;
  }

  #twin(layerWise: LayerDetail, shiftWise: LayerDetail) {
    const words = text.perChannel;
    return html`<details
      class="twin"
      @toggle=${(event: Event) => (this.tabled = (event.target as HTMLDetailsElement).open)}
    >
      <summary>${text.tableTwin}</summary>
      ${
        this.tabled
          ? html`<div class="scroll" tabindex="0" role="region" aria-label=${text.ranges}>
              <table>
                <thead>
                  <tr>
                    ${Object.values(words).map((name) => html`<th scope="col">${name}</th>`)}
                  </tr>
                </thead>
                <tbody>
                  ${layerWise.ranges.slice(0, MOST_ROWS).map(
                    (range, i) =>
                      html`<tr>
                        <td class="int">${i}</td>
                        <td>${real(range)}</td>
                        <td>${real(shiftWise.shifted_ranges[i] ?? 0)}</td>
                        <td class="int">${shiftWise.shifts[i]}</td>
                        <td class="int">${count(layerWise.levels[i] ?? 0)}</td>
                        <td class="int">${count(shiftWise.levels[i] ?? 0)}</td>
                        <td>${real(shiftWise.bias_corrections[i] ?? 0)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
          : nothing
      }
    </details>`;
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 8px;
      }
      h2 {
        font-size: 1.125rem;
      }
      .name {
        font-weight: 400;
        font-size: var(--small);
        overflow-wrap: anywhere;
      }
      h3 {
        margin-top: 8px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 4px 16px;
      }
      .legend {
        display: flex;
        gap: 12px;
        flex: 1;
      }
      .order {
        display: flex;
      }
      .order button {
        min-height: 28px;
        padding: 0 8px;
        border-radius: 0;
        margin-inline-start: -1px;
      }
      .order button:first-child {
        border-radius: 6px 0 0 6px;
      }
      .order button:last-child {
        border-radius: 0 6px 6px 0;
      }
      .order button[aria-pressed="true"] {
        background: var(--mark);
        border-color: var(--mark-line);
        z-index: 1;
      }
      .views {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 168px;
        gap: 24px;
        align-items: start;
      }
      @media (max-width: 719px) {
        .views {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];
}
