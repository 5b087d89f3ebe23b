// What the export menu gives away is what the command line writes.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "./fixtures.ts";

test.use({ counts: false });

const formats = [
  ["ONNX (QDQ)", "onnx", "digits-shift-wise.onnx"],
  ["TFLite", "tflite", "digits-shift-wise.tflite"],
  ["Integers (JSON)", "json", "digits-shift-wise.integer-graph.json"],
] as const;

test("every format is the same file as the command line's", async ({ page }) => {
  test.setTimeout(300_000);
  await page.goto("");
  const menu = page.locator("sw-header details.export");
  await expect(menu).toBeVisible();
  const folder = mkdtempSync(path.join(os.tmpdir(), "shiftwise-"));
  try {
    for (const [name, format, file] of formats) {
      await menu.locator("summary").click();
      const download = page.waitForEvent("download");
      await menu.getByRole("group", { name: "Shift-wise" }).getByRole("button", { name }).click();
      const taken = await download;
      expect(taken.suggestedFilename()).toMatch(new RegExp(`^.*${path.extname(file)}$`));
      const out = path.join(folder, file);
      const wanted = ["--bundled", "digits", "--scheme", "shift-wise", "--to", format, "--out", out];
      execFileSync("cargo", ["run", "--quiet", "--bin", "shiftwise", "--", "quantize", ...wanted]);
      expect(readFileSync(await taken.path()).equals(readFileSync(out)), name).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
