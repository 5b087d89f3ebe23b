// The page as a visitor meets it: with the bundled digit model, its pictures and its pen.

import type { Locator, Page } from "@playwright/test";
import { expect, holdCounting, test } from "./fixtures.ts";

test.use({ counts: false });

const card = (page: Page, scheme: string): Locator => page.getByRole("article", { name: scheme, exact: true });
const answer = (page: Page, scheme: string): Locator => card(page, scheme).locator(".answer strong");
const figure = (page: Page, scheme: string): Locator => card(page, scheme).locator(".figure");

async function open(page: Page, place = ""): Promise<void> {
  await page.goto(place);
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
}

/** Waits until every picture has been counted, and returns the accuracy in per cent. */
async function accuracy(page: Page, scheme: string): Promise<number> {
  await expect(card(page, scheme).getByText("of 200 test pictures")).toBeVisible({ timeout: 30_000 });
  return parseFloat(await figure(page, scheme).innerText());
}

test("shows its bones before the engine has started", async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*.js", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("", { waitUntil: "commit" });
  await expect(page.getByText("Starting the engine …")).toBeVisible();
  await expect(page.getByText("Channel-wise")).toBeVisible();
  release();
  await expect(answer(page, "Float")).toBeVisible();
});

test("the wasm module is served so that it compiles while it streams in", async ({ page }) => {
  const wasm = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await open(page);
  expect((await wasm).headers()["content-type"]).toBe("application/wasm");
});

test("opens with a result: float right, layer-wise wrong, shift-wise right", async ({ page }) => {
  await open(page);
  await expect(card(page, "Float").locator(".judgement")).toHaveText(/right/);
  await expect(card(page, "Layer-wise").locator(".judgement")).toHaveText(/wrong/);
  await expect(card(page, "Shift-wise").locator(".judgement")).toHaveText(/right/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    /Float sees .*Layer-wise sees .*Shift-wise sees .* again/s,
  );
  await expect(page.getByText("One scale crushes narrow channels; a shift restores them.")).toBeVisible();
});

test("an address brings back knobs, picture, layer and channel", async ({ page }) => {
  await open(page, "#v=1&shift=2&weights=7&activations=6&picture=4&node=2&channel=1");
  await expect(page.getByLabel("Shift bits")).toHaveValue("2");
  await expect(page.getByLabel("Weight bits")).toHaveValue("7");
  await expect(page.getByLabel("Activation bits")).toHaveValue("6");
  await expect(page.getByRole("list", { name: "Pictures to try" }).getByRole("button").nth(4)).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(page.getByRole("heading", { name: "Layer 2:" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Channel 1 on the ruler" })).toBeVisible();
});

test("another picture can be chosen by pointer and by keyboard", async ({ page }) => {
  await open(page);
  const pictures = page.getByRole("list", { name: "Pictures to try" }).getByRole("button");
  const digit = async (i: number) => (await pictures.nth(i).getAttribute("aria-label"))?.split(": ")[1] ?? "";
  await pictures.nth(2).click();
  await expect(answer(page, "Float")).toHaveText(await digit(2));
  await page.keyboard.press("ArrowRight");
  await expect(pictures.nth(3)).toBeFocused();
  await expect(pictures.nth(3)).toHaveAttribute("aria-pressed", "true");
  await expect(answer(page, "Float")).toHaveText(await digit(3));
});

test("a drawn digit is recognised while it is drawn", async ({ page }) => {
  await open(page);
  const surface = page.getByRole("img", { name: /Drawing surface/ });
  const box = await surface.boundingBox();
  if (!box) throw new Error("the drawing surface is not visible");
  const at = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  // A seven: across, then down.
  await page.mouse.move(...at(0.3, 0.22));
  await page.mouse.down();
  await page.mouse.move(...at(0.7, 0.22), { steps: 8 });
  await page.mouse.move(...at(0.45, 0.82), { steps: 12 });
  await page.mouse.up();
  await expect(answer(page, "Float")).toHaveText("7");
  await expect(answer(page, "Shift-wise")).toHaveText("7");
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Draw a digit and watch the four answers.");
});

test("a file that is no model gets one sentence, and the page goes on", async ({ page }) => {
  await open(page);
  const before = await answer(page, "Float").innerText();
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["this is not a model"], "broken.onnx"));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
  });
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("[not-onnx]");
  await expect(answer(page, "Float")).toHaveText(before);
  await page.getByRole("list", { name: "Pictures to try" }).getByRole("button").nth(1).click();
  await expect(page.getByRole("list", { name: "Pictures to try" }).getByRole("button").nth(1)).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await alert.getByRole("button", { name: "Close" }).click();
  await expect(alert).toHaveCount(0);
});

