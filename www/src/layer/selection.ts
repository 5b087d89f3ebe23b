/** Which layer, channel and view are looked at, and what the page has to know of them. */

import type { Actions, Task } from "../actions";
import { gridOf, shareOf, type OutputPixel } from "../datapath/pixel";
import type { Engine } from "../engine/client";
import { INTEGER_SCHEMES } from "../engine/types";
import { tellingChannel, tellingNode } from "../findings";
import { Latest } from "../latest";
import type { State, Store } from "../state";
import { text } from "../strings";
import { details } from "./details";
import { neighbour } from "./keys";
import type { LayerView } from "./views";

export class Selection {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #actions: Actions;
  readonly #looking = new Latest();

  constructor(engine: Engine, store: Store, actions: Actions) {
    this.#engine = engine;
    this.#store = store;
    this.#actions = actions;
  }

  chooseNode(node: number): Promise<void> {
    return this.#actions.run(this.#looking, text.layer.looking, (task) => this.#look(node, task));
  }

  /** To the next layer with weights, or the one before. */
  async stepLayer(step: 1 | -1): Promise<void> {
    const { reports, node } = this.#store.value;
    const layers = reports["layer-wise"]?.layers.map((layer) => layer.node) ?? [];
    const next = neighbour(layers, node, step);
    if (next !== undefined) await this.chooseNode(next);
  }

  /** `null` lets go of the channel: the one that shows most is selected. */
  chooseChannel(channel: number | null): Promise<void> {
    const { "layer-wise": layerWise, "shift-wise": shiftWise } = this.#store.value.layers;
    const telling = layerWise && shiftWise ? tellingChannel(layerWise, shiftWise) : null;
    this.#store.set({ channel: channel ?? telling });
    return this.#actions.run(this.#looking, text.layer.looking, (task) => this.#probe(task));
  }

  /** Of the selected node's output, to be followed through the datapath. */
  choosePixel(pixel: OutputPixel): void {
    const { model, node } = this.#store.value;
    const shape = node === null ? undefined : model?.nodes[node]?.shape;
    if (shape) this.#store.set({ pixel: shareOf(pixel, gridOf(shape)) });
  }

  chooseView(view: LayerView): Promise<void> {
    this.#store.set({ view });
    return this.#actions.run(this.#looking, text.layer.looking, (task) => this.#probe(task));
  }

  cancel(): void {
    this.#looking.cancel();
  }

  /** Brings what is shown up to date, as the last part of a task. Choosing another layer meanwhile ends this alone. */
  follow(task: Task): Promise<void> {
    const signal = AbortSignal.any([task.signal, this.#looking.next()]);
    return this.#actions.attempt(() => this.#look(this.#store.value.node, { ...task, signal }));
  }

  /** Details of the selected layer; until one is selected, of the one that shows most. */
  async #look(wanted: number | null, task: Task): Promise<void> {
    const { reports, model } = this.#store.value;
    if (!model) return;
    const node = wanted !== null && wanted < model.nodes.length ? wanted : tellingNode(reports);
    if (node === null) return;
    const { signal } = task;
    const layers: State["layers"] = {};
    if (reports["layer-wise"]?.layers.some((layer) => layer.node === node)) {
      for (const scheme of INTEGER_SCHEMES) layers[scheme] = await this.#engine.layer(scheme, node, { signal });
    }
    const [layerWise, shiftWise] = [layers["layer-wise"], layers["shift-wise"]];
    let { channel } = this.#store.value;
    const fits = node === this.#store.value.node && channel !== null && channel < (shiftWise?.shifts.length ?? 0);
    if (!fits) channel = layerWise && shiftWise ? tellingChannel(layerWise, shiftWise) : null;
    this.#store.set({ node, layers, channel });
    await this.#probe(task);
  }

  /** What the shown view needs to know of the selected channel. */
  async #probe(task: Task): Promise<void> {
    const found = await details(this.#engine, this.#store.value, text.layer.looking, task);
    task.signal.throwIfAborted();
    this.#store.set(found);
  }
}
