/** Detected boxes over the picture, with float's dashed beneath. */

import { css, html, LitElement, nothing, svg, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Pointed } from "../charts/pointed";
import type { DetectedBox } from "../engine/types";
import { confidence, percent } from "../format";
import { text } from "../strings";
import { shared, table, tableTwin } from "../styles/shared";
import { frame, stepped, within, type Base } from "./frame";
import "../takeaway/sw-take";

/** More boxes than these are a crowd: drawn with thinner lines. */
const CROWD = 12;
/** Up to so many boxes have their scores written beside them; of more, the one that is pointed at. */
const MOST_TAGS = 3;

const words = text.results.boxes;

@customElement("sw-boxes")
export class Boxes extends LitElement {
  @property({ attribute: false }) boxes: readonly DetectedBox[] = [];
  /** Float's, to compare with; none for float itself. */
  @property({ attribute: false }) float: readonly DetectedBox[] | null = null;
  @property({ attribute: false }) base!: Base;
  @property() name = "";
  /** Of the boxes, by index. */
  readonly #pointed = new Pointed<{ box: number }>(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Another picture has other boxes.
    if (changed.has("boxes")) this.#pointed.keep(() => false);
  }

  /** The smallest box around the pointer: those within others must be reachable. */
  #under(event: MouseEvent): { box: number } | null {
    const { x, y } = within(event);
    let found: { box: number } | null = null;
    let least = Infinity;
    for (const [i, { corners }] of this.boxes.entries()) {
      const [left, top, right, bottom] = corners;
      const area = (right - left) * (bottom - top);
      if (x >= left && x <= right && y >= top && y <= bottom && area < least) [found, least] = [{ box: i }, area];
    }
    return found;
  }

  private onKey(event: KeyboardEvent): void {
    if (this.#pointed.onEscape(event)) return;
    const next = stepped(event.key, this.#pointed.at?.box ?? null, this.boxes.length);
    if (next === null) return;
    event.preventDefault();
    this.#pointed.pin({ box: next });
  }

  private onClick(event: MouseEvent): void {
    const place = this.#under(event);
    if (place) this.#pointed.pin(place);
  }

  protected override render() {
    const { boxes, base } = this;
    const active = this.#pointed.at?.box ?? null;
    return html`
      <div
        class="frame"
        style="--proportions:${base.proportions}"
        role="img"
        tabindex="0"
        aria-label=${words.label(this.name, boxes.length)}
        @keydown=${this.onKey}
        @click=${this.onClick}
        @pointermove=${(event: PointerEvent) => this.#pointed.hover(this.#under(event))}
        @pointerleave=${() => this.#pointed.hover(null)}
      >
        <img class=${base.coarse ? "coarse" : ""} src=${base.address} alt="" />
        <svg
          class=${boxes.length > CROWD ? "crowd" : ""}
          viewBox="0 0 1 1"
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          ${[...(this.float ?? []), ...boxes].map((box) => this.#rectangle(box, "halo"))}
          ${(this.float ?? []).map((box) => this.#rectangle(box, "reference"))}
          ${boxes.map((box, i) => this.#rectangle(box, active === i ? "active" : "own"))}
        </svg>
        ${boxes.map((box, i) => (i === active || boxes.length <= MOST_TAGS ? this.#tag(box) : nothing))}
      </div>
      <p class="unseen" role="status">${active === null ? nothing : this.#words(boxes[active])}</p>
      <div class="below">${boxes.length > 0 ? this.#table() : nothing}</div>
    `;
  }

  #rectangle({ corners: [left, top, right, bottom] }: DetectedBox, kind: string) {
    return svg`<rect class=${kind} x=${left} y=${top} width=${right - left} height=${bottom - top} />`;
  }

  #words(box: DetectedBox | undefined): string {
    return box ? `${box.label} ${confidence(box.score)}` : "";
  }

  #tag(box: DetectedBox) {
    const [left, top, , bottom] = box.corners;
    // Above the box, or within it where there is no room.
    const place = top > 0.12 ? `bottom:${(1 - top) * 100}%` : bottom < 0.88 ? `top:${bottom * 100}%` : "top:0";
    return html`<span class="tag num" style="left:${Math.min(left, 0.7) * 100}%;${place}">${this.#words(box)}</span>`;
  }

  #table() {
    return html`<sw-take chart="boxes" which=${this.name}></sw-take>
      <details class="twin">
        <summary>${text.tableTwin}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label=${words.label(this.name, this.boxes.length)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${words.box}</th>
                <th scope="col">${words.score}</th>
                <th scope="col">${words.left}</th>
                <th scope="col">${words.top}</th>
                <th scope="col">${words.width}</th>
                <th scope="col">${words.height}</th>
              </tr>
            </thead>
            <tbody>
              ${this.boxes.map(
                ({ label, score, corners: [left, top, right, bottom] }) =>
                  html`<tr>
                    <th scope="row">${label}</th>
                    <td>${confidence(score)}</td>
                    ${[left, top, right - left, bottom - top].map((part) => html`<td>${percent(part)}</td>`)}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    frame,
    css`
      rect {
        fill: none;
        vector-effect: non-scaling-stroke;
      }
      .halo {
        stroke: rgb(255 255 255 / 0.75);
        stroke-width: 4px;
      }
      .reference {
        stroke: #17191c;
        stroke-width: 1.5px;
        stroke-dasharray: 4 3;
      }
      .own,
      .active {
        stroke: var(--drawn);
        stroke-width: 2px;
      }
      .crowd .halo {
        stroke-width: 3px;
      }
      .crowd .own {
        stroke-width: 1.5px;
      }
      rect.active {
        stroke-width: 4px;
      }
      .below {
        min-height: 24px;
        margin-top: 4px;
      }
    `,
  ];
}
