/** The mask over the picture: a colour for each class, float's borders as a line, and the classes with their shares. */

import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { Pointed } from "../charts/pointed";
import type { TaskResult } from "../engine/types";
import { things } from "../findings";
import { percent } from "../format";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { frame, stepped, within, type Base } from "./frame";
import { MOST_LISTED } from "./legend";
import { parts, type Palette } from "./palette";

export type Mask = Extract<TaskResult, { kind: "mask" }>;

const words = text.results.mask;
/** Of the background, when it is pointed at. */
const GRAY = [128, 128, 128] as const;
/** Of a row of the list, in pixels. */
const ROW = 22;

@customElement("sw-mask")
export class MaskView extends LitElement {
  @property({ attribute: false }) mask!: Mask;
  /** Float's, to compare with; none for float itself. */
  @property({ attribute: false }) float: Mask | null = null;
  @property({ attribute: false }) palette!: Palette;
  @property({ attribute: false }) base!: Base;
  /** Of the colours, 0..1. */
  @property({ type: Number }) opacity = 0.6;
  @property() name = "";
  /** Rows to keep free for classes, so that all schemes' figures are on one line. */
  @property({ type: Number }) rows = 0;
  /** A class, and where in the picture; by key, and in the list, it is nowhere. */
  readonly #pointed = new Pointed<{ class: number; pointer: { x: number; y: number } | null }>(this);
  #drawn: number | null = null;
  @query("canvas") private canvas!: HTMLCanvasElement;

  #label(one: number): string {
    return this.mask.classes.find((other) => other.class === one)?.label ?? String(one);
  }

  /** The class under the pointer. */
  #under(event: MouseEvent) {
    const { width, height, pixels } = this.mask;
    const { x, y } = within(event);
    const column = Math.min(width - 1, Math.max(0, Math.floor(x * width)));
    const row = Math.min(height - 1, Math.max(0, Math.floor(y * height)));
    const one = pixels[row * width + column];
    return one === undefined ? null : { class: one, pointer: { x, y } };
  }

  private onClick(event: MouseEvent): void {
    const place = this.#under(event);
    if (place) this.#pointed.pin(place);
  }

  private onKey(event: KeyboardEvent): void {
    if (this.#pointed.onEscape(event)) return;
    const { classes } = this.mask;
    const current = classes.findIndex((one) => one.class === this.#pointed.at?.class);
    const next = stepped(event.key, current < 0 ? null : current, classes.length);
    const one = next === null ? undefined : classes[next]?.class;
    if (one === undefined) return;
    event.preventDefault();
    this.#pointed.pin({ class: one, pointer: null });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Another picture has other classes, and has them elsewhere.
    if (changed.has("mask")) this.#pointed.keep(() => false);
  }

  protected override updated(changed: PropertyValues): void {
    const active = this.#pointed.at?.class ?? null;
    const isOld = ["mask", "float", "palette", "opacity"].some((name) => changed.has(name));
    if (isOld || active !== this.#drawn) this.#draw(active);
  }

  #draw(active: number | null): void {
    this.#drawn = active;
    const { width, height, pixels } = this.mask;
    this.canvas.width = width;
    this.canvas.height = height;
    const drawing = this.canvas.getContext("2d");
    if (!drawing) return;
    const image = drawing.createImageData(width, height);
    const colours = new Map([...this.palette].map(([one, colour]) => [one, parts(colour)]));
    const lit = new Set(active === null ? things(this.mask).map((one) => one.class) : [active]);
    const float = this.float?.pixels.length === pixels.length ? this.float.pixels : null;
    for (let i = 0; i < pixels.length; i++) {
      const one = pixels[i] ?? 0;
      const [red, green, blue] = colours.get(one) ?? GRAY;
      const line = float !== null && isBorder(float, i, width);
      image.data.set(line ? [255, 255, 255, 255] : [red, green, blue, lit.has(one) ? this.opacity * 255 : 0], i * 4);
    }
    drawing.putImageData(image, 0, 0);
  }

  protected override render() {
    const { base, mask } = this;
    const { class: active = null, pointer = null } = this.#pointed.at ?? {};
    return html`
      <div
        class="frame"
        style="--proportions:${base.proportions}"
        role="img"
        tabindex="0"
        aria-label=${words.label(this.name)}
        @keydown=${this.onKey}
        @click=${this.onClick}
        @pointermove=${(event: PointerEvent) => this.#pointed.hover(this.#under(event))}
        @pointerleave=${() => this.#pointed.hover(null)}
      >
        <img class=${base.coarse ? "coarse" : ""} src=${base.address} alt="" />
        <canvas class=${base.coarse ? "coarse" : ""}></canvas>
        ${active !== null && pointer ? this.#tag(active, pointer) : nothing}
      </div>
      <ul class="classes small" style="min-height:${this.rows * ROW}px" aria-label=${words.classes}>
        ${mask.classes.slice(0, MOST_LISTED).map(
          ({ class: one, label, share }) =>
            html`<li
              class=${active === one ? "active" : ""}
              @click=${() => this.#pointed.pin({ class: one, pointer: null })}
              @pointerenter=${() => this.#pointed.hover({ class: one, pointer: null })}
              @pointerleave=${() => this.#pointed.hover(null)}
            >
              <span class="swatch" style="background:${this.palette.get(one) ?? "transparent"}"></span>
              <span class="label">${label}</span><span class="num">${percent(share)}</span>
            </li>`,
        )}
        ${mask.classes.length > MOST_LISTED ? html`<li class="soft">${this.#others()}</li>` : nothing}
      </ul>
    `;
  }

  #others(): string {
    const rest = this.mask.classes.slice(MOST_LISTED).map(({ label }) => label);
    return words.others(rest);
  }

  #tag(one: number, { x, y }: { x: number; y: number }) {
    const across = x < 0.6 ? `left:calc(${x * 100}% + 12px)` : `right:calc(${(1 - x) * 100}% + 8px)`;
    return html`<span class="tag" style="${across};top:${Math.min(0.88, y) * 100}%">${this.#label(one)}</span>`;
  }

  static override styles = [
    shared,
    frame,
    css`
      .classes {
        margin: 6px 0 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 6px;
        height: 22px;
        border-radius: 3px;
      }
      li.active {
        background: var(--mark);
      }
      .swatch {
        flex: none;
        width: 12px;
        height: 12px;
        border-radius: 2px;
        box-shadow: 0 0 0 1px var(--line);
      }
      .label {
        flex: 1;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];
}

/** Whether the pixel to the right or below has another class. */
function isBorder(pixels: Uint8Array, i: number, width: number): boolean {
  const one = pixels[i];
  const below = pixels[i + width];
  const isLast = i % width === width - 1;
  return (!isLast && pixels[i + 1] !== one) || (below !== undefined && below !== one);
}
