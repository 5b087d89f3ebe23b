/** The page as a figure in another one, from 320 x 240 pixels up: the picture, four answers, and the shift bits. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon, mark } from "../components/marks";
import { playground } from "../context";
import { INTEGER_SCHEMES, SCHEMES, type Scheme } from "../engine/types";
import { best, currentLabel, judge, outputDb } from "../findings";
import { decibels, percent } from "../format";
import { placeOf, Watch } from "../state";
import { text } from "../strings";
import { shared, slider } from "../styles/shared";
import { formatPlace, KNOB_RANGES } from "../url";
import "../components/sw-draw";
import "../components/sw-notice";
import "../components/sw-verdict";

const words = text.embed;

@customElement("sw-embed")
export class Embed extends LitElement {
  readonly #watch = new Watch(this);

  private next(): void {
    const { current, pictures } = this.#watch.state;
    void playground.choosePicture(typeof current === "number" ? (current + 1) % pictures.length : 0);
  }

  protected override render() {
    const { predictions, scores, outcomes, reports, knobs, model, notice } = this.#watch.state;
    const ready = predictions.float && INTEGER_SCHEMES.some((scheme) => predictions[scheme]);
    return html`
      <sw-verdict
        brief
        .predictions=${predictions}
        .scores=${scores}
        .outcomes=${outcomes}
        .reports=${reports}
        .knobs=${knobs}
        .instead=${ready ? "" : model ? text.answers.computing : text.starting}
      ></sw-verdict>
      ${notice ? html`<sw-notice></sw-notice>` : nothing}
      <div class="figure">
        ${this.#picture()}
        <ul aria-label=${text.schemesLabel}>
          ${SCHEMES.map((scheme) => this.#answer(scheme))}
        </ul>
      </div>
      <div class="foot">
        <label>${text.knob.shiftBits} ${this.#slider(knobs.shiftBits)}</label>
        ${this.#link()}
      </div>
    `;
  }

  #picture() {
    const { bundled, current, pictures } = this.#watch.state;
    const picture = typeof current === "number" ? pictures[current] : undefined;
    return html`<div class="side">
      <div class="picture">
        ${
          bundled
            ? html`<sw-draw .under=${picture?.thumbnail ?? null}></sw-draw>`
            : html`<img src=${picture?.thumbnail ?? nothing} alt=${picture?.name ?? ""} />`
        }
      </div>
      ${
        pictures.length > 1
          ? html`<button class="next" aria-label=${words.next} @click=${this.next}>
              <span class="wide">${words.next}</span><span class="narrow">${words.nextShort}</span> ${icon("next")}
            </button>`
          : nothing
      }
    </div>`;
  }

  #answer(scheme: Scheme) {
    const { predictions, scores } = this.#watch.state;
    const prediction = predictions[scheme];
    const judgement = prediction && judge(prediction, predictions.float, currentLabel(this.#watch.state));
    const good = judgement === "right" || judgement === "same";
    const score = scores[scheme];
    return html`<li class=${scheme}>
      <span class="name">${mark(scheme)} ${text.schemes[scheme]}</span>
      <span class="said">
        <strong>${this.#said(scheme)}</strong>
        ${judgement ? html`<span class="judgement">${icon(good ? "yes" : "no")} ${text.judgement[judgement]}</span>` : nothing}
      </span>
      <span class="share num">
        ${score && score.labelled > 0 ? words.share(percent(score.right / score.labelled), score.total) : nothing}
      </span>
    </li>`;
  }

  #said(scheme: Scheme): string {
    const prediction = this.#watch.state.predictions[scheme];
    if (!prediction) return text.computing;
    const { result } = prediction;
    if (result?.kind === "classes") return best(prediction)?.label ?? "";
    const output = outputDb(prediction);
    return (result && text.results.summary(result)) || (output === null ? "" : `${decibels(output)} dB`);
  }

  #slider(bits: number) {
    const { low, high } = KNOB_RANGES.shiftBits;
    return html`<input
        type="range"
        name="shiftBits"
        min=${low}
        max=${high}
        step="1"
        .value=${String(bits)}
        style="--steps:${high - low}"
        @input=${(event: Event) => playground.setKnobs({ shiftBits: Number((event.target as HTMLInputElement).value) })}
      />
      <output class="int">${bits}</output>`;
  }

  /** The same in a window of its own, with everything that has no room here. */
  #link() {
    const place = placeOf(this.#watch.state);
    return place
      ? html`<a href=${formatPlace({ ...place, embedded: false })} target="_blank">${words.open}</a>`
      : nothing;
  }

  static override styles = [
    shared,
    slider,
    css`
      :host {
        --display: clamp(0.9375rem, 4vw, 1.5rem);
        display: grid;
        grid-template-rows: auto 1fr auto;
        align-content: start;
        gap: 6px;
        box-sizing: border-box;
        max-width: 720px;
        min-height: 100vh;
        margin: 0 auto;
        padding: 8px;
      }
      .figure {
        display: grid;
        /* As large as width and height of the frame allow. */
        grid-template-columns: clamp(84px, min(45vw - 56px, 100vh - 168px), 320px) minmax(0, 1fr);
        gap: clamp(10px, 3vw, 24px);
        align-items: center;
      }
      .picture {
        position: relative;
        aspect-ratio: 1;
        border-radius: 6px;
        overflow: hidden;
        background: var(--raised);
        outline: 1px solid var(--line);
      }
      img {
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      .side {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 6px;
      }
      .next {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 4px;
        min-height: 26px;
        padding: 0 4px;
        font-size: clamp(0.8125rem, 2.6vw, 0.875rem);
        white-space: nowrap;
      }
      @media (max-width: 399px) {
        .wide {
          display: none;
        }
      }
      @media (min-width: 400px) {
        .narrow {
          display: none;
        }
      }
      ul {
        display: grid;
        /* The longer names stand on the right. */
        grid-template-columns: minmax(0, 10fr) minmax(0, 12fr);
        gap: clamp(6px, 2vw, 16px) clamp(8px, 2vw, 24px);
      }
      li {
        display: grid;
        min-width: 0;
        border-top: 2px solid currentColor;
        padding-top: 2px;
      }
      .name {
        font-size: clamp(0.8rem, 2.6vw, 1rem);
        font-weight: 650;
        white-space: nowrap;
      }
      .said {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 6px;
        color: var(--ink);
        line-height: 1.15;
      }
      strong {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        font-size: clamp(1.125rem, 5.4vw, 2.5rem);
        white-space: nowrap;
      }
      .judgement,
      .share {
        flex: none;
        font-size: clamp(0.8rem, 2.6vw, 0.9375rem);
        white-space: nowrap;
      }
      .share {
        min-height: 1.4em;
        color: var(--soft);
      }
      .foot {
        font-size: 0.875rem;
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 4px 12px;
        white-space: nowrap;
      }
      label {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      input[type="range"] {
        width: clamp(72px, 26vw, 160px);
      }
      a {
        color: inherit;
        overflow: hidden;
        text-overflow: ellipsis;
      }
    `,
  ];
}
