import { describe, expect, it } from "vitest";
import type { Trace } from "../engine/types";
import { BLOCK_COUNTS, blocksOf, remainder, shifter, type Block } from "./blocks";
import { npu, ort, tflite, widths } from "./testing";

const ids = (trace: Trace) => blocksOf(trace, widths).map(({ id }) => id);

function block(trace: Trace, id: Block["id"]): Block {
  const found = blocksOf(trace, widths).find((one) => one.id === id);
  if (!found) throw new Error(`no block ${id}`);
  return found;
}

const integer = ({ result }: Block) => (result.kind === "integer" ? result.value : undefined);

describe("blocks", () => {
  it("are those of each profile, in order", () => {
    expect(ids(npu)).toEqual(["bias", "multiply", "shift", "zero", "clamp", "output"]);
    expect(ids(tflite)).toEqual(["bias", "raise", "multiply", "high", "divide", "zero", "clamp", "output"]);
    expect(ids(ort)).toEqual(["bias", "convert", "factor", "round", "zero", "clamp", "output"]);
    for (const trace of [npu, tflite, ort]) {
      expect(ids(trace)).toHaveLength(BLOCK_COUNTS[trace.rescale.datapath]);
      expect(integer(block(trace, "output"))).toBe(12n);
    }
  });

  it("shift by n + k and keep what falls off in sight", () => {
    const shift = block(npu, "shift");
    expect(shift.shifter).toEqual({ value: -35n, places: 3, dropped: 5n, rounding: "half-up", roundsUp: true });
    expect(shift.shifts).toEqual({ n: 1, k: 2 });
    expect(integer(shift)).toBe(-4n);
    expect(integer(block(npu, "zero"))).toBe(8n);
  });

  it("round twice under tflite, ties away from zero", () => {
    // -2.5 lies half between -3 and -2: floor is -3, and staying there is away from zero.
    expect(block(tflite, "high").shifter).toMatchObject({ places: 31, dropped: 2n ** 30n, roundsUp: false });
    expect(block(tflite, "divide").shifter).toMatchObject({ value: -3n, places: 1, dropped: 1n, roundsUp: false });
    expect(integer(block(tflite, "divide"))).toBe(-2n);
  });

  it("rescale in float32 under ort", () => {
    expect(block(ort, "factor").operand).toEqual({ kind: "real", value: 0.5 });
    expect(block(ort, "factor").result).toEqual({ kind: "real", value: -2.5 });
    expect(integer(block(ort, "round"))).toBe(-2n);
  });

  it("tell how what falls off compares with half", () => {
    const of = (value: bigint, places: number) => remainder(shifter(value, places, 0n, "half-even"));
    expect([of(8n, 3), of(11n, 3), of(12n, 3), of(13n, 3)]).toEqual(["none", "under", "half", "over"]);
    expect(of(-35n, 3)).toBe("over");
    expect(of(5n, 0)).toBe("none");
    expect(of(5n, -2)).toBe("none");
  });
});
