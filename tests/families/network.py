"""A network that is written down twice while it is built.

`exported` is what an exporter would write: batch normalizations on their own, activations spelled out. `plain` is what
docs/numerics.md makes of it: normalizations folded, one node for each activation. Every plain node is run by ONNX
Runtime on all pictures as soon as it is added, so that batch normalizations can be given the statistics that training
would have found, and every tensor its calibrated range.
"""

import zlib
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

EPSILON = 1e-5


def session(model: onnx.ModelProto) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def model_of(name, nodes, inputs, outputs, initializers, opset) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in inputs.items()],
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in outputs.items()],
        [numpy_helper.from_array(value, key) for key, value in initializers.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="make_families"
    )


@dataclass
class Layer:
    """A node with weights, folded. `channel` is the axis of the weight that counts output channels."""

    weight: str
    channel: int


@dataclass
class Plain:
    """A node of the plain network and what becomes of its output's scale (N3)."""

    node: onnx.NodeProto
    # "own": the output has a scale of its own; "kept": its input's; "fused": none, a clamp follows; "real": on the host.
    scale: str


@dataclass
class Network:
    name: str
    pictures: list  # float32 [1, c, h, w]
    opset: int = 13
    # One channel in six is smaller by about 2 to this power, and the next layer's weights for it larger.
    spread: float = 4.0
    # The exported network takes [1, h, w, c] and transposes it.
    channels_last: bool = False
    exported: list = field(default_factory=list)
    weights: dict = field(default_factory=dict)
    plain: list = field(default_factory=list)
    plain_weights: dict = field(default_factory=dict)
    layers: list = field(default_factory=list)
    # Slopes and the like: constants quantized as activations are.
    constants: list = field(default_factory=list)
    fallbacks: list = field(default_factory=list)
    values: dict = field(default_factory=dict)
    count: int = 0

    def __post_init__(self):
        self.rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        self.values["picture"] = self.pictures
        self.output = "picture"

    def entry(self) -> str:
        """The input, as the first layer reads it."""
        if self.channels_last:
            self.export("Transpose", ["picture"], ["picture_nchw"], perm=[0, 3, 1, 2])
        return "picture"

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def shape(self, x: str):
        return self.values[x][0].shape

    def channels(self, x: str) -> int:
        return self.shape(x)[1]

    def export(self, op, inputs, outputs=None, **attributes) -> str:
        """A node of the exported network alone."""
        outputs = outputs or [self.fresh(op.lower())]
        if self.channels_last and op != "Transpose":
            inputs = ["picture_nchw" if name == "picture" else name for name in inputs]
        self.exported.append(helper.make_node(op, inputs, outputs, name=outputs[0], **attributes))
        return outputs[0]

    def run(self, op, inputs, outputs, scale, **attributes):
        """A node of the plain network alone, run on all pictures."""
        node = helper.make_node(op, inputs, outputs, **attributes)
        self.plain.append(Plain(node, scale))
        known = {key: self.plain_weights[key] for key in inputs if key in self.plain_weights}
        computed = [key for key in dict.fromkeys(inputs) if key and key not in known]
        shapes = {key: list(self.shape(key)) for key in computed}
        runner = session(model_of("node", [node], shapes, dict.fromkeys(outputs), known, max(self.opset, 14)))
        results = [
            runner.run(None, {key: self.values[key][i] for key in computed}) for i in range(len(self.pictures))
        ]
        for index, key in enumerate(outputs):
            self.values[key] = [result[index] for result in results]
        self.output = outputs[0]

    def both(self, op, inputs, scale, outputs=None, **attributes) -> str:
        """A node that is the same in both networks."""
        outputs = outputs or [self.fresh(op.lower())]
        self.export(op, inputs, outputs, **attributes)
        self.run(op, inputs, outputs, scale, **attributes)
        return outputs[0]

    def constant(self, value, name=None) -> str:
        name = name or self.fresh("constant")
        self.weights[name] = self.plain_weights[name] = np.asarray(value)
        return name

    # Layers with weights

    def statistics(self, x: str):
        values = np.concatenate(self.values[x]).astype(np.float64)
        axes = tuple(axis for axis in range(values.ndim) if axis != 1)
        return values.mean(axes), values.var(axes)

    def spread_over(self, channels: int) -> np.ndarray:
        small = self.rng.random(channels) < 1 / 6
        return 2.0 ** (self.rng.uniform(-1.0, 0.0, channels) - self.spread * small)

    def normalization(self, x: str):
        """Parameters of a batch normalization of `x`, as training leaves them: scale, offset, mean, variance."""
        mean, variance = self.statistics(x)
        channels = len(mean)
        scale = self.spread_over(channels) * self.rng.choice([1.0, 1.0, 1.0, -1.0], channels)
        offset = scale * self.rng.uniform(-0.5, 0.5, channels)
        return [value.astype(np.float32) for value in (scale, offset, mean, variance)]

    @staticmethod
    def affine(parameters):
        """The normalization as a scale and a shift, computed in float64 and rounded once each."""
        scale, offset, mean, variance = (value.astype(np.float64) for value in parameters)
        factor = scale / np.sqrt(variance + np.float64(np.float32(EPSILON)))
        return factor.astype(np.float32), (offset - mean * factor).astype(np.float32)

    def export_normalization(self, x, parameters, output) -> str:
        names = []
        for suffix, value in zip(("scale", "offset", "mean", "variance"), parameters):
            names.append(f"{output}.{suffix}")
            self.weights[names[-1]] = value
        return self.export("BatchNormalization", [x, *names], [output], epsilon=EPSILON)

    def conv(
        self, x, outputs, kernel=1, stride=1, pad=None, groups=1, norm=True, act=None, transposed=False, bias=None,
        gain=1.0, **attributes,
    ) -> str:
        """Convolution with batch normalization (or a bias) and activation."""
        inputs, name = self.channels(x), self.fresh("conv")
        pad = (kernel - 1) // 2 if pad is None else pad
        shape = (inputs, outputs // groups) if transposed else (outputs, inputs // groups)
        channel = 1 if transposed else 0
        fan = kernel * kernel * inputs / groups / (stride * stride if transposed else 1)
        weight = self.rng.standard_normal((*shape, kernel, kernel)) * np.sqrt(2.0 / fan) * gain
        if not norm:
            # Without a normalization the weights themselves differ from channel to channel.
            spread = self.spread_over(outputs)
            weight = weight * (spread.reshape(1, -1, 1, 1) if transposed else spread.reshape(-1, 1, 1, 1))
        weight = weight.astype(np.float32)
        attributes |= {"kernel_shape": [kernel, kernel], "strides": [stride, stride], "group": groups}
        if "auto_pad" not in attributes:
            attributes["pads"] = [pad] * 4
        op = "ConvTranspose" if transposed else "Conv"
        has_bias = not norm if bias is None else bias
        offset = self.rng.uniform(-0.2, 0.2, outputs).astype(np.float32) if has_bias else None
        parts = [x, f"{name}.weight"] + ([f"{name}.bias"] if has_bias else [])
        self.weights[parts[1]] = weight
        if has_bias:
            self.weights[parts[2]] = offset
        self.export(op, parts, [name], **attributes)
        output = name
        if norm:
            raw = self.fresh("raw")
            self.plain_weights |= {key: self.weights[key] for key in parts[1:]}
            self.run(op, parts, [raw], "own", **attributes)
            self.plain.pop()
            parameters = self.normalization(raw)
            output = self.export_normalization(name, parameters, f"{name}.norm")
            factor, shift = (value.astype(np.float64) for value in self.affine(parameters))
            # With groups the axis of a transposed weight holds the channels of one group; none here has both.
            by_channel = factor.reshape((1, -1, 1, 1) if transposed else (-1, 1, 1, 1))
            weight = (weight.astype(np.float64) * by_channel).astype(np.float32)
            offset = ((0.0 if offset is None else offset.astype(np.float64) * factor) + shift).astype(np.float32)
        parts = [x, f"{name}.weight"] + ([f"{name}.bias"] if offset is not None else [])
        self.plain_weights[parts[1]] = weight
        if offset is not None:
            self.plain_weights[parts[2]] = offset
        self.layers.append(Layer(parts[1], channel))
        self.run(op, parts, [output], "fused" if act in ("relu", "relu6") else "own", **attributes)
        return self.activation(output, act)

    def normalize(self, x, act=None) -> str:
        """A batch normalization that nothing can take in: a depthwise 1x1 convolution."""
        name, channels = self.fresh("norm"), self.channels(x)
        parameters = self.normalization(x)
        self.export_normalization(x, parameters, name)
        factor, shift = self.affine(parameters)
        self.plain_weights[f"{name}.weight"] = factor.reshape(-1, 1, 1, 1)
        self.plain_weights[f"{name}.bias"] = shift
        self.layers.append(Layer(f"{name}.weight", 0))
        scale = "fused" if act in ("relu", "relu6") else "own"
        self.run("Conv", [x, f"{name}.weight", f"{name}.bias"], [name], scale, group=channels)
        return self.activation(name, act)

    def linear(self, x, outputs, style="gemm", act=None) -> str:
        inputs, name = self.shape(x)[1], self.fresh("linear")
        weight = (self.rng.standard_normal((outputs, inputs)) * np.sqrt(1.0 / inputs)).astype(np.float32)
        bias = self.rng.uniform(-0.2, 0.2, outputs).astype(np.float32)
        self.plain_weights |= {f"{name}.weight": weight, f"{name}.bias": bias}
        self.weights[f"{name}.bias"] = bias
        if style == "gemm":
            self.weights[f"{name}.weight"] = weight
            self.export("Gemm", [x, f"{name}.weight", f"{name}.bias"], [name], transB=1)
        else:
            self.weights[f"{name}.weight"] = np.ascontiguousarray(weight.T)
            product = self.export("MatMul", [x, f"{name}.weight"])
            self.export("Add", [product, f"{name}.bias"], [name])
        self.layers.append(Layer(f"{name}.weight", 0))
        scale = "fused" if act in ("relu", "relu6") else "own"
        self.run("Gemm", [x, f"{name}.weight", f"{name}.bias"], [name], scale, transB=1)
        return self.activation(name, act)

    # Everything else

    def activation(self, x, act) -> str:
        if act is None:
            return x
        if act == "relu":
            return self.both("Relu", [x], "own")
        output = self.fresh(act)
        if act == "relu6":
            self.run("Clip", [x, *self.bounds()], [output], "own")
            return self.export("Clip", [x, *self.bounds()], [output])
        if act == "hard_swish":
            self.run("HardSwish", [x], [output], "own")
            if self.opset >= 14:
                return self.export("HardSwish", [x], [output])
            three, six = self.number("three", 3.0), self.number("six", 6.0)
            clipped = self.export("Clip", [self.export("Add", [x, three]), *self.bounds()])
            return self.export("Div", [self.export("Mul", [x, clipped]), six], [output])
        if act == "silu":
            # The plain network has one node for it, so that the sigmoid does not get a scale of its own.
            self.silu(x, output)
            return self.export("Mul", [x, self.export("Sigmoid", [x])], [output])
        if act == "prelu":
            slopes = self.rng.uniform(0.05, 0.4, (self.channels(x), 1, 1)).astype(np.float32)
            slope = self.constant(slopes, f"{output}.slope")
            self.constants.append(slope)
            return self.both("PRelu", [x, slope], "own", [output])
        ops = {"sigmoid": "Sigmoid", "hard_sigmoid": "HardSigmoid", "tanh": "Tanh"}
        attributes = {"alpha": 1 / 6, "beta": 0.5} if act == "hard_sigmoid" else {}
        return self.both(ops[act], [x], "own", [output], **attributes)

    def silu(self, x, output):
        gate = f"{output}.gate"
        self.run("Sigmoid", [x], [gate], "fused")
        self.run("Mul", [x, gate], [output], "own")

    def number(self, name, value) -> str:
        self.weights[name] = self.plain_weights[name] = np.array(value, dtype=np.float32)
        return name

    def bounds(self):
        return self.number("zero", 0.0), self.number("six", 6.0)

    def add(self, a, b, act=None) -> str:
        output = self.both("Add", [a, b], "fused" if act == "relu" else "own")
        return self.activation(output, act)

    def multiply(self, a, b) -> str:
        return self.both("Mul", [a, b], "own")

    def concat(self, *parts) -> str:
        return self.both("Concat", list(parts), "own", axis=1)

    def max_pool(self, x, kernel=2, stride=2, **attributes) -> str:
        return self.both("MaxPool", [x], "kept", kernel_shape=[kernel] * 2, strides=[stride] * 2, **attributes)

    def average_pool(self, x, kernel=2, stride=2) -> str:
        return self.both("AveragePool", [x], "own", kernel_shape=[kernel] * 2, strides=[stride] * 2)

    def mean(self, x, keep=True) -> str:
        """Over height and width."""
        return self.both("GlobalAveragePool", [x], "own") if keep else self.both("Flatten", [self.mean(x)], "kept")

    def instance_norm(self, x, act=None) -> str:
        channels, name = self.channels(x), self.fresh("instance")
        scale = self.constant(self.rng.uniform(0.5, 1.5, channels).astype(np.float32), f"{name}.scale")
        shift = self.constant(self.rng.uniform(-0.3, 0.3, channels).astype(np.float32), f"{name}.shift")
        self.fallbacks.append(name)
        self.both("InstanceNormalization", [x, scale, shift], "fused" if act == "relu" else "own", [name])
        return self.activation(name, act)

    # The results

    def model(self) -> onnx.ModelProto:
        n, c, h, w = self.pictures[0].shape
        inputs = {"picture": [n, h, w, c] if self.channels_last else [n, c, h, w]}
        outputs = {self.output: list(self.shape(self.output))}
        model = model_of(self.name, self.exported, inputs, outputs, self.weights, self.opset)
        onnx.checker.check_model(model, full_check=True)
        return model
