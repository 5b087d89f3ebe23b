/** The verdict: what the four formats see, in one sentence, and why, in nine words. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { verdict, type Verdict } from "../findings";
import type { State } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { mark } from "./marks";

@customElement("sw-verdict")
export class VerdictView extends LitElement {
  @property({ attribute: false }) predictions: State["predictions"] = {};
  @property({ attribute: false }) knobs!: State["knobs"];
  /** Said instead, while there is nothing to judge. */
  @property() instead = "";

  protected override render() {
    const found = this.instead ? null : verdict(this.predictions);
    return html`<div aria-live="polite">
      <h1>${found ? this.#sentence(found) : this.instead}</h1>
      <p class="soft">${found ? this.#why(found) : nothing}</p>
    </div>`;
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
        text-wrap: balance;
      }
      h1 b {
        font-weight: 750;
      }
      h1 .mark {
        width: 0.7em;
        height: 0.7em;
        vertical-align: 0.02em;
      }
      p {
        margin-top: 4px;
        min-height: 1.4em;
      }
    `,
  ];
}
