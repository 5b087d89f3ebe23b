import { describe, expect, it } from "vitest";
import type { InputSpec } from "./engine/types";
import { inputSummary, parseForm, presetOf, toForm } from "./input-spec";

const imagenet: InputSpec = {
  channels: "rgb",
  resize: { mode: "shorter-side", size: 256 },
  crop: [224, 192],
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
};
const digits: InputSpec = {
  channels: "gray",
  resize: { mode: "stretch", size: [32, 32] },
  mean: [0],
  std: [255],
};

describe("preprocessing form", () => {
  it("gives back the spec it was made from", () => {
    for (const spec of [imagenet, digits]) expect(parseForm(toForm(spec))).toEqual({ spec });
  });

  it("knows the usual normalizations, however they are written", () => {
    expect(presetOf(toForm(imagenet))).toBe("ImageNet mean/std");
    expect(presetOf(toForm(digits))).toBe("0..1");
    expect(presetOf({ ...toForm(digits), mean: "127.5 127.5, 127.5", std: "127.5" })).toBe("-1..1");
    expect(presetOf({ ...toForm(digits), mean: "1" })).toBeNull();
  });

  it("says which field is wrong and how", () => {
    const errors = (change: Partial<ReturnType<typeof toForm>>, spec = imagenet) => {
      const parsed = parseForm({ ...toForm(spec), ...change });
      return "errors" in parsed ? Object.keys(parsed.errors) : [];
    };
    expect(errors({ shorter: "0" })).toEqual(["shorter"]);
    expect(errors({ shorter: "1e9" })).toEqual(["shorter"]);
    expect(errors({ cropWidth: "22.5" })).toEqual(["cropWidth"]);
    expect(errors({ cropWidth: "", cropHeight: "" })).toEqual(["cropWidth"]);
    expect(errors({ mean: "1, 2" })).toEqual(["mean"]);
    expect(errors({ std: "1, 0, 1" })).toEqual(["std"]);
    expect(errors({ mean: "a" })).toEqual(["mean"]);
    expect(errors({ mean: "1, 2, 3" }, digits)).toEqual(["mean"]);
    expect(errors({ width: "32" }, digits)).toEqual([]);
  });

  it("sums up in a few words", () => {
    expect(inputSummary(imagenet)).toBe("224\u2009×\u2009192, RGB, ImageNet mean/std");
  });
});