test("a file that is neither model nor picture, and a picture that is none, are named", async ({ page }) => {
  await open(page);
  const files = page.locator("sw-header input.files");
  await files.setInputFiles({ name: "thesis.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF") });
  await expect(page.getByRole("alert")).toContainText("'thesis.pdf' is neither a model nor a picture");
  await files.setInputFiles({ name: "cat.png", mimeType: "image/png", buffer: Buffer.from("not a picture") });
  await expect(page.getByRole("alert")).toContainText("'cat.png' cannot be read as a picture");
  await files.setInputFiles({ name: "labels.txt", mimeType: "text/plain", buffer: Buffer.from("") });
  await expect(page.getByRole("alert")).toContainText("the label file is empty");
  await expect(answer(page, "Float")).not.toBeEmpty();
});

test("label files rename the classes", async ({ page }) => {
  await open(page);
  const names = Array.from({ length: 10 }, (_, i) => `digit ${i}`).join("\n");
  const labels = { name: "labels.txt", mimeType: "text/plain", buffer: Buffer.from(names) };
  await page.locator("sw-header input.files").setInputFiles(labels);
  await expect(answer(page, "Float")).toHaveText(/^digit \d$/);
});

test("layers are chosen by keyboard, channels too", async ({ page }) => {
  await open(page);
  const rows = page.getByRole("table").filter({ hasText: "SQNR" }).first().locator("tbody button");
  await rows.first().focus();
  await page.keyboard.press("Home");
  await expect(page.getByRole("heading", { name: "Layer 0:" })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await expect(rows.nth(1)).toHaveAttribute("aria-current", "true");
  await expect(page.getByRole("heading", { name: "Layer 1:" })).toBeVisible();

  const channels = page.getByRole("application", { name: /Range of each channel/ });
  await channels.focus();
  await page.keyboard.press("Home");
  const channel = page.getByLabel("Channel", { exact: true });
  const first = await channel.inputValue();
  await page.keyboard.press("ArrowRight");
  await expect(channel).not.toHaveValue(first);
  await expect(page.getByRole("heading", { name: `Channel ${await channel.inputValue()} on the ruler` })).toBeVisible();
  await page.keyboard.press("PageDown");
  await expect(page.getByRole("heading", { name: "Layer 2:" })).toBeVisible();
});

test("the ruler shows fewer levels before the shift than after", async ({ page }) => {
  await open(page);
  const ruler = page.locator("sw-why sw-ruler");
  const levels = async (tag: string) => parseInt(await ruler.locator(`.tag.${tag} .soft`).innerText(), 10);
  const [above, below] = [await levels("above"), await levels("below")];
  expect(above).toBeLessThanOrEqual(5);
  expect(below).toBeGreaterThan(above);
  await ruler.getByRole("button", { name: "×1", exact: true }).click();
  await expect.poll(() => levels("below")).toBe(above);
  await ruler.getByRole("button", { name: /^Shift/ }).click();
  await expect.poll(() => levels("below")).toBe(below);
});

test("preprocessing is shown, checked and changed", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: /Edit preprocessing/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Std" }).fill("0");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(dialog.getByText("not zero: values are divided by it")).toBeVisible();
  await dialog.getByRole("combobox", { name: "Preset" }).selectOption("0..1");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: /Edit preprocessing/ })).toContainText("0..1");
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
});

