/** The network's figures as a table that can be sorted by any column. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { icon, mark } from "../components/marks";
import { INTEGER_SCHEMES, type NodeReport } from "../engine/types";
import { count, shape } from "../format";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { EXTENTS, goodness, isBad, type Extent, type Figure, type Measure } from "./measures";
import { pressed, sorted, type Order } from "./sort";
import type { Figures } from "./spine";

const words = text.network.table;
/** Columns before those of the schemes: number, layer, output, operations. */
const FACTS = 4;

@customElement("sw-node-table")
export class NodeTable extends LitElement {
  @property({ attribute: false }) nodes: readonly NodeReport[] = [];
  @property({ attribute: false }) figures: Record<Extent, Figures> | undefined;
  @property() measure: Measure = "sqnr";
  @state() private order: Order = { column: 0, descending: false };

  #figure(node: NodeReport, column: number): Figure | undefined {
    const scheme = INTEGER_SCHEMES[Math.floor((column - FACTS) / EXTENTS.length)];
    const extent = EXTENTS[(column - FACTS) % EXTENTS.length];
    return scheme && extent && this.figures?.[extent][scheme][node.index];
  }

  #cell(node: NodeReport, column: number): number | string | undefined {
    switch (column) {
      case 0:
        return node.index;
      case 1:
        return node.label;
      case 2:
        return node.shape.reduce((product, size) => product * size, 1);
      case 3:
        return node.macs;
      default: {
        const figure = this.#figure(node, column);
        return figure && goodness(figure, this.measure);
      }
    }
  }

  protected override render() {
    const extents = INTEGER_SCHEMES.flatMap(() =>
      EXTENTS.map((extent) => (this.measure === "sqnr" ? words.db(extent) : words.share(extent))),
    );
    const heads = [words.node, words.layer, text.network.columns.shape, words.operations, ...extents];
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.caption}>
      <table>
        <caption>
          ${words.caption}
        </caption>
        <thead>
          <tr>
            <td colspan=${FACTS}></td>
            ${INTEGER_SCHEMES.map(
              (scheme) =>
                html`<th scope="colgroup" colspan=${EXTENTS.length}>
                  <span class=${scheme}>${mark(scheme)} ${text.schemes[scheme]}</span>
                </th>`,
            )}
          </tr>
          <tr>
            ${heads.map((name, column) => this.#head(name, column))}
          </tr>
        </thead>
        <tbody>
          ${sorted(this.nodes, (node, column) => this.#cell(node, column), this.order).map((node) => this.#row(node))}
        </tbody>
      </table>
    </div>`;
  }

  #head(name: string, column: number) {
    const { order } = this;
    const current = order.column === column;
    const direction = !current ? "none" : order.descending ? "descending" : "ascending";
    return html`<th scope="col" aria-sort=${direction}>
      <button class="plain" @click=${() => (this.order = pressed(order, column))}>
        ${name}<span class="arrow ${direction}">${icon("down")}</span>
      </button>
    </th>`;
  }

  #row(node: NodeReport) {
    const columns = INTEGER_SCHEMES.length * EXTENTS.length;
    return html`<tr>
      <td class="int">${node.index}</td>
      <th scope="row">${node.label}${node.activation ? ` + ${node.activation}` : ""}</th>
      <td class="int">${shape(node.shape)}</td>
      <td class="int">${node.macs > 0 ? count(node.macs) : ""}</td>
      ${Array.from({ length: columns }, (_, i) => this.#value(this.#figure(node, FACTS + i)))}
    </tr>`;
  }

  #value(figure: Figure | undefined) {
    const { measure } = this;
    const value = figure && goodness(figure, measure);
    if (!figure || value === undefined) return html`<td></td>`;
    return html`<td class="num" title=${measure === "off-by" && figure.offBy ? words.bars(figure.offBy) : nothing}>
      ${isBad(figure, measure) ? html`${icon("warning")}<span class="unseen">${text.network.bad}</span>` : nothing}
      ${text.network.value(measure, value)}
    </td>`;
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    css`
      .scroll {
        max-height: 420px;
        overflow: auto;
        margin-top: 8px;
      }
      thead td {
        border: 0;
      }
      th button {
        gap: 2px;
        font-weight: inherit;
        color: inherit;
      }
      th,
      td {
        white-space: nowrap;
      }
      td svg {
        color: var(--soft);
      }
      th[scope="colgroup"] {
        text-align: center;
        border-bottom: 1px solid var(--hair);
      }
      .arrow.none {
        visibility: hidden;
      }
      .arrow.ascending {
        transform: rotate(180deg);
      }
      .arrow {
        display: inline-block;
      }
    `,
  ];
}
