// Many pictures at once: the pool of Workers, the grid, folders of pictures, curves, confusion, confidence.

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Locator, Page } from "@playwright/test";
import { violationsInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test.describe.configure({ timeout: 240_000 });

const section = (page: Page): Locator => page.getByRole("region", { name: "Many pictures" });
const cells = (page: Page): Locator => page.locator("sw-grid button.cell");
const chip = (page: Page, name: string): Locator => section(page).getByRole("button", { name });
const countIn = async (locator: Locator) =>
  Number((await locator.innerText()).match(/[\d\u202f]+$/)?.[0].replace("\u202f", ""));

/** Opens the page and waits until every scheme has answered for every picture. */
async function counted(page: Page, place = ""): Promise<void> {
  await page.goto(place);
  await expect(page.getByRole("article", { name: "Channel-wise", exact: true }).getByText("of 200 test")).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText("Stop counting")).toHaveCount(0, { timeout: 60_000 });
}

/** Every answer with its confidence, as the grid's table tells them. */
async function answers(page: Page): Promise<string[]> {
  await section(page).locator("details.answers > summary").click();
  const rows = section(page).locator("details.answers tbody tr");
  await expect(rows).toHaveCount(200);
  return rows.allInnerTexts();
}

async function withCores(page: Page, cores: number): Promise<void> {
  await page.addInitScript(
    (value) => Object.defineProperty(navigator, "hardwareConcurrency", { get: () => value }),
    cores,
  );
}

test("the answers do not depend on the number of Workers", async ({ browser, page, baseURL }) => {
  await withCores(page, 1);
  await counted(page);
  expect(page.workers()).toHaveLength(2);
  const alone = await answers(page);
  const context = await browser.newContext({ baseURL: baseURL ?? "" });
  const other = await context.newPage();
  await withCores(other, 3);
  await counted(other);
  expect(other.workers()).toHaveLength(4);
  expect(await answers(other)).toEqual(alone);
  await context.close();
});

test("only the page's own Worker is started before the four answers are there", async ({ page }) => {
  await withCores(page, 4);
  await page.addInitScript(() => {
    const known: boolean[] = [];
    const Original = window.Worker;
    window.Worker = class extends Original {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        const stage = document.querySelector("sw-app")?.shadowRoot?.querySelector("sw-stage");
        const cards = [...(stage?.shadowRoot?.querySelectorAll("sw-scheme-card") ?? [])];
        known.push(cards.length === 4 && cards.every((card) => card.shadowRoot?.querySelector(".answer strong")));
      }
    };
    Object.assign(window, { known });
  });
  await counted(page);
  const known = await page.evaluate(() => (window as unknown as { known: boolean[] }).known);
  expect(known).toEqual([false, true, true, true, true]);
});

test("filters find what shift-wise repairs, and a click shows the picture on the stage", async ({ page }) => {
  await counted(page);
  const [broken, repaired] = [chip(page, "float right, layer-wise wrong"), chip(page, "shift-wise repairs")];
  expect(await countIn(chip(page, "all,"))).toBe(200);
  expect(await countIn(broken)).toBeGreaterThan(100);
  expect(await countIn(repaired)).toBeGreaterThan(100);
  await repaired.click();
  await expect(repaired).toHaveAttribute("aria-pressed", "true");
  const third = cells(page).nth(2);
  const truth = (await third.getAttribute("aria-label"))?.match(
    /it is (\d).*Layer-wise (\d) \(wrong\), Shift-wise (\d),/,
  );
  expect(truth?.[1]).toBe(truth?.[3]);
  await third.click();
  await expect(third).toHaveAttribute("aria-pressed", "true");
  const answer = (scheme: string) => page.getByRole("article", { name: scheme, exact: true }).locator(".answer strong");
  await expect(answer("Layer-wise")).toHaveText(truth?.[2] ?? "");
  await expect(answer("Shift-wise")).toHaveText(truth?.[3] ?? "");
});

test("classes can be chosen, and what nothing is like is said", async ({ page }) => {
  await counted(page);
  await section(page).getByRole("combobox", { name: "Class" }).selectOption("3");
  const threes = await countIn(chip(page, "all,"));
  expect(threes).toBeGreaterThan(5);
  expect(threes).toBeLessThan(40);
  await expect(cells(page).first()).toHaveAttribute("aria-label", /it is 3/);
  await chip(page, "all wrong").click();
  await expect(section(page).getByText("No picture is like this.")).toBeVisible();
});

test("the grid is walked by keyboard, and draws only what is in view", async ({ page }) => {
  await counted(page);
  expect(await cells(page).count()).toBeLessThan(160);
  await cells(page).first().focus();
  await page.keyboard.press("ArrowRight");
  await expect(cells(page).nth(1)).toBeFocused();
  await page.keyboard.press("End");
  const last = page.locator('sw-grid button[data-place="199"]');
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/picture=199/);
  await page.keyboard.press("Home");
  await expect(page.locator('sw-grid button[data-place="0"]')).toBeFocused();
});

