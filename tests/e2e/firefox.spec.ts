// The page in the Firefox that is installed here, which nothing drives: the page looks at itself, and says what it saw.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { findFirefox } from "../../scripts/lib/browser.mjs";
import { expect, test } from "./fixtures.ts";
import { serveSmoke, type Seen } from "./smoke.ts";

const dist = path.join(import.meta.dirname, "../../dist");
const firefox = findFirefox();

test.use({ counts: false });
test.skip(!firefox, "Firefox is not installed");
test.setTimeout(120_000);

async function inFirefox(program: string, address: string, seen: Promise<Seen>): Promise<Seen> {
  const profile = mkdtempSync(path.join(os.tmpdir(), "shiftwise-"));
  const args = ["--headless", "--no-remote", "--profile", profile, address];
  // A process group of its own: browsers leave the work to children, which must end with them.
  const child = spawn(program, args, { stdio: "ignore", detached: process.platform !== "win32" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  try {
    const failed = new Promise<never>((_, reject) => child.on("error", reject));
    return await Promise.race([seen, failed]);
  } finally {
    if (child.pid) process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGKILL");
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

test("Firefox shows what Chromium shows, and complains of nothing", async ({ page }) => {
  const [one, other] = [await serveSmoke(dist), await serveSmoke(dist)];
  try {
    await page.goto(one.address);
    const inChromium = await one.seen;
    expect(inChromium.complaints).toEqual([]);
    const { float, ...integer } = inChromium.answers;
    expect(integer["layer-wise"]).not.toBe(float);
    expect(integer["shift-wise"]).toBe(float);
    const [block, table] = inChromium.accumulators;
    expect(block).toMatch(/\d/);
    expect(block).toBe(table);
    expect(await inFirefox(firefox ?? "", other.address, other.seen)).toEqual(inChromium);
  } finally {
    one.close();
    other.close();
  }
});
