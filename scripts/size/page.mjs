// Which files of the production bundle a visitor's browser asks for, and when.

import { launchOptions } from "../lib/browser.mjs";
import { serve } from "../lib/serve.mjs";

/** The last of the four answers about the first picture. */
const lastAnswer = "article[aria-label='Channel-wise'] .answer strong";

/**
 * Opens the page of `dist` as it greets its visitors.
 *
 * @returns {Promise<{ untilResult: Map<string, string>, afterwards: Map<string, string> }>} files by address: those asked
 *   for before the first result was there, and those after it
 */
export async function visit(dist) {
  const { chromium } = await import("@playwright/test");
  const server = await serve({ "/": dist });
  const browser = await chromium.launch(launchOptions());
  try {
    // What is fetched to be there offline is no part of what a visitor waits for.
    const page = await browser.newPage({ serviceWorkers: "block" });
    await page.goto(`${server.address}index.html`);
    await page.locator(lastAnswer).filter({ hasText: /./ }).waitFor();
    const untilResult = server.takeLog();
    await page.waitForLoadState("networkidle");
    return { untilResult, afterwards: server.takeLog() };
  } finally {
    await browser.close();
    server.close();
  }
}
