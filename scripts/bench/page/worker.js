// A contender's Worker. Its module exports
//
//   create(options, model) -> { parts, run }
//
// `model` is { name, side }; `parts` are the milliseconds that its preparation took, by name; `run` takes the input in,
// executes, and returns (or promises) an output that JavaScript can read. All of `run` is timed.

import { expose } from "comlink";
import { memoryBytes, watchMemories } from "./memories.js";

watchMemories();

let contender;
let output;

/** Engines throw what they like; what leaves the Worker is an Error. */
const guarded =
  (method) =>
  async (...args) => {
    try {
      return await method(...args);
    } catch (thrown) {
      throw thrown instanceof Error ? thrown : new Error(thrown?.message ?? String(thrown));
    }
  };

expose({
  start: guarded(async (module, options, model) => {
    const { create } = await import(/* @vite-ignore */ `/js/${module}.js`);
    contender = await create(options, model);
    const begin = performance.now();
    output = await contender.run();
    return { ...contender.parts, "first run": performance.now() - begin };
  }),

  run: guarded(async (count) => {
    const times = [];
    for (let i = 0; i < count; i++) {
      const begin = performance.now();
      const result = contender.run();
      // Only engines that are asynchronous pay for a promise.
      output = result instanceof Promise ? await result : result;
      times.push(performance.now() - begin);
    }
    return times;
  }),

  output: () => output,
  memory: memoryBytes,
});
