/** The page: arranges its parts and takes what is dropped or pasted anywhere. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { playground } from "../context";
import { Settled } from "../settled";
import { placeOf, Watch } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { formatPlace, parsePlace } from "../url";
import type { Header } from "./sw-header";
import "./sw-header";
import "./sw-notice";
import "./sw-stage";
import "./sw-why";

const SETTLED_MS = 300;

@customElement("sw-app")
export class App extends LitElement {
  readonly #watch = new Watch(this);
  @query("sw-header") private header!: Header;
  @state() private dropping = false;
  /** dragenter and dragleave fire for every element on the way. */
  #depth = 0;
  /** Browsers refuse an address that changes at every move of a slider: it follows when it has settled. */
  readonly #settled = new Settled<string>((hash) => {
    if (location.hash !== hash) history.replaceState(null, "", location.pathname + location.search + hash);
  }, SETTLED_MS);

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("dragenter", this.#onEnter);
    window.addEventListener("dragleave", this.#onLeave);
    window.addEventListener("dragover", this.#onOver);
    window.addEventListener("drop", this.#onDrop);
    window.addEventListener("paste", this.#onPaste);
    window.addEventListener("hashchange", this.#onHash);
    // What stands below the first screen is loaded once the first answer is there, or is known not to come.
    void playground.openPlace(parsePlace(location.hash)).then(() => import("./sections"));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#settled.cancel();
    window.removeEventListener("dragenter", this.#onEnter);
    window.removeEventListener("dragleave", this.#onLeave);
    window.removeEventListener("dragover", this.#onOver);
    window.removeEventListener("drop", this.#onDrop);
    window.removeEventListener("paste", this.#onPaste);
    window.removeEventListener("hashchange", this.#onHash);
  }

  readonly #onEnter = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    this.#depth++;
    this.dropping = true;
  };

  readonly #onLeave = () => {
    this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth === 0) this.dropping = false;
  };

  readonly #onOver = (event: DragEvent) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };

  readonly #onDrop = (event: DragEvent) => {
    this.#depth = 0;
    this.dropping = false;
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    void playground.openDropped(event.dataTransfer);
  };

  readonly #onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) void playground.openFiles(files);
  };

  /** Somebody edited the address or went back: take it over, unless it is what this page wrote. */
  readonly #onHash = () => {
    if (location.hash !== this.#address()) void playground.openPlace(parsePlace(location.hash));
  };

  #address(): string {
    const place = placeOf(this.#watch.state);
    return place ? formatPlace(place) : "";
  }

  protected override updated(): void {
    const { model, busy } = this.#watch.state;
    this.#settled.next(model && !busy ? this.#address() : location.hash);
  }

  protected override render() {
    const { model } = this.#watch.state;
    return html`
      <sw-header></sw-header>
      <main>
        <sw-notice></sw-notice>
        <sw-stage @pictures-wanted=${() => this.header.askForPictures()}></sw-stage>
        <sw-why></sw-why>
        <sw-cause></sw-cause>
        ${
          model
            ? html`<div class="detail">
                  <sw-network></sw-network>
                  <sw-layer></sw-layer>
                </div>
                <sw-datapath></sw-datapath>`
            : nothing
        }
        <sw-many></sw-many>
      </main>
      ${this.dropping ? html`<div class="drop"><p>${text.drop}</p></div>` : nothing}
    `;
  }

  static override styles = [
    shared,
    css`
      main {
        display: block;
        max-width: 1600px;
        margin: 0 auto;
        padding: 0 clamp(16px, 2.2vw, 32px) 64px;
      }
      /* Sections that are still being loaded: they are about as high as a screen. */
      :not(:defined) {
        display: block;
        min-height: 480px;
      }
      .detail {
        display: grid;
        grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
        gap: 48px;
        margin-top: 40px;
        align-items: start;
      }
      sw-layer {
        position: sticky;
        top: 16px;
      }
      .drop {
        position: fixed;
        inset: 0;
        z-index: 10;
        display: grid;
        place-items: center;
        background: color-mix(in srgb, var(--paper) 88%, transparent);
        pointer-events: none;
      }
      .drop p {
        font-size: var(--display);
        font-weight: 600;
        padding: 40px 64px;
        border: 2px dashed var(--ink);
        border-radius: 8px;
      }
      @media (max-width: 1099px) {
        .detail {
          grid-template-columns: minmax(0, 1fr);
        }
        sw-layer {
          position: static;
        }
      }
    `,
  ];
}
