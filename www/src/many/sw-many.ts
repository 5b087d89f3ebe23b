/** Many pictures at once: the grid with its filters, what is taken for what, curves, and whether confidence is earned. */

import { css, html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { Section } from "../components/section";
import { mark } from "../components/marks";
import { playground } from "../context";
import { SCHEMES } from "../engine/types";
import { confidence } from "../format";
import { Watch, type State } from "../state";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { classOf, FILTERS, outcomesOf, passes, type Filter, type Outcome } from "./outcomes";
import { verdict, verdictStyle } from "./verdict";
import "./sw-camera";
import "./sw-confusion";
import "./sw-curves";
import "./sw-grid";
import "./sw-reliability";

const words = text.many;

@customElement("sw-many")
export class Many extends Section {
  readonly #watch = new Watch(this);
  @query("input[type=file]") private folder!: HTMLInputElement;
  @state() private filter: Filter = "all";
  @state() private group: number | null = null;
  @state() private isTwinOpen = false;
  /** Worked out again only when something new is known. */
  #worked: { from: Pick<State, "pictures" | "outcomes">; outcomes: Outcome[] } | undefined;

  #outcomes(): Outcome[] {
    const { pictures, outcomes } = this.#watch.state;
    if (this.#worked?.from.pictures !== pictures || this.#worked.from.outcomes !== outcomes) {
      this.#worked = { from: { pictures, outcomes }, outcomes: outcomesOf({ pictures, outcomes }) };
    }
    return this.#worked.outcomes;
  }

  #name(one: number): string {
    return this.#watch.state.model?.labels[one] ?? String(one);
  }

  readonly #describe = ({ picture, answers }: Outcome): string => {
    const said = SCHEMES.flatMap((scheme) => {
      const answer = answers[scheme];
      return answer ? [words.says(text.schemes[scheme], this.#name(answer.class), answer.right)] : [];
    });
    return words.readout(picture.name, picture.label === null ? null : this.#name(picture.label), said);
  };

  protected override render() {
    const { model, pictures } = this.#watch.state;
    if (!model) return nothing;
    return html`<section aria-label=${words.title}>
      <header>
        <h2>${words.title}</h2>
        <p class="small soft">${pictures.length > 0 ? words.hint(pictures.length) : words.none}</p>
        <div class="sources">
          <button @click=${() => this.folder.click()} title=${words.openFolderHint}>${words.openFolder}</button>
          <input type="file" webkitdirectory multiple hidden aria-label=${words.openFolder} @change=${this.onFolder} />
          <sw-camera></sw-camera>
        </div>
      </header>
      ${pictures.length === 0 ? nothing : model.task === "classification" ? this.#classes() : this.#agreement()}
    </section>`;
  }

  #classes() {
    const { pictures, current, model } = this.#watch.state;
    const all = this.#outcomes();
    const labelled = pictures.some(({ label }) => label !== null);
    const shown = all.filter((one) => passes(one, this.filter, this.group));
    return html`
      ${this.#filters(all)}
      <sw-grid
        .outcomes=${shown}
        .current=${typeof current === "number" ? current : -1}
        .describe=${this.#describe}
        @picture-chosen=${this.onChosen}
      ></sw-grid>
      <div class="foot">${this.#key(labelled)} ${this.#twin(shown)}</div>
      <sw-confusion .outcomes=${all} .labels=${model?.labels ?? []} ?labelled=${labelled}></sw-confusion>
      <sw-curves></sw-curves>
      <sw-reliability .outcomes=${all}></sw-reliability>
    `;
  }

  #filters(all: readonly Outcome[]) {
    const groups = [...new Set(all.flatMap((one) => classOf(one) ?? []))].sort((a, b) => a - b);
    return html`<div class="filters small">
      <div class="chips" role="group" aria-label=${words.filterLabel}>
        ${FILTERS.map((filter) => {
          const found = all.filter((one) => passes(one, filter, this.group)).length;
          return html`<button aria-pressed=${filter === this.filter} @click=${() => (this.filter = filter)}>
            ${words.filterBy(words.filters[filter], found)}
          </button>`;
        })}
      </div>
      <label>
        ${words.classLabel}
        <select @change=${this.onGroup}>
          <option value="" ?selected=${this.group === null}>${words.anyClass}</option>
          ${groups.map((one) => html`<option value=${one} ?selected=${one === this.group}>${this.#name(one)}</option>`)}
        </select>
      </label>
    </div>`;
  }

  #key(labelled: boolean) {
    const { right, wrong, same, differs } = words.legend;
    const sample = (is: boolean) =>
      html`<span class="marks">${SCHEMES.map((scheme) => verdict(scheme, { right: is }))}</span>`;
    return html`<p class="small key">
      <span>${sample(true)} ${labelled ? right : same}</span>
      <span>${sample(false)} ${labelled ? wrong : differs}</span>
    </p>`;
  }

  #twin(shown: readonly Outcome[]) {
    return html`<details class="twin answers" @toggle=${this.onTwin}>
      <summary>${text.tableTwin}</summary>
      ${this.isTwinOpen ? this.#answers(shown) : nothing}
    </details>`;
  }

  #answers(shown: readonly Outcome[]) {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.answers}>
      <table>
        <thead>
          <tr>
            <th scope="col">${words.columns.picture}</th>
            <th scope="col">${words.columns.truth}</th>
            ${SCHEMES.map((scheme) => html`<th scope="col">${text.schemes[scheme]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ({ picture, answers }) =>
              html`<tr>
                <th scope="row">${picture.name}</th>
                <td>${picture.label === null ? nothing : this.#name(picture.label)}</td>
                ${SCHEMES.map((scheme) => {
                  const answer = answers[scheme];
                  return html`<td>
                    ${answer ? words.said(this.#name(answer.class), confidence(answer.confidence)) : nothing}
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** Where whole pictures are not put into classes, what remains is how well results agree. */
  #agreement() {
    const { scores } = this.#watch.state;
    const known = SCHEMES.flatMap((scheme) => {
      const score = scores[scheme];
      return score?.tally && scheme !== "float" ? [{ scheme, score, metric: score.tally.metric }] : [];
    });
    if (known.length === 0) return nothing;
    return html`<div class="scroll">
      <table class="agreement">
        <caption>
          ${words.agreement}
        </caption>
        <tbody>
          ${known.map(
            ({ scheme, score, metric }) =>
              html`<tr>
                <th scope="row"><span class=${scheme}>${mark(scheme)} ${text.schemes[scheme]}</span></th>
                <td class="figure">${text.agreements[metric].figure(score.agreement)}</td>
                <td>${text.agreements[metric].words(text.ofPictures(score.done, score.total))}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private onChosen(event: CustomEvent<number>): void {
    void playground.choosePicture(event.detail);
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    window.scrollTo({ top: 0, behavior });
  }

  private onGroup(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.group = value === "" ? null : Number(value);
  }

  private onTwin(event: Event): void {
    this.isTwinOpen = (event.target as HTMLDetailsElement).open;
  }

  private onFolder(): void {
    const files = [...(this.folder.files ?? [])];
    this.folder.value = "";
    if (files.length > 0) void playground.openFiles(files);
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    verdictStyle,
    css`
      section {
        margin-top: 48px;
        padding-top: 16px;
        border-top: 1px solid var(--line);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 16px;
        margin-bottom: 12px;
      }
      header p {
        flex: 1;
        min-width: 240px;
      }
      .sources {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .filters {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 24px;
        margin-bottom: 12px;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      .chips button[aria-pressed="true"] {
        background: var(--mark);
        border-color: var(--mark-line);
      }
      select {
        height: 32px;
        max-width: 220px;
        padding: 0 6px;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--raised);
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-start;
        gap: 4px 32px;
      }
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 24px;
      }
      .key span {
        display: inline-flex;
        align-items: center;
        gap: 4px;
      }
      .answers[open] {
        flex: 1 0 100%;
      }
      sw-confusion,
      sw-curves,
      sw-reliability {
        margin-top: 40px;
      }
      .agreement {
        max-width: 640px;
      }
      .figure {
        font-size: 1.25rem;
        font-weight: 600;
      }
    `,
  ];
}
