// @vitest-environment node
import { expect, test } from "vitest";
import { networks, product, samePads } from "./networks.mjs";

const network = (name) => networks.find((each) => each.name === name);

test("SAME pads keep the length over the stride, the odd pad at the end", () => {
  expect(samePads(224, 3, 2)).toEqual({ output: 112, before: 0, after: 1 });
  expect(samePads(14, 3, 1)).toEqual({ output: 14, before: 1, after: 1 });
  expect(samePads(112, 7, 2)).toEqual({ output: 56, before: 2, after: 3 });
  expect(samePads(7, 1, 1)).toEqual({ output: 7, before: 0, after: 0 });
});

// Published: 300 and 569 million multiply-adds (the MobileNets' papers, to three digits), 1.8 billion (ResNet's). The
// parameters are torchvision's and Keras's counts less one number per normalized channel, which folding saves.
test.each([
  ["mobilenet_v2_1.0_224", 300.8e6, 3_504_872 - 17_056],
  ["mobilenet_v1_1.0_224", 568.7e6, 4_231_976 - 10_944],
  ["resnet18_224", 1.814e9, 11_689_512 - 4_800],
])("%s has the published work and parameters", (name, macs, parameters) => {
  expect(Math.abs(network(name).macs / macs - 1)).toBeLessThan(5e-4);
  expect(network(name).parameters).toBe(parameters);
});

test("MobileNetV1 0.25 is a quarter as wide", () => {
  const widths = ({ layers }) => layers.filter(({ type }) => type === "conv").map(({ output }) => output[0]);
  const full = widths(network("mobilenet_v1_1.0_224"));
  expect(widths(network("mobilenet_v1_0.25_96"))).toEqual(full.map((channels) => channels / 4));
});

test("every layer's shape follows from its inputs'", () => {
  for (const each of networks) {
    for (const { type, inputs, output, groups = 1, weight, macs } of each.layers) {
      const [first, ...others] = inputs.map((input) => each.shape(input));
      if (type === "add") expect(others).toEqual([first]);
      if (type === "conv") expect(weight[1] * groups).toBe(first[0]);
      if (weight) expect([output[0], macs]).toEqual([weight[0], product(weight) * output[1] * output[2]]);
    }
  }
});
