// N11: the browser and a native build compute the same integers. The page shows the fingerprint of each scheme's output
// integers; the command line, built from the same sources, prints it too.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

test.use({ counts: false });

const schemes = ["layer-wise", "shift-wise", "channel-wise"];

/** What `shiftwise evaluate ARGS --json` says the integers of its one picture are. */
function native(...args: string[]): Record<string, string> {
  const command = ["run", "--quiet", "--bin", "shiftwise", "--", "evaluate", ...args, "--json"];
  const report = JSON.parse(execFileSync("cargo", command, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
  expect(report.images).toBe(1);
  return Object.fromEntries(schemes.map((scheme) => [scheme, report.schemes[scheme].hash]));
}

/** The same from the page's fingerprints: over several pictures the command line hashes their hashes. */
async function inBrowser(page: Page): Promise<Record<string, string>> {
  const shown = page.locator("#fingerprints code");
  await expect(shown).toHaveCount(schemes.length);
  const hashes: Record<string, string> = {};
  for (const code of await shown.all()) {
    const hash = (await code.textContent()) ?? "";
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    hashes[(await code.getAttribute("data-scheme")) ?? ""] = hashOfHash(BigInt(`0x${hash}`));
  }
  return hashes;
}

/** FNV-1a over the eight bytes of a hash, lowest first. */
function hashOfHash(hash: bigint): string {
  let result = 0xcbf29ce484222325n;
  for (let byte = 0n; byte < 8n; byte++) {
    result = BigInt.asUintN(64, (result ^ ((hash >> (8n * byte)) & 0xffn)) * 0x100000001b3n);
  }
  return result.toString(16).padStart(16, "0");
}

test("the bundled example's integers are the same natively", async ({ page }) => {
  test.setTimeout(300_000);
  // The one that `--limit 1` leaves is the last of 200.
  await page.goto("#v=1&picture=199");
  expect(await inBrowser(page)).toEqual(native("--bundled", "digits", "--limit", "1"));
});

for (const profile of ["tflite", "ort"]) {
  test(`so are those of profile ${profile}, with corrected biases and other ranges`, async ({ page }) => {
    test.setTimeout(300_000);
    await page.goto(`#v=1&picture=199&profile=${profile}&ranges=mse&bias=empirical`);
    const options = ["--profile", profile, "--calibration-method", "mse", "--bias-correction", "empirical"];
    expect(await inBrowser(page)).toEqual(native("--bundled", "digits", "--limit", "1", ...options));
  });
}

test("MobileNetV2's integers are the same natively", async ({ page }) => {
  const folder = process.env.SHIFTWISE_MODELS ?? "";
  test.skip(!existsSync(folder), "SHIFTWISE_MODELS does not name a folder of models");
  test.setTimeout(300_000);
  const model = path.join(folder, "mobilenet_v2_1.0_imagenet.onnx");
  const manifest = model.replace(/onnx$/, "shiftwise.json");

  // A picture without loss: two JPEG decoders may differ by a level.
  await page.goto("");
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 260);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    const pixels = context.createImageData(300, 260);
    for (let i = 0; i < pixels.data.length; i++) {
      const [x, y, channel] = [(i >> 2) % 300, Math.floor((i >> 2) / 300), i & 3];
      pixels.data[i] = channel === 3 ? 255 : (x * (channel + 1) + y * (3 - channel) + ((x * y) >> 4)) & 255;
    }
    context.putImageData(pixels, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  const pictures = mkdtempSync(path.join(os.tmpdir(), "shiftwise-"));
  const picture = path.join(pictures, "picture.png");
  writeFileSync(picture, Buffer.from(png));
  writeFileSync(path.join(pictures, "labels.csv"), "file,label\npicture.png,0\n");

  await page.locator("sw-header input.files").setInputFiles([model, manifest, picture]);
  await expect(page.getByText("Calibrated on this picture.")).toBeVisible({ timeout: 120_000 });
  const here = await inBrowser(page);
  expect(here).toEqual(native(model, "--images", pictures, "--calibration", pictures));
});
