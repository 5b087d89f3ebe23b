// From nothing to the first result: a browser with a fresh profile, files from loopback, nothing cached. And the bytes of
// code that this takes.

import { readFileSync } from "node:fs";
import { Failure, say } from "../lib/run.mjs";
import { sizes } from "../lib/sizes.mjs";
import { inBrowser } from "./browser.mjs";

/**
 * @typedef {{ total: number, parts: Record<string, number> }} Start  in ms, parts in the order they happen
 * @returns {Promise<Map<string, { starts: Start[], code: { files: string[] } & import("../lib/sizes.mjs").Sizes }>>}
 */
export async function measureStartup(server, contenders, { name, side }, samples) {
  const results = new Map();
  const served = new Map();
  for (let sample = 0; sample < samples; sample++) {
    for (const { id, module, options } of contenders) {
      try {
        const start = await inBrowser(server.address, (browser) => {
          server.takeLog();
          return browser.call("start", id, module, options, { name, side });
        });
        served.set(id, codeOf(server.takeLog(), module));
        results.set(id, { starts: [...(results.get(id)?.starts ?? []), start] });
      } catch (error) {
        // Others may lack a file or an operator; this project's own engine must run.
        if (!(error instanceof Failure) || module === "shiftwise") throw error;
        say(`  ${id} does not start: ${error.message.split("\n")[0]}`);
      }
    }
  }
  // Compressing takes long: once for each engine, and when nothing is timed any more.
  const known = new Map();
  for (const [id, files] of served) {
    const key = [...files.keys()].join();
    if (!known.has(key)) known.set(key, sizes([...files.values()].map((file) => readFileSync(file))));
    results.get(id).code = { files: [...files.keys()], ...known.get(key) };
  }
  return results;
}

/** The engine's files among those served: not the models, and not what every contender shares. */
function codeOf(log, module) {
  const isCode = (address) => /^\/(npm|js\/assets)\//.test(address) || address === `/js/${module}.js`;
  return new Map([...log].filter(([address]) => isCode(address)));
}
