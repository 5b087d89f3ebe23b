// What axe finds. It takes seconds for all of the page, so that tests of one part name that part.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";

/** The elements around a part of the page, and the part itself. */
type Part = [string, string, ...string[]];

const MOST_MS = 180_000;
/** The rules whose outcome depends on colours. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** Violations in parts of the page; in all of it where none is named. */
export function violations(page: Page, ...parts: Part[]): Promise<string[]> {
  return analyze(parts, new AxeBuilder({ page }));
}

/** The same in both themes, on the page as it is: between the two nothing changes but colours. */
export async function violationsInThemes(page: Page, ...parts: Part[]): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const light = await violations(page, ...parts);
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const before = await paper();
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  // Charts are painted anew in the next frame.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await paper()).not.toBe(before);
  const dark = await analyze(parts, new AxeBuilder({ page }).withRules(OF_COLOURS));
  return [...light, ...dark.map((one) => `dark: ${one}`)];
}

async function analyze(parts: readonly Part[], axe: AxeBuilder): Promise<string[]> {
  // It walks through every shadow root, several times: give it the time that a busy machine needs.
  test.setTimeout(Math.max(test.info().timeout, MOST_MS));
  for (const fromShadowDom of parts) axe.include({ fromShadowDom });
  const { violations } = await axe.analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, target }) => `${target.join(" ")} ${html}`).join(", ")}`,
  );
}
