/** The image that a network made, beside float's: a line to pull across, or what differs. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Pixels } from "../engine/types";
import { toAddress } from "../pictures";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { frame, within } from "./frame";

const words = text.results.image;
/** By how much differences are stretched. */
export const STRETCH = 8;

@customElement("sw-restored")
export class Restored extends LitElement {
  @property({ attribute: false }) image!: Pixels;
  /** Float's, to compare with; none for float itself. */
  @property({ attribute: false }) float: Pixels | null = null;
  /** Whether what differs is shown instead. */
  @property({ type: Boolean }) differences = false;
  @property() name = "";
  /** Where the line is, in per cent from the left. */
  @state() private line = 50;
  readonly #addresses = new WeakMap<object, string>();
  #difference: { image: Pixels; float: Pixels; address: string } | undefined;

  #address(pixels: Pixels): string {
    let address = this.#addresses.get(pixels.rgba);
    if (!address) this.#addresses.set(pixels.rgba, (address = toAddress(pixels)));
    return address;
  }

  #differing(image: Pixels, float: Pixels): string {
    if (this.#difference?.image !== image || this.#difference.float !== float) {
      this.#difference = { image, float, address: toAddress(difference(image, float)) };
    }
    return this.#difference.address;
  }

  protected override render() {
    const { image, float, line, name } = this;
    const coarse = image.width < 160 ? "coarse" : "";
    const frameStyle = `--proportions:${image.width / image.height};--line:${line}%`;
    if (!float || this.differences) {
      const address = float ? this.#differing(image, float) : this.#address(image);
      const label = float ? words.difference(name) : words.label(name);
      return html`<div class="frame" style=${frameStyle}><img class=${coarse} src=${address} alt=${label} /></div>`;
    }
    return html`
      <div
        class="frame compare"
        style=${frameStyle}
        @pointermove=${(event: PointerEvent) => (this.line = Math.round(within(event).x * 100))}
      >
        <img class=${coarse} src=${this.#address(float)} alt=${words.label(text.schemes.float)} />
        <img class="over ${coarse}" src=${this.#address(image)} alt=${words.label(name)} />
        <span class="line" aria-hidden="true"></span>
        ${line > 20 ? html`<span class="tag left">${text.schemes.float}</span>` : nothing}
        ${line < 70 ? html`<span class="tag right">${name}</span>` : nothing}
      </div>
      <input
        type="range"
        min="0"
        max="100"
        aria-label=${words.compare(name)}
        .value=${String(line)}
        @input=${(event: Event) => (this.line = Number((event.target as HTMLInputElement).value))}
      />
    `;
  }

  static override styles = [
    shared,
    frame,
    css`
      .compare {
        cursor: ew-resize;
        touch-action: pan-y;
      }
      .over {
        clip-path: inset(0 0 0 var(--line));
      }
      .line {
        position: absolute;
        inset: 0 auto 0 var(--line);
        width: 2px;
        margin-left: -1px;
        background: var(--paper);
        box-shadow: 0 0 0 1px rgb(0 0 0 / 0.5);
      }
      .left {
        left: 4px;
        bottom: 4px;
      }
      .right {
        right: 4px;
        bottom: 4px;
      }
      input {
        display: block;
        width: 100%;
        height: 24px;
        margin: 0;
        accent-color: var(--ink);
      }
    `,
  ];
}

/** Distance of each sample, stretched; black is equal. */
export function difference(image: Pixels, float: Pixels): Pixels {
  const rgba = image.rgba.map((sample, i) =>
    i % 4 === 3 ? 255 : Math.min(255, STRETCH * Math.abs(sample - (float.rgba[i] ?? 0))),
  );
  return { ...image, rgba };
}
