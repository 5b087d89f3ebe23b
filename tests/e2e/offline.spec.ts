// What holds the page up: no network after the first visit, and a Worker that dies.

import { answer, expect, test } from "./fixtures.ts";

test.describe("after the first visit", () => {
  test.use({ serviceWorkers: "allow" });

  test("the page works without a network, parts that it had not asked for included", async ({ page, context }) => {
    await page.goto("");
    await expect(answer(page, "Channel-wise")).not.toBeEmpty();
    // Active means that everything is in its cache.
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      if (active?.state === "activated") return;
      await new Promise((resolve) => active?.addEventListener("statechange", resolve));
    });
    await context.setOffline(true);
    await page.reload();
    await expect(answer(page, "Channel-wise")).not.toBeEmpty();
    await page.getByRole("tab", { name: "Maps" }).click();
    await expect(page.locator("sw-maps canvas").first()).toBeVisible();
    await page.goto("index.html#v=1&shift=1");
    await expect(page.getByLabel("Shift bits")).toHaveValue("1");
  });
});

test("a Worker that dies is replaced, and the page keeps what it showed", async ({ page }) => {
  await page.addInitScript(() => {
    const started: Worker[] = [];
    Object.assign(window, { started });
    window.Worker = class extends Worker {
      constructor(address: string | URL, options?: WorkerOptions) {
        super(address, options);
        if (options?.name === "shiftwise engine") started.push(this);
      }
    };
  });
  await page.goto("#v=1&shift=3&weights=7&activations=8&picture=4");
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
  await expect(page.getByText("of 200 test pictures").first()).toBeVisible({ timeout: 30_000 });
  const before = await answer(page, "Shift-wise").innerText();
  const workers = () => page.evaluate(() => (window as unknown as { started: Worker[] }).started.length);
  const first = await workers();
  await page.evaluate(() => {
    // The first is the page's own; the others count pictures.
    const [worker] = (window as unknown as { started: Worker[] }).started;
    worker?.terminate();
    worker?.dispatchEvent(new ErrorEvent("error", { message: "killed", cancelable: true }));
  });
  await expect(answer(page, "Shift-wise")).toHaveText(before);
  // The next Worker computes from the state that the page holds.
  const pictures = page.getByRole("list", { name: "Pictures to try" }).getByRole("button");
  await pictures.nth(5).click();
  await expect(answer(page, "Float")).toHaveText(
    (await pictures.nth(5).getAttribute("aria-label"))?.split(": ")[1] ?? "",
  );
  await pictures.nth(4).click();
  await expect(pictures.nth(4)).toHaveAttribute("aria-pressed", "true");
  await expect(answer(page, "Shift-wise")).toHaveText(before);
  await expect(page.getByLabel("Shift bits")).toHaveValue("3");
  expect(await workers()).toBeGreaterThan(first);
});
