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

it("draws a bar for every channel, in order and no higher than the picture", () => {
  const path = bars([1, 0.5], [1, 0], 20);
  expect(path.match(/M/g)).toHaveLength(2);
  expect(path.startsWith(`M0.00 ${HEIGHT}v-${(HEIGHT / 2).toFixed(2)}`)).toBe(true);
});
