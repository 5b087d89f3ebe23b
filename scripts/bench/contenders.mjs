// Who is timed. `module` and `options` are for page/contenders/; `group` tells whose outputs can be compared: LiteRT.js
// runs files made elsewhere, with other weights.

const shiftwise = (scheme) => ({
  id: `shiftwise ${scheme}`,
  module: "shiftwise",
  options: { schemes: [scheme] },
  group: "ours",
});

const schemes = ["float", "layer-wise", "shift-wise", "channel-wise"];

/** What all are compared with. */
export const reference = "onnxruntime-web f32";

const always = [
  { id: reference, module: "onnxruntime", options: { variant: "f32" }, group: "ours" },
  { id: "onnxruntime-web int8 (QDQ)", module: "onnxruntime", options: { variant: "qdq" }, group: "ours" },
  ...schemes.map(shiftwise),
];

const withTflite = ["f32", "int8"].map((variant) => ({
  id: `LiteRT.js ${variant}`,
  module: "litert",
  options: { variant },
  group: "tflite",
}));

/** Those whose name contains one of `only` (all, if it is left out). */
export function contenders({ only, tflite }) {
  const all = tflite ? [...always, ...withTflite] : always;
  return only ? all.filter(({ id }) => only.some((part) => id.includes(part))) : all;
}

/** Everything that one visitor can have loaded at once; for its memory. */
export const allSchemes = { id: "shiftwise, four schemes", module: "shiftwise", options: { schemes } };

/** The steps before the first inference, each timed alone. */
export const pipeline = [
  ["one float inference", "run", ["float"]],
  ["calibrate with one picture", "calibrate", ["float"]],
  ["open: read, fold, pack float weights", "open", ["float"]],
  ["quantize: shift, round, pack", "quantize", ["shift-wise"]],
].map(([id, task, made]) => ({ id, module: "shiftwise", options: { task, schemes: made } }));
