/** Geometry of the ranges chart: an axis in doublings, a common grid on it, and which channels are in view. */

import type { LayerDetail } from "../engine/types";
import type { Order } from "../strings/layer";
import { widest } from "./edits";

export const ORDERS = ["range", "shift", "error", "channel"] as const satisfies readonly Order[];

export const HEIGHT = 296;
export const MARGIN = { top: 14, right: 40, bottom: 24, left: 48 };
/** Ranges this many doublings below the top or further are drawn at the bottom. */
const DEEPEST = 16;
/** Doublings of room above the widest channel, to drag into. */
const HEADROOM = 0.5;
/** Fewest channels that can be zoomed to. */
export const CLOSEST = 8;

/** Channels from left to right, and the place of each. */
export interface Places {
  order: number[];
  place: number[];
}

export function arrange(by: Order, layerWise: LayerDetail, shiftWise: LayerDetail): Places {
  const keys: Record<Order, (channel: number) => number> = {
    range: (o) => layerWise.ranges[o] ?? 0,
    shift: (o) => shiftWise.shifts[o] ?? 0,
    // What is exact comes last.
    error: (o) => shiftWise.sqnr_db[o] ?? Number.MAX_VALUE,
    channel: (o) => o,
  };
  const key = keys[by];
  const order = layerWise.ranges.map((_, o) => o).sort((a, b) => key(a) - key(b) || a - b);
  const place: number[] = [];
  for (const [at, channel] of order.entries()) place[channel] = at;
  return { order, place };
}

/** The vertical axis: the top is the end of the common grid, Q S_w, where that lies above R. */
export interface Axis {
  /** Range at R, and how many doublings the top lies above it. */
  whole: number;
  above: number;
  /** From top to bottom, and the range at the bottom. */
  doublings: number;
  least: number;
  y(range: number): number;
  /** Pixels of a doubling. */
  step: number;
}

export function axisOf(before: readonly number[], after: readonly number[]): Axis {
  const whole = widest(before);
  const above = Math.max(0, Math.log2(widest(after) / whole)) + HEADROOM;
  const depth = (range: number) => (range > 0 ? Math.min(DEEPEST, Math.log2(whole / range)) : DEEPEST);
  const below = before.reduce((most, range) => Math.max(most, Math.ceil(depth(range))), 4);
  const doublings = above + below;
  const step = (HEIGHT - MARGIN.top - MARGIN.bottom) / doublings;
  const least = whole / 2 ** below;
  return {
    whole,
    above,
    doublings,
    least,
    step,
    y: (range) => MARGIN.top + (above + Math.min(below, depth(range))) * step,
  };
}

/** Integers whose lines on the axis are at least `apart` pixels from each other, 1 first. */
export function gridLines(q: number, step: number, apart: number): number[] {
  const lines: number[] = [];
  // Between lines lie 1, 2, 4, ... integers: what is named stays a multiple of its neighbours.
  for (let level = 1, stride = 1; level <= q;) {
    lines.push(level);
    const next = () => (Math.floor(level / stride) + 1) * stride;
    while (stride <= q && Math.log2(next() / level) * step < apart) stride *= 2;
    level = next();
  }
  return lines;
}

/** Integers to be named beside the axis: Q, and powers of two where there is room. */
export function namedLevels(q: number, step: number): number[] {
  const apart = (a: number, b: number) => Math.log2(b / a) * step >= 11;
  const powers = Array.from({ length: Math.floor(Math.log2(q)) + 1 }, (_, i) => 2 ** i);
  const every = apart(1, 2) ? 1 : 2;
  return [...powers.filter((level, i) => i % every === 0 && apart(level, q)), q];
}

/** A span of places, both ends fractions. */
export interface Span {
  start: number;
  count: number;
}

export function wholeSpan(total: number): Span {
  return { start: 0, count: total };
}

export function clampSpan({ start, count }: Span, total: number): Span {
  const fitting = Math.min(total, Math.max(Math.min(CLOSEST, total), count));
  return { count: fitting, start: Math.min(total - fitting, Math.max(0, start)) };
}

/** Zooms by a factor (above 1 is closer), leaving `anchor` where it is. */
export function zoom({ start, count }: Span, total: number, factor: number, anchor: number): Span {
  const next = Math.min(total, Math.max(Math.min(CLOSEST, total), count / factor));
  return clampSpan({ start: anchor - ((anchor - start) / count) * next, count: next }, total);
}

export function pan({ start, count }: Span, total: number, places: number): Span {
  return clampSpan({ start: start + places, count }, total);
}

/** The nearest span that shows a place. */
export function reveal(span: Span, total: number, place: number): Span {
  if (place < span.start) return clampSpan({ ...span, start: place }, total);
  if (place + 1 > span.start + span.count) return clampSpan({ ...span, start: place + 1 - span.count }, total);
  return span;
}
