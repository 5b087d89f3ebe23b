// The page's side: a Worker for every contender. What drives the browser calls `bench`.

import { wrap } from "comlink";

const workers = new Map();

const remote = (id) => workers.get(id).remote;

globalThis.bench = {
  /** Starts a contender and runs it once. Returns the milliseconds of each part and of everything together. */
  async start(id, module, options, model) {
    const begin = performance.now();
    const worker = new Worker("/js/worker.js", { type: "module" });
    workers.set(id, { worker, remote: wrap(worker) });
    const failed = new Promise((_, reject) => {
      worker.addEventListener("error", (event) => reject(new Error(event.message || "the Worker did not start")));
    });
    const parts = await Promise.race([remote(id).start(module, options, model), failed]);
    return { parts, total: performance.now() - begin };
  },

  /** Milliseconds of each of `count` runs. */
  run: (id, count) => remote(id).run(count),

  /** What the last run returned, as an array. */
  output: async (id) => Array.from((await remote(id).output()) ?? []),

  /** Bytes of all wasm memories. */
  memory: (id) => remote(id).memory(),

  stop(id) {
    workers.get(id)?.worker.terminate();
    workers.delete(id);
  },
};
