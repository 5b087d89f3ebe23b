// The cause of the trouble, moved by hand: float's answers stay, layer-wise recovers as channels are evened out.

import type { Locator, Page } from "@playwright/test";
import { violations } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test.use({ counts: false });

test.describe.configure({ timeout: 240_000 });

const cause = (page: Page): Locator => page.getByRole("region", { name: "Where the trouble comes from" });
const slider = (page: Page): Locator => cause(page).getByRole("slider", { name: /^Unbalance/ });
const card = (page: Page, scheme: string): Locator => page.getByRole("article", { name: scheme, exact: true });

/** In per cent, once every picture has been counted under every scheme. */
async function accuracy(page: Page, scheme: string): Promise<number> {
  await expect(page.getByText("Stop counting")).toHaveCount(0, { timeout: 60_000 });
  await expect(card(page, scheme).getByText("of 200 test pictures")).toBeVisible({ timeout: 60_000 });
  return parseFloat(await card(page, scheme).locator(".figure").innerText());
}

test.describe("counted", () => {
  test.use({ counts: true });

  test("even channels heal layer-wise while float's confidences stay the same", async ({ page }) => {
    await page.goto("");
    const float = await accuracy(page, "Float");
    expect(await accuracy(page, "Layer-wise")).toBeLessThan(40);
    const confidences = await card(page, "Float").locator(".top").innerText();
    await slider(page).focus();
    await page.keyboard.press("Home");
    await expect(card(page, "Layer-wise").locator(".judgement")).toHaveText(/right/, { timeout: 30_000 });
    await expect.poll(() => accuracy(page, "Layer-wise"), { timeout: 60_000 }).toBeGreaterThan(95);
    expect(await accuracy(page, "Float")).toBe(float);
    expect(await card(page, "Float").locator(".top").innerText()).toBe(confidences);
    await expect(page).toHaveURL(/unbalance=0/);

    await page.keyboard.press("End");
    await expect.poll(() => accuracy(page, "Layer-wise"), { timeout: 60_000 }).toBeLessThan(40);
    expect(await accuracy(page, "Float")).toBe(float);
    expect(await card(page, "Float").locator(".top").innerText()).toBe(confidences);
  });
});

test("the picture of two layers is of the live model", async ({ page }) => {
  await page.goto("#v=1&unbalance=0");
  await expect(slider(page)).toHaveValue("0", { timeout: 60_000 });
  const picture = cause(page).getByRole("img");
  const ratios = async () => {
    const said = (await picture.getAttribute("aria-label")) ?? "";
    return [...said.matchAll(/([\d]+) times/g)].map(([, ratio]) => Number(ratio));
  };
  const even = await ratios();
  await slider(page).fill("100");
  await expect
    .poll(async () => Math.min(...(await ratios())), { timeout: 60_000 })
    .toBeGreaterThan(4 * Math.max(...even));
});

test("axe finds nothing", async ({ page }) => {
  await page.goto("");
  await expect(slider(page)).toBeVisible({ timeout: 60_000 });
  await cause(page).getByText("As a table").click();
  expect(await violations(page, ["sw-app", "sw-cause"])).toEqual([]);
});
