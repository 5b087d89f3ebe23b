// Brings target/bench/models/ up to date: each network as float32 ONNX with its manifest, and as the QDQ ONNX that our own
// exporter makes of it, so that everybody runs the same network.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { builds } from "../lib/package.mjs";
import { root, say } from "../lib/run.mjs";
import { calibrationSeeds, normalization, picture } from "./random.mjs";

export const folder = path.join(root, "target", "bench", "models");
const here = import.meta.dirname;
const file = (name) => path.join(folder, name);
/** The build that writes files. */
const pkg = (name) => path.join(root, builds.complete.folder, name);

/** How a picture becomes a network's input. */
const manifestOf = ({ name, side }) => ({
  version: 1,
  title: name,
  task: "classification",
  input: {
    channels: "rgb",
    resize: { mode: "stretch", size: [side, side] },
    mean: [normalization.mean],
    std: [normalization.std],
  },
});

/** Runs `make` unless it was run when `sources` held the very same. */
async function unlessMade(name, sources, make) {
  const stamp = file(`${name}.stamp`);
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  const wanted = hash.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(stamp, { force: true });
  await make();
  writeFileSync(stamp, wanted);
}

/** Makes what is missing of the networks given, with the wasm module in pkg/. */
export async function makeModels(networks) {
  mkdirSync(folder, { recursive: true });
  const sources = ["networks.mjs", "random.mjs", "onnx.mjs", "models.mjs"].map((name) => path.join(here, name));
  for (const network of networks) {
    const [model, manifest] = [`${network.name}.f32.onnx`, `${network.name}.f32.shiftwise.json`].map(file);
    await unlessMade(`${network.name}.f32`, sources, async () => {
      say(`Making ${network.name}`);
      // Imported late: the encoder is in a package that may just have been installed.
      const { encode } = await import("./onnx.mjs");
      writeFileSync(model, encode(network));
      writeFileSync(manifest, JSON.stringify(manifestOf(network)));
    });
    await unlessMade(`${network.name}.qdq`, [pkg("shiftwise_bg.wasm"), model, manifest], async () => {
      say(`Quantizing ${network.name}`);
      writeFileSync(file(`${network.name}.qdq.onnx`), await quantized(model, manifest, network.side));
    });
  }
}

/** The shift-wise scheme as ONNX, calibrated with the pictures that the page's Workers calibrate with. */
async function quantized(model, manifest, side) {
  const { default: init, Engine } = await import(pkg("shiftwise.js"));
  await init({ module_or_path: readFileSync(pkg("shiftwise_bg.wasm")) });
  const engine = Engine.open(readFileSync(model), readFileSync(manifest, "utf8"));
  engine.calibration_begin();
  for (const seed of calibrationSeeds) engine.calibrate(picture(seed, side), side, side);
  engine.calibration_end();
  engine.quantize(engine.default_options("shift-wise", "ort"));
  const bytes = engine.export("shift-wise", "onnx");
  engine.free();
  return bytes;
}
