/** The schematic: from the line buffer down to the output byte, each block under two schemes side by side. */

import { css, html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { mark } from "../components/marks";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { written, type Base } from "./bits";
import { blocksOf, type BlockId } from "./blocks";
import { accumulatorHeadroom, type Headroom } from "./headroom";
import type { Moment } from "./playhead";
import { register, registerLegend, registerStyles } from "./register";
import type { Lane } from "./tracer";
import "./sw-block";
import "./sw-products";

const words = text.datapath;

/** Symbols of a block diagram. */
const symbols: Record<BlockId | "buffer" | "accumulator", TemplateResult> = {
  buffer: svg`<path d="M5 6h22v20H5zM12.3 6v20M19.6 6v20M5 12.6h22M5 19.3h22" />`,
  accumulator: svg`<circle cx="16" cy="16" r="12" /><path d="M20.500 11.500V9.500h-9l5.500 6.500-5.500 6.500h9v-2" />`,
  bias: svg`<circle cx="16" cy="16" r="12" /><path d="M16 9.500v13M9.500 16h13" />`,
  multiply: svg`<circle cx="16" cy="16" r="12" /><path d="m11 11 10 10m0-10L11 21" />`,
  factor: svg`<circle cx="16" cy="16" r="12" /><path d="m11 11 10 10m0-10L11 21" />`,
  shift: svg`<path d="M4 6h24v20H4z" /><path d="m10 11 5 5-5 5m7-10 5 5-5 5" />`,
  high: svg`<path d="M4 6h24v20H4z" /><path d="m10 11 5 5-5 5m7-10 5 5-5 5" />`,
  divide: svg`<path d="M4 6h24v20H4z" /><path d="m10 11 5 5-5 5m7-10 5 5-5 5" />`,
  raise: svg`<path d="M4 6h24v20H4z" /><path d="m15 11-5 5 5 5m7-10-5 5 5 5" />`,
  convert: svg`<path d="M4 6h24v20H4z" /><path d="M18.500 10.500h-2q-2 0-2 2.500v8.500m-2.500-6h5.500" />`,
  round: svg`<path d="M4 6h24v20H4z" /><path d="M9 20h5v-4h5v-4h5" />`,
  zero: svg`<circle cx="16" cy="16" r="12" /><path d="M16 9.500v13M9.500 16h13" />`,
  clamp: svg`<path d="M4 6h24v20H4z" /><path d="M8 21h4l8-10h4" />`,
  output: svg`<path d="M4 11h24v10H4zM7 11v10m3-10v10m3-10v10m3-10v10m3-10v10m3-10v10m3-10v10" />`,
};

@customElement("sw-lanes")
export class Lanes extends LitElement {
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @property({ attribute: false }) moment: Moment = { added: 0, done: 0 };
  @property({ reflect: true }) base: Base = "decimal";

  /** Goes to the end of a block; `done` blocks after the products. */
  #jump(done: number): void {
    this.dispatchEvent(new CustomEvent<number>("block-chosen", { detail: done }));
  }

  protected override render() {
    const [main] = this.lanes;
    if (!main) return nothing;
    const { added, done } = this.moment;
    const blocks = this.lanes.map(({ trace, widths }) => blocksOf(trace, widths));
    const first = blocks[0] ?? [];
    const summing = done === 0;
    return html`${registerLegend()}
      <ol>
        ${this.#row("buffer", words.sumClause, summing, 0, (lane) => html`<sw-products .lane=${lane} .added=${added} .base=${this.base}></sw-products>`)}
        ${this.#row("accumulator", words.sumClause, summing, 0, (lane) => this.#accumulator(lane))}
        ${first.map(({ id, clause }, i) =>
          this.#row(
            id,
            clause,
            done === i + 1,
            i + 1,
            (lane, at) =>
              html`<sw-block
                .lane=${lane}
                .block=${blocks[at]?.[i]}
                .base=${this.base}
                .done=${done > i}
                data-block=${id}
              ></sw-block>`,
          ),
        )}
      </ol>`;
  }

  #row(
    id: BlockId | "buffer" | "accumulator",
    clause: string,
    active: boolean,
    done: number,
    content: (lane: Lane, at: number) => TemplateResult,
  ) {
    return html`<li class=${active ? "active" : ""} aria-current=${active ? "step" : "false"} id="block-${id}">
      <svg class="symbol" viewBox="0 0 32 32" aria-hidden="true">${symbols[id]}</svg>
      <div class="what">
        <button class="plain" @click=${() => this.#jump(done)}>${words.names[id]}</button>
        <span class="small soft"
          ><span class="clause" title=${words.clause(clause)}>${clause}</span> ${words.hints[id]}</span
        >
      </div>
      ${this.lanes.map(
        (lane, at) =>
          html`<div class="lane" role="group" aria-label=${text.schemes[lane.scheme]}>
            <span class=${lane.scheme}>${mark(lane.scheme)}</span>
            <div class="content ${lane.scheme}">${content(lane, at)}</div>
          </div>`,
      )}
    </li>`;
  }

  #accumulator({ trace, widths, activationMax }: Lane) {
    const { added, done } = this.moment;
    const value = BigInt(added === 0 ? 0 : (trace.taps[added - 1]?.accumulator ?? 0));
    const width = widths.accumulator;
    const headroom: Headroom = accumulatorHeadroom(trace, added, done > 0, { activationMax, width });
    return html`<p class="line">
        <span class="small soft">${words.headroom(headroom.now, headroom.worst, width)}</span>
        <span class="int value">${written(value, width, this.base)}</span>
      </p>
      ${register(value, width, true, headroom)}
      ${trace.overflows > 0 ? html`<p class="small warning">${words.overflows(trace.overflows)}</p>` : nothing}`;
  }

  static override styles = [
    shared,
    registerStyles,
    css`
      li {
        display: grid;
        grid-template-columns: 32px minmax(0, 1fr) minmax(0, 1fr);
        gap: 4px 16px;
        padding: 8px;
        position: relative;
        align-items: start;
      }
      li.active {
        background: color-mix(in srgb, var(--mark) 45%, transparent);
        box-shadow: inset 3px 0 var(--mark-line);
      }
      /* The wire from block to block. */
      li:not(:last-child)::after {
        content: "";
        position: absolute;
        left: 23px;
        top: 44px;
        bottom: -10px;
        border-inline-start: 2px solid var(--soft);
      }
      .symbol {
        width: 32px;
        height: 32px;
        grid-row: span 2;
        position: relative;
        z-index: 1;
        fill: var(--raised);
        stroke: var(--ink);
        stroke-width: 1.6;
        stroke-linejoin: round;
      }
      .symbol path:not(:first-child) {
        fill: none;
      }
      .what {
        grid-column: 2 / -1;
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 12px;
        min-height: 24px;
      }
      .what button {
        font-weight: 650;
      }
      .clause {
        font-family: var(--mono);
        border: 1px solid var(--line);
        border-radius: 4px;
        padding: 0 4px;
        margin-inline-end: 4px;
      }
      .lane {
        display: grid;
        grid-template-columns: 14px minmax(0, 1fr);
        gap: 8px;
        min-width: 0;
      }
      .lane:first-of-type {
        grid-column: 2;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 8px;
        color: var(--ink);
      }
      :host([base="bits"]) .int {
        font-size: 0.6875rem;
      }
      .value {
        margin-inline-start: auto;
        font-weight: 650;
        text-align: end;
        overflow-wrap: anywhere;
      }
      @container (max-width: 560px) {
        li {
          grid-template-columns: 24px minmax(0, 1fr);
          gap: 4px 8px;
          padding-inline: 4px;
        }
        .symbol {
          width: 24px;
          height: 24px;
          grid-row: span 3;
        }
        li:not(:last-child)::after {
          left: 15px;
          top: 36px;
        }
        .lane {
          grid-column: 2;
        }
      }
    `,
  ];
}
