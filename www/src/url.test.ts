import { describe, expect, it } from "vitest";
import { formatPlace, parsePlace, preset, presetOf, PRESETS, withKnobs, type Place, type PresetName } from "./url";

const usual = {
  rounding: "half-up",
  overflow: "wrap",
  multiplierBits: 16,
  accumulatorBits: 32,
  biasBits: 32,
  calibrationPictures: 100,
} as const;

const initial: Place = {
  model: null,
  knobs: {
    ...usual,
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
  pixel: null,
  lesson: null,
  embedded: false,
};

describe("address", () => {
  it("comes back as it was written", () => {
    const place: Place = {
      model: "https://example.org/a b/net.onnx?x=1&y=2#z",
      knobs: {
        rounding: "half-even",
        overflow: "saturate",
        multiplierBits: 8,
        accumulatorBits: 24,
        biasBits: 20,
        calibrationPictures: 5,
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
      pixel: { row: 12, column: 0 },
      view: "maps",
      lesson: { id: "bits", step: 1 },
      embedded: true,
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
    expect(parsePlace("#v=1&node=2&row=999999&column=3").pixel).toEqual({ row: 65_535, column: 3 });
  });

  it("has a pixel of a node, or none", () => {
    for (const hash of [
      "#v=1&row=1&column=2",
      "#v=1&node=2&row=1",
      "#v=1&node=2&row=1&column=-2",
      "#v=1&node=x&row=1&column=2",
    ]) {
      expect(parsePlace(hash).pixel, hash).toBeNull();
    }
  });

  it("keeps links as they were written before there were models, widths and rounding", () => {
    const old = "#v=1&shift=2&weights=7&activations=6&picture=4&bias=empirical&unbalance=40&node=2&channel=1&view=maps";
    expect(parsePlace(old)).toEqual({
      model: null,
      knobs: {
        ...usual,
        shiftBits: 2,
        weightBits: 7,
        activationBits: 6,
        profile: "npu",
        ranges: "min-max",
        bias: "empirical",
        unbalance: 40,
      },
      picture: 4,
      node: 2,
      channel: 1,
      pixel: null,
      view: "maps",
      lesson: null,
      embedded: false,
    });
    // And writes them as it did: who compares addresses finds the same one.
    expect(formatPlace(parsePlace(old))).toBe(old);
  });

  it("clamps widths and counts, and takes no model's address of absurd length", () => {
    const { knobs } = parsePlace("#v=1&multiplier=99&accumulator=1&biasbits=0&calibration=0&rounding=up&overflow=x");
    expect(knobs).toMatchObject({
      ...usual,
      multiplierBits: 31,
      accumulatorBits: 16,
      biasBits: 16,
      calibrationPictures: 1,
    });
    expect(parsePlace(`#v=1&model=${"x".repeat(2001)}`).model).toBe(null);
    expect(parsePlace("#v=1&model=").model).toBe(null);
  });

  it("keeps links from before there were profiles, and takes no choice that there is not", () => {
    const first = { profile: "npu", ranges: "min-max", bias: "none" };
    expect(parsePlace("#v=1&shift=3&weights=8&activations=6&picture=2").knobs).toMatchObject(first);
    expect(parsePlace("#v=1&profile=tpu&ranges=&bias=yes").knobs).toMatchObject(first);
    const chosen = parsePlace("#v=1&activations=5&profile=tflite&bias=data-free").knobs;
    expect(chosen).toMatchObject({ profile: "tflite", bias: "data-free", activationBits: 8 });
    expect(parsePlace("#v=1&view=nothing").view).toBe("ranges");
  });
});

describe("presets", () => {
  const { knobs } = initial;

  it("are found again in what they set, and not in anything else", () => {
    for (const name of Object.keys(PRESETS) as PresetName[]) {
      const set = preset(name, { ...knobs, accumulatorBits: 20, ranges: "mse", unbalance: 40, calibrationPictures: 3 });
      expect(presetOf(set)).toBe(name);
      expect(set).toMatchObject({ accumulatorBits: 32, ranges: "min-max", unbalance: 40, calibrationPictures: 3 });
      expect(presetOf({ ...set, weightBits: 3 })).toBe(null);
    }
  });

  it("are what the page starts with: the paper's", () => {
    expect(presetOf(knobs)).toBe("paper");
    expect(knobs).toMatchObject({ weightBits: 8, activationBits: 8, shiftBits: 4 });
  });
});

describe("options", () => {
  const profile = { datapath: "tflite", multiplier_bits: 31, accumulator_bits: 32, bias_bits: 32 } as const;
  const options = { scheme: "shift-wise", weight_bits: 8, activation_bits: 8, shift_bits: 4, profile } as const;
  const chosen = { ...initial.knobs, multiplierBits: 12, accumulatorBits: 20, biasBits: 18, weightBits: 5 };

  it("have the hardware's widths under the NPU's arithmetic, and leave other engines theirs", () => {
    expect(withKnobs(options, chosen)).toMatchObject({
      weight_bits: 5,
      profile: { multiplier_bits: 12, accumulator_bits: 20, bias_bits: 18, rounding: "half-up", overflow: "wrap" },
    });
    expect(withKnobs(options, { ...chosen, profile: "tflite" }).profile).toEqual(profile);
  });
});
