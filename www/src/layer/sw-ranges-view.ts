/** The view of a layer's ranges: the chart with its tools, shifts by hand, every shift's error, the ruler, figures. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import "../charts/sw-ruler";
import { icon, mark } from "../components/marks";
import { selection, shiftEditor } from "../context";
import { INTEGER_SCHEMES, type IntegerScheme, type LayerDetail } from "../engine/types";
import { count, real } from "../format";
import { Watch } from "../state";
import { text as page } from "../strings";
import { layerText as text, type Order } from "../strings/layer";
import { shared, table, tableTwin } from "../styles/shared";
import { ORDERS } from "./range-plot";
import "./sw-figures";
import "./sw-ranges";
import type { Ranges, ShiftSet } from "./sw-ranges";
import "./sw-shift-bar";
import "./sw-shift-errors";
import "./sw-shifts";
import "../takeaway/sw-take";

/** Rows that the table twin shows at once. */
const MOST_ROWS = 1536;

@customElement("sw-ranges-view")
export class RangesView extends LitElement {
  readonly #watch = new Watch(this);
  @state() private order: Order = "range";
  @state() private tabled = false;
  @query("sw-ranges") private chart!: Ranges | null;

  protected override render() {
    const { layers, channels, reports, node, shiftErrors, knobs } = this.#watch.state;
    const channel = this.#watch.state.channel ?? 0;
    const [layerWise, shiftWise] = [layers["layer-wise"], layers["shift-wise"]];
    if (!layerWise || !shiftWise) return nothing;
    const report = (scheme: IntegerScheme) => reports[scheme]?.layers.find((layer) => layer.node === node);
    return html`
      ${this.#tools()}
      <sw-ranges
        .layerWise=${layerWise}
        .shiftWise=${shiftWise}
        .channel=${channel}
        .order=${this.order}
        .q=${2 ** (knobs.weightBits - 1) - 1}
        .mostShift=${2 ** knobs.shiftBits - 1}
        @channel-chosen=${(event: CustomEvent<number>) => selection.chooseChannel(event.detail)}
        @shift-set=${(event: CustomEvent<ShiftSet>) =>
          shiftEditor.setShift(event.detail.channel, event.detail.shift, event.detail.gesture)}
      ></sw-ranges>
      ${this.#twin(layerWise, shiftWise)}
      <sw-shift-bar></sw-shift-bar>
      <div class="sides">
        <sw-shifts
          .histogram=${report("shift-wise")?.shift_histogram ?? []}
          .selected=${shiftWise.shifts[channel] ?? -1}
        ></sw-shifts>
        <sw-shift-errors .errors=${shiftErrors}></sw-shift-errors>
      </div>
      <h3>${page.ruler.title(channel)}</h3>
      <sw-ruler compact .layerWise=${channels["layer-wise"]} .shiftWise=${channels["shift-wise"]}></sw-ruler>
      <sw-figures .layers=${INTEGER_SCHEMES.map((scheme) => ({ scheme, report: report(scheme) }))}></sw-figures>
    `;
  }

  #tools() {
    return html`<div class="head">
      <h3>${text.ranges}</h3>
      <p class="legend small">
        <span class="layer-wise">${mark("layer-wise")} ${text.before}</span>
        <span class="shift-wise">${mark("shift-wise")} ${text.after}</span>
        <span class="soft"><span class="rule"></span> ${text.grid}</span>
      </p>
      <label class="small"
        ><span class="unseen">${text.order}</span>
        <select
          name="order"
          @change=${(event: Event) => (this.order = (event.target as HTMLSelectElement).value as Order)}
        >
          ${ORDERS.map((each) => html`<option value=${each} .selected=${each === this.order}>${text.orders[each]}</option>`)}
        </select>
      </label>
      <span class="zoom">
        <button aria-label=${text.zoomOut} title=${text.zoomOut} @click=${() => this.chart?.zoomBy(1 / 2)}>−</button>
        <button aria-label=${text.zoomIn} title=${text.zoomIn} @click=${() => this.chart?.zoomBy(2)}>+</button>
        <button aria-label=${text.zoomAll} title=${text.zoomAll} @click=${() => this.chart?.zoomBy(0)}>
          ${icon("all")}
        </button>
      </span>
    </div>`;
  }

  #twin(layerWise: LayerDetail, shiftWise: LayerDetail) {
    return html`<sw-take chart="ranges"></sw-take>
      <details class="twin" @toggle=${(event: Event) => (this.tabled = (event.target as HTMLDetailsElement).open)}>
        <summary>${page.tableTwin}</summary>
        ${
          this.tabled
            ? html`<div class="scroll" tabindex="0" role="region" aria-label=${text.ranges}>
                <table>
                  <thead>
                    <tr>
                      ${Object.values(text.perChannel).map((name) => html`<th scope="col">${name}</th>`)}
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
                          <td>${text.errors.db(shiftWise.sqnr_db[i] ?? null)}</td>
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
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 8px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 16px;
      }
      .head h3 {
        width: 100%;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 0 16px;
        flex: 1;
      }
      .rule {
        display: inline-block;
        width: 16px;
        height: 6px;
        border-block: 1px solid var(--soft);
        vertical-align: 1px;
      }
      select {
        height: 32px;
        padding: 0 6px;
        background: var(--raised);
        border: 1px solid var(--line);
        border-radius: 6px;
      }
      .zoom {
        display: inline-flex;
      }
      .zoom button {
        width: 34px;
        padding: 0;
        justify-content: center;
        border-radius: 0;
        margin-inline-start: -1px;
      }
      .zoom button:first-child {
        border-radius: 6px 0 0 6px;
      }
      .zoom button:last-child {
        border-radius: 0 6px 6px 0;
      }
      /* Painted by themselves: not again whenever the chart is. */
      .sides,
      sw-figures {
        isolation: isolate;
      }
      sw-shift-bar {
        margin-top: 8px;
      }
      .sides {
        display: grid;
        grid-template-columns: 152px minmax(0, 1fr);
        gap: 32px;
        align-items: start;
        margin-top: 16px;
      }
      h3 {
        margin-top: 8px;
      }
      @media (max-width: 719px) {
        .sides {
          grid-template-columns: minmax(0, 1fr);
          gap: 16px;
        }
      }
    `,
  ];
}
