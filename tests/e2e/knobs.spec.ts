// Presets, the settings behind "More", and the counted verdict.

import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

async function open(page: Page, place = ""): Promise<void> {
  await page.goto(place);
  await expect(page.getByRole("article", { name: "Channel-wise" }).locator(".answer strong")).not.toBeEmpty();
}

test("a preset sets every knob, by keyboard, and the address has it", async ({ page }) => {
  await open(page);
  await page.locator("sw-more-knobs summary").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Preset")).toHaveValue("paper");
  await page.getByLabel("Preset").selectOption("six");
  await expect(page.getByLabel("Weight bits")).toHaveValue("6");
  await expect(page.getByLabel("Bias correction")).toHaveValue("empirical");
  await expect(page).toHaveURL(/weights=6.*bias=empirical/);
  await page.getByLabel("Weight bits").fill("5");
  await expect(page.getByLabel("Preset")).toHaveValue("");
  await page.getByLabel("Preset").selectOption("tflite");
  await expect(page.getByLabel("Arithmetic")).toHaveValue("tflite");
  await expect(page.getByLabel("Multiplier bits")).toBeDisabled();
});

test("the hardware's widths reach the integers, the address and the next visit", async ({ page }) => {
  await open(page);
  const hashes = async () => {
    await page.getByText("Fingerprints").or(page.locator("#fingerprints summary")).first().waitFor();
    return page.locator("#fingerprints li").allTextContents();
  };
  const before = await hashes();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Multiplier bits").fill("8");
  await page.getByLabel("Rounding").selectOption("truncate");
  await expect.poll(hashes).not.toEqual(before);
  await expect(page).toHaveURL(/rounding=truncate.*multiplier=8/);
  await page.getByLabel("Calibration pictures").fill("3");
  await expect(page.getByText("Calibrated on 3 pictures of its own")).toBeVisible({ timeout: 30_000 });
  await expect(page).toHaveURL(/calibration=3/);
  await page.reload();
  await page.getByText("More", { exact: true }).click();
  await expect(page.getByLabel("Rounding")).toHaveValue("truncate");
  await expect(page.getByLabel("Calibration pictures")).toHaveValue("3");
});

test("the verdict over all pictures is told once they are counted, and follows the slider", async ({ page }) => {
  await open(page);
  const overall = page.locator("sw-verdict .overall");
  await expect(overall).toHaveText(
    /^Of 200 test pictures: float [\d.]+%, layer-wise [\d.]+%, one 4-bit shift per channel [\d.]+%\.$/,
    {
      timeout: 30_000,
    },
  );
  const shares = async () => [...(await overall.innerText()).matchAll(/([\d.]+)%/g)].map(([, share]) => Number(share));
  const [float = 0, layerWise = 0, shiftWise = 0] = await shares();
  expect(shiftWise).toBeGreaterThan(layerWise + 40);
  expect(shiftWise).toBeGreaterThanOrEqual(float - 2);
  await page.getByLabel("Shift bits").fill("0");
  await expect(overall).toHaveText(/without a shift [\d.]+%\.$/, { timeout: 30_000 });
  expect((await shares())[2]).toBe(layerWise);
});
