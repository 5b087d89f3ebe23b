import { describe, expect, it } from "vitest";
import { accumulatorHeadroom, productHeadroom, sumRange } from "./headroom";
import { npu, ort, tflite } from "./testing";

describe("headroom", () => {
  it("bounds the sum by what the weights can make of any input", () => {
    // Weights 3, 5, 7 times -4..251, and a bias of -3.
    expect(sumRange(npu, 255)).toEqual([-63n, 3765n]);
    const settings = { activationMax: 255, width: 32 };
    // 3765 takes 12 bits and a sign; 18 takes 5 and a sign, -20's successor -2 takes 2.
    expect(accumulatorHeadroom(npu, 0, false, settings)).toEqual({ now: 1, worst: 13, width: 32 });
    expect(accumulatorHeadroom(npu, 1, false, settings).now).toBe(6);
    expect(accumulatorHeadroom(npu, 3, true, settings).now).toBe(6);
  });

  it("bounds the product where it is an integer", () => {
    // 3765 * 7 = 26355 takes 15 bits and a sign; -35 takes 6 and a sign.
    expect(productHeadroom(npu, 255)).toEqual({ now: 7, worst: 16, width: 64 });
    // 3765 * 2^30.
    expect(productHeadroom(tflite, 255)?.worst).toBe(13 + 30);
    expect(productHeadroom(ort, 255)).toBeNull();
  });
});
