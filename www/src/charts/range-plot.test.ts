import { expect, it } from "vitest";
import { MARGIN, plotRanges } from "./range-plot";

const before = [1, 0.25, 0, 0.5];
const after = [1, 1, 0, 1];

it("orders channels by range, or leaves them", () => {
  expect(plotRanges(before, after, true, 500).order).toEqual([2, 1, 3, 0]);
  const { order, place, x } = plotRanges(before, after, false, 500);
  expect(order).toEqual([0, 1, 2, 3]);
  expect(place).toEqual([0, 1, 2, 3]);
  expect(x(0)).toBeGreaterThan(MARGIN.left);
  expect(x(3)).toBeLessThan(500 - MARGIN.right);
});

it("steps down evenly with every halving, and puts a range of zero at the bottom", () => {
  const { y, doublings } = plotRanges(before, after, true, 500);
  expect(y(1)).toBe(MARGIN.top);
  expect(y(0.25) - y(0.5)).toBeCloseTo(y(0.5) - y(1));
  expect(y(0)).toBeCloseTo(y(2 ** -doublings));
});

it("joins only the channels that move", () => {
  expect(plotRanges(before, after, true, 500).joins.match(/M/g)).toHaveLength(2);
});

it("survives a layer of zeros", () => {
  expect(plotRanges([0, 0], [0, 0], true, 500).crosses).not.toContain("NaN");
});
