import { expect, it } from "vitest";
import { pitch, roundHalfEven, stack, stackTicks } from "./stacks";

it("rounds half to even", () => {
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49, 2.51].map(roundHalfEven).map((v) => v + 0)).toEqual([
    -2, -2, 0, 0, 2, 2, 0, 3,
  ]);
});

it("stacks what falls on one tick, and spreads by the shift", () => {
  const weights = [0.02, -0.01, 0.005, 1];
  const narrow = stack(weights, 1 / 127, 0, 127);
  expect(narrow.ticks).toEqual([3, -1, 1, 127]);
  const wide = stack([0.001, 0.002, 0.003], 1 / 127, 0, 127);
  expect(wide).toMatchObject({ ticks: [0, 0, 0], heights: [0, 1, 2], tallest: 3, levels: 1 });
  expect(stack([0.001, 0.002, 0.003], 1 / 127, 5, 127).levels).toBe(3);
});

it("clamps to the ruler", () => {
  expect(stack([2, -2], 1 / 7, 0, 7).ticks).toEqual([7, -7]);
});

it("puts the smaller weight at the bottom of a stack", () => {
  expect(stackTicks([4, 4], [0.2, 0.1]).heights).toEqual([1, 0]);
});

it("squeezes only the stacks that do not fit", () => {
  expect(pitch({ tallest: 1 }, 8, 40)).toBe(0);
  expect(pitch({ tallest: 3 }, 8, 40)).toBe(8);
  expect(pitch({ tallest: 33 }, 8, 40)).toBe(1);
});
