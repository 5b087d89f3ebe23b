// Checks for what the build needs and installs what is missing. Every check is cheap, so it runs before every command.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, duration, root, run, say, versionOf } from "./run.mjs";
import { buildEnvironment, installRoot, tools } from "./tools.mjs";

const wasmTarget = "wasm32-unknown-unknown";

/** Makes this machine able to build; with `forTests`, to check format and lints too. Returns the environment to build in. */
export async function setup({ forTests = false } = {}) {
  const env = buildEnvironment();
  checkNode();
  await checkCompilers(env);
  await addRustParts(env, forTests);
  await installPackages(env);
  for (const tool of tools) await installTool(tool, env);
  return env;
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const enough = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!enough) {
    throw new Failure(`Node ${process.versions.node} does not run this build: install Node 20.19+, 22.12+ or newer.`);
  }
}

async function checkCompilers(env) {
  if (!(await versionOf("cargo", env))) {
    throw new Failure(
      "There is no cargo on PATH: install Rust with rustup (https://rustup.rs), then open a new shell.",
    );
  }
  // With Visual Studio's tools there is no compiler on PATH, and rustc finds them by itself.
  if (process.platform !== "win32" && !(await versionOf("cc", env))) {
    throw new Failure(
      "There is no C compiler (cc) on PATH, which Rust links with: install one " +
        "(Debian/Ubuntu: apt-get install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install).",
    );
  }
}

/** The wasm target's standard library and, for the tests, rustfmt and clippy. */
async function addRustParts(env, forTests) {
  const sysroot = (await run("rustc", ["--print", "sysroot"], { env })).output.trim();
  const exe = process.platform === "win32" ? ".exe" : "";
  const hasProgram = async (name) =>
    existsSync(path.join(sysroot, "bin", name + exe)) || (await versionOf(name, env)) !== null;

  if (!existsSync(path.join(sysroot, "lib", "rustlib", wasmTarget))) {
    await rustup(["target", "add", wasmTarget], "Rust's standard library for WebAssembly (some seconds)", env);
  }
  if (!forTests) return;
  for (const [component, program] of [
    ["rustfmt", "rustfmt"],
    ["clippy", "clippy-driver"],
  ]) {
    if (!(await hasProgram(program))) {
      await rustup(["component", "add", component], `${component}, which the tests run (some seconds)`, env);
    }
  }
}

async function rustup(args, what, env) {
  const command = `rustup ${args.join(" ")}`;
  await install(what, command, async () => {
    const result = await run("rustup", args, { env, echo: true });
    if (result.missing) {
      throw new Failure(
        `Missing: ${what}, and there is no rustup to add it: install Rust with rustup (https://rustup.rs).`,
      );
    }
    return result.code;
  });
}

/** `npm ci`, unless node_modules was filled from this very lock by this very platform. */
async function installPackages(env) {
  const stamp = path.join(root, "node_modules", ".shiftwise-stamp");
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .update(readFileSync(path.join(root, "package.json")))
    .update(`${process.platform} ${process.arch}`)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  await install("npm packages into node_modules/ (about 20 s)", "npm ci", async () => {
    // Under `npm start` this is the npm that the user called; a plain `node scripts/...` takes the one on PATH.
    const npm = process.env.npm_execpath;
    // Browsers are the system's own: Playwright must not fetch one.
    const npmEnv = { ...env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
    const result = npm
      ? await run(process.execPath, [npm, "ci"], { env: npmEnv, echo: true })
      : await run("npm", ["ci"], { env: npmEnv, echo: true });
    return result.code;
  });
  writeFileSync(stamp, wanted);
}

async function installTool(tool, env) {
  const version = await versionOf(tool.program, env);
  if (version?.split(" ")[1] === tool.version) return;

  const args = ["install", "--locked", tool.crate, "--version", tool.version, "--root", installRoot(tool)];
  const found = version ? ` (${version} is on PATH, and stays)` : "";
  await install(
    `${tool.program} ${tool.version}, which ${tool.why}${found}: compiled once, about ${tool.minutes} min on two cores`,
    `cargo ${args.join(" ")}`,
    async () => (await run("cargo", args, { env, echo: true })).code,
  );
}

/** Announces an installation, runs it, and says how long it took. */
async function install(what, command, body) {
  say(`Installing ${what}\n  $ ${command}`);
  const begin = Date.now();
  const code = await body();
  if (code !== 0)
    throw new Failure(`That failed (exit code ${code}); nothing else was done. The command was: ${command}`);
  say(`  done in ${duration(Date.now() - begin)}`);
}
