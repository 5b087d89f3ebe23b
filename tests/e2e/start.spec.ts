// How the page starts: what it loads for whom, and that nothing moves meanwhile.

import type { Page } from "@playwright/test";
import { answer, expect, test } from "./fixtures.ts";

test.use({ counts: false, visitor: false });

const SECTIONS = ["sw-cause", "sw-network", "sw-layer", "sw-datapath", "sw-many"];

const loaded = (page: Page) => page.evaluate((names) => names.filter((name) => customElements.get(name)), SECTIONS);

/** On a screen where no section is near the first one's. */
async function open(page: Page): Promise<void> {
  await page.setViewportSize({ width: 390, height: 664 });
  await page.goto("");
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
}

test("of what is below the first screen, only what is near it is loaded while nobody shows to be there", async ({
  page,
}) => {
  await open(page);
  await expect(page.locator("sw-ruler svg[role=img]").first()).toBeAttached();
  expect(await loaded(page)).toEqual([]);
  // Any sections may come as the window grows, but none before the one above it.
  await page.setViewportSize({ width: 390, height: 1400 });
  await expect(page.locator("sw-cause section")).toBeVisible();
  expect(await loaded(page)).not.toContain("sw-many");
});

for (const [name, sign] of [
  ["the mouse moves", (page: Page) => page.mouse.move(5, 5)],
  ["a key is pressed", (page: Page) => page.keyboard.press("Control")],
  ["the page is to be printed", (page: Page) => page.evaluate(() => dispatchEvent(new Event("beforeprint")))],
] as const) {
  test(`all of it is loaded when ${name}`, async ({ page }) => {
    await open(page);
    await sign(page);
    await expect.poll(() => loaded(page)).toEqual(SECTIONS);
    await expect(page.locator("sw-many section")).toBeVisible();
  });
}

test("an address that names a lesson finds its part of the page", async ({ page }) => {
  await page.goto("#v=1&lesson=ruler.1");
  await expect(page.locator("sw-lesson").getByRole("button").first()).toBeVisible();
});

for (const [width, height] of [
  [390, 844],
  [1440, 900],
] as const) {
  test(`nothing moves while it starts, ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.addInitScript(() => {
      const shifts: number[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto("");
    await expect(answer(page, "Channel-wise")).not.toBeEmpty();
    await expect(page.locator("sw-ruler svg[role=img]").first()).toBeVisible();
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
    // A line of progress, whose numbers grow, may move its neighbours.
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.01);
  });
}

test("the strip of pictures grows as one comes near its end", async ({ page }) => {
  await open(page);
  const pictures = page.getByRole("list", { name: "Pictures to try" }).getByRole("button");
  const first = await pictures.count();
  expect(first).toBeLessThan(60);
  await pictures.last().scrollIntoViewIfNeeded();
  await expect.poll(() => pictures.count()).toBeGreaterThan(first);
  // By keyboard too: the next one is always there.
  await pictures.first().focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await expect(pictures.nth(3)).toBeFocused();
});
