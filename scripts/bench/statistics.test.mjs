// @vitest-environment node
import { expect, test } from "vitest";
import { difference, pairedRatio, quantile, summary } from "./statistics.mjs";

test("quantiles lie between the samples, in any order", () => {
  const samples = [30, 10, 50, 20, 40];
  expect(quantile(samples, 0.5)).toBe(30);
  expect(quantile(samples, 0.1)).toBeCloseTo(14);
  expect(quantile(samples, 1)).toBe(50);
  expect(quantile([10, 20], 0.5)).toBe(15);
  expect(quantile([7], 0.9)).toBe(7);
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

test("one slow sample moves no median", () => {
  expect(summary([10, 11, 9, 10, 1000]).median).toBe(10);
});

test("a machine that slows down leaves paired ratios as they are", () => {
  expect(pairedRatio([5, 10, 20, 40], [10, 20, 40, 80])).toEqual({ median: 0.5, p10: 0.5, p90: 0.5 });
});

test("outputs differ by a share of the largest value", () => {
  expect(difference([1, -8, 2], [1, -8, 2])).toBe(0);
  expect(difference([1, -6, 2], [2, -8, 2])).toBe(0.25);
  expect(difference([1, 2], [1, 2, 3])).toBe(Infinity);
});
