/**
 * A grid of pictures with a mark for each scheme. Only the rows in view are drawn, so that a thousand pictures scroll as
 * smoothly as ten.
 */

import { css, html, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { SizedElement } from "../charts/sized";
import { SCHEMES } from "../engine/types";
import { text } from "../strings";
import { shared } from "../styles/shared";
import type { Outcome } from "./outcomes";
import { verdict, verdictStyle } from "./verdict";

/** Least width of a cell, and height of a row, in CSS pixels. */
const CELL = 80;
const ROW = 104;
/** Rows drawn beyond either edge, so that scrolling finds them there. */
const SPARE = 2;

@customElement("sw-grid")
export class Grid extends SizedElement {
  @property({ attribute: false }) outcomes: readonly Outcome[] = [];
  /** Index of the picture on the stage. */
  @property({ type: Number }) current = -1;
  /** What is said about a picture under the grid and to those who do not see it. */
  @property({ attribute: false }) describe: (outcome: Outcome) => string = () => "";
  @state() private top = 0;
  /** Place of the cell that has, or would get, the focus. */
  @state() private active = 0;
  @state() private hovered: Outcome | null = null;
  @query(".scroller") private scroller!: HTMLElement | null;

  get #columns(): number {
    return Math.max(1, Math.floor(this.width / CELL));
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("outcomes")) return;
    this.active = Math.max(0, Math.min(this.active, this.outcomes.length - 1));
    this.hovered = null;
  }

  #choose(outcome: Outcome, place: number): void {
    this.active = place;
    this.dispatchEvent(new CustomEvent<number>("picture-chosen", { detail: outcome.index, bubbles: true }));
  }

  private async onKey(event: KeyboardEvent): Promise<void> {
    const columns = this.#columns;
    const page = columns * Math.max(1, Math.floor((this.scroller?.clientHeight ?? ROW) / ROW));
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      PageUp: -page,
      PageDown: page,
      Home: -this.outcomes.length,
      End: this.outcomes.length,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.active = Math.max(0, Math.min(this.outcomes.length - 1, this.active + step));
    this.hovered = null;
    this.#reveal(this.active);
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`[data-place="${this.active}"]`)?.focus({ preventScroll: true });
  }

  #reveal(place: number): void {
    const { scroller } = this;
    if (!scroller) return;
    const row = Math.floor(place / this.#columns) * ROW;
    if (row < scroller.scrollTop) scroller.scrollTop = row;
    else if (row + ROW > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = row + ROW - scroller.clientHeight;
    }
    this.top = scroller.scrollTop;
  }

  protected override render() {
    if (this.outcomes.length === 0) return html`<p class="none soft">${text.many.noneLeft}</p>`;
    const columns = this.#columns;
    const rows = Math.ceil(this.outcomes.length / columns);
    const seen = this.scroller?.clientHeight || 4 * ROW;
    const first = Math.max(0, Math.floor(this.top / ROW) - SPARE);
    const last = Math.min(rows, Math.ceil((this.top + seen) / ROW) + SPARE);
    const places = Array.from({ length: (last - first) * columns }, (_, i) => first * columns + i);
    const shown = this.hovered ?? this.outcomes[this.active];
    return html`
      <div
        class="scroller"
        role="group"
        aria-label="${text.many.grid}. ${text.many.gridKeys}"
        @scroll=${() => (this.top = this.scroller?.scrollTop ?? 0)}
        @keydown=${this.onKey}
        @pointerleave=${() => (this.hovered = null)}
      >
        <div class="all" style="height:${rows * ROW}px">
          ${
            this.width > 0
              ? repeat(
                  places,
                  (place) => place,
                  (place) => this.#cell(place, columns),
                )
              : nothing
          }
        </div>
      </div>
      <p class="small readout num">${shown ? this.describe(shown) : ""}</p>
    `;
  }

  #cell(place: number, columns: number) {
    const outcome = this.outcomes[place];
    if (!outcome) return nothing;
    const { picture, index } = outcome;
    const width = this.width / columns;
    const at = `translate:${(place % columns) * width}px ${Math.floor(place / columns) * ROW}px;width:${width - 8}px`;
    const name = this.describe(outcome);
    return html`<button
      class="cell"
      style=${at}
      data-place=${place}
      tabindex=${place === this.active ? 0 : -1}
      aria-label=${name}
      aria-pressed=${index === this.current}
      @click=${() => this.#choose(outcome, place)}
      @focus=${() => (this.active = place)}
      @pointerenter=${() => (this.hovered = outcome)}
    >
      <img src=${picture.thumbnail} alt="" draggable="false" />
      <span class="marks">${SCHEMES.map((scheme) => verdict(scheme, outcome.answers[scheme]))}</span>
    </button>`;
  }

  static override styles = [
    shared,
    css`
      .scroller {
        max-height: ${4 * ROW}px;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        scrollbar-color: var(--line) transparent;
        padding: 4px 4px 0;
        margin: 0 -4px;
      }
      .all {
        position: relative;
      }
      .cell {
        position: absolute;
        display: grid;
        grid-template-rows: 68px 24px;
        justify-items: center;
        height: ${ROW - 8}px;
        padding: 0;
        border: 1px solid var(--hair);
        border-radius: 6px;
        overflow: hidden;
      }
      .cell[aria-pressed="true"] {
        background: var(--mark);
        border-color: var(--mark-line);
      }
      img {
        width: 100%;
        height: 68px;
        object-fit: cover;
      }
      .none {
        padding: 24px 0;
      }
      .readout {
        min-height: 2.8em;
        margin-top: 4px;
      }
    `,
    verdictStyle,
  ];
}
