import { expect, it } from "vitest";
import { parsePlace } from "../url";
import { FIGURE_KEYS, figureAddress } from "./address";

const page = new URL("https://example.org/a/");

it("is read by the page as it was given", () => {
  const given: Record<string, string> = { shift: "1", picture: "4", model: "https://example.org/a b.onnx?x=1&y=2#z" };
  const { href, hash } = new URL(figureAddress((key) => given[key] ?? null, page));
  expect(href.startsWith("https://example.org/a/#v=1&")).toBe(true);
  const place = parsePlace(hash);
  expect(place).toMatchObject({ embedded: true, picture: 4, model: given["model"] });
  expect(place.knobs).toEqual({ ...parsePlace("").knobs, shiftBits: 1 });
});

it("names nothing that the page does not know", () => {
  const usual = parsePlace("#v=1&embed");
  const other: Record<(typeof FIGURE_KEYS)[number], string> = {
    shift: "1",
    weights: "5",
    activations: "5",
    profile: "ort",
    ranges: "mse",
    bias: "empirical",
    rounding: "truncate",
    overflow: "saturate",
    multiplier: "9",
    accumulator: "20",
    biasbits: "20",
    calibration: "9",
    unbalance: "10",
    picture: "3",
    model: "x.onnx",
  };
  for (const key of FIGURE_KEYS) {
    const { hash } = new URL(figureAddress((name) => (name === key ? other[key] : null), page));
    expect(parsePlace(hash), key).not.toEqual(usual);
  }
});
