/**
 * `<shift-wise>`: the figure as an element of other pages, which load this file as a module from where the page is.
 * Attributes are the page's address, and may change: `<shift-wise shift="0" picture="4"></shift-wise>`. The frame's size
 * is the element's.
 */

import { FIGURE_KEYS, figureAddress } from "./address";

/** This file lies beside the page; its source two folders below. */
const HERE = import.meta.url;
const PAGE = new URL(import.meta.env.DEV ? "../../" : "./", HERE);

export class ShiftWise extends HTMLElement {
  static readonly observedAttributes: readonly string[] = [...FIGURE_KEYS, "title"];
  readonly #frame = document.createElement("iframe");

  constructor() {
    super();
    const style = document.createElement("style");
    style.textContent = `
      :host { display: block; width: 100%; max-width: 480px; height: 320px; }
      :host([hidden]) { display: none; }
      iframe { width: 100%; height: 100%; border: 0; }
    `;
    this.#frame.loading = "lazy";
    this.attachShadow({ mode: "open" }).append(style, this.#frame);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#show();
  }

  connectedCallback(): void {
    this.#show();
  }

  #show(): void {
    const address = figureAddress((name) => this.getAttribute(name), PAGE);
    this.#frame.title = this.title || "Shiftwise";
    // Another fragment of the same page: it goes on from where it is.
    if (this.#frame.src !== address) this.#frame.src = address;
  }
}

customElements.define("shift-wise", ShiftWise);
