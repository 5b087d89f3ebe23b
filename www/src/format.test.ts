import { expect, it } from "vitest";
import { bytes, count, decibels, fraction, percent, real, shape } from "./format";

it("never rounds a share to all or nothing", () => {
  expect([1, 0.9999, 0.986, 0.0001, 0].map(percent)).toEqual(["100%", "99.9%", "98.6%", "0.1%", "0%"]);
});

it("groups counts by thousands", () => {
  expect([7, 1280, 3504872].map(count)).toEqual(["7", "1\u202F280", "3\u202F504\u202F872"]);
});

it("writes reals with three digits, without an exponent where short", () => {
  expect([0, 0.0235294, 12345, 1.5e-7, -2e9].map(real)).toEqual(["0", "0.0235", "12300", "1.50e\u22127", "-2.00e9"]);
});

it("writes sizes, shapes, quotients and exact SQNRs", () => {
  expect([0.5, 36, 5530, 5 << 20, 300 << 20].map(bytes)).toEqual(["1 B", "36 B", "5.4 KB", "5.0 MB", "300 MB"]);
  expect(shape([1, 14, 14, 32])).toBe("14\u2009×\u200914\u2009×\u200932");
  expect(shape([1])).toBe("1");
  expect([fraction(2, 2), fraction(2, 1), fraction(43, 1), fraction(1, 0)]).toEqual(["R", "R/2", "R/43", "0"]);
  expect([decibels(null), decibels(12.34)]).toEqual(["exact", "12.3"]);
});
