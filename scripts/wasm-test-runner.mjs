// Cargo hands every wasm test program to this runner: wasm-bindgen's own runner serves it as a page on loopback, and the
// browser that the end-to-end tests use anyway opens that page. No WebDriver is needed, whose version would have to match.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "@playwright/test";
import { launchOptions } from "./lib/browser.mjs";
import { Failure, main } from "./lib/run.mjs";

// Long enough for whole networks in unhurried builds; a hang still ends.
const limit = 600_000;

await main(async () => {
  const server = spawn("wasm-bindgen-test-runner", process.argv.slice(2), {
    env: { ...process.env, NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const address = await addressFrom(server);
    if (address) await watch(address);
  } finally {
    server.kill();
  }
});

/** Reads the server's output up to its address; null when it ends without one, having nothing to test. */
async function addressFrom(server) {
  const failed = new Promise((_, reject) => server.on("error", (error) => reject(new Failure(error.message))));
  const ended = new Promise((resolve) => server.on("close", resolve));
  const read = async () => {
    for await (const line of createInterface({ input: server.stdout })) {
      const address = line.match(/now available at (http:\S+)/);
      if (address) return address[1];
      console.log(line);
    }
    const code = await ended;
    if (code !== 0) throw new Failure(`wasm-bindgen-test-runner ended with exit code ${code}.`);
    return null;
  };
  return Promise.race([read(), failed]);
}

/** Opens the page, waits for the verdict that it prints, and repeats it here; if it is a failure, with the console. */
async function watch(address) {
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage();
    const log = [];
    page.on("console", (message) => log.push(message.text()));
    page.on("pageerror", (error) => log.push(`uncaught: ${error.stack ?? error.message}`));
    await page.goto(address);
    const output = page.locator("#output");
    const verdict = page.waitForFunction(
      () => /test result: (ok|FAILED)/.test(document.getElementById("output").textContent),
      undefined,
      { timeout: limit },
    );
    await verdict.catch((error) => log.push(error.message));
    const text = await output.textContent();
    console.log(text);
    if (text.includes("test result: ok")) return;
    console.log(`Console:\n${log.join("\n")}`);
    throw new Failure("The wasm tests failed.");
  } finally {
    await browser.close();
  }
}
