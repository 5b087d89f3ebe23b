import { describe, expect, it } from "vitest";
import { goodness, isBad, landmarks, type Figure } from "./measures";

const db = (value: number | undefined): Figure => ({ db: value, offBy: undefined });

describe("measures", () => {
  it("are one number that grows with quality", () => {
    const figure: Figure = { db: 12, offBy: [0.5, 0.25, 0.125, 0.125] };
    expect(goodness(figure, "sqnr")).toBe(12);
    expect(goodness(figure, "off-by")).toBe(0.75);
    expect(goodness(db(undefined), "off-by")).toBeUndefined();
  });

  it("call a node bad where noise has a tenth of the power, or most outputs are off by more than a step", () => {
    expect([isBad(db(9.9), "sqnr"), isBad(db(10), "sqnr"), isBad(db(undefined), "sqnr")]).toEqual([true, false, false]);
    expect(isBad({ db: 3, offBy: [0.3, 0.19, 0.21, 0.3] }, "off-by")).toBe(true);
    expect(isBad({ db: 3, offBy: [0.3, 0.2, 0.2, 0.3] }, "off-by")).toBe(false);
  });

  it("find the first bad node and the worst one", () => {
    expect(landmarks([db(Infinity), db(30), db(8), db(undefined), db(2), db(5)], "sqnr")).toEqual({
      firstBad: 2,
      worst: 4,
    });
    expect(landmarks([db(30), db(20)], "sqnr")).toEqual({ firstBad: null, worst: 1 });
    expect(landmarks([db(undefined)], "sqnr")).toEqual({ firstBad: null, worst: null });
    // An exact node is not the worst one, even when there is no other.
    expect(landmarks([db(Infinity)], "sqnr").worst).toBeNull();
  });
});
