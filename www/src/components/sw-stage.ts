/** The stage: verdict, picture, four schemes side by side, knobs. */

import { css, html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { playground } from "../context";
import { INTEGER_SCHEMES, SCHEMES, type IntegerScheme, type Pixels, type Scheme } from "../engine/types";
import { currentLabel, judge, outputDb } from "../findings";
import { inputSummary } from "../input-spec";
import { toAddress } from "../pictures";
import { stepAt } from "../lessons/lessons";
import type { Base } from "../results/frame";
import type { Closeup } from "../results/sw-closeup";
import type { Look } from "../results/sw-result";
import { secondsLeft } from "../remaining";
import { Watch, type Busy } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { icon } from "./marks";
import type { Preprocessing } from "./sw-preprocessing";
import { rendered, Section } from "./section";
import "./sw-knobs";
import "./sw-picture";
import "./sw-preprocessing";
import "./sw-scheme-card";
import "./sw-verdict";
import "../results/sw-closeup";

const isInteger = (scheme: Scheme): scheme is IntegerScheme => scheme !== "float";

/** Longer side of an enlarged picture. */
const SHARP = 1600;

const problem = ({ reason, hint }: { reason: string; hint: string }) => `${reason}; ${hint}`;

@customElement("sw-stage")
export class Stage extends Section {
  readonly #watch = new Watch(this);
  @query("sw-preprocessing") private preprocessing!: Preprocessing;
  @query("sw-closeup") private closeup!: Closeup;
  @state() private look: Look = { opacity: 0.6, differences: false };
  #seen: { pixels: Pixels; address: string } | undefined;

  /** Where the schemes are a row to swipe; arrow keys must reach it then. */
  readonly #narrow = matchMedia("(max-width: 899px)");
  readonly #onNarrow = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#narrow.addEventListener("change", this.#onNarrow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#narrow.removeEventListener("change", this.#onNarrow);
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    const done = await super.getUpdateComplete();
    await rendered(this.renderRoot, "sw-picture, sw-scheme-card, sw-knobs");
    return done;
  }

  /** What to say while there is no verdict. */
  #instead(): string {
    const { model, current, predictions, calibration, pictures, busy } = this.#watch.state;
    if (!model) return text.starting;
    if (predictions.float && INTEGER_SCHEMES.some((scheme) => predictions[scheme])) {
      if (!model.task_problem) return "";
      const [layer, shift] = [outputDb(predictions["layer-wise"]), outputDb(predictions["shift-wise"])];
      return layer === null || shift === null ? text.answers.computing : text.answers.closeness(layer, shift);
    }
    if (current === "drawing") return text.answers.drawing;
    if (pictures.length === 0) return text.answers.noPicture;
    return calibration || busy ? text.answers.computing : text.answers.noCalibration;
  }

  /** What results are drawn over. A picture that was only stretched is shown in its own proportions. */
  #base(): Base | null {
    const { model, preview, proportions, current, pictures } = this.#watch.state;
    if (!model || !preview) return null;
    const coarse = preview.width < 160;
    const picture = typeof current === "number" ? pictures[current] : undefined;
    if (model.input.resize.mode === "stretch" && !model.input.crop && picture && proportions && !coarse) {
      return { address: picture.thumbnail, proportions, coarse };
    }
    if (this.#seen?.pixels !== preview) this.#seen = { pixels: preview, address: toAddress(preview) };
    return { address: this.#seen.address, proportions: preview.width / preview.height, coarse };
  }

  /** The same, as sharp as the picture itself where that is what is drawn over. */
  async #sharp(): Promise<Base | null> {
    const base = this.#base();
    const { current, pictures } = this.#watch.state;
    const picture = typeof current === "number" ? pictures[current] : undefined;
    if (!base || base.address !== picture?.thumbnail) return base;
    return { ...base, address: toAddress(await picture.pixels(), SHARP) };
  }

  /** What a scheme's answer waits for. */
  #waiting(scheme: Scheme): string {
    const { busy, current, model, notice, reports } = this.#watch.state;
    if (busy || (!model && !notice)) return text.computing;
    if (isInteger(scheme) && !reports[scheme]) return text.uncalibrated;
    return typeof current === "number" ? text.computing : text.waiting;
  }

  protected override render() {
    const { predictions, scores, outcomes, reports, knobs, lesson } = this.#watch.state;
    const base = this.#base();
    const label = currentLabel(this.#watch.state);
    return html`
      <section aria-label=${text.pictures}>
        <sw-verdict
          .predictions=${predictions}
          .scores=${scores}
          .outcomes=${outcomes}
          .reports=${reports}
          .knobs=${knobs}
          .instead=${this.#instead()}
        ></sw-verdict>
        <div class="stage">
          <sw-picture></sw-picture>
          <div
            class="cards"
            role="group"
            aria-label=${text.schemesLabel}
            tabindex=${this.#narrow.matches ? "0" : nothing}
            @closeup-wanted=${(event: CustomEvent<Scheme>) => this.closeup.open(event.detail)}
          >
            ${SCHEMES.map((scheme) => {
              const prediction = predictions[scheme];
              return html`<sw-scheme-card
                scheme=${scheme}
                .predictions=${predictions}
                .judgement=${prediction ? judge(prediction, predictions.float, label) : null}
                .score=${scores[scheme]}
                .report=${isInteger(scheme) ? reports[scheme] : undefined}
                .base=${base}
                .look=${this.look}
                .waiting=${this.#waiting(scheme)}
              ></sw-scheme-card>`;
            })}
          </div>
        </div>
        <div class="foot">
          <sw-knobs .knobs=${knobs} .pointed=${lesson && stepAt(lesson).part}></sw-knobs>
          ${this.#looks()} ${this.#provenance()}
        </div>
        <sw-preprocessing></sw-preprocessing>
        <sw-closeup
          .predictions=${predictions}
          .base=${base}
          .look=${this.look}
          .sharpen=${() => this.#sharp()}
        ></sw-closeup>
      </section>
    `;
  }

  /** How results are drawn, where there is a choice. */
  #looks() {
    switch (this.#watch.state.predictions.float?.result?.kind) {
      case "boxes":
        return html`<p class="small key"><span class="dashes" aria-hidden="true"></span> ${text.results.dashed}</p>`;
      case "mask":
        return html`<label class="small key">
          ${text.results.mask.opacity}
          <input
            type="range"
            min="0"
            max="100"
            .value=${String(this.look.opacity * 100)}
            @input=${(event: Event) =>
              (this.look = { ...this.look, opacity: Number((event.target as HTMLInputElement).value) / 100 })}
          />
          <span class="soft">${text.results.mask.line}</span>
        </label>`;
      case "image":
        return html`<label class="small key">
          <input
            type="checkbox"
            .checked=${this.look.differences}
            @change=${(event: Event) =>
              (this.look = { ...this.look, differences: (event.target as HTMLInputElement).checked })}
          />
          ${text.results.image.differences}
        </label>`;
      default:
        return nothing;
    }
  }

  #provenance() {
    const { model, scoring } = this.#watch.state;
    if (!model) return html`<p class="small provenance"></p>`;
    return html`<p class="small soft provenance">
      ${
        model.task_problem
          ? html`<strong class="guess">${icon("warning")} ${problem(model.task_problem)}</strong>`
          : nothing
      }
      ${model.input_guessed ? html`<strong class="guess">${icon("warning")} ${text.guessed}</strong>` : nothing}
      ${scoring ? this.#counting(scoring) : this.#calibrated()}
      <button class="plain small" @click=${() => this.preprocessing.open()}>
        ${text.tasks[model.task]}${model.task_guessed ? ` (${text.taskGuessed})` : ""},
        ${inputSummary(model.input)}<span class="unseen">. ${text.edit}</span>
      </button>
    </p>`;
  }

  #counting(scoring: Busy) {
    const { what, done, total, cancel } = scoring;
    const left = secondsLeft(scoring, performance.now());
    return html`<span class="num"
        >${text.progress(what, done, total)}${left === null ? "" : `, ${text.left(left)}`}</span
      >
      <button class="plain small" @click=${cancel}>${text.stopCounting}</button>`;
  }

  #calibrated() {
    const { calibration, scores } = this.#watch.state;
    const open = Object.values(scores).some(({ done, total }) => done < total);
    return html`${calibration ? html`<span>${text.calibratedOn(calibration.count, calibration.own)}.</span>` : nothing}
    ${
      open
        ? html`<button class="plain small" @click=${() => playground.resumeScoring()}>${text.countOn}</button>`
        : nothing
    }`;
  }

  static override styles = [
    shared,
    css`
      section {
        padding-top: 20px;
      }
      .stage {
        display: grid;
        grid-template-columns: 232px minmax(0, 1fr);
        gap: 32px;
        margin-top: 16px;
      }
      .cards {
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: 24px;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 4px 32px;
        margin-top: 16px;
      }
      .provenance {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        flex-basis: 100%;
        min-height: 32px;
      }
      .guess {
        color: var(--ink);
      }
      .key {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 32px;
      }
      .key input {
        accent-color: var(--ink);
      }
      .dashes {
        width: 24px;
        border-top: 2px dashed var(--ink);
      }
      @media (max-width: 1099px) {
        .stage {
          grid-template-columns: 200px minmax(0, 1fr);
          gap: 24px;
        }
        .cards {
          gap: 16px;
        }
      }
      @media (max-width: 899px) {
        .stage {
          grid-template-columns: minmax(0, 1fr);
          gap: 12px;
          margin-top: 8px;
        }
        /* A row to swipe that always shows two, and the edge of a third to say that there are more. */
        .cards {
          grid-auto-flow: column;
          grid-template-columns: none;
          grid-auto-columns: calc(50% - 16px);
          overflow-x: auto;
          overscroll-behavior-x: contain;
          scroll-snap-type: x mandatory;
          scrollbar-width: thin;
          scrollbar-color: var(--line) transparent;
          padding-bottom: 4px;
        }
        sw-scheme-card {
          scroll-snap-align: start;
        }
      }
      @media (max-width: 719px) {
        section {
          padding-top: 12px;
        }
        .foot {
          margin-top: 8px;
        }
        sw-knobs {
          flex: 1 0 100%;
        }
        .provenance {
          align-content: start;
          min-height: 56px;
        }
      }
      /* On paper nothing can be swiped or pressed. */
      @media print {
        .foot {
          display: none;
        }
        .cards {
          grid-auto-flow: row;
          grid-template-columns: repeat(4, minmax(0, 1fr));
          overflow: visible;
        }
      }
    `,
  ];
}
