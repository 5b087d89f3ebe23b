/**
 * Computes in the background what the predictions do not say: every node's own error, node by node, and how many steps
 * the accumulated integers are off. Results are kept by calibration, picture and scheme options.
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Engine } from "../engine/client";
import { isAbort, messageOf } from "../engine/errors";
import { INTEGER_SCHEMES, type IntegerScheme, type NodeError, type OffBy, type Progress } from "../engine/types";
import { Latest } from "../latest";
import type { State, Store } from "../state";
import { text } from "../strings";
import type { Extent } from "./measures";

export interface Found {
  /** By node index; null where there are no integers. */
  accumulated?: readonly (OffBy | null)[];
  isolated: Map<number, NodeError>;
}

const nothing: Found = { isolated: new Map() };
/** Results of so many pictures and options are kept for one calibration. */
const MOST_KEPT = 64;
/** At most this often do new results reach the page. */
const EVERY_MS = 100;

export class Isolation implements ReactiveController {
  /** While it works. */
  progress: Progress | null = null;
  /** Stopped by the person; goes on with `resume`. */
  stopped = false;
  problem: string | null = null;

  readonly #host: ReactiveControllerHost;
  readonly #engine: Pick<Engine, "isolated" | "offBy">;
  readonly #store: Store;
  readonly #slot = new Latest();
  readonly #kept = new WeakMap<object, Map<string, Found>>();
  #wanted: ReadonlySet<Extent> = new Set();
  #seen: State | undefined;
  /** The engine may be ahead of what the store says, since a picture or a knob changed. */
  #stale = false;
  #unsubscribe: (() => void) | undefined;

  constructor(host: ReactiveControllerHost, engine: Pick<Engine, "isolated" | "offBy">, store: Store) {
    this.#host = host;
    this.#engine = engine;
    this.#store = store;
    host.addController(this);
  }

  hostConnected(): void {
    this.#seen = this.#store.value;
    this.#unsubscribe = this.#store.subscribe(() => this.#onChange());
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#slot.cancel();
  }

  /** What is known of a scheme on the current picture. */
  found(scheme: IntegerScheme): Found {
    return this.#place(scheme) ?? nothing;
  }

  /** Computes these from now on, whenever the picture or a scheme changes. */
  want(extents: ReadonlySet<Extent>): void {
    if ([...extents].every((one) => this.#wanted.has(one)) && extents.size === this.#wanted.size) return;
    this.#wanted = extents;
    this.stopped = false;
    void this.#run();
  }

  cancel(): void {
    this.#slot.cancel();
    this.stopped = true;
    this.#show(null);
  }

  resume(): void {
    this.stopped = false;
    void this.#run();
  }

  #onChange(): void {
    const [before, now] = [this.#seen, this.#store.value];
    this.#seen = now;
    if (before && now.predictions !== before.predictions) {
      this.#stale = false;
      this.stopped = false;
      void this.#run();
    } else if (
      before &&
      (["current", "knobs", "model", "calibration"] as const).some((name) => now[name] !== before[name])
    ) {
      this.#stale = true;
      this.#slot.cancel();
      this.#show(null);
    }
  }

  /** Where a scheme's results on the current picture are kept. */
  #place(scheme: IntegerScheme): Found | undefined {
    const { calibration, predictions, reports, current, pictures } = this.#store.value;
    const [options, float] = [reports[scheme]?.options, predictions.float];
    if (!calibration || !float || !options || !predictions[scheme]) return undefined;
    // A drawing has no number that outlives it.
    const picture = typeof current === "number" ? pictures[current] : undefined;
    const owner: object = picture ? calibration : float;
    let kept = this.#kept.get(owner);
    if (!kept) this.#kept.set(owner, (kept = new Map()));
    const key = `${picture?.id} ${JSON.stringify(options)}`;
    let found = kept.get(key);
    if (!found) {
      kept.set(key, (found = { isolated: new Map() }));
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    }
    return found;
  }

  async #run(): Promise<void> {
    const signal = this.#slot.next();
    const { model } = this.#store.value;
    this.problem = null;
    if (!model || this.#stale || this.#wanted.size === 0) return this.#show(null);
    const nodes = model.nodes.filter((node) => node.runs_on !== "host-tail").map((node) => node.index);
    const places = INTEGER_SCHEMES.flatMap((scheme) => {
      const found = this.#place(scheme);
      return found ? [{ scheme, found }] : [];
    });
    try {
      if (this.#wanted.has("accumulated")) {
        for (const { scheme, found } of places) {
          found.accumulated ??= await this.#engine.offBy(scheme, { signal });
        }
        this.#show(null);
      }
      if (this.#wanted.has("isolated")) await this.#isolate(nodes, places, signal);
    } catch (thrown) {
      if (isAbort(thrown)) return;
      this.problem = messageOf(thrown);
    }
    this.#show(null);
  }

  /** Node by node from the input on, all schemes of one node before the next: the first bad one is found first. */
  async #isolate(
    nodes: readonly number[],
    places: readonly { scheme: IntegerScheme; found: Found }[],
    signal: AbortSignal,
  ): Promise<void> {
    let shown = performance.now();
    for (const [done, node] of nodes.entries()) {
      for (const { scheme, found } of places) {
        if (found.isolated.has(node)) continue;
        found.isolated.set(node, await this.#engine.isolated(scheme, node, { signal }));
      }
      if (performance.now() - shown < EVERY_MS) continue;
      shown = performance.now();
      this.#show({ done: done + 1, total: nodes.length, what: text.network.isolating });
    }
  }

  #show(progress: Progress | null): void {
    this.progress = progress;
    this.#host.requestUpdate();
  }
}
