/** Name, menus of model, pictures, export and sharing, theme. */

import { css, html, nothing } from "lit";
import { customElement, query } from "lit/decorators.js";
import { course, playground } from "../context";
import { LESSON_IDS, type LessonId } from "../lessons/spots";
import { Watch, type Theme } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { setTheme } from "../theme";
import { INTEGER_SCHEMES, type Format, type IntegerScheme } from "../engine/types";
import "../takeaway/sw-share";
import { icon, mark } from "./marks";
import { headerMenu, menu, Menus } from "./menu";
import { Section } from "./section";

const FORMATS = ["onnx", "tflite", "json"] as const satisfies readonly Format[];
const THEMES = ["auto", "light", "dark"] as const satisfies readonly Theme[];

@customElement("sw-header")
export class Header extends Section {
  readonly #watch = new Watch(this);
  readonly #menus = new Menus(this);
  @query("input.files") private files!: HTMLInputElement;

  askForPictures(): void {
    this.#ask("image/*");
  }

  focusLessons(): void {
    this.renderRoot.querySelector<HTMLElement>(".lessons > summary")?.focus({ preventScroll: true });
  }

  #ask(accept: string): void {
    this.#menus.close();
    this.files.accept = accept;
    this.files.click();
  }

  private onFiles(): void {
    const files = [...(this.files.files ?? [])];
    // Choosing the same file again must count as a change.
    this.files.value = "";
    if (files.length > 0) void playground.openFiles(files);
  }

  private onBundled(): void {
    this.#menus.close();
    void playground.openBundled();
  }

  protected override render() {
    const { theme } = this.#watch.state;
    return html`
      <header>
        <a class="name" href="./" aria-label=${text.name}>
          <svg viewBox="0 0 32 20" aria-hidden="true">
            <path class="rule" d="M1 18.5H31M3 18V14M9.5 18V15M16 18V14M22.5 18V15M29 18V14" />
            <path class="dots" d="M4 9h0M12 9h0M20 9h0M28 9h0" />
            <path class="dots few" d="M14 3h0M18 3h0" />
          </svg>
          <span>${text.name}</span>
        </a>
        <nav aria-label=${`${text.model}, ${text.pictures}`}>
          ${this.#modelMenu()} ${this.#picturesMenu()} ${this.#exportMenu()}
          <sw-share></sw-share> ${this.#lessonsMenu()}
        </nav>
        <label class="theme small">
          <span class="unseen">${text.themeLabel}</span>
          <select @change=${(event: Event) => setTheme((event.target as HTMLSelectElement).value as Theme)}>
            ${THEMES.map((name) => html`<option value=${name} ?selected=${name === theme}>${text.theme[name]}</option>`)}
          </select>
        </label>
        <input class="files" type="file" multiple hidden @change=${this.onFiles} />
      </header>
    `;
  }

  #modelMenu() {
    const { model, bundled } = this.#watch.state;
    return html`<details class="menu" @keydown=${this.#menus.onKey}>
      <summary>
        <span class="kind soft">${text.model}</span>
        <span class="value">${model?.title ?? text.bundledModel}</span>
        ${icon("down")}
      </summary>
      <div class="panel">
        <button aria-pressed=${bundled} @click=${this.onBundled}>
          ${text.bundledModel} <span class="soft small">${text.bundledHint}</span>
        </button>
        <button @click=${() => this.#ask(".onnx,.json,.txt")}>${text.openModel}</button>
        <p class="soft small">${text.openModelHint} ${text.local}</p>
        <button @click=${() => this.#ask(".txt,.json")}>${text.openLabels}</button>
        ${model ? html`<p class="soft small">${text.facts(model.parameters, model.macs, model.opset)}</p>` : nothing}
      </div>
    </details>`;
  }

  #picturesMenu() {
    const { pictures, bundled } = this.#watch.state;
    const labelled = bundled && pictures.some((picture) => picture.label !== null);
    return html`<details class="menu" @keydown=${this.#menus.onKey}>
      <summary>
        <span class="kind soft">${text.pictures}</span><span class="glyph">${icon("image")}</span>
        <span class="value">${text.pictureCount(pictures.length)}</span>
        ${icon("down")}
      </summary>
      <div class="panel">
        ${
          pictures.length > 0
            ? html`<p>${labelled ? text.testPictures(pictures.length) : text.ownPictures(pictures.length)}</p>`
            : nothing
        }
        <button @click=${this.askForPictures}>${text.openPictures}</button>
        <p class="soft small">${text.openPicturesHint} ${text.local}</p>
      </div>
    </details>`;
  }

  #exportMenu() {
    const { reports } = this.#watch.state;
    const schemes = INTEGER_SCHEMES.filter((scheme) => reports[scheme]);
    // Its place is kept until there is something to export.
    return html`<details class="menu export ${schemes.length > 0 ? "" : "coming"}" @keydown=${this.#menus.onKey}>
      <summary>
        <span class="kind soft">${text.take}</span><span class="glyph">${icon("save")}</span> ${icon("down")}
      </summary>
      <div class="panel">
        <p class="soft small">${text.takeHint} ${text.local}</p>
        ${schemes.map(
          (scheme) =>
            html`<div role="group" aria-label=${text.schemes[scheme]}>
              <p class="${scheme} small">${mark(scheme)} ${text.schemes[scheme]}</p>
              <div class="formats">
                ${FORMATS.map(
                  (format) =>
                    html`<button class="small" @click=${() => this.onExport(scheme, format)}>
                      ${text.formats[format]}
                    </button>`,
                )}
              </div>
            </div>`,
        )}
      </div>
    </details>`;
  }

  #lessonsMenu() {
    const words = text.lessons;
    return html`<details class="menu lessons" @keydown=${this.#menus.onKey}>
      <summary>
        <span class="kind soft">${words.lessons}</span><span class="glyph">${icon("lesson")}</span> ${icon("down")}
      </summary>
      <div class="panel">
        ${LESSON_IDS.map(
          (id, i) =>
            html`<button @click=${() => this.onLesson(id)}>
              ${words.courses[id].name} <span class="soft small">${i + 1}</span>
            </button>`,
        )}
        <p class="soft small">${words.hint}</p>
      </div>
    </details>`;
  }

  private onLesson(id: LessonId): void {
    this.#menus.close();
    void course.start(id);
  }

  private onExport(scheme: IntegerScheme, format: Format): void {
    this.#menus.close();
    void playground.export(scheme, format);
  }

  static override styles = [
    shared,
    menu,
    headerMenu,
    css`
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        height: 56px;
        max-width: 1600px;
        margin: 0 auto;
        padding: 0 clamp(16px, 2.2vw, 32px);
      }
      /* The page hangs from a ruler. */
      :host {
        background:
          repeating-linear-gradient(to right, var(--line) 0 1px, transparent 1px 8px) 0 100% / 100% 4px no-repeat,
          repeating-linear-gradient(to right, var(--line) 0 1px, transparent 1px 64px) 0 100% / 100% 8px no-repeat;
        border-bottom: 1px solid var(--line);
      }
      .name {
        display: inline-flex;
        align-items: center;
        gap: 10px;
        margin-inline-end: 16px;
        font-size: 1.125rem;
        font-weight: 680;
        letter-spacing: -0.01em;
        color: inherit;
        text-decoration: none;
      }
      .name svg {
        width: 32px;
        height: 20px;
        fill: none;
        stroke: currentColor;
      }
      .rule {
        stroke-width: 1.5;
      }
      .dots {
        stroke-width: 5;
        stroke-linecap: round;
      }
      .few {
        stroke-opacity: 0.45;
      }
      nav {
        display: flex;
        flex: 1;
        min-width: 0;
        gap: 4px;
      }
      .value {
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .panel button[aria-pressed="true"] {
        background: var(--mark);
        border-color: var(--mark-line);
      }
      select {
        height: 32px;
        padding: 0 6px;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--raised);
      }
      .coming {
        visibility: hidden;
      }
      .formats {
        display: flex;
        gap: 4px;
        margin-top: 4px;
      }
      .formats button {
        flex: 1;
        white-space: nowrap;
      }
      @media (max-width: 719px) {
        header {
          height: 48px;
        }
        nav {
          gap: 0;
        }
        .name {
          margin-inline-end: 0;
          gap: 8px;
        }
        .name svg {
          display: none;
        }
        .menu:not(:first-child) {
          flex: none;
        }
        .menu summary > .icon {
          display: none;
        }
        /* The pictures' number gives way to the model's name. */
        .menu:not(:first-child) .value {
          position: absolute;
          clip-path: inset(50%);
        }
      }
      @media (max-width: 359px) {
        .name svg {
          display: inline;
        }
        .name span {
          display: none;
        }
      }
    `,
  ];
}
