/** The page: arranges its parts and takes what is dropped or pasted anywhere. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { playground } from "../context";
import { Watch } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { formatPlace, parsePlace } from "../url";
import "./sw-header";
import "./sw-layer";
import "./sw-network";
import "./sw-notice";
import "./sw-stage";
import "./sw-why";

@customElement("sw-app")
export class App extends LitElement {
  readonly #watch = new Watch(this);
  @state() private dropping = false;
  /** dragenter and dragleave fire for every element on the way. */
  #depth = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("dragenter", this.#onEnter);
    window.addEventListener("dragleave", this.#onLeave);
    window.addEventListener("dragover", this.#onOver);
    window.addEventListener("drop", this.#onDrop);
    window.addEventListener("paste", this.#onPaste);
    window.addEventListener("hashchange", this.#onHash);
    void playground.openBundled(parsePlace(location.hash));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
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
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void playground.openFiles(files);
  };

  readonly #onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) void playground.openFiles(files);
  };

  /** Somebody edited the address or went back: take it over, unless it is what this page wrote. */
  readonly #onHash = () => {
    if (location.hash !== this.#address()) void playground.openBundled(parsePlace(location.hash));
  };

  #address(): string {
    const { knobs, current, node, channel } = this.#watch.state;
    return formatPlace({
      knobs,
      picture: typeof current === "number" ? current : 0,
      node,
      channel: Math.max(0, channel),
    });
  }

  protected override updated(): void {
    const { bundled, model, busy } = this.#watch.state;
    // Only the bundled model can be found again by an address.
    if (!model || busy) return;
    const address = bundled ? this.#address() : location.pathname + location.search;
    if (bundled ? location.hash !== address : location.hash !== "") history.replaceState(null, "", address);
  }

  protected override render() {
    const { model, layers } = this.#watch.state;
    return html`
      <sw-header></sw-header>
      <main>
        <sw-notice></sw-notice>
        <sw-stage></sw-stage>
        <sw-why></sw-why>
        ${
          model
            ? html`<div class="detail">
                <sw-network></sw-network>
                <sw-layer .detail=${layers}></sw-layer>
              </div>`
            : nothing
        }
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
