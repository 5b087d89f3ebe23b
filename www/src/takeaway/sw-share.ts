/** The header's menu of what can be passed on: the page's address in three forms, and the report in two. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { icon } from "../components/marks";
import { headerMenu, menu, Menus } from "../components/menu";
import { messageOf } from "../engine/errors";
import { placeOf, Watch } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { formatPlace } from "../url";
import { links, type Links } from "./links";

const words = text.takeaway;
const FORMS = ["link", "markdown", "iframe", "element"] as const satisfies readonly (keyof Links)[];
const FORMATS = ["html", "json"] as const;

@customElement("sw-share")
export class Share extends LitElement {
  readonly #watch = new Watch(this);
  readonly #menus = new Menus(this);
  @query("input") private field!: HTMLInputElement;
  @state() private said = "";

  /** `null` when no link can bring the model back. */
  get #address(): string | null {
    const place = placeOf(this.#watch.state);
    return place && new URL(formatPlace(place), location.href).href;
  }

  private async copy(content: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(content);
      this.said = words.copied;
    } catch {
      this.said = words.notCopied;
      this.field.select();
    }
  }

  private async save(format: (typeof FORMATS)[number]): Promise<void> {
    this.said = words.preparing;
    try {
      const { saveReport } = await import("./save-report");
      saveReport(format, this.#address);
      this.said = "";
    } catch (thrown) {
      this.said = messageOf(thrown);
    }
  }

  protected override render() {
    const { model } = this.#watch.state;
    if (!model) return nothing;
    const address = this.#address;
    return html`<details class="menu" @toggle=${() => (this.said = "")} @keydown=${this.#menus.onKey}>
      <summary>
        <span class="kind soft">${words.share}</span><span class="glyph">${icon("share")}</span>
        <span class="kind" aria-hidden="true">${icon("down")}</span>
      </summary>
      <div class="panel">
        ${address === null ? html`<p class="soft small">${words.noLink}</p>` : this.#links(links(address, `${text.name}: ${model.title}`))}
        <div class="row" role="group" aria-label=${words.report}>
          ${FORMATS.map(
            (format) => html`<button class="small" @click=${() => this.save(format)}>${words.reports[format]}</button>`,
          )}
        </div>
        <p class="soft small">${words.reportHint}</p>
        <p class="small said" role="status">${this.said}</p>
      </div>
    </details>`;
  }

  #links(all: Links) {
    return html`<input readonly aria-label=${words.link} .value=${all.link} @focus=${() => this.field.select()} />
      <div class="row" role="group" aria-label=${words.link}>
        ${FORMS.map(
          (form) => html`<button class="small" @click=${() => this.copy(all[form])}>${words.copy[form]}</button>`,
        )}
      </div>
      <p class="soft small">${words.linkHint} ${words.figureHint}</p>`;
  }

  static override styles = [
    shared,
    menu,
    headerMenu,
    css`
      :host {
        flex: none;
      }
      input {
        width: 100%;
        min-height: 32px;
        padding: 0 8px;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--paper);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .row button {
        flex: 1;
        justify-content: center;
      }
      .said:empty {
        display: none;
      }
    `,
  ];
}
