/** The page's state in its address, `#v=1&shift=4&...`: versioned, and clamped on the way in, since links outlive pages. */

import type { BiasCorrection, Datapath, Method } from "./engine/types";
import { LAYER_VIEWS, type LayerView } from "./layer/views";

export interface Knobs extends Bits {
  /** Whose integer arithmetic (N6, N8, N9). */
  profile: Datapath;
  /** How activation ranges follow from the pictures (N3). */
  ranges: Method;
  /** Of N4. */
  bias: BiasCorrection;
  /** How far the model's channels are from even, in per cent of what they are by themselves. */
  unbalance: number;
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

/** Of the engine's `set_unbalance`, in per cent. */
export const UNBALANCE_RANGE = { low: 0, high: 150, initial: 100 };

/** The choices of the other knobs, the usual one first. */
export const KNOB_CHOICES = {
  profile: ["npu", "tflite", "ort"],
  ranges: ["min-max", "moving-average", "percentile", "entropy", "mse", "data-free"],
  bias: ["none", "empirical", "data-free"],
} as const satisfies { [K in Exclude<keyof Knobs, keyof Bits | "unbalance">]: readonly Knobs[K][] };

/** Knobs that go together: the engines behind the other profiles have 8-bit activations only. */
export function settled(knobs: Knobs): Knobs {
  return knobs.profile === "npu" ? knobs : { ...knobs, activationBits: KNOB_RANGES.activationBits.high };
}

export interface Place {
  knobs: Knobs;
  picture: number;
  node: number | null;
  channel: number | null;
  view: LayerView;
}

const VERSION = "1";
/** No model within the limits has more nodes, pictures or channels than this. */
const MOST = 65_535;

function whole(text: string | null, low: number, high: number): number | null {
  if (text === null || !/^\d{1,6}$/.test(text)) return null;
  return Math.min(high, Math.max(low, Number(text)));
}

export function parsePlace(hash: string): Place {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const query = given.get("v") === VERSION ? given : new URLSearchParams();
  const choice = <T extends string>(key: string, choices: readonly [T, ...T[]]): T =>
    choices.find((each) => each === query.get(key)) ?? choices[0];
  const knob = (key: string, name: keyof Bits) => {
    const { low, high, initial } = KNOB_RANGES[name];
    return whole(query.get(key), low, high) ?? initial;
  };
  return {
    knobs: settled({
      shiftBits: knob("shift", "shiftBits"),
      weightBits: knob("weights", "weightBits"),
      activationBits: knob("activations", "activationBits"),
      profile: choice("profile", KNOB_CHOICES.profile),
      ranges: choice("ranges", KNOB_CHOICES.ranges),
      bias: choice("bias", KNOB_CHOICES.bias),
      unbalance: whole(query.get("unbalance"), UNBALANCE_RANGE.low, UNBALANCE_RANGE.high) ?? UNBALANCE_RANGE.initial,
    }),
    picture: whole(query.get("picture"), 0, MOST) ?? 0,
    node: whole(query.get("node"), 0, MOST),
    channel: whole(query.get("channel"), 0, MOST),
    view: choice("view", LAYER_VIEWS),
  };
}

export function formatPlace({ knobs, picture, node, channel, view }: Place): string {
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
  if (knobs.unbalance !== UNBALANCE_RANGE.initial) query.set("unbalance", String(knobs.unbalance));
  if (node !== null) query.set("node", String(node));
  if (channel !== null) query.set("channel", String(channel));
  if (view !== LAYER_VIEWS[0]) query.set("view", view);
  return `#${query}`;
}