/** Lets the Workers that count go on. */
const release = (page: Page) => page.evaluate(() => (window as unknown as { release: () => void }).release());

const stopCounting = (page: Page): Locator => page.getByRole("button", { name: "Stop counting" });
const countOn = (page: Page): Locator => page.getByRole("button", { name: "Count on" });

test.describe("counted", () => {
  test.use({ counts: true });

  test("counts right answers over its test pictures in the background", async ({ page }) => {
    await open(page);
    const float = await accuracy(page, "Float");
    expect(float).toBeGreaterThanOrEqual(98);
    expect(await accuracy(page, "Layer-wise")).toBeLessThanOrEqual(float - 40);
    expect(await accuracy(page, "Shift-wise")).toBeGreaterThanOrEqual(float - 2);
    expect(await accuracy(page, "Channel-wise")).toBeGreaterThanOrEqual(float - 2);
  });

  test("counting can be stopped and resumed", async ({ page }) => {
    await page.addInitScript(holdCounting, 200);
    await open(page);
    const soFar = /right, of (\d+) of 200 pictures/;
    const words = card(page, "Float").locator(".score .small");
    await expect(words).toHaveText(soFar);
    await stopCounting(page).click();
    await expect(countOn(page)).toBeVisible();
    await release(page);
    await expect(words).toHaveText(soFar);
    const stopped = await words.innerText();
    expect(Number(soFar.exec(stopped)?.[1])).toBeGreaterThan(0);
    // Looking at another picture is no reason to count on.
    await page.getByRole("list", { name: "Pictures to try" }).getByRole("button").nth(3).click();
    await expect(page).toHaveURL(/picture=3/);
    await expect(countOn(page)).toBeVisible();
    expect(await words.innerText()).toBe(stopped);
    await countOn(page).click();
    expect(await accuracy(page, "Float")).toBeGreaterThanOrEqual(98);
    await expect(countOn(page)).toHaveCount(0);
  });

  test("counting that is stopped before its first picture shows no figure, and can be resumed", async ({ page }) => {
    await page.addInitScript(holdCounting, 0);
    await open(page);
    await stopCounting(page).click();
    await expect(countOn(page)).toBeVisible();
    await expect(figure(page, "Float")).toHaveText("\u2013");
    await release(page);
    await countOn(page).click();
    await expect(figure(page, "Float")).toHaveText(/%$/, { timeout: 30_000 });
  });

  test("without shift bits, shift-wise is layer-wise", async ({ page }) => {
    await open(page);
    const layerWise = await accuracy(page, "Layer-wise");
    expect(await accuracy(page, "Shift-wise")).toBeGreaterThan(layerWise + 40);
    await page.getByLabel("Shift bits").fill("0");
    await expect(answer(page, "Shift-wise")).toHaveText(await answer(page, "Layer-wise").innerText());
    await expect(page.getByText("Without shift bits, shift-wise is layer-wise.")).toBeVisible();
    await expect.poll(() => accuracy(page, "Shift-wise"), { timeout: 30_000 }).toBe(layerWise);
    await expect(page).toHaveURL(/shift=0/);
  });

  test("a picture of the visitor's own is tried, and judged by float", async ({ page }) => {
    await open(page);
    const buffer = await page.getByRole("img", { name: /Drawing surface/ }).screenshot();
    await page.locator("sw-header input.files").setInputFiles({ name: "own.png", mimeType: "image/png", buffer });
    await expect(page.getByRole("list", { name: "Pictures to try" }).getByRole("button")).toHaveCount(1);
    await expect(card(page, "Shift-wise").locator(".judgement")).toHaveText(/as float/);
    await expect(card(page, "Shift-wise").getByText("as float, of 1 picture")).toBeVisible();
  });
});
