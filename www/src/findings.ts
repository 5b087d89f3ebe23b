/** Conclusions from the engine's reports: which layer and channel show the trouble best, what the verdict is. */

import {
  INTEGER_SCHEMES,
  type ClassScore,
  type LayerDetail,
  type Metric,
  type Prediction,
  type Scheme,
  type TaskResult,
} from "./engine/types";
import type { State } from "./state";

/**
 * The layer that shows the trouble best: the one with the largest share of channels that layer-wise, but not
 * channel-wise, leaves five levels or fewer.
 */
export function tellingNode(reports: State["reports"]): number | null {
  const repaired = reports["channel-wise"]?.layers ?? [];
  let telling: number | null = null;
  let most = -Infinity;
  for (const [i, { node, channels, channels_with_few_levels: few }] of (
    reports["layer-wise"]?.layers ?? []
  ).entries()) {
    const share = (few - (repaired[i]?.channels_with_few_levels ?? 0)) / channels;
    if (share > most) [telling, most] = [node, share];
  }
  return telling;
}

/** The channel that gains most levels from its shift; among equals the one with the largest shift. */
export function tellingChannel(
  layerWise: Pick<LayerDetail, "levels">,
  shiftWise: Pick<LayerDetail, "levels" | "shifts">,
): number {
  const gain = (o: number) => (shiftWise.levels[o] ?? 0) - (layerWise.levels[o] ?? 0);
  const shift = (o: number) => shiftWise.shifts[o] ?? 0;
  let best = 0;
  for (let o = 1; o < shiftWise.shifts.length; o++) {
    const more = gain(o) - gain(best);
    if (more > 0 || (more === 0 && shift(o) > shift(best))) best = o;
  }
  return best;
}

/** SQNR in dB of the last node that a scheme computed inexactly; null where there is none, as for float. */
export function outputDb(prediction: Prediction | undefined): number | null {
  return prediction?.sqnr_db.findLast((value) => value != null) ?? null;
}

/** The best class of a classifier. */
export function best(prediction: Prediction | undefined): ClassScore | undefined {
  return prediction?.result?.kind === "classes" ? prediction.result.top[0] : undefined;
}

export type Judgement = "right" | "wrong" | "same" | "differs";

/** How a prediction is to be judged: against the label where it is known, else against float. */
export function judge(prediction: Prediction, float: Prediction | undefined, label: number | null): Judgement | null {
  const answer = best(prediction)?.class;
  if (answer === undefined) return null;
  if (label !== null) return answer === label ? "right" : "wrong";
  if (prediction.scheme === "float" || !float) return null;
  return answer === best(float)?.class ? "same" : "differs";
}

/** Label of the current picture, if it has one. */
export function currentLabel({ current, pictures }: Pick<State, "current" | "pictures">): number | null {
  return typeof current === "number" ? (pictures[current]?.label ?? null) : null;
}

export interface Verdict {
  float: string;
  /** What each integer scheme names, and whether that is what float names. */
  schemes: { scheme: Scheme; answer: string; agrees: boolean }[];
}

export function verdict(predictions: State["predictions"]): Verdict | null {
  const float = best(predictions.float);
  if (!float) return null;
  const schemes = INTEGER_SCHEMES.flatMap((scheme) => {
    const named = best(predictions[scheme]);
    return named ? [{ scheme, answer: named.label, agrees: named.class === float.class }] : [];
  });
  return { float: float.label, schemes };
}

type Mask = Extract<TaskResult, { kind: "mask" }>;

/** What is named of a mask: the classes that occur, but for the one that stands for all else. */
export function things({ classes }: Pick<Mask, "classes">): Mask["classes"] {
  return classes.filter(({ class: one, label }) => !isBackground(one, label));
}

/** Whether a class of a mask stands for "none of the others": class 0, unless its name says something else. */
export function isBackground(one: number, label: string): boolean {
  return one === 0 && /^(0|background|nothing|none|other|others|unlabell?ed|void|bg)$/i.test(label);
}

/**
 * Why the schemes agree with float as they do: both integer schemes well, only shift-wise, or neither. What is well
 * depends on the figure; `null` where none is known.
 */
export function repair(predictions: State["predictions"]): "spared" | "restored" | "luck" | null {
  const [layer, shift] = [predictions["layer-wise"], predictions["shift-wise"]];
  if (!layer?.tally || !shift?.tally) return null;
  const { metric } = layer.tally;
  // Equal pictures have an infinite PSNR.
  const [a, b] = [layer.agreement ?? Infinity, shift.agreement ?? Infinity];
  if (metric === "mae") return b < a / 2 ? "restored" : null;
  if (isWell(metric, a)) return "spared";
  return b > a ? "restored" : "luck";
}

/** Whether a figure means that hardly anything is lost; null is an infinite one. */
export function isWell(metric: Metric, agreement: number | null): boolean {
  if (metric === "mae") return false;
  return (agreement ?? Infinity) >= (metric === "psnr_db" ? 45 : 0.95);
}
