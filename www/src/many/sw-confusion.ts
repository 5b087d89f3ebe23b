/** What each scheme takes for what: one table of counts a scheme, shaded by share of the row. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { mark } from "../components/marks";
import { SCHEMES, type Scheme } from "../engine/types";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { confusedClasses, confusion, type Outcome } from "./outcomes";
import "../takeaway/sw-take";

/** More classes than this are too many to read at a glance. */
const MOST_CLASSES = 12;

@customElement("sw-confusion")
export class ConfusionView extends LitElement {
  @property({ attribute: false }) outcomes: readonly Outcome[] = [];
  @property({ attribute: false }) labels: readonly string[] = [];
  @property({ type: Boolean }) labelled = false;

  protected override render() {
    const chosen = confusedClasses(this.outcomes, MOST_CLASSES);
    const schemes = SCHEMES.filter((scheme) => this.outcomes.some(({ answers }) => answers[scheme]));
    if (chosen.classes.length < 2) return nothing;
    return html`
      <h3>${text.many.confusion}</h3>
      <p class="small soft">
        ${text.many.confusionHint(this.labelled)}
        ${chosen.isPartial ? text.many.partial(chosen.classes.length) : nothing}
      </p>
      <div class="tables">${schemes.map((scheme) => this.#table(scheme, chosen))}</div>
    `;
  }

  #table(scheme: Scheme, chosen: ReturnType<typeof confusedClasses>) {
    const { classes, counts, isPartial } = confusion(this.outcomes, scheme, chosen);
    const isUpright = isPartial || classes.some((one) => this.#name(one).length > 1);
    return html`<div
      class="scroll"
      tabindex="0"
      role="region"
      aria-label=${text.many.confusionOf(text.schemes[scheme])}
    >
      <sw-take chart="confusion" which=${text.schemes[scheme]}></sw-take>
      <table class=${isUpright ? "upright" : ""} style="--hue:var(--${scheme})">
        <caption class=${scheme}>
          ${mark(scheme)} ${text.schemes[scheme]}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="small">${text.many.corner}</th>
            ${classes.map((one) => html`<th scope="col" title=${this.#name(one)}>${this.#name(one)}</th>`)}
            ${isPartial ? html`<th scope="col">${text.many.elsewhere}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${classes.map((one, row) => this.#row(one, row, counts[row] ?? [], isPartial))}
        </tbody>
      </table>
    </div>`;
  }

  #row(one: number, row: number, counts: readonly number[], isPartial: boolean) {
    const all = counts.reduce((sum, count) => sum + count, 0);
    const shown = isPartial ? counts : counts.slice(0, -1);
    return html`<tr>
      <th scope="row" title=${this.#name(one)}>${this.#name(one)}</th>
      ${shown.map(
        (count, column) =>
          html`<td
            class="int ${column === row ? "diagonal" : ""}"
            style="--share:${all ? Math.round((count / all) * 100) : 0}%"
          >
            ${count || nothing}
          </td>`,
      )}
    </tr>`;
  }

  #name(one: number): string {
    return this.labels[one] ?? String(one);
  }

  static override styles = [
    shared,
    css`
      .tables {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr));
        gap: 16px 32px;
        margin-top: 12px;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        width: 100%;
        table-layout: fixed;
        border-collapse: separate;
        border-spacing: 1px;
        font-size: 0.75rem;
      }
      caption {
        text-align: start;
        font-size: var(--text);
        font-weight: 650;
        padding-bottom: 4px;
      }
      th {
        font-weight: 500;
        color: var(--soft);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      th:first-child {
        width: 4.5em;
        text-align: start;
      }
      thead th:first-child {
        font-size: 0.6875rem;
      }
      /* Names wider than the columns stand upright. */
      .upright thead th:not(:first-child) {
        writing-mode: vertical-rl;
        max-height: 7em;
        text-align: end;
      }
      .upright thead th {
        vertical-align: bottom;
      }
      td {
        height: 22px;
        text-align: center;
        background: color-mix(in srgb, var(--hue) calc(var(--share) * 0.28), var(--hair));
      }
      td.diagonal {
        outline: 1px solid var(--soft);
        outline-offset: -1px;
      }
    `,
  ];
}
