// Every task from picture to result, on the tiny models of tests/tasks, as a visitor drops them.

import path from "node:path";
import type { Locator, Page } from "@playwright/test";
import { violations } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

const here = (...parts: string[]) => path.join(import.meta.dirname, "..", "tasks", ...parts);
const pictures = ["both", "red", "blue", "none"].map((name) => here("pictures", `${name}.png`));
const card = (page: Page, scheme: string): Locator => page.getByRole("article", { name: scheme, exact: true });
const figure = (page: Page, scheme: string): Locator => card(page, scheme).locator(".figure");

/** Opens a model with four pictures and waits until they have been counted. */
async function open(page: Page, task: string, withManifest = true): Promise<void> {
  await page.goto("");
  await expect(card(page, "Channel-wise").locator(".answer strong")).not.toBeEmpty();
  const manifest = withManifest ? [here(`${task}.shiftwise.json`)] : [];
  await page.locator("sw-header input.files").setInputFiles([here(`${task}.onnx`), ...manifest, ...pictures]);
  await expect(page.getByText("Calibrated on these 4 pictures.")).toBeVisible();
}

/** The running figure over the four pictures. */
async function agreement(page: Page, scheme: string): Promise<number> {
  await expect(card(page, scheme).locator(".score")).toContainText("of 4 pictures");
  return parseFloat(await figure(page, scheme).innerText());
}

test("detection: boxes over the picture, float's dashed beneath, and the same in a table", async ({ page }) => {
  await open(page, "detection");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Float finds 2 boxes\..*Shift-wise finds all\./s);
  const boxes = card(page, "Shift-wise").locator("sw-boxes");
  await expect(boxes.locator("rect.own")).toHaveCount(2);
  await expect(boxes.locator("rect.reference")).toHaveCount(2);
  await expect(boxes.locator(".tag")).toHaveText([/red 0\.\d\d/, /blue 0\.\d\d/]);
  await expect(card(page, "Float").locator("rect.reference")).toHaveCount(0);
  await boxes.getByText("As a table").click();
  await expect(boxes.getByRole("rowheader")).toHaveText(["red", "blue"]);
  expect(await agreement(page, "Shift-wise")).toBe(100);
  expect(await agreement(page, "Layer-wise")).toBeLessThan(90);
  await expect(card(page, "Shift-wise")).toContainText("F1 100% with float's boxes");
  const frame = boxes.getByRole("img", { name: "Shift-wise: 2 boxes" });
  await frame.focus();
  await page.keyboard.press("ArrowRight");
  await expect(boxes.getByRole("status")).toHaveText(/^red 0\.\d\d$/);
  await page.keyboard.press("Escape");
  await expect(boxes.getByRole("status")).toBeEmpty();
  // Nothing to find is an answer as well.
  await page.getByRole("list", { name: "Pictures to try" }).getByRole("button", { name: "none.png" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Float finds nothing/);
  await expect(boxes.locator("rect.own")).toHaveCount(0);
});

test("segmentation: a mask with its classes, by pointer and keyboard", async ({ page }) => {
  await open(page, "segmentation");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Float sees red, blue and light\./);
  const mask = card(page, "Shift-wise").locator("sw-mask");
  const classes = mask.getByRole("list", { name: "Classes by share of the picture" }).getByRole("listitem");
  await expect(classes).toHaveText([/nothing\s*\d/, /red\s*\d/, /blue\s*\d/, /light\s*\d/]);
  expect(await agreement(page, "Shift-wise")).toBeGreaterThanOrEqual(99);
  expect(await agreement(page, "Layer-wise")).toBeLessThan(60);
  // The red square lies from (2, 2) to (18, 18) of 64 x 48 pixels.
  const frame = mask.getByRole("img");
  const size = await frame.boundingBox();
  if (!size) throw new Error("the mask is not visible");
  await frame.hover({ position: { x: (10 / 64) * size.width, y: (10 / 48) * size.height } });
  await expect(mask.locator(".tag")).toHaveText("red");
  await expect(classes.nth(1)).toHaveClass("active");
  // A click keeps it when the pointer has left; keys go on from there, and Escape lets go.
  await frame.click({ position: { x: (10 / 64) * size.width, y: (10 / 48) * size.height } });
  await page.mouse.move(0, 0);
  await expect(classes.nth(1)).toHaveClass("active");
  await frame.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(classes.nth(0)).toHaveClass("active");
  await page.keyboard.press("Escape");
  await expect(classes.nth(0)).not.toHaveClass("active");
  await page.getByRole("slider", { name: /Opacity of the mask/ }).fill("20");
});

