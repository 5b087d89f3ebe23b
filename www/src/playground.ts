/**
 * What the page can do. Each action belongs to a slot (model, schemes, picture, accuracy, layer); a newer action in a
 * slot aborts the older one, and what depends on it starts again after it:
 *
 *     model -> calibration -> schemes -> picture -> accuracy
 *                                     -> layer -> channel
 */

import { Actions, type Task } from "./actions";
import { Arrivals } from "./arrivals";
import { loadBundled, type Loaded } from "./bundled";
import type { Engine } from "./engine/client";
import type { Pool } from "./engine/pool";
import { messageOf } from "./engine/errors";
import {
  INTEGER_SCHEMES,
  type InputSpec,
  type IntegerScheme,
  type ModelReport,
  type Pixels,
  type Format,
  type QuantizeOptions,
  type ShiftRule,
  type Task as ModelTask,
} from "./engine/types";
import { gridOf, shareOf } from "./datapath/pixel";
import { download, fileName, sortFiles } from "./files";
import { parseLabels } from "./labels";
import { Latest } from "./latest";
import { overrides } from "./layer/edits";
import { Selection } from "./layer/selection";
import { droppedFiles } from "./many/dropped";
import { decodeAll, label, type Decoded } from "./many/reading";
import type { Picture } from "./pictures";
import { fetchModel } from "./remote";
import { Scoring } from "./scoring";
import { NOTHING_KNOWN, type Notice, type State, type Store } from "./state";
import { text } from "./strings";
import { changedKnobs, settled, UNBALANCE_RANGE, withKnobs, type Knobs, type Place } from "./url";

/** Pictures of the person's own that a model without calibration pictures is calibrated on, at most. */
const MOST_CALIBRATION_PICTURES = 100;
/** Knobs that ranges depend on. */
const RECALIBRATING = ["ranges", "unbalance", "calibrationPictures"] as const satisfies readonly (keyof Knobs)[];

export class Playground {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #scoring: Scoring;
  readonly #actions: Actions;
  /** The layer and the channel that are looked at. */
  readonly selection: Selection;
  readonly #arrivals = new Arrivals();
  readonly #opening = new Latest();
  readonly #quantizing = new Latest();
  readonly #showing = new Latest();
  /** Pictures that calibrate the open model: its own, or the person's. */
  #calibrating: readonly Picture[] = [];
  #drawn: Pixels | null = null;

  constructor(engine: Engine, store: Store, pool: Pick<Pool, "score">) {
    this.#engine = engine;
    this.#store = store;
    this.#scoring = new Scoring(engine, pool, store);
    this.#actions = new Actions(store);
    this.selection = new Selection(engine, store, this.#actions);
  }

  get #state() {
    return this.#store.value;
  }

  // Model ------------------------------------------------------------------------------------------------------------

  /** The digit model that comes with the page, with its pictures. */
  openBundled(): Promise<void> {
    return this.#openLoaded(text.bundledModel, ({ signal }) => loadBundled(signal), null);
  }

  /** What an address describes: the bundled model or one to be fetched, and what is selected and set. */
  async openPlace(place: Place): Promise<void> {
    const { model, lesson, embedded, knobs } = place;
    // While there is no model, nothing on the page depends on the knobs: they need not jump later.
    this.#store.set({ lesson, embedded, ...(this.#state.model ? {} : { knobs }) });
    if (model === null) return this.#openLoaded(text.bundledModel, ({ signal }) => loadBundled(signal), place);
    await this.#openLoaded(model, (task) => fetchModel(model, task), place);
    const { model: opened, notice } = this.#state;
    if (opened || !notice) return;
    // The page has nothing to go on with: it shows what it has, and why.
    await this.openBundled();
    this.#store.set({ notice });
  }

