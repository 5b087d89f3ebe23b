// Brings target/bench/models/ up to date: each network as float32 ONNX with its manifest, and quantized by our own command
// line as QDQ ONNX, so that everybody runs the same network.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, root, run, say } from "../lib/run.mjs";
import { calibrationSeeds, normalization, picture } from "./random.mjs";

export const folder = path.join(root, "target", "bench", "models");
const here = import.meta.dirname;
const file = (name) => path.join(folder, name);
const target = (env) => env.CARGO_TARGET_DIR ?? path.join(root, "target");

/** How a picture becomes a network's input. */
export const manifestOf = ({ name, side }) => ({
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

/** A picture as a Windows bitmap of 24 bits a pixel, rows from the bottom up: side is a multiple of 4, so none is padded. */
export function bitmap(rgba, side) {
  const header = 54;
  const bytes = Buffer.alloc(header + 3 * side * side);
  bytes.write("BM", 0, "latin1");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(header, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(side, 18);
  bytes.writeInt32LE(side, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const [row, column] = [side - 1 - Math.floor(pixel / side), pixel % side];
    for (let c = 0; c < 3; c++) bytes[header + 3 * (row * side + column) + 2 - c] = rgba[4 * pixel + c];
  }
  return bytes;
}

/** Runs `make` unless it was run with this very fingerprint before. */
async function unlessMade(name, fingerprint, make) {
  const stamp = file(`${name}.stamp`);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return;
  rmSync(stamp, { force: true });
  await make();
  writeFileSync(stamp, fingerprint);
}

const fingerprintOf = (files) => {
  const hash = createHash("sha256");
  for (const name of files) hash.update(readFileSync(name));
  return hash.digest("hex");
};

/** Makes what is missing of the networks given. `env` is the environment to build in. */
export async function makeModels(networks, env) {
  mkdirSync(folder, { recursive: true });
  // Imported late: the encoder is in a package that may just have been installed.
  const { encode } = await import("./onnx.mjs");
  const sources = ["networks.mjs", "random.mjs", "onnx.mjs", "models.mjs"].map((name) => path.join(here, name));
  for (const network of networks) {
    await unlessMade(`${network.name}.f32`, fingerprintOf(sources), () => {
      say(`Making ${network.name}`);
      writeFileSync(file(`${network.name}.f32.onnx`), encode(network));
      writeFileSync(file(`${network.name}.f32.shiftwise.json`), JSON.stringify(manifestOf(network)));
    });
  }
  await quantizeModels(networks, env);
}

async function quantizeModels(networks, env) {
  say("Building the command line, which quantizes (about 1 min on two cores the first time)");
  const built = await run("cargo", ["build", "--quiet", "--release", "--bin", "shiftwise"], { env, echo: true });
  if (built.code !== 0) throw new Failure("The command line did not build.");
  const program = path.join(target(env), "release", process.platform === "win32" ? "shiftwise.exe" : "shiftwise");
  for (const { name, side } of networks) {
    const model = file(`${name}.f32.onnx`);
    await unlessMade(`${name}.qdq`, fingerprintOf([program, model]), async () => {
      say(`Quantizing ${name}`);
      const pictures = file(`pictures-${side}`);
      mkdirSync(pictures, { recursive: true });
      for (const seed of calibrationSeeds) {
        writeFileSync(path.join(pictures, `${seed}.bmp`), bitmap(picture(seed, side), side));
      }
      const args = ["--scheme", "shift-wise", "--to", "onnx", "--out", file(`${name}.qdq.onnx`)];
      const { code, output } = await run(program, ["quantize", model, ...args, "--calibration", pictures], { env });
      if (code !== 0) throw new Failure(output);
    });
  }
}
