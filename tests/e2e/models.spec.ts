// Models and pictures from outside of the repository, as a visitor drops them. SHIFTWISE_MODELS names a folder of
// .onnx files with their .shiftwise.json; ../images and ../labels lie beside it.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { answer, expect, test } from "./fixtures.ts";

const folder = process.env.SHIFTWISE_MODELS ?? "";
const model = (name: string) => path.join(folder, name);
const beside = (...parts: string[]) => path.join(folder, "..", ...parts);

test.skip(!existsSync(folder), "SHIFTWISE_MODELS does not name a folder of models");

test("MobileNetV2 and three pictures", async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto("");
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
  const pictures = readdirSync(beside("images", "imagenet-eval"))
    .filter((name) => /\.jpe?g$|\.png$/i.test(name))
    .slice(0, 3);
  await page
    .locator("sw-header input.files")
    .setInputFiles([
      model("mobilenet_v2_1.0_imagenet.onnx"),
      model("mobilenet_v2_1.0_imagenet.shiftwise.json"),
      beside("labels", "imagenet.txt"),
      ...pictures.map((name) => beside("images", "imagenet-eval", name)),
    ]);
  await expect(page.getByText("Calibrated on these 3 pictures.")).toBeVisible({ timeout: 120_000 });
  await expect(answer(page, "Float")).toHaveText(/[a-z]/);
  await expect(answer(page, "Channel-wise")).toHaveText(/[a-z]/);
  await expect(page.getByText("as float, of 3 pictures").first()).toBeVisible({ timeout: 60_000 });
});

/** Opens a model that does not classify, with its own manifest of this repository and the first pictures of a folder. */
async function open(page: Page, name: string, folder: string, count: number): Promise<void> {
  test.setTimeout(180_000);
  await page.goto("");
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
  const pictures = readdirSync(beside("images", folder))
    .filter((name) => /\.jpe?g$|\.png$/i.test(name))
    .slice(0, count);
  await page
    .locator("sw-header input.files")
    .setInputFiles([
      model(`${name}.onnx`),
      path.join(import.meta.dirname, "..", "manifests", `${name}.shiftwise.json`),
      ...pictures.map((name) => beside("images", folder, name)),
    ]);
  await expect(page.getByText(`Calibrated on these ${count} pictures.`)).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText(`of ${count} pictures`).nth(2)).toBeVisible({ timeout: 120_000 });
}

const agreement = async (page: Page, scheme: string) =>
  parseFloat(await page.getByRole("article", { name: scheme, exact: true }).locator(".figure").innerText());

test("UltraFace finds the same faces in every scheme", async ({ page }) => {
  await open(page, "ultraface_rfb_320", "faces", 3);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Float finds \d\d boxes/);
  expect(await page.locator("sw-boxes").last().locator("rect.own").count()).toBeGreaterThan(10);
  expect(await agreement(page, "Shift-wise")).toBeGreaterThan(95);
});

test("DeepLab's masks suffer under layer-wise more than under shift-wise", async ({ page }) => {
  await open(page, "deeplabv3_257_voc", "imagenet-eval", 3);
  await expect(page.locator("sw-mask canvas")).toHaveCount(4);
  expect(await agreement(page, "Shift-wise")).toBeGreaterThan(await agreement(page, "Layer-wise"));
});

test("a model without manifest says that its preprocessing was guessed", async ({ page }) => {
  await page.goto("");
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
  await page.locator("sw-header input.files").setInputFiles(model("mobilenet_v1_0.25_imagenet.onnx"));
  await expect(page.getByText(/Preprocessing was guessed/).first()).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Drop a picture/);
});
