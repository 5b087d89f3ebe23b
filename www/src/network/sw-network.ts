/** The spine: every node from input to output, and how far each scheme's output is from float's. */

import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Section } from "../components/section";
import { icon, mark } from "../components/marks";
import { engine, selection } from "../context";
import { INTEGER_SCHEMES, type IntegerScheme, type NodeReport, type PassNote } from "../engine/types";
import { shape } from "../format";
import { groupPasses } from "../passes";
import { store, Watch } from "../state";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { Isolation } from "./isolation";
import { EXTENTS, goodness, isBad, landmarks, MEASURES, type Extent, type Figure, type Measure } from "./measures";
import { bars, mostDb, sample, spine, type Figures } from "./spine";
import { networkStyles } from "./styles";
import "./sw-node-table";
import "../takeaway/sw-take";

const words = text.network;
/** Nodes that arrow keys move by together with Shift. */
const STRIDE = 10;
const UNKNOWN: Figure = { db: undefined, offBy: undefined };

@customElement("sw-network")
export class Network extends Section {
  readonly #watch = new Watch(this);
  readonly #isolation = new Isolation(this, engine, store);
  @state() private measure: Measure = "sqnr";
  @state() private extent: Extent = "accumulated";
  @state() private tabled = false;

  get #rows(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>("tbody .layer")];
  }

  private onKey(event: KeyboardEvent): void {
    const rows = this.#rows;
    const at = rows.indexOf(event.target as HTMLButtonElement);
    const stride = event.shiftKey ? STRIDE : 1;
    const targets: Record<string, number> = {
      ArrowDown: at + stride,
      ArrowUp: at - stride,
      Home: 0,
      End: rows.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined || at < 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, target));
    rows[next]?.focus();
    void selection.chooseNode(next);
  }

  protected override render() {
    const { model, node } = this.#watch.state;
    if (!model) return nothing;
    const { measure, extent } = this;
    const figures = this.#figures(model.nodes, extent);
    const most = mostDb(figures);
    const flags = this.#flags(model.nodes, figures);
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${words.title}</h2>
      <div class="choices">
        ${this.#choice(words.measureLabel, MEASURES, measure, words.measures, (one) => (this.measure = one))}
        ${this.#choice(words.extentLabel, EXTENTS, extent, words.extents, (one) => (this.extent = one))}
      </div>
      <p class="small soft">${words.nodes(model.nodes.length)} ${words.explain(measure, extent)}</p>
      ${measure === "off-by" ? this.#legend() : nothing} ${this.#progress()}
      <p id="keys" class="unseen">${words.keys(STRIDE)}</p>
      <div class="scroll">
        <div class="sheet">
          <table aria-describedby="keys" @keydown=${this.onKey}>
            <thead>
              <tr>
                <th scope="col">${words.columns.layer}</th>
                <th scope="col" class="shape">${words.columns.shape}</th>
                <th scope="col" class="strip">
                  <span class="unseen">${words.columns[measure]}</span>${words.strip(measure, most)}
                </th>
                ${INTEGER_SCHEMES.map(
                  (scheme) =>
                    html`<th scope="col" class="figure">
                      ${mark(scheme)}<span class="unseen">${text.schemes[scheme]}, ${words.columns[measure]}</span>
                    </th>`,
                )}
              </tr>
            </thead>
            <tbody>
              ${model.nodes.map((one) => this.#row(one, figures, flags.get(one.index) ?? [], one.index === (node ?? 0)))}
            </tbody>
          </table>
          ${measure === "sqnr" ? spine(figures, model.nodes.length, most) : bars(figures, model.nodes.length)}
        </div>
      </div>
      ${this.#twin(model.nodes)} ${this.#simplified(model.passes)} ${this.#fingerprints()}
    </section>`;
  }

  protected override willUpdate(): void {
    const both = this.tabled ? EXTENTS : [this.extent];
    // Accumulated SQNR comes with the predictions.
    const computed = both.filter((extent) => extent === "isolated" || this.measure === "off-by");
    this.#isolation.want(new Set(computed));
  }

  /** Whoever is on a row when another node is selected goes along. */
  protected override updated(): void {
    const { node } = this.#watch.state;
    const focused = this.shadowRoot?.activeElement;
    const rows = this.#rows;
    if (node !== null && rows.some((row) => row === focused)) rows[node]?.focus();
  }

  /** By scheme and node index; what is not known, or not computed yet, is undefined. */
  #figures(nodes: readonly NodeReport[], extent: Extent): Figures {
    const { predictions } = this.#watch.state;
    const of = (scheme: IntegerScheme): Figure[] => {
      const { accumulated, isolated } = this.#isolation.found(scheme);
      return nodes.map(({ index }) => {
        if (extent === "accumulated") {
          return { db: predictions[scheme]?.sqnr_db[index] ?? undefined, offBy: accumulated?.[index] ?? undefined };
        }
        const error = isolated.get(index);
        return { db: error && (error.sqnr_db ?? Infinity), offBy: error?.off_by };
      });
    };
    return { "layer-wise": of("layer-wise"), "shift-wise": of("shift-wise"), "channel-wise": of("channel-wise") };
  }

  /** What stands beside a row: the worst layer with weights under layer-wise, and each scheme's first bad one. */
  #flags(nodes: readonly NodeReport[], figures: Figures): Map<number, { name: string; schemes: IntegerScheme[] }[]> {
    const flags = new Map<number, { name: string; schemes: IntegerScheme[] }[]>();
    const add = (node: number | null, name: string, scheme: IntegerScheme) => {
      if (node === null) return;
      const here = flags.get(node) ?? [];
      const same = here.find((flag) => flag.name === name);
      if (same) same.schemes.push(scheme);
      else here.push({ name, schemes: [scheme] });
      flags.set(node, here);
    };
    for (const scheme of INTEGER_SCHEMES) {
      const weighted = figures[scheme].map((figure, i) => (nodes[i]?.channels == null ? UNKNOWN : figure));
      const { firstBad, worst } = landmarks(weighted, this.measure);
      add(firstBad, words.firstBad, scheme);
      if (scheme === "layer-wise") add(worst, words.worst, scheme);
    }
    return flags;
  }

  #choice<T extends string>(
    name: string,
    choices: readonly T[],
    chosen: T,
    names: Record<T, string>,
    choose: (one: T) => void,
  ) {
    return html`<div class="choice small" role="group" aria-label=${name}>
      ${choices.map(
        (one) =>
          html`<button class="small" aria-pressed=${one === chosen} @click=${() => choose(one)}>${names[one]}</button>`,
      )}
    </div>`;
  }

  #legend() {
    return html`<p class="small legend">
      ${words.legend} ${words.steps.map((name, n) => html`<span>${sample(n)} ${name}</span>`)}
    </p>`;
  }

  #progress() {
    const { progress, stopped, problem } = this.#isolation;
    return html`<p class="small" role="status">
      ${
        progress
          ? html`${text.progress(progress.what, progress.done, progress.total)}
              <button class="plain" @click=${() => this.#isolation.cancel()}>${words.cancel}</button>`
          : stopped
            ? html`${words.stopped}
                <button class="plain" @click=${() => this.#isolation.resume()}>${words.resume}</button>`
            : (problem ?? nothing)
      }
    </p>`;
  }

  #twin(nodes: readonly NodeReport[]) {
    const figures = () => ({
      accumulated: this.#figures(nodes, "accumulated"),
      isolated: this.#figures(nodes, "isolated"),
    });
    return html`<sw-take chart="network"></sw-take>
      <details class="twin" @toggle=${(event: Event) => (this.tabled = (event.target as HTMLDetailsElement).open)}>
        <summary>${text.tableTwin}</summary>
        ${
          this.tabled
            ? html`<sw-node-table .nodes=${nodes} .figures=${figures()} .measure=${this.measure}></sw-node-table>`
            : nothing
        }
      </details>`;
  }

  /** The hash of each scheme's output integers for the current picture, to be compared with another machine's. */
  #fingerprints() {
    const { predictions } = this.#watch.state;
    const known = INTEGER_SCHEMES.filter((scheme) => predictions[scheme]?.hash);
    if (known.length === 0) return nothing;
    return html`<details class="small quiet" id="fingerprints">
      <summary>${words.fingerprints}</summary>
      <p>${words.fingerprintsHint}</p>
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
      <summary>${words.simplified(notes.length)}</summary>
      <ul>
        ${groupPasses(notes).map(
          ({ pass, texts }) =>
            html`<li>
              <details>
                <summary>${words.pass(pass, texts.length)}</summary>
                <ul>
                  ${texts.map((one) => html`<li>${one}</li>`)}
                </ul>
              </details>
            </li>`,
        )}
      </ul>
    </details>`;
  }

  #row(
    node: NodeReport,
    figures: Figures,
    flags: readonly { name: string; schemes: readonly IntegerScheme[] }[],
    current: boolean,
  ) {
    const { node: selected } = this.#watch.state;
    return html`<tr class=${node.index === selected ? "selected" : ""}>
      <th scope="row">
        <button
          class="layer"
          tabindex=${current ? 0 : -1}
          aria-current=${node.index === selected ? "true" : "false"}
          title=${node.name}
          @click=${() => selection.chooseNode(node.index)}
        >
          <span class="label"
            >${node.label}${node.activation ? html`<span class="soft"> + ${node.activation}</span>` : nothing}</span
          >
          ${flags.map(({ name, schemes }) => this.#flag(name, schemes))}
          ${node.runs_on === "fallback" ? this.#fallback(node.index) : nothing}
          ${node.runs_on === "host-tail" ? html`<span class="flag soft">${words.hostTail}</span>` : nothing}
        </button>
      </th>
      <td class="shape num">${shape(node.shape)}</td>
      <td class="strip"></td>
      ${INTEGER_SCHEMES.map((scheme) => this.#figure(scheme, figures[scheme][node.index] ?? UNKNOWN))}
    </tr>`;
  }

  #fallback(node: number) {
    const { reports } = this.#watch.state;
    const reason = reports["layer-wise"]?.fallbacks.find((fallback) => fallback.node === node)?.reason;
    const why = words.fallbackHint(reason ?? null);
    return html`<span class="flag" title=${why}
      >${icon("info")} ${words.fallback}<span class="unseen">: ${why}</span></span
    >`;
  }

  #flag(name: string, schemes: readonly IntegerScheme[]) {
    return html`<span class="flag"
      >${icon("warning")} ${name}
      ${schemes.map(
        (scheme) =>
          html`<span class=${scheme}
            >${mark(scheme)}<span class="unseen">${words.under(text.schemes[scheme])}</span></span
          >`,
      )}</span
    >`;
  }

  #figure(scheme: IntegerScheme, figure: Figure) {
    const { measure } = this;
    const value = goodness(figure, measure);
    if (value === undefined) return html`<td class="figure"></td>`;
    const bad = isBad(figure, measure);
    return html`<td class="figure num ${scheme} ${bad ? "bad" : ""}">
      ${bad ? html`<span class="unseen">${words.bad}: </span>` : nothing}${words.short(measure, value)}
    </td>`;
  }

  static override styles = [shared, table, tableTwin, networkStyles];
}
