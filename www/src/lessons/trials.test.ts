import { describe, expect, it } from "vitest";
import { INTEGER_SCHEMES, SCHEMES, type PictureScore, type SchemeReport } from "../engine/types";
import { store, type State } from "../state";
import { parsePlace, withKnobs, type Knobs } from "../url";
import { edge, repaired, trialOf, withTrial, type Trial } from "./trials";

const usual = parsePlace("").knobs;
const trial = (change: Partial<Knobs>, layerWise: number, shiftWise: number): Trial => ({
  knobs: { ...usual, ...change },
  shares: { float: 1, "layer-wise": layerWise, "shift-wise": shiftWise, "channel-wise": 1 },
});

describe("the edge", () => {
  const trials = [trial({ shiftBits: 2 }, 0.2, 0.97), trial({ shiftBits: 1 }, 0.2, 0.7)];
  const found = (shiftBits: number, of = trials) => edge(of, { ...usual, shiftBits }, "shiftBits", -1, "shift-wise");

  it("is found where one step more is seen to be too much", () => {
    expect(found(2)).toBe(true);
    expect(found(1)).toBe(false);
  });

  it("is not guessed: both sides have to be tried, with everything else the same", () => {
    expect(found(2, trials.slice(0, 1))).toBe(false);
    expect(found(2, trials.slice(1))).toBe(false);
    expect(found(2, [trial({ shiftBits: 2 }, 0.2, 0.97), trial({ shiftBits: 1, weightBits: 4 }, 0.2, 0.7)])).toBe(
      false,
    );
    expect(found(3, [...trials, trial({ shiftBits: 3 }, 0.2, 0.99)])).toBe(false);
  });

  it("may lie upwards, and be another scheme's", () => {
    const unbalanced = [trial({ unbalance: 70 }, 0.95, 1), trial({ unbalance: 80 }, 0.94, 1)];
    const at = (unbalance: number) => edge(unbalanced, { ...usual, unbalance }, "unbalance", 10, "layer-wise");
    expect([60, 70, 80].map(at)).toEqual([false, true, false]);
  });
});

it("sees that corrected biases repaired what was seen to be broken", () => {
  const corrected = { weightBits: 4, bias: "empirical" } as const;
  const knobs = { ...usual, ...corrected };
  const [plain, better] = [trial({ weightBits: 4 }, 0.1, 0.94), trial(corrected, 0.1, 0.96)];
  expect(repaired([plain, better], knobs, "shift-wise")).toBe(true);
  expect(repaired([better], knobs, "shift-wise")).toBe(false);
  expect(repaired([trial({ weightBits: 4 }, 0.1, 0.96), better], knobs, "shift-wise")).toBe(false);
  expect(repaired([plain, better], { ...knobs, bias: "none" }, "shift-wise")).toBe(false);
});

it("keeps one trial for each setting, the newest", () => {
  const trials = withTrial([trial({}, 0.1, 0.2), trial({ shiftBits: 0 }, 0.1, 0.1)], trial({}, 0.3, 0.4));
  expect(trials.map(({ knobs, shares }) => [knobs.shiftBits, shares["layer-wise"]])).toEqual([
    [0, 0.1],
    [4, 0.3],
  ]);
});

describe("what the page has found out", () => {
  const picture = (id: number) => ({
    id,
    name: "",
    thumbnail: "",
    label: id,
    pixels: () => Promise.reject(new Error()),
  });
  const score = (best: number): PictureScore => ({
    class: best,
    confidence: 1,
    tally: { metric: "top-1", sums: [1, 1] },
  });
  const options = (knobs: Knobs) =>
    withKnobs({ profile: { datapath: "npu" } } as unknown as SchemeReport["options"], knobs);
  /** Everything counted: float sees both digits, the others only the first. */
  function counted(): State {
    const reports = INTEGER_SCHEMES.map((scheme) => [scheme, { options: options(usual) }] as const);
    const outcome = (scheme: string) =>
      new Map([
        [1, score(1)],
        [2, score(scheme === "float" ? 2 : 1)],
      ]);
    return {
      ...store.value,
      knobs: usual,
      pictures: [picture(1), picture(2)],
      calibration: { count: 1, own: false },
      reports: Object.fromEntries(reports) as unknown as State["reports"],
      outcomes: Object.fromEntries(SCHEMES.map((scheme) => [scheme, outcome(scheme)])),
    };
  }

  it("is the share of right answers, once all are counted", () => {
    expect(trialOf(counted())?.shares).toEqual({ float: 1, "layer-wise": 0.5, "shift-wise": 0.5, "channel-wise": 0.5 });
    const state = counted();
    expect(trialOf({ ...state, outcomes: { ...state.outcomes, "shift-wise": new Map([[1, score(1)]]) } })).toBeNull();
    expect(trialOf({ ...state, outcomes: { float: state.outcomes.float ?? new Map() } })).toBeNull();
  });

  it("is not of knobs that the schemes do not follow yet", () => {
    const state = counted();
    expect(trialOf({ ...state, knobs: { ...usual, weightBits: 4 } })).toBeNull();
    expect(trialOf({ ...state, knobs: { ...usual, profile: "ort" } })).toBeNull();
    expect(trialOf({ ...state, calibration: null })).toBeNull();
    // Only shift-wise is quantized again for other shift bits.
    const knobs = { ...usual, shiftBits: 1 };
    expect(trialOf({ ...state, knobs })).toBeNull();
    const shiftWise = { options: options(knobs) } as unknown as SchemeReport;
    expect(trialOf({ ...state, knobs, reports: { ...state.reports, "shift-wise": shiftWise } })).not.toBeNull();
  });
});
