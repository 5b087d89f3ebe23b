/** The cause of the trouble, to be moved by hand: how unbalanced the model's channels are, and where that comes from. */

import { css, html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { Section } from "../components/section";
import { mark } from "../components/marks";
import { playground } from "../context";
import { SCHEMES, type UnbalanceReport } from "../engine/types";
import { percent } from "../format";
import { Watch } from "../state";
import { text } from "../strings";
import { shared, slider } from "../styles/shared";
import { UNBALANCE_RANGE } from "../url";
import "./sw-seesaw";

const STEP = 10;

@customElement("sw-cause")
export class Cause extends Section {
  readonly #watch = new Watch(this);

  protected override render() {
    const { model, unbalance } = this.#watch.state;
    if (!model || !unbalance) return nothing;
    const words = text.cause;
    return html`<section aria-label=${words.title}>
      <h2>${words.title}</h2>
      <div class="parts">
        <div class="control">
          ${unbalance.pairs.length > 0 ? this.#control() : html`<p class="soft">${words.impossible}</p>`}
        </div>
        ${this.#picture(unbalance)}
        <div class="reasons small">
          ${(["folding", "dead", "training"] as const).map(
            (reason) => html`<p><strong>${words.headings[reason]}.</strong> ${words.reasons[reason]}</p>`,
          )}
          ${this.#watch.state.bundled ? html`<p class="soft">${words.bundled}</p>` : nothing}
        </div>
      </div>
    </section>`;
  }

  #control() {
    const words = text.cause;
    const { low, high } = UNBALANCE_RANGE;
    const { unbalance } = this.#watch.state.knobs;
    return html`
      <label>
        <span>${words.slider}</span>
        <input
          type="range"
          name="unbalance"
          min=${low}
          max=${high}
          step=${STEP}
          .value=${String(unbalance)}
          style="--steps:${(high - low) / STEP}"
          @input=${(event: Event) =>
            playground.setKnobs({ unbalance: Number((event.target as HTMLInputElement).value) })}
        />
        <output class="int">${words.value(unbalance)}</output>
        <span class="places small soft" aria-hidden="true">
          <span>${words.even}</span><span class="opened">${words.opened}</span><span>${words.more}</span>
        </span>
      </label>
      <dl class="scores num">${SCHEMES.map((scheme) => this.#score(scheme))}</dl>
      <p class="small soft">${words.hint} ${words.stays}</p>
    `;
  }

  #score(scheme: (typeof SCHEMES)[number]) {
    const score = this.#watch.state.scores[scheme];
    const share = score && score.labelled > 0 ? score.right / score.labelled : score?.agreement;
    return html`<div class=${scheme}>
      <dt class="small">${mark(scheme)} ${text.schemes[scheme]}</dt>
      <dd>
        ${share == null || score?.tally?.metric === "psnr_db" || score?.tally?.metric === "mae" ? "\u2013" : percent(share)}
      </dd>
    </div>`;
  }

  /** The pair of layers whose channels are furthest from even. */
  #picture({ pairs }: UnbalanceReport) {
    const spread = (doublings: readonly number[]) => Math.max(...doublings) - Math.min(...doublings);
    const [widest] = pairs.toSorted((a, b) => spread(b.doublings) - spread(a.doublings));
    const nodes = this.#watch.state.model?.nodes;
    if (!widest || !nodes) return nothing;
    return html`<sw-seesaw
      .pair=${widest}
      .first=${nodes[widest.first]?.name ?? ""}
      .second=${nodes[widest.second]?.name ?? ""}
    ></sw-seesaw>`;
  }

  static override styles = [
    shared,
    slider,
    css`
      section {
        margin-top: 24px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
      }
      .parts {
        display: grid;
        grid-template-columns: minmax(240px, 4fr) minmax(0, 5fr) minmax(0, 5fr);
        gap: 24px 40px;
        margin-top: 12px;
        align-items: start;
      }
      label {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0 8px;
        font-weight: 600;
      }
      /* Behind the slider in the source: a label belongs to the first of the two. */
      output {
        grid-area: 1 / 2;
      }
      input[type="range"] {
        grid-area: 2 / 1 / auto / -1;
        width: 100%;
      }
      .places {
        grid-column: 1 / -1;
        position: relative;
        display: flex;
        justify-content: space-between;
        font-weight: 400;
      }
      .opened {
        position: absolute;
        left: ${(100 * UNBALANCE_RANGE.initial) / UNBALANCE_RANGE.high}%;
        translate: -50%;
      }
      .scores {
        display: grid;
        grid-template-columns: repeat(2, 1fr);
        gap: 8px 16px;
        margin: 16px 0 12px;
      }
      dd {
        font-size: 1.25rem;
        font-weight: 600;
      }
      .reasons {
        display: grid;
        gap: 8px;
      }
      @media (max-width: 1099px) {
        .parts {
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr));
        }
      }
    `,
  ];
}
