/** How long something may still take, from how long it has taken so far. */

import type { Busy } from "./state";

/** Less than this needs no announcement. */
const SHORTEST = 2;
/** A rate is known only after a while. */
const SETTLED_MS = 800;

/** Seconds; null while there is no telling, or little left. `now` is of the clock that `since` is of. */
export function secondsLeft({ done, total, since, from }: Omit<Busy, "what" | "cancel">, now: number): number | null {
  const elapsed = now - since;
  if (done <= from || done >= total || elapsed < SETTLED_MS) return null;
  const seconds = ((elapsed / (done - from)) * (total - done)) / 1000;
  return seconds < SHORTEST ? null : Math.round(seconds);
}
