/** Shift bits, weight bits, activation bits: three sliders that requantize while they move. */

import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { playground } from "../context";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { KNOB_RANGES, type Knobs } from "../url";

const NAMES = ["shiftBits", "weightBits", "activationBits"] as const satisfies readonly (keyof Knobs)[];

@customElement("sw-knobs")
export class KnobsView extends LitElement {
  @property({ attribute: false }) knobs!: Knobs;

  protected override render() {
    return html`<div class="knobs" role="group" aria-label=${text.knobs}>
      ${NAMES.map((name) => {
        const { low, high } = KNOB_RANGES[name];
        const value = this.knobs[name];
        return html`<label>
          <span class="small">${text.knob[name]}</span>
          <input
            type="range"
            name=${name}
            min=${low}
            max=${high}
            step="1"
            .value=${String(value)}
            style="--steps:${high - low}"
            @input=${(event: Event) =>
              playground.setKnobs({ [name]: Number((event.target as HTMLInputElement).value) })}
          />
          <output class="int">${value}</output>
        </label>`;
      })}
    </div>`;
  }

  static override styles = [
    shared,
    css`
      .knobs {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 32px;
      }
      label {
        display: flex;
        align-items: center;
        gap: 8px;
        height: 32px;
      }
      output {
        width: 1ch;
        font-weight: 600;
      }
      /* A slider is a little ruler: a tick for every value. */
      input {
        appearance: none;
        width: 128px;
        height: 24px;
        margin: 0;
        background:
          linear-gradient(var(--ink), var(--ink)) 8px 12px / calc(100% - 16px) 1px no-repeat,
          repeating-linear-gradient(to right, var(--ink) 0 1px, transparent 1px calc((100% - 1px) / var(--steps))) 8px
            12px / calc(100% - 15px) 6px no-repeat;
        cursor: pointer;
      }
      input::-webkit-slider-thumb {
        appearance: none;
        width: 16px;
        height: 16px;
        border: 2px solid var(--ink);
        border-radius: 50%;
        background: var(--thumb);
      }
      input::-moz-range-thumb {
        width: 12px;
        height: 12px;
        border: 2px solid var(--ink);
        border-radius: 50%;
        background: var(--thumb);
      }
      @media (max-width: 719px) {
        .knobs {
          display: grid;
          grid-template-columns: 1fr;
          gap: 0;
        }
        label .small {
          width: 7.5em;
        }
        input {
          flex: 1;
        }
      }
    `,
  ];
}
