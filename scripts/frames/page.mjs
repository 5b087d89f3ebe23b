// The ranges chart of a model's widest layer, used as a visitor uses it, while Chromium records.

import { existsSync } from "node:fs";
import { launchOptions, loadSections } from "../lib/browser.mjs";
import { Failure } from "../lib/run.mjs";
import { serve } from "../lib/serve.mjs";
import { CATEGORIES } from "./trace.mjs";

/** How long each use lasts, and how often the pointer says where it is: more often than frames are made. */
const LASTS = 3000;
const EVERY = 8;

/**
 * Opens the model in the page of `dist`, and uses its widest layer's chart in each way that there is.
 *
 * @param {string} dist
 * @param {string} model path of an ONNX file; a manifest beside it is used
 * @param {string[]} pictures paths
 */
export async function recordUses(dist, model, pictures) {
  const { chromium } = await import("@playwright/test");
  const server = await serve({ "/": dist });
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, serviceWorkers: "block" });
    await page.goto(`${server.address}index.html`);
    const { layer, channels } = await openWidest(page, model, pictures);
    const traces = [];
    for (const { name, prepare, use } of await uses(page)) {
      await prepare();
      await browser.startTracing(page, { categories: CATEGORIES });
      await use();
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
      traces.push({ name, events: traceEvents });
    }
    return { layer, channels, traces };
  } finally {
    await browser.close();
    server.close();
  }
}

/** Leaves the page with the chart of the layer that has most channels, and with nothing left to count. */
async function openWidest(page, model, pictures) {
  await loadSections(page);
  const manifest = model.replace(/\.onnx$/, ".shiftwise.json");
  const files = [model, ...(existsSync(manifest) ? [manifest] : []), ...pictures];
  await page.locator("sw-header input.files").setInputFiles(files);
  const counted = page.locator("sw-scheme-card").getByText(new RegExp(`of ${pictures.length} pictures?$`));
  await counted.nth(2).waitFor({ timeout: 120_000 });

  const rows = page.locator("sw-network .sheet tbody tr");
  const shapes = await rows.locator(".shape").allInnerTexts();
  const widths = shapes.map((shape) => Number(shape.match(/\d+$/)?.[0] ?? 0));
  const byWidth = [...widths.keys()].sort((a, b) => widths[b] - widths[a]);
  for (const node of byWidth) {
    await rows.nth(node).locator(".layer").click();
    const heading = page.locator("sw-layer h2").filter({ hasText: new RegExp(`^Layer ${node}:`) });
    await heading.waitFor();
    // Other nodes say instead that there is nothing to shift.
    await page.locator("sw-layer p").first().waitFor();
    if ((await page.locator("sw-ranges canvas").count()) > 0) {
      return { layer: await heading.innerText(), channels: widths[node] };
    }
  }
  throw new Failure(`${model} has no layer with weights to show.`);
}

/** Each way to use the chart; before it, what puts it into place. */
async function uses(page) {
  const chart = page.locator("sw-ranges .plot");
  await chart.evaluate((element) => scrollBy(0, element.getBoundingClientRect().top - 100));
  const { x, y, width, height } = await chart.boundingBox();
  const [left, right, middle] = [x + 80, x + width - 80, y + height / 2];
  const strip = await page.locator("sw-overview .strip").boundingBox();
  const band = strip.y + strip.height / 2;
  const { mouse, keyboard } = page;
  /** Back and forth from one point to another, at the pace of a hand. */
  const between = (from, to) => (passed) => from + (to - from) * (0.5 - 0.5 * Math.cos((passed / 750) * Math.PI));
  const zoomTo = async (closer) => {
    await chart.focus();
    await keyboard.press("0");
    for (let i = 0; i < closer; i++) await keyboard.press("+");
  };
  const drag = async (from, to, at) => {
    await mouse.move(from, at);
    await mouse.down();
    const path = between(from, to);
    await repeat((passed) => mouse.move(path(passed), at));
    await mouse.up();
  };
  // Below the marks, where nothing is taken hold of.
  const free = y + height - 30;
  return [
    {
      name: "hover",
      prepare: () => zoomTo(0),
      use: () => {
        const path = between(left, right);
        return repeat((passed) => mouse.move(path(passed), middle));
      },
    },
    { name: "pan, an eighth of the channels", prepare: () => zoomTo(3), use: () => drag(left, right, free) },
    { name: "pan, half of the channels", prepare: () => zoomTo(1), use: () => drag(left, right, free) },
    {
      name: "zoom",
      prepare: () => zoomTo(0),
      use: async () => {
        await mouse.move((left + right) / 2, middle);
        await keyboard.down("Control");
        await repeat((passed) => mouse.wheel(0, Math.floor(passed / 1000) % 2 === 0 ? -16 : 16));
        await keyboard.up("Control");
      },
    },
    { name: "brush, a new span", prepare: () => zoomTo(0), use: () => drag(left, right, band) },
    { name: "brush, its window moved", prepare: () => zoomTo(1), use: () => drag((left + right) / 2, left, band) },
  ];
}

/** Acts again and again without waiting for an answer, as a hand does. */
async function repeat(act) {
  const begin = performance.now();
  const acts = [];
  for (let passed = 0; passed < LASTS; passed = performance.now() - begin) {
    acts.push(act(passed));
    await new Promise((done) => setTimeout(done, EVERY));
  }
  await Promise.all(acts);
}
