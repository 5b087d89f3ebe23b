import { expect, it } from "vitest";
import { bars, DOUBLINGS, heights, HEIGHT, order, unevenness } from "./seesaw";

it("puts channels that were shrunk most last", () => {
  expect(order([3, 0, 7, 0, -1])).toEqual([4, 1, 3, 0, 2]);
});

it("counts heights in doublings below the widest channel", () => {
  const [whole, half, narrow, dead] = heights([8, 4, 8 / 2 ** (DOUBLINGS + 1), 0]);
  expect([whole, half, narrow, dead]).toEqual([1, 1 - 1 / DOUBLINGS, 0, 0]);
});

it("says how uneven channels are, dead ones left out", () => {
  expect(unevenness([0.5, 8, 0])).toBe(16);
  expect(unevenness([0, 0])).toBe(1);
});

/** Left, width and height of each bar. */
const drawn = (path: string) =>
  [...path.matchAll(/M([\d.]+) 112v-([\d.]+)h([\d.]+)/g)].map(([, left, height, width]) => ({
    left: Number(left),
    width: Number(width),
    height: Number(height),
  }));

it("draws a bar for every channel, in order and no higher than the picture", () => {
  const found = drawn(bars([1, 0.5], [1, 0], 20));
  expect(found.map(({ height }) => height)).toEqual([HEIGHT / 2, HEIGHT]);
  expect(found.map(({ left }) => left)).toEqual([0, 10]);
});

it("begins and ends bars on device pixels, with gaps that are all alike or none", () => {
  for (const [channels, width, density] of [
    [96, 461.4, 1],
    [96, 461.4, 2],
    [320, 470, 1],
    [320, 470, 2],
    [320, 331.7, 1.5],
    [1280, 470, 1],
  ] as const) {
    const shares = Array.from({ length: channels }, (_, i) => (i % 7) / 7);
    const found = drawn(bars(shares, [...shares.keys()], width, density));
    const gaps = found.slice(1).map((bar, i) => {
      const before = found[i] ?? bar;
      return Math.round((bar.left - before.left - before.width) * density * 1e6) / 1e6;
    });
    expect(new Set(gaps).size, `${channels} channels`).toBe(1);
    for (const { left, width } of found) {
      expect(left * density).toBeCloseTo(Math.round(left * density), 9);
      expect(width * density).toBeGreaterThan(0.999);
    }
  }
});

it("shows the mean of the channels that share a pixel", () => {
  expect(drawn(bars([1, 0, 0.5, 0.5], [0, 1, 2, 3], 2)).map(({ height }) => height)).toEqual([HEIGHT / 2, HEIGHT / 2]);
});
