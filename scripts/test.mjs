// `npm test`: sets up, then runs every check in the order below. `npm run test:rust` and the like name single stages; a
// named stage brings the stages it needs, and its output is shown as it comes.

import { existsSync } from "node:fs";
import path from "node:path";
import { findBrowser } from "./lib/browser.mjs";
import { buildWasm } from "./lib/package.mjs";
import { Failure, duration, main, root, run, say } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

const cargo = (...args) => ["cargo", args];
const script = (file, ...args) => [process.execPath, [path.join(root, "node_modules", file), ...args]];

const wasmTarget = "wasm32-unknown-unknown";
const wasmRunner = JSON.stringify([process.execPath, path.join(root, "scripts", "wasm-test-runner.mjs")]);

// Each stage is a list of commands, or a function that returns what `run` returns. `tests` finds in the output how many
// tests passed and failed; a stage without it is one check.
const stages = [
  {
    name: "fmt",
    what: "formatting (npm run fmt repairs it)",
    commands: [cargo("fmt", "--check"), script("prettier/bin/prettier.cjs", "--check", ".")],
  },
  { name: "clippy", what: "lints", commands: [cargo("clippy", "--all-targets", "--", "-D", "warnings")] },
  {
    name: "clippy-wasm",
    what: "lints of what only wasm compiles",
    commands: [[], ["--no-default-features"]].map((features) =>
      cargo("clippy", "--lib", "--target", wasmTarget, ...features, "--", "-D", "warnings"),
    ),
  },
  { name: "rust", what: "Rust tests", commands: [cargo("test", "--no-fail-fast")], tests: rustTests },
  { name: "pkg", what: "wasm modules", commands: (env, echo) => buildWasm(env, { echo }) },
  {
    name: "wasm",
    what: "wasm tests in the browser",
    commands: [
      cargo("test", "--config", `target.${wasmTarget}.runner=${wasmRunner}`, "--target", wasmTarget, "--test", "wasm"),
    ],
    tests: rustTests,
    browser: true,
  },
  {
    name: "determinism",
    what: "the same integers in every build",
    commands: [[process.execPath, [path.join(root, "scripts", "determinism.mjs")]]],
    tests: (output) => ({ passed: Number(output.match(/^(\d+) hashes compared$/m)?.[1] ?? 0), failed: 0 }),
    browser: true,
  },
  {
    name: "typecheck",
    what: "types of page and tests",
    needs: ["pkg"],
    commands: [script("typescript/bin/tsc", "-p", "."), script("typescript/bin/tsc", "-p", "tests/e2e")],
  },
  {
    name: "unit",
    what: "unit tests of page and scripts",
    needs: ["pkg"],
    commands: [script("vitest/vitest.mjs", "run")],
    tests: (output) => counts(output.match(/^\s*Tests\s.*$/gm) ?? []),
  },
  { name: "bundle", what: "production bundle", needs: ["pkg"], commands: [script("vite/bin/vite.js", "build")] },
  {
    name: "e2e",
    what: "the built page in the browser",
    needs: ["bundle"],
    commands: [script("@playwright/test/cli.js", "test")],
    tests: (output) => counts(output.match(/^\s+\d+ (passed|failed)\b.*$/gm) ?? []),
    browser: true,
  },
];

function rustTests(output) {
  return counts(output.match(/^test result:.*$/gm) ?? []);
}

/** Adds up "3 passed" and "1 failed" over lines of output. */
function counts(lines) {
  const sum = (word) =>
    lines.reduce((total, line) => total + Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0), 0);
  return { passed: sum("passed"), failed: sum("failed") };
}

/** The stages named, with what they need, in order. No names: all. */
function select(names) {
  if (names.length === 0) return stages;
  const wanted = new Set();
  const add = (name) => {
    const stage = stages.find((candidate) => candidate.name === name);
    if (!stage) {
      throw new Failure(`There is no stage ${name}; there are: ${stages.map((each) => each.name).join(", ")}.`);
    }
    stage.needs?.forEach(add);
    wanted.add(stage);
  };
  names.forEach(add);
  return stages.filter((stage) => wanted.has(stage));
}

/** Runs a stage's commands up to the first that fails. */
async function execute(stage, env, echo) {
  if (typeof stage.commands === "function") return stage.commands(env, echo);
  let output = "";
  for (const [program, args] of stage.commands) {
    const result = await run(program, args, { env, echo });
    output += result.output;
    if (result.code !== 0) return { code: result.code, output };
  }
  return { code: 0, output };
}

async function runStage(stage, env, echo) {
  const title = `${stage.name.padEnd(12)} ${stage.what.padEnd(36)}`;
  if (echo) say(`--- ${stage.name}: ${stage.what}`);
  else process.stdout.write(title);
  const begin = Date.now();
  const { code, output } = await execute(stage, env, echo);
  const time = duration(Date.now() - begin).padStart(11);
  const { passed, failed } = stage.tests?.(output) ?? { passed: code === 0 ? 1 : 0, failed: 0 };
  // What failed before it could count its tests failed all the same; tests that nobody counted did not run.
  const broken = (code !== 0 && failed === 0) || (code === 0 && passed === 0) ? 1 : 0;
  const result = { passed, failed: failed + broken };
  const verdict = result.failed === 0 ? `ok, ${passed}` : `FAILED, ${result.failed} of ${passed + result.failed}`;
  say(`${echo ? title : ""}${time}   ${verdict}`);
  if (result.failed > 0 && !echo) say(`\n${output.trimEnd()}\n`);
  return result;
}

await main(async () => {
  const names = process.argv.slice(2);
  const selected = select(names);
  if (selected.some((stage) => stage.browser)) findBrowser();
  const begin = Date.now();
  const env = { ...(await setup({ forTests: true })), NO_COLOR: "1", CARGO_TERM_COLOR: "never" };
  delete env.FORCE_COLOR;
  if (names.length === 0 && !existsSync(path.join(env.CARGO_TARGET_DIR ?? path.join(root, "target"), "debug"))) {
    say("The first run compiles every dependency, for the host and for wasm: about 8 min on two cores.");
  }

  const total = { passed: 0, failed: 0 };
  const unusable = new Set();
  for (const stage of selected) {
    const lacking = stage.needs?.find((name) => unusable.has(name));
    if (lacking) {
      say(`${stage.name.padEnd(12)} not run: it needs ${lacking}`);
      unusable.add(stage.name);
      continue;
    }
    const { passed, failed } = await runStage(stage, env, names.length > 0);
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) unusable.add(stage.name);
  }
  say(`\n${selected.length} stages in ${duration(Date.now() - begin)}`);
  say(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0) process.exitCode = 1;
});
