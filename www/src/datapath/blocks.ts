/** A trace as the blocks of a datapath: what each takes, does and holds, for all three profiles. */

import type { Datapath, Rounding, Trace } from "../engine/types";

export type BlockId =
  | "bias"
  | "multiply"
  | "shift"
  | "raise"
  | "high"
  | "divide"
  | "convert"
  | "factor"
  | "round"
  | "zero"
  | "clamp"
  | "output";

/** What a register or a wire carries. */
export type Amount =
  { kind: "integer"; value: bigint; width: number; signed: boolean } | { kind: "real"; value: number };

/** A right shift that keeps what falls off in sight. */
export interface Shifter {
  /** Before the shift. */
  value: bigint;
  /** By how many places; none or fewer than none drop nothing. */
  places: number;
  /** The bits that fall off, as a number of `places` bits. */
  dropped: bigint;
  rounding: Rounding;
  /** Whether rounding adds one to what is left. */
  roundsUp: boolean;
}

export interface Block {
  id: BlockId;
  clause: string;
  /** What comes in from the side. */
  operand: Amount | null;
  /** What the block holds when it is done. */
  result: Amount;
  shifter?: Shifter;
  /** Of the shift: n of the layer and k of the channel. */
  shifts?: { n: number; k: number };
  bounds?: { min: number; max: number };
}

/** Widths of the registers that the profile of a scheme has. */
export interface Widths {
  accumulator: number;
  bias: number;
  multiplier: number;
}

const signed = (value: bigint | number, width: number): Amount => ({
  kind: "integer",
  value: BigInt(value),
  width,
  signed: true,
});
const unsigned = (value: bigint | number, width: number): Amount => ({
  kind: "integer",
  value: BigInt(value),
  width,
  signed: false,
});
const real = (value: number): Amount => ({ kind: "real", value });

/** What a right shift of `value` by `places` leaves and drops, given what came out of it. */
export function shifter(value: bigint, places: number, result: bigint, rounding: Rounding): Shifter {
  if (places <= 0) return { value, places, dropped: 0n, rounding, roundsUp: false };
  const kept = value >> BigInt(places);
  return { value, places, dropped: value - (kept << BigInt(places)), rounding, roundsUp: result !== kept };
}

/** How what falls off compares with half of the last place that stays. */
export function remainder({ dropped, places }: Shifter): "none" | "under" | "half" | "over" {
  if (places <= 0 || dropped === 0n) return "none";
  const half = 1n << BigInt(places - 1);
  return dropped < half ? "under" : dropped === half ? "half" : "over";
}

/** Every block after the accumulator, in order. Lanes of one profile have the same blocks. */
export function blocksOf(trace: Trace, widths: Widths): Block[] {
  const placed = trace.rescaled + trace.output_zero_point;
  const { min, max } = trace;
  return [
    {
      id: "bias",
      clause: "N4",
      operand: signed(trace.bias, widths.bias),
      result: signed(trace.sum, widths.accumulator),
    },
    ...rescaling(trace, widths),
    {
      id: "zero",
      clause: "N3",
      operand: unsigned(trace.output_zero_point, 8),
      result: signed(placed, 32),
    },
    { id: "clamp", clause: "N7", operand: null, result: unsigned(trace.result, 8), bounds: { min, max } },
    { id: "output", clause: "N3", operand: null, result: unsigned(trace.result, 8) },
  ];
}

function rescaling({ rescale, sum, rescaled }: Trace, widths: Widths): Block[] {
  switch (rescale.datapath) {
    case "npu": {
      const product = BigInt(rescale.product);
      const places = rescale.shift + rescale.channel_shift;
      return [
        {
          id: "multiply",
          clause: "N6",
          operand: unsigned(rescale.multiplier, widths.multiplier),
          result: signed(product, 64),
        },
        {
          id: "shift",
          clause: "N6",
          operand: null,
          result: signed(rescaled, 32),
          shifts: { n: rescale.shift, k: rescale.channel_shift },
          shifter: {
            value: product,
            places,
            dropped: BigInt(rescale.dropped),
            rounding: rescale.rounding,
            roundsUp: rescale.rounds_up,
          },
        },
      ];
    }
    case "tflite": {
      const { exponent, raised, high, divided } = rescale;
      const product = BigInt(rescale.product);
      const away = "half-away";
      return [
        {
          id: "raise",
          clause: "N8",
          operand: signed(Math.max(exponent, 0), 8),
          result: signed(raised, 32),
        },
        { id: "multiply", clause: "N8", operand: signed(rescale.multiplier, 32), result: signed(product, 64) },
        {
          id: "high",
          clause: "N8",
          operand: null,
          result: signed(high, 32),
          shifter: shifter(product, 31, BigInt(high), away),
        },
        {
          id: "divide",
          clause: "N8",
          operand: null,
          result: signed(divided, 32),
          shifter: shifter(BigInt(high), Math.max(-exponent, 0), BigInt(divided), away),
        },
      ];
    }
    case "ort":
      return [
        { id: "convert", clause: "N9", operand: signed(sum, 32), result: real(rescale.sum) },
        { id: "factor", clause: "N9", operand: real(rescale.factor), result: real(rescale.product) },
        { id: "round", clause: "N9", operand: null, result: signed(rescaled, 32) },
      ];
  }
}

/** Blocks after the accumulator. */
export const BLOCK_COUNTS: Record<Datapath, number> = { npu: 6, tflite: 8, ort: 7 };
