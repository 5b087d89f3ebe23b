// What was measured, for people.

import { say } from "../lib/run.mjs";
import { printTable } from "../lib/table.mjs";
import { reference } from "./contenders.mjs";
import { costs } from "./latency.mjs";
import { difference, pairedRatio, quantile, summary } from "./statistics.mjs";

const ms = (value) => value.toFixed(value < 10 ? 2 : 1);
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1);
const spread = ({ median, p10, p90 }, format) => [format(median), `${format(p10)}-${format(p90)}`];

/** @param {Map<string, import("./latency.mjs").Measurement>} results  @param {number} allSchemes  bytes */
export function printLatency(network, results, contenders, allSchemes) {
  const measured = contenders.filter(({ id }) => !results.get(id).error);
  const base = results.get(reference);
  const rows = measured.map(({ id, group }) => {
    const result = results.get(id);
    const cost = costs(result);
    const hasCpu = result.turns.every(({ cpu }) => cpu !== undefined);
    const ratio =
      base && !base.error ? spread(pairedRatio(cost, costs(base)), (value) => value.toFixed(2)) : ["-", "-"];
    const first = results.get(measured.find((other) => other.group === group).id);
    return [
      id,
      ...(hasCpu ? spread(summary(cost), ms) : ["-", "-"]),
      ...spread(summary(result.turns.flatMap(({ wall }) => wall)), ms),
      ...ratio,
      (network.macs / quantile(cost, 0.5) / 1e6).toFixed(1),
      megabytes(result.memory),
      `${(100 * difference(result.output, first.output)).toFixed(2)}%`,
    ];
  });
  printTable(
    `${network.name}: ${(network.macs / 1e6).toFixed(1)} MMAC, ${(network.parameters / 1e6).toFixed(2)} M parameters`,
    ["", "CPU ms", "p10-p90", "wall ms", "p10-p90", "x ORT f32", "p10-p90", "GMAC/s", "MB", "differs"],
    rows,
  );
  if (allSchemes) say(`shiftwise with all four schemes made and run: ${megabytes(allSchemes)} MB`);
}

/** @param {Map<string, import("./latency.mjs").Measurement>} results  of the contenders of `pipeline` */
export function printPipeline(network, results) {
  const entries = [...results].filter(([, result]) => !result.error);
  const rows = entries.map(([id, result]) => [id, ...spread(summary(costs(result)), ms)]);
  printTable(`${network.name}: the steps before the first inference, ms`, ["", "median", "p10-p90"], rows);
  const [float, calibration] = entries.map(([, result]) => costs(result));
  const percent = (ratio) => `${(100 * (ratio - 1)).toFixed(1)}%`;
  const [median, range] = spread(pairedRatio(calibration, float), percent);
  say(`Calibrating costs ${median} (${range}) more than the float inference that it watches, preprocessing included.`);
}

/** @param {Awaited<ReturnType<typeof import("./startup.mjs").measureStartup>>} results */
export function printStartup(network, results) {
  const kilobytes = (bytes) => (bytes / 1e3).toFixed(0);
  const rows = [...results].map(([id, { starts, code }]) => {
    const median = (of) => quantile(starts.map(of), 0.5);
    const parts = Object.keys(starts[0].parts).map((name) => `${name} ${ms(median(({ parts }) => parts[name]))}`);
    const bytes = [code.raw, code.gzip, code.brotli].map(kilobytes);
    return [id, ms(median(({ total }) => total)), ...bytes, parts.join(" | ")];
  });
  const head = ["", "ms to first result", "code KB", "gzip", "brotli", "of which, ms"];
  printTable(`${network.name}: from nothing to the first result, in a fresh browser`, head, rows);
}
