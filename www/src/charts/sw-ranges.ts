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
import { HEIGHT, MARGIN, plotRanges, type RangePlot } from "./range-plot";
import { SizedElement } from "./sized";

@customElement("sw-ranges")
export class Ranges extends SizedElement {
  @property({ attribute: false }) layerWise: LayerDetail | undefined;
  @property({ attribute: false }) shiftWise: LayerDetail | undefined;
  @property({ type: Number }) channel = 0;
  @property({ type: Boolean }) byRange = true;
  @state() private hovered: number | null = null;

  /** Worked out once for all that moves over it. */
  #plot: RangePlot | undefined;

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { layerWise, shiftWise, byRange, width } = this;
    if (changed.has("layerWise")) this.hovered = null;
    if (!["layerWise", "shiftWise", "byRange", "width"].some((name) => changed.has(name))) return;
    this.#plot =
      layerWise && shiftWise && width > 0
        ? plotRanges(layerWise.ranges, shiftWise.shifted_ranges, byRange, width)
        : undefined;
  }

  #choose(channel: number | undefined): void {
    if (channel === undefined || channel === this.channel) return;
    this.dispatchEvent(new CustomEvent<number>("channel-chosen", { detail: channel, bubbles: true, composed: true }));
  }

  private onKey(event: KeyboardEvent): void {
    const { order, place: places } = this.#plot ?? { order: [], place: [] };
    const place = places[this.channel] ?? 0;
    const last = order.length - 1;
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
      this.#choose(order[Math.max(0, Math.min(last, target))]);
    }
    event.preventDefault();
  }

  #under(event: PointerEvent | MouseEvent): number | undefined {
    const { order, step } = this.#plot ?? { order: [], step: 1 };
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const place = Math.floor((event.clientX - box.left - MARGIN.left) / step);
    return order[Math.max(0, Math.min(order.length - 1, place))];
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
    const { layerWise, shiftWise } = this;
    if (!layerWise || !shiftWise) return nothing;
    const shown = this.hovered ?? this.channel;
    return html`
      ${this.#plot ? this.#draw(layerWise, this.#plot, shown) : html`<div style="height:${HEIGHT}px"></div>`}
      <p class="small readout num">${this.#readout(shown)}</p>
    `;
  }

  #draw(layerWise: LayerDetail, plot: RangePlot, shown: number) {
    const { width } = this;
    const { step, doublings, x, y } = plot;
    const lines = Array.from({ length: doublings + 1 }, (_, i) => i);
    const halfY = y((layerWise.scales[0] ?? 0) / 2);
    const place = plot.place[shown] ?? 0;
    const band = Math.max(3, step);
    return html`<div
      class="plot"
      role="slider"
      tabindex="0"
      aria-label="${text.ranges}. ${text.rangesKeys}"
      aria-orientation="horizontal"
      aria-valuemin="0"
      aria-valuemax=${Math.max(0, plot.order.length - 1)}
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
          const at = MARGIN.top + (i / doublings) * (HEIGHT - MARGIN.top - MARGIN.bottom);
          const labelled = doublings <= 10 || i % 2 === 0;
          return svg`<path class="grid" d="M${MARGIN.left} ${at}H${width - MARGIN.right}" />
            ${labelled ? svg`<text x=${MARGIN.left - 8} y=${at + 4} text-anchor="end">${i === 0 ? "R" : `R/${2 ** i}`}</text>` : nothing}`;
        })}
        ${
          halfY < y(0)
            ? svg`<path class="half" d="M${MARGIN.left} ${halfY}H${width - MARGIN.right}" />
                <text class="note" x=${width - MARGIN.right} y=${halfY + 13} text-anchor="end">${text.vanishes}</text>`
            : nothing
        }
        <path class="joins" d=${plot.joins} stroke-width=${Math.max(0.8, Math.min(2, step * 0.3))} />
        <path class="layer-wise" d=${plot.crosses} />
        <path class="shift-wise" d=${plot.triangles} />
        <text x=${MARGIN.left} y=${HEIGHT - 4}>${this.byRange ? text.narrowToWide : text.firstChannel}</text>
        <text x=${width - MARGIN.right} y=${HEIGHT - 4} text-anchor="end">
          ${this.byRange ? "" : plot.order.length - 1}
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
