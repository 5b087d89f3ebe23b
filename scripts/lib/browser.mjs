// The system's own Chromium, which the tests drive. None is ever downloaded.

import { accessSync, constants } from "node:fs";
import path from "node:path";
import { Failure } from "./run.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const places = {
  linux: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/opt/google/chrome/chrome"],
  darwin: [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ],
  win32: ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"]
    .filter((name) => process.env[name])
    .flatMap((name) =>
      ["Google\\Chrome", "Chromium"].map((dir) => path.win32.join(process.env[name], dir, "Application", "chrome.exe")),
    ),
};

const onPath = (programs, env) =>
  (env.PATH ?? "")
    .split(path.delimiter)
    .filter(Boolean)
    .flatMap((folder) => programs.map((name) => path.join(folder, name)));

/** Firefox's path: `FIREFOX` if set, else the first on PATH; undefined where there is none. */
export function findFirefox(env = process.env) {
  return (env.FIREFOX ? [env.FIREFOX] : onPath(["firefox", "firefox-esr"], env)).find(isProgram);
}

/** The browser's path: `CHROME` if set, else the first on PATH, else where systems usually put it. */
export function findBrowser(env = process.env) {
  const candidates = env.CHROME ? [env.CHROME] : [...onPath(names, env), ...(places[process.platform] ?? [])];
  const found = candidates.find(isProgram);
  if (found) return found;
  throw new Failure(
    env.CHROME
      ? `CHROME names ${env.CHROME}, which is not a program.`
      : "There is no Chromium or Chrome to test in: install one (Debian: apt-get install chromium; Fedora: dnf install " +
          "chromium; Arch: pacman -S chromium; macOS: brew install --cask google-chrome), or set CHROME to its path.",
  );
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How every test starts it: nothing asks the network for anything but the page under test. */
export const launchOptions = () => ({
  executablePath: findBrowser(),
  args: [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/**
 * Shows the page that somebody is there, and waits until it has loaded all its sections for them.
 *
 * @param {import("@playwright/test").Page} page
 */
export async function loadSections(page) {
  await page.locator("sw-app[ready]").waitFor();
  await page.mouse.move(1, 1);
  await page.locator("sw-many section").waitFor();
}
