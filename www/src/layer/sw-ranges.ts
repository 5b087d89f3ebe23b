/**
 * Every channel's range before and after its shift over the layer's common grid, on a logarithmic axis whose steps are
 * the shifts' own: x2. Drag a triangle to shift a channel by hand; drag elsewhere to pan; the strip below selects a span.
 */

import { css, html, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { LayerDetail } from "../engine/types";
import { fraction, real } from "../format";
import type { Order } from "../strings/layer";
import { layerText as text } from "../strings/layer";
import { shared } from "../styles/shared";
import { CanvasElement, fittingCanvasStyles } from "./canvas";
import { shifted, widest } from "./edits";
import {
  arrange,
  axisOf,
  HEIGHT,
  MARGIN,
  pan,
  reveal,
  wholeSpan,
  zoom,
  type Axis,
  type Places,
  type Span,
} from "./range-plot";
import { across, paintRanges } from "./ranges-painter";
import "./sw-overview";

/** How far from a triangle it is taken hold of, and how far a press may move and still be a click. */
const REACH = 14;
const SLACK = 4;
const WHEEL = 0.0025;

export interface ShiftSet {
  channel: number;
  shift: number;
  /** Names the drag it is part of. */
  gesture: string | null;
}

interface Press {
  x: number;
  y: number;
  span: Span;
  /** The channel whose triangle was taken, and its shift then. */
  taken: number | null;
  shift: number;
  moved: boolean;
  gesture: string;
}

@customElement("sw-ranges")
export class Ranges extends CanvasElement {
  @property({ attribute: false }) layerWise: LayerDetail | undefined;
  @property({ attribute: false }) shiftWise: LayerDetail | undefined;
  @property({ type: Number }) channel = 0;
  @property({ attribute: false }) order: Order = "range";
  /** Q and the largest shift. */
  @property({ type: Number }) q = 127;
  @property({ type: Number }) mostShift = 15;
  @state() private hovered: number | null = null;
  @state() private span: Span = wholeSpan(1);
  /** Where a triangle is being dragged to; the engine's answer takes its place. */
  @state() private dragged: { channel: number; shift: number } | null = null;
  @query("canvas") private canvas!: HTMLCanvasElement | null;

  #places: Places = { order: [], place: [] };
  #axis: Axis | undefined;
  #after: number[] = [];
  #press: Press | null = null;
  #presses = 0;

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { layerWise, shiftWise } = this;
    if (!layerWise || !shiftWise) return;
    const total = layerWise.ranges.length;
    const before = changed.get("layerWise") as LayerDetail | undefined;
    if (changed.has("layerWise") && before?.node !== layerWise.node) {
      this.hovered = null;
      this.span = wholeSpan(total);
    }
    const news = changed.has("layerWise") || changed.has("shiftWise");
    if (news && !this.#press) this.dragged = null;
    // While a triangle is being dragged, channels stay where they are.
    if ((news && !this.#press) || changed.has("order")) this.#places = arrange(this.order, layerWise, shiftWise);
    if (news || changed.has("dragged")) {
      const shifts = [...shiftWise.shifts];
      if (this.dragged) shifts[this.dragged.channel] = this.dragged.shift;
      this.#after = shifted(layerWise.ranges, shifts);
      if (!this.#press || !this.#axis) this.#axis = axisOf(layerWise.ranges, this.#after);
    }
    if (changed.has("channel") || changed.has("order")) {
      this.span = reveal(this.span, total, this.#places.place[this.channel] ?? 0);
    }
  }

  get #total(): number {
    return this.#places.order.length;
  }

  #choose(channel: number | undefined): void {
    if (channel === undefined || channel === this.channel) return;
    this.dispatchEvent(new CustomEvent<number>("channel-chosen", { detail: channel, bubbles: true, composed: true }));
  }

  #setShift(channel: number, shift: number, gesture: string | null): void {
    const detail: ShiftSet = { channel, shift: Math.max(0, Math.min(this.mostShift, shift)), gesture };
    this.dispatchEvent(new CustomEvent<ShiftSet>("shift-set", { detail, bubbles: true, composed: true }));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { order, place } = this.#places;
    const at = place[this.channel] ?? 0;
    const shift = this.shiftWise?.shifts[this.channel] ?? 0;
    const go = (to: number) => this.#choose(order[Math.max(0, Math.min(order.length - 1, to))]);
    const keys: Record<string, () => void> = {
      ArrowLeft: () => go(at - 1),
      ArrowRight: () => go(at + 1),
      Home: () => go(0),
      End: () => go(order.length - 1),
      ArrowUp: () => this.#setShift(this.channel, shift + 1, null),
      ArrowDown: () => this.#setShift(this.channel, shift - 1, null),
      "+": () => this.zoomBy(2),
      "=": () => this.zoomBy(2),
      "-": () => this.zoomBy(1 / 2),
      "0": () => this.zoomBy(0),
    };
    const act = keys[event.key];
    if (!act) return;
    this.hovered = null;
    act();
    event.preventDefault();
  }

  /** Closer by a factor, around the selected channel; 0 shows all. */
  zoomBy(factor: number): void {
    const anchor = (this.#places.place[this.channel] ?? 0) + 0.5;
    const closer = zoom(this.span, this.#total, factor, anchor);
    this.span = factor === 0 ? wholeSpan(this.#total) : reveal(closer, this.#total, anchor - 0.5);
  }

  // Pointer ----------------------------------------------------------------------------------------------------------

  /** The place under the pointer, a fraction. */
  #placeAt(x: number): number {
    return this.span.start + ((x - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right)) * this.span.count;
  }

  #channelAt(x: number): number | undefined {
    return this.#places.order[Math.max(0, Math.min(this.#total - 1, Math.floor(this.#placeAt(x))))];
  }

  /** The channel whose triangle is within reach; the selected one first. */
  #triangleAt(x: number, y: number): number | null {
    const near = (channel: number | undefined): channel is number =>
      channel !== undefined &&
      Math.abs(across({ width: this.width, span: this.span }, this.#places.place[channel] ?? 0) - x) <= REACH &&
      Math.abs((this.#axis?.y(this.#after[channel] ?? 0) ?? Infinity) - y) <= REACH;
    if (near(this.channel)) return this.channel;
    const channel = this.#channelAt(x);
    return near(channel) ? channel : null;
  }

  #at(event: PointerEvent | WheelEvent): [number, number] {
    const box = this.canvas?.getBoundingClientRect();
    return [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const [x, y] = this.#at(event);
    const taken = this.#triangleAt(x, y);
    const shift = taken === null ? 0 : (this.shiftWise?.shifts[taken] ?? 0);
    this.#press = { x, y, span: this.span, taken, shift, moved: false, gesture: `drag ${++this.#presses}` };
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  }

  private onMove(event: PointerEvent): void {
    const [x, y] = this.#at(event);
    const press = this.#press;
    if (!press) {
      this.hovered = this.#channelAt(x) ?? null;
      if (this.canvas) this.canvas.style.cursor = this.#triangleAt(x, y) === null ? "crosshair" : "ns-resize";
      return;
    }
    press.moved ||= Math.hypot(x - press.x, y - press.y) > SLACK;
    if (!press.moved) return;
    if (press.taken === null) {
      const places = ((press.x - x) / (this.width - MARGIN.left - MARGIN.right)) * press.span.count;
      this.span = pan(press.span, this.#total, places);
    } else {
      this.#drag(press.taken, press.shift + Math.round((press.y - y) / (this.#axis?.step ?? 1)), press.gesture);
    }
  }

  #drag(channel: number, wanted: number, gesture: string): void {
    const shift = Math.max(0, Math.min(this.mostShift, wanted));
    this.#choose(channel);
    if (this.dragged?.channel === channel && this.dragged.shift === shift) return;
    this.dragged = { channel, shift };
    this.#setShift(channel, shift, gesture);
  }

  private onUp(event: PointerEvent): void {
    const press = this.#press;
    this.#press = null;
    if (press && !press.moved) this.#choose(press.taken ?? this.#channelAt(this.#at(event)[0]));
    if (press?.taken == null) return;
    const { layerWise, shiftWise } = this;
    if (layerWise && shiftWise) this.#places = arrange(this.order, layerWise, shiftWise);
    if (layerWise) this.#axis = axisOf(layerWise.ranges, this.#after);
    // The engine may have answered while the drag went on.
    if (this.dragged && shiftWise?.shifts[this.dragged.channel] === this.dragged.shift) this.dragged = null;
    this.requestUpdate();
  }

  /** A finger scrolls the page, unless it takes hold of a triangle. */
  private readonly onTouch = {
    passive: false,
    handleEvent: (event: TouchEvent) => {
      const [touch] = event.touches;
      const box = this.canvas?.getBoundingClientRect();
      if (!touch || !box || event.touches.length > 1) return;
      if (this.#triangleAt(touch.clientX - box.left, touch.clientY - box.top) !== null) event.preventDefault();
    },
  };

  /** A wheel alone scrolls the page; with Ctrl (or two fingers spread) it zooms, sideways it pans. */
  private readonly onWheel = {
    passive: false,
    handleEvent: (event: WheelEvent) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        const anchor = this.#placeAt(this.#at(event)[0]);
        this.span = zoom(this.span, this.#total, Math.exp(-event.deltaY * WHEEL), anchor);
      } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        this.span = pan(this.span, this.#total, (sideways / this.width) * this.span.count);
      } else {
        return;
      }
      event.preventDefault();
    },
  };

  // Drawing ----------------------------------------------------------------------------------------------------------

  #readout(channel: number): string {
    const { layerWise, shiftWise } = this;
    const range = layerWise?.ranges[channel] ?? 0;
    const whole = widest(layerWise?.ranges ?? []);
    return text.readout(
      channel,
      real(range),
      fraction(whole, range),
      this.dragged?.channel === channel ? this.dragged.shift : (shiftWise?.shifts[channel] ?? 0),
      [(range / whole) * this.q, ((this.#after[channel] ?? 0) / widest(this.#after)) * this.q],
      [layerWise?.levels[channel] ?? 0, shiftWise?.levels[channel] ?? 0],
    );
  }

  protected override render() {
    const { layerWise, shiftWise, span } = this;
    if (!layerWise || !shiftWise) return nothing;
    const shown = this.hovered ?? this.channel;
    return html`
      <div
        class="plot"
        role="application"
        tabindex="0"
        aria-roledescription=${text.chart}
        aria-label="${text.ranges}. ${text.rangesKeys}"
        aria-describedby="selected"
        @keydown=${this.onKey}
        @pointerdown=${this.onDown}
        @pointermove=${this.onMove}
        @pointerup=${this.onUp}
        @pointercancel=${this.onUp}
        @pointerleave=${() => (this.hovered = null)}
        @wheel=${this.onWheel}
        @touchstart=${this.onTouch}
      >
        <canvas style="height:${HEIGHT}px"></canvas>
      </div>
      <sw-overview
        .span=${span}
        .scene=${this.#scene(layerWise)}
        @span-chosen=${(event: CustomEvent<Span>) => (this.span = event.detail)}
      ></sw-overview>
      <p class="small readout num">${this.#readout(shown)}</p>
      <p id="selected" class="unseen" aria-live="polite">${this.#readout(this.channel)}</p>
    `;
  }

  #scene({ ranges }: LayerDetail) {
    const axis = this.#axis;
    if (!axis || this.width <= 0) return undefined;
    const { width, q, hovered, span, dragged } = this;
    return {
      width,
      before: ranges,
      after: this.#after,
      q,
      scales: { layerWise: widest(ranges) / q, common: widest(this.#after) / q },
      axis,
      places: this.#places,
      span,
      channel: dragged?.channel ?? this.channel,
      hovered,
      dragging: dragged !== null,
    };
  }

  protected override paint(): void {
    const scene = this.layerWise && this.#scene(this.layerWise);
    const context = scene && this.surface(this.canvas, scene.width, HEIGHT);
    if (scene && context) paintRanges(context, scene, this.palette);
  }

  static override styles = [
    shared,
    fittingCanvasStyles,
    css`
      .plot {
        cursor: crosshair;
        touch-action: pan-y;
        user-select: none;
      }
      .plot:focus-visible {
        outline-offset: -2px;
      }
      .readout {
        height: 1.4em;
        margin-top: 4px;
        /* It changes with every move of the pointer, and lays out nothing else. */
        contain: strict;
      }
      @media (max-width: 719px) {
        .readout {
          height: 4.2em;
        }
      }
    `,
  ];
}
