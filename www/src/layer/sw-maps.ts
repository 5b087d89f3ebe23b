/** The selected output channel for the current picture: as float has it, as each scheme has it, and what is between. */

import { css, html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { mark } from "../components/marks";
import type { OutputPixel, Wanted } from "../datapath/pixel";
import { SCHEMES, type ActivationMap, type Scheme } from "../engine/types";
import { real } from "../format";
import { Watch } from "../state";
import { text as page } from "../strings";
import { layerText } from "../strings/layer";
import { shared, table, tableTwin } from "../styles/shared";
import { canvasStyles } from "./canvas";
import { colourOf, largest, legend } from "./colours";
import { mapStyles } from "./map-styles";
import { Sheets } from "./sheets";
import "../takeaway/sw-take";

const text = layerText.maps;
const MOST_ROWS = 512;

type Side = "output" | "difference";

/** What one picture shows. */
interface Values {
  values: ArrayLike<number>;
  most: number;
}

@customElement("sw-maps")
export class Maps extends Sheets<OutputPixel> {
  protected readonly words = text;
  readonly #watch = new Watch(this);
  #known: { of: unknown; sheets: Partial<Record<Scheme, Partial<Record<Side, Values>>>> } | undefined;

  get #float(): ActivationMap | undefined {
    return this.#watch.state.maps.float;
  }

  protected override willUpdate(): void {
    const { maps } = this.#watch.state;
    if (this.#known?.of === maps) return;
    const float = maps.float;
    this.pointed.keep(({ row, column }) => !!float && row < float.height && column < float.width);
    const sheets: Partial<Record<Scheme, Partial<Record<Side, Values>>>> = {};
    if (float) {
      const outputs = SCHEMES.flatMap((scheme) => (maps[scheme] ? [{ scheme, values: maps[scheme].values }] : []));
      const most = largest(...outputs.map(({ values }) => values));
      for (const { scheme, values } of outputs) sheets[scheme] = { output: { values, most } };
      const misses = outputs
        .filter(({ scheme }) => scheme !== "float")
        .map(({ scheme, values }) => ({
          scheme,
          values: Array.from(values, (value, i) => value - (float.values[i] ?? 0)),
        }));
      const mostMiss = largest(...misses.map(({ values }) => values));
      for (const { scheme, values } of misses) {
        sheets[scheme] = { ...sheets[scheme], difference: { values, most: mostMiss } };
      }
    }
    this.#known = { of: maps, sheets };
  }

  protected cellAt(x: number, y: number, size: DOMRect): OutputPixel | null {
    const float = this.#float;
    if (!float) return null;
    const place = (at: number, size: number, cells: number) =>
      Math.max(0, Math.min(cells - 1, Math.floor((at / size) * cells)));
    return { row: place(y, size.height, float.height), column: place(x, size.width, float.width) };
  }

  protected cellFrom(from: OutputPixel | null, right: number, down: number): OutputPixel | null {
    const float = this.#float;
    if (!float) return null;
    const within = (place: number, size: number) => Math.max(0, Math.min(size - 1, place));
    return {
      row: from ? within(from.row + down, float.height) : 0,
      column: from ? within(from.column + right, float.width) : 0,
    };
  }

  protected origin(pixel: OutputPixel): Wanted {
    return { pixel };
  }

  protected override render() {
    const { channel, predictions } = this.#watch.state;
    const float = this.#float;
    if (!predictions.float) return html`<p class="soft">${text.none}</p>`;
    const sheets = this.#known?.sheets;
    if (!float || !sheets || channel === null) return html`<div style="height:480px"></div>`;
    const { dark } = this.palette;
    return html`
      <h3>${text.title(channel)} <span class="soft num size">${text.size(float.height, float.width)}</span></h3>
      <div class="legends">
        ${legend(text.scale, sheets.float?.output?.most ?? 1, dark)}
        ${legend(text.difference, sheets["layer-wise"]?.difference?.most ?? 1, dark)}
      </div>
      ${this.sheets(
        text.title(channel),
        SCHEMES.map((scheme) => this.#column(scheme, float)),
        this.pointed.at && text.at(this.pointed.at.row, this.pointed.at.column),
      )}
      ${this.#twin(float)}
    `;
  }

  #column(scheme: Scheme, float: ActivationMap) {
    const map = this.#watch.state.maps[scheme];
    if (!map) return nothing;
    const name = page.schemes[scheme];
    const values = this.#known?.sheets[scheme];
    const here = this.pointed.at ? this.pointed.at.row * float.width + this.pointed.at.column : null;
    const value = (side: Side) => (here === null ? "\u00a0" : real(values?.[side]?.values[here] ?? 0));
    return html`<div class="column">
      <p class="small">
        <span class=${scheme}>${mark(scheme)} <b>${name}</b></span>
        <span class="soft db">${scheme === "float" ? "\u00a0" : text.db(map.sqnr_db ?? null)}</span>
      </p>
      ${this.#picture(scheme, "output", text.sheet(name), float)}
      <p class="small num">${value("output")}</p>
      ${
        scheme === "float"
          ? nothing
          : html`${this.#picture(scheme, "difference", text.differences(name), float)}
              <p class="small num">${value("difference")}</p>`
      }
    </div>`;
  }

  #picture(scheme: Scheme, side: Side, label: string, { height, width }: ActivationMap) {
    const at = this.pointed.at;
    return html`<div class="picture" style="aspect-ratio:${width}/${height}">
      <canvas data-scheme=${scheme} data-side=${side} role="img" aria-label=${label}></canvas>
      ${
        at
          ? html`<span
              class="cursor"
              style="left:${(at.column / width) * 100}%;top:${(at.row / height) * 100}%;width:${100 / width}%;height:${100 / height}%"
            ></span>`
          : nothing
      }
    </div>`;
  }

  #twin(float: ActivationMap) {
    const { maps } = this.#watch.state;
    const all = float.values.length;
    return html`<sw-take chart="maps"></sw-take>
      <details class="twin">
        <summary>${page.tableTwin}</summary>
        ${all > MOST_ROWS ? html`<p class="soft">${layerText.weights.cut(MOST_ROWS, all)}</p>` : nothing}
        <div class="scroll" tabindex="0" role="region" aria-label=${text.title(this.#watch.state.channel ?? 0)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${text.table.row}</th>
                <th scope="col">${text.table.column}</th>
                ${SCHEMES.map((scheme) => html`<th scope="col">${page.schemes[scheme]}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${Array.from(
                { length: Math.min(all, MOST_ROWS) },
                (_, i) =>
                  html`<tr>
                    <td class="int">${Math.floor(i / float.width)}</td>
                    <td class="int">${i % float.width}</td>
                    ${SCHEMES.map((scheme) => html`<td>${real(maps[scheme]?.values[i] ?? 0)}</td>`)}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  /** One canvas pixel a value; the browser enlarges them without smoothing. */
  protected override paint(): void {
    const float = this.#float;
    if (!float) return;
    const { dark } = this.palette;
    for (const canvas of this.renderRoot.querySelectorAll("canvas")) {
      const { scheme, side } = canvas.dataset as { scheme: Scheme; side: Side };
      const shown = this.#known?.sheets[scheme]?.[side];
      const context = canvas.getContext("2d");
      if (!shown || !context) continue;
      Object.assign(canvas, { width: float.width, height: float.height });
      const image = context.createImageData(float.width, float.height);
      for (let i = 0; i < shown.values.length; i++) {
        image.data.set([...colourOf(shown.values[i] ?? 0, shown.most, dark), 255], 4 * i);
      }
      context.putImageData(image, 0, 0);
    }
  }

  static override styles = [
    shared,
    table,
    tableTwin,
    canvasStyles,
    mapStyles,
    css`
      .size {
        font-weight: 400;
        font-size: var(--small);
      }
      .picture {
        position: relative;
        min-height: 24px;
        max-height: 320px;
        outline: 1px solid var(--hair);
      }
      canvas {
        width: 100%;
        height: 100%;
        image-rendering: pixelated;
        cursor: crosshair;
      }
      /* In a line of its own under all four: some names leave no room for it. */
      .db {
        display: block;
      }
      .cursor {
        position: absolute;
        box-sizing: content-box;
        translate: -2px -2px;
        border: 2px solid var(--ink);
        outline: 1px solid var(--paper);
        pointer-events: none;
      }
    `,
  ];
}
