// From any number of a layer to where it comes from, and from layer to layer with the same keys everywhere.

import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

test.use({ counts: false });

async function open(page: Page, view: string, more = ""): Promise<Locator> {
  await page.goto(`#v=1&node=6&channel=3&view=${view}${more}`);
  await expect(page.locator("sw-datapath sw-lanes li").first()).toBeVisible({ timeout: 30_000 });
  return page.locator(`sw-${view}`);
}

const field = (page: Page, name: string) =>
  page.locator("sw-datapath").getByRole("spinbutton", { name: new RegExp(`^${name}`) });

const canvas = (view: Locator, scheme: string, side: string) =>
  view.locator(`canvas[data-scheme=${scheme}][data-side=${side}]`);

/** Presses the middle of a cell of a canvas. */
async function press(on: Locator, [row, rows]: [number, number], [column, columns]: [number, number]): Promise<void> {
  await on.scrollIntoViewIfNeeded();
  const box = await on.boundingBox();
  if (!box) throw new Error("the picture is not there");
  await on.click({
    position: { x: ((column + 0.5) / columns) * box.width, y: ((row + 0.5) / rows) * box.height },
  });
}

async function expectDatapath(page: Page, row: number, column: number): Promise<void> {
  await expect(page.locator("sw-datapath h2")).toBeFocused();
  await expect(page.locator("sw-datapath h2")).toBeInViewport();
  await expect(field(page, "Row")).toHaveValue(String(row));
  await expect(field(page, "Column")).toHaveValue(String(column));
}

test("a pixel of a map is pinned by a click, and then leads to how it is computed", async ({ page }) => {
  const maps = await open(page, "maps");
  const go = maps.getByRole("button", { name: "See how it is computed" });
  await expect(canvas(maps, "shift-wise", "output")).toBeVisible();
  await expect(go).toHaveCount(0);
  await press(canvas(maps, "shift-wise", "output"), [2, 8], [5, 8]);
  await expect(maps.locator("#at")).toHaveText("row 2, column 5");
  await expect(page.locator("sw-datapath h2")).not.toBeFocused();
  await go.click();
  await expectDatapath(page, 2, 5);
  await expect(page).toHaveURL(/row=2&column=5/);

  // The address brings it back.
  await page.reload();
  await expect(field(page, "Row")).toHaveValue("2");
  await expect(field(page, "Column")).toHaveValue("5");
});

test("the numbers of a map are in proportion to the integers that the datapath ends with", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const maps = await open(page, "maps");
  await maps.getByText("As a table").click();
  const pixels = (await maps.locator("tbody tr").allInnerTexts())
    .map((row) => row.split("\t").map((cell) => Number(cell.replace("\u2212", "-"))))
    .map(([row = 0, column = 0, , , value = 0]) => ({ row, column, value }))
    .toSorted((one, other) => other.value - one.value);
  // The largest number has most digits; the other one must be told from it.
  const [most, other] = [pixels[0], pixels.find(({ value }) => value > 0 && value < (pixels[0]?.value ?? 0) * 0.8)];
  if (!most || !other) throw new Error("the map is flat");

  const steps = async ({ row, column }: { row: number; column: number }): Promise<number> => {
    await press(canvas(maps, "float", "output"), [row, 8], [column, 8]);
    await maps.getByRole("button", { name: "See how it is computed" }).click();
    await expectDatapath(page, row, column);
    const copy = page.getByRole("button", { name: "Copy this trace of shift-wise" });
    let found = NaN;
    await expect(async () => {
      await copy.click();
      const trace = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
      expect(trace.position).toEqual([row, column, 3]);
      found = trace.result - trace.output_zero_point;
    }).toPass();
    return found;
  };
  const [mostSteps, otherSteps] = [await steps(most), await steps(other)];
  expect(otherSteps / mostSteps).toBeCloseTo(other.value / most.value, 2);
});

test("by keyboard Enter goes from the pinned pixel to the datapath", async ({ page }) => {
  const maps = await open(page, "maps");
  await maps.getByRole("application").focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await expectDatapath(page, 1, 2);
});

test("a pixel of an address that the layer has not is its last one", async ({ page }) => {
  await open(page, "ranges", "&row=999&column=999");
  await expect(field(page, "Row")).toHaveValue("7");
  await expect(field(page, "Column")).toHaveValue("7");
});

test("a weight leads to its product", async ({ page }) => {
  const weights = await open(page, "weights");
  const sheet = canvas(weights, "shift-wise", "weights");
  await expect(sheet).toBeVisible();
  await weights.getByText("As a table").click();
  const cells = await weights.locator("tbody tr").nth(5).locator("td").allInnerTexts();
  await weights.getByRole("application").focus();
  // From nowhere the first key goes to the first weight.
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
  await expect(weights.locator("#at")).toContainText(`row ${cells[1]}, column ${cells[2]}`);
  await page.keyboard.press("Enter");
  await expect(page.locator("sw-datapath h2")).toBeFocused();
  const current = page.locator("sw-datapath #block-buffer tr.current");
  await expect(current).toHaveCount(2);
  await expect(current.first()).toContainText(cells[5] ?? "");
});

test("page keys move by layer, whichever view of it has the focus", async ({ page }) => {
  await open(page, "ranges");
  const heading = page.locator("sw-layer h2");
  const before = await heading.innerText();
  const there = async (focus: () => Promise<void>) => {
    await focus();
    await page.keyboard.press("PageUp");
    await expect(heading).not.toHaveText(before);
    // The focus is where it was, so that the next key finds it.
    await page.keyboard.press("PageDown");
    await expect(heading).toHaveText(before);
  };
  await there(() => page.locator("sw-network .layer[aria-current=true]").focus());
  await there(() => page.getByRole("application", { name: /Range of each channel/ }).focus());
  for (const tab of ["Weights", "Maps"]) {
    await page.getByRole("tab", { name: tab }).click();
    const chart = page.locator(`sw-${tab.toLowerCase()}`).getByRole("application");
    await expect(chart).toBeVisible();
    await there(() => chart.focus());
  }
  await there(() => page.getByRole("slider", { name: "Step of the datapath" }).focus());
});

test("Shift and arrow keys go further", async ({ page }) => {
  await open(page, "ranges");
  const rows = page.locator("sw-network .layer");
  await rows.first().click();
  await page.keyboard.press("Shift+ArrowDown");
  await expect(rows.nth(Math.min(10, (await rows.count()) - 1))).toBeFocused();
});
