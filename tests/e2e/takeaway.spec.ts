// What can be taken away: charts and tables as files, the page's address, the report; and what links bring back.

import { readFile } from "node:fs/promises";
import type { Download, Locator, Page } from "@playwright/test";
import { violationsInThemes } from "./axe.ts";
import { answer, expect, open, test } from "./fixtures.ts";

test.use({ counts: false });

async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string; bytes: Buffer }> {
  const [download]: [Download, void] = await Promise.all([page.waitForEvent("download"), press()]);
  const bytes = await readFile(await download.path());
  return { name: download.suggestedFilename(), text: bytes.toString("utf8"), bytes };
}

const menu = (within: Locator): Locator => within.locator("sw-take summary");

test("a drawn chart is saved as a picture that stands by itself, and its table as CSV", async ({ page }) => {
  await open(page);
  const ruler = page.locator("sw-ranges-view sw-ruler");
  await menu(ruler).click();
  const svg = await saved(page, () => ruler.getByRole("button", { name: "Picture (SVG)" }).click());
  expect(svg.name).toMatch(/^.*-layer-\d+-.*-ruler\.svg$/);
  // Another document draws it, without this page's styles.
  const drawn = await page.evaluate(async (source) => {
    const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
    await image.decode();
    return {
      texts: [...parsed.querySelectorAll("text")].map(({ textContent }) => textContent).join(" "),
      styled: parsed.querySelector("svg svg path")?.getAttribute("style") ?? "",
      width: image.naturalWidth,
      failed: parsed.querySelector("parsererror") !== null,
    };
  }, svg.text);
  expect(drawn).toMatchObject({ failed: false });
  expect(drawn.texts).toContain("Layer-wise");
  expect(drawn.texts).toContain("127");
  expect(drawn.styled).toContain("fill:");
  expect(drawn.width).toBeGreaterThan(200);

  await menu(ruler).click();
  const csv = await saved(page, () => ruler.getByRole("button", { name: "Table (CSV)" }).click());
  expect(csv.name).toMatch(/-ruler\.csv$/);
  const [head, first] = csv.text.split("\r\n");
  expect(head).toBe("Weight,Layer-wise,Shift-wise");
  expect(first?.split(",").map(Number).every(Number.isFinite)).toBe(true);
  await expect(ruler.locator("details.twin")).not.toHaveAttribute("open");
});

test("a painted chart is saved in pixels, and a table that is made when it is opened as CSV", async ({ page }) => {
  await open(page);
  const view = page.locator("sw-ranges-view");
  const take = view.locator("> sw-take").or(view.locator("sw-take[chart=ranges]"));
  await take.locator("summary").focus();
  await page.keyboard.press("Enter");
  const width = (await view.locator("sw-ranges").boundingBox())?.width ?? 0;
  const png = await saved(page, () => take.getByRole("button", { name: /PNG/ }).press("Enter"));
  expect(png.name).toMatch(/-channel-ranges\.png$/);
  expect(png.bytes.readUInt32BE(16)).toBeGreaterThanOrEqual(2 * Math.floor(width));
  await take.locator("summary").click();
  const csv = await saved(page, () => take.getByRole("button", { name: "Table (CSV)" }).click());
  const rows = csv.text.trimEnd().split("\r\n");
  const channels = await page.locator("sw-why h2").innerText();
  expect(rows).toHaveLength(Number(/of (\d+)/.exec(channels)?.[1]) + 1);
  // Escape closes the menu and nothing else.
  await take.locator("summary").click();
  await page.keyboard.press("Escape");
  await expect(take.locator("details")).not.toHaveAttribute("open");
  await expect(take.locator("summary")).toBeFocused();
});

test("the link brings everything back", async ({ page }) => {
  await open(page, "#v=1&shift=2&weights=7&activations=8&picture=4&node=2&channel=1&view=maps&multiplier=12");
  await page.getByText("Share", { exact: true }).click();
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  const other = await page.context().newPage();
  await open(other, link);
  await expect(other.getByLabel("Shift bits")).toHaveValue("2");
  await expect(other.getByRole("heading", { name: "Layer 2:" })).toBeVisible();
  await expect(other.getByRole("tab", { name: "Maps" })).toHaveAttribute("aria-selected", "true");
  await other.getByText("More", { exact: true }).click();
  await expect(other.getByLabel("Multiplier bits")).toHaveValue("12");
});

