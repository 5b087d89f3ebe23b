import { expect, it } from "vitest";
import type { LayerDetail } from "../engine/types";
import { arrange, axisOf, clampSpan, gridLines, MARGIN, pan, reveal, wholeSpan, zoom } from "./range-plot";

const before = [1, 0.25, 0, 0.5];
const layerWise = { ranges: before } as LayerDetail;
const shiftWise = { shifts: [0, 2, 0, 1], sqnr_db: [40, 42, null, 39] } as unknown as LayerDetail;

it("orders channels by what is asked for, equal ones by number", () => {
  expect(arrange("range", layerWise, shiftWise).order).toEqual([2, 1, 3, 0]);
  expect(arrange("shift", layerWise, shiftWise).order).toEqual([0, 2, 3, 1]);
  expect(arrange("error", layerWise, shiftWise).order).toEqual([3, 0, 1, 2]);
  const { order, place } = arrange("channel", layerWise, shiftWise);
  expect(order).toEqual([0, 1, 2, 3]);
  expect(arrange("range", layerWise, shiftWise).place).toEqual([3, 1, 0, 2]);
  expect(place).toEqual([0, 1, 2, 3]);
});

it("steps down evenly with every halving, and puts a range of zero at the bottom", () => {
  const { y, step, doublings } = axisOf(before, [1, 1, 0, 1]);
  expect(y(0.5) - y(1)).toBeCloseTo(step);
  expect(y(0.25) - y(0.5)).toBeCloseTo(step);
  expect(y(0)).toBeCloseTo(MARGIN.top + doublings * step);
  expect(y(1)).toBeGreaterThan(MARGIN.top);
});

it("makes room above R for a channel that was shifted beyond it", () => {
  const plain = axisOf(before, [1, 1, 0, 1]);
  const beyond = axisOf(before, [1, 4, 0, 1]);
  expect(beyond.above - plain.above).toBe(2);
  expect(beyond.y(4)).toBeCloseTo(MARGIN.top + 0.5 * beyond.step);
});

it("survives a layer of zeros", () => {
  const { y, step } = axisOf([0, 0], [0, 0]);
  expect(Number.isFinite(y(0)) && Number.isFinite(step)).toBe(true);
});

it("draws every integer where there is room, and multiples of a power of two above", () => {
  expect(gridLines(7, 1000, 3)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  const lines = gridLines(127, 20, 4);
  expect(lines.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  for (const [i, level] of lines.entries()) {
    const next = lines[i + 1];
    if (next !== undefined) expect(Math.log2(next / level) * 20).toBeGreaterThanOrEqual(4);
  }
  expect(lines.filter((level) => level > 64).every((level) => level % 16 === 0)).toBe(true);
});

it("zooms around what is under the pointer, and never beyond the channels there are", () => {
  const close = zoom(wholeSpan(1280), 1280, 4, 320);
  expect(close).toEqual({ start: 240, count: 320 });
  expect(zoom(close, 1280, 1e9, 320).count).toBe(8);
  expect(zoom(close, 1280, 0.001, 320)).toEqual(wholeSpan(1280));
  expect(pan(close, 1280, 1e6)).toEqual({ start: 960, count: 320 });
  expect(pan(close, 1280, -1e6)).toEqual({ start: 0, count: 320 });
  expect(clampSpan({ start: 2, count: 1 }, 3)).toEqual(wholeSpan(3));
});

it("shows a channel by the shortest way", () => {
  const span = { start: 100, count: 50 };
  expect(reveal(span, 1280, 120)).toBe(span);
  expect(reveal(span, 1280, 20).start).toBe(20);
  expect(reveal(span, 1280, 200).start).toBe(151);
});