  #openLoaded(name: string, load: (task: Task) => Promise<Loaded>, place: Place | null): Promise<void> {
    const before = this.#state.knobs;
    return this.#receive(text.opening(name), async (task, there) => {
      const { model, manifest, samples, calibration } = await load(task);
      const report = await this.#engine.open(model, manifest, task);
      const source = place?.model ?? null;
      const knobs = place && { ...place.knobs, ...changedKnobs(before, this.#state.knobs) };
      this.#accept(report, source === null);
      if (place && knobs) {
        const { node, channel, view } = place;
        const shape = node === null ? undefined : report.nodes[node]?.shape;
        const pixel = place.pixel && shape ? shareOf(place.pixel, gridOf(shape)) : null;
        this.#store.set({ source, knobs, node, channel, pixel, view });
      }
      this.#calibrating = calibration;
      const current = samples.length > 0 ? Math.min(place?.picture ?? 0, samples.length - 1) : null;
      this.#store.set({ pictures: samples, current });
      there();
      if (calibration.length > 0) await this.#calibrate(task, false);
      else await this.#show(task);
    });
  }

  /** What was dropped, the files in folders included. */
  openDropped(transfer: DataTransfer): Promise<void> {
    const files = droppedFiles(transfer);
    return this.#actions.attempt(async () => this.openFiles(await files));
  }

  /** Files as they were dropped, chosen or pasted: a model with what belongs to it, or pictures, or labels. */
  async openFiles(files: readonly File[]): Promise<void> {
    const { model, manifest, labels, truth, pictures, unknown } = sortFiles(files);
    if (model) {
      await this.#openModel(model, manifest, labels, pictures, truth);
    } else if (labels && pictures.length === 0) {
      await this.#setLabels(labels);
    } else if (pictures.length > 0) {
      if (labels) await this.#setLabels(labels);
      await this.addPictures(pictures, truth);
    } else if (truth) {
      this.#actions.fail(new Error(text.many.truthAlone));
    } else if (manifest) {
      this.#actions.fail(new Error(text.manifestAlone));
    } else if (unknown[0]) {
      this.#actions.fail(new Error(text.unknownFile(unknown[0].name)));
    }
  }

  #openModel(
    file: File,
    manifest: File | null,
    labels: File | null,
    added: readonly File[],
    truth: File | null,
  ): Promise<void> {
    return this.#receive(text.opening(file.name), async (task, there) => {
      const names = labels ? parseLabels(await labels.text()) : null;
      const decoded = await decodeAll(added, task);
      const bytes = new Uint8Array(await file.arrayBuffer());
      let report = await this.#engine.open(bytes, await manifest?.text(), task);
      if (names) {
        await this.#engine.setLabels(names);
        report = await this.#engine.model();
      }
      const kept = this.#state.bundled ? [] : this.#state.pictures;
      this.#accept(report, false);
      // The model is open by now: what is wrong with the labels must not keep out its pictures.
      const wrong = (thrown: unknown): Notice => ({ tone: "error", text: messageOf(thrown) });
      const notice = await this.#label(decoded, truth).then(() => decoded.notice, wrong);
      const pictures = [...decoded.pictures, ...kept];
      this.#store.set({ pictures, current: pictures.length > 0 ? 0 : null, notice });
      this.#calibrating = pictures.slice(0, MOST_CALIBRATION_PICTURES);
      there();
      if (this.#calibrating.length > 0) await this.#calibrate(task, true);
    });
  }

  /** An action that takes in what was given; `there` says that the page has it. */
  #receive(what: string, load: (task: Task, there: () => void) => Promise<void>, slot = this.#opening): Promise<void> {
    return this.#arrivals.give((there) => this.#actions.run(slot, what, (task) => load(task, there)));
  }

  /** A new model is open: what was known of the previous one is gone. */
  #accept(model: ModelReport, bundled: boolean): void {
    for (const slot of [this.#quantizing, this.#showing, this.selection]) slot.cancel();
    this.#scoring.forget();
    this.#drawn = null;
    const knobs = { ...this.#state.knobs, unbalance: UNBALANCE_RANGE.initial };
    this.#store.set({ ...NOTHING_KNOWN, bundled, model, knobs });
    this.#shown = null;
  }

  /** Changes how pictures become the network's input; everything after it is computed again. */
  setInput(spec: InputSpec): Promise<void> {
    return this.#actions.run(this.#opening, text.calibrating, async (task) => {
      await this.#engine.setInput(spec);
      this.#shown = null;
      const model = await this.#engine.model();
      this.#scoring.forget();
      this.#store.set({ model, calibration: null, reports: {}, notice: null });
      if (this.#calibrating.length > 0) await this.#calibrate(task, !this.#state.bundled);
      else await this.#show(task);
    });
  }

  /** Changes what the outputs are taken for; calibration and schemes stay. */
  setTask(task: ModelTask): Promise<void> {
    return this.#actions.run(this.#showing, text.predicting, async (run) => {
      await this.#engine.setTask(task);
      this.#shown = null;
      this.#scoring.forget();
      this.#store.set({ model: await this.#engine.model(), predictions: {}, scores: {}, notice: null });
      await this.#refresh(run);
    });
  }

  async #setLabels(file: File): Promise<void> {
    await this.#arrivals.all();
    const read = async (task: Task, there: () => void) => {
      await this.#engine.setLabels(parseLabels(await file.text()));
      this.#shown = null;
      this.#store.set({ model: await this.#engine.model(), notice: null });
      there();
      await this.#show(task);
    };
    return this.#receive(text.predicting, read, this.#showing);
  }

  async #calibrate(task: Task, own: boolean): Promise<void> {
    await this.#engine.setUnbalance(this.#state.knobs.unbalance / 100);
    // Another balance takes the picture from the engine.
    this.#shown = null;
    // Tap means always: bias correction can then be had without calibrating again.
    const settings = { method: this.#state.knobs.ranges, percentile: 99.99, tap_means: true };
    const pictures = this.#calibrating.slice(0, this.#state.knobs.calibrationPictures);
    const count = await this.#engine.calibrate(pictures, settings, task);
    for (const scheme of INTEGER_SCHEMES) this.#pending.add(scheme);
    this.#store.set({ calibration: { count, own }, reports: {}, byRule: null });
    await this.#quantize(task);
  }

  // Schemes ----------------------------------------------------------------------------------------------------------

  /** Schemes whose options changed since they were last quantized; a cancelled change stays to be done. */
  readonly #pending = new Set<IntegerScheme>(INTEGER_SCHEMES);

  setKnobs(change: Partial<Knobs>): Promise<void> {
    const before = this.#state.knobs;
    const knobs = settled({ ...before, ...change });
    this.#store.set({ knobs, byRule: null });
    // Shift bits concern one scheme only; the others need not move.
    const { shiftBits, ...others } = knobs;
    const all = Object.entries(others).some(([name, value]) => value !== before[name as keyof Knobs]);
    for (const scheme of all ? INTEGER_SCHEMES : (["shift-wise"] as const)) this.#pending.add(scheme);
    this.#showing.cancel();
    if (RECALIBRATING.some((name) => knobs[name] !== before[name])) this.#store.set({ calibration: null });
    return this.#actions.run(this.#quantizing, text.quantizing, (task) => this.#refresh(task));
  }

  /** Other shifts were set by hand: shift-wise is quantized and run again, the other schemes stay as they are. */
  requantizeShifts(): Promise<void> {
    this.#pending.add("shift-wise");
    this.#showing.cancel();
    return this.#actions.run(this.#quantizing, text.quantizing, (task) => this.#refresh(task));
  }

  /** The shifts that a rule chooses for a layer; `null` when that could not be found out. */
  async shiftsBy(rule: ShiftRule, node: number): Promise<number[] | null> {
    let shifts: number[] | null = null;
    await this.#actions.attempt(async () => {
      shifts = await this.#engine.shiftsBy(rule, node);
    });
    return shifts;
  }

  async #quantize(task: Task): Promise<void> {
    this.#scoring.cancel();
    const schemes = INTEGER_SCHEMES.filter((scheme) => this.#pending.has(scheme));
    const reports = { ...this.#state.reports };
    for (const [done, scheme] of schemes.entries()) {
      task.onProgress({ done, total: schemes.length, what: text.quantizing });
      reports[scheme] = await this.#engine.quantize(await this.#options(scheme), task);
      this.#stale.add(scheme);
    }
    for (const scheme of schemes) this.#pending.delete(scheme);
    this.#scoring.forget(schemes);
    // All at once, so that the page never mixes two settings.
    this.#store.set({ reports });
    await this.#show(task);
  }

  async #options(scheme: IntegerScheme): Promise<QuantizeOptions> {
    const { knobs } = this.#state;
    const usual = await this.#engine.defaultOptions(scheme, knobs.profile);
    return {
      ...withKnobs(usual, knobs),
      shift_overrides: scheme === "shift-wise" ? overrides(this.#state.edits.present) : {},
    };
  }

  /** A scheme as a file for another engine or a device, under the format's own profile. */
  export(scheme: IntegerScheme, format: Format): Promise<void> {
    return this.#actions.run(this.#quantizing, text.exporting, async (task) => {
      const options = this.#state.reports[scheme]?.options ?? (await this.#options(scheme));
      const bytes = await this.#engine.export(options, format, task);
      download(bytes, fileName(this.#state.model?.title ?? "model", scheme, format));
    });
  }

  // Pictures ---------------------------------------------------------------------------------------------------------

  /** `truth` tells what is on them; without, folders may. */
  async addPictures(files: readonly File[], truth: File | null = null): Promise<void> {
    await this.#arrivals.all();
    return this.#receive(text.calibrating, async (task, there) => {
      const decoded = await decodeAll(files, task);
      await this.#label(decoded, truth);
      const { bundled, model } = this.#state;
      this.#scoring.forget();
      this.#store.set({
        pictures: [...decoded.pictures, ...(bundled ? [] : this.#state.pictures)],
        current: 0,
        scores: {},
        notice: decoded.notice,
      });
      if (!model) return;
      if (!bundled) {
        this.#calibrating = this.#state.pictures.slice(0, MOST_CALIBRATION_PICTURES);
        this.#store.set({ calibration: null });
      }
      there();
      await this.#refresh(task);
    });
  }

  /** Where whole pictures are put into classes, learns what is on them. */
  async #label(decoded: Decoded, truth: File | null): Promise<void> {
    const { model } = this.#state;
    const count = model?.task === "classification" && decoded.files.length > 0 ? await this.#engine.classes() : null;
    if (count !== null) await label(decoded, truth, { count, names: model?.labels ?? [] });
  }

  choosePicture(index: number): Promise<void> {
    if (!this.#state.pictures[index]) return Promise.resolve();
    this.#store.set({ current: index });
    return this.#actions.run(this.#showing, text.predicting, (task) => this.#refresh(task));
  }

  /** The drawing changed; `null` when it was cleared. */
  draw(pixels: Pixels | null): Promise<void> {
    this.#drawn = pixels;
    this.#store.set(pixels ? { current: "drawing" } : { current: "drawing", predictions: {}, preview: null });
    return this.#actions.run(this.#showing, text.predicting, (task) => this.#refresh(task));
  }

  /** Does what is still to be done, a cancelled calibration or quantization included, and shows the picture. */
  #refresh(task: Task): Promise<void> {
    const { calibration, bundled } = this.#state;
    if (!calibration && this.#calibrating.length > 0) return this.#calibrate(task, !bundled);
    return calibration && this.#pending.size > 0 ? this.#quantize(task) : this.#show(task);
  }

  /** What the engine has as its picture, and what the page shows the answers to. */
  #shown: Pixels | Picture | null = null;
  /** Schemes that have not run on it since they were quantized. */
  readonly #stale = new Set<IntegerScheme>();

  /** Runs the current picture through what has not seen it yet, then brings what follows from it up to date. */
  async #show(task: Task): Promise<void> {
    const source = this.#source();
    if (source && source === this.#shown) await this.#predict(this.#state.predictions, task);
    else if (source) await this.#showPicture(source, task);
    task.signal.throwIfAborted();
    const { unbalance, knobs } = this.#state;
    if (unbalance?.amount !== knobs.unbalance / 100) {
      this.#store.set({ unbalance: await this.#engine.unbalance({ signal: task.signal }) });
    }
    await this.selection.follow(task);
    task.signal.throwIfAborted();
    void this.#actions.attempt(() => this.#scoring.run());
  }

  async #showPicture(source: Pixels | Picture, task: Task): Promise<void> {
    const { signal } = task;
    const picture = "pixels" in source ? await source.pixels() : source;
    const preview = await this.#engine.preview(picture, { signal });
    this.#shown = null;
    const float = await this.#engine.setPicture(picture, { signal });
    for (const scheme of INTEGER_SCHEMES) this.#stale.add(scheme);
    await this.#predict({ float }, task, { preview, proportions: picture.width / picture.height, byRule: null });
    this.#shown = source;
  }

  /** Adds the answers of stale schemes to those known of the engine's picture, and shows them all at once. */
  async #predict(known: State["predictions"], { signal, onProgress }: Task, others: Partial<State> = {}) {
    const schemes = INTEGER_SCHEMES.filter((scheme) => this.#state.reports[scheme] && this.#stale.has(scheme));
    const predictions = { ...known };
    for (const [done, scheme] of schemes.entries()) {
      onProgress({ done: done + 1, total: schemes.length + 1, what: text.predicting });
      predictions[scheme] = await this.#engine.predict(scheme, { signal });
    }
    for (const scheme of schemes) this.#stale.delete(scheme);
    this.#store.set({ ...others, predictions });
  }

  #source(): Pixels | Picture | null {
    const { current, pictures } = this.#state;
    if (current === "drawing") return this.#drawn;
    return current === null ? null : (pictures[current] ?? null);
  }

  /** Goes on counting after it was stopped. */
  resumeScoring(): Promise<void> {
    return this.#actions.attempt(() => this.#scoring.resume());
  }

  dismiss(): void {
    this.#store.set({ notice: null });
  }
}
