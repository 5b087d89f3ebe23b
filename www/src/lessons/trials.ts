/** What a person has found out while a lesson is open: shares of right answers, by what the knobs were. */

import { INTEGER_SCHEMES, SCHEMES, type Scheme } from "../engine/types";
import { total } from "../scoring";
import type { State } from "../state";
import { withKnobs, type Knobs } from "../url";

export interface Trial {
  knobs: Knobs;
  /** Of right answers over all labelled pictures, 0..1. */
  shares: Record<Scheme, number>;
}

/** What a task asks for: 95 of 100 right. */
export const ENOUGH = 0.95;

/** Whether everything that is known of the schemes is of these knobs. */
function isOfKnobs({ calibration, reports, knobs }: Readonly<State>): boolean {
  if (!calibration) return false;
  return INTEGER_SCHEMES.every((scheme) => {
    const options = reports[scheme]?.options;
    if (!options || options.profile.datapath !== knobs.profile) return false;
    const wanted = withKnobs(options, knobs);
    // Of the others nothing changes with the shift bits.
    if (scheme !== "shift-wise") wanted.shift_bits = options.shift_bits;
    return JSON.stringify(wanted) === JSON.stringify(options);
  });
}

/** What the page has found out; null until every picture is counted under the knobs as they are. */
export function trialOf(state: Readonly<State>): Trial | null {
  const { pictures, outcomes, knobs } = state;
  if (pictures.length === 0 || !isOfKnobs(state)) return null;
  const shares: Partial<Record<Scheme, number>> = {};
  for (const scheme of SCHEMES) {
    const { done, labelled, right } = total(outcomes[scheme] ?? new Map(), pictures);
    if (done < pictures.length || labelled === 0) return null;
    shares[scheme] = right / labelled;
  }
  return { knobs, shares: shares as Record<Scheme, number> };
}

const same = (a: Knobs, b: Knobs) => Object.entries(a).every(([name, value]) => b[name as keyof Knobs] === value);

/** With a trial added, or what was found for the same knobs replaced by it. */
export function withTrial(trials: readonly Trial[], trial: Trial): Trial[] {
  return [...trials.filter(({ knobs }) => !same(knobs, trial.knobs)), trial];
}

function share(trials: readonly Trial[], knobs: Knobs, scheme: Scheme): number | null {
  return trials.find((trial) => same(trial.knobs, knobs))?.shares[scheme] ?? null;
}

type Numeric = { [K in keyof Knobs]: Knobs[K] extends number ? K : never }[keyof Knobs];

/** Whether a scheme is right often enough with these knobs, and has been seen not to be one step further. */
export function edge(trials: readonly Trial[], knobs: Knobs, axis: Numeric, step: number, scheme: Scheme): boolean {
  const here = share(trials, knobs, scheme);
  const beyond = share(trials, { ...knobs, [axis]: knobs[axis] + step }, scheme);
  return here !== null && beyond !== null && here >= ENOUGH && beyond < ENOUGH;
}

/** Whether corrected biases bring a scheme to where it was seen not to be without. */
export function repaired(trials: readonly Trial[], knobs: Knobs, scheme: Scheme): boolean {
  const corrected = share(trials, knobs, scheme);
  const plain = share(trials, { ...knobs, bias: "none" }, scheme);
  return knobs.bias !== "none" && corrected !== null && plain !== null && corrected >= ENOUGH && plain < ENOUGH;
}
