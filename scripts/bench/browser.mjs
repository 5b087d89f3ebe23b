// One headless Chromium with a fresh profile, and the processor time that its pages take.

import { readFileSync, readdirSync } from "node:fs";
import { launchOptions } from "../lib/browser.mjs";
import { Failure } from "../lib/run.mjs";

/** For a page to open, and for a test machine to find time for it. */
const patience = 120_000;

/**
 * Opens the page at `address` in a browser of its own, for `work` alone.
 *
 * @template T
 * @param {(browser: Browser) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inBrowser(address, work) {
  const { chromium } = await import("@playwright/test");
  const server = await chromium.launchServer({ ...launchOptions(), headless: true });
  try {
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage();
    await page.goto(`${address}index.html`, { timeout: patience });
    await page.waitForFunction(() => globalThis.bench !== undefined, undefined, { timeout: patience });
    return await work(new Browser(page, browser.version(), renderersBelow(server.process().pid)));
  } finally {
    await server.close();
  }
}

/** The open page, and what it costs. */
class Browser {
  #page;
  #renderers;
  #crashed = false;

  constructor(page, version, renderers) {
    this.#page = page;
    this.#renderers = renderers;
    this.version = version;
    page.on("crash", () => (this.#crashed = true));
  }

  /** Calls a method of the page's `bench`. */
  async call(method, ...args) {
    try {
      return await this.#page.evaluate(([name, values]) => globalThis.bench[name](...values), [method, args]);
    } catch (error) {
      const reason = error.message.replace(/^page\.evaluate: (Error: )?/, "");
      throw new Failure(this.#crashed ? `The page crashed in ${method}.` : reason);
    }
  }

  /** Milliseconds that all threads of the page have computed so far; undefined where the system does not tell. */
  cpuTime() {
    if (this.#renderers.length === 0) return undefined;
    return this.#renderers.reduce((sum, pid) => sum + cpuTime(pid), 0);
  }
}

/** The processes below `pid` in which Chromium runs pages; none where there is no /proc. */
function renderersBelow(pid) {
  const parents = new Map();
  for (const name of list("/proc").filter((entry) => /^\d+$/.test(entry))) {
    // The program's name, in parentheses, may hold anything.
    const [, parent] = read(`/proc/${name}/stat`)?.split(") ").at(-1).split(" ") ?? [];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const isBelow = (child) => child !== undefined && (child === pid || isBelow(parents.get(child)));
  const isRenderer = (child) => read(`/proc/${child}/cmdline`)?.includes("--type=renderer") ?? false;
  return [...parents.keys()].filter((child) => isBelow(child) && isRenderer(child));
}

/** Of all threads of a process, in ms. */
function cpuTime(pid) {
  const threads = list(`/proc/${pid}/task`);
  const nanoseconds = (thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(" ")[0] ?? 0);
  return threads.reduce((sum, thread) => sum + nanoseconds(thread), 0) / 1e6;
}

/** Processes come and go while one looks: what is gone is left out. */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
