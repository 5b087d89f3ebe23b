// Time of one warm inference: all contenders in one browser, in turns, so that whatever else the machine does hits all alike.

import { Failure, say } from "../lib/run.mjs";
import { quantile } from "./statistics.mjs";

const warmUp = { runs: 6, ms: 1200 };
/** A turn runs for about this long, so that asking for it does not count. */
const turnMs = 100;
const runsPerTurn = { least: 3, most: 100 };

/**
 * @typedef {{
 *   turns: { wall: number[], cpu?: number }[],
 *   memory: number,
 *   output: number[],
 * } | { error: string }} Measurement  `wall` is ms of each run, `cpu` ms a run of all threads of the page, by turn.
 */

/**
 * Starts every contender and gives each `rounds` turns, in rotating order.
 *
 * @returns {Promise<Map<string, Measurement>>} by contender
 */
export async function measureLatency(browser, contenders, { name, side }, rounds) {
  const results = new Map();
  const ready = [];
  for (const { id, module, options } of contenders) {
    try {
      await browser.call("start", id, module, options, { name, side });
      ready.push({ id, runs: await warm(browser, id) });
      results.set(id, { turns: [] });
    } catch (error) {
      // Others may lack a file or an operator; this project's own engine must run.
      if (!(error instanceof Failure) || module === "shiftwise") throw error;
      say(`  ${id} does not run ${name}: ${error.message.split("\n")[0]}`);
      results.set(id, { error: error.message });
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < ready.length; place++) {
      const { id, runs } = ready[(place + round) % ready.length];
      // The caches are another's: the first run puts that right, and does not count.
      await browser.call("run", id, 1);
      const before = browser.cpuTime();
      const wall = await browser.call("run", id, runs);
      const cpu = before === undefined ? undefined : (browser.cpuTime() - before) / runs;
      results.get(id).turns.push({ wall, cpu });
    }
  }
  for (const { id } of ready) {
    const [memory, output] = [await browser.call("memory", id), await browser.call("output", id)];
    Object.assign(results.get(id), { memory, output });
  }
  return results;
}

/** Runs until the browser has optimized the code; returns how many runs make a turn. */
async function warm(browser, id) {
  const times = [];
  const begin = Date.now();
  while (times.length < warmUp.runs || Date.now() - begin < warmUp.ms) {
    times.push(...(await browser.call("run", id, 2)));
  }
  const runs = Math.ceil(turnMs / quantile(times, 0.5));
  return Math.min(Math.max(runs, runsPerTurn.least), runsPerTurn.most);
}

/** What a turn says of one run, in ms: the processor's time where the system tells it, else the clock's. */
export const costs = ({ turns }) => turns.map(({ cpu, wall }) => cpu ?? quantile(wall, 0.5));
