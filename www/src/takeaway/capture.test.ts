import { expect, it } from "vitest";
import { plainColour } from "./capture";

it("writes mixed colours as every program reads them, and leaves others alone", () => {
  expect(plainColour("color(srgb 1 0.5 0)")).toBe("rgb(255, 128, 0)");
  expect(plainColour("color(srgb 0 0 0 / 0.25)")).toBe("rgba(0, 0, 0, 0.25)");
  expect(plainColour("rgb(1, 2, 3)")).toBe("rgb(1, 2, 3)");
});
