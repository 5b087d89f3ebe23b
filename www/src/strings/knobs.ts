/** Words of the settings behind "More". */

import type { KNOB_CHOICES, More, PresetName } from "../url";

export const knobs = {
  more: "More",
  preset: "Preset",
  presetHint: "Sets every knob at once; the model's channels stay as they are.",
  presets: {
    paper: "The paper",
    tflite: "TFLite",
    ort: "ONNX Runtime",
    four: "4-bit weights",
    six: "6-bit weights, biases corrected",
  } satisfies Record<PresetName, string>,
  ownChoice: "own choice",
  names: {
    multiplierBits: "Multiplier bits",
    accumulatorBits: "Accumulator bits",
    biasBits: "Bias bits",
    calibrationPictures: "Calibration pictures",
    rounding: "Rounding",
    overflow: "Overflow",
  } satisfies Record<More | "rounding" | "overflow", string>,
  hints: {
    multiplierBits: "Width of M, by which the rescale multiplies every sum (N6).",
    accumulatorBits: "Width of the register that sums products; sums beyond it overflow (N5).",
    biasBits: "Width of the bias; where it does not hold one, the channel's shift is lowered (N4).",
    calibrationPictures: "How many pictures the ranges of activations come from, at most.",
    rounding: "What happens to the bits that the rescale shifts out (N6).",
    overflow: "What a sum does that the accumulator does not hold (N5).",
  } satisfies Record<More | "rounding" | "overflow", string>,
  choices: {
    rounding: {
      "half-up": "half up",
      "half-away": "half away from zero",
      "half-even": "half to even",
      truncate: "truncate",
    },
    overflow: { wrap: "wrap around", saturate: "saturate" },
  } satisfies { [K in "rounding" | "overflow"]: Record<(typeof KNOB_CHOICES)[K][number], string> },
  npuOnly: "The widths are settings of the NPU's arithmetic; the other engines have their own.",
};
