/** Paper to draw a digit on. It shows the chosen test picture until a pen touches it. */

import { css, html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { playground } from "../context";
import { text } from "../strings";
import { shared } from "../styles/shared";

/** Side and pen of the drawings that the bundled model was trained on too. */
const SIDE = 320;
const PEN = 23;
/** A pause this short does not keep up a person, but saves most of the runs while the pen moves. */
const PAUSE_MS = 40;

@customElement("sw-draw")
export class Draw extends LitElement {
  /** Address of the picture to show while nothing is drawn. */
  @property({ attribute: false }) under: string | null = null;
  @query("canvas") private canvas!: HTMLCanvasElement;
  #last: { x: number; y: number } | null = null;
  #drawn = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // Another picture was chosen: the drawing gives way to it.
    if (changed.has("under") && this.under !== null) {
      this.#drawn = false;
      void this.#paint(this.under);
    }
  }

  async #paint(address: string): Promise<void> {
    const image = new Image();
    image.src = address;
    await image.decode();
    if (this.#drawn || this.under !== address) return;
    const context = this.#blank();
    if (!context) return;
    context.imageSmoothingEnabled = image.width > SIDE;
    const scale = Math.min(SIDE / image.width, SIDE / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    context.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  }

  #blank(): CanvasRenderingContext2D | null {
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return null;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SIDE, SIDE);
    return context;
  }

  clear(): void {
    this.#blank();
    this.#drawn = true;
    clearTimeout(this.#timer);
    void playground.draw(null);
  }

  #at(event: PointerEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    if (!this.#drawn) {
      this.#drawn = true;
      this.#blank();
    }
    this.#last = this.#at(event);
    this.#line(this.#last);
  }

  private onMove(event: PointerEvent): void {
    if (!this.#last) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.#line(this.#at(one));
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#send(), PAUSE_MS);
  }

  private onUp(): void {
    if (!this.#last) return;
    this.#last = null;
    this.#send();
  }

  #line(to: { x: number; y: number }): void {
    const context = this.canvas.getContext("2d");
    if (!context || !this.#last) return;
    context.strokeStyle = "#000";
    context.lineWidth = PEN;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.beginPath();
    context.moveTo(this.#last.x, this.#last.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    this.#last = to;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const data = this.canvas.getContext("2d")?.getImageData(0, 0, SIDE, SIDE).data;
    if (data) void playground.draw({ rgba: new Uint8Array(data.buffer), width: SIDE, height: SIDE });
  }

  protected override render() {
    return html`<canvas
      width=${SIDE}
      height=${SIDE}
      role="img"
      aria-label=${text.drawLabel}
      @pointerdown=${this.onDown}
      @pointermove=${this.onMove}
      @pointerup=${this.onUp}
      @pointercancel=${this.onUp}
    ></canvas>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        height: 100%;
      }
      canvas {
        display: block;
        width: 100%;
        height: 100%;
        object-fit: contain;
        background: #fff;
        touch-action: none;
        cursor: crosshair;
      }
    `,
  ];
}
