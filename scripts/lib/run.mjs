// Running other programs and saying how it went: shared by every script here. Plain Node, no packages: these run before
// anything is installed.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** An error whose message is all the user needs: printed without a stack. */
export class Failure extends Error {}

/** Prints one line, flush left. */
export function say(line) {
  console.log(line);
}

/** Milliseconds -> "0.4 s", "12 s", "3 min 20 s". */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 100 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * Runs a program to its end. `echo` passes its output on as it comes; either way all of it, standard output and
 * standard error in the order they came, is returned with the exit code (1 if the program could not be started).
 */
export function run(program, args, { env = process.env, cwd = root, echo = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (stream, sink) => {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        if (echo) sink.write(text);
      });
    };
    take(child.stdout, process.stdout);
    take(child.stderr, process.stderr);
    child.on("error", (error) => resolve({ code: 1, output: `${program}: ${error.message}`, missing: true }));
    child.on("close", (code) => resolve({ code: code ?? 1, output, missing: false }));
  });
}

/** The first line that `program --version` prints, or null if there is no such program. */
export async function versionOf(program, env = process.env) {
  const { code, output } = await run(program, ["--version"], { env });
  return code === 0 ? output.split("\n")[0].trim() : null;
}

/** Runs a script's main function: a `Failure` becomes its message and exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
