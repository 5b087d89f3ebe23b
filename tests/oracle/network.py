"""Whole networks of profile `npu`, from docs/numerics.md alone: float graph and ranges -> integers -> execution.

A graph is a dict: `inputs` and `outputs` (names), `constants` (name -> float32 array) and `nodes` in order, each with
`name`, `op`, `inputs`, `output`, optionally `clamp` [min, max] where an activation is fused, and what its operator
needs (see the functions below). Pictures are [n, h, w, c].
"""

import numpy as np

import numerics
import operators
from numerics import finish, multiplier, round_shift

# Operators that only move or compare integers keep their input's scale (N3).
MOVES = ("max_pool", "reshape", "transpose", "slice", "pad", "resize", "depth_to_space")
# Have no integer definition, and on the host no float one to the last bit.
FLOAT_ONLY = ("softmax", "log_softmax", "group_norm")
# Follow what runs on the host to the host.
FOLLOWERS = ("reshape", "transpose", "concat", "slice")
# Operators with integers of their own, and the method that computes these.
LAYERS = {
    "conv": "conv_layer",
    "add": "sum_layer",
    "sub": "sum_layer",
    "mul": "product_layer",
    "div": "product_layer",
    "prelu": "prelu_layer",
    "activation": "activation_layer",
    "concat": "concat_layer",
}


def host_tail(graph):
    """Names of the nodes that the host runs after the last integer tensor."""
    after, tail = set(), set()
    for node in graph["nodes"]:
        divides = node["op"] == "div" and node["inputs"][1] not in graph["constants"]
        follows = node["op"] in FOLLOWERS and not after.isdisjoint(node["inputs"])
        if node["op"] in FLOAT_ONLY or divides or follows:
            after.add(node["output"])
    for node in reversed(graph["nodes"]):
        readers = [reader["name"] for reader in graph["nodes"] if node["output"] in reader["inputs"]]
        if node["output"] in after and tail.issuperset(readers):
            tail.add(node["name"])
    return tail


