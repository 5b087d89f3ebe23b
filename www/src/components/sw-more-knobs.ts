/** Presets, and the settings that few people touch: the widths of the hardware, rounding, overflow, calibration. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { playground } from "../context";
import { text } from "../strings";
import { shared, slider } from "../styles/shared";
import { KNOB_CHOICES, MORE_RANGES, preset, presetOf, PRESETS, type Knobs, type More, type PresetName } from "../url";
import { icon } from "./marks";
import { menu, Menus } from "./menu";

const words = text.more;
const HARDWARE = ["multiplierBits", "accumulatorBits", "biasBits"] as const satisfies readonly More[];
const CHOICES = ["rounding", "overflow"] as const satisfies readonly (keyof Knobs)[];
const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

@customElement("sw-more-knobs")
export class MoreKnobs extends LitElement {
  readonly #menus = new Menus(this);
  @property({ attribute: false }) knobs!: Knobs;

  private onPreset(event: Event): void {
    const chosen = PRESET_NAMES.find((name) => name === (event.target as HTMLSelectElement).value);
    if (chosen) void playground.setKnobs(preset(chosen, this.knobs));
  }

  protected override render() {
    const isNpu = this.knobs.profile === "npu";
    return html`<details class="menu" @keydown=${this.#menus.onKey}>
      <summary><span class="small">${words.more}</span> ${icon("down")}</summary>
      <div class="panel">
        ${this.#presets()} ${HARDWARE.map((name) => this.#slider(name, isNpu))}
        ${CHOICES.map((name) => this.#choice(name, KNOB_CHOICES[name], isNpu))}
        ${isNpu ? nothing : html`<p class="small">${words.npuOnly}</p>`} ${this.#slider("calibrationPictures", true)}
      </div>
    </details>`;
  }

  #presets() {
    const now = presetOf(this.knobs);
    // A label around it would be read with all of its options, which name other knobs.
    return html`<div class="knob">
      <div class="row">
        <span class="small" id="preset-name">${words.preset}</span>
        <select name="preset" aria-labelledby="preset-name" aria-describedby="preset" @change=${this.onPreset}>
          ${now === null ? html`<option value="" selected>${words.ownChoice}</option>` : nothing}
          ${PRESET_NAMES.map(
            (name) => html`<option value=${name} .selected=${name === now}>${words.presets[name]}</option>`,
          )}
        </select>
      </div>
      <p id="preset" class="soft small">${words.presetHint}</p>
    </div>`;
  }

  #slider(name: More, enabled: boolean) {
    const { low, high } = MORE_RANGES[name];
    return html`<div class="knob">
      <label>
        <span class="small">${words.names[name]}</span>
        <input
          type="range"
          name=${name}
          min=${low}
          max=${high}
          step="1"
          ?disabled=${!enabled}
          aria-describedby=${name}
          .value=${String(this.knobs[name])}
          style="--steps:${Math.min(33, high - low)}"
          @input=${(event: Event) => playground.setKnobs({ [name]: Number((event.target as HTMLInputElement).value) })}
        />
        <output class="int">${this.knobs[name]}</output>
      </label>
      <p id=${name} class="soft small">${words.hints[name]}</p>
    </div>`;
  }

  #choice<Name extends (typeof CHOICES)[number]>(name: Name, choices: readonly Knobs[Name][], enabled: boolean) {
    const names: Record<string, string> = words.choices[name];
    return html`<div class="knob">
      <label>
        <span class="small">${words.names[name]}</span>
        <select
          name=${name}
          ?disabled=${!enabled}
          aria-describedby=${name}
          @change=${(event: Event) => playground.setKnobs({ [name]: (event.target as HTMLSelectElement).value })}
        >
          ${choices.map(
            (choice) =>
              html`<option value=${choice} .selected=${choice === this.knobs[name]}>
                ${names[choice] ?? choice}
              </option>`,
          )}
        </select>
      </label>
      <p id=${name} class="soft small">${words.hints[name]}</p>
    </div>`;
  }

  static override styles = [
    shared,
    slider,
    menu,
    css`
      /* Opens below the whole row of knobs, wherever in it the menu has come to stand. */
      .menu {
        position: static;
      }
      .panel {
        inset-inline: auto 0;
        top: calc(100% + 4px);
        width: min(360px, 100%);
        max-height: 70vh;
        overflow-y: auto;
        gap: 12px;
      }
      .knob {
        display: grid;
        gap: 2px;
      }
      label,
      .row {
        display: grid;
        grid-template-columns: 9em minmax(0, 1fr) 3ch;
        align-items: center;
        gap: 8px;
        min-height: 28px;
      }
      input[type="range"] {
        width: 100%;
      }
      select {
        grid-column: 2 / -1;
        min-width: 0;
        height: 28px;
        padding: 0 4px;
        font-size: var(--small);
        background: var(--raised);
        border: 1px solid var(--line);
        border-radius: 6px;
      }
      output {
        text-align: end;
        font-weight: 600;
      }
    `,
  ];
}
