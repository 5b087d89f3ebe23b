// Builds the Rust crate into pkg/ with wasm-pack, unless nothing that goes into it has changed.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, duration, root, run, say, versionOf } from "./run.mjs";
import { setup } from "./setup.mjs";
import { tools } from "./tools.mjs";

// The command line (src/bin) is not part of the wasm module.
const inputs = ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "src"];
const excluded = path.join("src", "bin");

/**
 * The two builds of the wasm module. The page begins with the first; it loads the second one, which runs everywhere and
 * can do everything, where there are no vector instructions and to write files for other engines.
 */
export const builds = {
  page: { folder: "pkg", features: ["--no-default-features"], variables: {} },
  complete: {
    folder: path.join("target", "pkg-complete"),
    features: [],
    // Takes the place of the flags in .cargo/config.toml. Apart, so that neither build undoes the other's.
    variables: {
      RUSTFLAGS: "-C target-feature=-simd128 -C llvm-args=-disable-lsr",
      CARGO_TARGET_DIR: path.join(root, "target", "complete"),
    },
  },
};

/** Where a build's wasm module lies. */
export const moduleOf = ({ folder }) => path.join(root, folder, "shiftwise_bg.wasm");

/** What a production bundle consists of. */
export const everyBuild = Object.values(builds);

/** Brings the builds' folders up to date, up to the first that fails. `echo` shows the compiler at work. */
export async function buildWasm(env, { echo = true } = {}) {
  const state = await fingerprint(env);
  let output = "";
  for (const build of everyBuild) {
    const stamp = path.join(root, build.folder, ".stamp");
    if (existsSync(moduleOf(build)) && existsSync(stamp) && readFileSync(stamp, "utf8") === state) {
      output += `${build.folder} is up to date\n`;
      continue;
    }
    // no-install: wasm-pack would otherwise fetch a wasm-bindgen and a wasm-opt of its own.
    const args = [
      "build",
      "--target",
      "web",
      "--release",
      "--mode",
      "no-install",
      "--out-dir",
      build.folder,
      "--",
      ...build.features,
    ];
    if (echo) say(`Building ${build.folder}: about 2 min on two cores the first time, seconds after a change`);
    const result = await run("wasm-pack", args, { env: { ...env, ...build.variables }, echo });
    output += result.output;
    if (result.code !== 0) return { code: result.code, output };
    writeFileSync(stamp, state);
  }
  return { code: 0, output };
}

/** A hash of everything that decides what pkg/ holds. */
async function fingerprint(env) {
  const hash = createHash("sha256").update((await versionOf("rustc", env)) ?? "");
  for (const tool of tools) hash.update(`${tool.crate} ${tool.version} `);
  hash.update(readFileSync(path.join(root, "node_modules", "binaryen", "package.json")));
  for (const file of inputs.flatMap((name) => filesUnder(name))) {
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest("hex");
}

function filesUnder(name) {
  if (name === excluded) return [];
  if (!statSync(path.join(root, name)).isDirectory()) return [name];
  return readdirSync(path.join(root, name))
    .sort()
    .flatMap((entry) => filesUnder(path.join(name, entry)));
}

/** Sets up and builds: what every command that needs the wasm modules begins with. */
export async function prepare() {
  const env = await setup();
  const begin = Date.now();
  const { code } = await buildWasm(env);
  if (code !== 0) throw new Failure("The wasm module did not build: see the compiler's messages above.");
  const sizes = everyBuild.map((build) => `${build.folder}: ${(statSync(moduleOf(build)).size / 1024).toFixed(0)} KB`);
  say(`wasm module in ${sizes.join(", ")}, ${duration(Date.now() - begin)}`);
  return env;
}
