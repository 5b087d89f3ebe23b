/** What every scheme made of every picture, and what can be told from that: who is right, what is taken for what, and
 * how far a confidence can be trusted. */

import { INTEGER_SCHEMES, SCHEMES, type Scheme } from "../engine/types";
import type { Picture } from "../pictures";
import type { State } from "../state";

/** One scheme's answer for one picture. */
export interface Answer {
  class: number;
  confidence: number;
  /** Against the label where it is known, else against float; null for float itself without a label. */
  right: boolean | null;
}

export interface Outcome {
  /** Index among the pictures. */
  index: number;
  picture: Picture;
  answers: Partial<Record<Scheme, Answer>>;
}

type Known = Pick<State, "pictures" | "outcomes">;

export function outcomesOf({ pictures, outcomes }: Known): Outcome[] {
  return pictures.map((picture, index) => {
    const float = outcomes.float?.get(picture.id)?.class ?? null;
    const answers: Outcome["answers"] = {};
    for (const scheme of SCHEMES) {
      const score = outcomes[scheme]?.get(picture.id);
      if (score?.class == null) continue;
      const truth = picture.label ?? (scheme === "float" ? null : float);
      const right = truth === null ? null : score.class === truth;
      answers[scheme] = { class: score.class, confidence: score.confidence ?? 0, right };
    }
    return { index, picture, answers };
  });
}

const isWrong = ({ answers }: Outcome, scheme: Scheme) => answers[scheme]?.right === false;
const isRight = ({ answers }: Outcome, scheme: Scheme) => answers[scheme]?.right === true;
/** Without labels there is nothing that float could be wrong about. */
const floatHolds = ({ answers }: Outcome) => answers.float !== undefined && answers.float.right !== false;

export const FILTERS = ["all", "broken", "repaired", "unrepaired", "lost", "all-wrong"] as const;
export type Filter = (typeof FILTERS)[number];

const PASSES: Record<Filter, (outcome: Outcome) => boolean> = {
  all: () => true,
  broken: (one) => floatHolds(one) && isWrong(one, "layer-wise"),
  repaired: (one) => isWrong(one, "layer-wise") && isRight(one, "shift-wise"),
  unrepaired: (one) => floatHolds(one) && isWrong(one, "layer-wise") && isWrong(one, "shift-wise"),
  lost: (one) => isRight(one, "layer-wise") && isWrong(one, "shift-wise"),
  "all-wrong": (one) => one.answers.float?.right !== true && INTEGER_SCHEMES.every((scheme) => isWrong(one, scheme)),
};

/** `group` is a class on the picture; null for any. */
export function passes(outcome: Outcome, filter: Filter, group: number | null): boolean {
  return (group === null || classOf(outcome) === group) && PASSES[filter](outcome);
}

/** The picture's class: its label, else what float sees. */
export function classOf({ picture, answers }: Outcome): number | null {
  return picture.label ?? answers.float?.class ?? null;
}

// Confusion --------------------------------------------------------------------------------------------------------------

export interface Confusion {
  /** Classes of rows (what is on the picture) and columns (what the scheme says), ascending. */
  classes: number[];
  /** `counts[row][column]`; the last column counts answers outside of `classes`. */
  counts: number[][];
  /** Whether more classes occur than are told apart. */
  isPartial: boolean;
}

/** The classes for all schemes' tables: at most `most`, those that are confused most, and then those that occur most. */
export function confusedClasses(outcomes: readonly Outcome[], most: number): { classes: number[]; isPartial: boolean } {
  const weights = new Map<number, number>();
  const add = (one: number, weight: number) => weights.set(one, (weights.get(one) ?? 0) + weight);
  for (const outcome of outcomes) {
    const truth = classOf(outcome);
    if (truth === null) continue;
    add(truth, 1);
    for (const { class: said } of Object.values(outcome.answers)) {
      if (said === truth) continue;
      add(truth, outcomes.length);
      add(said, outcomes.length);
    }
  }
  const ordered = [...weights].sort(([a, x], [b, y]) => y - x || a - b).map(([one]) => one);
  return { classes: ordered.slice(0, most).sort((a, b) => a - b), isPartial: ordered.length > most };
}

export function confusion(
  outcomes: readonly Outcome[],
  scheme: Scheme,
  { classes, isPartial }: { classes: number[]; isPartial: boolean },
): Confusion {
  const places = new Map(classes.map((one, i) => [one, i]));
  const counts = classes.map(() => Array<number>(classes.length + 1).fill(0));
  for (const outcome of outcomes) {
    const answer = outcome.answers[scheme];
    const row = counts[places.get(classOf(outcome) ?? -1) ?? -1];
    if (!answer || !row) continue;
    const column = places.get(answer.class) ?? classes.length;
    row[column] = (row[column] ?? 0) + 1;
  }
  return { classes, counts, isPartial };
}

// Reliability ------------------------------------------------------------------------------------------------------------

/** Bins of confidence, equally wide: the first is 0 to 0.1, its end included. */
export const BINS = 10;

export interface Bin {
  pictures: number;
  /** Means over its pictures; 0 where there are none. */
  confidence: number;
  accuracy: number;
}

export interface Reliability {
  bins: Bin[];
  pictures: number;
  /** Expected calibration error: the mean over pictures of their bin's |accuracy - confidence|. */
  error: number;
}

/** Of one scheme, over the pictures whose answer can be judged. */
export function reliability(outcomes: readonly Outcome[], scheme: Scheme): Reliability {
  const sums = Array.from({ length: BINS }, () => ({ pictures: 0, confidence: 0, right: 0 }));
  for (const { answers } of outcomes) {
    const answer = answers[scheme];
    if (!answer || answer.right === null) continue;
    const bin = sums[Math.min(BINS - 1, Math.max(0, Math.ceil(answer.confidence * BINS) - 1))];
    if (!bin) continue;
    bin.pictures++;
    bin.confidence += answer.confidence;
    bin.right += Number(answer.right);
  }
  const pictures = sums.reduce((sum, bin) => sum + bin.pictures, 0);
  const bins = sums.map(({ pictures: n, confidence, right }) => ({
    pictures: n,
    confidence: n ? confidence / n : 0,
    accuracy: n ? right / n : 0,
  }));
  const weighted = bins.reduce((sum, bin) => sum + bin.pictures * Math.abs(bin.accuracy - bin.confidence), 0);
  return { bins, pictures, error: pictures ? weighted / pictures : 0 };
}
