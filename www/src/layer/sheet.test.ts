import { expect, it } from "vitest";
import { cornerOf, indexOf, layOut, step, tapAt } from "./sheet";

it("fits a thousand pointwise weights, a depthwise kernel and many kernels into the room there is", () => {
  for (const shape of [
    [1, 1, 1280],
    [3, 3, 1],
    [3, 3, 64],
    [5, 7, 3],
  ] as const) {
    const sheet = layOut(shape, 360, 200);
    expect(sheet.columns * sheet.rows).toBeGreaterThanOrEqual(shape[2]);
    expect(sheet.width).toBeLessThanOrEqual(360);
    expect(sheet.height).toBeLessThanOrEqual(200);
  }
  expect(layOut([3, 3, 1], 360, 200).cell).toBe(48);
  expect(layOut([1, 1, 1280], 360, 200).gap).toBe(0);
});

it("grows downwards when even the smallest cells do not fit", () => {
  const sheet = layOut([3, 3, 4096], 300, 100);
  expect(sheet.width).toBeLessThanOrEqual(300);
  expect(sheet.height).toBeGreaterThan(100);
});

it("finds every tap where it was drawn", () => {
  const sheet = layOut([3, 2, 20], 200, 120);
  const seen = new Set<number>();
  for (let input = 0; input < 20; input++) {
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 2; column++) {
        const tap = { row, column, input };
        const [x, y] = cornerOf(sheet, tap);
        expect(tapAt(sheet, x + sheet.cell / 2, y + sheet.cell / 2)).toEqual(tap);
        seen.add(indexOf(sheet, tap));
      }
    }
  }
  expect(seen.size).toBe(120);
  expect(Math.max(...seen)).toBe(119);
  expect(tapAt(sheet, -1, 5)).toBeNull();
  expect(tapAt(sheet, sheet.kw * sheet.cell + sheet.gap / 2, 5)).toBeNull();
});

it("steps from kernel to kernel and stops at the edges", () => {
  const sheet = { ...layOut([3, 3, 5], 200, 400), columns: 2, rows: 3 };
  const corner = { row: 0, column: 0, input: 0 };
  expect(step(sheet, corner, -1, 0)).toEqual(corner);
  expect(step(sheet, { row: 1, column: 2, input: 0 }, 1, 0)).toEqual({ row: 1, column: 0, input: 1 });
  expect(step(sheet, { row: 2, column: 1, input: 1 }, 0, 1)).toEqual({ row: 0, column: 1, input: 3 });
  // There is no sixth kernel.
  expect(step(sheet, { row: 2, column: 1, input: 3 }, 0, 1)).toEqual({ row: 2, column: 1, input: 3 });
});
