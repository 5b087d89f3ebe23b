import { describe, expect, it } from "vitest";
import { pressed, sorted } from "./sort";

const rows = [
  { name: "b", value: 2 },
  { name: "a", value: undefined },
  { name: "c", value: -1 },
  { name: "d", value: 2 },
];
const cell = (row: (typeof rows)[number], column: number) => (column === 0 ? row.name : row.value);
const names = (column: number, descending: boolean) =>
  sorted(rows, cell, { column, descending })
    .map(({ name }) => name)
    .join("");

describe("sorted", () => {
  it("sorts words and numbers, unknown ones last either way, equals in their order", () => {
    expect(names(0, false)).toBe("abcd");
    expect(names(1, false)).toBe("cbda");
    expect(names(1, true)).toBe("bdca");
  });

  it("turns round at the second press", () => {
    const first = pressed({ column: 0, descending: false }, 2);
    expect(first).toEqual({ column: 2, descending: false });
    expect(pressed(first, 2)).toEqual({ column: 2, descending: true });
  });
});
