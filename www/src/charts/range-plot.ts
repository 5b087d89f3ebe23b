/** Geometry of the ranges chart: an axis in doublings below R, and one path for each kind of mark. */

export const HEIGHT = 248;
export const MARGIN = { top: 12, right: 8, bottom: 24, left: 52 };
/** Ranges this many doublings below R or further are drawn at the bottom. */
const DEEPEST = 16;

export interface RangePlot {
  /** Channels from left to right, and the place of each. */
  order: number[];
  place: number[];
  /** Distance of two channels in pixels. */
  step: number;
  /** Doublings that the axis spans. */
  doublings: number;
  x(place: number): number;
  y(range: number): number;
  joins: string;
  crosses: string;
  triangles: string;
}

export function plotRanges(
  before: readonly number[],
  after: readonly number[],
  byRange: boolean,
  width: number,
): RangePlot {
  const order = before.map((_, i) => i);
  if (byRange) order.sort((a, b) => (before[a] ?? 0) - (before[b] ?? 0) || a - b);
  const place: number[] = [];
  for (const [at, channel] of order.entries()) place[channel] = at;

  const whole = before.reduce((most, range) => Math.max(most, range), Number.MIN_VALUE);
  const depth = (range: number) => (range > 0 ? Math.min(DEEPEST, Math.log2(whole / range)) : DEEPEST);
  const doublings = before.reduce((most, range) => Math.max(most, Math.ceil(depth(range))), 4);
  const step = (width - MARGIN.left - MARGIN.right) / Math.max(1, order.length);
  const x = (at: number) => MARGIN.left + (at + 0.5) * step;
  const y = (range: number) => MARGIN.top + (depth(range) / doublings) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  const size = Math.max(1.1, Math.min(4, step * 0.42));
  const [s, wide, tall] = [size, 2 * size, 1.8 * size].map((value) => value.toFixed(1));
  let [joins, crosses, triangles] = ["", "", ""];
  for (const [at, channel] of order.entries()) {
    const across = x(at).toFixed(1);
    const low = y(before[channel] ?? 0).toFixed(1);
    const high = y(after[channel] ?? 0).toFixed(1);
    if (low !== high) joins += `M${across} ${low}V${high}`;
    crosses += `M${across} ${low}m-${s} -${s}l${wide} ${wide}m0 -${wide}l-${wide} ${wide}`;
    triangles += `M${across} ${high}m0 -${s}l${s} ${tall}h-${wide}z`;
  }
  return { order, place, step, doublings, x, y, joins, crosses, triangles };
}
