// onnxruntime-web, its wasm execution provider on one thread. Options: `variant` of the model, f32 or qdq.

import { fetchBytes, inputFor, timed } from "./common.js";

// Not bundled: it looks for its other files beside its own.
const folder = "/npm/onnxruntime-web/dist/";

export async function create({ variant }, model) {
  const [[ort, bytes], fetchMs] = await timed(() =>
    Promise.all([
      import(/* @vite-ignore */ `${folder}ort.wasm.min.mjs`),
      fetchBytes(`/models/${model.name}.${variant}.onnx`),
    ]),
  );
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = folder;
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
  // Its wasm module is fetched and compiled when the first session is made.
  const [session, openMs] = await timed(() => ort.InferenceSession.create(bytes, options));
  const input = inputFor(model);
  const dims = [1, 3, model.side, model.side];
  const [inputName, outputName] = [session.inputNames[0], session.outputNames[0]];
  return {
    parts: { fetch: fetchMs, "compile, open": openMs },
    async run() {
      const results = await session.run({ [inputName]: new ort.Tensor("float32", input, dims) });
      return results[outputName].data;
    },
  };
}
