// LiteRT.js, TensorFlow Lite with XNNPACK, on one thread. Options: `variant` of the model, f32 or int8; both take and give
// float32.

import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { fetchBytes, inputFor, timed } from "./common.js";

const folder = "/npm/@litertjs/core/wasm/";

/** Its loader wants a function that module Workers lack, and finds its module beside a script that it then cannot name. */
function helpLoader() {
  globalThis.importScripts = (address) => {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.send();
    globalThis.ModuleFactory = new Function(`${request.responseText}\nreturn ModuleFactory;`)();
  };
  globalThis.Module = { locateFile: (name) => folder + name };
}

export async function create({ variant }, model) {
  helpLoader();
  const [[bytes], fetchMs] = await timed(() =>
    Promise.all([fetchBytes(`/tflite/${model.name}.${variant}.tflite`), loadLiteRt(folder)]),
  );
  const [compiled, openMs] = await timed(() => loadAndCompile(bytes, { accelerator: "wasm" }));
  const input = channelsLast(inputFor(model));
  const dims = [1, model.side, model.side, 3];
  return {
    parts: { "fetch, compile": fetchMs, open: openMs },
    async run() {
      const tensor = new Tensor(input, dims);
      const [result] = [await compiled.run(tensor)].flat();
      const output = result.toTypedArray().slice();
      tensor.delete();
      result.delete();
      return output;
    },
  };
}

function channelsLast(values) {
  const pixels = values.length / 3;
  return values.map((_, i) => values[(i % 3) * pixels + Math.floor(i / 3)]);
}
