// `npm run frames -- MODEL.onnx [pictures...]`: what frames of the ranges chart cost while it is panned, zoomed and
// brushed, in the model's widest layer. See docs/performance.md.

import { existsSync } from "node:fs";
import path from "node:path";
import { quantile } from "./bench/statistics.mjs";
import { recordUses } from "./frames/page.mjs";
import { BUDGET, framesOf } from "./frames/trace.mjs";
import { prepare } from "./lib/package.mjs";
import { Failure, main, root, say } from "./lib/run.mjs";
import { printTable } from "./lib/table.mjs";

await main(async () => {
  const [model, ...pictures] = process.argv.slice(2);
  if (!model) throw new Failure("Name a model: npm run frames -- MODEL.onnx [pictures...]");
  // Any picture will do to calibrate on.
  if (pictures.length === 0) pictures.push(path.join(root, "docs", "pictures", "page.png"));
  const missing = [model, ...pictures].find((file) => !existsSync(file));
  if (missing) throw new Failure(`There is no file ${missing}.`);
  await prepare();
  const { build } = await import("vite");
  await build({ logLevel: "warn" });

  const { layer, channels, traces } = await recordUses(path.join(root, "dist"), model, pictures);
  const spread = (times) =>
    [quantile(times, 0.5), quantile(times, 0.95), Math.max(...times)].map((ms) => ms.toFixed(1));
  printTable(
    `${layer}, ${channels} channels: ms of main-thread work a frame, of which there may be ${BUDGET.toFixed(1)}`,
    ["", "p50", "p95", "max", "CPU p50", "p95", "max", "frames a second"],
    traces.map(({ name, events }) => {
      const { clock, cpu, drawn, seconds } = framesOf(events);
      return [name, ...spread(clock), ...spread(cpu), (drawn / seconds).toFixed(1)];
    }),
  );
});
