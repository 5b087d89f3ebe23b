/** One output number of the selected layer, followed through the datapath: the choice of it, its steps, its schematic. */

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Section } from "../components/section";
import { mark } from "../components/marks";
import { engine, selection } from "../context";
import { INTEGER_SCHEMES, type IntegerScheme, type NodeReport } from "../engine/types";
import { store, Watch } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { BASES, type Base } from "./bits";
import { BLOCK_COUNTS, blocksOf } from "./blocks";
import { end, momentOf, type Course } from "./playhead";
import { gridOf, type Grid, type OutputPixel, type Weight } from "./pixel";
import { Tracer, type Lane } from "./tracer";
import "./sw-accumulation";
import "./sw-lanes";
import "./sw-pixel-map";
import "./sw-tap-table";
import "./sw-transport";
import "../takeaway/sw-take";

const words = text.datapath;
const COPIED_MS = 2000;

@customElement("sw-datapath")
export class DatapathView extends Section {
  readonly #watch = new Watch(this);
  readonly #tracer = new Tracer(this, engine, store);
  @state() private base: Base = "decimal";
  /** Steps done; null for all of them. */
  @state() private frame: number | null = null;
  /** What became of a copy: the scheme copied, or that it failed. */
  @state() private copied: IntegerScheme | "failed" | null = null;
  #settled: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#settled);
  }

  /** Comes into view, with all done; or, for a weight of the channel that is followed, with its product just added. */
  async show(weight: Weight | null): Promise<void> {
    const taps = this.#tracer.lanes[0]?.trace.taps ?? [];
    const ofKernel = [...taps.entries()].filter(
      ([, { kernel }]) => kernel[0] === weight?.row && kernel[1] === weight.column,
    );
    const [product] = ofKernel[weight?.input ?? 0] ?? [];
    this.frame = product === undefined ? null : product + 1;
    await this.updateComplete;
    this.scrollIntoView();
    this.renderRoot.querySelector<HTMLElement>("#heading")?.focus({ preventScroll: true });
  }

  protected override render() {
    const { model, node } = this.#watch.state;
    const info = node === null ? undefined : model?.nodes[node];
    if (!info) return nothing;
    return html`<section aria-labelledby="heading">
      <h2 id="heading" tabindex="-1">${words.title}</h2>
      <p class="small soft">${info.channels == null ? words.noWeights : words.explain}</p>
      ${info.channels == null ? nothing : this.#body(info)}
    </section>`;
  }

  #body(info: NodeReport) {
    const { lanes, problem, slow, cancelled } = this.#tracer;
    const [main] = lanes;
    const course: Course | undefined = main && {
      taps: main.trace.taps.length,
      blocks: BLOCK_COUNTS[main.trace.rescale.datapath],
    };
    return html`${this.#controls(info, main)}
      <div role="status" class="small">
        ${
          slow
            ? html`${words.tracing} …
                <button class="plain" @click=${() => this.#tracer.cancel()}>${words.cancel}</button>`
            : (problem ?? (cancelled ? words.cancelled : !main ? words.waiting : nothing))
        }
      </div>
      ${main && course ? this.#schematic(lanes, main, course) : nothing}`;
  }

  #schematic(lanes: readonly Lane[], main: Lane, course: Course) {
    const frame = this.frame ?? end(course);
    const moment = momentOf(frame, course);
    const last = moment.done === 0 ? undefined : blocksOf(main.trace, main.widths)[moment.done - 1];
    return html`<sw-transport
        .course=${course}
        .frame=${frame}
        .at=${last ? words.names[last.id] : null}
        @frame-chosen=${(event: CustomEvent<number>) => this.#go(event.detail, course)}
      ></sw-transport>
      <sw-accumulation
        .lanes=${lanes}
        .added=${moment.added}
        @product-chosen=${(event: CustomEvent<number>) => this.#go(event.detail, course)}
      ></sw-accumulation>
      <div class="heads">
        ${lanes.map(
          (lane) =>
            html`<p>
              <strong class=${lane.scheme}>${mark(lane.scheme)} ${text.schemes[lane.scheme]}</strong>
              <button
                class="small"
                aria-label=${words.copyHint(text.schemes[lane.scheme])}
                title=${words.copyHint(text.schemes[lane.scheme])}
                @click=${() => this.#copy(lane)}
              >
                ${this.copied === lane.scheme ? words.copied : words.copy}
              </button>
            </p>`,
        )}
      </div>
      <p class="small" role="status">${this.copied === "failed" ? words.notCopied : nothing}</p>
      <sw-lanes
        .lanes=${lanes}
        .moment=${moment}
        .base=${this.base}
        @block-chosen=${(event: CustomEvent<number>) => this.#go(course.taps + event.detail, course)}
      ></sw-lanes>
      <sw-take chart="accumulator"></sw-take><sw-tap-table .lanes=${lanes}></sw-tap-table>`;
  }

  /** The end is kept as such: another layer has another number of steps. */
  #go(frame: number, course: Course): void {
    this.frame = frame >= end(course) ? null : frame;
  }

  async #copy(lane: Lane): Promise<void> {
    try {
      await navigator.clipboard.writeText(await this.#tracer.json(lane));
      this.copied = lane.scheme;
    } catch {
      this.copied = "failed";
    }
    clearTimeout(this.#settled);
    if (this.copied !== "failed") this.#settled = setTimeout(() => (this.copied = null), COPIED_MS);
  }

  // What is followed -------------------------------------------------------------------------------------------------

  #controls(info: NodeReport, main: Lane | undefined) {
    const { channel, preview } = this.#watch.state;
    const { pixel, schemes } = this.#tracer;
    const grid = this.#tracer.grid ?? { rows: 1, columns: 1 };
    const isPicture = grid.rows * grid.columns > 1;
    const field = isPicture && preview && main ? this.#field(info, main) : null;
    const bases = BASES.map(
      (base) =>
        html`<button class="small" aria-pressed=${base === this.base} @click=${() => (this.base = base)}>
          ${words.bases[base]}
        </button>`,
    );
    return html`<div class="controls">
      ${
        isPicture && preview
          ? html`<sw-pixel-map
              .picture=${preview}
              .grid=${grid}
              .pixel=${pixel}
              .field=${field}
              @pixel-chosen=${({ detail }: CustomEvent<OutputPixel>) => selection.choosePixel(detail)}
            ></sw-pixel-map>`
          : nothing
      }
      <div class="fields" role="group" aria-label=${words.what}>
        ${
          isPicture
            ? html`${this.#number(words.row, pixel.row, grid.rows, (row) => selection.choosePixel({ ...pixel, row }))}
              ${this.#number(words.column, pixel.column, grid.columns, (column) => selection.choosePixel({ ...pixel, column }))}`
            : nothing
        }
        ${this.#number(words.channel, channel ?? 0, info.channels ?? 1, (next) => selection.chooseChannel(next))}
        ${this.#select(words.scheme, 0, schemes[0])} ${this.#select(words.beside, 1, schemes[1])}
        <div class="bases" role="group" aria-label=${words.numbers}>${bases}</div>
      </div>
    </div>`;
  }

  #number(name: string, value: number, size: number, choose: (value: number) => unknown) {
    const onChange = (event: Event) => {
      const input = event.target as HTMLInputElement;
      const next = Math.max(0, Math.min(size - 1, Math.round(input.valueAsNumber)));
      // What is no number leaves things as they are.
      if (Number.isFinite(next)) void choose(next);
      input.value = String(Number.isFinite(next) ? next : value);
    };
    return html`<label class="small">
      <span>${name} <span class="soft">${words.of(size - 1)}</span></span>
      <input type="number" class="int" min="0" max=${size - 1} .value=${String(value)} @change=${onChange} />
    </label>`;
  }

  #select(name: string, place: 0 | 1, chosen: IntegerScheme) {
    const onChange = (event: Event) => {
      const scheme = INTEGER_SCHEMES.find((one) => one === (event.target as HTMLSelectElement).value);
      if (scheme) this.#tracer.setScheme(place, scheme);
    };
    return html`<label class="small">
      <span>${name}</span>
      <select @change=${onChange}>
        ${INTEGER_SCHEMES.map(
          (scheme) => html`<option value=${scheme} .selected=${scheme === chosen}>${text.schemes[scheme]}</option>`,
        )}
      </select>
    </label>`;
  }

  /** The part of the picture that the window covers, as far as rows and columns of the layer's input go along with it. */
  #field(info: NodeReport, { trace }: Lane): [number, number, number, number] | null {
    const { model, preview } = this.#watch.state;
    const source = model?.nodes.find((node) => node.output === info.inputs[0]);
    const input: Grid | null = source
      ? gridOf(source.shape)
      : preview && { rows: preview.height, columns: preview.width };
    const places = trace.taps.flatMap(({ place }) => (place ? [place] : []));
    if (!input || places.length === 0) return null;
    const [rows, columns] = [places.map(([y]) => y), places.map(([, x]) => x)];
    return [
      Math.min(...rows) / input.rows,
      Math.min(...columns) / input.columns,
      (Math.max(...rows) + 1) / input.rows,
      (Math.max(...columns) + 1) / input.columns,
    ];
  }

  static override styles = [
    shared,
    css`
      :host {
        container-type: inline-size;
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 8px;
      }
      h2 {
        font-size: 1.125rem;
      }
      .controls {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 16px;
        align-items: start;
      }
      sw-pixel-map {
        width: 128px;
      }
      .fields {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 16px;
        align-items: end;
      }
      label {
        display: grid;
        gap: 2px;
      }
      input,
      select {
        min-height: 32px;
        padding: 0 8px;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--raised);
      }
      input {
        width: 88px;
      }
      .bases {
        display: flex;
      }
      .bases button {
        border-radius: 0;
        margin-inline-start: -1px;
      }
      .bases button:first-child {
        border-radius: 6px 0 0 6px;
      }
      .bases button:last-child {
        border-radius: 0 6px 6px 0;
      }
      .bases button[aria-pressed="true"] {
        background: var(--mark);
        border-color: var(--mark-line);
        z-index: 1;
      }
      .heads {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 16px;
        padding-inline: 56px 8px;
      }
      .heads p {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        gap: 8px;
      }
      @container (max-width: 560px) {
        sw-pixel-map {
          width: 96px;
        }
        .heads {
          padding-inline: 0;
        }
        .heads p {
          flex-wrap: wrap;
        }
        .controls {
          gap: 12px;
        }
        input {
          width: 72px;
        }
      }
    `,
  ];
}
