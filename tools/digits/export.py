"""Write the network as ONNX: rounded float32, NCHW, batch 1, batch normalisation left as its own node."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from glyphs import SIZE
from model import CLASSES, EPS, LAYERS

# Significant bits that a float32 keeps when it is written; the low bits of its mantissa are zeros. Zeros compress: a
# visitor loads about 65 % of what full precision takes. Powers of two change no mantissa, so spreading the channels
# before or after gives the same.
SIGNIFICANT_BITS = 11


def rounded(array):
    """float32 with `SIGNIFICANT_BITS` bits, rounded to the nearest, ties to even."""
    drop = 24 - SIGNIFICANT_BITS          # float32 holds 24 significant bits, the first of them unwritten
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    half = (1 << drop - 1) - 1 + (bits >> drop & 1)
    return (bits + half >> drop << drop).astype(np.uint32).view(np.float32)


def to_onnx(weights):
    """The checked ONNX model of `weights` (layer|key -> array), each rounded."""
    nodes, initializers = [], []

    def constant(name, array):
        initializers.append(numpy_helper.from_array(rounded(array), name))
        return name

    def node(op, name, inputs, **attributes):
        nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    x, outputs = "input", {}
    for layer in LAYERS:
        pad = 0 if layer.kind == "pointwise" else 1
        side = 2 * pad + 1
        x = node("Conv", layer.name, [x, constant(f"{layer.name}/weight", weights[f"{layer.name}|weight"])],
                 kernel_shape=[side, side], strides=[layer.stride] * 2, pads=[pad] * 4, dilations=[1, 1],
                 group=layer.inputs if layer.kind == "depthwise" else 1)
        norm = f"{layer.name}/norm"
        parts = [constant(f"{norm}/{key}", weights[f"{layer.name}|{key}"])
                 for key in ("gamma", "beta", "mean", "var")]
        x = node("BatchNormalization", norm, [x, *parts], epsilon=EPS)
        if layer.relu:
            x = node("Relu", f"{layer.name}/relu", [x])
        if layer.add:
            x = node("Add", layer.name.rsplit("/", 1)[0] + "/add", [x, outputs[layer.add]])
        outputs[layer.name] = x
    x = node("GlobalAveragePool", "pool", [x])
    x = node("Flatten", "flatten", [x], axis=1)
    nodes.append(helper.make_node(
        "Gemm", [x, constant("classifier/weight", weights["classifier|weight"]),
                 constant("classifier/bias", weights["classifier|bias"])],
        ["logits"], name="classifier", transB=1))
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 1, SIZE, SIZE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, CLASSES])], initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)],
                             producer_name="tools/digits", ir_version=8)
    made = onnx.shape_inference.infer_shapes(made, strict_mode=True)
    onnx.checker.check_model(made, full_check=True)
    return made


def from_onnx(path):
    """The weights (layer|key -> array) back from a file that `to_onnx` made."""
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    weights = {}
    for layer in LAYERS:
        weights[f"{layer.name}|weight"] = stored[f"{layer.name}/weight"]
        for key in ("gamma", "beta", "mean", "var"):
            weights[f"{layer.name}|{key}"] = stored[f"{layer.name}/norm/{key}"]
    for key in ("weight", "bias"):
        weights[f"classifier|{key}"] = stored[f"classifier/{key}"]
    return weights
