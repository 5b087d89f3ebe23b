/** Base of charts that draw in CSS pixels: renders again when its width changes. */

import { LitElement } from "lit";
import { state } from "lit/decorators.js";

export class SizedElement extends LitElement {
  /** Content width in CSS pixels; 0 until laid out. */
  @state() protected width = 0;

  readonly #observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.floor(entry.contentRect.width);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }
}