test("confusion counts every picture once, and float's are on the diagonal", async ({ page }) => {
  await counted(page);
  const sums = async (scheme: string) => {
    const cell = section(page)
      .getByRole("region", { name: `${scheme}: classes taken` })
      .locator("td");
    const all = (await cell.allInnerTexts()).map(Number);
    const diagonal = all.filter((_, i) => i % 11 === 0);
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    return [sum(all), sum(diagonal)];
  };
  const [all, right] = await sums("Float");
  expect(all).toBe(200);
  expect(right).toBeGreaterThanOrEqual(196);
  const [, lost] = await sums("Layer-wise");
  expect(lost).toBeLessThan(100);
});

test("curves show how many shift bits it takes, and can be stopped", async ({ page }) => {
  await counted(page);
  await section(page)
    .getByRole("button", { name: /^Draw the curves/ })
    .click();
  await section(page).getByRole("button", { name: "Cancel" }).click();
  await section(page).getByRole("button", { name: "Draw again" }).click();
  await expect(section(page).getByText(/^running/)).toHaveCount(0, { timeout: 90_000 });
  const chart = section(page).getByRole("slider", { name: /^Shift bits/ });
  await chart.focus();
  await page.keyboard.press("Home");
  const shares = async () => {
    const said = (await chart.getAttribute("aria-valuetext")) ?? "";
    return Object.fromEntries(
      [...said.matchAll(/(\S+-wise|Float) ([\d.]+)%/g)].map(([, name, share]) => [name, Number(share)]),
    );
  };
  const none = await shares();
  expect(none["Shift-wise"]).toBe(none["Layer-wise"]);
  await page.keyboard.press("End");
  const most = await shares();
  expect(most["Shift-wise"]).toBeGreaterThan(95);
  expect(most["Layer-wise"]).toBe(none["Layer-wise"]);
  await expect(section(page).locator("sw-lines").nth(1).locator("svg path.line")).toHaveCount(4);
  await page.getByLabel("Weight bits").first().fill("6");
  await expect(section(page).getByText("These curves belong to other pictures or settings.")).toBeVisible();
});

test("whether confidence is earned is told for every scheme", async ({ page }) => {
  await counted(page);
  const errors = await section(page).locator("sw-reliability figcaption .num").allInnerTexts();
  const [float, layer] = errors.map((error) => parseFloat(error.match(/[\d.]+/)?.[0] ?? ""));
  expect(errors).toHaveLength(4);
  expect(layer).toBeGreaterThan((float ?? Infinity) + 10);
});

/** A folder with one folder for each of some classes, holding pictures of the bundled test set. */
async function folderOfClasses(page: Page): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "shiftwise-many-"));
  const pictures = page.getByRole("list", { name: "Pictures to try" }).getByRole("button");
  for (let i = 0; i < 12; i++) {
    const picture = pictures.nth(i);
    const label = (await picture.getAttribute("aria-label"))?.split(": ")[1] ?? "";
    const address = (await picture.locator("img").getAttribute("src")) ?? "";
    mkdirSync(path.join(folder, label), { recursive: true });
    writeFileSync(path.join(folder, label, `${i}.png`), Buffer.from(address.split(",")[1] ?? "", "base64"));
  }
  writeFileSync(path.join(folder, "notes.md"), "not a picture");
  return folder;
}

test("a folder with one folder for each class brings pictures and labels", async ({ page }) => {
  await counted(page);
  const folder = await folderOfClasses(page);
  await section(page).locator("input[type=file]").setInputFiles(folder);
  const float = page.getByRole("article", { name: "Float", exact: true });
  await expect(float.getByText("of 12 test pictures")).toBeVisible({ timeout: 30_000 });
  expect(parseFloat(await float.locator(".figure").innerText())).toBeGreaterThan(80);
  await expect(cells(page)).toHaveCount(12);
});

test("labels.csv tells what is on pictures, or which line is wrong", async ({ page }) => {
  await counted(page);
  const address = await page.getByRole("list", { name: "Pictures to try" }).locator("img").first().getAttribute("src");
  const buffer = Buffer.from(address?.split(",")[1] ?? "", "base64");
  const picture = { name: "a.png", mimeType: "image/png", buffer };
  const csv = (text: string) => ({ name: "labels.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  const files = page.locator("sw-header input.files");
  await files.setInputFiles([picture, csv("file,label\na.png,2\n")]);
  await expect(cells(page)).toHaveCount(1);
  await expect(cells(page)).toHaveAttribute("aria-label", /^a.png, it is 2: Float 2/);
  await files.setInputFiles([picture, csv("file,label\na.png,12\n")]);
  await expect(page.getByRole("alert")).toContainText("labels.csv line 2: label 12 is out of range: the model has 10");
  await expect(cells(page)).toHaveCount(1);
});

test("axe finds nothing with every table and curve open in either theme", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await counted(page);
  await section(page)
    .getByRole("button", { name: /^Draw the curves/ })
    .click();
  await expect(section(page).getByText(/^running/)).toHaveCount(0, { timeout: 120_000 });
  await chip(page, "all wrong").click();
  for (const twin of await section(page).getByText("As a table").all()) await twin.click();
  expect(await violationsInThemes(page, ["sw-app", "sw-many"])).toEqual([]);
});

test("on a phone nothing is wider than the screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await counted(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
