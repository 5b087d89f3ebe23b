import { describe, expect, it } from "vitest";
import type { Prediction, Scheme, SchemeReport } from "./engine/types";
import { isBackground, judge, repair, tellingChannel, tellingNode, verdict } from "./findings";

const prediction = (scheme: Scheme, best: number, sqnr_db: (number | null)[] = []) =>
  ({
    scheme,
    result: { kind: "classes", top: [{ class: best, label: `class ${best}`, score: 1 }] },
    sqnr_db,
    overflows: 0,
  }) as unknown as Prediction;

const report = (few: number[]) =>
  ({
    layers: [16, 32, 64].map((channels, i) => ({ node: [0, 2, 5][i], channels, channels_with_few_levels: few[i] })),
  }) as unknown as SchemeReport;

describe("findings", () => {
  const reports = { "layer-wise": report([16, 20, 22]), "channel-wise": report([16, 0, 0]) };

  it("finds the telling layer by its channels", () => {
    // Node 0 has few levels in every scheme, as a layer of single weights does: there is nothing to see.
    expect(tellingNode(reports)).toBe(2);
    expect(tellingNode({})).toBeNull();
  });

  it("finds the channel that gains most", () => {
    const layerWise = { levels: [90, 3, 3, 1] };
    expect(tellingChannel(layerWise, { levels: [90, 60, 60, 9], shifts: [0, 4, 5, 7] })).toBe(2);
  });

  it("judges by the label where it is known, else by float", () => {
    const float = prediction("float", 3);
    expect(judge(prediction("shift-wise", 3), float, null)).toBe("same");
    expect(judge(prediction("layer-wise", 8), float, null)).toBe("differs");
    expect(judge(prediction("layer-wise", 8), float, 8)).toBe("right");
    expect(judge(float, float, 8)).toBe("wrong");
    expect(judge(float, float, null)).toBeNull();
  });

  it("sums up who agrees with float", () => {
    const found = verdict({ float: prediction("float", 3), "layer-wise": prediction("layer-wise", 8) });
    expect(found).toEqual({
      float: "class 3",
      schemes: [{ scheme: "layer-wise", answer: "class 8", agrees: false }],
    });
    expect(verdict({})).toBeNull();
  });

  it("knows which class of a mask stands for all else", () => {
    expect(isBackground(0, "background")).toBe(true);
    expect(isBackground(0, "0")).toBe(true);
    expect(isBackground(0, "road")).toBe(false);
    expect(isBackground(3, "background")).toBe(false);
  });

  it("says why schemes agree with float, whatever the figure", () => {
    const of = (metric: string, layer: number | undefined, shift: number | undefined) => {
      const one = (agreement: number | undefined) =>
        ({ tally: { metric, sums: [] }, agreement }) as unknown as Prediction;
      return repair({ "layer-wise": one(layer), "shift-wise": one(shift) });
    };
    expect(of("miou", 0.5, 0.97)).toBe("restored");
    expect(of("f1@0.5", 0.99, 0.97)).toBe("spared");
    expect(of("f1@0.5", 0.6, 0.5)).toBe("luck");
    expect(of("psnr_db", 30, undefined)).toBe("restored");
    expect(of("psnr_db", undefined, undefined)).toBe("spared");
    expect(of("mae", 3, 0.1)).toBe("restored");
    expect(of("mae", 3, 2)).toBeNull();
    expect(repair({})).toBeNull();
  });
});
