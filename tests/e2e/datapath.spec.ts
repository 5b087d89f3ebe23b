// One output number through the datapath: the blocks, the steps, and the same JSON as the command line's.

import { execFileSync } from "node:child_process";
import type { Locator, Page } from "@playwright/test";
import { violationsInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test.use({ counts: false });

const NODE = 6;
const CHANNEL = 3;

async function open(page: Page, more = ""): Promise<Locator> {
  await page.goto(`#v=1&node=${NODE}&channel=${CHANNEL}${more}`);
  const view = page.locator("sw-datapath");
  await expect(view.locator("sw-lanes li").first()).toBeVisible({ timeout: 30_000 });
  return view;
}

/** The copied trace of a scheme, as text. */
async function copy(view: Locator, scheme: string): Promise<string> {
  const button = view.getByRole("button", { name: `Copy this trace of ${scheme}` });
  await button.click();
  await expect(button).toHaveText("Copied");
  return view.page().evaluate(() => navigator.clipboard.readText());
}

const slider = (view: Locator) => view.getByRole("slider", { name: "Step of the datapath" });
const field = (view: Locator, name: string) => view.getByRole("spinbutton", { name: new RegExp(`^${name}`) });
/** What a block holds, main scheme first. */
const value = (view: Locator, block: string, lane = 0) => view.locator(`#block-${block} .value`).nth(lane);

for (const profile of ["npu", "tflite", "ort"]) {
  test(`profile ${profile}: the copied JSON is the command line's, byte for byte`, async ({ page, context }) => {
    test.setTimeout(300_000);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const view = await open(page, `&profile=${profile}`);
    await field(view, "Row").fill("2");
    await field(view, "Row").press("Enter");
    await field(view, "Column").fill("5");
    await field(view, "Column").press("Enter");
    for (const scheme of ["shift-wise", "layer-wise"]) {
      const trace = `trace --bundled digits --node ${NODE} --pixel 2,5 --channel ${CHANNEL} --json`;
      const args = `run --quiet --bin shiftwise -- ${trace} --scheme ${scheme} --profile ${profile}`;
      const printed = execFileSync("cargo", args.split(" "), {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      });
      await expect.poll(() => copy(view, scheme)).toBe(printed.trimEnd());
    }
  });
}

test("the blocks show what an engineer would work out from the trace", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const view = await open(page);
  const trace = JSON.parse(await copy(view, "shift-wise"));
  const sum = trace.taps.reduce(
    (total: number, tap: { activation: number; weight: number }) =>
      total + (tap.activation - trace.input_zero_point) * tap.weight,
    trace.bias,
  );
  const places = BigInt(trace.rescale.shift + trace.rescale.channel_shift);
  const product = BigInt(sum) * BigInt(trace.rescale.multiplier);
  const rescaled = (product + (1n << (places - 1n))) >> places;
  const placed = Number(rescaled) + trace.output_zero_point;
  const byte = Math.max(trace.min, Math.min(trace.max, placed));

  const shown = async (block: string) =>
    Number((await value(view, block).innerText()).replace("\u2212", "-").replaceAll("\u2009", ""));
  expect(await shown("bias")).toBe(sum);
  expect(await shown("multiply")).toBe(Number(product));
  expect(await shown("shift")).toBe(Number(rescaled));
  expect(await shown("zero")).toBe(placed);
  expect(await shown("output")).toBe(byte);

  await view.getByRole("button", { name: "hex" }).click();
  const hex = byte.toString(16).toUpperCase().padStart(2, "0");
  await expect(value(view, "output")).toHaveText(`0x${hex}`);
  await view.getByRole("button", { name: "bits" }).click();
  const bits = byte.toString(2).padStart(8, "0");
  await expect(value(view, "output")).toHaveText(`${bits.slice(0, 4)}\u2009${bits.slice(4)}`);
  // As many cells fall off as the shift has places.
  await expect(view.locator("#block-shift sw-block").first().locator("i.off")).toHaveCount(Number(places));
});

