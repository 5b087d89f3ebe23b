/** What the page knows, in one store. Components read it; controllers (context.ts) and theme.ts write it. */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type {
  ActivationMap,
  ChannelDetail,
  IntegerScheme,
  LayerDetail,
  ModelReport,
  PictureScore,
  Pixels,
  Prediction,
  Progress,
  Scheme,
  SchemeReport,
  ShiftErrors,
  Tally,
  UnbalanceReport,
} from "./engine/types";
import { gridOf, pixelAt, type Share } from "./datapath/pixel";
import type { ShiftEdits } from "./layer/edits";
import { begin, type History } from "./layer/history";
import { LAYER_VIEWS, type LayerView } from "./layer/views";
import type { Spot } from "./lessons/spots";
import type { Curves } from "./many/curves";
import type { Picture } from "./pictures";
import { parsePlace, type Knobs, type Place } from "./url";

export type Theme = "auto" | "light" | "dark";

/** Tally of one scheme over all pictures. `right` counts only pictures whose label is known. */
export interface Score {
  done: number;
  total: number;
  labelled: number;
  right: number;
  /** How well the results agree with float's, over the pictures that are done; null where they cannot be read. */
  tally: Tally | null;
  /** The tally's figure; null when it is infinite, too. */
  agreement: number | null;
}

/** What went wrong, for the notice. `calm` is for something the person did (a cancel), not for an error. */
export interface Notice {
  tone: "error" | "calm";
  text: string;
}

export interface Busy extends Progress {
  /** When this part of the work began, as `performance.now()`. */
  since: number;
  /** How much was done by then. */
  from: number;
  cancel: (() => void) | null;
}

export interface State {
  model: ModelReport | null;
  /** The bundled digit model: it brings pictures and can be drawn for. */
  bundled: boolean;
  /** Address that the model was fetched from; null for the bundled model and for files. */
  source: string | null;
  pictures: readonly Picture[];
  /** Index into `pictures`, or what the person draws. */
  current: number | "drawing" | null;
  /** What the network sees of the current picture. */
  preview: Pixels | null;
  /** Width of the current picture, before anything is done to it, over its height. */
  proportions: number | null;
  calibration: { count: number; own: boolean } | null;
  knobs: Knobs;
  reports: Partial<Record<IntegerScheme, SchemeReport>>;
  predictions: Partial<Record<Scheme, Prediction>>;
  scores: Partial<Record<Scheme, Score>>;
  scoring: Busy | null;
  /** What each scheme makes of each picture, by the picture's id; grows while `scoring`. */
  outcomes: Partial<Record<Scheme, ReadonlyMap<number, PictureScore>>>;
  curves: Curves | null;
  /** Where the model's channels can be evened out; null until it is known. */
  unbalance: UnbalanceReport | null;
  /** The selected node and, where it has weights, output channel. */
  node: number | null;
  channel: number | null;
  /** Where the output number lies that is followed through the datapath; null for the middle. */
  pixel: Share | null;
  layers: Partial<Record<IntegerScheme, LayerDetail>>;
  channels: Partial<Record<IntegerScheme, ChannelDetail>>;
  /** Which view of the selected layer is shown. */
  view: LayerView;
  /** The selected channel's output for the current picture, while it is looked at. */
  maps: Partial<Record<Scheme, ActivationMap>>;
  /** What every shift of the selected channel would cost, while that is looked at. */
  shiftErrors: ShiftErrors | null;
  /** Shifts that were set by hand, with what can be undone and done again. */
  edits: History<ShiftEdits>;
  /** Shift-wise's answer by N2's rule alone, while shifts are set by hand. */
  byRule: Prediction | null;
  /** The open lesson. */
  lesson: Spot | null;
  /** Whether the page is a small frame within another one. */
  embedded: boolean;
  busy: Busy | null;
  notice: Notice | null;
  theme: Theme;
}

/** What the page's address says; null while no address can bring the model back. */
export function placeOf(state: Readonly<State>): Place | null {
  const { bundled, source: model, knobs, current, node, channel, view, lesson, embedded } = state;
  if (!bundled && model === null) return null;
  const shape = node === null ? undefined : state.model?.nodes[node]?.shape;
  const pixel = state.pixel && shape ? pixelAt(state.pixel, gridOf(shape)) : null;
  const picture = typeof current === "number" ? current : 0;
  return { model, knobs, picture, node, channel, pixel, view, lesson, embedded };
}

/** Told which parts of the state are not what they were. */
type Listener = (changed: readonly (keyof State)[]) => void;

export class Store {
  #state: State;
  readonly #listeners = new Set<Listener>();

  constructor(initial: State) {
    this.#state = initial;
  }

  get value(): Readonly<State> {
    return this.#state;
  }

  set(patch: Partial<State>): void {
    const before = this.#state;
    this.#state = { ...before, ...patch };
    const changed = (Object.keys(patch) as (keyof State)[]).filter((name) => this.#state[name] !== before[name]);
    for (const listener of this.#listeners) listener(changed);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Of a model that has just been opened: nothing of the one before holds. */
export const NOTHING_KNOWN = {
  source: null,
  notice: null,
  preview: null,
  proportions: null,
  calibration: null,
  reports: {},
  predictions: {},
  scores: {},
  curves: null,
  unbalance: null,
  node: null,
  channel: null,
  pixel: null,
  layers: {},
  channels: {},
  maps: {},
  shiftErrors: null,
  edits: begin({}),
  byRule: null,
} as const satisfies Partial<State>;

export const store = new Store({
  ...NOTHING_KNOWN,
  model: null,
  bundled: true,
  pictures: [],
  current: null,
  knobs: parsePlace("").knobs,
  scoring: null,
  outcomes: {},
  view: LAYER_VIEWS[0],
  lesson: null,
  embedded: false,
  busy: null,
  theme: "auto",
});

/**
 * Renders its host when something changes that the host has read, or anything at all if it depends on more than it reads
 * itself. For the few components that arrange others.
 */
export class Watch implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #isAll: boolean;
  readonly #read = new Set<PropertyKey>();
  #stop: (() => void) | undefined;

  constructor(host: ReactiveControllerHost, on: "what is read" | "everything" = "what is read") {
    this.#host = host;
    this.#isAll = on === "everything";
    host.addController(this);
  }

  get state(): Readonly<State> {
    return new Proxy(store.value, {
      get: (state, name, receiver) => {
        this.#read.add(name);
        return Reflect.get(state, name, receiver);
      },
    });
  }

  hostConnected(): void {
    this.#stop = store.subscribe((changed) => {
      if (this.#isAll || changed.some((name) => this.#read.has(name))) this.#host.requestUpdate();
    });
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    this.#stop?.();
  }
}
