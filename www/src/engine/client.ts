/**
 * The typed client of the engine: one Worker at a time, every call abortable. What the page holds (model, settings,
 * calibration pictures, quantization options, picture) is written down as it is set, so that a Worker that crashed or
 * ran away can be replaced by one in the same state.
 */

import { startExporter, startWorker, Session, type Host } from "./session";
import { crashed, toErrorData } from "./errors";
import { open, type Opened, type Setting, type Snapshot } from "./snapshot";
import type {
  ActivationMap,
  CalibrationOptions,
  CallOptions,
  ChannelDetail,
  Datapath,
  Format,
  InputSpec,
  LayerDetail,
  ModelReport,
  NodeError,
  OffBy,
  PictureScore,
  Pixels,
  PixelSource,
  Prediction,
  QuantizeOptions,
  Scheme,
  SchemeReport,
  ShiftErrors,
  ShiftRule,
  Tally,
  Task,
  Trace,
  UnbalanceReport,
} from "./types";

/** The pictures that ranges come from, and how. */
interface CalibrationSet {
  pictures: readonly PixelSource[];
  settings: CalibrationOptions;
  /** What was found, once it was asked for. */
  state?: Uint8Array;
}

interface Journal extends Opened {
  calibration: CalibrationSet | undefined;
  options: Map<Scheme, QuantizeOptions>;
  picture: Pixels | undefined;
}

export class Engine {
  readonly #start: () => Host;
  readonly #startExporter: () => Host;
  #session: Session | undefined;
  #restoring: Promise<Session> | undefined;
  #journal: Journal | undefined;

  constructor(start: () => Host = startWorker, exporter: () => Host = startExporter) {
    this.#start = start;
    this.#startExporter = exporter;
  }

  /** Starts what a model will need, beside the loading of the model. */
  start(): void {
    // What goes wrong is told to whoever needs it.
    this.#ready().catch(() => undefined);
  }

