/** What the network view measures of a node under a scheme, and when it counts as bad. */

import type { OffBy } from "../engine/types";

export const MEASURES = ["sqnr", "off-by"] as const;
export type Measure = (typeof MEASURES)[number];
export const EXTENTS = ["accumulated", "isolated"] as const;
/** With what has gone wrong before, or each node given float's input. */
export type Extent = (typeof EXTENTS)[number];

/** SQNR in dB (Infinity: exact) and shares off by 0, 1, 2, 3 or more steps, as far as they are known. */
export interface Figure {
  db: number | undefined;
  offBy: OffBy | undefined;
}

/** Below this the noise has a tenth of the signal's power. */
export const BAD_DB = 10;
/** Fewer outputs than this within one step of float count as bad. */
export const BAD_SHARE = 0.5;

/** Share of outputs that are at most one step away from float's. */
export function withinOne(offBy: OffBy): number {
  return (offBy[0] ?? 0) + (offBy[1] ?? 0);
}

/** One number that is larger the better the node is; undefined where it is not known. */
export function goodness({ db, offBy }: Figure, measure: Measure): number | undefined {
  return measure === "sqnr" ? db : offBy && withinOne(offBy);
}

export function isBad(figure: Figure, measure: Measure): boolean {
  const value = goodness(figure, measure);
  return value !== undefined && value < (measure === "sqnr" ? BAD_DB : BAD_SHARE);
}

/** The first bad node and the worst one, of those that a scheme has figures for; null where there is none. */
export function landmarks(
  figures: readonly Figure[],
  measure: Measure,
): { firstBad: number | null; worst: number | null } {
  let firstBad: number | null = null;
  let worst: number | null = null;
  let least = Infinity;
  for (const [node, figure] of figures.entries()) {
    const value = goodness(figure, measure);
    if (value === undefined) continue;
    if (firstBad === null && isBad(figure, measure)) firstBad = node;
    if (value < least) [worst, least] = [node, value];
  }
  return { firstBad, worst };
}
