/** The accumulator of each lane after every product, and the main lane's products as bars. A press goes to a product. */

import { css, html, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { SizedElement } from "../charts/sized";
import { mark } from "../components/marks";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { written } from "./bits";
import type { Lane } from "./tracer";

const HEIGHT = 132;
const MARGIN = { top: 8, right: 12, bottom: 20, left: 76 };
const words = text.datapath.chart;
const int = (value: number) => written(BigInt(value), 32, "decimal");

@customElement("sw-accumulation")
export class Accumulation extends SizedElement {
  /** The main lane first. */
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @property({ type: Number }) added = 0;

  #choose(event: PointerEvent): void {
    if (event.type === "pointermove" && event.buttons === 0) return;
    const taps = this.lanes[0]?.trace.taps.length ?? 0;
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
    const detail = Math.max(0, Math.min(taps, Math.round(share * taps)));
    this.dispatchEvent(new CustomEvent<number>("product-chosen", { detail }));
  }

  protected override render() {
    const [main] = this.lanes;
    if (!main) return nothing;
    return html`<div class="head small">
        <h3>${words.title}</h3>
        ${this.lanes.map(({ scheme, trace }) => {
          const value = this.added === 0 ? 0 : (trace.taps[this.added - 1]?.accumulator ?? 0);
          return html`<span class=${scheme}>${mark(scheme)} <span class="int">${int(value)}</span></span>`;
        })}
      </div>
      ${this.width > 0 ? this.#draw(main) : html`<div style="height:${HEIGHT}px"></div>`}`;
  }

  #draw(main: Lane) {
    const { width } = this;
    const taps = main.trace.taps.length;
    let [low, high] = [0, 0];
    for (const { trace } of this.lanes) {
      for (const { accumulator, product } of trace.taps) {
        low = Math.min(low, accumulator, product);
        high = Math.max(high, accumulator, product);
      }
    }
    const span = Math.max(1, high - low);
    const x = (at: number) => MARGIN.left + (at / Math.max(1, taps)) * (width - MARGIN.left - MARGIN.right);
    const y = (value: number) => MARGIN.top + ((high - value) / span) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const growth = ({ trace }: Lane) =>
      `M${x(0)} ${y(0).toFixed(1)}` +
      trace.taps.map((tap, i) => `H${x(i + 1).toFixed(1)}V${y(tap.accumulator).toFixed(1)}`).join("");
    const bars = main.trace.taps
      .map(({ product }, i) =>
        product === 0 ? "" : `M${x(i + 0.5).toFixed(1)} ${y(0).toFixed(1)}V${y(product).toFixed(1)}`,
      )
      .join("");
    const ticks = [high, 0, low].filter((value, i, all) => all.indexOf(value) === i);
    // Labels closer than a line of text would lie on each other: zero stays.
    const labelled = ticks.filter((value) => value === 0 || Math.abs(y(value) - y(0)) > 12);
    return html`<svg
      class="plot"
      width=${width}
      height=${HEIGHT}
      viewBox="0 0 ${width} ${HEIGHT}"
      aria-hidden="true"
      @pointerdown=${this.#choose}
      @pointermove=${this.#choose}
    >
      ${labelled.map(
        (value) =>
          svg`<path class="grid" d="M${MARGIN.left} ${y(value)}H${width - MARGIN.right}" />
            <text x=${MARGIN.left - 6} y=${y(value) + 4} text-anchor="end">${int(value)}</text>`,
      )}
      <rect
        class="ahead"
        x=${x(this.added)}
        y=${MARGIN.top}
        width=${Math.max(0, width - MARGIN.right - x(this.added))}
        height=${HEIGHT - MARGIN.top - MARGIN.bottom}
      />
      <path class="bars ${main.scheme}" d=${bars} stroke-width=${Math.max(1, Math.min(8, (x(1) - x(0)) * 0.5))} />
      ${[...this.lanes].reverse().map((lane) => svg`<path class="growth ${lane.scheme}" d=${growth(lane)} />`)}
      <path class="now" d="M${x(this.added)} ${MARGIN.top - 4}V${HEIGHT - MARGIN.bottom + 4}" />
      <text x=${MARGIN.left} y=${HEIGHT - 4}>0</text>
      <text x=${width - MARGIN.right} y=${HEIGHT - 4} text-anchor="end">${words.products(taps)}</text>
    </svg>`;
  }

  static override styles = [
    shared,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 2px 16px;
      }
      svg.plot {
        display: block;
        cursor: ew-resize;
        touch-action: pan-y;
      }
      .plot path {
        fill: none;
      }
      .grid {
        stroke: var(--line);
        shape-rendering: crispEdges;
      }
      .growth {
        stroke: currentcolor;
        stroke-width: 1.75;
      }
      .growth.layer-wise {
        stroke-dasharray: 5 3;
      }
      .bars {
        stroke: currentcolor;
        stroke-opacity: 0.3;
      }
      .ahead {
        fill: var(--hair);
        opacity: 0.7;
      }
      .now {
        stroke: var(--ink);
        stroke-width: 1.5;
      }
      text {
        fill: var(--soft);
        font: 0.6875rem var(--mono);
      }
    `,
  ];
}
