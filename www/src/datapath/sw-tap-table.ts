/** Every product of every lane as a table. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { mark } from "../components/marks";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { written } from "./bits";
import type { Lane } from "./tracer";

/** Rows that are shown at once. */
const MOST_ROWS = 1536;
const words = text.datapath.table;
const int = (value: number) => written(BigInt(value), 32, "decimal");

@customElement("sw-tap-table")
export class TapTable extends LitElement {
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @state() private opened = false;

  protected override render() {
    return html`<details
      class="twin"
      @toggle=${(event: Event) => (this.opened = (event.target as HTMLDetailsElement).open)}
    >
      <summary>${text.tableTwin}</summary>
      ${this.opened ? this.#table() : nothing}
    </details>`;
  }

  #table() {
    const [main] = this.lanes;
    if (!main) return nothing;
    const { taps } = main.trace;
    const heads = [words.activation, words.weight, words.product, words.accumulator];
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.caption}>
        <table>
          <caption>
            ${words.caption}
          </caption>
          <thead>
            <tr>
              <td colspan="4"></td>
              ${this.lanes.map(
                ({ scheme }) =>
                  html`<th scope="colgroup" colspan="4">
                    <span class=${scheme}>${mark(scheme)} ${text.schemes[scheme]}</span>
                  </th>`,
              )}
            </tr>
            <tr>
              ${[words.number, words.kernel, words.input, words.channel].map((name) => html`<th scope="col">${name}</th>`)}
              ${this.lanes.map(() => heads.map((name) => html`<th scope="col">${name}</th>`))}
            </tr>
          </thead>
          <tbody class="int">
            ${taps.slice(0, MOST_ROWS).map(
              (tap, i) =>
                html`<tr>
                  <th scope="row">${i + 1}</th>
                  <td>${tap.kernel.join(", ")}</td>
                  <td>${words.place(tap)}</td>
                  <td>${tap.channel}</td>
                  ${this.lanes.map(({ trace }) => {
                    const { activation = 0, weight = 0, product = 0, accumulator = 0 } = trace.taps[i] ?? {};
                    return [activation, weight, product, accumulator].map((value) => html`<td>${int(value)}</td>`);
                  })}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${taps.length > MOST_ROWS ? html`<p class="soft">${words.more(taps.length - MOST_ROWS)}</p>` : nothing}`;
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    css`
      thead td {
        border: 0;
      }
      th[scope="colgroup"] {
        border-bottom: 1px solid var(--hair);
      }
    `,
  ];
}
