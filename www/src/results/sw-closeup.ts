/** One result as large as the window allows; the schemes take turns in the same place. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { icon, mark } from "../components/marks";
import { SCHEMES, type Scheme } from "../engine/types";
import type { State } from "../state";
import { text } from "../strings";
import { dialogSurface, shared } from "../styles/shared";
import type { Base } from "./frame";
import type { Look } from "./sw-result";
import "./sw-result";

@customElement("sw-closeup")
export class Closeup extends LitElement {
  @property({ attribute: false }) predictions: State["predictions"] = {};
  @property({ attribute: false }) base: Base | null = null;
  @property({ attribute: false }) look!: Look;
  /** A sharper base, when it is needed. */
  @property({ attribute: false }) sharpen: () => Promise<Base | null> = () => Promise.resolve(null);
  @state() private scheme: Scheme | null = null;
  @state() private sharp: Base | null = null;
  @query("dialog") private dialog!: HTMLDialogElement;

  open(scheme: Scheme): void {
    this.scheme = scheme;
    this.sharp = null;
    this.dialog.showModal();
    void this.sharpen().then(
      (base) => (this.sharp = base),
      // The picture that is shown already has to do.
      () => undefined,
    );
  }

  protected override render() {
    return html`<dialog aria-label=${text.results.closeup} @close=${() => (this.scheme = null)}>
      ${this.scheme ? this.#content(this.scheme) : nothing}
    </dialog>`;
  }

  #content(scheme: Scheme) {
    return html`
      <header>
        <fieldset>
          <legend class="unseen">${text.schemesLabel}</legend>
          ${SCHEMES.filter((one) => this.predictions[one]?.result).map(
            (one) =>
              html`<label class="small ${one === scheme ? "chosen" : ""}">
                <input type="radio" name="scheme" .checked=${one === scheme} @change=${() => (this.scheme = one)} />
                ${mark(one)} ${text.schemes[one]}
              </label>`,
          )}
        </fieldset>
        <button class="plain" aria-label=${text.close} @click=${() => this.dialog.close()}>${icon("close")}</button>
      </header>
      <sw-result
        scheme=${scheme}
        .predictions=${this.predictions}
        .base=${this.sharp ?? this.base}
        .look=${this.look}
      ></sw-result>
    `;
  }

  static override styles = [
    shared,
    dialogSurface,
    css`
      dialog {
        --tallest: calc(100vh - 272px);
        --place: auto;
        width: min(1200px, calc(100vw - 32px));
        max-height: calc(100vh - 32px);
        padding: 16px;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 0.48);
      }
      header {
        display: flex;
        align-items: start;
        justify-content: space-between;
        gap: 16px;
        margin-bottom: 12px;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 8px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      label {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        height: 32px;
        padding: 0 12px;
        border: 1px solid var(--line);
        border-radius: 6px;
        cursor: pointer;
      }
      label.chosen {
        border-color: var(--ink);
        font-weight: 600;
      }
      label:focus-within {
        outline: 2px solid var(--ink);
        outline-offset: 2px;
      }
      input {
        position: absolute;
        opacity: 0;
      }
    `,
  ];
}
