import { expect, it } from "vitest";
import { palette, parts } from "./palette";

it("gives classes of a picture different colours, and a class the same one where it can", () => {
  const [alone, both] = [palette([15]), palette([15, 6, 15])];
  expect(both.size).toBe(2);
  // 15 and 6 are nine apart: the lower class keeps the colour.
  expect(palette([6]).get(6)).toBe(alone.get(15));
  expect(both.get(6)).toBe(alone.get(15));
  expect(both.get(15)).not.toBe(both.get(6));
  const many = palette(Array.from({ length: 9 }, (_, i) => i * 9));
  expect(new Set(many.values()).size).toBe(9);
  expect(palette(Array.from({ length: 30 }, (_, i) => i)).size).toBe(30);
});

it("reads colours", () => {
  expect(parts("#cc6677")).toEqual([0xcc, 0x66, 0x77]);
});
