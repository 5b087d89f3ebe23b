import { describe, expect, it } from "vitest";
import { gridOf, pixelAt, shareOf } from "./pixel";

describe("gridOf", () => {
  it("reads pictures, rows of tokens and vectors", () => {
    expect(gridOf([1, 8, 6, 4])).toEqual({ rows: 8, columns: 6 });
    expect(gridOf([1, 7, 4])).toEqual({ rows: 1, columns: 7 });
    expect(gridOf([1, 10])).toEqual({ rows: 1, columns: 1 });
  });
});

describe("the pixel that is followed", () => {
  const grid = { rows: 8, columns: 6 };

  it("is in the middle until another one is chosen", () => {
    expect(pixelAt(null, grid)).toEqual({ row: 4, column: 3 });
    expect(pixelAt(null, { rows: 1, columns: 1 })).toEqual({ row: 0, column: 0 });
  });

  it("is found again, whatever the grid", () => {
    for (const size of [1, 2, 3, 7, 112, 1023]) {
      const square = { rows: size, columns: size };
      for (const at of [0, size >> 1, size - 1]) {
        const pixel = { row: at, column: size - 1 - at };
        expect(pixelAt(shareOf(pixel, square), square)).toEqual(pixel);
      }
    }
  });

  it("stays inside", () => {
    expect(pixelAt(shareOf({ row: 99, column: -5 }, grid), grid)).toEqual({ row: 7, column: 0 });
  });

  it("stays where it is in the picture when the grid is another one", () => {
    const share = shareOf({ row: 7, column: 0 }, grid);
    expect(pixelAt(share, { rows: 4, columns: 3 })).toEqual({ row: 3, column: 0 });
    expect(pixelAt(share, { rows: 16, columns: 12 })).toEqual({ row: 15, column: 1 });
  });
});
