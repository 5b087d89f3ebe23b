/** Base of what is drawn on canvases: in CSS pixels, sharp on every screen, in the theme's colours, once a frame. */

import { css } from "lit";
import { SizedElement } from "../charts/sized";

/** The page's colours (styles/page.css), as the canvas needs them. */
export type Palette = Record<
  "paper" | "raised" | "ink" | "soft" | "line" | "hair" | "layer-wise" | "shift-wise" | "mark" | "mark-line",
  string
> & { dark: boolean };

const NAMES = [
  "paper",
  "raised",
  "ink",
  "soft",
  "line",
  "hair",
  "layer-wise",
  "shift-wise",
  "mark",
  "mark-line",
] as const;

export abstract class CanvasElement extends SizedElement {
  #palette: Palette | undefined;
  #frame = 0;
  readonly #system = matchMedia("(prefers-color-scheme: dark)");
  readonly #chosen = new MutationObserver(() => this.#recolour());
  readonly #recolour = () => {
    this.#palette = undefined;
    this.recoloured();
    this.requestUpdate();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.#system.addEventListener("change", this.#recolour);
    this.#chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#recolour();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#system.removeEventListener("change", this.#recolour);
    this.#chosen.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  protected override updated(): void {
    this.repaint();
  }

  /** Draws in the next frame, however often it is asked. */
  protected repaint(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.paint();
    });
  }

  /** The theme changed: what was drawn before is out of date. */
  protected recoloured(): void {}

  /** Draws every canvas anew. */
  protected abstract paint(): void;

  protected get palette(): Palette {
    if (!this.#palette) {
      const style = getComputedStyle(this);
      const colours = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()] as const);
      const dark = style.colorScheme.includes("dark");
      this.#palette = { ...(Object.fromEntries(colours) as Record<(typeof NAMES)[number], string>), dark };
    }
    return this.#palette;
  }

  /** An empty canvas of that size, measured in CSS pixels; `undefined` while there is none. */
  protected surface(canvas: HTMLCanvasElement | null, width: number, height: number) {
    const context = canvas?.getContext("2d");
    if (!canvas || !context || width <= 0 || height <= 0) return undefined;
    const density = devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * density), Math.round(height * density)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }
}

export const canvasStyles = css`
  canvas {
    display: block;
  }
`;

/** Of a canvas as wide as its element: while the page is laid out, what was drawn before must not widen it. */
export const fittingCanvasStyles = [
  canvasStyles,
  css`
    canvas {
      max-width: 100%;
    }
  `,
];
