/** Every word of the layer pane. */

import type { ShiftRule } from "../engine/types";
import { count, decibels, real } from "../format";
import type { LayerView } from "../layer/views";

export type Order = "range" | "shift" | "error" | "channel";

const times = (factor: number) => `\u00d7${factor < 10 ? factor.toFixed(2).replace(/\.?0+$/, "") : Math.round(factor)}`;
const power = (k: number) => `\u00d7${2 ** k}`;
const plural = (n: number, one: string) => `${count(n)} ${n === 1 ? one : `${one}s`}`;
const named = (channels: readonly number[]) =>
  channels.length > 6 ? `${channels.slice(0, 5).join(", ")}, …` : channels.join(", ");

export const layerText = {
  name: "Layer",
  heading: (index: number, label: string) => `Layer ${index}: ${label}`,
  looking: "looking into the layer",
  fewLevels: (few: number, channels: number, fewShift: number) =>
    few === 0
      ? `Layer-wise leaves every channel of this layer more than five levels.`
      : `Layer-wise rounds ${count(few)} of ${plural(channels, "channel")} to five levels or fewer; shift-wise ${fewShift === 0 ? "none" : count(fewShift)}.`,
  noWeights: "This node has no weights, so there is nothing to shift here.",
  noCalibration: "Drop a few pictures: integer ranges come from them.",
  views: { ranges: "Ranges", weights: "Weights", maps: "Maps" } satisfies Record<LayerView, string>,
  viewsLabel: "Views of the layer",
  channelOf: (channel: number, channels: number) => `Channel ${count(channel)} of ${count(channels)}`,

  // Ranges
  ranges: "Range of each channel, before and after its shift",
  rangesKeys:
    "Left and right arrows move by channel, up and down change its shift, Page Up and Page Down move by layer, plus and minus zoom, zero shows all, Escape lets go.",
  chart: "chart",
  axis: "largest weight, \u00d72 per step",
  gridAxis: "integer",
  before: "before its shift",
  after: "after",
  grid: "common grid",
  vanishes: "under half a step: rounds to 0",
  coarser: (factor: number) => `grid ${times(factor)} coarser`,
  order: "Order",
  orders: { range: "by range", shift: "by shift", error: "by error", channel: "by channel" } satisfies Record<
    Order,
    string
  >,
  orderAxis: {
    range: "narrow to wide",
    shift: "small to large shift",
    error: "most to least error",
    channel: "by number",
  } satisfies Record<Order, string>,
  shown: (first: number, last: number, total: number) =>
    last - first + 1 === total ? `all ${plural(total, "channel")}` : `${first + 1}\u2013${last + 1} of ${count(total)}`,
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  zoomAll: "Show all channels",
  overview: "All channels: drag over a span to see it enlarged",
  spanStart: "First channel shown",
  spanEnd: "Last channel shown",
  /** `largest` and `levels` before and after. */
  readout: (
    channel: number,
    range: string,
    share: string,
    shift: number,
    largest: readonly [number, number],
    levels: readonly [number, number],
  ) =>
    `channel ${channel}: range ${range} = ${share}, shift ${shift} (${power(shift)}), largest integer ${Math.round(largest[0])} \u2192 ${Math.round(largest[1])}, levels ${levels.join(" \u2192 ")}`,
  perChannel: {
    channel: "Channel",
    range: "Range",
    shifted: "Shifted",
    shift: "Shift",
    levels: "Levels layer-wise",
    levelsShift: "Levels shift-wise",
    error: "Weight SQNR, dB",
    correction: "Bias correction",
  },
  shiftsTitle: "Shifts chosen",
  shiftsHint: power,
  histogram: { shift: "Shift", channels: "Channels" },

  // Shifts by hand
  byHand: "Shifts by hand",
  byHandHint: "Drag a triangle up or down, or press the arrow keys on the chart.",
  channel: "Channel",
  shift: "Shift",
  less: "One less",
  more: "One more",
  rule: "Rule",
  rules: {
    floor: "floor (the method\u2019s)",
    ceil: "ceil",
    nearest: "nearest",
    "least-error": "least error",
    zero: "all 0",
  } satisfies Record<ShiftRule, string>,
  ownRule: "by hand",
  undo: "Undo",
  redo: "Redo",
  reset: "Reset",
  resetHint: "All layers by the method\u2019s rule again",
  edited: (layers: number) =>
    layers === 0 ? "Every shift is the method\u2019s own." : `Shifts of ${plural(layers, "layer")} set by hand.`,
  effect: {
    caption: "What these shifts make of this picture",
    now: "now",
    byRule: "by the rule",
    layer: "Layer output, dB",
    output: "Network output, dB",
    answer: "Answer",
    same: "the same",
    agreement: "Agreement with float",
  },
  raised: (channel: number, factor: number) =>
    `Channel ${channel} now reaches beyond R: the scale of the whole layer is ${times(factor)} larger, and every other channel that much coarser.`,
  lowered: (channels: readonly number[]) =>
    `${channels.length === 1 ? "Channel" : "Channels"} ${named(channels)}: a lower shift than asked for, so that bias and sum fit the accumulator (N4).`,
  saturated: (channels: readonly number[]) =>
    `${channels.length === 1 ? "Channel" : "Channels"} ${named(channels)}: the bias fits no shift and saturates (N4).`,

  // Every shift's error
  errors: {
    title: (channel: number) => `Every shift of channel ${channel}`,
    hint: "Mean squared error of its quantized weights; press one to use it.",
    shift: "Shift",
    mse: "MSE",
    sqnr: "Channel, dB",
    layer: "Layer, dB",
    scale: "S_w",
    chosen: "in use",
    runnerUp: "runner-up",
    use: (k: number) => `Use shift ${k}`,
    times,
    db: (value: number | null) => (value === null ? "exact" : decibels(value)),
  },

  // Figures
  figures: {
    caption: "This layer under each scheme",
    scheme: "Scheme",
    range: "R",
    scale: "S_w",
    multiplier: "M",
    shift: "n",
    accumulator: "Accumulator bits",
    bias: "Bias bits",
    levels: "Levels, median (least)",
    few: "\u2264 5 levels",
    sqnr: "Weight SQNR, dB",
    added: "Adds",
    overflow: "can overflow",
  },

  // Weights
  weights: {
    title: (channel: number) => `Weights of channel ${channel}`,
    shape: (kh: number, kw: number, inputs: number) =>
      inputs === 1
        ? `One kernel of ${kh}\u2009\u00d7\u2009${kw}`
        : kh * kw === 1
          ? `${plural(inputs, "weight")}, one for each input channel, row by row`
          : `${plural(inputs, `kernel`)} of ${kh}\u2009\u00d7\u2009${kw}, one for each input channel`,
    hint: "Point at a weight to read it; press to keep it.",
    go: "See where it is multiplied",
    keys: "Arrow keys move by weight, Enter shows where it is multiplied, Page Up and Page Down move by layer, Escape lets go.",
    float: "Float",
    difference: "difference from float",
    value: "weight",
    scale: "Same colours for the same weight",
    differenceScale: "differences have a scale of their own",
    sheet: (scheme: string) => `${scheme}: weights`,
    differences: (scheme: string) => `${scheme}: differences from float`,
    at: (row: number, column: number, input: number) => `input channel ${input}, row ${row}, column ${column}`,
    real: (value: number) => real(value),
    levels: (n: number) => plural(n, "level"),
    db: (value: number | null) => (value === null ? "exact" : `${decibels(value)} dB`),
    table: { input: "Input channel", row: "Row", column: "Column", float: "Float" },
    cut: (shown: number, all: number) => `The first ${count(shown)} of ${count(all)}.`,
  },

  // Maps
  maps: {
    title: (channel: number) => `Output channel ${channel} for this picture`,
    none: "Choose a picture to see what this channel makes of it.",
    difference: "minus float",
    sheet: (scheme: string) => `${scheme}: output`,
    differences: (scheme: string) => `${scheme} minus float`,
    scale: "activation",
    differenceScale: "difference",
    hint: "Point at a pixel to read it; press to keep it.",
    go: "See how it is computed",
    keys: "Arrow keys move by pixel, Enter shows how it is computed, Page Up and Page Down move by layer, Escape lets go.",
    db: (value: number | null) => (value === null ? "equal to float" : `${decibels(value)} dB`),
    at: (row: number, column: number) => `row ${row}, column ${column}`,
    table: { row: "Row", column: "Column" },
    size: (height: number, width: number) => `${width}\u2009\u00d7\u2009${height}`,
  },
} as const;
