// One headless Chromium with a fresh profile, and the processor time that its pages take.

import { readFileSync, readdirSync } from "node:fs";
import { launchOptions } from "../lib/browser.mjs";
import { Failure } from "../lib/run.mjs";

/** Opens `address` and waits until the page is ready. `call` runs one function of the page's `bench`. */
export async function openBrowser(address) {
  const { chromium } = await import("@playwright/test");
  const server = await chromium.launchServer({ ...launchOptions(), headless: true });
  const browser = await chromium.connect(server.wsEndpoint());
  const page = await browser.newPage();
  let crashed = false;
  page.on("crash", () => (crashed = true));
  await page.goto(`${address}index.html`);
  await page.waitForFunction(() => globalThis.bench !== undefined);
  const renderers = renderersBelow(server.process().pid);
  return {
    version: browser.version(),
    async call(method, ...args) {
      try {
        return await page.evaluate(([name, values]) => globalThis.bench[name](...values), [method, args]);
      } catch (error) {
        throw new Failure(
          crashed ? `The page crashed in ${method}.` : error.message.replace(/^page\.evaluate: (Error: )?/, ""),
        );
      }
    },
    /** Milliseconds that all threads of the page have computed so far; undefined where the system does not tell. */
    cpuTime: () => (renderers.length === 0 ? undefined : renderers.reduce((sum, pid) => sum + cpuTime(pid), 0)),
    async close() {
      await browser.close();
      await server.close();
    },
  };
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
