import { describe, expect, it } from "vitest";
import type { LayerReport, Prediction, Scheme, SchemeReport } from "./engine/types";
import { judge, narrowestChannel, tellingNode, verdict, worstNode } from "./findings";

const prediction = (scheme: Scheme, best: number, sqnr_db: (number | null)[] = []) =>
  ({
    scheme,
    top: [{ class: best, label: `class ${best}`, score: 1 }],
    sqnr_db,
    overflows: 0,
  }) as unknown as Prediction;

const report = (layers: Pick<LayerReport, "node" | "channels" | "channels_with_few_levels">[]) =>
  ({ "layer-wise": { layers } as unknown as SchemeReport }) as const;

describe("findings", () => {
  const reports = report([
    { node: 0, channels: 16, channels_with_few_levels: 1 },
    { node: 2, channels: 32, channels_with_few_levels: 20 },
    { node: 5, channels: 64, channels_with_few_levels: 22 },
  ]);

  it("finds the worst layer by the picture and the telling one by its channels", () => {
    // Node 1 is worse still, but has no weights; node 0 is exact.
    expect(worstNode(reports, { "layer-wise": prediction("layer-wise", 0, [null, 1, 12, 3, 4, 7]) })).toBe(5);
    expect(worstNode(reports, {})).toBeNull();
    expect(tellingNode(reports)).toBe(2);
    expect(tellingNode({})).toBeNull();
  });

  it("finds the channel that gains most", () => {
    expect(narrowestChannel({ shifts: [0, 4, 4, 1], levels: [90, 60, 80, 99] })).toBe(2);
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
});
