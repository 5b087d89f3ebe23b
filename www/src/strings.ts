/** Every word on the page, in one place. Short and concrete; terms as in docs/numerics.md. */

import { bytes, count, decibels, percent, real } from "./format";
import type { Format, Metric, Prediction, Scheme, Tally, Task, TaskResult } from "./engine/types";
import { things, type Judgement } from "./findings";
import { datapath } from "./strings/datapath";
import { network } from "./strings/network";
import { layerText } from "./strings/layer";
import { cause } from "./strings/cause";
import { many } from "./strings/many";
import { knobs } from "./strings/knobs";
import { takeaway } from "./strings/takeaway";
import { lessons } from "./strings/lessons";
import { embed } from "./strings/embed";

const share = (value: number | null) => (value === null ? "\u2013" : percent(value));
const number = (value: number, unit: string | null | undefined) => `${real(value)}${unit ? ` ${unit}` : ""}`;
const list = (names: readonly string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
const s = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export const text = {
  cause,
  many,
  more: knobs,
  takeaway,
  lessons,
  embed,
  name: "Shiftwise",
  schemes: {
    float: "Float",
    "layer-wise": "Layer-wise",
    "shift-wise": "Shift-wise",
    "channel-wise": "Channel-wise",
  } satisfies Record<Scheme, string>,
  schemesLabel: "Four schemes",
  schemeHints: {
    float: "32-bit reference",
    "layer-wise": "one scale a layer",
    "shift-wise": "and one shift a channel",
    "channel-wise": "one scale a channel",
  } satisfies Record<Scheme, string>,

  // Header
  model: "Model",
  pictures: "Pictures",
  bundledModel: "Digits",
  bundledHint: "comes with the page",
  openModel: "Open a model …",
  openModelHint: "An .onnx file, together with its .shiftwise.json and a .txt of labels where there are any.",
  openPictures: "Open pictures …",
  openPicturesHint: "Several at once. Dropping and pasting work anywhere on the page.",
  openLabels: "Open labels …",
  local: "Nothing leaves this machine.",
  facts: (parameters: number, macs: number, opset: number) =>
    `${count(parameters)} parameters, ${macs < 1e6 ? `${count(macs / 1e3)} thousand` : `${count(macs / 1e6)} million`} multiply-adds, opset ${opset}`,
  pictureCount: (n: number) => (n === 0 ? "none" : count(n)),
  testPictures: (n: number) => s(n, "labelled test picture"),
  ownPictures: (n: number) => `${s(n, "picture")} of yours`,
  theme: { auto: "Auto", light: "Light", dark: "Dark" },
  themeLabel: "Theme",
  drop: "Drop a model or pictures",

  // Export
  take: "Export",
  takeHint: "The quantized network as a file, with the engine's own arithmetic.",
  formats: { onnx: "ONNX (QDQ)", tflite: "TFLite", json: "Integers (JSON)" } satisfies Record<Format, string>,
  exporting: "exporting",

  // Opening and progress
  opening: (name: string) => `opening ${name}`,
  calibrating: "calibrating",
  quantizing: "quantizing",
  predicting: "predicting",
  scoring: "counting",
  cancel: "Cancel",
  cancelled: (what: string) => `Stopped ${what}. What is shown is from before; changing a knob or a picture goes on.`,
  close: "Close",
  progress: (what: string, done: number, total: number) =>
    total > 0 ? `${what}, ${count(done)} of ${count(total)}` : what,
  left: (seconds: number) =>
    seconds < 90 ? `about ${s(seconds, "second")} left` : `about ${s(Math.round(seconds / 60), "minute")} left`,
  starting: "Starting the engine …",

  // Errors that the page itself finds
  missingFile: (name: string) => `'${name}' could not be loaded`,
  missingFileHint: "check the connection and reload the page",
  manifestAlone: "A .shiftwise.json belongs to a model; drop the .onnx file together with it",
  unknownFile: (name: string) =>
    `'${name}' is neither a model nor a picture; drop an .onnx file, a picture or a .txt of labels`,

  // Stage
  judgement: {
    right: "right",
    wrong: "wrong",
    same: "as float",
    differs: "not as float",
  } satisfies Record<Judgement, string>,
  answers: {
    closeness: (layer: number, shift: number) =>
      `Shift-wise stays ${shift.toFixed(1)} dB close to float, layer-wise ${layer.toFixed(1)} dB; more is closer.`,
    noPicture: "Drop a picture to see what four number formats make of it.",
    noCalibration: "Drop a few pictures: integer ranges come from them.",
    computing: "Working it out \u2026",
    drawing: "Draw a digit and watch the four answers.",
    all: (n: number) => (n === 4 ? "All four see" : "All see"),
    sees: "sees",
    again: "again",
    still: "still",
    too: "too",
  },
  why: {
    restored: "One scale crushes narrow channels; a shift restores them.",
    noBits: "Without shift bits, shift-wise is layer-wise.",
    fewBits: "These shift bits are too few for the narrowest channels.",
    fewWeightBits: "So few weight bits leave too few levels for any scheme.",
    spared: "This picture survives even one scale a layer; most do not.",
    enough: "One scale a layer is enough for this model on these pictures.",
    luck: "Shift-wise and float differ on this one; the counts below say how often.",
  },
  /** Over all pictures: what each scheme is called there, and its share. */
  overall: (pictures: number, shares: readonly string[]) =>
    `Of ${count(pictures)} test pictures: ${shares.join(", ")}.`,
  overallNames: {
    float: () => "float",
    "layer-wise": () => "layer-wise",
    "shift-wise": (shiftBits: number) =>
      shiftBits === 0 ? "without a shift" : `one ${shiftBits}-bit shift per channel`,
  },
  soFar: (share: string) => `${share} so far`,
  truth: (label: string) => `It is ${label}.`,
  networkSees: "network sees",
  drawHere: "Draw a digit",
  drawLabel: "Drawing surface: draw a digit with mouse, pen or finger",
  clear: "Clear",
  noPictures: "No picture yet",
  noPicturesHint: "Drop, paste or open some: they calibrate the model and are what it is tried on.",
  pictureNamed: (name: string, label: string | null) => (label === null ? name : `${name}: ${label}`),
  thumbnails: "Pictures to try",
  accuracy: (n: number, total: number) =>
    n < total ? `right, of ${count(n)} of ${count(total)} pictures` : `right, of ${count(total)} test pictures`,
  ofPictures: (n: number, total: number) =>
    n < total ? `of ${count(n)} of ${count(total)}` : `of ${s(total, "picture")}`,
  /** How well results agree with float's: on one picture, and over all. */
  agreements: {
    "top-1": {
      isShare: true,
      one: (value) => share(value),
      figure: share,
      words: (pictures) => `as float, ${pictures}`,
    },
    "f1@0.5": {
      isShare: true,
      one: (value) => `F1 ${share(value)} with float's boxes`,
      figure: share,
      words: (pictures) => `F1 with float, ${pictures}`,
    },
    miou: {
      isShare: true,
      one: (value) => `Mean IoU ${share(value)} with float's mask`,
      figure: share,
      words: (pictures) => `mean IoU with float, ${pictures}`,
    },
    psnr_db: {
      isShare: false,
      one: (value) => `PSNR ${value === null ? "infinite: equal to float's" : `${decibels(value)} dB to float's`}`,
      figure: (value) => (value === null ? "equal" : `${decibels(value)} dB`),
      words: (pictures) => `PSNR to float, ${pictures}`,
    },
    mae: {
      isShare: false,
      one: () => "",
      figure: (value) => (value === null ? "\u2013" : real(value)),
      words: (pictures) => `away from float, mean ${pictures}`,
    },
  } satisfies Record<
    Metric,
    {
      isShare: boolean;
      one: (value: number | null) => string;
      figure: (value: number | null) => string;
      words: (pictures: string) => string;
    }
  >,
  reference: (total: number) => `the reference, on ${s(total, "picture")}`,
  adds: (scheme: Scheme, size: number | null, shiftBits: number) => {
    if (scheme === "float") return "4 bytes a weight";
    if (size === null) return "";
    const kind =
      scheme === "shift-wise"
        ? `, ${shiftBits} bits a channel`
        : scheme === "layer-wise"
          ? ", a scale a layer"
          : ", a scale a channel";
    return `adds ${bytes(size)}${kind}`;
  },
  outputSqnr: "dB output SQNR",
  top: "Five best classes",
  waiting: "waiting for a picture",
  computing: "\u2026",
  uncalibrated: "waiting for pictures to calibrate on",

  // Results that are not a class
  results: {
    enlarge: "Enlarge",
    closeup: "Result, enlarged",
    dashed: "dashed: float's boxes",
    summary: (result: TaskResult): string => {
      switch (result.kind) {
        case "boxes":
          return s(result.boxes.length, "box", "boxes");
        case "mask":
          return list(things(result).map(({ label }) => label)) || "nothing but background";
        case "image":
          return `${result.width}\u2009\u00d7\u2009${result.height} pixels`;
        default:
          return "";
      }
    },
    floatFinds: (result: TaskResult): string => {
      switch (result.kind) {
        case "boxes":
          return `Float finds ${result.boxes.length === 0 ? "nothing" : s(result.boxes.length, "box", "boxes")}.`;
        case "mask":
          return `Float sees ${
            list(
              things(result)
                .slice(0, 3)
                .map(({ label }) => label),
            ) || "only background"
          }.`;
        case "image":
          return "Float restores the picture.";
        case "value":
          return `Float says ${number(result.value, result.unit)}.`;
        default:
          return "";
      }
    },
    /** How near a scheme comes to float; follows the scheme's name. */
    comes: ({ metric, sums }: Tally, { result, agreement }: Prediction): string => {
      switch (metric) {
        case "f1@0.5": {
          const [matched = 0, float = 0, own = 0] = sums;
          const found =
            float === 0
              ? own === 0
                ? "neither"
                : `finds ${s(own, "box", "boxes")}`
              : matched === float
                ? `finds ${float === 1 ? "it" : "all"}`
                : matched === 0
                  ? "finds none"
                  : `finds ${count(matched)} of them`;
          return own > matched && float > 0 ? `${found} and ${s(own - matched, "other")}` : found;
        }
        case "miou":
          return `agrees to ${share(agreement ?? null)}`;
        case "psnr_db":
          return agreement == null ? "equals it" : `stays ${decibels(agreement)} dB close to it`;
        case "mae":
          return result?.kind === "value" ? `says ${number(result.value, result.unit)}` : "";
        default:
          return "";
      }
    },
    boxes: {
      label: (scheme: string, n: number) => `${scheme}: ${s(n, "box", "boxes")}`,
      box: "Box",
      score: "Score",
      left: "Left",
      top: "Top",
      width: "Width",
      height: "Height",
    },
    mask: {
      label: (scheme: string) => `${scheme}: mask over the picture`,
      classes: "Classes by share of the picture",
      others: (labels: readonly string[]) => `and ${list(labels)}`,
      opacity: "Opacity of the mask",
      line: "white line: float's borders",
    },
    image: {
      label: (scheme: string) => `${scheme}: restored picture`,
      difference: (scheme: string) => `${scheme}: difference from float's picture, eight times as large`,
      compare: (scheme: string) => `Line between float and ${scheme}`,
      differences: "Differences from float, \u00d78",
    },
    number: {
      away: (away: number, unit: string | null) =>
        away === 0
          ? "as float"
          : `${away < 0 ? "\u2212" : "+"}${real(Math.abs(away))}${unit ? ` ${unit}` : ""} from float`,
    },
  },
  tasks: {
    classification: "Classification",
    detection: "Detection",
    segmentation: "Segmentation",
    image: "Image to image",
    regression: "One number",
  } satisfies Record<Task, string>,
  taskGuessed: "guessed",

  // Knobs
  knobs: "Settings",
  knob: {
    shiftBits: "Shift bits",
    weightBits: "Weight bits",
    activationBits: "Activation bits",
    profile: "Arithmetic",
    ranges: "Ranges",
    bias: "Bias correction",
  },
  choices: {
    profile: { npu: "NPU", tflite: "TensorFlow Lite", ort: "ONNX Runtime" },
    ranges: {
      "min-max": "min/max",
      "moving-average": "moving average",
      percentile: "99.99 %",
      entropy: "entropy (KL)",
      mse: "least error",
      "data-free": "data-free",
    },
    bias: { none: "none", empirical: "from pictures", "data-free": "data-free" },
  },
  calibratedOn: (n: number, own: boolean) =>
    own
      ? `Calibrated on ${n === 1 ? "this picture" : `these ${count(n)} pictures`}`
      : `Calibrated on ${s(n, "picture")} of its own`,
  guessed: "Preprocessing was guessed from the model's shape; wrong guesses spoil every answer.",
  edit: "Edit preprocessing",
  stopCounting: "Stop counting",
  countOn: "Count on",

  // Preprocessing
  preprocessing: {
    title: "From picture to result",
    task: "Task",
    channels: "Channels",
    channelNames: { rgb: "RGB", bgr: "BGR", gray: "Gray", luma: "Luma (Y of YCbCr)" },
    mode: "Resize",
    modes: { stretch: "stretch to", "shorter-side": "shorter side to" },
    width: "Width",
    height: "Height",
    shorter: "Pixels",
    crop: "Central crop",
    cropHint: "leave empty for none",
    normalize: "Values 0..255 become (v \u2212 mean) / std",
    preset: "Preset",
    custom: "custom",
    ownRange: "mean/std of its own",
    mean: "Mean",
    std: "Std",
    apply: "Apply",
    summary: (size: string, channels: string, range: string) => `${size}, ${channels}, ${range}`,
  },

  datapath,

  // Network
  network,

  // Layer
  layer: layerText,
  tableTwin: "As a table",

  // Ruler
  ruler: {
    why: (channel: number, channels: number, name: string) => `Why: channel ${channel} of ${channels} in ${name}`,
    title: (channel: number) => `Channel ${channel} on the ruler`,
    play: (k: number) => `Shift \u00d7${2 ** k}`,
    none: "No shift needed",
    steps: "Shift by steps",
    step: (k: number) => `\u00d7${2 ** k}`,
    levels: (n: number) => s(n, "level"),
    weights: (n: number) => s(n, "weight"),
    explain: (k: number) =>
      k === 0
        ? "This channel fills the ruler already."
        : `The rescale divides by ${2 ** k} again: the output stays, the detail survives.`,
    axis: (q: number) => `integer weight, \u2212${q} to ${q}`,
    description: (weights: number, before: number, after: number, k: number) =>
      `${weights} weights: layer-wise they fall on ${before} integers, shifted by ${k} on ${after}.`,
    table: { weight: "Weight", layer: "Layer-wise", shift: "Shift-wise" },
  },
} as const;
