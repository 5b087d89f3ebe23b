import { describe, expect, it } from "vitest";
import { bitsOf, floatBits, signedBits, written, writtenReal } from "./bits";

describe("bits", () => {
  it("counts the bits that a signed number needs", () => {
    const cases: [bigint, number][] = [
      [0n, 1],
      [-1n, 1],
      [1n, 2],
      [-2n, 2],
      [127n, 8],
      [128n, 9],
      [-128n, 8],
      [-129n, 9],
      [2n ** 31n - 1n, 32],
      [-(2n ** 31n), 32],
    ];
    for (const [value, bits] of cases) expect(signedBits(value), `${value}`).toBe(bits);
  });

  it("holds negative numbers as two's complement", () => {
    expect(bitsOf(-2n, 8)).toBe("11111110");
    expect(bitsOf(5n, 4)).toBe("0101");
  });

  it("writes a number in each base", () => {
    expect(written(-12345n, 32, "decimal")).toBe("\u221212\u2009345");
    expect(written(-1n, 32, "hex")).toBe("0xFFFF\u2009FFFF");
    expect(written(200n, 8, "hex")).toBe("0xC8");
    expect(written(5n, 9, "bits")).toBe("0\u20090000\u20090101");
  });

  it("writes a float32 so that no other one is written alike", () => {
    expect(floatBits(1)).toBe(0x3f800000n);
    expect(writtenReal(-0.5, "hex")).toBe("0xBF00\u20090000");
    const value = Math.fround(0.1);
    expect(Math.fround(Number(writtenReal(value, "decimal")))).toBe(value);
    expect(writtenReal(-1e-7, "decimal")).toBe("\u22121e\u22127");
  });
});
