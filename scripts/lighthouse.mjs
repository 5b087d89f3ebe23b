// `npm run lighthouse`: what Lighthouse says of the built page on a phone, served as public hosts do. It is no part of
// the project: npx fetches it, which needs a network once.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { quantile } from "./bench/statistics.mjs";
import { findBrowser } from "./lib/browser.mjs";
import { prepare } from "./lib/package.mjs";
import { Failure, main, root, say } from "./lib/run.mjs";
import { serve } from "./lib/serve.mjs";
import { printTable } from "./lib/table.mjs";

/** Another major version weighs otherwise. */
const LIGHTHOUSE = "lighthouse@12";
/** Odd, so that there is one in the middle. */
const RUNS = 5;

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const METRICS = {
  "first-contentful-paint": "ms",
  "largest-contentful-paint": "ms",
  "total-blocking-time": "ms",
  "speed-index": "ms",
  "cumulative-layout-shift": "",
};

/**
 * One report.
 *
 * @param {string} address
 * @param {string} file where it is written
 */
async function audit(address, file) {
  const flags = [
    address,
    "--quiet",
    "--output=json",
    `--output-path=${file}`,
    `--only-categories=${CATEGORIES.join(",")}`,
    "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
  ];
  // Not spawnSync: the host is this process.
  const code = await new Promise((resolve, reject) =>
    spawn("npx", ["--yes", LIGHTHOUSE, ...flags], {
      env: { ...process.env, CHROME_PATH: findBrowser() },
      stdio: ["ignore", "ignore", "inherit"],
    })
      .on("error", reject)
      .on("close", resolve),
  );
  if (code !== 0) throw new Failure(`${LIGHTHOUSE} ended with ${code}. It is fetched by npx: is there a network?`);
  return JSON.parse(readFileSync(file, "utf8"));
}

await main(async () => {
  await prepare();
  const { build } = await import("vite");
  await build({ logLevel: "warn" });
  const server = await serve({ "/": path.join(root, "dist") }, { asHosted: true });
  const folder = mkdtempSync(path.join(tmpdir(), "shiftwise-lighthouse-"));
  try {
    const reports = [];
    for (let run = 1; run <= RUNS; run++) {
      say(`Run ${run} of ${RUNS} ...`);
      reports.push(await audit(`${server.address}index.html`, path.join(folder, `${run}.json`)));
    }
    const row = (name, values) => [
      name,
      ...[quantile(values, 0.5), Math.min(...values), Math.max(...values)].map(String),
    ];
    printTable(
      `Lighthouse ${reports[0].lighthouseVersion}, a phone`,
      ["", "median", "least", "most"],
      [
        ...CATEGORIES.map((id) =>
          row(
            id,
            reports.map(({ categories }) => Math.round(categories[id].score * 100)),
          ),
        ),
        ...Object.entries(METRICS).map(([id, unit]) =>
          row(
            unit ? `${id}, ${unit}` : id,
            reports.map(({ audits }) => Number(audits[id].numericValue.toFixed(unit ? 0 : 3))),
          ),
        ),
      ],
    );
    const faults = new Set(
      reports.flatMap(({ audits, categories }) =>
        CATEGORIES.slice(1)
          .flatMap((id) => categories[id].auditRefs)
          .map(({ id }) => audits[id])
          .filter(({ score }) => score !== null && score < 1)
          .map(({ title }) => title),
      ),
    );
    for (const fault of faults) say(`Not in order: ${fault}`);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
