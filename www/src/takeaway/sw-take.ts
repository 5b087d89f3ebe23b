/** The small menu of a chart: its picture as a file, and the table beside it as CSV. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { messageOf } from "../engine/errors";
import { download, slug } from "../files";
import { icon } from "../components/marks";
import { menu, Menus } from "../components/menu";
import { store } from "../state";
import { takeaway as words } from "../strings/takeaway";
import { shared } from "../styles/shared";
import { CHARTS, type ChartName } from "./charts";

/** How long a table that is drawn when it is opened may take, in frames. */
const PATIENCE = 120;

@customElement("sw-take")
export class Take extends LitElement {
  readonly #menus = new Menus(this);
  @property() chart: ChartName = "ruler";
  /** Scheme or axis, where there is a chart for each. */
  @property() which = "";
  @state() private canvas = false;
  @state() private problem = "";

  /** What is on the picture; null where it is not drawn. */
  get picture(): Element | null {
    const { of } = CHARTS[this.chart];
    const root = this.getRootNode() as ShadowRoot | Document;
    return this.parentElement?.querySelector(of) ?? root.querySelector(of);
  }

  get heading(): string {
    return [words.charts[this.chart], this.which].filter(Boolean).join(", ");
  }

  /** The details that hold the table, or what is a table anyway. */
  get #table(): { twin: HTMLDetailsElement | null; within: Element } | null {
    const next = this.nextElementSibling;
    if (!next) return null;
    const twin = next instanceof HTMLDetailsElement ? next : (next.shadowRoot?.querySelector("details") ?? null);
    return twin || next instanceof HTMLTableElement ? { twin, within: twin ?? next } : null;
  }

  /** Says model, layer, scheme and chart. */
  #name(extension: string): string {
    const { model, node } = store.value;
    const layer = CHARTS[this.chart].ofLayer && node !== null ? model?.nodes[node]?.label : undefined;
    const number = layer === undefined ? [] : [`layer ${node} ${layer}`];
    const parts = [model?.title ?? "model", ...number, this.which, words.charts[this.chart]];
    return `${parts.map(slug).filter(Boolean).join("-")}.${extension}`;
  }

  private onToggle(): void {
    const picture = this.picture;
    this.canvas = picture !== null && hasCanvas(picture);
    this.problem = "";
  }

  private async save(what: "svg" | "png" | "csv"): Promise<void> {
    try {
      const bytes = what === "csv" ? await this.#csv() : await this.#drawing(what);
      download(bytes, this.#name(what));
      this.#menus.close();
    } catch (thrown) {
      this.problem = messageOf(thrown);
    }
  }

  async #drawing(what: "svg" | "png"): Promise<Uint8Array> {
    const picture = this.picture;
    if (!picture) throw new Error(words.notDrawn);
    const { capture, toPng } = await import("./capture");
    const captured = capture(picture);
    if (what === "svg") return new TextEncoder().encode(captured.svg);
    return new Uint8Array(await (await toPng(captured)).arrayBuffer());
  }

  async #csv(): Promise<Uint8Array> {
    const found = this.#table;
    if (!found) throw new Error(words.notDrawn);
    const { twin, within } = found;
    const wasOpen = twin?.open ?? true;
    if (twin) twin.open = true;
    try {
      const { cells, toCsv } = await import("./csv");
      return new TextEncoder().encode(toCsv(cells(await tableIn(within))));
    } finally {
      if (twin) twin.open = wasOpen;
    }
  }

  protected override render() {
    const picture = this.canvas ? "png" : "svg";
    return html`<details class="menu" @toggle=${this.onToggle} @keydown=${this.#menus.onKey}>
      <summary title=${words.take}>${icon("save")}<span class="unseen">${words.takeChart(this.heading)}</span></summary>
      <div class="panel">
        <button class="small" @click=${() => this.save(picture)}>${words.formats[picture]}</button>
        ${
          this.#table
            ? html`<button class="small" @click=${() => this.save("csv")}>${words.formats.csv}</button>`
            : nothing
        }
        <p class="small" role="status">${this.problem || nothing}</p>
      </div>
    </details>`;
  }

  static override styles = [
    shared,
    menu,
    css`
      /* Stands at the end of the line that opens the table. */
      :host {
        float: inline-end;
        margin-inline-start: auto;
        font-size: var(--small);
        font-weight: 400;
      }
      .menu > summary {
        height: 24px;
        padding: 0 6px;
        color: var(--soft);
      }
      .menu[open] > summary,
      .menu > summary:hover {
        color: var(--ink);
      }
      .panel {
        inset-inline: auto 0;
        top: 28px;
        width: max-content;
        max-width: 240px;
        gap: 4px;
        padding: 8px;
      }
      .panel p:empty {
        display: none;
      }
    `,
  ];
}

function hasCanvas(element: Element): boolean {
  if (element instanceof HTMLCanvasElement) return true;
  return [...(element.shadowRoot ?? element).children].some(hasCanvas);
}

/** The table within, as soon as it is there: some are made when they are opened. */
async function tableIn(element: Element): Promise<HTMLTableElement> {
  for (let frame = 0; frame < PATIENCE; frame++) {
    const table = search(element);
    if (table) return table;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  throw new Error(words.notDrawn);
}

function search(element: Element): HTMLTableElement | null {
  if (element instanceof HTMLTableElement) return element;
  for (const child of (element.shadowRoot ?? element).children) {
    const table = search(child);
    if (table && table.rows.length > 0) return table;
  }
  return null;
}
