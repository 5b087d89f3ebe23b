/** Conclusions from the engine's reports: which layer is worst, which channel shows it best, what the verdict is. */

import { INTEGER_SCHEMES, type LayerDetail, type Prediction, type Scheme } from "./engine/types";
import type { State } from "./state";

/** The layer with weights whose output suffers most under layer-wise on this picture. */
export function worstNode(reports: State["reports"], predictions: State["predictions"]): number | null {
  const sqnr = predictions["layer-wise"]?.sqnr_db ?? [];
  let worst: number | null = null;
  let least = Infinity;
  for (const { node } of reports["layer-wise"]?.layers ?? []) {
    const value = sqnr[node];
    if (value != null && value < least) [worst, least] = [node, value];
  }
  return worst;
}

/** The layer that shows the trouble best: the one with the largest share of channels on five levels or fewer. */
export function tellingNode(reports: State["reports"]): number | null {
  let telling: number | null = null;
  let most = -1;
  for (const { node, channels_with_few_levels: few, channels } of reports["layer-wise"]?.layers ?? []) {
    const share = few / channels;
    if (share > most) [telling, most] = [node, share];
  }
  return telling;
}

/** The channel that gains most from its shift: largest k, and among those the one with the most levels. */
export function narrowestChannel({ shifts, levels }: Pick<LayerDetail, "shifts" | "levels">): number {
  let best = 0;
  for (const [channel, shift] of shifts.entries()) {
    const gain = shift - (shifts[best] ?? 0);
    if (gain > 0 || (gain === 0 && (levels[channel] ?? 0) > (levels[best] ?? 0))) best = channel;
  }
  return best;
}

export type Judgement = "right" | "wrong" | "same" | "differs";

/** How a prediction is to be judged: against the label where it is known, else against float. */
export function judge(prediction: Prediction, float: Prediction | undefined, label: number | null): Judgement | null {
  const answer = prediction.top[0]?.class;
  if (label !== null) return answer === label ? "right" : "wrong";
  if (prediction.scheme === "float" || !float) return null;
  return answer === float.top[0]?.class ? "same" : "differs";
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
  const float = predictions.float?.top[0];
  if (!float) return null;
  const schemes = INTEGER_SCHEMES.flatMap((scheme) => {
    const best = predictions[scheme]?.top[0];
    return best ? [{ scheme, answer: best.label, agrees: best.class === float.class }] : [];
  });
  return { float: float.label, schemes };
}
