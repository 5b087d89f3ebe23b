// A network as a float32 ONNX file, with weights drawn from a fixed seed (He's deviation, arXiv:1502.01852; small biases).

import protobuf from "protobufjs";
import { product } from "./networks.mjs";
import { nearlyNormal } from "./random.mjs";

const OPSET = 13;
const IR_VERSION = 8;
const FLOAT = 1;
const [INT, INTS] = [2, 7];

// The messages and fields of onnx.proto that a float network of static shape needs.
const message = (fields) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [id, type, repeated]]) => [
      name,
      { id, type, ...(repeated ? { rule: "repeated", options: { packed: false } } : {}) },
    ]),
  ),
});
const ModelProto = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({
      irVersion: [1, "int64"],
      producerName: [2, "string"],
      graph: [7, "GraphProto"],
      opsetImport: [8, "OperatorSetIdProto", true],
    }),
    OperatorSetIdProto: message({ domain: [1, "string"], version: [2, "int64"] }),
    GraphProto: message({
      node: [1, "NodeProto", true],
      name: [2, "string"],
      initializer: [5, "TensorProto", true],
      input: [11, "ValueInfoProto", true],
      output: [12, "ValueInfoProto", true],
    }),
    NodeProto: message({
      input: [1, "string", true],
      output: [2, "string", true],
      name: [3, "string"],
      opType: [4, "string"],
      attribute: [5, "AttributeProto", true],
    }),
    AttributeProto: message({
      name: [1, "string"],
      i: [3, "int64"],
      ints: [8, "int64", true],
      type: [20, "int32"],
    }),
    TensorProto: message({
      dims: [1, "int64", true],
      dataType: [2, "int32"],
      name: [8, "string"],
      rawData: [9, "bytes"],
    }),
    ValueInfoProto: message({ name: [1, "string"], type: [2, "TypeProto"] }),
    TypeProto: message({ tensorType: [1, "TensorTypeProto"] }),
    TensorTypeProto: message({ elemType: [1, "int32"], shape: [2, "TensorShapeProto"] }),
    TensorShapeProto: message({ dim: [1, "DimensionProto", true] }),
    DimensionProto: message({ dimValue: [1, "int64"] }),
  },
}).lookupType("ModelProto");

const attribute = (name, value) =>
  Array.isArray(value) ? { name, ints: value, type: INTS } : { name, i: value, type: INT };

const windowAttributes = ({ kernel, stride, pads }) => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads,
});

const tensor = (name, dims, values) => ({
  name,
  dims,
  dataType: FLOAT,
  rawData: Buffer.from(Float32Array.from(values).buffer),
});

const value = (name, dims) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
});

/** Bytes of the ONNX file. Its input is "input" [1, 3, side, side], its output "output" [1, classes]. */
export function encode(network) {
  const [node, initializer] = [[], []];
  const emit = (opType, input, output, attributes = {}) => {
    const described = Object.entries(attributes).map(([name, of]) => attribute(name, of));
    node.push({ opType, name: output, input, output: [output], attribute: described });
    return output;
  };
  if (network.layers.some(({ activation }) => activation === "relu6")) {
    initializer.push(tensor("zero", [], [0]), tensor("six", [], [6]));
  }

  const last = network.layers.length - 1;
  const names = network.layers.map((_, index) => (index === last ? "output" : `layer${index}`));
  const nameOf = (index) => (index < 0 ? "input" : names[index]);
  network.layers.forEach((layer, index) => {
    const { type, inputs, window, groups, weight, activation } = layer;
    const operands = inputs.map(nameOf);
    if (weight) {
      const fanIn = product(weight.slice(1));
      // A rectifier halves the variance, which twice the weights' variance makes up for.
      const draw = nearlyNormal(1000 + index, Math.sqrt((activation ? 2 : 1) / fanIn));
      const drawBias = nearlyNormal(5000 + index, 0.05);
      const weights = Array.from({ length: product(weight) }, draw);
      initializer.push(tensor(`weight${index}`, weight, weights));
      initializer.push(tensor(`bias${index}`, [weight[0]], Array.from({ length: weight[0] }, drawBias)));
      operands.push(`weight${index}`, `bias${index}`);
    }
    const output = activation ? `${names[index]}_linear` : names[index];
    if (type === "conv") emit("Conv", operands, output, { ...windowAttributes(window), group: groups });
    if (type === "add") emit("Add", operands, output);
    if (type === "max-pool") emit("MaxPool", operands, output, windowAttributes(window));
    if (type === "mean") emit("Flatten", [emit("GlobalAveragePool", operands, `${output}_pixel`)], output, { axis: 1 });
    if (type === "dense") emit("Gemm", operands, output, { transB: 1 });
    if (activation === "relu") emit("Relu", [output], names[index]);
    if (activation === "relu6") emit("Clip", [output, "zero", "six"], names[index]);
  });

  const graph = {
    name: network.name,
    node,
    initializer,
    input: [value("input", [1, 3, network.side, network.side])],
    output: [value("output", [1, network.layers[last].output[0]])],
  };
  const opsetImport = [{ domain: "", version: OPSET }];
  return ModelProto.encode({ irVersion: IR_VERSION, producerName: "shiftwise-bench", graph, opsetImport }).finish();
}
