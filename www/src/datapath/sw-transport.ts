/** Play, step and scrub through a datapath. Playing is a motion: where motion is reduced it is not offered. */

import { css, html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { clampFrame, end, fromSlider, momentOf, nextOnPlay, SLIDER_MAX, toSlider, type Course } from "./playhead";

const words = text.datapath;
/** Time that a move of playing is looked at: of products, and of blocks, in which more happens. */
const MOVE_MS = { products: 220, blocks: 700 };
/** Together with Shift, arrow keys move by this share of the products. */
const STRIDES = 10;

const glyphs = {
  first: svg`<path d="M3.5 3v10M12.5 3 6 8l6.5 5z" />`,
  back: svg`<path d="M11 3 4.5 8l6.5 5z" />`,
  play: svg`<path d="M4 2.5 13 8l-9 5.5z" />`,
  pause: svg`<path d="M5 3v10M11 3v10" />`,
  step: svg`<path d="m5 3 6.5 5L5 13z" />`,
  last: svg`<path d="M12.5 3v10M3.5 3 10 8l-6.5 5z" />`,
} as const;

@customElement("sw-transport")
export class Transport extends LitElement {
  @property({ attribute: false }) course: Course = { taps: 0, blocks: 0 };
  @property({ type: Number }) frame = 0;
  /** Name of the block that was done last; null while products are added. */
  @property({ attribute: false }) at: string | null = null;
  @state() private playing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.playing = false;
  }

  #go(frame: number): void {
    this.#stop();
    this.#tell(frame);
  }

  #tell(frame: number): void {
    const detail = clampFrame(frame, this.course);
    this.dispatchEvent(new CustomEvent<number>("frame-chosen", { detail }));
  }

  #toggle(): void {
    if (this.playing) return this.#stop();
    this.playing = true;
    if (this.frame >= end(this.course)) this.#tell(0);
    this.#later();
  }

  #later(): void {
    const wait = this.frame < this.course.taps ? MOVE_MS.products : MOVE_MS.blocks;
    this.#timer = setTimeout(() => {
      const next = nextOnPlay(this.frame, this.course);
      this.#tell(next);
      if (next < end(this.course)) this.#later();
      else this.#stop();
    }, wait);
  }

  /** The slider's own keys would move by its pixels, not by products and blocks. */
  #onKey(event: KeyboardEvent): void {
    const stride = event.shiftKey ? Math.max(1, Math.round(this.course.taps / STRIDES)) : 1;
    const targets: Record<string, number> = {
      ArrowRight: this.frame + stride,
      ArrowUp: this.frame + stride,
      ArrowLeft: this.frame - stride,
      ArrowDown: this.frame - stride,
      Home: 0,
      End: end(this.course),
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#go(target);
  }

  protected override render() {
    const { frame, course } = this;
    const { added } = momentOf(frame, course);
    const where = words.at(added, course.taps, this.at);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const button = (glyph: keyof typeof glyphs, name: string, press: () => void, disabled = false): TemplateResult =>
      html`<button aria-label=${name} title=${name} ?disabled=${disabled} @click=${press}>
        <svg viewBox="0 0 16 16" aria-hidden="true">${glyphs[glyph]}</svg>
      </button>`;
    const [atStart, atEnd] = [frame <= 0, frame >= end(course)];
    return html`<div class="bar" role="group" aria-label=${words.transport}>
        ${button("first", words.first, () => this.#go(0), atStart)}
        ${button("back", words.back, () => this.#go(frame - 1), atStart)}
        ${
          still
            ? nothing
            : this.playing
              ? button("pause", words.pause, () => this.#toggle())
              : button("play", words.play, () => this.#toggle())
        }
        ${button("step", words.step, () => this.#go(frame + 1), atEnd)}
        ${button("last", words.last, () => this.#go(end(course)), atEnd)}
      </div>
      <input
        type="range"
        min="0"
        max=${SLIDER_MAX}
        step="any"
        aria-label=${words.scrub}
        aria-valuetext=${where}
        aria-description=${words.keys}
        .value=${String(toSlider(frame, course))}
        @input=${(event: Event) => this.#go(fromSlider(Number((event.target as HTMLInputElement).value), course))}
        @keydown=${this.#onKey}
      />
      <p class="small num">${where}</p>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: auto minmax(120px, 1fr) minmax(11em, auto);
        gap: 4px 12px;
        align-items: center;
      }
      .bar {
        display: flex;
      }
      button {
        padding: 0 9px;
        border-radius: 0;
        margin-inline-start: -1px;
      }
      button:first-child {
        border-radius: 6px 0 0 6px;
      }
      button:last-child {
        border-radius: 0 6px 6px 0;
      }
      button svg {
        width: 14px;
        height: 14px;
        fill: currentcolor;
        stroke: currentcolor;
        stroke-width: 2;
        stroke-linejoin: round;
      }
      input {
        width: 100%;
        min-height: 24px;
        margin: 0;
        accent-color: var(--ink);
      }
      @container (max-width: 560px) {
        :host {
          grid-template-columns: minmax(0, 1fr) auto;
        }
        input,
        p {
          grid-column: 1 / -1;
        }
      }
    `,
  ];
}
