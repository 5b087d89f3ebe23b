import { defineConfig } from "@playwright/test";
import { launchOptions } from "./scripts/lib/browser.mjs";

export default defineConfig({
  testDir: "tests/e2e",
  globalSetup: "./tests/e2e/server.ts",
  outputDir: "test-results",
  reporter: "list",
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  use: {
    browserName: "chromium",
    // Set by globalSetup, before the workers that run the tests read this file again.
    baseURL: process.env.SHIFTWISE_URL,
    launchOptions: launchOptions(),
    // Requests that a service worker makes cannot be held up by tests. The test of that worker lets it in.
    serviceWorkers: "block",
    screenshot: "only-on-failure",
  },
});
