// Browsers without vector instructions, which V8 becomes on a processor that lacks SSE4.1.

import { answer, expect, test } from "./fixtures.ts";

test.use({
  launchOptions: ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...(launchOptions.args ?? []), "--js-flags=--no-enable-sse4-1"] }),
  counts: false,
});
test.skip(process.arch !== "x64", "the switch is one for x64 processors");

test("the page loads the build without vector instructions, and its answers are the same", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("");
  for (const [scheme, expected] of [
    ["Float", "2"],
    ["Layer-wise", "1"],
    ["Shift-wise", "2"],
    ["Channel-wise", "2"],
  ] as const) {
    await expect(answer(page, scheme)).toHaveText(expected, { timeout: 30_000 });
  }
  const modules = asked.filter((path) => path.endsWith(".wasm"));
  expect(modules.length).toBeGreaterThan(0);
  for (const path of modules) expect(path).toContain("shiftwise_bg-complete");
});
