import { expect, it } from "vitest";
import { tally } from "./scoring";

it("counts right answers where the label is known, and agreement with float everywhere", () => {
  const pictures = [
    { id: 10, label: 3 },
    { id: 11, label: 4 },
    { id: 12, label: null },
    { id: 13, label: 5 },
  ];
  const float = new Map([
    [10, 3],
    [11, 9],
    [12, 7],
  ]);
  const named = new Map([
    [10, 3],
    [11, 4],
    [12, 7],
  ]);
  expect(tally(named, float, pictures)).toEqual({ done: 3, total: 4, labelled: 2, right: 2, same: 2 });
});
