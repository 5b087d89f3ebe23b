/** One block of the datapath in one lane: what comes in from the side, what happens, and what it then holds. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { written, writtenReal, type Base } from "./bits";
import { remainder, type Amount, type Block } from "./blocks";
import { productHeadroom } from "./headroom";
import { floatRegister, register, registerStyles, shiftRegister, shortRegister } from "./register";
import type { Lane } from "./tracer";

const words = text.datapath;

@customElement("sw-block")
export class BlockView extends LitElement {
  @property({ attribute: false }) lane: Lane | undefined;
  @property({ attribute: false }) block: Block | undefined;
  @property({ type: Boolean, reflect: true }) done = false;
  @property({ reflect: true }) base: Base = "decimal";

  #amount(amount: Amount): string {
    return amount.kind === "real"
      ? writtenReal(amount.value, this.base)
      : written(amount.value, amount.width, this.base);
  }

  protected override render() {
    const { block, lane } = this;
    if (!block || !lane) return nothing;
    const { operand, result } = block;
    const aside = this.#aside(block, lane);
    return html`<p class="line">
        ${operand && block.id !== "raise" ? html`<span class="int">${this.#amount(operand)}</span>` : nothing}
        ${aside === nothing ? nothing : html`<span class="soft small">${aside}</span>`}
        <span class="int value">${this.done ? this.#amount(result) : html`<span class="soft">·</span>`}</span>
      </p>
      ${this.#cells(block, lane)}`;
  }

  /** The words between what comes in and what goes out. */
  #aside(block: Block, lane: Lane): TemplateResult | string | typeof nothing {
    const { trace } = lane;
    switch (block.id) {
      case "raise":
        return words.raised(block.operand?.kind === "integer" ? block.operand.value : 0n);
      case "shift":
      case "high":
      case "divide": {
        const { shifter, shifts } = block;
        if (!shifter) return nothing;
        const far = shifts && shifter.places > 0 ? words.shifts(shifts.n, shifts.k) : words.places(shifter.places);
        return this.done && shifter.places > 0 ? `${far}; ${words.decision(shifter, remainder(shifter))}` : far;
      }
      case "convert": {
        const lost = block.result.kind === "real" ? trace.sum - block.result.value : 0;
        if (!this.done) return nothing;
        return lost === 0 ? words.lossless : words.lossy(written(BigInt(lost), 32, "decimal"));
      }
      case "round": {
        if (!this.done || trace.rescale.datapath !== "ort") return nothing;
        return words.nearest(trace.rescale.product - trace.rescaled);
      }
      case "clamp": {
        const { min, max } = trace;
        const placed = trace.rescaled + trace.output_zero_point;
        if (!this.done) return words.bounds(min, max);
        const what = placed < min || placed > max ? words.clamped(placed < min) : words.within;
        return `${words.bounds(min, max)}: ${what}`;
      }
      case "output":
        return trace.rescale.datapath === "tflite" && this.done ? words.int8(trace.result) : nothing;
      default:
        return nothing;
    }
  }

  #cells(block: Block, lane: Lane) {
    const { result, shifter } = block;
    if (shifter) return shiftRegister(shifter, this.done);
    // A wire between two blocks, not a register.
    if (block.id === "clamp" || block.id === "zero" || (block.id === "raise" && block.operand && this.#idle(block))) {
      return nothing;
    }
    if (!this.done) return register(0n, Math.min(32, result.kind === "integer" ? result.width : 32), false);
    if (result.kind === "real") return floatRegister(result.value);
    if (block.id === "multiply") {
      return shortRegister(result.value, result.width, productHeadroom(lane.trace, lane.activationMax) ?? undefined);
    }
    return register(result.value, result.width, result.signed);
  }

  #idle({ operand }: Block): boolean {
    return operand?.kind === "integer" && operand.value === 0n;
  }

  static override styles = [
    shared,
    registerStyles,
    css`
      :host {
        min-width: 0;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 8px;
        min-height: 1.5em;
      }
      .line > .int {
        overflow-wrap: anywhere;
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
    `,
  ];
}
