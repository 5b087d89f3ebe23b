/** All channels in a strip, and a brush over those that the chart above shows. */

import { css, html, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { layerText as text } from "../strings/layer";
import { shared } from "../styles/shared";
import { CanvasElement, fittingCanvasStyles } from "./canvas";
import { clampSpan, CLOSEST, MARGIN, pan, wholeSpan, type Span } from "./range-plot";
import { paintOverview, type Scene } from "./ranges-painter";

const HEIGHT = 36;
/** Fewer channels need no strip. */
const FEWEST = 24;

type Part = "start" | "end" | "window" | "strip";

@customElement("sw-overview")
export class Overview extends CanvasElement {
  @property({ attribute: false }) span: Span = wholeSpan(1);
  @property({ attribute: false }) scene: Scene | undefined;
  @query("canvas") private canvas!: HTMLCanvasElement | null;

  #press: { part: Part; place: number; span: Span } | null = null;
  #painted:
    { canvas: HTMLCanvasElement; after: readonly number[]; order: readonly number[]; width: number } | undefined;

  get #total(): number {
    return this.scene?.places.order.length ?? 0;
  }

  #placeAt(event: PointerEvent): number {
    const box = this.getBoundingClientRect();
    const inner = box.width - MARGIN.left - MARGIN.right;
    return ((event.clientX - box.left - MARGIN.left) / inner) * this.#total;
  }

  #set(span: Span): void {
    this.dispatchEvent(new CustomEvent<Span>("span-chosen", { detail: clampSpan(span, this.#total) }));
  }

  private onDown(event: PointerEvent): void {
    const part = ((event.target as HTMLElement).dataset["part"] ?? "strip") as Part;
    this.#press = { part, place: this.#placeAt(event), span: this.span };
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  }

  private onMove(event: PointerEvent): void {
    if (!this.#press) return;
    const { part, place, span } = this.#press;
    const at = Math.max(0, Math.min(this.#total, this.#placeAt(event)));
    const end = span.start + span.count;
    if (part === "window") return this.#set(pan(span, this.#total, at - place));
    if (part === "start") return this.#between(Math.min(at, end - CLOSEST), end);
    if (part === "end") return this.#between(span.start, Math.max(at, span.start + CLOSEST));
    this.#between(Math.min(place, at), Math.max(place, at));
  }

  #between(start: number, end: number): void {
    this.#set({ start, count: end - start });
  }

  private onKey(event: KeyboardEvent, part: "start" | "end"): void {
    const { start, count } = this.span;
    const stride = event.shiftKey ? 10 : 1;
    const by = { ArrowLeft: -stride, ArrowDown: -stride, ArrowRight: stride, ArrowUp: stride }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (part === "start") this.#between(Math.max(0, Math.min(start + by, start + count - CLOSEST)), start + count);
    else this.#between(start, Math.max(start + CLOSEST, Math.min(this.#total, start + count + by)));
  }

  protected override render() {
    const { span } = this;
    const total = this.#total;
    if (total < FEWEST) return nothing;
    const share = (places: number) => `${(places / total) * 100}%`;
    const [first, last] = [Math.floor(span.start), Math.ceil(span.start + span.count) - 1];
    const handle = (part: "start" | "end", now: number) =>
      html`<div
        class="handle ${part}"
        data-part=${part}
        role="slider"
        tabindex="0"
        aria-label=${part === "start" ? text.spanStart : text.spanEnd}
        aria-valuemin="1"
        aria-valuemax=${total}
        aria-valuenow=${now + 1}
        @keydown=${(event: KeyboardEvent) => this.onKey(event, part)}
      ></div>`;
    return html`<div
      class="strip"
      title=${text.overview}
      @pointerdown=${this.onDown}
      @pointermove=${this.onMove}
      @pointerup=${() => (this.#press = null)}
      @pointercancel=${() => (this.#press = null)}
      @dblclick=${() => this.#set(wholeSpan(total))}
    >
      <canvas style="height:${HEIGHT}px"></canvas>
      <div class="inner">
        <div class="track">
          <div class="window" data-part="window" style="left:${share(span.start)};width:${share(span.count)}">
            ${handle("start", first)} ${handle("end", last)}
          </div>
        </div>
      </div>
    </div>`;
  }

  /** What is in the strip does not change while the chart is panned. */
  protected override paint(): void {
    const { scene, width } = this;
    if (!scene || !this.canvas) return;
    const { after, places, dragging } = scene;
    const painted = this.#painted;
    const same = painted?.canvas === this.canvas && painted.after === after && painted.order === places.order;
    if (same && !dragging && painted?.width === width) return;
    const context = this.surface(this.canvas, width, HEIGHT);
    if (!context) return;
    paintOverview(context, { ...scene, width }, HEIGHT, this.palette);
    this.#painted = { canvas: this.canvas, after, order: places.order, width };
  }

  protected override recoloured(): void {
    this.#painted = undefined;
  }

  static override styles = [
    shared,
    fittingCanvasStyles,
    css`
      .strip {
        position: relative;
        touch-action: none;
        user-select: none;
        cursor: crosshair;
      }
      .inner {
        position: absolute;
        inset: 0 ${MARGIN.right - 12}px 0 ${MARGIN.left - 12}px;
        contain: strict;
        padding-inline: 12px;
        overflow: hidden;
      }
      .track {
        position: relative;
        height: 100%;
      }
      .window {
        position: absolute;
        inset-block: 0;
        border-block: 1px solid var(--mark-line);
        /* What is not shown above is dimmed. */
        box-shadow: 0 0 0 100vw color-mix(in srgb, var(--paper) 72%, transparent);
        cursor: grab;
      }
      .window:active {
        cursor: grabbing;
      }
      .handle {
        position: absolute;
        inset-block: 0;
        width: 24px;
        cursor: ew-resize;
      }
      .handle::after {
        content: "";
        position: absolute;
        inset-block: 8px;
        left: 10px;
        width: 4px;
        border-radius: 2px;
        background: var(--mark-line);
      }
      .handle.start {
        left: -12px;
      }
      .handle.end {
        right: -12px;
      }
    `,
  ];
}