test("image: the restored picture against float's, and their differences", async ({ page }) => {
  await open(page, "image");
  const restored = card(page, "Shift-wise").locator("sw-restored");
  await expect(restored.getByRole("img", { name: "Shift-wise: restored picture" })).toBeVisible();
  await expect(card(page, "Float")).toContainText("128\u2009×\u200996 pixels");
  const [layer, shift] = [await agreement(page, "Layer-wise"), await agreement(page, "Shift-wise")];
  expect(shift).toBeGreaterThan(layer + 5);
  await expect(figure(page, "Shift-wise")).toHaveText(/dB$/);
  await restored.getByRole("slider").fill("10");
  await page.getByLabel("Differences from float").check();
  await expect(restored.getByRole("img", { name: /difference from float/ })).toBeVisible();
});

test("regression: one number, and how far it is away", async ({ page }) => {
  await open(page, "regression");
  await expect(card(page, "Float").locator("sw-number")).toContainText("redness");
  await expect(card(page, "Float").locator("sw-number strong")).not.toHaveText("0");
  await expect(card(page, "Layer-wise").locator("sw-number strong")).toHaveText("0");
  await expect(card(page, "Layer-wise")).toContainText(/−\d.* % from float/);
  expect(await agreement(page, "Layer-wise")).toBeGreaterThan(1);
  expect(await agreement(page, "Shift-wise")).toBeLessThan(0.1);
});

test("results can be enlarged, and the schemes take turns", async ({ page }) => {
  await open(page, "detection");
  await card(page, "Layer-wise").getByRole("button", { name: "Enlarge" }).click();
  const dialog = page.getByRole("dialog", { name: "Result, enlarged" });
  await expect(dialog.getByRole("img", { name: /^Layer-wise/ })).toBeVisible();
  await dialog.getByRole("radio", { name: "Shift-wise" }).check({ force: true });
  await expect(dialog.getByRole("img", { name: "Shift-wise: 2 boxes" })).toBeVisible();
  expect(await violations(page, ["sw-app", "sw-stage", "sw-closeup"])).toEqual([]);
  // The first Escape is the pin's.
  await dialog.getByRole("img", { name: "Shift-wise: 2 boxes" }).focus();
  for (const key of ["ArrowRight", "Escape"]) await page.keyboard.press(key);
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("a guessed task is said to be one, and can be set", async ({ page }) => {
  await open(page, "regression", false);
  await page.getByRole("button", { name: /One number \(guessed\)/ }).click();
  await expect(page.getByRole("combobox", { name: /Task \(guessed\)/ })).toHaveValue("regression");
  await page.getByRole("combobox", { name: /Task/ }).selectOption("classification");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("button", { name: /^Classification, / })).toBeVisible();
  await expect(card(page, "Float").getByRole("list", { name: "Five best classes" })).toBeVisible();
  // What the outputs do not allow is refused, and nothing changes.
  await page.getByRole("button", { name: /^Classification, / }).click();
  await page.getByRole("combobox", { name: /Task/ }).selectOption("segmentation");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("alert")).toContainText("has shape [1, 1]");
  await expect(page.getByRole("button", { name: /^Classification, / })).toBeVisible();
});

test("offsets without priors: what the manifest must say is said, and the rest goes on", async ({ page }) => {
  await open(page, "detection", false);
  await expect(page.getByText(/give outputs\.encoding in the manifest/)).toBeVisible();
  await expect(card(page, "Shift-wise")).toContainText("dB output SQNR");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Shift-wise stays .* dB close to float/);
});

for (const task of ["detection", "segmentation", "image", "regression"]) {
  test(`axe finds nothing in ${task}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: task === "image" ? "dark" : "light", reducedMotion: "reduce" });
    await open(page, task);
    await agreement(page, "Channel-wise");
    expect(await violations(page, ["sw-app", "sw-stage"])).toEqual([]);
  });
}

test("on a phone nothing is wider than the screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const task of ["detection", "segmentation", "image", "regression"]) {
    await open(page, task);
    await agreement(page, "Layer-wise");
    expect(await page.evaluate(() => document.documentElement.scrollWidth), task).toBeLessThanOrEqual(390);
  }
});
