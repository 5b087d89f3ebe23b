/** Words of the report that is taken away. */

import { count } from "../format";
import { text } from "../strings";
import { knobs } from "./knobs";

const settings: Readonly<Record<string, string>> = {
  ...text.knob,
  ...knobs.names,
  unbalance: "Unbalance, %",
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
