/**
 * The ruler: one channel's weights as dots on the integer ticks. Above, under layer-wise; below, magnified by the
 * channel's shift. Pressing *shift* lets the dots fall from one to the other, spreading by 2^k, and snap to ticks.
 */

import { css, html, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { mark } from "../components/marks";
import type { ChannelDetail } from "../engine/types";
import { real } from "../format";
import { text } from "../strings";
import { shared, tableTwin, table } from "../styles/shared";
import { SizedElement } from "./sized";
import { dots, pitch, stack, stackTicks, type Stacks } from "./stacks";
import "../takeaway/sw-take";

const DURATION_MS = 300;
const BELOW = 22;

@customElement("sw-ruler")
export class Ruler extends SizedElement {
  @property({ attribute: false }) layerWise: ChannelDetail | undefined;
  @property({ attribute: false }) shiftWise: ChannelDetail | undefined;
  @property({ type: Boolean, reflect: true }) compact = false;

  /** Doublings shown below, 0..k; a fraction while moving. */
  @state() private doublings = 0;
  /** How far the falling dots are, 0 above to 1 below and snapped. */
  @state() private fall = 1;
  /** Doublings that the dots are on their way to. */
  #target = 0;
  #frame = 0;
  #stacks: { weights: ArrayLike<number>; above: Stacks; below: Stacks; key: string } | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("shiftWise") && !changed.has("layerWise")) return;
    const before = changed.get("shiftWise") as ChannelDetail | undefined;
    const now = this.shiftWise;
    cancelAnimationFrame(this.#frame);
    this.fall = 1;
    this.doublings = this.#target = now?.shift ?? 0;
    // Another channel or another shift: show how it comes about. The first one, and a mere refresh, just appear.
    const moved =
      before && now && (before.shift !== now.shift || before.channel !== now.channel || before.node !== now.node);
    if (moved && now.shift > 0) this.#animate(now.shift, before.channel === now.channel ? before.shift : 0);
  }

  private play(): void {
    const k = this.shiftWise?.shift ?? 0;
    if (k > 0) this.#animate(k, 0);
  }

  private show(k: number): void {
    this.#animate(k, this.doublings);
  }

  #animate(to: number, from: number): void {
    cancelAnimationFrame(this.#frame);
    this.#target = to;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.doublings = to;
      this.fall = 1;
      return;
    }
    const falls = from === 0 && to > 0;
    const begin = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, Math.max(0, (now - begin) / DURATION_MS));
      const eased = t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2;
      this.doublings = t === 1 ? to : from + (to - from) * eased;
      this.fall = falls ? eased : 1;
      if (t < 1) this.#frame = requestAnimationFrame(step);
    };
    step(begin);
  }

  protected override render() {
    const { layerWise, shiftWise } = this;
    if (!layerWise || !shiftWise) return nothing;
    const k = shiftWise.shift;
    const { above, below } = this.#arrange(layerWise, shiftWise);
    const steps = Array.from({ length: k + 1 }, (_, i) => i);
    return html`
      <figure>
        ${this.width > 0 ? this.#draw(layerWise, shiftWise, above, below) : html`<div class="space"></div>`}
        <div class="controls">
          <button class="strong" @click=${this.play} ?disabled=${k === 0}>
            ${k === 0 ? text.ruler.none : text.ruler.play(k)}
          </button>
          ${
            k > 1
              ? html`<div class="steps int" role="group" aria-label=${text.ruler.steps}>
                  ${steps.map(
                    (i) =>
                      html`<button aria-pressed=${i === this.#target} @click=${() => this.show(i)}>
                        ${text.ruler.step(i)}
                      </button>`,
                  )}
                </div>`
              : nothing
          }
          <figcaption class="soft small">${text.ruler.explain(k)}</figcaption>
          ${this.compact ? nothing : html`<sw-take chart="ruler"></sw-take>`}
        </div>
      </figure>
      ${this.compact ? this.#twin(layerWise, shiftWise) : nothing}
    `;
  }

  #arrange(layerWise: ChannelDetail, shiftWise: ChannelDetail): { above: Stacks; below: Stacks } {
    const at = this.#target;
    const { weights, scale, q_max } = shiftWise;
    const key = `${at} ${scale} ${layerWise.scale} ${q_max}`;
    if (this.#stacks?.weights !== weights || this.#stacks.key !== key) {
      const above = stackTicks(Array.from(layerWise.integers), weights);
      const below =
        at === shiftWise.shift ? stackTicks(Array.from(shiftWise.integers), weights) : stack(weights, scale, at, q_max);
      this.#stacks = { weights, above, below, key };
    }
    return this.#stacks;
  }

  #draw(layerWise: ChannelDetail, shiftWise: ChannelDetail, above: Stacks, below: Stacks) {
    const { width, compact, fall, doublings } = this;
    const { weights, scale, q_max: q, shift: k } = shiftWise;
    const narrow = width < 560;
    const room = compact ? 44 : narrow ? 40 : 72;
    const height = 2 * (room + BELOW) + 8;
    const margin = narrow ? 12 : 20;
    const x = (tick: number) => width / 2 + (tick / q) * (width / 2 - margin);
    const top = room;
    const bottom = room + BELOW + 8 + room;
    const count = weights.length;
    const spacing = (width - 2 * margin) / (2 * q);
    const diameter = count <= 32 ? 8 : Math.max(2.4, Math.min(8, spacing * 0.95));
    const lift = (base: number, stacks: Stacks, i: number) =>
      base - 1.5 - diameter / 2 - (stacks.heights[i] ?? 0) * pitch(stacks, diameter, room - 4);

    const aboveX = above.ticks.map(x);
    const aboveY = above.ticks.map((_, i) => lift(top, above, i));
    const factor = 2 ** doublings / scale;
    const resting = fall === 1 && Number.isInteger(doublings);
    const belowX = below.ticks.map((tick, i) =>
      x(resting ? tick : Math.max(-q, Math.min(q, (weights[i] ?? 0) * factor))),
    );
    const belowY = below.ticks.map((_, i) => {
      const rest = lift(bottom, below, i);
      return (aboveY[i] ?? 0) + (rest - (aboveY[i] ?? 0)) * fall;
    });

    // The beam joins the channel's ends above to its ends below: how much the shift magnifies.
    let [least, most] = [0, 0];
    for (let i = 0; i < count; i++) {
      least = Math.min(least, weights[i] ?? 0);
      most = Math.max(most, weights[i] ?? 0);
    }
    const [left, right] = [x(least / layerWise.scale), x(most / layerWise.scale)];
    const beam = `M${left} ${top}H${right}L${x(Math.min(q, most * factor))} ${bottom}H${x(Math.max(-q, least * factor))}Z`;
    const label = text.ruler.description(count, above.levels, below.levels, k);
    return html`<div class="plate">
      <p class="tag above small">
        ${mark("layer-wise")} <span class="layer-wise">${text.schemes["layer-wise"]}</span>
        <span class="soft">${text.ruler.levels(above.levels)}</span>
      </p>
      <p class="tag below small" style="top:${room + BELOW}px">
        ${mark("shift-wise")} <span class="shift-wise">${text.schemes["shift-wise"]}</span>
        <span class="int">${text.ruler.step(Math.round(doublings))}</span>
        <span class="soft">${text.ruler.levels(below.levels)}</span>
      </p>
      <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>
        <path class="beam" d=${beam} />
        ${this.#scale(x, q, top, spacing, false)} ${this.#scale(x, q, bottom, spacing, true)}
        <path class="dots layer-wise" d=${dots(aboveX, aboveY)} stroke-width=${diameter} />
        <path class="dots shift-wise" d=${dots(belowX, belowY)} stroke-width=${diameter} />
      </svg>
    </div>`;
  }

  #scale(x: (tick: number) => number, q: number, y: number, spacing: number, labelled: boolean) {
    // On a narrow screen the ticks would run together: every second, fourth, ... is drawn then.
    let every = 1;
    while (spacing * every < 2.6) every *= 2;
    let ticks = "";
    for (let tick = -q; tick <= q; tick++) {
      const long = tick === 0 || Math.abs(tick) === q;
      const middle = tick % 16 === 0;
      if (!long && !middle && tick % every !== 0) continue;
      ticks += `M${x(tick).toFixed(1)} ${y}v${long ? 9 : middle ? 7 : 4}`;
    }
    const named = q > 32 ? [-q, -64, -32, 0, 32, 64, q] : [-q, 0, q];
    return svg`
      <path class="ticks" d="M${x(-q)} ${y}H${x(q)}${ticks}" />
      ${
        labelled
          ? named.map(
              (tick) =>
                svg`<text x=${x(tick)} y=${y + 20} text-anchor=${tick === -q ? "start" : tick === q ? "end" : "middle"} dx=${tick === -q ? -6 : tick === q ? 6 : 0}>${String(tick).replace("-", "\u2212")}</text>`,
            )
          : nothing
      }
    `;
  }

  #twin(layerWise: ChannelDetail, shiftWise: ChannelDetail) {
    const words = text.ruler.table;
    const most = 256;
    return html`<sw-take chart="ruler"></sw-take>
      <details class="twin">
        <summary>${text.tableTwin}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label=${text.ruler.title(shiftWise.channel)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${words.weight}</th>
                <th scope="col">${words.layer}</th>
                <th scope="col">${words.shift}</th>
              </tr>
            </thead>
            <tbody>
              ${Array.from(shiftWise.weights)
                .slice(0, most)
                .map(
                  (weight, i) =>
                    html`<tr>
                      <td>${real(weight)}</td>
                      <td class="int">${layerWise.integers[i]}</td>
                      <td class="int">${shiftWise.integers[i]}</td>
                    </tr>`,
                )}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    css`
      .plate {
        position: relative;
      }
      .tag {
        position: absolute;
        left: 0;
        display: flex;
        gap: 6px;
        align-items: baseline;
        font-weight: 600;
        pointer-events: none;
      }
      .tag .soft {
        font-weight: 400;
      }
      .tag.above {
        top: 0;
      }
      svg[role="img"] {
        display: block;
        overflow: visible;
      }
      .ticks,
      .dots {
        fill: none;
      }
      .dots {
        stroke: currentColor;
        stroke-linecap: round;
      }
      .beam {
        fill: var(--shift-wise);
        fill-opacity: 0.09;
      }
      .ticks {
        stroke: var(--ink);
        stroke-width: 1;
        stroke-opacity: 0.72;
        shape-rendering: crispEdges;
      }
      text {
        fill: var(--soft);
        font: 0.6875rem var(--mono);
      }
      .space {
        height: 176px;
      }
      .controls {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        margin-top: 4px;
      }
      .steps {
        display: flex;
        flex-wrap: wrap;
        row-gap: 2px;
      }
      .steps button {
        border-radius: 0;
        margin-inline-start: -1px;
        padding: 0 8px;
        min-width: 32px;
        justify-content: center;
      }
      .steps button:first-child {
        border-radius: 6px 0 0 6px;
      }
      .steps button:last-child {
        border-radius: 0 6px 6px 0;
      }
      .steps button[aria-pressed="true"] {
        background: var(--mark);
        border-color: var(--mark-line);
        z-index: 1;
      }
      @media print {
        .controls button {
          display: none;
        }
      }
    `,
  ];
}
