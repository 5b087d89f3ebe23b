/** Words of the report that is taken away. */

import { count } from "../format";

const settings: Readonly<Record<string, string>> = {
  shiftBits: "Shift bits",
  weightBits: "Weight bits",
  activationBits: "Activation bits",
  profile: "Arithmetic",
  ranges: "Ranges",
  bias: "Bias correction",
  unbalance: "Unbalance, %",
  multiplierBits: "Multiplier bits",
  rounding: "Rounding",
  accumulatorBits: "Accumulator bits",
  biasBits: "Bias bits",
  overflow: "Overflow",
  calibrationPictures: "Calibration pictures, at most",
};

export const reportText = {
  title: (model: string) => `Shiftwise: ${model}`,
  live: "Open this on the page",
  picture: (name: string) => `picture ${name}`,
  schemes: "Four schemes",
  settings: "Settings",
  setting: (name: string) => settings[name] ?? name,
  layers: "Layers",
  answer: "Answer",
  counted: "Test pictures",
  right: (share: string, n: number) => `${share} of ${count(n)} right`,
  agreement: (value: number, n: number) => `${value.toPrecision(3)} as float, on ${count(n)}`,
  adds: "Adds",
  hash: "Hash of the output's integers",
  layer: "Layer",
  shape: "Shape",
  fewLevels: "Channels with five levels or fewer (layer-, shift-, channel-wise)",
  of: (channels: number) => `of ${count(channels)}`,
  shifts: "Channels by shift",
  calibration: "Calibrated on, pictures",
};
