/** What one scheme makes of the picture: its answer, its doubts, and how often it is right. */

import { css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ClassScore, Prediction, Scheme, SchemeReport } from "../engine/types";
import { outputDb, type Judgement } from "../findings";
import { confidence, decibels, percent } from "../format";
import { term, termStyle } from "../lessons/term";
import type { Base } from "../results/frame";
import type { Look } from "../results/sw-result";
import type { Score, State } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { icon, mark } from "./marks";
import { Section } from "./section";
import "../results/sw-result";

@customElement("sw-scheme-card")
export class SchemeCard extends Section {
  @property() scheme: Scheme = "float";
  @property({ attribute: false }) predictions: State["predictions"] = {};
  @property({ attribute: false }) judgement: Judgement | null = null;
  @property({ attribute: false }) score: Score | undefined;
  @property({ attribute: false }) report: SchemeReport | undefined;
  @property({ attribute: false }) base: Base | null = null;
  @property({ attribute: false }) look!: Look;
  /** Why there is no answer. */
  @property() waiting = "";

  protected override render() {
    const { scheme } = this;
    return html`<article class="card" aria-label=${text.schemes[scheme]}>
      <header>
        <h2 class=${scheme}>${mark(scheme)} ${term(text.schemes[scheme], scheme)}</h2>
        <span class="soft small hint">${text.schemeHints[scheme]}</span>
      </header>
      ${this.#answer()} ${this.#score()}
      <p class="small soft cost">
        ${text.adds(scheme, this.report?.added_bytes ?? null, this.report?.options.shift_bits ?? 0)}
      </p>
    </article>`;
  }

