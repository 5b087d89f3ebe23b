/** What goes on and what went wrong: a progress bar with a way out, and one sentence with an icon. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { playground } from "../context";
import { secondsLeft } from "../remaining";
import { Watch, type Busy } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { icon } from "./marks";

@customElement("sw-notice")
export class NoticeBar extends LitElement {
  readonly #watch = new Watch(this);

  protected override render() {
    const { busy, notice } = this.#watch.state;
    const share = busy && busy.total > 0 ? busy.done / busy.total : null;
    return html`
      <div class="live" role=${notice?.tone === "error" ? "alert" : "status"}>
        ${
          notice
            ? html`<p class="notice">
                ${icon(notice.tone === "error" ? "warning" : "info")}
                <span class="words">${notice.text}</span>
                <button class="plain" aria-label=${text.close} @click=${() => playground.dismiss()}>
                  ${icon("close")}
                </button>
              </p>`
            : nothing
        }
      </div>
      ${
        busy
          ? html`<div class="busy">
              <progress
                aria-label=${busy.what}
                max="1"
                .value=${share ?? 0}
                class=${share === null ? "open" : ""}
              ></progress>
              <span class="small num">${text.progress(busy.what, busy.done, busy.total)}</span>
              ${this.#left(busy)}
              ${busy.cancel ? html`<button class="plain small" @click=${busy.cancel}>${text.cancel}</button>` : nothing}
            </div>`
          : nothing
      }
    `;
  }

  #left(busy: Busy) {
    const seconds = secondsLeft(busy, performance.now());
    return seconds === null ? nothing : html`<span class="small soft num">${text.left(seconds)}</span>`;
  }

  static override styles = [
    shared,
    css`
      .notice {
        display: flex;
        align-items: flex-start;
        gap: 8px;
        margin-top: 16px;
        padding: 8px 12px;
        border: 1px solid var(--ink);
        border-radius: 6px;
        background: var(--raised);
      }
      .notice .icon {
        margin-top: 3px;
      }
      .words {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      /* Lies over the page: nothing moves when it comes and goes. */
      .busy {
        position: fixed;
        z-index: 6;
        left: 50%;
        bottom: 16px;
        translate: -50% 0;
        display: flex;
        align-items: center;
        gap: 12px;
        max-width: calc(100vw - 32px);
        padding: 8px 16px;
        border: 1px solid var(--line);
        border-radius: 8px;
        background: var(--raised);
        box-shadow: 0 8px 32px rgb(0 0 0 / 0.16);
        white-space: nowrap;
      }
      progress {
        appearance: none;
        width: min(200px, 24vw);
        height: 6px;
        border: 0;
        border-radius: 3px;
        overflow: hidden;
        background: var(--hair);
      }
      progress::-webkit-progress-bar {
        background: var(--hair);
      }
      progress::-webkit-progress-value {
        background: var(--ink);
      }
      progress::-moz-progress-bar {
        background: var(--ink);
      }
      progress.open {
        background: repeating-linear-gradient(-45deg, var(--ink) 0 4px, var(--hair) 4px 8px);
      }
      progress.open::-webkit-progress-bar {
        background: none;
      }
    `,
  ];
}
