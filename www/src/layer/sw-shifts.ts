/** How many channels got which shift. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { count } from "../format";
import { layerText as text } from "../strings/layer";
import { shared } from "../styles/shared";

@customElement("sw-shifts")
export class Shifts extends LitElement {
  /** Channels with shift 0, 1, 2, ... */
  @property({ attribute: false }) histogram: readonly number[] = [];
  /** Shift of the selected channel. */
  @property({ type: Number }) selected = -1;

  protected override render() {
    const { histogram } = this;
    if (histogram.length === 0) return nothing;
    const most = Math.max(...histogram, 1);
    return html`<table>
      <caption>
        ${text.shiftsTitle}
      </caption>
      <thead class="unseen">
        <tr>
          <th scope="col">${text.histogram.shift}</th>
          <th scope="col">${text.histogram.channels}</th>
        </tr>
      </thead>
      <tbody>
        ${histogram.map(
          (channels, shift) =>
            html`<tr class=${shift === this.selected ? "selected" : ""}>
              <th scope="row" class="int">${shift}<span class="soft"> ${text.shiftsHint(shift)}</span></th>
              <td class="int">
                <span class="bar" style="width:${(channels / most) * 72}%"></span><span>${count(channels)}</span>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  static override styles = [
    shared,
    css`
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: var(--small);
      }
      caption {
        text-align: start;
        font-weight: 650;
        padding-bottom: 4px;
      }
      th {
        font-weight: 500;
        text-align: start;
        white-space: nowrap;
        padding: 2px 8px 2px 4px;
        width: 1%;
      }
      td {
        display: flex;
        align-items: center;
        gap: 6px;
        padding: 2px 0;
      }
      .bar {
        height: 12px;
        min-width: 1px;
        background: var(--shift-wise);
      }
      .selected {
        background: var(--mark);
      }
      .selected .soft {
        color: inherit;
      }
    `,
  ];
}
