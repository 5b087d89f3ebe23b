/** The picture as the network sees it, with the output pixel that is followed: a click chooses another one. */

import { css, html, LitElement, svg } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { Pixels } from "../engine/types";
import { shared } from "../styles/shared";
import type { Grid, OutputPixel } from "./pixel";

/** Grids of more lines than this would be a grey area. */
const MOST_LINES = 32;

@customElement("sw-pixel-map")
export class PixelMap extends LitElement {
  @property({ attribute: false }) picture: Pixels | null = null;
  @property({ attribute: false }) grid: Grid = { rows: 1, columns: 1 };
  @property({ attribute: false }) pixel = { row: 0, column: 0 };
  /** The places of the input that the number comes from, as shares of the picture: top, left, bottom, right. */
  @property({ attribute: false }) field: readonly [number, number, number, number] | null = null;
  @query("canvas") private canvas!: HTMLCanvasElement;

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("picture") || !this.picture) return;
    const { width, height, rgba } = this.picture;
    Object.assign(this.canvas, { width, height });
    this.canvas.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
  }

  #choose(event: MouseEvent): void {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const { rows, columns } = this.grid;
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const detail: OutputPixel = { row, column };
    this.dispatchEvent(new CustomEvent<OutputPixel>("pixel-chosen", { detail, bubbles: true, composed: true }));
  }

  protected override render() {
    const { rows, columns } = this.grid;
    const { row, column } = this.pixel;
    const { width = 1, height = 1 } = this.picture ?? {};
    const lines = (n: number) => (n <= MOST_LINES ? Array.from({ length: n - 1 }, (_, i) => i + 1) : []);
    // Small enough pixels would vanish: the frame has a size of its own.
    const [w, h] = [Math.max(1 / columns, 0.04), Math.max(1 / rows, 0.04)];
    const [x, y] = [(column + 0.5) / columns - w / 2, (row + 0.5) / rows - h / 2];
    const field = this.field;
    return html`<div class="frame" style="aspect-ratio:${width}/${height}" aria-hidden="true" @click=${this.#choose}>
      <canvas></canvas>
      <svg viewBox="0 0 1 1" preserveAspectRatio="none">
        <path
          class="lines"
          d=${lines(rows)
            .map((i) => `M0 ${i / rows}h1`)
            .concat(lines(columns).map((i) => `M${i / columns} 0v1`))
            .join("")}
        />
        ${
          field &&
          svg`<rect class="field" x=${field[1]} y=${field[0]} width=${field[3] - field[1]} height=${field[2] - field[0]} />`
        }
        <rect class="halo" x=${x} y=${y} width=${w} height=${h} />
        <rect class="pixel" x=${x} y=${y} width=${w} height=${h} />
      </svg>
    </div>`;
  }

  static override styles = [
    shared,
    css`
      .frame {
        position: relative;
        width: 100%;
        cursor: crosshair;
        border: 1px solid var(--line);
        background: var(--hair);
      }
      canvas,
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        image-rendering: pixelated;
      }
      path,
      rect {
        fill: none;
        vector-effect: non-scaling-stroke;
      }
      .lines {
        stroke: #8886;
        stroke-width: 0.5;
      }
      .field {
        stroke: var(--mark-line);
        stroke-width: 1.5;
        stroke-dasharray: 3 2;
      }
      .halo {
        stroke: #000;
        stroke-width: 5;
      }
      .pixel {
        stroke: #ffe9a0;
        stroke-width: 2.5;
      }
    `,
  ];
}
