import { describe, expect, it } from "vitest";
import type { PictureScore, Scheme } from "../engine/types";
import { confusedClasses, confusion, FILTERS, outcomesOf, passes, reliability, type Filter } from "./outcomes";

const SCHEMES = ["float", "layer-wise", "shift-wise", "channel-wise"] as const;

/** One picture a row: label, then the class that each scheme says; confidences all `confidence`. */
function outcomes(rows: readonly (readonly [number | null, number, number, number, number])[], confidence = 0.9) {
  const pictures = rows.map(([label], id) => ({
    id,
    name: `${id}.png`,
    thumbnail: "",
    label,
    pixels: () => Promise.reject(new Error("not needed")),
  }));
  const of = (place: number) =>
    new Map(
      rows.map((row, id): [number, PictureScore] => [id, { class: row[place] ?? 0, confidence, tally: undefined }]),
    );
  const known = Object.fromEntries(SCHEMES.map((scheme, i) => [scheme, of(i + 1)])) as Record<
    Scheme,
    Map<number, PictureScore>
  >;
  return outcomesOf({ pictures, outcomes: known });
}

describe("filters", () => {
  const rows = [
    [3, 3, 3, 3, 3], // all right
    [3, 3, 8, 3, 3], // shift-wise repairs
    [3, 3, 8, 8, 3], // shift-wise does not
    [3, 5, 8, 8, 8], // all wrong
    [3, 5, 8, 3, 3], // float wrong, shift-wise right
    [3, 3, 3, 8, 3], // only shift-wise wrong
  ] as const;
  const passing = (filter: Filter, group: number | null = null) =>
    outcomes(rows).flatMap((one) => (passes(one, filter, group) ? [one.index] : []));

  it("tell broken, repaired and lost pictures apart", () => {
    expect(Object.fromEntries(FILTERS.map((filter) => [filter, passing(filter)]))).toEqual({
      all: [0, 1, 2, 3, 4, 5],
      broken: [1, 2],
      repaired: [1, 4],
      unrepaired: [2],
      lost: [5],
      "all-wrong": [3],
    });
    expect(passing("broken", 8)).toEqual([]);
    expect(passing("broken", 3)).toEqual([1, 2]);
  });

  it("judge by float where no label is known, and float not at all", () => {
    const [one, other] = outcomes([
      [null, 3, 8, 3, 3],
      [null, 3, 8, 8, 8],
    ]);
    expect(one?.answers.float?.right).toBeNull();
    expect(one && passes(one, "broken", null) && passes(one, "repaired", 3)).toBe(true);
    expect(other && passes(other, "all-wrong", null)).toBe(true);
  });
});

it("counts what is taken for what", () => {
  const all = outcomes([
    [0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0],
    [1, 1, 2, 1, 1],
    [2, 2, 2, 2, 2],
  ]);
  const classes = confusedClasses(all, 10);
  expect(classes).toEqual({ classes: [0, 1, 2], isPartial: false });
  expect(confusion(all, "layer-wise", classes).counts).toEqual([
    [0, 2, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 1, 0],
  ]);
  const few = confusedClasses(all, 2);
  expect(few).toEqual({ classes: [0, 1], isPartial: true });
  expect(confusion(all, "layer-wise", few).counts).toEqual([
    [0, 2, 0],
    [0, 0, 1],
  ]);
});

describe("reliability", () => {
  it("is perfect where 3 of 4 are right at a confidence of 0.75", () => {
    const rows = [0, 0, 0, 1].map((said) => [0, said, said, said, said] as const);
    const { bins, error, pictures } = reliability(outcomes(rows, 0.75), "float");
    expect(pictures).toBe(4);
    expect(error).toBe(0);
    expect(bins[7]).toEqual({ pictures: 4, confidence: 0.75, accuracy: 0.75 });
  });

  it("weighs each bin's gap by its pictures, the ends included", () => {
    const certain = outcomes([[0, 1, 0, 0, 0]], 1);
    expect(reliability(certain, "float")).toMatchObject({ error: 1, pictures: 1 });
    expect(reliability(certain, "layer-wise")).toMatchObject({ error: 0 });
    expect(reliability(outcomes([[0, 0, 0, 0, 0]], 0), "float").bins[0]).toMatchObject({ pictures: 1, accuracy: 1 });
    // A gap of 0.1 in one bin with three pictures, and of 0.5 in another with one.
    const mixed = [
      ...outcomes(
        [
          [0, 0, 0, 0, 0],
          [0, 0, 0, 0, 0],
          [0, 0, 0, 0, 0],
        ],
        0.9,
      ),
      ...outcomes([[0, 1, 0, 0, 0]], 0.5),
    ];
    expect(reliability(mixed, "float").error).toBeCloseTo((3 * 0.1 + 0.5) / 4, 12);
  });

  it("leaves out what cannot be judged", () => {
    expect(reliability(outcomes([[null, 0, 0, 0, 0]]), "float")).toMatchObject({ pictures: 0, error: 0 });
  });
});
