// Pictures of the built page for README: what a visitor sees, once everything is counted.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { launchOptions, loadSections } from "./browser.mjs";
import { compress } from "./png.mjs";
import { Failure } from "./run.mjs";
import { serve } from "./serve.mjs";

/** Everybody who looks at the repository loads them. */
const MOST_BYTES = 150e3;

/** `of`: what is in the picture, from its upper edge on; without it, the first screen. Sizes in CSS pixels. */
const pictures = [
  { name: "page", width: 1440, height: 900 },
  { name: "layer", width: 1440, height: 640, of: ".detail" },
  { name: "datapath", width: 1100, height: 1104, of: "sw-datapath" },
];

/**
 * Takes the pictures of the page in `dist`, and returns their files with their sizes.
 *
 * @param {string} dist
 * @param {string} folder
 */
export async function takePictures(dist, folder) {
  const { chromium } = await import("@playwright/test");
  const server = await serve({ "/": dist });
  const browser = await chromium.launch(launchOptions());
  try {
    const taken = [];
    for (const { name, width, height, of } of pictures) {
      const page = await browser.newPage({
        viewport: { width, height },
        colorScheme: "light",
        reducedMotion: "reduce",
        serviceWorkers: "block",
      });
      await page.goto(`${server.address}index.html`);
      await loadSections(page);
      await page.locator("sw-verdict .overall").filter({ hasText: /%\.$/ }).waitFor();
      if (of) {
        await page.locator(of).evaluate((element) => scrollBy(0, element.getBoundingClientRect().top - 16));
        // Charts are painted when they come into view.
        await page.waitForLoadState("networkidle");
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      }
      const file = path.join(folder, `${name}.png`);
      const picture = compress(await page.screenshot());
      await page.close();
      const size = picture.length;
      if (size > MOST_BYTES) throw new Failure(`${file} has ${size} bytes, more than ${MOST_BYTES}: show less in it.`);
      writeFileSync(file, picture);
      taken.push({ file, size });
    }
    return taken;
  } finally {
    await browser.close();
    server.close();
  }
}
