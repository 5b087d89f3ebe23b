/** The lessons: where on the page each step happens, and what a person has to have done in it. Words: strings/lessons.ts. */

import type { Knobs } from "../url";
import type { State } from "../state";
import type { LessonId, Spot } from "./spots";
import { edge, repaired, type Trial } from "./trials";

/** What a step is about. */
export type Part = "stage" | "shiftBits" | "weightBits" | "bias" | "ruler" | "cause" | "network" | "layer" | "datapath";

export interface Step {
  part: Part;
  /** A task: whether it is done. Steps without one are only read. */
  isDone?: (state: Readonly<State>, trials: readonly Trial[]) => boolean;
}

const usesNo = (name: keyof Knobs) => (state: Readonly<State>) => state.knobs[name] === 0;

export const LESSONS = {
  ruler: [{ part: "stage" }, { part: "ruler" }, { part: "ruler" }, { part: "shiftBits", isDone: usesNo("shiftBits") }],
  bits: [
    { part: "stage" },
    { part: "shiftBits", isDone: ({ knobs }, trials) => edge(trials, knobs, "shiftBits", -1, "shift-wise") },
    { part: "layer" },
  ],
  cause: [
    { part: "cause" },
    { part: "cause", isDone: ({ knobs }, trials) => edge(trials, knobs, "unbalance", 10, "layer-wise") },
    { part: "stage" },
  ],
  weights: [
    { part: "weightBits" },
    { part: "weightBits", isDone: ({ knobs }, trials) => edge(trials, knobs, "weightBits", -1, "shift-wise") },
    { part: "bias", isDone: ({ knobs }, trials) => repaired(trials, knobs, "shift-wise") },
  ],
  datapath: [
    { part: "network" },
    { part: "datapath" },
    {
      part: "layer",
      isDone: ({ layers, channel }) => channel !== null && layers["shift-wise"]?.shifts[channel] === 0,
    },
  ],
} as const satisfies Record<LessonId, readonly Step[]>;

/** The last step where an address names one beyond it. */
export function stepOf({ id, step }: Spot): number {
  return Math.min(step, LESSONS[id].length - 1);
}

export function stepAt(spot: Spot): Step {
  const steps: readonly Step[] = LESSONS[spot.id];
  return steps[stepOf(spot)] ?? LESSONS.ruler[0];
}
