/**
 * Base of the sheets of cells that a layer's weights and outputs are shown as: hovering previews a cell, a click pins it,
 * arrow keys move the pin, Escape takes it out, and from what is pinned it is one step to where it is computed.
 */

import { html, nothing, type TemplateResult } from "lit";
import { Pointed } from "../charts/pointed";
import { wantDatapath, type Wanted } from "../datapath/pixel";
import { layerText } from "../strings/layer";
import { CanvasElement } from "./canvas";
import { NARROW } from "./map-styles";

/** Right and down. */
const ARROWS: Record<string, readonly [number, number] | undefined> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What a view of sheets says of itself. */
export interface Words {
  keys: string;
  hint: string;
  go: string;
}

export abstract class Sheets<Place extends object> extends CanvasElement {
  protected readonly pointed = new Pointed<Place>(this);
  protected abstract readonly words: Words;

  /** The cell at a point of a sheet, in CSS pixels from its corner; null where there is none. */
  protected abstract cellAt(x: number, y: number, size: DOMRect): Place | null;
  /** The cell that keys lead to, from nowhere to the first one; null while there are no cells. */
  protected abstract cellFrom(from: Place | null, right: number, down: number): Place | null;
  /** Where a cell comes from. */
  protected abstract origin(place: Place): Wanted;

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      this.#go();
      return;
    }
    const by = ARROWS[event.key];
    if (this.pointed.onEscape(event) || !by) return;
    const place = this.cellFrom(this.pointed.at, ...by);
    if (!place) return;
    this.pointed.pin(place);
    event.preventDefault();
  }

  #under(event: MouseEvent): Place | null {
    const canvas = event.target;
    if (!(canvas instanceof HTMLCanvasElement)) return null;
    const box = canvas.getBoundingClientRect();
    return this.cellAt(event.clientX - box.left, event.clientY - box.top, box);
  }

  private onMove(event: PointerEvent): void {
    this.pointed.hover(this.#under(event));
  }

  private onClick(event: MouseEvent): void {
    const place = this.#under(event);
    if (place) this.pointed.pin(place);
  }

  #go(): void {
    const { pinned } = this.pointed;
    if (pinned) wantDatapath(this, this.origin(pinned));
  }

  /** The sheets in their columns, and below them what is said of the cell that is pointed at. */
  protected sheets(title: string, columns: unknown, said: TemplateResult | string | null): TemplateResult {
    const { keys, hint, go } = this.words;
    return html`<div
        class="sheets ${this.width < NARROW ? "narrow" : ""}"
        role="application"
        tabindex="0"
        aria-roledescription=${layerText.chart}
        aria-label="${title}. ${keys}"
        aria-describedby="at"
        @keydown=${this.onKey}
        @pointermove=${this.onMove}
        @pointerleave=${() => this.pointed.hover(null)}
        @click=${this.onClick}
      >
        ${columns}
      </div>
      <div class="small readout">
        <p id="at" class="num" aria-live="polite">${said ?? hint}</p>
        ${this.pointed.pinned ? html`<button class="small" @click=${() => this.#go()}>${go}</button>` : nothing}
      </div>`;
  }
}
