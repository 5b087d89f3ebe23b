// The network view: which layer is bad, by itself or with what came before it.

import type { Locator, Page } from "@playwright/test";
import { violations } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test.use({ counts: false });

async function open(page: Page): Promise<Locator> {
  await page.goto("");
  const view = page.locator("sw-network");
  await expect(figure(view, 0, 0)).not.toBeEmpty({ timeout: 30_000 });
  return view;
}

const figure = (view: Locator, row: number, scheme: number) =>
  view.locator(".sheet tbody tr").nth(row).locator("td.figure").nth(scheme);
const choose = (view: Locator, name: string) => view.getByRole("button", { name, exact: true }).click();

/** Opens the table twin and waits until the last node of the last scheme is known. */
async function table(view: Locator): Promise<Locator> {
  await view.getByText("As a table").click();
  const rows = view.locator("sw-node-table tbody tr");
  await expect(rows.last().locator("td").last()).not.toBeEmpty({ timeout: 30_000 });
  return rows;
}

const column = async (rows: Locator, index: number) => {
  const cells = await rows.evaluateAll((all, at) => all.map((row) => row.children[at]?.textContent ?? ""), index);
  return cells.map((cell) => cell.replace("bad", "").trim());
};

test("by itself the first layer is as bad as with what came before it: nothing did", async ({ page }) => {
  const view = await open(page);
  for (const measure of ["SQNR", "Off by n"]) {
    await choose(view, measure);
    const accumulated = await Promise.all(
      [0, 1, 2].map(async (scheme) => {
        await expect(figure(view, 0, scheme)).not.toBeEmpty();
        return figure(view, 0, scheme).innerText();
      }),
    );
    await choose(view, "isolated");
    for (const [scheme, value] of accumulated.entries()) await expect(figure(view, 0, scheme)).toHaveText(value);
    await choose(view, "accumulated");
  }
});

test("isolated errors point at the layers that one scale crushes", async ({ page }) => {
  const view = await open(page);
  await choose(view, "isolated");
  const rows = view.locator(".sheet tbody tr");
  await expect(figure(view, (await rows.count()) - 1, 2)).not.toBeEmpty({ timeout: 30_000 });
  // The bundled network's spread channels are those of its depthwise layers.
  const flagged = rows.filter({ hasText: "worst" });
  await expect(flagged).toHaveCount(1);
  await expect(flagged).toContainText("depthwise");
  const first = rows.filter({ hasText: "first bad" }).first();
  await expect(first).toContainText("depthwise");
  await expect(first).toContainText("under layer-wise");
  await expect(first.locator("td.figure.layer-wise")).toHaveClass(/bad/);
  await expect(first.locator("td.figure.shift-wise")).not.toHaveClass(/bad/);
});

test("the table holds both kinds of error and is sorted by any of them", async ({ page }) => {
  const view = await open(page);
  const rows = await table(view);
  const nodes = await column(rows, 0);
  expect(nodes).toEqual(nodes.map((_, i) => String(i)));
  const heading = view.getByRole("button", { name: "isolated, dB" }).first();
  await heading.click();
  await expect(view.locator("th[aria-sort=ascending]")).toHaveText(/isolated, dB/);
  const sorted = (await column(rows, 5)).map((cell) => (cell === "exact" ? Infinity : Number(cell)));
  expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
  await heading.press("Enter");
  await expect(view.locator("th[aria-sort=descending]")).toHaveText(/isolated, dB/);
  expect((await column(rows, 0)).toSorted()).toEqual(nodes.toSorted());
});

test("follows the picture", async ({ page }) => {
  const view = await open(page);
  await choose(view, "isolated");
  const last = figure(view, (await view.locator(".sheet tbody tr").count()) - 1, 2);
  await expect(last).not.toBeEmpty({ timeout: 30_000 });
  const before = await view.locator(".sheet td.figure").allInnerTexts();
  await page.locator("sw-stage").getByRole("button", { name: /\d/ }).nth(3).click();
  await expect.poll(() => view.locator(".sheet td.figure").allInnerTexts()).not.toEqual(before);
  await expect(last).not.toBeEmpty({ timeout: 30_000 });
});

test("rows are walked by keyboard", async ({ page }) => {
  const view = await open(page);
  await view.locator(".sheet .layer[tabindex='0']").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await expect(view.locator(".sheet .layer").nth(1)).toBeFocused();
  await expect(view.locator(".sheet .layer").nth(1)).toHaveAttribute("aria-current", "true");
});

test("axe finds nothing, whatever is measured", async ({ page }) => {
  const view = await open(page);
  await choose(view, "Off by n");
  await table(view);
  expect(await violations(page, ["sw-app", "sw-network"])).toEqual([]);
});

test("fits a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const view = await open(page);
  await choose(view, "Off by n");
  await expect(figure(view, 0, 2)).not.toBeEmpty();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
