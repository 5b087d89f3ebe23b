/** The spine: every node from input to output, with the SQNR of its output under each scheme. */

import { css, html, LitElement, nothing, svg } from "lit";
import { customElement } from "lit/decorators.js";
import { playground } from "../context";
import { INTEGER_SCHEMES, type IntegerScheme, type NodeReport, type PassNote } from "../engine/types";
import { worstNode } from "../findings";
import { decibels, shape } from "../format";
import { Watch } from "../state";
import { text } from "../strings";
import { shared, table } from "../styles/shared";
import { icon, mark } from "./marks";
import { groupPasses } from "../passes";

const ROW = 40;
/** Width of the SQNR strip, and the steps of its scale in dB. */
const STRIP = 104;
const STEP_DB = 20;

@customElement("sw-network")
export class Network extends LitElement {
  readonly #watch = new Watch(this);

  private onKey(event: KeyboardEvent): void {
    const rows = [...this.renderRoot.querySelectorAll<HTMLButtonElement>("tbody button")];
    const at = rows.indexOf(event.target as HTMLButtonElement);
    const targets: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: rows.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined || at < 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, target));
    rows[next]?.focus();
    void playground.chooseNode(next);
  }

  protected override render() {
    const { model, predictions, reports, node } = this.#watch.state;
    if (!model) return nothing;
    const worst = worstNode(reports, predictions);
    const most = this.#mostDb();
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${text.network}</h2>
      <p class="small soft">${text.networkHint(model.nodes.length)}</p>
      <div class="scroll">
        <div class="sheet">
          <table @keydown=${this.onKey}>
            <thead>
              <tr>
                <th scope="col">${text.columns.layer}</th>
                <th scope="col" class="shape">${text.columns.shape}</th>
                <th scope="col" class="strip"><span class="unseen">${text.columns.sqnr}</span>0 … ${most} dB</th>
                ${INTEGER_SCHEMES.map(
                  (scheme) =>
                    html`<th scope="col" class="db">
                      ${mark(scheme)}<span class="unseen">${text.schemes[scheme]}, ${text.columns.sqnr}</span>
                    </th>`,
                )}
              </tr>
            </thead>
            <tbody>
              ${model.nodes.map((one) => this.#row(one, one.index === worst, one.index === (node ?? 0)))}
            </tbody>
          </table>
          ${this.#spine(model.nodes, most)}
        </div>
      </div>
      ${this.#simplified(model.passes)} ${this.#fingerprints()}
    </section>`;
  }

  /** The hash of each scheme's output integers for the current picture, to be compared with another machine's. */
  #fingerprints() {
    const { predictions } = this.#watch.state;
    const known = INTEGER_SCHEMES.filter((scheme) => predictions[scheme]?.hash);
    if (known.length === 0) return nothing;
    return html`<details class="small quiet" id="fingerprints">
      <summary>${text.fingerprints}</summary>
      <p>${text.fingerprintsHint}</p>
      <ul>
        ${known.map(
          (scheme) =>
            html`<li class=${scheme}>
              ${mark(scheme)} ${text.schemes[scheme]} <code data-scheme=${scheme}>${predictions[scheme]?.hash}</code>
            </li>`,
        )}
      </ul>
    </details>`;
  }

  #simplified(notes: readonly PassNote[]) {
    if (notes.length === 0) return nothing;
    return html`<details class="small quiet">
      <summary>${text.simplified(notes.length)}</summary>
      <ul>
        ${groupPasses(notes).map(
          ({ pass, texts }) =>
            html`<li>
              <details>
                <summary>${text.pass(pass, texts.length)}</summary>
                <ul>
                  ${texts.map((one) => html`<li>${one}</li>`)}
                </ul>
              </details>
            </li>`,
        )}
      </ul>
    </details>`;
  }

  /** End of the strip's scale: the first step at or above every SQNR. */
  #mostDb(): number {
    let most = STEP_DB;
    for (const scheme of INTEGER_SCHEMES) {
      for (const db of this.#watch.state.predictions[scheme]?.sqnr_db ?? []) most = Math.max(most, db ?? 0);
    }
    return Math.ceil(most / STEP_DB) * STEP_DB;
  }

  #row(node: NodeReport, worst: boolean, current: boolean) {
    const { predictions, node: selected } = this.#watch.state;
    return html`<tr class=${node.index === selected ? "selected" : ""}>
      <th scope="row">
        <button
          class="layer"
          tabindex=${current ? 0 : -1}
          aria-current=${node.index === selected ? "true" : "false"}
          title=${node.name}
          @click=${() => playground.chooseNode(node.index)}
        >
          <span class="label"
            >${node.label}${node.activation ? html`<span class="soft"> + ${node.activation}</span>` : nothing}</span
          >
          ${worst ? html`<span class="flag">${icon("warning")} ${text.worst}</span>` : nothing}
          ${
            node.runs_on === "fallback"
              ? html`<span class="flag" title=${text.fallbackHint}>${icon("info")} ${text.fallback}</span>`
              : nothing
          }
          ${node.runs_on === "host-tail" ? html`<span class="flag soft">${text.hostTail}</span>` : nothing}
        </button>
      </th>
      <td class="shape int">${shape(node.shape)}</td>
      <td class="strip"></td>
      ${INTEGER_SCHEMES.map((scheme) => {
        const value = predictions[scheme]?.sqnr_db[node.index];
        return html`<td class="db num ${scheme}">${value == null ? "" : decibels(value)}</td>`;
      })}
    </tr>`;
  }

  /** One drawing beside the rows: a line per scheme, from the input at the top to the output. */
  #spine(nodes: readonly NodeReport[], most: number) {
    const { predictions } = this.#watch.state;
    const x = (db: number) => 8 + (Math.max(0, db) / most) * (STRIP - 16);
    const line = (scheme: IntegerScheme) => {
      let path = "";
      let marks = "";
      for (const [i] of nodes.entries()) {
        const db = predictions[scheme]?.sqnr_db[i];
        if (db == null) continue;
        const at = `${x(db).toFixed(1)} ${i * ROW + ROW / 2}`;
        path += `${path === "" ? "M" : "L"}${at}`;
        if (scheme === "layer-wise") marks += `M${at}m-4 -4l8 8m0 -8l-8 8`;
        if (scheme === "shift-wise") marks += `M${at}m0 -5l5 9h-10z`;
        if (scheme === "channel-wise") marks += `M${at}m-3.5 -3.5h7v7h-7z`;
      }
      return svg`<g class=${scheme}><path class="line" d=${path} /><path class="marks" d=${marks} /></g>`;
    };
    const steps = Array.from({ length: most / STEP_DB + 1 }, (_, i) => i * STEP_DB);
    const grid = steps.map((db) => `M${x(db)} 0V${nodes.length * ROW}`).join("");
    return html`<svg
      class="spine"
      width=${STRIP}
      height=${nodes.length * ROW}
      viewBox="0 0 ${STRIP} ${nodes.length * ROW}"
      aria-hidden="true"
    >
      <path class="grid" d=${grid} />
      ${[...INTEGER_SCHEMES].reverse().map(line)}
    </svg>`;
  }

  static override styles = [
    shared,
    table,
    css`
      h2 {
        font-size: 1.125rem;
      }
      .scroll {
        margin-top: 8px;
      }
      .sheet {
        position: relative;
      }
      table {
        table-layout: fixed;
        min-width: 460px;
      }
      thead tr {
        height: 28px;
      }
      tbody tr {
        height: ${ROW}px;
      }
      tbody th,
      tbody td {
        height: ${ROW}px;
        padding-block: 0;
        overflow: hidden;
      }
      th.shape,
      td.shape {
        width: 84px;
        padding-inline: 4px;
        white-space: nowrap;
      }
      th.strip,
      td.strip {
        width: ${STRIP}px;
        padding: 0;
        text-align: center;
        font-weight: 400;
        white-space: nowrap;
      }
      th.db,
      td.db {
        width: 44px;
        padding-inline: 4px;
      }
      tbody tr:hover {
        background: var(--hair);
      }
      tbody tr.selected {
        background: var(--mark);
        box-shadow: inset 3px 0 var(--mark-line);
      }
      tr.selected .soft {
        color: inherit;
      }
      .layer {
        width: 100%;
        height: ${ROW - 4}px;
        padding: 0 4px;
        border: 0;
        background: none;
        gap: 8px;
        justify-content: flex-start;
      }
      .layer:focus-visible {
        outline-offset: -2px;
      }
      .label {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .flag {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        font-weight: 600;
      }
      .flag.soft {
        font-weight: 400;
      }
      .spine {
        position: absolute;
        right: ${3 * 44}px;
        bottom: 0;
        pointer-events: none;
      }
      .spine path {
        fill: none;
      }
      .grid {
        stroke: var(--line);
        stroke-opacity: 0.6;
      }
      .line {
        stroke: currentColor;
        stroke-opacity: 0.5;
        stroke-width: 1.5;
      }
      .layer-wise .marks {
        stroke: currentColor;
        stroke-width: 2;
      }
      .spine .shift-wise .marks,
      .spine .channel-wise .marks {
        fill: currentColor;
      }
      .quiet {
        margin-top: 16px;
        color: var(--soft);
      }
      .quiet summary {
        cursor: pointer;
        min-height: 24px;
        width: fit-content;
      }
      .quiet ul {
        padding-inline-start: 16px;
      }
      @media (max-width: 719px) {
        th.shape,
        td.shape {
          display: none;
        }
        table {
          min-width: 0;
        }
        th.db,
        td.db {
          width: 36px;
          padding-inline: 2px;
        }
        .spine {
          right: ${3 * 36}px;
        }
        .flag {
          font-size: 0.75rem;
        }
      }
    `,
  ];
}