  #answer() {
    const prediction = this.predictions[this.scheme];
    if (!prediction) return html`<p class="answer none soft">${this.waiting}</p>`;
    const { result } = prediction;
    if (!result) {
      const output = outputDb(prediction);
      return html`<p class="answer">
        <strong>${output == null ? "\u2013" : decibels(output)}</strong>
        <span class="soft small">${text.outputSqnr}</span>
      </p>`;
    }
    return result.kind === "classes" ? this.#classes(result.top) : this.#picture(prediction);
  }

  /** What is not a class: its picture, and how well it agrees with float's. */
  #picture({ result, tally, agreement }: Prediction) {
    const { scheme } = this;
    const enlarge = () =>
      this.dispatchEvent(new CustomEvent("closeup-wanted", { detail: scheme, bubbles: true, composed: true }));
    return html`
      <p class="said small">
        <span>${result ? text.results.summary(result) : nothing}</span>
        ${
          result?.kind === "value"
            ? nothing
            : html`<button class="plain" @click=${enlarge}>
                ${text.results.enlarge}<span class="unseen"> ${text.schemes[scheme]}</span>
              </button>`
        }
      </p>
      <sw-result scheme=${scheme} .predictions=${this.predictions} .base=${this.base} .look=${this.look}></sw-result>
      <p class="said agreement small num">
        ${scheme === "float" || !tally ? nothing : text.agreements[tally.metric].one(agreement ?? null)}
      </p>
    `;
  }

  #classes(top: readonly ClassScore[]) {
    const best = top[0];
    if (!best) return html`<p class="answer none soft">${text.waiting}</p>`;
    const short = best.label.length <= 3;
    return html`
      <p class="answer ${short ? "short" : ""}"><strong>${best.label}</strong>${this.#judged()}</p>
      <ol class="top small" aria-label=${text.top}>
        ${top.map(
          ({ label, score }) =>
            html`<li>
              <span class="bar" style="--share:${Math.max(0, Math.min(1, score)).toFixed(3)}"></span>
              <span class="label">${label}</span><span class="num">${confidence(score)}</span>
            </li>`,
        )}
      </ol>
    `;
  }

  #judged() {
    const { judgement } = this;
    if (!judgement) return nothing;
    const good = judgement === "right" || judgement === "same";
    return html`<span class="judgement ${good ? "good" : "bad"}">
      ${icon(good ? "yes" : "no")} ${text.judgement[judgement]}
    </span>`;
  }

  #score() {
    const { score, scheme } = this;
    if (!score || score.done === 0) return this.#figure("–", "", 0);
    const labelled = score.labelled > 0;
    if (!labelled && scheme === "float") {
      return html`<p class="score small soft">${text.reference(score.total)}</p>`;
    }
    if (labelled) {
      const share = score.right / score.labelled;
      return this.#figure(percent(share), text.accuracy(score.labelled, score.total), share);
    }
    if (!score.tally) return html`<p class="score soft"><span class="figure">–</span></p>`;
    const { figure, words, isShare } = text.agreements[score.tally.metric];
    return this.#figure(
      figure(score.agreement),
      words(text.ofPictures(score.done, score.total)),
      isShare ? score.agreement : null,
    );
  }

  #figure(figure: string, words: string, share: number | null) {
    return html`<p class="score">
      <span class="figure num">${figure}</span>
      <span class="small soft">${words}</span>
      ${
        share === null
          ? nothing
          : html`<span class="gauge" aria-hidden="true"><span style="width:${share * 100}%"></span></span>`
      }
    </p>`;
  }

  static override styles = [
    shared,
    termStyle,
    css`
      .card {
        display: flex;
        flex-direction: column;
        height: 100%;
        border-top: 3px solid var(--hue);
        padding-top: 8px;
      }
      :host([scheme="float"]) {
        --hue: var(--float);
      }
      :host([scheme="layer-wise"]) {
        --hue: var(--layer-wise);
      }
      :host([scheme="shift-wise"]) {
        --hue: var(--shift-wise);
      }
      :host([scheme="channel-wise"]) {
        --hue: var(--channel-wise);
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        gap: 8px;
        white-space: nowrap;
      }
      .hint {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .judgement {
        font-size: var(--small);
        font-weight: 600;
        white-space: nowrap;
      }
      .judgement.good {
        font-weight: 400;
      }
      .answer {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        height: 56px;
        line-height: 1.1;
        margin-top: 4px;
      }
      .answer strong {
        font-size: 1.125rem;
        font-weight: 650;
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
        align-self: center;
      }
      .answer.short strong {
        font-size: 2.75rem;
        letter-spacing: -0.02em;
      }
      .answer.none {
        align-items: center;
        height: 176px;
      }
      .said {
        position: relative;
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        min-height: 32px;
      }
      .said.agreement {
        min-height: 24px;
        margin-top: 2px;
        font-weight: 600;
      }
      .said > :first-child {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .top {
        display: grid;
        gap: 2px;
      }
      .top li {
        --room: 36px;
        position: relative;
        display: flex;
        justify-content: space-between;
        gap: 8px;
        height: 22px;
        line-height: 22px;
        padding-inline-start: 8px;
      }
      .top li::before {
        content: "";
        position: absolute;
        inset: 0 var(--room) 0 0;
        background: color-mix(in srgb, var(--hue) 5%, transparent);
      }
      .bar {
        position: absolute;
        inset: 0 auto 0 0;
        width: calc((100% - var(--room)) * var(--share));
        background: color-mix(in srgb, var(--hue) 32%, transparent);
        transition: width 160ms;
      }
      .label {
        position: relative;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .num {
        position: relative;
      }
      .score {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: baseline;
        column-gap: 8px;
        min-height: 44px;
        margin-top: 12px;
        line-height: 1.25;
      }
      .figure {
        font-size: 1.5rem;
        font-weight: 600;
        letter-spacing: -0.01em;
      }
      .gauge {
        grid-column: 1 / -1;
        height: 4px;
        margin-top: 4px;
        background: var(--hair);
      }
      .gauge span {
        display: block;
        height: 100%;
        background: var(--hue);
        transition: width 160ms;
      }
      .cost {
        margin-top: 6px;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      @media (prefers-reduced-motion: reduce) {
        .bar,
        .gauge span {
          transition: none;
        }
      }
      @media (max-width: 1279px) {
        .hint {
          display: none;
        }
      }
      /* Beside the figure there is no room for words. */
      @media (max-width: 1099px) {
        .score {
          grid-template-columns: 1fr;
          row-gap: 0;
        }
        .score .small {
          min-height: 2.5em;
        }
      }
      @media (max-width: 719px) {
        .top li:nth-child(n + 4) {
          display: none;
        }
        .answer.none {
          height: 128px;
        }
      }
    `,
  ];
}
