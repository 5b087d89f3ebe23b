/**
 * Every channel's range before and after its shift, on a logarithmic axis whose steps are the shifts' own: x2. A
 * handful of paths, however many channels there are.
 */

import { css, html, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { LayerDetail } from "../engine/types";
import { fraction, real } from "../format";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { SizedElement } from "./sized";

const HEIGHT = 248;
const MARGIN = { top: 12, right: 8, bottom: 24, left: 52 };
/** Ranges this many steps below R or further are drawn at the bottom. */
const DEEPEST = 16;

@customElement("sw-ranges")
export class Ranges extends SizedElement {
  @property({ attribute: false }) layerWise: LayerDetail | undefined;
  @property({ attribute: false }) shiftWise: LayerDetail | undefined;
  @property({ type: Number }) channel = 0;
  @property({ type: Boolean }) byRange = true;
  @state() private hovered: number | null = null;

  /** Channel at each position, and the position of each channel. */
  #order: number[] = [];
  #place: number[] = [];

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("layerWise") && !changed.has("byRange")) return;
    const ranges = this.layerWise?.ranges ?? [];
    this.#order = Array.from(ranges, (_, i) => i);
    if (this.byRange) this.#order.sort((a, b) => (ranges[a] ?? 0) - (ranges[b] ?? 0) || a - b);
    this.#place = [];
    for (const [place, channel] of this.#order.entries()) this.#place[channel] = place;
    this.hovered = null;
  }

  get #step(): number {
    return (this.width - MARGIN.left - MARGIN.right) / Math.max(1, this.#order.length);
  }

  #choose(channel: number | undefined): void {
    if (channel === undefined || channel === this.channel) return;
    this.dispatchEvent(new CustomEvent<number>("channel-chosen", { detail: channel, bubbles: true, composed: true }));
  }

  private onKey(event: KeyboardEvent): void {
    const place = this.#place[this.channel] ?? 0;
    const last = this.#order.length - 1;
    const targets: Record<string, number> = {
      ArrowLeft: place - 1,
      ArrowDown: place - 1,
      ArrowRight: place + 1,
      ArrowUp: place + 1,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (event.key === "PageUp" || event.key === "PageDown") {
      const detail = event.key === "PageUp" ? -1 : 1;
      this.dispatchEvent(new CustomEvent<number>("layer-step", { detail, bubbles: true, composed: true }));
    } else if (event.key === "Escape") {
      this.hovered = null;
      return;
    } else if (target === undefined) {
      return;
    } else {
      this.hovered = null;
      this.#choose(this.#order[Math.max(0, Math.min(last, target))]);
    }
    event.preventDefault();
  }

  #under(event: PointerEvent | MouseEvent): number | undefined {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const place = Math.floor((event.clientX - box.left - MARGIN.left) / this.#step);
    return this.#order[Math.max(0, Math.min(this.#order.length - 1, place))];
  }

  #readout(channel: number): string {
    const { layerWise, shiftWise } = this;
    const range = layerWise?.ranges[channel] ?? 0;
    const whole = Math.max(...(layerWise?.ranges ?? [0]));
    return text.channelReadout(
      channel,
      real(range),
      fraction(whole, range),
      shiftWise?.shifts[channel] ?? 0,
      layerWise?.levels[channel] ?? 0,
      shiftWise?.levels[channel] ?? 0,
    );
  }

  protected override render() {
    const { layerWise, shiftWise, width } = this;
    if (!layerWise || !shiftWise) return nothing;
    const shown = this.hovered ?? this.channel;
    return html`
      ${width > 0 ? this.#draw(layerWise, shiftWise, shown) : html`<div style="height:${HEIGHT}px"></div>`}
      <p class="small readout num">${this.#readout(shown)}</p>
    `;
  }

  #draw(layerWise: LayerDetail, shiftWise: LayerDetail, shown: number) {
    const { width } = this;
    const before = layerWise.ranges;
    const after = shiftWise.shifted_ranges;
    const whole = Math.max(...before, Number.MIN_VALUE);
    const depth = (range: number) => (range > 0 ? Math.min(DEEPEST, Math.log2(whole / range)) : DEEPEST);
    let deepest = 4;
    for (const range of before) deepest = Math.max(deepest, Math.ceil(depth(range)));
    const y = (range: number) => MARGIN.top + (depth(range) / deepest) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const step = this.#step;
    const x = (place: number) => MARGIN.left + (place + 0.5) * step;
    const size = Math.max(1.1, Math.min(4, step * 0.42));

    let joins = "";
    let crosses = "";
    let triangles = "";
    for (const [place, channel] of this.#order.entries()) {
      const at = x(place).toFixed(1);
      const low = y(before[channel] ?? 0).toFixed(1);
      const high = y(after[channel] ?? 0).toFixed(1);
      if (low !== high) joins += `M${at} ${low}V${high}`;
      const s = size.toFixed(1);
      crosses += `M${at} ${low}m-${s} -${s}l${2 * +s} ${2 * +s}m0 -${2 * +s}l-${2 * +s} ${2 * +s}`;
      triangles += `M${at} ${high}m0 -${s}l${s} ${(1.8 * size).toFixed(1)}h-${2 * +s}z`;
    }
    const lines = Array.from({ length: deepest + 1 }, (_, i) => i);
    const half = (layerWise.scales[0] ?? 0) / 2;
    const halfY = y(half);
    const place = this.#place[shown] ?? 0;
    const band = Math.max(3, step);
    return html`<div
      class="plot"
      role="slider"
      tabindex="0"
      aria-label="${text.ranges}. ${text.rangesKeys}"
      aria-orientation="horizontal"
      aria-valuemin="0"
      aria-valuemax=${Math.max(0, before.length - 1)}
      aria-valuenow=${this.channel}
      aria-valuetext=${this.#readout(this.channel)}
      @keydown=${this.onKey}
      @pointermove=${(event: PointerEvent) => (this.hovered = this.#under(event) ?? null)}
      @pointerleave=${() => (this.hovered = null)}
      @click=${(event: MouseEvent) => this.#choose(this.#under(event))}
    >
      <svg width=${width} height=${HEIGHT} viewBox="0 0 ${width} ${HEIGHT}" aria-hidden="true">
        <rect
          class="band"
          x=${x(place) - band / 2}
          y=${MARGIN.top - 8}
          width=${band}
          height=${HEIGHT - MARGIN.top - MARGIN.bottom + 16}
        />
        ${lines.map((i) => {
          const at = MARGIN.top + (i / deepest) * (HEIGHT - MARGIN.top - MARGIN.bottom);
          const labelled = deepest <= 10 || i % 2 === 0;
          return svg`<path class="grid" d="M${MARGIN.left} ${at}H${width - MARGIN.right}" />
            ${labelled ? svg`<text x=${MARGIN.left - 8} y=${at + 4} text-anchor="end">${i === 0 ? "R" : `R/${2 ** i}`}</text>` : nothing}`;
        })}
        ${
          depth(half) < deepest
            ? svg`<path class="half" d="M${MARGIN.left} ${halfY}H${width - MARGIN.right}" />
                <text class="note" x=${width - MARGIN.right} y=${halfY + 13} text-anchor="end">${text.vanishes}</text>`
            : nothing
        }
        <path class="joins" d=${joins} stroke-width=${Math.max(0.8, Math.min(2, step * 0.3))} />
        <path class="layer-wise" d=${crosses} />
        <path class="shift-wise" d=${triangles} />
        <text x=${MARGIN.left} y=${HEIGHT - 4}>${this.byRange ? text.narrowToWide : text.firstChannel}</text>
        <text x=${width - MARGIN.right} y=${HEIGHT - 4} text-anchor="end">
          ${this.byRange ? "" : before.length - 1}
        </text>
      </svg>
    </div>`;
  }

  static override styles = [
    shared,
    css`
      .plot {
        cursor: crosshair;
        touch-action: pan-y;
      }
      svg {
        display: block;
        overflow: visible;
      }
      path {
        fill: none;
      }
      .grid {
        stroke: var(--hair);
        shape-rendering: crispEdges;
      }
      .half {
        stroke: var(--soft);
        stroke-dasharray: 2 4;
      }
      .joins {
        stroke: var(--shift-wise);
        stroke-opacity: 0.32;
      }
      path.layer-wise {
        stroke: currentColor;
        stroke-width: 1.4;
      }
      path.shift-wise {
        fill: currentColor;
      }
      .band {
        fill: var(--mark);
      }
      text {
        fill: var(--soft);
        font: 0.6875rem var(--mono);
      }
      text.note {
        font-family: var(--sans);
        font-size: 0.75rem;
      }
      .readout {
        min-height: 1.4em;
        margin-top: 4px;
      }
    `,
  ];
}