  /** Opens a model in place of the current one, which stays when this fails. */
  async open(model: Uint8Array, manifest?: string, { signal }: CallOptions = {}): Promise<ModelReport> {
    // The bytes are copied, not transferred: a replaced Worker needs them again.
    const session = await this.#ready();
    await session.run((remote) => remote.open(model, manifest), signal);
    this.#journal = {
      model,
      manifest,
      settings: [],
      unbalance: 1,
      calibration: undefined,
      options: new Map(),
      picture: undefined,
    };
    return this.model();
  }

  model(): Promise<ModelReport> {
    return this.#call((session) => session.call("model", []));
  }

  /** Changes the preprocessing. Calibration and schemes are gone afterwards. */
  async setInput(input: InputSpec): Promise<void> {
    await this.#set((session) => session.call("set_input", [input]));
    if (this.#journal) Object.assign(this.#journal, { calibration: undefined, options: new Map() });
  }

  /** Evens out or spreads the model's channels. Calibration and schemes are gone afterwards, unless nothing changes. */
  async setUnbalance(amount: number): Promise<void> {
    if (amount === (this.#journal?.unbalance ?? 1)) return;
    await this.#call((session) => session.call("set_unbalance", [amount]));
    if (this.#journal) {
      Object.assign(this.#journal, { unbalance: amount, calibration: undefined, options: new Map() });
    }
  }

  /** Where the model's channels can be evened out or spread. */
  unbalance({ signal }: CallOptions = {}): Promise<UnbalanceReport> {
    return this.#call((session) => session.call("unbalance", [], signal));
  }

  /** What another Worker needs to compute the same; nothing while no model is open. */
  async snapshot({ signal }: CallOptions = {}): Promise<Snapshot | undefined> {
    const journal = this.#journal;
    if (!journal) return undefined;
    const { model, manifest, settings, unbalance, calibration } = journal;
    if (calibration) {
      calibration.state ??= await this.#call((session) => session.call("calibration_state", [], signal));
    }
    return { model, manifest, settings: [...settings], unbalance, calibration: calibration?.state };
  }

  /** Changes how the outputs are read. Calibration and schemes stay. */
  setTask(task: Task): Promise<void> {
    return this.#set((session) => session.call("set_task", [task]));
  }

  setLabels(labels: string[]): Promise<void> {
    return this.#set((session) => session.call("set_labels", [labels]));
  }

  /** How many classes the outputs tell apart; null where they tell none. */
  async classes(): Promise<number | null> {
    return (await this.#call((session) => session.call("classes", []))) ?? null;
  }

  /** What the network sees of a picture after resizing and cropping. */
  preview(picture: Pixels, { signal }: CallOptions = {}): Promise<Pixels> {
    const { rgba, width, height } = picture;
    return this.#call((session) => session.call("preview", [rgba, width, height], signal));
  }

  /** Finds activation ranges over the pictures; returns how many were used. Schemes must be quantized anew. */
  async calibrate(
    pictures: readonly PixelSource[],
    settings: CalibrationOptions,
    options: CallOptions = {},
  ): Promise<number> {
    const calibration = { pictures, settings };
    const used = await this.#call((session) => calibrate(session, calibration, options));
    if (this.#journal) Object.assign(this.#journal, { calibration, options: new Map() });
    return used;
  }

  /** What a scheme's options are under a profile unless something else is asked for. */
  defaultOptions(scheme: Scheme, profile: Datapath, { signal }: CallOptions = {}): Promise<QuantizeOptions> {
    return this.#call((session) => session.call("default_options", [scheme, profile], signal));
  }

  /** A scheme as a file, from a Worker of its own: the module that can write files is loaded for it. */
  async export(options: QuantizeOptions, format: Format, { signal }: CallOptions = {}): Promise<Uint8Array> {
    const snapshot = await this.snapshot({ signal });
    const session = new Session(this.#startExporter());
    try {
      if (snapshot) await open(session, snapshot);
      if (snapshot?.calibration) await session.call("set_calibration_state", [snapshot.calibration], signal);
      await session.call("quantize", [options], signal);
      return await session.call("export", [options.scheme, format], signal);
    } finally {
      session.end(crashed("released"));
    }
  }

  async quantize(options: QuantizeOptions, { signal }: CallOptions = {}): Promise<SchemeReport> {
    const report = await this.#call((session) => session.call("quantize", [options], signal));
    this.#journal?.options.set(options.scheme, options);
    return report;
  }

  /** Makes this the current picture and returns float's prediction. */
  async setPicture(picture: Pixels, { signal }: CallOptions = {}): Promise<Prediction> {
    const { rgba, width, height } = picture;
    const prediction = await this.#call((session) => session.call("set_picture", [rgba, width, height], signal));
    if (this.#journal) this.#journal.picture = picture;
    return prediction;
  }

  /** The current picture under a scheme, with the SQNR of every node. */
  predict(scheme: Scheme, { signal }: CallOptions = {}): Promise<Prediction> {
    return this.#call((session) => session.call("predict", [scheme], signal));
  }

  /** Any picture under a scheme, compared with float. `id` tells pictures apart. */
  score(scheme: Scheme, id: number, picture: Pixels, { signal }: CallOptions = {}): Promise<PictureScore> {
    const { rgba, width, height } = picture;
    return this.#call((session) => session.call("score", [scheme, id, rgba, width, height], signal));
  }

  /** The figure of a tally of any number of pictures; nothing when it is infinite. */
  async figure(tally: Tally, { signal }: CallOptions = {}): Promise<number | null> {
    return (await this.#call((session) => session.call("figure", [tally], signal))) ?? null;
  }

  layer(scheme: Scheme, node: number, { signal }: CallOptions = {}): Promise<LayerDetail> {
    return this.#call((session) => session.call("layer", [scheme, node], signal));
  }

  channel(scheme: Scheme, node: number, channel: number, { signal }: CallOptions = {}): Promise<ChannelDetail> {
    return this.#call((session) => session.call("channel", [scheme, node, channel], signal));
  }

  /** One output number of a layer with weights, `[row, column, channel]`, in full; for the current picture. */
  trace(scheme: Scheme, node: number, position: Trace["position"], { signal }: CallOptions = {}): Promise<Trace> {
    return this.#call((session) => session.call("trace", [scheme, node, ...position], signal));
  }

  /** The text that the command line prints for such a trace. */
  traceJson(scheme: Scheme, node: number, position: Trace["position"], { signal }: CallOptions = {}): Promise<string> {
    return this.#call((session) => session.call("trace_json", [scheme, node, ...position], signal));
  }

  /** The error that one node makes by itself on the current picture. */
  isolated(scheme: Scheme, node: number, { signal }: CallOptions = {}): Promise<NodeError> {
    return this.#call((session) => session.call("isolated", [scheme, node], signal));
  }

  /** How many steps the integers of every node's output are off on the current picture, by node index. */
  offBy(scheme: Scheme, { signal }: CallOptions = {}): Promise<(OffBy | null)[]> {
    return this.#call((session) => session.call("off_by", [scheme], signal));
  }

  /** The shifts that a rule chooses for a layer, one per output channel. */
  async shiftsBy(rule: ShiftRule, node: number, { signal }: CallOptions = {}): Promise<number[]> {
    return Array.from(await this.#call((session) => session.call("shifts_by", [rule, node], signal)));
  }

  /** The error of every shift that a channel could have under shift-wise. */
  shiftErrors(node: number, channel: number, { signal }: CallOptions = {}): Promise<ShiftErrors> {
    return this.#call((session) => session.call("shift_errors", [node, channel], signal));
  }

  /** What shift-wise would make of the current picture if no shift had been chosen by hand. */
  predictByRule({ signal }: CallOptions = {}): Promise<Prediction> {
    return this.#call((session) => session.call("predict_by_rule", [], signal));
  }

  /** One output channel of a node for the current picture. */
  activation(scheme: Scheme, node: number, channel: number, { signal }: CallOptions = {}): Promise<ActivationMap> {
    return this.#call((session) => session.call("activation", [scheme, node, channel], signal));
  }

  async #set(change: Setting): Promise<void> {
    await this.#call(change);
    this.#journal?.settings.push(change);
  }

  async #call<T>(run: (session: Session) => Promise<T>): Promise<T> {
    return run(await this.#ready());
  }

  /** A live session in the state that the journal describes. */
  #ready(): Promise<Session> {
    if (this.#session && !this.#session.lost && !this.#restoring) return Promise.resolve(this.#session);
    this.#restoring ??= this.#restore().finally(() => (this.#restoring = undefined));
    return this.#restoring;
  }

  async #restore(): Promise<Session> {
    const session = new Session(this.#start());
    try {
      if (this.#journal) await replay(session, this.#journal);
    } catch (thrown) {
      // A state that brings the Worker down must not do so for ever: without it the next model can be opened.
      this.#journal = undefined;
      session.end(toErrorData(thrown));
      throw thrown;
    }
    this.#session = session;
    return session;
  }
}

async function calibrate(
  session: Session,
  { pictures, settings }: CalibrationSet,
  options: CallOptions,
): Promise<number> {
  const { signal, onProgress } = options;
  const what = "calibrating";
  await session.call("calibration_begin", [settings], signal);
  for (const [done, picture] of pictures.entries()) {
    onProgress?.({ done, total: pictures.length, what });
    const { rgba, width, height } = await picture.pixels();
    await session.call("calibrate", [rgba, width, height], signal);
  }
  onProgress?.({ done: pictures.length, total: pictures.length, what });
  return session.call("calibration_end", [], signal);
}

async function replay(session: Session, journal: Journal): Promise<void> {
  const { calibration, options, picture } = journal;
  await open(session, journal);
  if (calibration) await calibrate(session, calibration, {});
  for (const one of options.values()) await session.call("quantize", [one]);
  if (picture) {
    const { rgba, width, height } = picture;
    await session.call("set_picture", [rgba, width, height]);
  }
}
