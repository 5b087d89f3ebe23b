/** The page: arranges its parts and takes what is dropped or pasted anywhere. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { engine, playground, selection } from "../context";
import type { Wanted } from "../datapath/pixel";
import type { DatapathView } from "../datapath/sw-datapath";
import { layerStep } from "../layer/keys";
import { stepAt, type Part } from "../lessons/lessons";
import type { Spot } from "../lessons/spots";
import type { LessonCard } from "../lessons/sw-lesson";
import { registerServiceWorker } from "../offline/register";
import { Settled } from "../settled";
import { placeOf, Watch } from "../state";
import { text } from "../strings";
import { pointedStyle, shared } from "../styles/shared";
import { formatPlace, parsePlace } from "../url";
import type { Header } from "./sw-header";
import { firstPaint, rendered } from "./section";
import { Sections } from "./sections";
import "./sw-header";
import "./sw-notice";
import "./sw-stage";
import "./sw-why";

const SETTLED_MS = 300;

@customElement("sw-app")
export class App extends LitElement {
  readonly #watch = new Watch(this);
  @query("sw-header") private header!: Header;
  @query("sw-datapath") private datapath!: DatapathView | null;
  @query("sw-lesson") private card!: LessonCard | null;
  @state() private dropping = false;
  readonly #sections = new Sections();
  /** As the page points to it. */
  #lesson: Spot | null = null;
  /** dragenter and dragleave fire for every element on the way. */
  #depth = 0;
  /** Browsers refuse an address that changes at every move of a slider: it follows when it has settled. */
  readonly #settled = new Settled<string>((hash) => {
    if (location.hash !== hash) history.replaceState(null, "", location.pathname + location.search + hash);
  }, SETTLED_MS);

  /** The page's bones stay until there is something to take their place: they are on the screen first. */
  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot();
    root.append(document.createElement("slot"));
    return root;
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await firstPaint();
    super.scheduleUpdate();
  }

  /** The page takes the bones' place as a whole: what appeared piece by piece would move about. */
  protected override async firstUpdated(): Promise<void> {
    await rendered(this.renderRoot, "sw-header, sw-stage, sw-why");
    this.renderRoot.querySelector("slot")?.remove();
    this.toggleAttribute("ready", true);
    // Beside the loading of the model, but not beside the rendering of the first screen: that wants the cores too.
    engine.start();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("dragenter", this.#onEnter);
    window.addEventListener("dragleave", this.#onLeave);
    window.addEventListener("dragover", this.#onOver);
    window.addEventListener("drop", this.#onDrop);
    window.addEventListener("paste", this.#onPaste);
    window.addEventListener("hashchange", this.#onHash);
    // What stands below the first screen is loaded once the first answer is there, or is known not to come.
    void this.#open();
  }

  async #open(): Promise<void> {
    const place = parsePlace(location.hash);
    if (place.embedded) void import("../embed/sw-embed");
    if (place.lesson) this.#sections.want();
    await playground.openPlace(place);
    // It fetches all there is to have it offline: the first answer comes first.
    registerServiceWorker();
    if (place.embedded) return;
    await this.updateComplete;
    await this.#sections.load(this.renderRoot);
    await this.updateComplete;
    this.#pointTo(this.#watch.state.lesson);
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
    if (location.hash !== this.#address()) void this.#open();
  };

  #address(): string {
    const place = placeOf(this.#watch.state);
    return place ? formatPlace(place) : "";
  }

  protected override willUpdate(): void {
    // For page.css, which sees no further than this element.
    this.toggleAttribute("embedded", this.#watch.state.embedded);
  }

  protected override updated(): void {
    const { model, busy, lesson } = this.#watch.state;
    this.#settled.next(model && !busy ? this.#address() : location.hash);
    const before = this.#lesson;
    if (lesson === before) return;
    this.#lesson = lesson;
    this.#pointTo(lesson);
    if (lesson && lesson.id !== before?.id) void this.#focusLesson();
    else if (!lesson) this.header.focusLessons();
  }

  /** What is wanted of the datapath comes into view. */
  private async onDatapath({ detail }: CustomEvent<Wanted>): Promise<void> {
    if ("pixel" in detail) selection.choosePixel(detail.pixel);
    await customElements.whenDefined("sw-datapath");
    await this.datapath?.show("weight" in detail ? detail.weight : null);
  }

  private onLayerKey(event: KeyboardEvent): void {
    const step = layerStep(event);
    if (step === null) return;
    event.preventDefault();
    void selection.stepLayer(step);
  }

  async #focusLesson(): Promise<void> {
    await customElements.whenDefined("sw-lesson");
    await this.card?.updateComplete;
    this.card?.focus();
  }

  /** Brings what a lesson is about into view; knobs see to that themselves. */
  #pointTo(lesson: Spot | null): void {
    if (!lesson) return;
    this.renderRoot.querySelector("main > .pointed, .detail > .pointed")?.scrollIntoView();
  }

  protected override render() {
    const { model, lesson, embedded } = this.#watch.state;
    if (embedded) return html`<main class="embedded"><sw-embed></sw-embed></main>`;
    const part = lesson && stepAt(lesson).part;
    const pointed = (name: Part) => (name === part ? "pointed" : "");
    return html`
      <sw-header></sw-header>
      <main class=${lesson ? "taught" : ""}>
        <sw-notice></sw-notice>
        <sw-stage class=${pointed("stage")} @pictures-wanted=${() => this.header.askForPictures()}></sw-stage>
        <sw-why class=${pointed("ruler")}></sw-why>
        <sw-cause class=${pointed("cause")}></sw-cause>
        ${
          model
            ? html`<div class="detail" @datapath-wanted=${this.onDatapath} @keydown=${this.onLayerKey}>
                  <sw-network class=${pointed("network")}></sw-network>
                  <sw-layer class=${pointed("layer")}></sw-layer>
                </div>
                <sw-datapath class=${pointed("datapath")} @keydown=${this.onLayerKey}></sw-datapath>`
            : nothing
        }
        <sw-many></sw-many>
      </main>
      <sw-lesson></sw-lesson>
      ${this.dropping ? html`<div class="drop"><p>${text.drop}</p></div>` : nothing}
    `;
  }

  static override styles = [
    shared,
    pointedStyle,
    css`
      main {
        display: block;
        max-width: 1600px;
        margin: 0 auto;
        padding: 0 clamp(16px, 2.2vw, 32px) 64px;
      }
      /* The end of the page, too, can be scrolled out from under the lesson. */
      main.taught {
        padding-bottom: 60vh;
      }
      :host(:not([ready])) :is(sw-header, main) {
        position: absolute;
        inset: 0 0 auto;
        visibility: hidden;
      }
      main.embedded {
        max-width: none;
        padding: 0;
      }
      .pointed,
      sw-datapath {
        scroll-margin-top: 16px;
      }
      /* Stacking contexts: what moves in one section makes the browser paint that section alone. */
      sw-header,
      main > :not(sw-notice, .detail),
      .detail > * {
        position: relative;
        z-index: 0;
      }
      /* What opens lies over the other sections. */
      main > :focus-within,
      .detail > :focus-within {
        z-index: 1;
      }
      sw-header {
        z-index: 2;
      }
      /* Sections that are still being loaded: they are about as high as a screen. */
      main :not(:defined) {
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
      .detail > sw-layer {
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
      /* On paper: what was found, without what can be pressed. */
      @media print {
        sw-header {
          display: none;
        }
        .detail {
          display: block;
        }
        .detail > sw-layer {
          position: relative;
          top: 0;
        }
        main > *,
        .detail > * {
          break-inside: avoid-page;
        }
      }
      @media (max-width: 1099px) {
        .detail {
          grid-template-columns: minmax(0, 1fr);
        }
        .detail > sw-layer {
          position: relative;
          top: 0;
        }
      }
    `,
  ];
}