test("link, Markdown and iframe are copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page);
  await page.getByText("Share", { exact: true }).click();
  const copied = async (name: string) => {
    await page.getByRole("button", { name }).click();
    await expect(page.getByText("Copied", { exact: true })).toBeVisible();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const link = await copied("Copy link");
  expect(link).toMatch(/^http:.*\/some\/folder\/.*#v=1&shift=4/);
  expect(await copied("Copy Markdown")).toContain(`](${link})`);
  expect(await copied("Copy iframe")).toMatch(/^<iframe src="http/);
});

test("the report opens by itself, with nothing that runs", async ({ page, browser }) => {
  await open(page);
  await page.getByText("Share", { exact: true }).click();
  const { name, text } = await saved(page, () => page.getByRole("button", { name: "Report (HTML)" }).click());
  expect(name).toMatch(/-report\.html$/);
  const headline = (await page.getByRole("heading", { level: 1 }).innerText()).replace(/\s+/g, " ").trim();
  const alone = await browser.newContext({ offline: true, javaScriptEnabled: false });
  const reader = await alone.newPage();
  await reader.setContent(text);
  await expect(reader.getByRole("heading", { level: 1 })).toHaveText(headline);
  await expect(reader.locator("script")).toHaveCount(0);
  expect(await reader.locator("figure svg").count()).toBeGreaterThan(3);
  await expect(reader.locator("img.picture")).toBeVisible();
  const layers = await page.locator("sw-network tbody tr").count();
  await expect(reader.locator("table").last().locator("tbody tr")).toHaveCount(layers);
  await alone.close();

  const json = await saved(page, () => page.getByRole("button", { name: "Report (JSON)" }).click());
  const report = JSON.parse(json.text) as { version: number; verdict: string; layers: unknown[] };
  expect(report).toMatchObject({ version: 1, verdict: headline });
  expect(report.layers).toHaveLength(layers);
});

/** Puts the digits where no bundle would look for them. */
async function elsewhere(page: Page): Promise<void> {
  await page.route("**/elsewhere/digits.*", (route) =>
    route.fulfill({ path: `www/models/digits/${new URL(route.request().url()).pathname.split("/").at(-1)}` }),
  );
  await page.route("**/elsewhere/*.png", (route) =>
    route.fulfill({ path: `www/models/digits/${new URL(route.request().url()).pathname.split("/").at(-1)}` }),
  );
}

test("a model is opened from an address, and its link keeps it", async ({ page }) => {
  await elsewhere(page);
  await open(page, "#v=1&shift=3&picture=7&model=elsewhere/digits.onnx");
  await expect(answer(page, "Float")).not.toBeEmpty();
  await expect(page.getByLabel("Shift bits")).toHaveValue("3");
  await expect(page.locator("sw-draw")).toHaveCount(0);
  await page.getByRole("list", { name: "Pictures to try" }).getByRole("button").nth(2).click();
  await expect(page).toHaveURL(/shift=3&.*picture=2.*model=elsewhere%2Fdigits\.onnx/);
});

test("a model that cannot be fetched gets one sentence, and the page shows its own", async ({ page }) => {
  await open(page, "#v=1&model=http://other.example/net.onnx");
  await expect(page.getByRole("alert")).toContainText(
    "'http://other.example/net.onnx' is no address that a model can be fetched from; use one that starts with https://",
  );
  await expect(answer(page, "Float")).not.toBeEmpty();
});

test("axe finds nothing in the menus in either theme", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  for (const summary of [page.getByText("Share", { exact: true }), page.getByText("More", { exact: true })]) {
    await summary.click();
    expect(await violationsInThemes(page, ["sw-app", "sw-header"], ["sw-app", "sw-stage", "sw-knobs"])).toEqual([]);
  }
});
