/** What crosses the boundary to the wasm module, and the few shapes that the page adds to it. */

export type {
  ActivationMap,
  BiasCorrection,
  CalibrationOptions,
  ChannelDetail,
  Channels,
  ClassScore,
  ClassShare,
  Datapath,
  DetectedBox,
  Format,
  InputSpec,
  LayerDetail,
  LayerReport,
  Manifest,
  Method,
  ModelReport,
  Metric,
  NodeError,
  NodeReport,
  OffBy,
  Overflow,
  PassNote,
  PictureScore,
  Prediction,
  QuantizeOptions,
  Rescale,
  ResizeSpec,
  Rounding,
  Scheme,
  SchemeReport,
  Sheet,
  ShiftError,
  ShiftErrors,
  ShiftRule,
  Tally,
  Tap,
  Task,
  TaskResult,
  Trace,
  UnbalanceReport,
} from "../../../target/pkg-complete/shiftwise.js";
import type { Scheme } from "../../../target/pkg-complete/shiftwise.js";

/** Uncompressed pixels, four bytes each, row by row. */
export interface Pixels {
  rgba: Uint8Array;
  width: number;
  height: number;
}

/** A picture whose pixels are decoded when they are asked for, so that a thousand of them fit in memory. */
export interface PixelSource {
  pixels(): Promise<Pixels>;
}

export interface Progress {
  done: number;
  total: number;
  what: string;
}

/** Every call that can take longer than a blink takes these. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The schemes that run on integers, in the order in which the page shows them. */
export const INTEGER_SCHEMES = ["layer-wise", "shift-wise", "channel-wise"] as const satisfies readonly Scheme[];
export type IntegerScheme = (typeof INTEGER_SCHEMES)[number];
export const SCHEMES = ["float", ...INTEGER_SCHEMES] as const satisfies readonly Scheme[];
