// `npm run bench`: how fast the networks run here, beside engines that only run them. See docs/performance.md.

import { existsSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { prepare } from "../lib/package.mjs";
import { Failure, duration, main, run, say } from "../lib/run.mjs";
import { inBrowser } from "./browser.mjs";
import { bundle, folder as bundleFolder } from "./bundle.mjs";
import { allSchemes, contenders as choose, pipeline } from "./contenders.mjs";
import { installPeers, peerVersions } from "./install.mjs";
import { measureLatency } from "./latency.mjs";
import { folder as modelFolder, makeModels } from "./models.mjs";
import { networks as allNetworks } from "./networks.mjs";
import { parseOptions, usage } from "./options.mjs";
import { printLatency, printPipeline, printStartup } from "./report.mjs";
import { serve } from "../lib/serve.mjs";
import { measureStartup } from "./startup.mjs";

/** The network whose preparation and start are timed. */
const typical = allNetworks[0];

async function latency(server, networks, contenders, rounds) {
  const measured = {};
  for (const network of networks) {
    const { results, memory } = await inBrowser(server.address, async (browser) => {
      const results = await measureLatency(browser, contenders, network, rounds);
      const { id, module, options } = allSchemes;
      await browser.call("start", id, module, options, { name: network.name, side: network.side });
      return { results, memory: await browser.call("memory", id) };
    });
    printLatency(network, results, contenders, memory);
    measured[network.name] = {
      macs: network.macs,
      parameters: network.parameters,
      memoryOfAllSchemes: memory,
      contenders: Object.fromEntries(results),
    };
  }
  return measured;
}

async function steps(server, rounds) {
  const results = await inBrowser(server.address, (browser) => measureLatency(browser, pipeline, typical, rounds));
  printPipeline(typical, results);
  return Object.fromEntries(results);
}

async function startup(server, contenders, starts) {
  const results = await measureStartup(server, contenders, typical, starts);
  printStartup(typical, results);
  return Object.fromEntries(results);
}

/** What figures depend on besides the program. */
async function circumstances(env, server) {
  const chromium = await inBrowser(server.address, async (browser) => browser.version);
  const { output } = await run("git", ["describe", "--always", "--dirty"], { env });
  return {
    date: new Date().toISOString(),
    machine: { cpu: os.cpus()[0]?.model, cores: os.cpus().length, system: `${os.type()} ${os.release()} ${os.arch()}` },
    versions: { shiftwise: output.trim(), chromium, node: process.versions.node, ...peerVersions() },
  };
}

await main(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return say(usage);
  if (options.tflite && !existsSync(options.tflite)) throw new Failure(`There is no folder ${options.tflite}.`);
  const networks = allNetworks.filter(({ name }) => options.models?.some((part) => name.includes(part)) ?? true);
  const contenders = choose(options);
  if (networks.length === 0) throw new Failure(`The networks are: ${allNetworks.map(({ name }) => name).join(", ")}.`);
  if (contenders.length === 0)
    throw new Failure(
      `The contenders are: ${choose({})
        .map(({ id }) => id)
        .join(", ")}.`,
    );

  const env = await prepare();
  await installPeers(env);
  const isTypicalNeeded = options.parts.some((part) => part !== "latency");
  await makeModels(isTypicalNeeded ? [...new Set([typical, ...networks])] : networks);
  await bundle();

  const begin = Date.now();
  const server = await serve({
    "/js/": bundleFolder,
    "/npm/": path.join(import.meta.dirname, "node_modules"),
    "/models/": modelFolder,
    ...(options.tflite ? { "/tflite/": path.resolve(options.tflite) } : {}),
    "/": path.join(import.meta.dirname, "page"),
  });
  try {
    const result = { ...(await circumstances(env, server)), load: { before: os.loadavg()[0] } };
    say(`\n${result.machine.cpu}, ${result.machine.cores} cores, Chromium ${result.versions.chromium}`);
    if (options.parts.includes("latency")) {
      result.latency = await latency(server, networks, contenders, options.rounds);
    }
    if (options.parts.includes("pipeline")) result.pipeline = await steps(server, options.rounds);
    if (options.parts.includes("startup")) result.startup = await startup(server, contenders, options.starts);
    result.load.after = os.loadavg()[0];
    const { before, after } = result.load;
    say(
      `\nMeasured in ${duration(Date.now() - begin)}; load average ${before.toFixed(1)} before, ${after.toFixed(1)} after`,
    );
    if (options.json) writeFileSync(options.json, JSON.stringify(result, null, 1));
  } finally {
    server.close();
  }
});
