/**
 * The traces of one output number under two schemes. Follows the page's node, channel, pixel and picture; the schemes are
 * chosen here.
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Engine } from "../engine/client";
import { isAbort, messageOf } from "../engine/errors";
import type { IntegerScheme, SchemeReport, Trace } from "../engine/types";
import { Latest } from "../latest";
import type { State, Store } from "../state";
import type { Widths } from "./blocks";
import { gridOf, pixelAt, type Grid, type OutputPixel } from "./pixel";

/** One scheme's way through the datapath. */
export interface Lane {
  scheme: IntegerScheme;
  node: number;
  trace: Trace;
  widths: Widths;
  /** The largest activation integer. */
  activationMax: number;
}

type Pair = readonly [main: IntegerScheme, beside: IntegerScheme];
type Tracing = Pick<Engine, "trace" | "traceJson">;

/** Work that takes longer than this is shown, and can be cancelled. */
const PATIENCE_MS = 300;

export class Tracer implements ReactiveController {
  /** Empty until there is something to trace; the previous number's while the next one is on its way. */
  lanes: readonly Lane[] = [];
  problem: string | null = null;
  slow = false;
  cancelled = false;
  schemes: Pair = ["shift-wise", "layer-wise"];

  readonly #host: ReactiveControllerHost;
  readonly #engine: Tracing;
  readonly #store: Store;
  readonly #slot = new Latest();
  #asked: readonly unknown[] = [];
  #unsubscribe: (() => void) | undefined;

  constructor(host: ReactiveControllerHost, engine: Tracing, store: Store) {
    this.#host = host;
    this.#engine = engine;
    this.#store = store;
    host.addController(this);
  }

  hostConnected(): void {
    this.#unsubscribe = this.#store.subscribe(() => this.#follow());
    this.#follow();
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#slot.cancel();
    this.#asked = [];
  }

  /** Of the selected layer's output; null where no layer with weights is selected. */
  get grid(): Grid | null {
    const { model, node } = this.#store.value;
    const info = node === null ? undefined : model?.nodes[node];
    return info?.channels == null ? null : gridOf(info.shape);
  }

  get pixel(): OutputPixel {
    return pixelAt(this.#store.value.pixel, this.grid ?? { rows: 1, columns: 1 });
  }

  /** Chooses the main scheme or the one beside it; a scheme beside itself would show nothing, so the two change places. */
  setScheme(place: 0 | 1, scheme: IntegerScheme): void {
    const [main, beside] = this.schemes;
    const other = place === 0 ? beside : main;
    const freed = place === 0 ? main : beside;
    const kept = other === scheme ? freed : other;
    this.schemes = place === 0 ? [scheme, kept] : [kept, scheme];
    this.#follow();
  }

  cancel(): void {
    this.#slot.cancel();
    this.slow = false;
    this.cancelled = true;
    this.#host.requestUpdate();
  }

  json(lane: Lane): Promise<string> {
    return this.#engine.traceJson(lane.scheme, lane.node, lane.trace.position);
  }

  /** Traces anew where anything that the traces depend on has changed. */
  #follow(): void {
    const state = this.#store.value;
    const { row, column } = this.pixel;
    const asked = [state.node, state.channel, state.predictions, row, column, ...this.schemes];
    if (asked.every((one, i) => one === this.#asked[i])) return;
    this.#asked = asked;
    void this.#run(state, row, column);
  }

  async #run({ node, channel, predictions, reports }: Readonly<State>, row: number, column: number): Promise<void> {
    const signal = this.#slot.next();
    this.problem = null;
    this.cancelled = false;
    const timer = setTimeout(() => this.#show({ slow: !signal.aborted }), PATIENCE_MS);
    const lanes: Lane[] = [];
    try {
      for (const scheme of this.schemes) {
        const report = reports[scheme];
        if (node === null || channel === null || !report || !predictions[scheme] || !this.grid) continue;
        const trace = await this.#engine.trace(scheme, node, [row, column, channel], { signal });
        lanes.push({ scheme, node, trace, ...widthsOf(report) });
      }
      this.#show({ lanes, slow: false });
    } catch (thrown) {
      if (!isAbort(thrown)) this.#show({ problem: messageOf(thrown), slow: false });
    } finally {
      clearTimeout(timer);
    }
  }

  #show(change: Partial<Pick<Tracer, "lanes" | "slow" | "problem">>): void {
    Object.assign(this, change);
    this.#host.requestUpdate();
  }
}

function widthsOf({ options }: SchemeReport): Omit<Lane, "scheme" | "node" | "trace"> {
  // A report has all of them; the types allow for what a person may leave out.
  const {
    accumulator_bits: accumulator = 32,
    bias_bits: bias = 32,
    multiplier_bits: multiplier = 16,
  } = options.profile;
  return { widths: { accumulator, bias, multiplier }, activationMax: 2 ** options.activation_bits - 1 };
}