class Network:
    """A quantized network. `layers[node name]` holds a node's integers, `scales[value]` every Scale."""

    def __init__(self, graph, ranges, options):
        self.graph, self.options = graph, options
        self.scales, self.constants, self.layers = {}, {}, {}
        self.tail = host_tail(graph)
        bits = options.activation_bits
        for name in graph["inputs"]:
            self.scales[name] = numerics.activation_scale(*ranges[name], bits)
        for node in graph["nodes"]:
            if node["name"] in self.tail:
                continue
            if node["op"] in MOVES:
                self.scales[node["output"]] = self.scales[node["inputs"][0]]
            else:
                self.scales[node["output"]] = numerics.activation_scale(*ranges[node["output"]], bits)
            for index, name in enumerate(node["inputs"]):
                if name in graph["constants"]:
                    self.quantize_constant(node, index, name)
            compile_layer = getattr(self, LAYERS.get(node["op"], "no_layer"))
            self.layers[node["name"]] = compile_layer(node)

    def quantize_constant(self, node, index, name):
        """On the range of its own values; a divisor as its reciprocals."""
        values = self.graph["constants"][name].astype(np.float64)
        if node["op"] == "div" and index == 1:
            values = 1.0 / values
        ends = np.float32(values.min()), np.float32(values.max())
        scale = numerics.activation_scale(*ends, self.options.activation_bits)
        self.constants[node["name"], index] = (scale, scale.quantize(values))

    def operand_scale(self, node, index):
        constant = self.constants.get((node["name"], index))
        return constant[0] if constant else self.scales[node["inputs"][index]]

    def centred(self, node, index, tensors):
        """Integers of an input less their zero point."""
        if (node["name"], index) in self.constants:
            scale, q = self.constants[node["name"], index]
            return q - scale.Z
        name = node["inputs"][index]
        return tensors[name].astype(np.int64) - self.scales[name].Z

    @staticmethod
    def no_layer(_):
        return {}

    def bounds(self, node):
        """N7."""
        scale = self.scales[node["output"]]
        lo, hi = node.get("clamp") or (-np.inf, np.inf)
        return int(scale.quantize(lo)), int(scale.quantize(hi))

    def factor(self, value):
        return multiplier(value, self.options.multiplier_bits)

    def rounded(self, p, s):
        return round_shift(p, s, self.options.rounding)

    def finished(self, node, v):
        return finish(v, self.scales[node["output"]].Z, *self.bounds(node))

    # Convolutions: `weight`, `bias` (or None), `stride`, `dilation`, `pads`, `groups`, and where they apply `between`
    # and `tap_means` [kh, kw, channels]

    def conv_layer(self, node):
        options = self.options
        weight = node["weight"]
        bias = np.zeros(len(weight), np.float32) if node["bias"] is None else node["bias"]
        scale_x, scale_y = self.scales[node["inputs"][0]], self.scales[node["output"]]
        k, S_w = numerics.weight_scales(weight, options)
        channels = [
            numerics.quantize_channel(
                weight[o], bias[o], int(k[o]), S_w[o], scale_x.S, scale_x.Z, options, self.means(node, o)
            )
            for o in range(len(weight))
        ]
        # One multiplier and one n for the layer; channel-wise, for each channel.
        count = len(channels) if options.scheme == "channel-wise" else 1
        pairs = [self.factor(scale_x.S * channel.S_w / scale_y.S) for channel in channels[:count]]
        lo, hi = self.bounds(node)
        return {
            "weight": np.stack([channel.weight for channel in channels]).reshape(weight.shape),
            "bias": np.array([channel.bias for channel in channels], np.int64),
            "k": np.array([channel.k for channel in channels]),
            "M": np.array([M for M, _ in pairs], np.int64),
            "n": np.array([n for _, n in pairs], np.int64),
            "lo": lo,
            "hi": hi,
            "fits": all(channel.fits for channel in channels),
            "lowered": [o for o, channel in enumerate(channels) if channel.lowered],
            "saturated": [o for o, channel in enumerate(channels) if channel.saturated],
        }

    def means(self, node, o):
        """What each weight of channel o is multiplied with on average; None without bias correction."""
        if self.options.bias_correction == "none":
            return None
        outputs, *kernel, depth = node["weight"].shape
        means = np.asarray(node["tap_means"], np.float64).reshape(*kernel, -1)
        first = o // (outputs // node["groups"]) * depth
        return means[..., first : first + depth].reshape(-1)

    def conv(self, node, tensors):
        layer, options = self.layers[node["name"]], self.options
        x = self.centred(node, 0, tensors)
        rank, x = x.ndim, operators.as_picture(x)
        if layer["fits"]:
            acc = operators.convolve(x, layer["weight"], node).astype(np.int64) + layer["bias"]
        else:
            acc, events = operators.convolve_checked(
                x, layer["weight"], layer["bias"], node, options.accumulator_bits, options.overflow
            )
            self.events += events
        v = self.rounded(acc * layer["M"], layer["n"] + layer["k"])
        y = self.finished(node, v)
        return {2: lambda: y[:, 0, 0], 3: lambda: y[:, 0], 4: lambda: y}[rank]()

    # Element by element

    def sum_layer(self, node):
        S_a, S_b = (self.operand_scale(node, index).S for index in range(2))
        S_y = self.scales[node["output"]].S
        larger = max(S_a / S_y, S_b / S_y)
        M, n = self.factor(larger)
        scaled = [M if factor == larger else int(np.rint(np.ldexp(factor, n))) for factor in (S_a / S_y, S_b / S_y)]
        return {"M": [scaled[0], -scaled[1] if node["op"] == "sub" else scaled[1]], "n": [n]}

    def add(self, node, tensors):
        layer = self.layers[node["name"]]
        q_a, q_b = (self.centred(node, index, tensors) for index in range(2))
        M_a, M_b = layer["M"]
        return self.finished(node, self.rounded(q_a * M_a + q_b * M_b, layer["n"][0]))

    sub = add

    def product_layer(self, node):
        if node["op"] == "div" and (node["name"], 1) not in self.constants:
            return {}
        S_a, S_b = (self.operand_scale(node, index).S for index in range(2))
        M, n = self.factor(S_a * S_b / self.scales[node["output"]].S)
        return {"M": [M], "n": [n]}

    def mul(self, node, tensors):
        layer = self.layers[node["name"]]
        q_a, q_b = (self.centred(node, index, tensors) for index in range(2))
        return self.finished(node, self.rounded(q_a * q_b * layer["M"][0], layer["n"][0]))

    def div(self, node, tensors):
        if self.layers[node["name"]]:
            return self.mul(node, tensors)
        # A fallback: dequantize, float32 (where a clamp takes a NaN to its lower bound), quantize.
        a, b = (
            (self.operand_scale(node, index).S * self.centred(node, index, tensors)).astype(np.float32)
            for index in range(2)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            y = a / b
        if "clamp" in node:
            lo, hi = np.float32(node["clamp"])
            y = np.where(y > lo, y, lo)
            y = np.where(y < hi, y, hi)
        return self.scales[node["output"]].quantize(y).astype(np.uint8)

    def prelu_layer(self, node):
        x, a = (self.operand_scale(node, index) for index in range(2))
        S_y = self.scales[node["output"]].S
        pairs = [self.factor(x.S / S_y), self.factor(x.S * a.S / S_y)]
        return {"M": [M for M, _ in pairs], "n": [n for _, n in pairs]}

    def prelu(self, node, tensors):
        layer = self.layers[node["name"]]
        q_x, q_a = (self.centred(node, index, tensors) for index in range(2))
        positive, negative = (
            self.rounded(p * M, n) for p, M, n in zip((q_x + 0 * q_a, q_x * q_a), layer["M"], layer["n"])
        )
        return self.finished(node, np.where(q_x >= 0, positive, negative))

    def activation_layer(self, node):
        """`kind` and its numbers."""
        scale_x, scale_y = self.scales[node["inputs"][0]], self.scales[node["output"]]
        values = operators.activation(node["kind"], scale_x.dequantize(np.arange(256)), node)
        return {"table": scale_y.quantize(values).astype(np.uint8)}

    def activation(self, node, tensors):
        return self.layers[node["name"]]["table"][tensors[node["inputs"][0]]]

    # Pools: `kernel`, `stride`, `dilation`, `pads`, `out` [h, w], and `count_include_pad`

    def average_pool(self, node, tensors):
        x = self.centred(node, 0, tensors)
        sums = operators.pool_windows(x, node, 0).sum(axis=(3, 4))
        return self.average(node, sums, operators.counted(node, x.shape[1:3])[:, :, None])

    def global_average_pool(self, node, tensors):
        x = self.centred(node, 0, tensors)
        return self.average(node, x.sum(axis=(1, 2), keepdims=True), np.array(x.shape[1] * x.shape[2]))

    def average(self, node, sums, counts):
        S_x, S_y = self.scales[node["inputs"][0]].S, self.scales[node["output"]].S
        sums, counts = np.broadcast_arrays(sums, counts)
        v = np.zeros(sums.shape, np.int64)
        averages = self.layers[node["name"]] = {}
        # A window of padding alone averages to 0.
        for c in map(int, np.unique(counts[counts > 0])):
            bits = min(self.options.multiplier_bits, 62 - (255 * c).bit_length())
            M, n = averages[c] = multiplier(S_x / (S_y * c), bits)
            v[counts == c] = self.rounded(sums[counts == c] * M, n)
        return self.finished(node, v)

    def max_pool(self, node, tensors):
        # 0 is the smallest integer there is, so padding of 0 never takes part.
        return operators.pool_windows(tensors[node["inputs"][0]], node, 0).max(axis=(3, 4))

    # Moving

    def concat_layer(self, node):
        """`axis`. None for an input that is copied."""
        scales = [self.operand_scale(node, index) for index in range(len(node["inputs"]))]
        scale_y = self.scales[node["output"]]
        pairs = [(None, None) if scale == scale_y else self.factor(scale.S / scale_y.S) for scale in scales]
        return {"M": [M for M, _ in pairs], "n": [n for _, n in pairs]}

    def concat(self, node, tensors):
        layer, parts = self.layers[node["name"]], []
        for index, (M, n) in enumerate(zip(layer["M"], layer["n"])):
            q = self.centred(node, index, tensors)
            v = q if M is None else self.rounded(q * M, n)
            parts.append(self.finished(node, v))
        return np.concatenate(parts, axis=node["axis"])

    def reshape(self, node, tensors):
        return tensors[node["inputs"][0]].reshape(node["shape"])

    def transpose(self, node, tensors):
        return tensors[node["inputs"][0]].transpose(node["permutation"])

    def slice(self, node, tensors):
        return operators.cut(tensors[node["inputs"][0]], node["start"], node["step"], node["size"])

    def pad(self, node, tensors):
        constant = int(self.scales[node["output"]].quantize(node.get("constant", 0.0)))
        return operators.pad(tensors[node["inputs"][0]], node["before"], node["after"], node["mode"], constant)

    def depth_to_space(self, node, tensors):
        return operators.depth_to_space(tensors[node["inputs"][0]], node["block"], node["mode"])

    def resize(self, node, tensors):
        """`mode`, `coordinates`, `nearest_mode`, `scales` [h, w], `out` [h, w]."""
        x = tensors[node["inputs"][0]]
        at = [
            operators.positions(node["coordinates"], node["scales"][axis], x.shape[1 + axis], node["out"][axis])
            for axis in range(2)
        ]
        if node["mode"] == "nearest":
            rows, columns = (operators.nearest(axis, node["nearest_mode"]) for axis in at)
            return x[:, rows][:, :, columns]
        rows, columns = (operators.neighbours(at[axis], x.shape[1 + axis]) for axis in range(2))
        sums = operators.bilinear_sums(x.astype(np.int64), rows, columns)
        return self.rounded(sums, 22).astype(np.uint8)

    # Execution

    def run(self, inputs):
        """Float inputs by name -> integers of every value; `events` counts the additions that overflowed."""
        self.events = 0
        tensors = {name: self.scales[name].quantize(inputs[name]).astype(np.uint8) for name in self.graph["inputs"]}
        for node in self.graph["nodes"]:
            if node["name"] not in self.tail:
                tensors[node["output"]] = getattr(self, node["op"])(node, tensors)
        return tensors

    def hash(self, tensors):
        """N11: of the integers that the host reads, then of the graph's outputs, each once."""
        read = [name for node in self.graph["nodes"] if node["name"] in self.tail for name in node["inputs"]]
        value = numerics.fnv1a(b"")
        for name in dict.fromkeys(read + self.graph["outputs"]):
            if name in tensors:
                value = numerics.fnv1a(np.ascontiguousarray(tensors[name]).tobytes(), value)
        return value
