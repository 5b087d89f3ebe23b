/** The stage: verdict, picture, four schemes side by side, knobs. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query } from "lit/decorators.js";
import { playground } from "../context";
import { INTEGER_SCHEMES, SCHEMES, type IntegerScheme, type Scheme } from "../engine/types";
import { currentLabel, judge, outputDb } from "../findings";
import { inputSummary } from "../input-spec";
import { Watch, type Busy } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { icon } from "./marks";
import type { Preprocessing } from "./sw-preprocessing";
import "./sw-knobs";
import "./sw-picture";
import "./sw-preprocessing";
import "./sw-scheme-card";
import "./sw-verdict";

const isInteger = (scheme: Scheme): scheme is IntegerScheme => scheme !== "float";

@customElement("sw-stage")
export class Stage extends LitElement {
  readonly #watch = new Watch(this);
  @query("sw-preprocessing") private preprocessing!: Preprocessing;

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

  /** What to say while there is no verdict. */
  #instead(): string {
    const { model, current, predictions, calibration, pictures, busy } = this.#watch.state;
    if (!model) return text.starting;
    if (predictions.float && INTEGER_SCHEMES.some((scheme) => predictions[scheme])) {
      if (model.task === "classification") return "";
      const [layer, shift] = [outputDb(predictions["layer-wise"]), outputDb(predictions["shift-wise"])];
      return layer === null || shift === null ? text.answers.computing : text.answers.closeness(layer, shift);
    }
    if (current === "drawing") return text.answers.drawing;
    if (pictures.length === 0) return text.answers.noPicture;
    return calibration || busy ? text.answers.computing : text.answers.noCalibration;
  }

  /** What a scheme's answer waits for. */
  #waiting(scheme: Scheme): string {
    const { busy, current, reports } = this.#watch.state;
    if (busy) return text.computing;
    if (isInteger(scheme) && !reports[scheme]) return text.uncalibrated;
    return typeof current === "number" ? text.computing : text.waiting;
  }

  protected override render() {
    const { predictions, scores, reports, knobs, model } = this.#watch.state;
    const label = currentLabel(this.#watch.state);
    return html`
      <section aria-label=${text.pictures}>
        <sw-verdict .predictions=${predictions} .knobs=${knobs} .instead=${this.#instead()}></sw-verdict>
        <div class="stage">
          <sw-picture></sw-picture>
          <div
            class="cards"
            role="group"
            aria-label=${text.schemesLabel}
            tabindex=${this.#narrow.matches ? "0" : nothing}
          >
            ${SCHEMES.map((scheme) => {
              const prediction = predictions[scheme];
              return html`<sw-scheme-card
                scheme=${scheme}
                .prediction=${prediction}
                .judgement=${prediction ? judge(prediction, predictions.float, label) : null}
                .score=${scores[scheme]}
                .report=${isInteger(scheme) ? reports[scheme] : undefined}
                .classifies=${model?.task !== "detection" && model?.task !== "segmentation" && model?.task !== "image"}
                .waiting=${this.#waiting(scheme)}
              ></sw-scheme-card>`;
            })}
          </div>
        </div>
        <div class="foot">
          <sw-knobs .knobs=${knobs}></sw-knobs>
          ${this.#provenance()}
        </div>
        <sw-preprocessing></sw-preprocessing>
      </section>
    `;
  }

  #provenance() {
    const { model, scoring } = this.#watch.state;
    if (!model) return nothing;
    return html`<p class="small soft provenance">
      ${model.input_guessed ? html`<strong class="guess">${icon("warning")} ${text.guessed}</strong>` : nothing}
      ${scoring ? this.#counting(scoring) : this.#calibrated()}
      <button class="plain small" @click=${() => this.preprocessing.open()}>
        ${inputSummary(model.input)}<span class="unseen">. ${text.edit}</span>
      </button>
    </p>`;
  }

  #counting({ what, done, total, cancel }: Busy) {
    return html`<span class="num">${text.progress(what, done, total)}</span>
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
        min-height: 32px;
      }
      .guess {
        color: var(--ink);
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
      }
    `,
  ];
}
