import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";

test("the built page opens and its wasm module runs", async ({ page }) => {
  const wasm = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await page.goto("");
  // Only with this type do browsers compile the module while it streams in.
  expect((await wasm).headers()["content-type"]).toBe("application/wasm");
  await expect(page.locator("html")).toHaveAttribute("data-engine", "ready");
  await expect(page).toHaveTitle(/Shiftwise/);
});

test("the first screen has no accessibility violations", async ({ page }) => {
  await page.goto("");
  await expect(page.locator("html")).toHaveAttribute("data-engine", "ready");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});
