/** The page's state in its address, `#v=1&shift=4&...`: versioned, and clamped on the way in, since links outlive pages. */

import type { BiasCorrection, Datapath, Method, Overflow, QuantizeOptions, Rounding } from "./engine/types";
import { LAYER_VIEWS, type LayerView } from "./layer/views";
import type { OutputPixel } from "./datapath/pixel";
import { formatSpot, parseSpot, type Spot } from "./lessons/spots";

export interface Knobs extends Bits, Hardware {
  /** Whose integer arithmetic (N6, N8, N9). */
  profile: Datapath;
  /** How activation ranges follow from the pictures (N3). */
  ranges: Method;
  /** Of N4. */
  bias: BiasCorrection;
  /** How far the model's channels are from even, in per cent of what they are by themselves. */
  unbalance: number;
  /** How many of the pictures that there are for it ranges come from, at most. */
  calibrationPictures: number;
}

/** Of the datapath `npu`; the other engines' are what they are. */
export interface Hardware {
  /** Of M (N6). */
  multiplierBits: number;
  /** Of N5. */
  accumulatorBits: number;
  /** Of N4. */
  biasBits: number;
  /** Of N6. */
  rounding: Rounding;
  /** What a sum beyond the accumulator does (N5). */
  overflow: Overflow;
}

export interface Bits {
  /** B of the numerics contract's N2. */
  shiftBits: number;
  /** b of N1. */
  weightBits: number;
  /** Of N3. */
  activationBits: number;
}

/** Ranges that the engine accepts; the sliders and the address share them. */
export const KNOB_RANGES = {
  shiftBits: { low: 0, high: 5, initial: 4 },
  weightBits: { low: 2, high: 8, initial: 8 },
  activationBits: { low: 4, high: 8, initial: 8 },
} as const satisfies Record<keyof Bits, { low: number; high: number; initial: number }>;

/** The same of what is behind "More". */
export const MORE_RANGES = {
  multiplierBits: { low: 8, high: 31, initial: 16 },
  accumulatorBits: { low: 16, high: 32, initial: 32 },
  biasBits: { low: 16, high: 32, initial: 32 },
  calibrationPictures: { low: 1, high: 100, initial: 100 },
} as const satisfies Partial<Record<keyof Knobs, { low: number; high: number; initial: number }>>;

export type More = keyof typeof MORE_RANGES;

/** Of the engine's `set_unbalance`, in per cent. */
export const UNBALANCE_RANGE = { low: 0, high: 150, initial: 100 };

/** The choices of the other knobs, the usual one first. */
export const KNOB_CHOICES = {
  profile: ["npu", "tflite", "ort"],
  ranges: ["min-max", "moving-average", "percentile", "entropy", "mse", "data-free"],
  bias: ["none", "empirical", "data-free"],
  rounding: ["half-up", "half-away", "half-even", "truncate"],
  overflow: ["wrap", "saturate"],
} as const satisfies { [K in Exclude<keyof Knobs, keyof Bits | More | "unbalance">]: readonly Knobs[K][] };

/** Knobs that go together: the engines behind the other profiles have 8-bit activations only. */
export function settled(knobs: Knobs): Knobs {
  return knobs.profile === "npu" ? knobs : { ...knobs, activationBits: KNOB_RANGES.activationBits.high };
}

/** Those that are not as before. */
export function changedKnobs(before: Knobs, now: Knobs): Partial<Knobs> {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => before[name as keyof Knobs] !== value));
}

/** The engine's options with what the knobs say. */
export function withKnobs(usual: QuantizeOptions, knobs: Knobs): QuantizeOptions {
  const { multiplierBits, accumulatorBits, biasBits, rounding, overflow } = knobs;
  const hardware = {
    multiplier_bits: multiplierBits,
    accumulator_bits: accumulatorBits,
    bias_bits: biasBits,
    rounding,
    overflow,
  };
  return {
    ...usual,
    shift_bits: knobs.shiftBits,
    weight_bits: knobs.weightBits,
    activation_bits: knobs.activationBits,
    bias_correction: knobs.bias,
    profile: knobs.profile === "npu" ? { ...usual.profile, ...hardware } : usual.profile,
  };
}

type Preset = Partial<Knobs> & Pick<Knobs, "weightBits" | "bias" | "profile">;

