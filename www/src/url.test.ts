import { describe, expect, it } from "vitest";
import { formatPlace, parsePlace, type Place } from "./url";

const initial: Place = {
  knobs: {
    shiftBits: 4,
    weightBits: 8,
    activationBits: 8,
    profile: "npu",
    ranges: "min-max",
    bias: "none",
    unbalance: 100,
  },
  picture: 0,
  node: null,
  channel: null,
  view: "ranges",
};

describe("address", () => {
  it("comes back as it was written", () => {
    const place: Place = {
      knobs: {
        shiftBits: 0,
        weightBits: 5,
        activationBits: 6,
        profile: "npu",
        ranges: "mse",
        bias: "empirical",
        unbalance: 40,
      },
      picture: 17,
      node: 3,
      channel: 31,
      view: "maps",
    };
    expect(parsePlace(formatPlace(place))).toEqual(place);
    expect(parsePlace(formatPlace(initial))).toEqual(initial);
  });

  it("is the initial state when empty, of another version or nonsense", () => {
    for (const hash of ["", "#", "#v=2&shift=1", "#shift=1", "#%%%", "#v=1&shift=-1&weights=1e9&node=x&picture=1.5"]) {
      expect(parsePlace(hash), hash).toEqual(initial);
    }
  });

  it("is clamped to what the engine accepts", () => {
    const { knobs, picture } = parsePlace("#v=1&shift=9&weights=1&activations=99&picture=999999&unbalance=400");
    expect(knobs).toMatchObject({ shiftBits: 5, weightBits: 2, activationBits: 8, unbalance: 150 });
    expect(picture).toBe(65_535);
  });

  it("keeps links from before there were profiles, and takes no choice that there is not", () => {
    const usual = { profile: "npu", ranges: "min-max", bias: "none" };
    expect(parsePlace("#v=1&shift=3&weights=8&activations=6&picture=2").knobs).toMatchObject(usual);
    expect(parsePlace("#v=1&profile=tpu&ranges=&bias=yes").knobs).toMatchObject(usual);
    const chosen = parsePlace("#v=1&activations=5&profile=tflite&bias=data-free").knobs;
    expect(chosen).toMatchObject({ profile: "tflite", bias: "data-free", activationBits: 8 });
    expect(parsePlace("#v=1&view=nothing").view).toBe("ranges");
  });
});
