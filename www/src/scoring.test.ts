import { expect, it } from "vitest";
import type { PictureScore } from "./engine/types";
import { total } from "./scoring";

const pictures = [
  { id: 10, label: 3 },
  { id: 11, label: 4 },
  { id: 12, label: null },
  { id: 13, label: 5 },
];

it("counts right answers where the label is known, and agreement with float everywhere", () => {
  const score = (best: number, same: boolean): PictureScore => ({
    class: best,
    confidence: 0.9,
    tally: { metric: "top-1", sums: [Number(same), 1] },
  });
  const known = new Map([
    [10, score(3, true)],
    [11, score(9, false)],
    [12, score(7, true)],
  ]);
  expect(total(known, pictures)).toEqual({
    done: 3,
    total: 4,
    labelled: 2,
    right: 1,
    tally: { metric: "top-1", sums: [2, 3] },
  });
});

it("knows no right answer where a picture has no class", () => {
  const score = (...sums: number[]): PictureScore => ({
    class: undefined,
    confidence: undefined,
    tally: { metric: "f1@0.5", sums },
  });
  const known = new Map([
    [10, score(1, 2, 3)],
    [13, score(4, 5, 6)],
  ]);
  const { done, labelled, tally } = total(known, pictures);
  expect({ done, labelled, tally }).toEqual({ done: 2, labelled: 0, tally: { metric: "f1@0.5", sums: [5, 7, 9] } });
  expect(total(new Map(), pictures)).toMatchObject({ done: 0, tally: null });
});
