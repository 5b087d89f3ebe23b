// The wasm module as the page loads it, but with the names of its functions.

import { readFileSync } from "node:fs";
import path from "node:path";
import { builds } from "../lib/package.mjs";
import { Failure, root, run } from "../lib/run.mjs";

const folder = path.join(root, "target", "size");

/** @returns {Promise<Uint8Array>} */
export async function namedModule(env) {
  const execute = async (program, args) => {
    const { code, output } = await run(program, args, { env });
    if (code !== 0) throw new Failure(`${program} ${args.join(" ")} failed:\n${output}`);
    return output;
  };
  // Made already when pkg/ was: the same command, of which wasm-pack goes on without names.
  const target = "wasm32-unknown-unknown";
  await execute("cargo", ["build", "--quiet", "--release", "--lib", ...builds.page.features, "--target", target]);
  const described = await execute("cargo", ["metadata", "--quiet", "--no-deps", "--format-version", "1"]);
  const { packages, target_directory: built } = JSON.parse(described.slice(described.indexOf("{")));
  const { metadata } = packages.find(({ name }) => name === "shiftwise");
  const module = path.join(built, target, "release", "shiftwise.wasm");
  await execute("wasm-bindgen", [module, "--target", "web", "--out-dir", folder]);
  const named = path.join(folder, "named.wasm");
  const flags = metadata["wasm-pack"].profile.release["wasm-opt"];
  await execute("wasm-opt", [...flags, "--debuginfo", path.join(folder, "shiftwise_bg.wasm"), "-o", named]);
  return readFileSync(named);
}
