/** The picture that is being looked at, what the network sees of it, and the others to choose from. */

import { css, html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { playground } from "../context";
import { toAddress } from "../pictures";
import { Watch, type State } from "../state";
import { shape } from "../format";
import { text } from "../strings";
import { shared } from "../styles/shared";
import type { Pixels } from "../engine/types";
import { icon } from "./marks";
import { Section } from "./section";
import type { Draw } from "./sw-draw";
import "./sw-draw";

/** How many pictures are added to the strip when its end comes near: making their thumbnails takes a while. */
const AT_ONCE = 12;

@customElement("sw-picture")
export class PictureView extends Section {
  readonly #watch = new Watch(this);
  #seen: { pixels: Pixels; address: string } | undefined;
  /** How many are in the strip so far. */
  #added = { to: [] as State["pictures"], count: 0 };

  protected override willUpdate(): void {
    const { pictures, current } = this.#watch.state;
    const before = this.#added.to === pictures ? this.#added.count : AT_ONCE;
    // Arrow keys go on to the next one.
    const wanted = Math.max(before, typeof current === "number" ? current + 2 : 0);
    this.#added = { to: pictures, count: Math.min(pictures.length, wanted) };
  }

  #end: IntersectionObserver | undefined;

  protected override updated(): void {
    this.#end?.disconnect();
    const root = this.renderRoot.querySelector(".strip");
    const last = root?.lastElementChild;
    if (!last || this.#added.count >= this.#added.to.length) return;
    this.#end = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) this.#add();
      },
      { root, rootMargin: "0px 100%" },
    );
    this.#end.observe(last);
  }

  #add(): void {
    this.#added.count = Math.min(this.#added.to.length, this.#added.count + AT_ONCE);
    this.requestUpdate();
  }

  #preview(pixels: Pixels): string {
    if (this.#seen?.pixels !== pixels) this.#seen = { pixels, address: toAddress(pixels) };
    return this.#seen.address;
  }

  #labelOf(label: number | null): string | null {
    return label === null ? null : (this.#watch.state.model?.labels[label] ?? String(label));
  }

  private onKey(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const { current, pictures } = this.#watch.state;
    if (step === 0 || pictures.length === 0) return;
    event.preventDefault();
    const from = typeof current === "number" ? current : 0;
    const to = Math.max(0, Math.min(pictures.length - 1, from + step));
    void playground.choosePicture(to);
    const button = this.renderRoot.querySelectorAll<HTMLButtonElement>(".strip button")[to];
    button?.focus();
  }

  protected override render() {
    const { bundled, current, pictures, preview } = this.#watch.state;
    const picture = typeof current === "number" ? pictures[current] : undefined;
    return html`
      <div class="surface">
        ${
          bundled
            ? html`<sw-draw .under=${picture?.thumbnail ?? null}></sw-draw>`
            : picture
              ? html`<img class="picture" src=${picture.thumbnail} alt=${picture.name} />`
              : html`<div class="nothing">
                  ${icon("image")}<strong>${text.noPictures}</strong>
                  <p class="small soft">${text.noPicturesHint}</p>
                  <button class="small" @click=${this.onAsk}>${text.openPictures}</button>
                </div>`
        }
      </div>
      <div class="under small">
        ${
          preview
            ? html`<figure>
                <img class="seen" src=${this.#preview(preview)} alt="" />
                <figcaption class="soft">
                  ${text.networkSees}<br /><span class="int">${shape([preview.width, preview.height])}</span>
                </figcaption>
              </figure>`
            : html`<span class="soft">${bundled ? text.drawHere : nothing}</span>`
        }
        ${bundled ? html`<button class="clear" @click=${this.onClear}>${text.clear}</button>` : nothing}
      </div>
      ${
        pictures.length > 1 || (bundled && pictures.length > 0)
          ? html`<ul class="strip" aria-label=${text.thumbnails} @keydown=${this.onKey}>
              ${pictures.slice(0, this.#added.count).map((one, i) => {
                const name = text.pictureNamed(one.name, this.#labelOf(one.label));
                return html`<li>
                  <button
                    aria-label=${name}
                    title=${name}
                    aria-pressed=${i === current}
                    tabindex=${i === current || (current === "drawing" && i === 0) ? 0 : -1}
                    @click=${() => playground.choosePicture(i)}
                  >
                    <img src=${one.thumbnail} alt="" loading="lazy" />
                  </button>
                </li>`;
              })}
            </ul>`
          : bundled
            ? html`<div class="strip"></div>`
            : nothing
      }
    `;
  }

  private onAsk(): void {
    this.dispatchEvent(new CustomEvent("pictures-wanted", { bubbles: true, composed: true }));
  }

  private onClear(): void {
    this.renderRoot.querySelector<Draw>("sw-draw")?.clear();
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 8px;
        min-width: 0;
      }
      .surface {
        position: relative;
        aspect-ratio: 1;
        max-height: 232px;
        border-radius: 6px;
        overflow: hidden;
        background: var(--raised);
        outline: 1px solid var(--line);
      }
      .picture {
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      .nothing {
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 8px;
        height: 100%;
        padding: 16px;
        text-align: center;
      }
      .nothing .icon {
        font-size: 2rem;
      }
      .under {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        min-height: 40px;
        line-height: 1.25;
      }
      .under figure {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .seen {
        width: 40px;
        height: 40px;
        object-fit: contain;
        image-rendering: pixelated;
        outline: 1px solid var(--line);
      }
      /* As high before there are pictures as with a scroll bar beneath them. */
      .strip {
        display: flex;
        gap: 4px;
        box-sizing: border-box;
        height: 56px;
        margin: -4px;
        padding: 4px;
        overflow-x: auto;
        scrollbar-width: thin;
        scrollbar-color: var(--line) transparent;
      }
      .strip button {
        padding: 0;
        min-height: 0;
        width: 36px;
        height: 36px;
        overflow: hidden;
        border-radius: 4px;
      }
      .strip button[aria-pressed="true"] {
        outline: 3px solid var(--mark-line);
        outline-offset: 0;
      }
      .strip button:focus-visible {
        outline: 2px solid var(--ink);
        outline-offset: 2px;
      }
      .strip img {
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      @media (max-width: 359px) {
        figcaption {
          display: none;
        }
      }
      @media (max-width: 719px) {
        :host {
          display: grid;
          grid-template-columns: 132px minmax(0, 1fr);
          grid-template-rows: auto 1fr;
          gap: 8px 12px;
        }
        .surface {
          grid-row: 1 / 3;
          max-height: none;
        }
        .strip {
          flex-flow: column wrap;
          align-content: start;
          height: 84px;
          align-self: end;
        }
      }
      @media print {
        .surface {
          width: 132px;
        }
        .strip,
        .clear {
          display: none;
        }
      }
    `,
  ];
}
