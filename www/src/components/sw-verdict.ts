/** The verdict: what the four formats see, in one sentence, and why, in nine words. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { course } from "../context";
import { isWell, repair, verdict, type Verdict } from "../findings";
import type { Prediction } from "../engine/types";
import { percent } from "../format";
import type { State } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { mark } from "./marks";

@customElement("sw-verdict")
export class VerdictView extends LitElement {
  @property({ attribute: false }) predictions: State["predictions"] = {};
  @property({ attribute: false }) scores: State["scores"] = {};
  @property({ attribute: false }) outcomes: State["outcomes"] = {};
  @property({ attribute: false }) reports: State["reports"] = {};
  @property({ attribute: false }) knobs!: State["knobs"];
  /** Said instead, while there is nothing to judge. */
  @property() instead = "";

  /** Where there is room for the headline alone. */
  @property({ type: Boolean, reflect: true }) brief = false;

  protected override render() {
    const { float } = this.predictions;
    const [headline, why] =
      this.instead || !float?.result
        ? [this.instead, ""]
        : float.result.kind === "classes"
          ? this.#ofClasses()
          : [this.#comparison(float), this.#repair()];
    return html`<h1 aria-live="polite">${headline}</h1>
      <div class="below">
        <p class="soft">
          <span aria-live="polite">${why || nothing}</span>
          ${
            why && !this.brief
              ? html`<button class="plain" @click=${() => void course.start("ruler")}>${text.lessons.entrance}</button>`
              : nothing
          }
        </p>
        <p class="overall num">${this.#overall()}</p>
      </div>`;
  }

  /** Shares of right answers once float's are all counted; the others follow while a knob moves. */
  #overall(): string {
    const { float } = this.scores;
    if (!float || float.done < float.total || float.labelled < float.total) return "";
    // Not the knob's: what was counted may be of the position before.
    const shiftBits = this.reports["shift-wise"]?.options.shift_bits ?? this.knobs.shiftBits;
    const shares = (["float", "layer-wise", "shift-wise"] as const).map((scheme) => {
      const name = text.overallNames[scheme](shiftBits);
      const score = this.scores[scheme];
      // A score stays until the next one is there; the outcomes that it sums up are gone as soon as they do not hold.
      if (!score || score.labelled === 0 || !this.outcomes[scheme]) return `${name} ${text.computing}`;
      const share = `${name} ${percent(score.right / score.labelled)}`;
      return score.done < score.total ? text.soFar(share) : share;
    });
    return text.overall(float.total, shares);
  }

  #ofClasses() {
    const found = verdict(this.predictions);
    return found ? [this.#sentence(found), this.#why(found)] : ["", ""];
  }

  /** For results that are not a class: what float finds, and how near the other two come. */
  #comparison(float: Prediction) {
    return html`<span>${float.result ? text.results.floatFinds(float.result) : nothing}</span> ${(
        ["layer-wise", "shift-wise"] as const
      ).map((scheme) => {
        const prediction = this.predictions[scheme];
        return prediction?.tally
          ? html`<span class=${scheme}
              >${mark(scheme)} ${text.schemes[scheme]} ${text.results.comes(prediction.tally, prediction)}.</span
            > `
          : nothing;
      })}`;
  }

  #repair(): string {
    const found = repair(this.predictions);
    if (!found) return "";
    const overall = this.scores["layer-wise"];
    if (found === "spared" && overall?.tally && isWell(overall.tally.metric, overall.agreement)) return text.why.enough;
    return found !== "spared" && this.knobs.shiftBits === 0 ? text.why.noBits : text.why[found];
  }

  #sentence({ float, schemes }: Verdict) {
    if (schemes.length === 3 && schemes.every(({ agrees }) => agrees)) {
      return html`${text.answers.all(4)} <b>${float}</b>.`;
    }
    let before = true;
    return html`<span>${text.schemes.float} ${text.answers.sees} <b>${float}</b>.</span> ${schemes
        .filter(({ scheme }) => scheme !== "channel-wise")
        .map(({ scheme, answer, agrees }) => {
          const adverb = !agrees ? "" : before ? text.answers.too : text.answers.again;
          before = agrees;
          return html`<span class=${scheme}>
            ${mark(scheme)} ${text.schemes[scheme]} ${text.answers.sees} <b>${answer}</b>${adverb ? ` ${adverb}` : ""}.
          </span> `;
        })}`;
  }

  #why({ schemes }: Verdict): string {
    const agrees = (name: string) => schemes.find(({ scheme }) => scheme === name)?.agrees ?? true;
    const { shiftBits, weightBits } = this.knobs;
    if (schemes.length === 0) return "";
    if (agrees("shift-wise")) return agrees("layer-wise") ? text.why.spared : text.why.restored;
    if (shiftBits === 0) return text.why.noBits;
    if (weightBits < 6 && !agrees("channel-wise")) return text.why.fewWeightBits;
    return shiftBits < 4 ? text.why.fewBits : text.why.luck;
  }

  static override styles = [
    shared,
    css`
      h1 {
        margin: 0;
        min-height: 1.2em;
        font-size: var(--display);
        font-weight: 500;
        line-height: 1.2;
        letter-spacing: -0.015em;
      }
      /* Lines end between sentences where they can. */
      h1 span {
        display: inline-block;
      }
      h1 b {
        font-weight: 750;
      }
      h1 .mark {
        width: 0.7em;
        height: 0.7em;
        vertical-align: 0.02em;
      }
      .below {
        display: flex;
        flex-wrap: wrap;
        gap: 0 24px;
        margin-top: 4px;
        min-height: 24px;
      }
      :host([brief]) .below {
        display: none;
      }
      /* As many lines as there will be: nothing moves when the verdict comes. */
      @media (max-width: 1399px) {
        .below {
          min-height: 45px;
        }
      }
      @media (max-width: 839px) {
        :host(:not([brief])) h1 {
          min-height: 2.4em;
        }
      }
      /* A phone's first screen has no room to say what the figures below say too. */
      @media (max-width: 719px) {
        .overall {
          display: none;
        }
      }
      @media print {
        button {
          display: none;
        }
      }
    `,
  ];
}
