import { expect, it } from "vitest";
import { colourOf, inkOn, largest } from "./colours";

it("has the ground's colour at zero and its ends at and beyond the scale", () => {
  for (const dark of [false, true]) {
    expect(colourOf(0, 2, dark)).toEqual(colourOf(-0, 2, dark));
    expect(colourOf(2, 2, dark)).toEqual(colourOf(9, 2, dark));
    expect(colourOf(2, 2, dark)).not.toEqual(colourOf(-2, 2, dark));
    expect(colourOf(1, 0, dark)).toEqual(colourOf(0, 1, dark));
  }
});

it("can be read on both ends and on the ground", () => {
  expect(inkOn(colourOf(0, 1, false))).not.toBe(inkOn(colourOf(1, 1, false)));
  expect(inkOn(colourOf(0, 1, true))).not.toBe(inkOn(colourOf(-1, 1, true)));
});

it("finds the largest magnitude, and one where there is none", () => {
  expect(largest([1, -3], [2])).toBe(3);
  expect(largest([], [0])).toBe(1);
});
