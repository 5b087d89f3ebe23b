// `npm run referees`: engines that nobody here wrote judge the integers. For the bundled example, or for the models named,
// every scheme is quantized and run under each profile, and every integer tensor is compared:
//
//   npu     with the NumPy oracle of tests/oracle, which derives all parameters by itself
//   tflite  with TensorFlow Lite's interpreter, its reference kernels, on the exported .tflite
//   ort     with ONNX Runtime, on the exported QDQ model
//
//   npm run referees
//   npm run referees -- MODEL.onnx ... --images DIR [--calibration DIR] [--limit N] [--bias-correction NAME] ...
//
// The Python packages are installed into an environment of their own below target/. Options other than --limit go to
// `shiftwise quantize`.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Failure, main, root, run, say, versionOf } from "./lib/run.mjs";
import { buildEnvironment } from "./lib/tools.mjs";

const schemes = ["layer-wise", "shift-wise", "channel-wise"];
const environment = path.join(root, "target", "referees");
const script = (name) => path.join(root, "tests", "referees", name);
const requirements = script("requirements.txt");

/** The interpreter of an environment that has the referees, made if need be. */
async function python() {
  const program = path.join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const stamp = path.join(environment, "requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return program;
  if (!(await versionOf("python3"))) throw new Failure("There is no python3 on PATH: install Python 3.11 or newer.");
  say("Installing the referees below target/ (about 1 min)");
  const steps = [
    ["python3", ["-m", "venv", environment]],
    [program, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]],
    ["cp", [requirements, stamp]],
  ];
  for (const [tool, args] of steps) {
    const { code, output } = await run(tool, args);
    if (code !== 0) throw new Failure(`${tool} ${args.join(" ")} failed:\n${output}`);
  }
  return program;
}

/** Models, the number of pictures, and what else was asked for. */
function parse(args) {
  const asked = { models: [], limit: "2", options: [] };
  for (let i = 0; i < args.length; i++) {
    if (!args[i].startsWith("--")) asked.models.push(args[i]);
    else if (args[i] === "--limit") asked.limit = args[++i];
    else asked.options.push(args[i], args[++i]);
  }
  if (asked.models.length > 0 && !asked.options.includes("--images")) {
    throw new Failure("Name pictures to run the models on: --images DIR.");
  }
  return asked;
}

/** Runs `work` with a folder of its own. */
async function inFolder(work) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "shiftwise-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a referee; returns the rows that it counted. Exit code 1 without rows is a failure of its own. */
async function judge(tools, referee, args, folder) {
  const file = path.join(folder, "counts.json");
  const { output } = await run(tools.python, [script(referee), "--json", file, ...args]);
  if (!existsSync(file)) throw new Failure(output);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Exports a model and its integers, and lets the engine of that format judge them. */
const byEngine = (tools, model, scheme, { limit, options }, format, referee) =>
  inFolder(async (folder) => {
    const [file, golden] = [path.join(folder, `model.${format}`), path.join(folder, "golden")];
    const wanted = ["--scheme", scheme, "--to", format, "--out", file, "--golden", golden, "--limit", limit];
    const { code, output } = await run(tools.shiftwise, ["quantize", ...model, ...wanted, ...options]);
    if (code !== 0) throw new Failure(output);
    const pictures = readdirSync(golden, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const folders = pictures.length > 0 ? pictures.map(({ name }) => path.join(golden, name)) : [golden];
    return judge(tools, referee, [file, ...folders], folder);
  });

/** The oracle quantizes by itself. */
const byOracle = (tools, model, { limit, options }) =>
  inFolder((folder) => {
    const args = [...model, "--program", tools.shiftwise, "--limit", limit, "--", ...options];
    return judge(tools, "npu.py", args, folder);
  });

const widths = [34, 8, 13, 48, 8, 11, 9, 8];
const row = (cells) =>
  say(
    cells.map((cell, i) => (i < 4 ? String(cell).padEnd(widths[i]) : String(cell ?? "-").padStart(widths[i]))).join(""),
  );

await main(async () => {
  const asked = parse(process.argv.slice(2));
  const env = buildEnvironment();
  const built = await run("cargo", ["build", "--release", "--bin", "shiftwise"], { env, echo: true });
  if (built.code !== 0) throw new Failure("The command line did not build.");
  const target = env.CARGO_TARGET_DIR ?? path.join(root, "target");
  mkdirSync(target, { recursive: true });
  const tools = { python: await python(), shiftwise: path.join(target, "release", "shiftwise") };

  const models = asked.models.map((file) => [path.basename(file), [file]]);
  if (models.length === 0) models.push(["digits", ["--bundled", "digits"]]);
  row(["model", "profile", "scheme", "what is compared", "tensors", "elements", "unequal", "largest"]);
  const wrong = new Set();
  const tell = (name, profile, scheme, counts) => {
    for (const { what, tensors, elements, unequal, largest } of counts) {
      row([name, profile, scheme, what, tensors, elements, unequal, largest]);
      if (unequal > 0) wrong.add(profile);
    }
  };
  for (const [name, model] of models) {
    for (const { scheme, ...counts } of await byOracle(tools, model, asked)) tell(name, "npu", scheme, [counts]);
    for (const scheme of schemes) {
      tell(name, "tflite", scheme, await byEngine(tools, model, scheme, asked, "tflite", "tflite.py"));
      tell(name, "ort", scheme, await byEngine(tools, model, scheme, asked, "onnx", "ort.py"));
    }
  }
  if (wrong.has("ort")) say("\nWhere ONNX Runtime has no integer kernel it computes in float32: docs/numerics.md, N9.");
  if (wrong.has("npu") || wrong.has("tflite")) throw new Failure("Unequal integers.");
});
