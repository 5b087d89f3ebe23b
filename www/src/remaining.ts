/** How long something may still take, from how long it has taken so far. */

import type { Progress } from "./engine/types";

/** Less than this needs no announcement. */
const SHORTEST = 2;
/** A rate is known only after a while. */
const SETTLED_MS = 800;

/** Seconds; null while there is no telling, or little left. Times in milliseconds of the same clock. */
export function secondsLeft({ done, total }: Progress, since: number, now: number): number | null {
  const elapsed = now - since;
  if (done <= 0 || done >= total || elapsed < SETTLED_MS) return null;
  const seconds = ((elapsed / done) * (total - done)) / 1000;
  return seconds < SHORTEST ? null : Math.round(seconds);
}
