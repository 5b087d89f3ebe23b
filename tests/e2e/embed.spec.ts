// The page as a small figure in another one: as a frame, and as the element <shift-wise>.

import type { FrameLocator, Locator, Page } from "@playwright/test";
import { violationsInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

const said = (within: Page | FrameLocator, scheme: string): Locator =>
  within.getByRole("listitem").filter({ hasText: scheme }).locator("strong");

/** Waits until one scheme's answer is there and another's is the same. */
async function saysWhat(within: Page | FrameLocator, scheme: string, other: string): Promise<void> {
  await expect(async () => {
    const answer = await said(within, other).innerText();
    expect(answer).toMatch(/\d/);
    expect(await said(within, scheme).innerText()).toBe(answer);
  }).toPass({ timeout: 30_000 });
}

test.describe("at 320 by 240", () => {
  test.use({ viewport: { width: 320, height: 240 } });

  test("picture, four answers and the slider are all there, legible, without scrolling", async ({ page }) => {
    await page.goto("#v=1&embed");
    for (const scheme of ["Float", "Layer-wise", "Shift-wise", "Channel-wise"]) {
      const item = page.getByRole("listitem").filter({ hasText: scheme });
      await expect(item).toContainText(/of 200/, { timeout: 30_000 });
      await expect(item).toBeInViewport({ ratio: 1 });
    }
    await expect(page.getByRole("img", { name: /Drawing surface/ })).toBeInViewport({ ratio: 1 });
    await expect(page.getByLabel("Shift bits")).toBeInViewport({ ratio: 1 });
    await expect(page.locator("sw-many, sw-header, sw-lesson")).toHaveCount(0);
    const found = await page.evaluate(() => {
      const inside = (root: ParentNode): Element[] =>
        [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? inside(one.shadowRoot) : [])]);
      const read = inside(document.body).filter((one) => one.checkVisibility() && one.clientHeight > 1);
      const own = (one: Element) =>
        [...one.childNodes].some(({ nodeType, data }: Node & { data?: string }) => nodeType === 3 && data?.trim());
      return {
        size: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
        smallest: Math.min(...read.filter(own).map((one) => parseFloat(getComputedStyle(one).fontSize))),
        cut: read
          .filter(
            (one) =>
              own(one) &&
              (one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth - 8) &&
              one.clientWidth > 0,
          )
          .map((one) => one.outerHTML),
      };
    });
    expect(found).toEqual({ size: [320, 240], smallest: expect.any(Number), cut: [] });
    expect(found.smallest).toBeGreaterThanOrEqual(12);
  });

  test("axe finds nothing in either theme", async ({ page }) => {
    await page.goto("#v=1&embed");
    await expect(said(page, "Channel-wise")).toHaveText(/\d/);
    expect(await violationsInThemes(page)).toEqual([]);
  });
});

test("the slider takes the shift away, another picture can be had, and a link leads to the whole page", async ({
  page,
}) => {
  await page.goto("#v=1&embed");
  await expect(said(page, "Channel-wise")).toHaveText(/\d/);
  await saysWhat(page, "Shift-wise", "Float");
  await page.getByLabel("Shift bits").fill("0");
  await saysWhat(page, "Shift-wise", "Layer-wise");
  await page.getByRole("button", { name: "Next picture" }).click();
  await expect(page).toHaveURL(/shift=0.*picture=1.*embed/);
  const whole = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Open in Shiftwise" }).click();
  const other = await whole;
  await expect(other.getByLabel("Shift bits")).toHaveValue("0");
  await expect(other.locator("sw-header")).toBeVisible();
});

test("another page shows the element, and changes it", async ({ page }) => {
  await page.route("**/host.html", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><html lang="en"><title>Host</title>
        <script type="module" src="shift-wise.js"></script>
        <h1>About shifts</h1><shift-wise shift="1" picture="2" title="Shifts, live"></shift-wise></html>`,
    }),
  );
  await page.goto("host.html");
  const element = page.locator("shift-wise");
  await expect(element.locator("iframe")).toHaveAttribute("title", "Shifts, live");
  const figure = element.locator("iframe").contentFrame();
  await expect(said(figure, "Float")).toHaveText(/\d/);
  await expect(figure.getByLabel("Shift bits")).toHaveValue("1");
  await element.evaluate((one) => one.setAttribute("shift", "0"));
  await expect(figure.getByLabel("Shift bits")).toHaveValue("0");
  await saysWhat(figure, "Shift-wise", "Layer-wise");
});
