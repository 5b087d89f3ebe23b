/** The selected channel's kernels: as float, as each scheme's integers, and what the integers miss. */

import { css, html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { mark } from "../components/marks";
import type { Wanted } from "../datapath/pixel";
import { INTEGER_SCHEMES, SCHEMES, type ChannelDetail, type Scheme } from "../engine/types";
import { real } from "../format";
import { Watch } from "../state";
import { text as page } from "../strings";
import { layerText } from "../strings/layer";
import { shared, table, tableTwin } from "../styles/shared";
import { canvasStyles } from "./canvas";
import { colourOf, cssOf, inkOn, largest, legend } from "./colours";
import { mapStyles, NARROW } from "./map-styles";
import { cornerOf, indexOf, layOut, step, tapAt, type Sheet, type Tap } from "./sheet";
import { Sheets } from "./sheets";
import "../takeaway/sw-take";

const text = layerText.weights;
const GAP = 16;
const MOST_HEIGHT = 176;
/** Numbers are written into cells of at least this size. */
const WRITABLE = 26;
const MOST_ROWS = 512;

type Side = "weights" | "differences";

/** What one sheet shows. */
interface Values {
  reals: number[];
  /** Written into the cells: integers where there are any. */
  integers: ArrayLike<number> | null;
  most: number;
}

@customElement("sw-weights")
export class Weights extends Sheets<Tap> {
  protected readonly words = text;
  readonly #watch = new Watch(this);
  #sheet: Sheet | undefined;
  #values: { of: unknown; sheets: Partial<Record<Scheme, Record<Side, Values>>> } | undefined;

  get #channel(): ChannelDetail | undefined {
    return this.#watch.state.channels["shift-wise"];
  }

  /** Another channel's weights stay, and the focus with them, until the new ones are there. */
  protected override shouldUpdate(): boolean {
    const { channel, node } = this.#watch.state;
    const detail = this.#channel;
    return !this.hasUpdated || !detail || (detail.channel === channel && detail.node === node);
  }

  protected override willUpdate(): void {
    const detail = this.#channel;
    if (!detail || this.width <= 0) return;
    const columns = this.width < NARROW ? 2 : SCHEMES.length;
    const room = (this.width - GAP * (columns - 1)) / columns;
    this.#sheet = layOut(detail.shape as [number, number, number], room, MOST_HEIGHT);
    const { inputs, kh, kw } = this.#sheet;
    this.pointed.keep(({ row, column, input }) => row < kh && column < kw && input < inputs);
    if (this.#values?.of !== this.#watch.state.channels) {
      this.#values = { of: this.#watch.state.channels, sheets: this.#compute(detail) };
    }
  }

  /** Weights of all schemes on one scale, differences on another. */
  #compute(detail: ChannelDetail): Partial<Record<Scheme, Record<Side, Values>>> {
    const { channels } = this.#watch.state;
    const quantized = INTEGER_SCHEMES.flatMap((scheme) => {
      const channel = channels[scheme];
      if (!channel) return [];
      const step = channel.scale / 2 ** channel.shift;
      const reals = Array.from(channel.integers, (q) => q * step);
      const misses = reals.map((value, i) => value - (detail.weights[i] ?? 0));
      return [{ scheme, integers: channel.integers, reals, misses }];
    });
    const most = largest(detail.weights, ...quantized.map(({ reals }) => reals));
    const mostMiss = largest(...quantized.map(({ misses }) => misses));
    const none = { reals: [], integers: null, most: mostMiss };
    const float = { weights: { reals: Array.from(detail.weights), integers: null, most }, differences: none };
    const sheets: Partial<Record<Scheme, Record<Side, Values>>> = { float };
    for (const { scheme, integers, reals, misses } of quantized) {
      sheets[scheme] = {
        weights: { reals, integers, most },
        differences: { reals: misses, integers: null, most: mostMiss },
      };
    }
    return sheets;
  }

  protected cellAt(x: number, y: number): Tap | null {
    return this.#sheet ? tapAt(this.#sheet, x, y) : null;
  }

  protected cellFrom(from: Tap | null, right: number, down: number): Tap | null {
    if (!this.#sheet) return null;
    return from ? step(this.#sheet, from, right, down) : { row: 0, column: 0, input: 0 };
  }

  protected origin(weight: Tap): Wanted {
    return { weight };
  }

  protected override render() {
    const detail = this.#channel;
    if (!detail) return html`<div style="height:480px"></div>`;
    const [kh = 1, kw = 1, inputs = 1] = detail.shape;
    const float = this.#values?.sheets.float;
    return html`
      <h3>${text.title(detail.channel)}</h3>
      <p class="small soft">${text.shape(kh, kw, inputs)}</p>
      ${
        float
          ? html`<div class="legends">
              ${legend(text.value, float.weights.most, this.palette.dark)}
              ${legend(text.difference, float.differences.most, this.palette.dark)}
            </div>`
          : nothing
      }
      ${this.sheets(
        text.title(detail.channel),
        SCHEMES.map((scheme) => this.#column(scheme)),
        this.#readout(detail),
      )}
      ${this.#twin(detail)}
    `;
  }

  #column(scheme: Scheme) {
    const { channels, layers, channel } = this.#watch.state;
    const name = page.schemes[scheme];
    const heading = html`<span class=${scheme}>${mark(scheme)} <b>${name}</b></span>`;
    const canvas = (side: Side, label: string) =>
      html`<canvas data-scheme=${scheme} data-side=${side} role="img" aria-label=${label}></canvas>`;
    if (scheme === "float") {
      return html`<div class="column">
        <p class="small">${heading}</p>
        ${canvas("weights", text.sheet(name))}
      </div>`;
    }
    const [detail, layer] = [channels[scheme], layers[scheme]];
    const o = channel ?? 0;
    return html`<div class="column">
      <p class="small">${heading} <span class="int">${detail?.shift ? page.ruler.step(detail.shift) : ""}</span></p>
      ${canvas("weights", text.sheet(name))}
      <p class="small soft">${text.levels(layer?.levels[o] ?? 0)}</p>
      ${canvas("differences", text.differences(name))}
      <p class="small soft">${text.db(layer?.sqnr_db[o] ?? null)}</p>
    </div>`;
  }

  #readout(detail: ChannelDetail) {
    if (!this.pointed.at || !this.#sheet) return null;
    const { row, column, input } = this.pointed.at;
    const i = indexOf(this.#sheet, this.pointed.at);
    const { channels } = this.#watch.state;
    return html`${text.at(row, column, input)}: ${real(detail.weights[i] ?? 0)}
    ${INTEGER_SCHEMES.map((scheme) => {
      const value = this.#values?.sheets[scheme]?.weights.reals[i] ?? 0;
      return html`<span class="value"
        ><span class=${scheme}>${mark(scheme)}<span class="unseen">${page.schemes[scheme]}</span></span>
        <span class="int">${channels[scheme]?.integers[i] ?? 0}</span> = ${real(value)}</span
      >`;
    })}`;
  }

  #twin(detail: ChannelDetail) {
    const { channels } = this.#watch.state;
    const [, kw = 1, inputs = 1] = detail.shape;
    const all = detail.weights.length;
    const words = text.table;
    return html`<sw-take chart="weights"></sw-take>
      <details class="twin">
        <summary>${page.tableTwin}</summary>
        ${all > MOST_ROWS ? html`<p class="soft">${text.cut(MOST_ROWS, all)}</p>` : nothing}
        <div class="scroll" tabindex="0" role="region" aria-label=${text.title(detail.channel)}>
          <table>
            <thead>
              <tr>
                ${[words.input, words.row, words.column, words.float].map((name) => html`<th scope="col">${name}</th>`)}
                ${INTEGER_SCHEMES.map((scheme) => html`<th scope="col">${page.schemes[scheme]}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${Array.from(detail.weights.slice(0, MOST_ROWS), (weight, i) => {
                const place = Math.floor(i / inputs);
                return html`<tr>
                  <td class="int">${i % inputs}</td>
                  <td class="int">${Math.floor(place / kw)}</td>
                  <td class="int">${place % kw}</td>
                  <td>${real(weight)}</td>
                  ${INTEGER_SCHEMES.map((scheme) => html`<td class="int">${channels[scheme]?.integers[i]}</td>`)}
                </tr>`;
              })}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  protected override paint(): void {
    const sheet = this.#sheet;
    if (!sheet || !this.#values) return;
    for (const canvas of this.renderRoot.querySelectorAll("canvas")) {
      const { scheme, side } = canvas.dataset as { scheme: Scheme; side: Side };
      const values = this.#values.sheets[scheme]?.[side];
      const context = values && this.surface(canvas, sheet.width, sheet.height);
      if (context) this.#paintSheet(context, sheet, values);
    }
  }

  #paintSheet(context: CanvasRenderingContext2D, sheet: Sheet, { reals, integers, most }: Values): void {
    const { kh, kw, inputs, cell } = sheet;
    const { dark, ink } = this.palette;
    const written = cell >= WRITABLE && integers;
    context.font = `${Math.min(13, cell * 0.4)}px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let input = 0; input < inputs; input++) {
      for (let row = 0; row < kh; row++) {
        for (let column = 0; column < kw; column++) {
          const tap = { row, column, input };
          const [x, y] = cornerOf(sheet, tap);
          const i = indexOf(sheet, tap);
          const colour = colourOf(reals[i] ?? 0, most, dark);
          context.fillStyle = cssOf(colour);
          context.fillRect(x, y, cell, cell);
          if (!written) continue;
          context.fillStyle = inkOn(colour);
          context.fillText(String(integers[i]).replace("-", "\u2212"), x + cell / 2, y + cell / 2);
        }
      }
    }
    if (!this.pointed.at) return;
    const [x, y] = cornerOf(sheet, this.pointed.at);
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, Math.max(2, cell - 2), Math.max(2, cell - 2));
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    canvasStyles,
    mapStyles,
    css`
      canvas {
        outline: 1px solid var(--hair);
        cursor: crosshair;
      }
      .value {
        margin-inline-start: 12px;
        white-space: nowrap;
      }
    `,
  ];
}
