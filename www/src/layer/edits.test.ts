import { expect, it } from "vitest";
import { coarsening, isEdited, overrides, shifted, withEdit } from "./edits";

it("holds one edit a layer, and none where the rule is followed again", () => {
  const one = withEdit({}, 3, { rule: null, shifts: [1, 2] });
  const two = withEdit(one, 7, { rule: "ceil", shifts: [0] });
  expect(overrides(two)).toEqual({ 3: [1, 2], 7: [0] });
  expect(overrides(withEdit(two, 3, { rule: "zero", shifts: [0, 0] }))).toEqual({ 3: [0, 0], 7: [0] });
  expect(isEdited(withEdit(one, 3, null))).toBe(false);
  expect(isEdited(one)).toBe(true);
});

it("says who makes the common grid coarser, and by how much", () => {
  const ranges = [1, 0.25, 0.3];
  expect(shifted(ranges, [0, 2, 1])).toEqual([1, 1, 0.6]);
  expect(coarsening(ranges, shifted(ranges, [0, 2, 1]))).toEqual({ factor: 1, channel: 0 });
  expect(coarsening(ranges, shifted(ranges, [0, 4, 1]))).toEqual({ factor: 4, channel: 1 });
  expect(coarsening([0, 0], [0, 0]).factor).toBe(1);
});
