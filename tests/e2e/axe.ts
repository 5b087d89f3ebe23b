// What axe finds. It takes seconds for all of the page, so that tests of one part name that part.

import { AxeBuilder } from "@axe-core/playwright";
import { test, type Page } from "@playwright/test";

/** The elements around a part of the page, and the part itself. */
type Part = [string, string, ...string[]];

/** Violations in parts of the page; in all of it where none is named. */
export async function violations(page: Page, ...parts: Part[]): Promise<string[]> {
  // It walks through every shadow root, several times: give it the time that a busy machine needs.
  test.slow();
  const axe = new AxeBuilder({ page });
  for (const fromShadowDom of parts) axe.include({ fromShadowDom });
  const { violations } = await axe.analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, target }) => `${target.join(" ")} ${html}`).join(", ")}`,
  );
}
