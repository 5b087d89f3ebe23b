// The layer pane: tabs, channels, shifts by hand with undo, kernels and maps.

import type { Page } from "@playwright/test";
import { violations } from "./axe.ts";
import { expect as strict, test } from "./fixtures.ts";

test.use({ counts: false });

/** Quantizing and running again takes a while on a busy machine. */
const expect = strict.configure({ timeout: 20_000 });

test.slow();

async function open(page: Page, address = ""): Promise<void> {
  await page.goto(address);
  await ready(page);
}

async function reload(page: Page): Promise<void> {
  await page.reload();
  await ready(page);
}

async function ready(page: Page): Promise<void> {
  await expect(page.getByRole("tabpanel")).toBeVisible({ timeout: 60_000 });
}

const chart = (page: Page) => page.getByRole("application", { name: /Range of each channel/ });
const selected = (page: Page) => page.getByLabel("Channel", { exact: true });
const shift = (page: Page) => page.getByRole("group", { name: "Shift", exact: true }).getByRole("status");
const effect = (page: Page, row: string) => page.getByRole("row", { name: new RegExp(`^${row}`) }).getByRole("cell");
const heading = (page: Page) => page.locator("sw-layer h2");

test("tabs are tabs: arrows move between them, and the chosen one is in the address", async ({ page }) => {
  await open(page);
  await page.getByRole("tab", { name: "Ranges" }).focus();
  await page.keyboard.press("ArrowRight");
  const weights = page.getByRole("tab", { name: "Weights" });
  await expect(weights).toBeFocused();
  await expect(weights).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("tabpanel", { name: "Weights" }).getByRole("img")).toHaveCount(7);
  await expect(page).toHaveURL(/view=weights/);
  await page.keyboard.press("End");
  await expect(page.getByRole("tabpanel", { name: "Maps" }).getByRole("img")).toHaveCount(7);
  await expect(page).toHaveURL(/view=maps/);
  await reload(page);
  await expect(page.getByRole("tab", { name: "Maps" })).toHaveAttribute("aria-selected", "true");
  await page.goto("#v=1&view=nonsense");
  await reload(page);
  await expect(page.getByRole("tab", { name: "Ranges" })).toHaveAttribute("aria-selected", "true");
});

