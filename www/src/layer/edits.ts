/** Shifts set by hand: what they are, and what they make of the layer's common grid (N2). */

import type { QuantizeOptions, ShiftRule } from "../engine/types";

/** The rules for a whole layer; the first is N2's own. */
export const RULES = ["floor", "ceil", "nearest", "least-error", "zero"] as const satisfies readonly ShiftRule[];

export interface ShiftEdit {
  /** How the shifts came about; `null` once one of them was set by itself. */
  readonly rule: ShiftRule | null;
  readonly shifts: readonly number[];
}

/** By node. A layer that is not in here follows N2's rule. */
export type ShiftEdits = Readonly<Record<number, ShiftEdit>>;

export function isEdited(edits: ShiftEdits): boolean {
  return Object.keys(edits).length > 0;
}

export function withEdit(edits: ShiftEdits, node: number, edit: ShiftEdit | null): ShiftEdits {
  const { [node]: _, ...others } = edits;
  return edit ? { ...others, [node]: edit } : others;
}

/** What the engine is told of them. */
export function overrides(edits: ShiftEdits): NonNullable<QuantizeOptions["shift_overrides"]> {
  return Object.fromEntries(Object.entries(edits).map(([node, { shifts }]) => [node, [...shifts]]));
}

/** r * 2^k. */
export function shifted(ranges: readonly number[], shifts: readonly number[]): number[] {
  return ranges.map((range, o) => range * 2 ** (shifts[o] ?? 0));
}

/** The largest of any number of ranges; 1 for a layer of zeros, as N2 has it. */
export function widest(ranges: readonly number[]): number {
  return ranges.reduce((most, range) => Math.max(most, range), 0) || 1;
}

/** How much coarser the layer's grid is than R alone would have it, and the channel that makes it so. */
export function coarsening(ranges: readonly number[], after: readonly number[]): { factor: number; channel: number } {
  const most = widest(after);
  return { factor: most / widest(ranges), channel: after.indexOf(most) };
}
