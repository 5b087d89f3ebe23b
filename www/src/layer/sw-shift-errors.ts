/** What every shift would do to the selected channel and its layer; a press sets one. The chart is its own table. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { shiftEditor } from "../context";
import type { ShiftError, ShiftErrors } from "../engine/types";
import { real } from "../format";
import { layerText } from "../strings/layer";
import { shared } from "../styles/shared";
import "../takeaway/sw-take";

const text = layerText.errors;

@customElement("sw-shift-errors")
export class ShiftErrorsView extends LitElement {
  @property({ attribute: false }) errors: ShiftErrors | null = null;

  protected override render() {
    const { errors: found } = this;
    if (!found) return nothing;
    const most = found.errors.reduce((most, { sqnr_db: db }) => Math.max(most, db ?? 0), 1);
    return html`<sw-take chart="shifts"></sw-take>
      <table>
        <caption>
          <span class="title">${text.title(found.channel)}</span>
          <span class="soft">${text.hint}</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">${text.shift}</th>
            <th scope="col">${text.mse}</th>
            <th scope="col" class="wide">${text.sqnr}</th>
            <th scope="col">${text.layer}</th>
            <th scope="col">S<sub>w</sub></th>
            <th><span class="unseen">${text.chosen}</span></th>
          </tr>
        </thead>
        <tbody>
          ${found.errors.map((error, shift) => this.#row(found, error, shift, most))}
        </tbody>
      </table>`;
  }

  #row({ channel, shift: inUse, runner_up: runnerUp }: ShiftErrors, error: ShiftError, shift: number, most: number) {
    const coarser = error.coarsening > 1.001;
    return html`<tr class=${shift === inUse ? "selected" : ""}>
      <th scope="row">
        <button
          class="plain int"
          aria-label=${text.use(shift)}
          aria-pressed=${shift === inUse}
          @click=${() => shiftEditor.setShift(channel, shift)}
        >
          ${shift}
        </button>
      </th>
      <td>${real(error.mse)}</td>
      <td class="wide">
        <span class="bar" style="width:${(Math.max(0, error.sqnr_db ?? most) / most) * 60}%"></span
        >${text.db(error.sqnr_db ?? null)}
      </td>
      <td>${text.db(error.layer_sqnr_db ?? null)}</td>
      <td class=${coarser ? "" : "soft"}>${text.times(error.coarsening)}</td>
      <td class="note">${shift === inUse ? text.chosen : shift === runnerUp ? text.runnerUp : ""}</td>
    </tr>`;
  }

  static override styles = [
    shared,
    css`
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: var(--small);
        font-variant-numeric: tabular-nums;
      }
      caption {
        text-align: start;
        padding-bottom: 4px;
      }
      .title {
        font-weight: 650;
      }
      th,
      td {
        height: 24px;
        padding: 0 8px;
        text-align: end;
        white-space: nowrap;
      }
      thead th {
        font-weight: 500;
        color: var(--soft);
      }
      tbody th {
        width: 1%;
        padding: 0 4px;
      }
      tbody tr:hover {
        background: var(--hair);
      }
      tbody tr.selected {
        background: var(--mark);
      }
      .selected .soft {
        color: inherit;
      }
      .wide {
        width: 34%;
        text-align: start;
      }
      .bar {
        display: inline-block;
        height: 10px;
        min-width: 1px;
        margin-inline-end: 6px;
        background: var(--shift-wise);
      }
      .note {
        text-align: start;
        width: 1%;
      }
      @media (max-width: 359px) {
        :host {
          position: relative;
          overflow-x: auto;
        }
      }
      @media (max-width: 719px) {
        th,
        td {
          padding: 0 3px;
        }
        .note {
          font-size: 0.6875rem;
        }
        .bar {
          display: none;
        }
        .wide {
          width: auto;
          text-align: end;
        }
      }
      button {
        min-width: 28px;
        justify-content: center;
      }
    `,
  ];
}