test("the keyboard moves by channel and by layer, and Escape lets go of the channel", async ({ page }) => {
  await open(page);
  const telling = await selected(page).inputValue();
  await chart(page).focus();
  await page.keyboard.press("End");
  await expect(selected(page)).not.toHaveValue(telling);
  const widest = await selected(page).inputValue();
  await expect(page.getByRole("heading", { name: `Channel ${widest} on the ruler` })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(selected(page)).toHaveValue(telling);
  const before = await heading(page).innerText();
  await page.keyboard.press("PageDown");
  await expect(heading(page)).not.toHaveText(before);
  await page.keyboard.press("PageUp");
  await expect(heading(page)).toHaveText(before);
});

test("one channel is selected in every view", async ({ page }) => {
  await open(page);
  await selected(page).fill("7");
  await selected(page).press("Enter");
  await page.getByRole("tab", { name: "Weights" }).click();
  await expect(page.getByRole("heading", { name: "Weights of channel 7" })).toBeVisible();
  await page.getByRole("tab", { name: "Maps" }).click();
  await expect(page.getByRole("heading", { name: "Output channel 7" })).toBeVisible();
  await expect(page).toHaveURL(/channel=7&view=maps/);
});

test("a shift set by hand is quantized at once, shows what it costs, and can be undone", async ({ page }) => {
  await open(page);
  const chosen = Number(await shift(page).innerText());
  const output = await effect(page, "Network output").first().innerText();
  await expect(effect(page, "Network output").nth(1)).toHaveText("the same");
  await chart(page).focus();
  for (let i = 1; i <= 3; i++) {
    await page.keyboard.press("ArrowUp");
    await expect(shift(page)).toHaveText(String(chosen + i));
  }
  // Beyond R: everybody's grid is coarser, and the network's output is worse than by the rule.
  await expect(page.getByText(/now reaches beyond R/)).toBeVisible();
  await expect(effect(page, "Network output").nth(1)).toHaveText(output);
  expect(Number(await effect(page, "Network output").first().innerText())).toBeLessThan(Number(output));
  await page.keyboard.press("Control+z");
  await expect(shift(page)).toHaveText(String(chosen + 2));
  await page.keyboard.press("Control+Shift+z");
  await expect(shift(page)).toHaveText(String(chosen + 3));
  await page.getByRole("button", { name: "Reset" }).click();
  await expect(shift(page)).toHaveText(String(chosen));
  await expect(effect(page, "Network output").first()).toHaveText(output);
  await expect(page.getByText(/now reaches beyond R/)).toBeHidden();
});

test("a triangle is dragged down, and the drag is undone as a whole", async ({ page }) => {
  await open(page);
  const chosen = Number(await shift(page).innerText());
  await page.getByLabel("Order").selectOption("channel");
  const canvas = page.locator("sw-ranges .plot canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error("the chart is not there");
  // Between the margins for the axes, in the order of numbers; every triangle lies in the octave below R.
  const total = Number(await page.getByLabel("Last channel shown").getAttribute("aria-valuenow"));
  const channel = Number(await selected(page).inputValue());
  const x = box.x + 48 + ((channel + 0.5) / total) * (box.width - 88);
  const y = box.y + 40;
  await page.mouse.move(x, y);
  await expect(page.locator("sw-ranges .readout")).toContainText(`channel ${channel}:`);
  await expect(canvas).toHaveCSS("cursor", "ns-resize");
  await page.mouse.down();
  await page.mouse.move(x, y + 30, { steps: 5 });
  await page.mouse.move(x, y + 60, { steps: 5 });
  await page.mouse.up();
  await expect(shift(page)).not.toHaveText(String(chosen));
  expect(Number(await shift(page).innerText())).toBeLessThan(chosen);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(shift(page)).toHaveText(String(chosen));
  await expect(page.getByRole("button", { name: "Undo" })).toBeDisabled();
});

test("a rule sets all shifts of the layer; all 0 gives layer-wise's weights", async ({ page }) => {
  await open(page);
  const rule = page.getByRole("combobox", { name: "Rule" });
  await rule.selectOption("zero");
  await expect(shift(page)).toHaveText("0");
  const integers = async () => {
    const rows = page.locator("sw-figures tbody tr");
    const cells = (await rows.allInnerTexts()).map((row) => row.split("\t").slice(7, 9).join());
    return cells.slice(0, 2);
  };
  await expect(async () => {
    const [layerWise, shiftWise] = await integers();
    expect(shiftWise).toBe(layerWise);
  }).toPass();
  await rule.selectOption("floor");
  await expect(page.getByText("Every shift is the method’s own.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Reset" })).toBeDisabled();
});

test("every shift of the channel has its error, and a press uses it", async ({ page }) => {
  await open(page);
  const chosen = Number(await shift(page).innerText());
  const rows = page.locator("sw-shift-errors tbody tr");
  await expect(rows).toHaveCount(16);
  await expect(rows.nth(chosen)).toContainText("in use");
  await page.getByRole("button", { name: `Use shift ${chosen - 2}`, exact: true }).click();
  await expect(shift(page)).toHaveText(String(chosen - 2));
  await expect(rows.nth(chosen - 2)).toContainText("in use");
  // The best of the others is what the rule had chosen.
  await expect(rows.nth(chosen)).toContainText("runner-up");
});

test("the span shown can be zoomed and moved with the keyboard", async ({ page }) => {
  await open(page);
  const [first, last] = [page.getByLabel("First channel shown"), page.getByLabel("Last channel shown")];
  const total = Number(await last.getAttribute("aria-valuenow"));
  await expect(first).toHaveAttribute("aria-valuenow", "1");
  await chart(page).focus();
  await page.keyboard.press("+");
  await expect(last).not.toHaveAttribute("aria-valuenow", String(total));
  await page.keyboard.press("0");
  await expect(last).toHaveAttribute("aria-valuenow", String(total));
  await first.focus();
  await page.keyboard.press("Shift+ArrowRight");
  await expect(first).toHaveAttribute("aria-valuenow", "11");
});

test("weights and maps say the value under the keyboard's cursor", async ({ page }) => {
  await open(page, "#v=1&view=weights");
  await page.getByRole("application", { name: /Weights of channel/ }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText(/input channel 0, row 0, column 0:/)).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText(/row 0, column 1:/)).toBeVisible();
  await page.getByRole("tab", { name: "Maps" }).click();
  await page.getByRole("application", { name: /Output channel/ }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByText("row 1, column 0")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("row 1, column 0")).toBeHidden();
});

test("hovering previews a value, a click pins it, and Escape takes the pin out", async ({ page }) => {
  await open(page, "#v=1&view=weights");
  const said = page.getByText(/row 0, column 0/);
  for (const tab of ["Weights", "Maps"]) {
    await page.getByRole("tab", { name: tab }).click();
    const sheet = page.getByRole("tabpanel", { name: tab }).getByRole("img").first();
    const corner = { position: { x: 2, y: 2 } };
    await sheet.hover(corner);
    await expect(said).toBeVisible();
    await page.getByRole("tab", { name: tab }).hover();
    await expect(said).toBeHidden();
    await sheet.click(corner);
    await page.getByRole("tab", { name: tab }).hover();
    await expect(said).toBeVisible();
    await page.getByRole("tabpanel", { name: tab }).getByRole("application").press("Escape");
    await expect(said).toBeHidden();
  }
});

test("axe finds nothing in any view", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  for (const tab of ["Ranges", "Weights", "Maps"]) {
    await page.getByRole("tab", { name: tab }).click();
    await page.getByRole("tabpanel", { name: tab }).getByText("As a table").first().click();
    // What is pinned is part of it.
    if (tab !== "Ranges") await page.getByRole("tabpanel", { name: tab }).getByRole("application").press("ArrowRight");
    expect(await violations(page, ["sw-app", "sw-layer"]), tab).toEqual([]);
  }
});

test("on a phone no view is wider than the screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const view of ["ranges", "weights", "maps"] as const) {
    await open(page, `#v=1&view=${view}`);
    await reload(page);
    await expect(page.getByRole("tabpanel").getByText("As a table").first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(390);
  }
});
