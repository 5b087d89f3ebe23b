// Lessons on the page itself, and the hints that explain a term.

import type { Locator, Page } from "@playwright/test";
import { violationsInThemes } from "./axe.ts";
import { answer, expect, open, test } from "./fixtures.ts";

test.use({ counts: false });

const card = (page: Page): Locator => page.getByRole("complementary", { name: "Lessons" });
const press = (page: Page, name: string) => card(page).getByRole("button", { name, exact: true }).click();

/** Waits until every scheme's pictures are counted, and the share is written down. */
async function tried(page: Page, what: string): Promise<number> {
  const line = card(page).getByRole("list", { name: "Tried so far" }).getByText(`${what}: `);
  await expect(line).toBeVisible({ timeout: 30_000 });
  return parseFloat((await line.innerText()).split(": ")[1] ?? "");
}

test("whoever asks why is led through the ruler, and breaks the network by hand", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Why? In one minute" }).click();
  await expect(card(page).getByRole("heading", { name: "Lesson 1 of 5: The ruler" })).toBeFocused();
  await expect(page).toHaveURL(/lesson=ruler$/);
  await press(page, "Next");
  await expect(page.locator("sw-why")).toHaveClass("pointed");
  await expect(page.locator("sw-why")).toBeInViewport({ ratio: 1 });
  await press(page, "Next");
  await press(page, "Next");
  await expect(card(page).getByText("Take the shifts away")).toBeVisible();
  const shiftBits = page.getByLabel("Shift bits");
  await expect(shiftBits).toBeInViewport();
  await expect(page).toHaveURL(/lesson=ruler\.4$/);
  await shiftBits.fill("0");
  await expect(card(page).getByText("Done")).toBeVisible();
  await expect(answer(page, "Shift-wise")).toHaveText(await answer(page, "Layer-wise").innerText());
  // The next lesson begins with what the last one broke mended.
  await card(page).getByRole("button", { name: "Next lesson: How many shift bits" }).click();
  await expect(shiftBits).toHaveValue("4");
});

test("a lesson is chosen from the menu by keyboard, left with Escape, and the focus comes back", async ({ page }) => {
  await open(page, "#v=1&shift=1");
  const menu = page.locator("sw-header .lessons");
  await menu.locator("summary").focus();
  await page.keyboard.press("Enter");
  await menu.getByRole("button", { name: /Where the bits fall off/ }).press("Enter");
  await expect(card(page).getByRole("heading", { name: /Lesson 5 of 5/ })).toBeFocused();
  await expect(page.getByLabel("Shift bits")).toHaveValue("4");
  await page.keyboard.press("Escape");
  await expect(card(page)).toHaveCount(0);
  await expect(menu.locator("summary")).toBeFocused();
  await expect(page).not.toHaveURL(/lesson/);
});

test("a channel that needs no shift is found in the layer's chart", async ({ page }) => {
  await open(page, "#v=1&lesson=datapath.3");
  await expect(card(page).getByText("To do")).toBeVisible();
  const chart = page.getByRole("application", { name: /Range of each channel/ });
  await chart.focus();
  // Sorted by range: the widest is the last.
  await page.keyboard.press("End");
  await expect(card(page).getByText("Done")).toBeVisible();
  await press(page, "Finish");
  await expect(card(page)).toHaveCount(0);
});

test("a term explains itself in one sentence and leads to its lesson", async ({ page }) => {
  await open(page);
  const term = page.getByRole("button", { name: "Shift bits", exact: true });
  await term.focus();
  await page.keyboard.press("Enter");
  const hint = page.getByText("Bits that store a channel's shift");
  await expect(hint).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(hint).toBeHidden();
  await expect(term).toBeFocused();
  await page.getByRole("button", { name: "Layer-wise", exact: true }).click();
  await page.getByRole("button", { name: "Lesson: The ruler" }).click();
  await expect(card(page)).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("slider, lesson and a term's hint fit the screen", async ({ page }) => {
    await open(page, "#v=1&lesson=bits.2");
    const slider = page.getByLabel("Shift bits");
    await expect(slider).toBeInViewport({ ratio: 1 });
    const [above, below] = [await slider.boundingBox(), await card(page).boundingBox()];
    expect((above?.y ?? Infinity) + (above?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0);
    await press(page, "Skip");
    await card(page).getByRole("button", { name: "Close the lesson" }).click();
    await page.getByRole("button", { name: "Bias correction", exact: true }).click();
    await expect(page.getByText("Rounded weights shift each channel's mean")).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});

test.describe("counted", () => {
  test.use({ counts: true });

  test("the fewest shift bits are found by trying both sides of the edge", async ({ page }) => {
    test.slow();
    await open(page, "#v=1&lesson=bits.2");
    const done = card(page).getByText("Done", { exact: false });
    const task = card(page).getByText("To do");
    expect(await tried(page, "Shift bits 4")).toBeGreaterThan(95);
    await page.getByLabel("Shift bits").fill("1");
    expect(await tried(page, "Shift bits 1")).toBeLessThan(95);
    await expect(task).toBeVisible();
    await page.getByLabel("Shift bits").fill("2");
    expect(await tried(page, "Shift bits 2")).toBeGreaterThan(95);
    await expect(done).toBeVisible();
    // One more is enough as well, and not the fewest.
    await page.getByLabel("Shift bits").fill("3");
    await tried(page, "Shift bits 3");
    await expect(task).toBeVisible();
  });

  test("axe finds nothing in lessons and hints in either theme", async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open(page, "#v=1&lesson=bits.2");
    await tried(page, "Shift bits 4");
    await page.getByRole("button", { name: "Shift bits", exact: true }).click();
    expect(await violationsInThemes(page, ["sw-app", "sw-lesson"], ["sw-app", "sw-stage", "sw-knobs"])).toEqual([]);
  });
});
