/** Words of the datapath view. */

import type { Base } from "../datapath/bits";
import type { BlockId, Shifter } from "../datapath/blocks";
import type { Rounding, Tap } from "../engine/types";
import { count, real } from "../format";

const minus = (value: number | bigint) => value.toString().replace("-", "\u2212");
const rounding: Record<Rounding, string> = {
  "half-up": "half up",
  "half-away": "half away from 0",
  "half-even": "half to even",
  truncate: "truncate",
};
const remainders: Record<"none" | "under" | "half" | "over", string> = {
  none: "nothing is lost",
  under: "less than half is lost",
  half: "exactly half is lost",
  over: "more than half is lost",
};

export const datapath = {
  title: "Datapath",
  explain: "One output number, from its first product to its byte, as the integer hardware computes it.",
  noWeights: "Only layers with weights multiply and accumulate. Choose one in the network.",
  waiting: "A picture and a calibration are needed before there are integers to follow.",
  tracing: "following the number",
  cancel: "Cancel",
  cancelled: "Stopped. Another pixel, channel or scheme starts again.",

  // What is followed
  what: "Output number",
  row: "Row",
  column: "Column",
  channel: "Channel",
  of: (most: number) => `0 to ${most}`,
  scheme: "Scheme",
  beside: "Beside it",
  numbers: "Numbers",
  bases: { decimal: "decimal", hex: "hex", bits: "bits" } satisfies Record<Base, string>,
  copy: "Copy JSON",
  copyHint: (scheme: string) => `Copy this trace of ${scheme.toLowerCase()}, as “shiftwise trace --json” prints it`,
  copied: "Copied",
  notCopied: "The browser did not let the page copy. Allow it the clipboard, or run “shiftwise trace --json”.",

  // Transport
  transport: "Steps",
  first: "To the first product",
  back: "One step back",
  play: "Play",
  pause: "Pause",
  step: "One step on",
  last: "To the output",
  scrub: "Step of the datapath",
  keys: "Arrow keys move by step, with Shift by a tenth of the products; Page Up and Page Down move by layer.",
  at: (added: number, taps: number, block: string | null) =>
    block === null ? `${count(added)} of ${count(taps)} products added` : `all ${count(taps)} products, then ${block}`,

  // Blocks
  legend: {
    one: "1",
    zero: "0",
    extension: "copies of the sign",
    sign: "sign bit",
    off: "falls off",
    headroom: "bits used so far, and at worst",
  },
  sumClause: "N5",
  names: {
    buffer: "Line buffer and multipliers",
    accumulator: "Accumulator",
    bias: "+ bias",
    multiply: "\u00d7 M",
    shift: "\u226b n + k",
    raise: "\u226a e",
    high: "\u226b 31, the high half",
    divide: "\u226b \u2212e",
    convert: "to float32",
    factor: "\u00d7 factor",
    round: "round",
    zero: "+ zero point",
    clamp: "clamp",
    output: "output byte",
  } satisfies Record<BlockId | "buffer" | "accumulator", string>,
  hints: {
    buffer: "Every activation less its zero point, times its weight.",
    accumulator: "The products add up exactly, in the order of the window.",
    bias: "An integer in units of the accumulator.",
    multiply: "The scale’s ratio as an integer; the product has 64 bits.",
    shift: "The layer’s shift n, and k of the channel on top: undoing the shift costs nothing.",
    raise: "By the exponent where it is above 0, in 32 bits.",
    high: "M is a fraction of 31 bits: the first of two roundings.",
    divide: "By the exponent where it is below 0: the second rounding.",
    convert: "Beyond 2\u00b2\u2074 a float32 has no bit left for every integer.",
    factor: "One float32 product, rounded once.",
    round: "To the nearest integer, ties to even.",
    zero: "Real 0 sits at this integer of the output’s scale.",
    clamp: "A fused activation is no more than its bounds.",
    output: "What the next layer reads.",
  } satisfies Record<BlockId | "buffer" | "accumulator", string>,
  clause: (id: string) => `Clause ${id} of the numerics contract`,
  shifts: (n: number, k: number) => `n ${minus(n)} + k ${k} = ${minus(n + k)} places`,
  places: (n: number) => (n > 0 ? `${n} places` : n === 0 ? "no place: nothing falls off" : `${-n} places up`),
  raised: (e: bigint) => (e === 0n ? "not needed here" : `\u00d7 2^${e}`),
  bounds: (min: number, max: number) => `${min} to ${max}`,
  clamped: (low: boolean) => (low ? "raised to the lower bound" : "cut to the upper bound"),
  within: "inside the bounds",
  roundingBit: "rounding bit",
  lossless: "float32 holds it exactly",
  lossy: (by: string) => `rounded by ${by}`,
  nearest: (rest: number) =>
    Math.abs(rest) === 0.5
      ? "a tie: to the even neighbour"
      : rest === 0
        ? remainders.none
        : rest > 0
          ? `${real(rest)} falls off`
          : `${real(-rest)} is added`,
  int8: (byte: number) => `int8 ${minus(byte - 128)}`,
  decision: ({ rounding: how, roundsUp }: Pick<Shifter, "rounding" | "roundsUp">, rest: keyof typeof remainders) =>
    rest === "none" ? remainders.none : `${remainders[rest]}; ${rounding[how]}: ${roundsUp ? "add 1" : "stay"}`,
  overflow: "did not fit",
  overflows: (n: number) =>
    n === 1 ? "One addition did not fit the accumulator." : `${count(n)} additions did not fit.`,
  headroom: (now: number, worst: number, width: number) => `${now} bits used, at worst ${worst}, of ${width}`,

  // Products
  bufferOf: (channel: number) => `input channel ${channel}`,
  channelsOf: (n: number) => `${count(n)} input channels`,
  padding: "padding",
  chart: {
    title: "The accumulator growing",
    products: (n: number) => `${count(n)} products`,
  },
  table: {
    caption: "Every product, in the order in which they are added",
    number: "#",
    kernel: "Kernel y, x",
    input: "Input y, x",
    channel: "Channel",
    activation: "q_x",
    weight: "q_w",
    product: "Product",
    accumulator: "Accumulator",
    place: ({ place }: Pick<Tap, "place">) => (place ? place.join(", ") : "padding"),
    more: (n: number) => `and ${count(n)} more`,
  },
} as const;
