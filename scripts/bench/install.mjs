// The benchmark's own packages, installed when it first runs: nobody else needs them.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, run, say } from "../lib/run.mjs";

const folder = import.meta.dirname;

/** `npm ci` in this folder, unless it was done from this very lock. */
export async function installPeers(env) {
  const stamp = path.join(folder, "node_modules", ".stamp");
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(folder, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing the engines to compare with into scripts/bench/node_modules (about 10 s)");
  const npm = process.env.npm_execpath;
  const [program, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  // None of them needs to build anything, and one would like to fetch GPU binaries.
  const { code } = await run(program, [...args, "ci", "--ignore-scripts"], { env, cwd: folder, echo: true });
  if (code !== 0) throw new Failure("The packages could not be installed.");
  writeFileSync(stamp, wanted);
}

/** Name -> version of the engines. */
export function peerVersions() {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")).dependencies;
}
