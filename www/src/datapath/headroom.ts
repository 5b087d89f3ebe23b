/** How many bits of the registers are in use: at worst, for any input at all, and so far in this sum. */

import type { Trace } from "../engine/types";
import { signedBits } from "./bits";

export interface Headroom {
  /** Bits that the sums so far have needed at most. */
  now: number;
  /** Bits that hold every partial sum of every input, in every order (N5). */
  worst: number;
  /** Bits that there are. */
  width: number;
}

/** The sum of all negative and the sum of all positive terms that the weights can produce, the bias being one (N5). */
export function sumRange(trace: Trace, activationMax: number): [bigint, bigint] {
  let [low, high] = trace.bias < 0 ? [trace.bias, 0] : [0, trace.bias];
  for (const { weight } of trace.taps) {
    const ends = [-trace.input_zero_point * weight, (activationMax - trace.input_zero_point) * weight];
    low += Math.min(...ends);
    high += Math.max(...ends);
  }
  return [BigInt(low), BigInt(high)];
}

const bitsOfRange = ([low, high]: [bigint, bigint]) => Math.max(signedBits(low), signedBits(high));

/** Of the accumulator, after `added` products; with the bias where it has been added. */
export function accumulatorHeadroom(
  trace: Trace,
  added: number,
  biased: boolean,
  { activationMax, width }: { activationMax: number; width: number },
): Headroom {
  let now = 1;
  for (const { accumulator } of trace.taps.slice(0, added)) now = Math.max(now, signedBits(BigInt(accumulator)));
  if (biased) now = Math.max(now, signedBits(BigInt(trace.sum)));
  return { now, worst: bitsOfRange(sumRange(trace, activationMax)), width };
}

/** Of the 64 bits in which the rescale multiplies; null where it multiplies in float. */
export function productHeadroom(trace: Trace, activationMax: number): Headroom | null {
  const { rescale } = trace;
  if (rescale.datapath === "ort") return null;
  const raise = rescale.datapath === "tflite" ? BigInt(Math.max(rescale.exponent, 0)) : 0n;
  const factor = BigInt(rescale.multiplier) << raise;
  const [low, high] = sumRange(trace, activationMax);
  const worst = bitsOfRange([low * factor, high * factor]);
  return { now: signedBits(BigInt(rescale.product)), worst: Math.min(worst, 64), width: 64 };
}
