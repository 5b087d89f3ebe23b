// How the page looks and is reached: themes, sizes, accessibility.

import type { Page } from "@playwright/test";
import { violations, violationsInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test.use({ counts: false });

async function open(page: Page): Promise<void> {
  await page.goto("");
  await expect(page.locator("sw-ruler svg[role=img]").first()).toBeVisible();
}

test.describe("counted", () => {
  test.use({ counts: true });

  test("axe finds nothing in either theme", async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open(page);
    await expect(page.locator("sw-verdict .overall")).toHaveText(/%\.$/, { timeout: 30_000 });
    await page.getByText("Model", { exact: true }).click();
    await page.getByText("As a table").first().click();
    expect(await violationsInThemes(page)).toEqual([]);
  });
});

test("axe finds nothing in the preprocessing dialog in either theme", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: /Edit preprocessing/ }).click();
  expect(await violationsInThemes(page, ["sw-app", "sw-stage", "sw-preprocessing"])).toEqual([]);
});

test("the theme can be chosen, and is remembered", async ({ page }) => {
  await open(page);
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await page.getByLabel("Theme").selectOption("dark");
  expect(await paper()).not.toBe(light);
  await page.reload();
  await expect(page.getByLabel("Theme")).toHaveValue("dark");
  expect(await paper()).not.toBe(light);
  await page.getByLabel("Theme").selectOption("auto");
  expect(await paper()).toBe(light);
});

/** Lower edge of an element on the first screen. */
async function bottom(page: Page, selector: string): Promise<number> {
  const box = await page.locator(selector).first().boundingBox();
  return box ? box.y + box.height : Infinity;
}

test("a desktop's first screen holds the stage and the ruler", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page);
  expect(await bottom(page, "sw-why")).toBeLessThanOrEqual(900);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("the first screen holds the stage, and nothing is wider than the screen", async ({ page }) => {
    await open(page);
    expect(await bottom(page, "sw-stage")).toBeLessThanOrEqual(844);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test("two schemes stand side by side, and the others can be swiped to", async ({ page }) => {
    await open(page);
    const cards = page.locator("sw-scheme-card");
    await expect(cards.nth(1)).toBeInViewport({ ratio: 1 });
    await expect(cards.nth(3)).not.toBeInViewport();
    await cards.nth(3).scrollIntoViewIfNeeded();
    await expect(cards.nth(2)).toBeInViewport({ ratio: 0.9 });
    await expect(cards.nth(3)).toBeInViewport({ ratio: 0.9 });
  });

  test("axe finds nothing", async ({ page }) => {
    await open(page);
    expect(await violations(page)).toEqual([]);
  });
});

test("at 320 pixels, which is 1280 at four times its size, everything is in reach and nothing is wider", async ({
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 256 });
  await open(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  for (const name of ["Model", "Pictures", "Export", "Share", "Lessons"]) {
    const summary = page.locator("sw-header summary").filter({ hasText: name });
    expect((await summary.boundingBox())?.width ?? 0, name).toBeGreaterThanOrEqual(24);
    await summary.click();
    await expect(page.locator("sw-header details[open] .panel")).toBeInViewport();
    await page.keyboard.press("Escape");
  }
  const clear = await page.getByRole("button", { name: "Clear" }).boundingBox();
  expect((clear?.x ?? Infinity) + (clear?.width ?? 0)).toBeLessThanOrEqual(320 - 8);
});

test("on paper all four schemes are there, dark on light, and nothing to press", async ({ page }) => {
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await open(page);
  for (const card of await page.locator("sw-scheme-card").all()) {
    const box = await card.boundingBox();
    expect((box?.x ?? Infinity) + (box?.width ?? 0)).toBeLessThanOrEqual(794);
  }
  await expect(page.locator("sw-header")).toBeHidden();
  await expect(page.locator("sw-knobs")).toBeHidden();
  const [ink, paper] = await page.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.documentElement);
    return [color, backgroundColor].map((one) => Number(/\d+/.exec(one)?.[0]));
  });
  expect(ink).toBeLessThan(paper ?? 0);
});

test("with reduced motion the ruler steps instead of moving", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  const dots = page.locator("sw-why sw-ruler path.dots.shift-wise");
  const shifted = await dots.getAttribute("d");
  const steps = page.locator("sw-why sw-ruler");
  await steps.getByRole("button", { name: "×1", exact: true }).click();
  const above = await dots.getAttribute("d");
  expect(above).not.toBe(shifted);
  await steps.getByRole("button", { name: /^Shift/ }).click();
  expect(await dots.getAttribute("d")).toBe(shifted);
});
