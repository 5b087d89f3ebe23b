// `npm run size`: what a visitor has to download, against a budget, and which code the wasm module consists of.

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { builds, moduleOf, prepare } from "./lib/package.mjs";
import { main, root, say } from "./lib/run.mjs";
import { sizes } from "./lib/sizes.mjs";
import { printTable } from "./lib/table.mjs";
import { namedModule } from "./size/named.mjs";
import { ownerOf } from "./size/owner.mjs";
import { visit } from "./size/page.mjs";
import { measure } from "./size/wasm.mjs";

/** KB after gzip. */
const budget = { "first result: JavaScript and CSS": 100, "classification: everything": 600, "wasm module": 350 };
const MODULES = 40;

const dist = path.join(root, "dist");
const pkg = (name) => path.join(root, "pkg", name);

const kilobytes = (bytes) => (bytes / 1e3).toFixed(1);
const sizeCells = ({ raw, gzip, brotli }) => [raw, gzip, brotli].map(kilobytes);
const sizesOf = (files) => sizes(files.map((file) => readFileSync(file)));

/** Sums up functions by what `key` says of them, largest first: name, KB, per cent of all. */
function shares(functions, key) {
  const sums = new Map();
  for (const each of functions) sums.set(key(each), (sums.get(key(each)) ?? 0) + each.bytes);
  const all = functions.reduce((sum, { bytes }) => sum + bytes, 0);
  const sorted = [...sums].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, bytes]) => [name, kilobytes(bytes), `${((100 * bytes) / all).toFixed(1)}%`]);
}

function printModule(named) {
  const { functions, sections } = measure(named);
  const owned = functions.map(({ name, bytes }) => ({ ...ownerOf(name), bytes }));
  const section = (number) => kilobytes(sections.get(number) ?? 0);
  say(`\nOf a build with names: ${section(10)} KB are code, ${section(11)} KB data.`);
  printTable(
    "Code by crate, before compression",
    ["", "KB", ""],
    shares(owned, ({ crate }) => crate),
  );
  const ours = owned.filter(({ crate }) => crate === "shiftwise");
  printTable(
    `Ours by module, the largest ${MODULES}`,
    ["", "KB", ""],
    shares(ours, ({ module }) => module).slice(0, MODULES),
  );
}

async function bundle() {
  const { build } = await import("vite");
  await build({ logLevel: "warn" });
  const entries = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  const rows = files.map((file) => [path.relative(dist, file), ...sizeCells(sizesOf([file]))]);
  printTable("The production bundle, KB", ["", "raw", "gzip", "brotli"], rows);
}

await main(async () => {
  const env = await prepare();
  const module = sizesOf([moduleOf(builds.page)]);
  const head = ["", "raw", "gzip", "brotli"];
  printTable("The packages, KB", head, [
    ["the page's: shiftwise_bg.wasm", ...sizeCells(module)],
    ["shiftwise.js", ...sizeCells(sizesOf([pkg("shiftwise.js")]))],
    ["the complete one: shiftwise_bg.wasm", ...sizeCells(sizesOf([moduleOf(builds.complete)]))],
  ]);
  printModule(await namedModule(env));
  await bundle();

  const { untilResult, afterwards } = await visit(dist);
  const all = [...new Map([...untilResult, ...afterwards])];
  const isCode = ([address]) => /\.(js|css)$/.test(address);
  const filesOf = (served) => served.map(([, file]) => file);
  printTable(
    "What the page asks for",
    ["", "when"],
    [
      ...[...untilResult.keys()].map((address) => [address, "before the first result"]),
      ...[...afterwards.keys()].map((address) => [address, "after it"]),
    ],
  );
  const measured = {
    "first result: JavaScript and CSS": sizesOf(filesOf([...untilResult].filter(isCode))),
    "classification: everything": sizesOf(filesOf(all)),
    "wasm module": module,
  };
  const over = Object.keys(budget).filter((name) => measured[name].gzip > budget[name] * 1e3);
  const rows = Object.entries(budget).map(([name, limit]) => [
    name,
    ...sizeCells(measured[name]),
    String(limit),
    over.includes(name) ? "over" : "within",
  ]);
  printTable("Against the budget, KB", [...head, "gzip at most", ""], rows);
  if (over.length > 0) process.exitCode = 1;
});
