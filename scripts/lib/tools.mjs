// Which version of which command-line tool the build needs, where they live, and the environment that finds them.

import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "./run.mjs";

/** The version that Cargo.lock holds of a package. The two halves of wasm-bindgen must agree exactly. */
export function lockedVersion(name, lock = readFileSync(path.join(root, "Cargo.lock"), "utf8")) {
  const found = lock.match(new RegExp(`^name = "${name}"\\r?\\nversion = "([^"]+)"`, "m"));
  if (!found) throw new Error(`Cargo.lock has no package ${name}`);
  return found[1];
}

/** Tools that `cargo install` builds. `minutes` is the time that building took on two cores. */
export const tools = [
  {
    program: "wasm-bindgen",
    crate: "wasm-bindgen-cli",
    version: lockedVersion("wasm-bindgen"),
    why: "writes the JavaScript half of the wasm module",
    minutes: 3.5,
  },
  {
    program: "wasm-pack",
    crate: "wasm-pack",
    version: "0.15.1",
    why: "builds the Rust crate into the npm package pkg/",
    minutes: 4,
  },
];

/** Where this user's programs keep what can be made again. */
export function cacheDirectory(platform = process.platform, env = process.env, home = os.homedir()) {
  if (platform === "win32") return env.LOCALAPPDATA || path.win32.join(home, "AppData", "Local");
  if (platform === "darwin") return path.posix.join(home, "Library", "Caches");
  return env.XDG_CACHE_HOME || path.posix.join(home, ".cache");
}

/** A folder per tool and version: nothing that the user installed is overwritten, and versions lie side by side. */
export function installRoot(tool) {
  return path.join(cacheDirectory(), "shiftwise", "tools", `${tool.crate}-${tool.version}`);
}

// Flags meant for other projects would reach both host and wasm builds; ours stand in .cargo/config.toml.
const leaking = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTDOCFLAGS"];

/** The environment for every program started from these scripts: our tools first on PATH, no stray compiler flags. */
export function buildEnvironment() {
  const env = { ...process.env };
  for (const name of leaking) delete env[name];
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const ours = [...tools.map((tool) => path.join(installRoot(tool), "bin")), path.join(root, "node_modules", ".bin")];
  env[key] = [...ours, env[key] ?? ""].join(path.delimiter);
  return env;
}
