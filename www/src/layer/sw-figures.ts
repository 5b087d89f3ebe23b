/** One layer's figures under each scheme: what would be written into the device's registers, and what it costs. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { IntegerScheme, LayerReport } from "../engine/types";
import { bytes, count, decibels, real } from "../format";
import { text } from "../strings";
import { shared, table } from "../styles/shared";
import { icon, mark } from "../components/marks";

const words = text.layer.figures;

@customElement("sw-figures")
export class Figures extends LitElement {
  @property({ attribute: false }) layers: readonly { scheme: IntegerScheme; report: LayerReport | undefined }[] = [];

  protected override render() {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.caption}>
      <table>
        <caption>
          ${words.caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">${words.scheme}</th>
            <th scope="col">${words.range}</th>
            <th scope="col">S<sub>w</sub></th>
            <th scope="col">${words.multiplier}</th>
            <th scope="col">${words.shift}</th>
            <th scope="col">${words.accumulator}</th>
            <th scope="col">${words.bias}</th>
            <th scope="col">${words.levels}</th>
            <th scope="col">${words.few}</th>
            <th scope="col">${words.sqnr}</th>
            <th scope="col">${words.added}</th>
          </tr>
        </thead>
        <tbody>
          ${this.layers.map(({ scheme, report }) => (report ? this.#row(scheme, report) : nothing))}
        </tbody>
      </table>
    </div>`;
  }

  #row(scheme: IntegerScheme, report: LayerReport) {
    const { rescale } = report;
    return html`<tr>
      <th scope="row"><span class=${scheme}>${mark(scheme)} ${text.schemes[scheme]}</span></th>
      <td>${real(report.range)}</td>
      <td>${real(report.weight_scale)}</td>
      <td class="int">${rescale.multiplier}</td>
      <td class="int">${rescale.shift}</td>
      <td class="int">
        ${report.fits ? nothing : html`${icon("warning")}<span class="unseen">${words.overflow}</span>`}
        ${report.accumulator_bits}/${report.accumulator_width}
      </td>
      <td class="int">${report.bias_bits}</td>
      <td class="int">${report.levels_median} (${report.levels_min})</td>
      <td class="int">${count(report.channels_with_few_levels)}</td>
      <td>${decibels(report.weight_sqnr_db)}</td>
      <td>${bytes(report.added_bits / 8)}</td>
    </tr>`;
  }

  static override styles = [
    shared,
    table,
    css`
      :host {
        margin-top: 8px;
      }
      th {
        max-width: 92px;
      }
    `,
  ];
}
