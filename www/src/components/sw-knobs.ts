/** What can be chosen about quantization: sliders for the bits, menus for the rest; everything follows while they move. */

import { css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import { playground } from "../context";
import type { Part } from "../lessons/lessons";
import { term, termStyle } from "../lessons/term";
import { text } from "../strings";
import { pointedStyle, shared, slider } from "../styles/shared";
import "./sw-more-knobs";
import { KNOB_CHOICES, KNOB_RANGES, type Bits, type Knobs } from "../url";
import { Section } from "./section";

const BITS = ["shiftBits", "weightBits", "activationBits"] as const satisfies readonly (keyof Bits)[];
const CHOICES = ["profile", "ranges", "bias"] as const satisfies readonly (keyof Knobs)[];

@customElement("sw-knobs")
export class KnobsView extends Section {
  @property({ attribute: false }) knobs!: Knobs;

  /** What the open lesson is about. */
  @property() pointed: Part | null = null;

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // The answers above it stay in view, and so does the lesson beneath.
    if (changed.has("pointed")) this.renderRoot.querySelector(".pointed")?.scrollIntoView({ block: "end" });
  }

  protected override render() {
    return html`<div class="knobs" role="group" aria-label=${text.knobs}>
      ${BITS.map((name) => {
        const { low, high } = KNOB_RANGES[name];
        const value = this.knobs[name];
        return html`<div class="knob small ${this.#pointed(name)}">
          ${term(text.knob[name], name)}
          <input
            aria-labelledby="${name}-name"
            type="range"
            name=${name}
            min=${low}
            max=${high}
            step="1"
            ?disabled=${name === "activationBits" && this.knobs.profile !== "npu"}
            .value=${String(value)}
            style="--steps:${high - low}"
            @input=${(event: Event) =>
              playground.setKnobs({ [name]: Number((event.target as HTMLInputElement).value) })}
          />
          <output class="int">${value}</output>
        </div>`;
      })}
      ${CHOICES.map((name) => this.#menu(name, KNOB_CHOICES[name]))}
      <sw-more-knobs .knobs=${this.knobs}></sw-more-knobs>
    </div>`;
  }

  #pointed(name: string): string {
    return this.pointed === name ? "pointed" : "";
  }

  #menu<Name extends (typeof CHOICES)[number]>(name: Name, choices: readonly Knobs[Name][]) {
    const names: Record<string, string> = text.choices[name];
    return html`<div class="knob small ${this.#pointed(name)}">
      ${term(text.knob[name], name)}
      <select
        aria-labelledby="${name}-name"
        name=${name}
        @change=${(event: Event) => playground.setKnobs({ [name]: (event.target as HTMLSelectElement).value })}
      >
        ${choices.map(
          (choice) =>
            html`<option value=${choice} ?selected=${choice === this.knobs[name]}>${names[choice] ?? choice}</option>`,
        )}
      </select>
    </div>`;
  }

  static override styles = [
    shared,
    slider,
    termStyle,
    pointedStyle,
    css`
      .knobs {
        position: relative;
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
      }
      .knob {
        display: flex;
        align-items: center;
        gap: 8px;
        height: 32px;
      }
      /* Beneath it is the lesson. */
      .pointed {
        scroll-margin-bottom: 50vh;
      }
      output {
        width: 1ch;
        font-weight: 600;
      }
      select {
        height: 28px;
        padding: 0 4px;
        font: inherit;
        font-size: var(--small);
        color: inherit;
        background: var(--raised);
        border: 1px solid var(--line);
        border-radius: 6px;
      }
      @media (max-width: 719px) {
        .knobs {
          display: grid;
          grid-template-columns: minmax(0, 1fr) auto;
          gap: 0;
        }
        .knob:not(:last-of-type) {
          grid-column: 1 / -1;
        }
        .term {
          width: 7.5em;
          text-align: start;
        }
        input,
        select {
          flex: 1;
        }
      }
    `,
  ];
}
