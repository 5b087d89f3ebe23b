// Shiftwise. Options: `schemes`, to be made ready; `task`, what is timed:
//
//   run         the last of the schemes, on the input
//   calibrate   one picture
//   open        reading the model's bytes, simplifying its graph, packing the float weights
//   quantize    shifts, integers and packed weights of the last of the schemes

import init, { Engine } from "../../../../pkg/shiftwise.js";
import { calibrationSeeds, picture } from "../../random.mjs";
import { fetchBytes, inputFor, timed } from "./common.js";

export async function create({ schemes, task = "run" }, model) {
  const parts = {};
  const part = async (name, work) => {
    const [result, ms] = await timed(work);
    parts[name] = ms;
    return result;
  };
  const address = `/models/${model.name}.f32`;
  const [bytes, manifest] = await part("fetch, compile", () =>
    Promise.all([
      fetchBytes(`${address}.onnx`),
      fetch(`${address}.shiftwise.json`).then((answer) => answer.text()),
      init(),
    ]),
  );
  const engine = await part("open", () => Engine.open(bytes, manifest));
  const pictures = calibrationSeeds.map((seed) => picture(seed, model.side));
  const calibrate = (rgba) => engine.calibrate(rgba, model.side, model.side);
  const quantize = (scheme) => engine.quantize(engine.default_options(scheme, "npu"));
  const integerSchemes = schemes.filter((scheme) => scheme !== "float");
  if (integerSchemes.length > 0) {
    await part("calibrate", () => {
      engine.calibration_begin();
      pictures.forEach(calibrate);
      engine.calibration_end();
    });
    await part("quantize", () => integerSchemes.forEach(quantize));
  }
  const input = inputFor(model);
  const last = schemes.at(-1);
  // What the other schemes need, they have needed.
  for (const scheme of schemes.slice(0, -1)) engine.run(scheme, input);
  if (task === "calibrate") engine.calibration_begin();
  const tasks = {
    run: () => engine.run(last, input),
    calibrate: () => calibrate(pictures[0]),
    open: () => Engine.open(bytes, manifest).free(),
    quantize: () => void quantize(last),
  };
  return { parts, run: tasks[task] };
}