/** Settings that people ask for by name. What a preset does not name is as usual, but for the model and its pictures. */
export const PRESETS = {
  paper: { profile: "npu", weightBits: 8, bias: "none" },
  tflite: { profile: "tflite", weightBits: 8, bias: "none" },
  ort: { profile: "ort", weightBits: 8, bias: "none" },
  four: { profile: "npu", weightBits: 4, bias: "none" },
  six: { profile: "npu", weightBits: 6, bias: "empirical" },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;

export function preset(name: PresetName, { unbalance, calibrationPictures }: Knobs): Knobs {
  return { ...parsePlace("").knobs, ...PRESETS[name], unbalance, calibrationPictures };
}

/** The preset that these knobs are. */
export function presetOf(knobs: Knobs): PresetName | null {
  const same = (name: PresetName) =>
    Object.entries(preset(name, knobs)).every(([key, value]) => knobs[key as keyof Knobs] === value);
  return (Object.keys(PRESETS) as PresetName[]).find(same) ?? null;
}

export interface Place {
  /** Address of a model to be fetched; null for the one that comes with the page. */
  model: string | null;
  knobs: Knobs;
  picture: number;
  node: number | null;
  channel: number | null;
  /** Of the node's output, as it is followed through the datapath. */
  pixel: OutputPixel | null;
  view: LayerView;
  /** Where in which lesson. */
  lesson: Spot | null;
  /** Only what fits into a small frame within another page. */
  embedded: boolean;
}

const VERSION = "1";
/** No model within the limits has more nodes, pictures or channels than this. */
const MOST = 65_535;
/** Of characters that a model's address has. */
const LONGEST = 2000;

/** What each further knob is called in the address. */
const MORE_KEYS = {
  multiplierBits: "multiplier",
  accumulatorBits: "accumulator",
  biasBits: "biasbits",
  calibrationPictures: "calibration",
} as const satisfies Record<More, string>;
const MORE = Object.keys(MORE_KEYS) as More[];

function whole(text: string | null, low: number, high: number): number | null {
  if (text === null || !/^\d{1,6}$/.test(text)) return null;
  return Math.min(high, Math.max(low, Number(text)));
}

export function parsePlace(hash: string): Place {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const query = given.get("v") === VERSION ? given : new URLSearchParams();
  const choice = <T extends string>(key: string, choices: readonly [T, ...T[]]): T =>
    choices.find((each) => each === query.get(key)) ?? choices[0];
  const knob = (key: string, { low, high, initial }: { low: number; high: number; initial: number }) =>
    whole(query.get(key), low, high) ?? initial;
  const more = (name: More) => knob(MORE_KEYS[name], MORE_RANGES[name]);
  const [row, column] = [whole(query.get("row"), 0, MOST), whole(query.get("column"), 0, MOST)];
  const node = whole(query.get("node"), 0, MOST);
  const model = query.get("model");
  return {
    model: model && model.length <= LONGEST ? model : null,
    knobs: settled({
      shiftBits: knob("shift", KNOB_RANGES.shiftBits),
      weightBits: knob("weights", KNOB_RANGES.weightBits),
      activationBits: knob("activations", KNOB_RANGES.activationBits),
      profile: choice("profile", KNOB_CHOICES.profile),
      ranges: choice("ranges", KNOB_CHOICES.ranges),
      bias: choice("bias", KNOB_CHOICES.bias),
      rounding: choice("rounding", KNOB_CHOICES.rounding),
      overflow: choice("overflow", KNOB_CHOICES.overflow),
      unbalance: knob("unbalance", UNBALANCE_RANGE),
      multiplierBits: more("multiplierBits"),
      accumulatorBits: more("accumulatorBits"),
      biasBits: more("biasBits"),
      calibrationPictures: more("calibrationPictures"),
    }),
    picture: whole(query.get("picture"), 0, MOST) ?? 0,
    node,
    channel: whole(query.get("channel"), 0, MOST),
    // One without the other, or of no node, is no pixel.
    pixel: row === null || column === null || node === null ? null : { row, column },
    view: choice("view", LAYER_VIEWS),
    lesson: parseSpot(query.get("lesson")),
    embedded: query.has("embed"),
  };
}

export function formatPlace({ model, knobs, picture, node, channel, pixel, view, lesson, embedded }: Place): string {
  const query = new URLSearchParams({
    v: VERSION,
    shift: String(knobs.shiftBits),
    weights: String(knobs.weightBits),
    activations: String(knobs.activationBits),
    picture: String(picture),
  });
  for (const [key, [usual]] of Object.entries(KNOB_CHOICES)) {
    const chosen = knobs[key as keyof typeof KNOB_CHOICES];
    if (chosen !== usual) query.set(key, chosen);
  }
  for (const name of MORE)
    if (knobs[name] !== MORE_RANGES[name].initial) query.set(MORE_KEYS[name], String(knobs[name]));
  if (knobs.unbalance !== UNBALANCE_RANGE.initial) query.set("unbalance", String(knobs.unbalance));
  if (node !== null) query.set("node", String(node));
  if (channel !== null) query.set("channel", String(channel));
  if (node !== null && pixel !== null) {
    query.set("row", String(pixel.row));
    query.set("column", String(pixel.column));
  }
  if (view !== LAYER_VIEWS[0]) query.set("view", view);
  if (lesson !== null) query.set("lesson", formatSpot(lesson));
  if (embedded) query.set("embed", "");
  if (model !== null) query.set("model", model);
  return `#${query}`;
}
