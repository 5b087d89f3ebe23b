// `npm run determinism`: the bundled network under every scheme and profile, its test pictures run natively (debug and
// release) and as WebAssembly (with and without vector instructions, in Chromium, and in Firefox where it is installed).
// Prints the hash of the output integers of each and fails unless all are equal (N11).

import { spawn } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { findBrowser, findFirefox, launchOptions } from "./lib/browser.mjs";
import { builds, buildWasm, everyBuild, moduleOf } from "./lib/package.mjs";
import { Failure, main, root, run, say } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

const set = { profiles: ["npu", "tflite", "ort"], schemes: ["layer-wise", "shift-wise", "channel-wise"] };
const limit = 180_000;

/** What the command line prints, by "profile scheme". */
async function native(env, options) {
  const hashes = {};
  for (const profile of set.profiles) {
    const wanted = ["--bundled", "digits", "--schemes", set.schemes.join(), "--profile", profile, "--json"];
    const command = ["run", "--quiet", ...options, "--bin", "shiftwise", "--", "evaluate", ...wanted];
    const { code, output } = await run("cargo", command, { env });
    if (code !== 0) throw new Failure(output);
    const { schemes } = JSON.parse(output.slice(output.indexOf("\n{") + 1));
    for (const scheme of set.schemes) hashes[`${profile} ${scheme}`] = schemes[scheme].hash;
  }
  return hashes;
}

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};
const folders = [
  ["/model/", path.join("www", "models", "digits")],
  ["/page/", builds.page.folder],
  ["/complete/", builds.complete.folder],
  ["/", path.join("tests", "determinism")],
];

/** Serves the page and both builds on loopback; resolves `answer` with what the page posts. */
function serve(answer) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (request.method === "POST" && pathname === "/answer") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        response.end();
        answer(JSON.parse(body));
      });
      return;
    }
    if (pathname === "/set.json") {
      response.end(JSON.stringify(set));
      return;
    }
    const [prefix, folder] = folders.find(([start]) => pathname.startsWith(start));
    const file = path.join(root, folder, path.normalize(`/${pathname.slice(prefix.length)}`));
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", types[path.extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const browsers = {
  chromium: (profile, address) => {
    const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    return [findBrowser(), ["--headless", ...asRoot, ...launchOptions().args, `--user-data-dir=${profile}`, address]];
  },
  firefox: (profile, address) => [findFirefox(), ["--headless", "--no-remote", "--profile", profile, address]],
};

/** Opens the page in a browser of its own and waits for its answer. */
async function inBrowser(browser, build) {
  const { promise, resolve } = Promise.withResolvers?.() ?? deferred();
  const server = await serve(resolve);
  const profile = mkdtempSync(path.join(os.tmpdir(), "shiftwise-"));
  const [program, args] = browsers[browser](
    profile,
    `http://127.0.0.1:${server.address().port}/index.html?package=/${build}`,
  );
  // A process group of its own: browsers leave the work to children, which must end with them.
  const child = spawn(program, args, { stdio: "ignore", detached: process.platform !== "win32" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.on("error", (error) => resolve({ error: error.message }));
  const timer = setTimeout(() => resolve({ error: `no answer within ${limit / 1000} s` }), limit);
  try {
    const { result, error } = await promise;
    if (error) throw new Failure(`${browser}, ${build}: ${error}`);
    return result;
  } finally {
    clearTimeout(timer);
    if (child.pid) process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGKILL");
    await ended;
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve) => (parts.resolve = resolve));
  return parts;
}

/** Fails unless the one build has vector instructions and the other has none: else it would be compared with itself. */
async function mustDiffer(env) {
  for (const [name, build] of Object.entries(builds)) {
    const { code, output } = await run("wasm-dis", [moduleOf(build)], { env });
    if (code !== 0) throw new Failure(output);
    const vectors = /\(v128\.|\([if](8x16|16x8|32x4|64x2)\./.test(output);
    if (vectors !== (name === "page")) {
      throw new Failure(`The ${name} build has ${vectors ? "" : "no "}vector instructions.`);
    }
  }
}

await main(async () => {
  const env = { ...(await setup()), NO_COLOR: "1" };
  const { code, output } = await buildWasm(env, { echo: false });
  if (code !== 0) throw new Failure(`A wasm module did not build:\n${output}`);
  await mustDiffer(env);
  const runs = [
    ["native, debug", () => native(env, [])],
    ["native, release", () => native(env, ["--release"])],
    ["Chromium, wasm with SIMD", () => inBrowser("chromium", "page")],
    ["Chromium, scalar wasm", () => inBrowser("chromium", "complete")],
  ];
  if (findFirefox()) {
    runs.push(["Firefox, wasm with SIMD", () => inBrowser("firefox", "page")]);
    runs.push(["Firefox, scalar wasm", () => inBrowser("firefox", "complete")]);
  } else {
    say("Firefox is not installed: it is left out.");
  }
  const results = [];
  for (const [name, compute] of runs) results.push([name, await compute()]);

  const [[, expected]] = results;
  const keys = Object.keys(expected);
  const [first, ...others] = results.map(([name]) => name);
  say(`\n${first}:`);
  for (const key of keys) say(`  ${key.padEnd(22)} ${expected[key]}`);
  const different = results.flatMap(([name, hashes]) =>
    keys.filter((key) => hashes[key] !== expected[key]).map((key) => `${name}: ${key} gives ${hashes[key]}`),
  );
  if (different.length > 0) throw new Failure(`Not the same integers everywhere:\n  ${different.join("\n  ")}`);
  say(`The same: ${others.join("; ")}.`);
  say(`${keys.length * results.length} hashes compared`);
});
