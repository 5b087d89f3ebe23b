import { describe, expect, it } from "vitest";
import type { Tap } from "../engine/types";
import { windowOf } from "./window";

const taps = (rows: number, columns: number, channels: number): Tap[] =>
  Array.from({ length: rows * columns * channels }, (_, i) => ({
    kernel: [Math.floor(i / channels / columns), Math.floor(i / channels) % columns],
    channel: i % channels,
    place: [0, 0],
    activation: 0,
    weight: 0,
    product: 0,
    accumulator: 0,
    overflow: false,
  }));

describe("the line buffer", () => {
  it("shows the window of the current product's channel", () => {
    const { cells, columns, channels } = windowOf(taps(3, 2, 4), 6);
    expect([cells.length, columns, channels]).toEqual([6, 2, 1]);
    expect(new Set(cells.map(({ channel }) => channel))).toEqual(new Set([2]));
    expect(cells.map(({ kernel }) => kernel.join())).toEqual(["0,0", "0,1", "1,0", "1,1", "2,0", "2,1"]);
  });

  it("shows the channels where the window is one pixel, a part of them where there are many", () => {
    expect(windowOf(taps(1, 1, 16), 3)).toMatchObject({ columns: 4, channels: 16 });
    const { cells, channels } = windowOf(taps(1, 1, 200), 150);
    expect(channels).toBe(56);
    expect(cells.some(({ channel }) => channel === 150)).toBe(true);
  });
});
