/** Words of the network view. */

import { count, decibels, percent } from "../format";
import type { Extent, Measure } from "../network/measures";

const steps = ["exact", "1 step off", "2 steps off", "3 or more off"] as const;

const nodes = (n: number) => `${count(n)} ${n === 1 ? "node" : "nodes"}`;

export const network = {
  title: "Network",
  nodes: (n: number) => `${nodes(n)}, input to output.`,
  measureLabel: "Measure",
  measures: { sqnr: "SQNR", "off-by": "Off by n" } satisfies Record<Measure, string>,
  extentLabel: "Errors",
  extents: { accumulated: "accumulated", isolated: "isolated" } satisfies Record<Extent, string>,
  explain: (measure: Measure, extent: Extent) => {
    const what =
      measure === "sqnr"
        ? "SQNR of each output against float, in dB: further right is better."
        : "Share of each output’s integers that are 0, 1, 2 or more steps off float’s, and the share within one step.";
    const how =
      extent === "accumulated"
        ? "Each node with all that went wrong before it."
        : "Each node by itself: it is given float’s input, rounded to its scale.";
    return `${what} ${how}`;
  },
  keys: (stride: number) =>
    `Up and down arrows move by node, with Shift by ${stride}; Page Up and Page Down move by layer with weights.`,
  strip: (measure: Measure, most: number) => (measure === "sqnr" ? `0 … ${most} dB` : "0 … 100%"),
  columns: { layer: "Layer", shape: "Output", sqnr: "SQNR, dB", "off-by": "within one step" } satisfies Record<
    Measure | "layer" | "shape",
    string
  >,
  steps,
  legend: "Each bar, thin to thick:",
  value: (measure: Measure, value: number) =>
    measure === "off-by" ? percent(value) : decibels(value === Infinity ? null : value),
  /** As short as a narrow column needs; never more than is true. */
  short: (measure: Measure, value: number) =>
    measure === "off-by" ? `${Math.floor(value * 100)}%` : decibels(value === Infinity ? null : value),
  bad: "bad",
  firstBad: "first bad",
  worst: "worst",
  under: (scheme: string) => `under ${scheme.toLowerCase()}`,
  fallback: "in float",
  fallbackHint: (reason: string | null) =>
    `This node runs in float, in the middle of the network: ${reason ?? "the integer NPU has no such operator"}.`,
  hostTail: "on the host",
  isolating: "isolating nodes",
  cancel: "Stop",
  resume: "Go on",
  stopped: "Stopped; what is missing was not computed.",
  table: {
    caption: "Every node under every scheme; select a heading to sort by it",
    node: "#",
    layer: "Layer",
    operations: "MACs",
    db: (extent: Extent) => `${extent}, dB`,
    share: (extent: Extent) => `${extent}, ≤ 1 step`,
    bars: (shares: readonly number[]) => steps.map((name, i) => `${name} ${percent(shares[i] ?? 0)}`).join(", "),
  },
  fingerprints: "Fingerprint of the output integers",
  fingerprintsHint:
    "The same model, calibration and picture give the same integers, and so the same 64-bit FNV-1a hash, on every machine. The command line computes it too.",
  simplified: (n: number) => `What was simplified: ${count(n)} ${n === 1 ? "step" : "steps"} before quantization`,
  pass: (name: string, n: number) => `${name}: ${count(n)}`,
} as const;
