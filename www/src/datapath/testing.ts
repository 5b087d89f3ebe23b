/** Traces for the unit tests, worked out by hand. */

import type { Tap, Trace } from "../engine/types";

/** Three products of a one-pixel window: (10 - 4) 3, (0 - 4) 5, (4 - 4) 7. */
const taps: Tap[] = [
  {
    kernel: [0, 0],
    channel: 0,
    place: [1, 1],
    activation: 10,
    weight: 3,
    product: 18,
    accumulator: 18,
    overflow: false,
  },
  {
    kernel: [0, 0],
    channel: 1,
    place: [1, 1],
    activation: 0,
    weight: 5,
    product: -20,
    accumulator: -2,
    overflow: false,
  },
  {
    kernel: [0, 0],
    channel: 2,
    place: undefined,
    activation: 4,
    weight: 7,
    product: 0,
    accumulator: -2,
    overflow: false,
  },
];

const around = {
  position: [1, 1, 0] as [number, number, number],
  input_zero_point: 4,
  taps,
  bias: -3,
  sum: -5,
  overflows: 0,
};
const placed = { output_zero_point: 12, min: 12, max: 255 };

/** -5 * 7 = -35; 3 places drop 5 of 8 and leave -5; 5 is over half, so it is -4. 8 is below the ReLU's bound. */
export const npu: Trace = {
  ...around,
  rescale: {
    datapath: "npu",
    multiplier: 7,
    shift: 1,
    channel_shift: 2,
    product: "-35",
    kept: "-5",
    dropped: "5",
    rounding: "half-up",
    rounds_up: true,
  },
  rescaled: -4,
  ...placed,
  result: 12,
};

/** -5 * 2^30 / 2^31 = -2.5: away from zero is -3, which / 2 is -1.5: away from zero is -2. */
export const tflite: Trace = {
  ...around,
  rescale: {
    datapath: "tflite",
    multiplier: 2 ** 30,
    exponent: -1,
    raised: -5,
    product: String(-5n * 2n ** 30n),
    high: -3,
    divided: -2,
  },
  rescaled: -2,
  ...placed,
  result: 12,
};

/** -5 * 0.5 = -2.5: to even is -2. */
export const ort: Trace = {
  ...around,
  rescale: { datapath: "ort", sum: -5, factor: 0.5, product: -2.5 },
  rescaled: -2,
  ...placed,
  result: 12,
};

export const widths = { accumulator: 32, bias: 32, multiplier: 16 };
