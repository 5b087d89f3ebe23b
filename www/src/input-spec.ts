/** The preprocessing form: what the fields say, checked, as the engine's InputSpec. */

import type { Channels, InputSpec } from "./engine/types";
import { shape } from "./format";
import { text } from "./strings";

/** Everything as text, as a person types it. */
export interface InputForm {
  channels: Channels;
  mode: "stretch" | "shorter-side";
  width: string;
  height: string;
  shorter: string;
  cropWidth: string;
  cropHeight: string;
  mean: string;
  std: string;
}

export type FieldErrors = Partial<Record<keyof InputForm, string>>;

/** Usual normalizations of values 0..255, as `(v - mean) / std`. */
export const PRESETS = {
  "0..1": { mean: [0], std: [255] },
  "-1..1": { mean: [127.5], std: [127.5] },
  "ImageNet mean/std": { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  /** Dark is high, as for ink on paper. */
  "1..0": { mean: [255], std: [-255] },
  "0..255": { mean: [0], std: [1] },
} as const satisfies Record<string, { mean: readonly number[]; std: readonly number[] }>;
export type Preset = keyof typeof PRESETS;

const LARGEST_SIDE = 4096;

export function toForm(spec: InputSpec): InputForm {
  const { resize, crop } = spec;
  const stretch = resize.mode === "stretch" ? resize.size : null;
  return {
    channels: spec.channels,
    mode: resize.mode,
    width: String(stretch?.[0] ?? crop?.[0] ?? 224),
    height: String(stretch?.[1] ?? crop?.[1] ?? 224),
    shorter: String(resize.mode === "shorter-side" ? resize.size : Math.min(...resize.size)),
    cropWidth: crop ? String(crop[0]) : "",
    cropHeight: crop ? String(crop[1]) : "",
    mean: spec.mean.join(", "),
    std: spec.std.join(", "),
  };
}

/** The preset that a form's numbers are, if any. */
export function presetOf(form: InputForm): Preset | null {
  const same = (text: string, values: readonly number[]) => {
    const given = numbers(text);
    if (!given) return false;
    const at = (list: readonly number[], i: number) => list[i] ?? list[0];
    return [0, 1, 2].every((i) => at(given, i) === at(values, i));
  };
  for (const [name, { mean, std }] of Object.entries(PRESETS)) {
    if (same(form.mean, mean) && same(form.std, std)) return name as Preset;
  }
  return null;
}

function numbers(text: string): number[] | null {
  const parts = text
    .split(/[\s,;]+/)
    .filter((part) => part !== "")
    .map(Number);
  return parts.length > 0 && parts.every(Number.isFinite) ? parts : null;
}

function side(text: string): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_SIDE ? value : null;
}

/** Either the spec or, per field, what is wrong with it. */
export function parseForm(form: InputForm): { spec: InputSpec } | { errors: FieldErrors } {
  const errors: FieldErrors = {};
  const size = (name: "width" | "height" | "shorter" | "cropWidth" | "cropHeight") => {
    const value = side(form[name]);
    if (value === null) errors[name] = `a whole number from 1 to ${LARGEST_SIDE}`;
    return value ?? 1;
  };
  const planes = form.channels === "rgb" || form.channels === "bgr" ? 3 : 1;
  const list = (name: "mean" | "std") => {
    const values = numbers(form[name]);
    if (!values || (values.length !== 1 && values.length !== planes)) {
      errors[name] = planes === 1 ? "one number" : "one number, or one for each of 3 channels";
    } else if (name === "std" && values.some((value) => value === 0)) {
      errors[name] = "not zero: values are divided by it";
    }
    return values ?? [];
  };

  const resize: InputSpec["resize"] =
    form.mode === "stretch"
      ? { mode: "stretch", size: [size("width"), size("height")] }
      : { mode: "shorter-side", size: size("shorter") };
  const cropped = form.cropWidth.trim() !== "" || form.cropHeight.trim() !== "";
  const crop: [number, number] | undefined = cropped ? [size("cropWidth"), size("cropHeight")] : undefined;
  if (form.mode === "shorter-side" && !crop) {
    errors.cropWidth = "needed here: the network takes one fixed size";
  }
  const spec: InputSpec = { channels: form.channels, resize, mean: list("mean"), std: list("std") };
  if (crop) spec.crop = crop;
  return Object.keys(errors).length > 0 ? { errors } : { spec };
}

/** The preprocessing in a few words: `224 × 224, RGB, -1..1`. */
export function inputSummary(spec: InputSpec): string {
  const { resize, crop } = spec;
  const size = crop ?? (resize.mode === "stretch" ? resize.size : [resize.size, resize.size]);
  const words = text.preprocessing;
  const preset = presetOf(toForm(spec));
  return words.summary(shape(size), words.channelNames[spec.channels], preset ?? words.ownRange);
}