test("can be stepped through by keyboard, product by product and block by block", async ({ page }) => {
  const view = await open(page);
  await slider(view).focus();
  await page.keyboard.press("Home");
  await expect(slider(view)).toHaveAttribute("aria-valuetext", "0 of 9 products added");
  await expect(value(view, "accumulator")).toHaveText("0");
  await expect(value(view, "output")).toHaveText("\u00b7");
  await page.keyboard.press("ArrowRight");
  await expect(slider(view)).toHaveAttribute("aria-valuetext", "1 of 9 products added");
  const product = await view.locator("#block-buffer tr.current .product").first().innerText();
  await expect(value(view, "accumulator")).toHaveText(product.trim());
  for (let i = 0; i < 9; i++) await page.keyboard.press("ArrowRight");
  await expect(slider(view)).toHaveAttribute("aria-valuetext", "all 9 products, then + bias");
  await expect(view.locator("#block-bias")).toHaveAttribute("aria-current", "step");
  await page.keyboard.press("End");
  await expect(value(view, "output")).not.toHaveText("\u00b7");
  await view.getByRole("button", { name: "\u00d7 M" }).press("Enter");
  await expect(value(view, "multiply")).not.toHaveText("\u00b7");
  await expect(value(view, "shift")).toHaveText("\u00b7");
});

test("plays to the output, and stops when it is touched", async ({ page }) => {
  const view = await open(page);
  await view.getByRole("button", { name: "Play" }).click();
  await expect(slider(view)).toHaveAttribute("aria-valuetext", /^[1-8] of 9 products/);
  await view.getByRole("button", { name: "Pause" }).click();
  const at = await slider(view).getAttribute("aria-valuetext");
  await view.getByRole("button", { name: "One step back" }).click();
  await expect(slider(view)).not.toHaveAttribute("aria-valuetext", at ?? "");
  await view.getByRole("button", { name: "Play" }).click();
  await expect(view.getByRole("button", { name: "Play" })).toBeVisible({ timeout: 20_000 });
  await expect(value(view, "output")).not.toHaveText("\u00b7");
});

test("where motion is reduced nothing plays by itself", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const view = await open(page);
  await expect(view.getByRole("button", { name: "Play" })).toHaveCount(0);
  await view.getByRole("button", { name: "One step back" }).click();
  await expect(value(view, "output")).toHaveText("\u00b7");
});

test("pixel, channel and schemes can be chosen", async ({ page }) => {
  const view = await open(page);
  const map = view.locator("sw-pixel-map .frame");
  const box = await map.boundingBox();
  if (!box) throw new Error("no map");
  await map.click({ position: { x: 2, y: box.height - 3 } });
  await expect(field(view, "Row")).toHaveValue("7");
  await expect(field(view, "Column")).toHaveValue("0");
  // The corner's window reaches over the edge.
  await expect(view.getByText("padding").first()).toBeVisible();
  await field(view, "Row").fill("99");
  await field(view, "Row").press("Enter");
  await expect(field(view, "Row")).toHaveValue("7");
  await field(view, "Channel").fill("5");
  await field(view, "Channel").press("Enter");
  await expect(page.getByRole("heading", { name: "Channel 5 on the ruler" })).toBeVisible();
  await view.getByRole("combobox", { name: "Beside it" }).selectOption("channel-wise");
  await expect(view.locator(".heads strong").nth(1)).toHaveText("Channel-wise");
  await view.getByRole("combobox", { name: "Scheme", exact: true }).selectOption("channel-wise");
  await expect(view.locator(".heads strong").nth(1)).toHaveText("Shift-wise");
});

test("every product is in the table, and the products add up", async ({ page }) => {
  const view = await open(page);
  await view.getByText("As a table").click();
  const rows = view.locator("sw-tap-table tbody tr");
  await expect(rows).toHaveCount(9);
  const numbers = async (column: number) =>
    (await rows.locator(`td:nth-child(${column})`).allInnerTexts()).map((cell) =>
      Number(cell.replace("\u2212", "-").replaceAll("\u2009", "")),
    );
  let sum = 0;
  const sums = (await numbers(7)).map((product) => (sum += product));
  expect(await numbers(8)).toEqual(sums);
});

test("a node without weights says why there is nothing to follow", async ({ page }) => {
  await page.goto("#v=1&node=8");
  await expect(page.getByText("Only layers with weights multiply and accumulate.")).toBeVisible();
});

test("axe finds nothing in either theme", async ({ page }) => {
  const view = await open(page);
  await view.getByText("As a table").click();
  expect(await violationsInThemes(page, ["sw-app", "sw-datapath"])).toEqual([]);
});

test("fits a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const view = await open(page);
  for (const base of ["decimal", "hex", "bits"]) {
    await view.getByRole("button", { name: base }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }
});
