// @vitest-environment node
import { expect, test } from "vitest";
import { inputOf, nearlyNormal, uniform } from "./random.mjs";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("numbers are uniform, and follow from the seed alone", () => {
  const draw = (seed) => Array.from({ length: 20_000 }, uniform(seed));
  const values = draw(1);
  expect(draw(1)).toEqual(values);
  expect(draw(2).filter((value, i) => value === values[i]).length).toBeLessThan(3);
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  for (let tenth = 0; tenth < 10; tenth++) {
    const within = values.filter((value) => Math.floor(value * 10) === tenth).length;
    expect(Math.abs(within / 2_000 - 1)).toBeLessThan(0.1);
  }
});

test("nearly normal numbers have the mean and deviation asked for", () => {
  const values = Array.from({ length: 50_000 }, nearlyNormal(3, 0.2));
  expect(Math.abs(mean(values))).toBeLessThan(0.005);
  expect(Math.sqrt(mean(values.map((value) => value * value)))).toBeCloseTo(0.2, 2);
});

test("a picture becomes an input channel by channel", () => {
  const rgba = Uint8Array.of(0, 64, 255, 255, 128, 127, 1, 255, 2, 3, 4, 255, 5, 6, 7, 255);
  const input = inputOf(rgba);
  expect([...input.slice(0, 2)]).toEqual([-127.5 / 64, 0.5 / 64]);
  expect([...input.slice(4, 6)]).toEqual([-63.5 / 64, -0.5 / 64]);
  expect(input[8]).toBe(127.5 / 64);
});
