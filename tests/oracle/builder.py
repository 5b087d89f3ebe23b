"""Builds one network twice at once: as an ONNX model and as the oracle's graph (network.py).

Every method adds one operator, computes its float result (from which ranges come) and gives its value's name. Pictures
are [n, h, w, c] here and [n, c, h, w] in ONNX; other tensors are the same in both.
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

import operators

INFINITY = float("inf")
RELU, RELU6 = (0.0, INFINITY), (0.0, 6.0)
OPSET = 18


def to_onnx(x):
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x


def onnx_axes(values):
    """A list with one entry for each axis of a picture, in ONNX's order."""
    return [values[axis] for axis in (0, 3, 1, 2)] if len(values) == 4 else list(values)


def scale_and_shift(scale, offset, mean, variance):
    """What a batch normalization does to a channel: float64, rounded to float32."""
    factor = scale.astype(np.float64) / np.sqrt(variance.astype(np.float64) + float(np.float32(1e-5)))
    return factor.astype(np.float32), (offset - mean * factor).astype(np.float32)


def fold_back(weight, bias, scale, shift):
    """Weight and bias of a convolution with a scale and a shift behind it: float64, rounded to float32."""
    scale = scale.astype(np.float64)
    bias = np.zeros(len(weight)) if bias is None else bias.astype(np.float64)
    return (weight * scale.reshape(-1, 1, 1, 1)).astype(np.float32), (bias * scale + shift).astype(np.float32)


def fold_forward(weight, bias, scale, shift):
    """The same with scale and shift before it; one group, no padding."""
    sums = [sum(tap * float(shift[i % len(shift)]) for i, tap in enumerate(row.reshape(-1).astype(np.float64)))
            for row in weight]
    bias = np.zeros(len(weight)) if bias is None else bias.astype(np.float64)
    return (weight * scale.astype(np.float64)).astype(np.float32), (bias + sums).astype(np.float32)


class Builder:
    def __init__(self, name, seed):
        self.name = name
        self.rng = np.random.default_rng(seed)
        self.graph = {"inputs": [], "outputs": [], "constants": {}, "nodes": []}
        self.floats, self.ranges = {}, {}
        # Values that the program need not have, or has under another name: those that only rename axes.
        self.hidden = set()
        self.onnx_nodes, self.initializers, self.declared = [], [], []

    def random(self, *shape, spread=1.0):
        """Float32 of few digits, so that the case's file stays small."""
        return (np.round(self.rng.standard_normal(shape) * 64) / 64 * spread).astype(np.float32)

    # Making nodes

    def input(self, *shape, spread=1.0, range=None):
        name = f"x{len(self.declared)}"
        self.declared.append((name, shape))
        self.graph["inputs"].append(name)
        return self.value(name, self.random(*shape, spread=spread), range)

    def value(self, name, x, range=None):
        x = np.asarray(x, np.float32)
        assert np.isfinite(x).all(), name
        self.floats[name] = x
        self.ranges[name] = range or [float(x.min()), float(x.max())]
        return name

    def initializer(self, array, name):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def emit(self, onnx_op, inputs, output, **attributes):
        self.onnx_nodes.append(helper.make_node(onnx_op, inputs, [output], name=f"{output}_node", **attributes))
        return output

    def node(self, op, inputs, x, onnx, clamp=None, range=None, **fields):
        """`onnx(name)` emits the ONNX node that writes `name`; a fused clamp is another one behind it."""
        output = f"t{len(self.graph['nodes'])}"
        before = f"{output}_before" if clamp else output
        onnx(before)
        if clamp:
            x = np.clip(x, *clamp)
            self.emit_clamp(clamp, before, output)
        node = {"name": f"{before}_node", "op": op, "inputs": list(inputs), "output": output, **fields}
        if clamp:
            node["clamp"] = list(clamp)
        self.graph["nodes"].append(node)
        return self.value(output, x, range)

    def emit_clamp(self, clamp, source, output):
        if clamp == RELU:
            self.emit("Relu", [source], output)
        else:
            bounds = [
                "" if np.isinf(bound) else self.initializer(np.float32(bound), f"{output}_{end}")
                for bound, end in zip(clamp, ("min", "max"))
            ]
            self.emit("Clip", [source, *bounds], output)

    # Operators with weights

    def conv(self, x, outputs, kernel=(1, 1), stride=(1, 1), dilation=(1, 1), pads=(0, 0, 0, 0), groups=1, bias=True,
             weight=None, clamp=None, range=None, normalize=False):
        """`normalize` puts a batch normalization behind the ONNX node, which the oracle folds."""
        depth = self.floats[x].shape[-1] // groups
        if weight is None:
            weight = self.random(outputs, *kernel, depth, spread=1 / np.sqrt(depth * kernel[0] * kernel[1]))
        weight = onnx_weight = np.asarray(weight, np.float32)
        if bias is True:
            bias = self.random(outputs)
        bias = onnx_bias = None if bias is False else np.asarray(bias, np.float32)
        if normalize:
            statistics = self.statistics(outputs)
            weight, bias = fold_back(weight, bias, *scale_and_shift(*statistics))
        fields = {"weight": weight, "bias": bias, "stride": list(stride), "dilation": list(dilation),
                  "pads": list(pads), "groups": groups}
        y = operators.convolve(operators.as_picture(self.floats[x]), weight, fields)
        y = y + (0.0 if bias is None else bias)
        rank = self.floats[x].ndim
        y = {2: lambda: y[:, 0, 0], 3: lambda: y[:, 0], 4: lambda: y}[rank]()

        def onnx(output):
            last = f"{output}_plain" if normalize else output
            matrix = onnx_weight[:, 0, 0]
            arranged = {2: matrix, 3: matrix.T, 4: to_onnx(onnx_weight)}[rank]
            names = [x, self.initializer(arranged, f"{output}_w")]
            if onnx_bias is not None:
                names.append(self.initializer(onnx_bias, f"{output}_b"))
            if rank == 4:
                self.emit("Conv", names, last, kernel_shape=list(kernel), strides=list(stride),
                          dilations=list(dilation), pads=list(pads), group=groups)
            elif rank == 2:
                self.emit("Gemm", names, last, transB=1)
            else:
                assert onnx_bias is None
                self.emit("MatMul", names, last)
            if normalize:
                self.emit_normalization(last, output, statistics)

        y = self.node("conv", [x], y, onnx, clamp, range, **fields)
        if normalize:
            node = self.graph["nodes"][-1]
            node["name"] = node["name"].replace("_node", "_plain_node")
        return y

    def statistics(self, channels):
        """Scale, offset, mean and variance of a batch normalization."""
        scale, offset, mean = (self.random(channels) for _ in "som")
        return scale, offset, mean, np.abs(self.random(channels)) + np.float32(1 / 64)

    def emit_normalization(self, source, output, statistics):
        names = [self.initializer(array, f"{output}_{kind}")
                 for kind, array in zip(("scale", "offset", "mean", "variance"), statistics)]
        self.emit("BatchNormalization", [source, *names], output)

    def affine(self, x, scale, shift, onnx, range=None):
        """A scale and a shift for each channel are a depthwise 1x1 convolution."""
        fields = {"weight": np.float32(scale).reshape(-1, 1, 1, 1), "bias": np.float32(shift), "stride": [1, 1],
                  "dilation": [1, 1], "pads": [0, 0, 0, 0], "groups": len(scale)}
        y = self.floats[x] * np.float32(scale) + np.float32(shift)
        return self.node("conv", [x], y, onnx, None, range, **fields)

    def batch_normalization(self, x, range=None):
        """One that nothing can take in."""
        statistics = self.statistics(self.floats[x].shape[-1])
        onnx = lambda output: self.emit_normalization(x, output, statistics)
        return self.affine(x, *scale_and_shift(*statistics), onnx, range)

    def normalized_conv(self, x, outputs, kernel, range=None):
        """A convolution without padding that takes in the batch normalization before it, and has its output's name."""
        count = f"t{len(self.graph['nodes'])}"
        statistics = self.statistics(self.floats[x].shape[-1])
        self.emit_normalization(x, f"{count}_normalized", statistics)
        weight, bias = self.random(outputs, *kernel, self.floats[x].shape[-1]), self.random(outputs)
        arrays = {"w": to_onnx(weight), "b": bias}
        names = [f"{count}_normalized", *(self.initializer(arrays[end], f"{count}_{end}") for end in arrays)]
        weight, bias = fold_forward(weight, bias, *scale_and_shift(*statistics))
        fields = {"weight": weight, "bias": bias, "stride": [1, 1], "dilation": [1, 1], "pads": [0, 0, 0, 0],
                  "groups": 1}
        y = operators.convolve(self.floats[x], weight, fields) + bias
        onnx = lambda output: self.emit("Conv", names, output, kernel_shape=list(kernel))
        return self.node("conv", [x], y, onnx, None, range, **fields)

    def by_channel(self, op, x, constant, constant_first=False, range=None):
        """Arithmetic of a picture with one number for each channel."""
        c = np.asarray(constant, np.float32)
        one, zero, wide = np.ones(len(c)), np.zeros(len(c)), c.astype(np.float64)
        scale, shift = {
            "add": lambda: (one, c),
            "sub": lambda: (-one, c) if constant_first else (one, -c),
            "mul": lambda: (c, zero),
            "div": lambda: (1.0 / wide, zero),
        }[op]()
        name = self.initializer(c.reshape(1, -1, 1, 1), f"t{len(self.graph['nodes'])}_c")
        operands = [name, x] if constant_first else [x, name]
        return self.affine(x, scale, shift, lambda output: self.emit(op.capitalize(), operands, output), range)

    def transposed(self, x, outputs, kernel, stride, pads=(0, 0, 0, 0), output_padding=(0, 0), dilation=(1, 1),
                   groups=1, range=None):
        """The graph has the convolution of the spread picture by the turned kernel."""
        depth = self.floats[x].shape[-1] // groups
        weight = self.random(outputs, *kernel, depth, spread=0.5)
        bias = self.random(outputs)
        reach = [(size - 1) * step for size, step in zip(kernel, dilation)]
        enlarged = [length - pad for length, pad in zip(reach + reach, pads)]
        enlarged[2:] = [pad + more for pad, more in zip(enlarged[2:], output_padding)]
        fields = {"weight": weight, "bias": bias, "stride": [1, 1], "dilation": list(dilation), "pads": enlarged,
                  "groups": groups, "between": list(stride)}
        y = operators.convolve(self.floats[x], weight, fields) + bias

        def onnx(output):
            # [o, kh, kw, i] turned, as ONNX's [i of all groups, o of one, kh, kw].
            turned = weight[:, ::-1, ::-1].reshape(groups, outputs // groups, *kernel, depth)
            turned = turned.transpose(0, 4, 1, 2, 3).reshape(groups * depth, outputs // groups, *kernel)
            names = [self.initializer(turned, f"{output}_w"), self.initializer(bias, f"{output}_b")]
            self.emit("ConvTranspose", [x, *names], output, kernel_shape=list(kernel), strides=list(stride),
                      pads=list(pads), output_padding=list(output_padding), dilations=list(dilation), group=groups)

        return self.node("conv", [x], y, onnx, None, range, **fields)

    # Element by element

    def binary(self, op, a, b, clamp=None, range=None):
        """Either operand may be an array: a constant."""
        count = len(self.graph["nodes"])
        names, values = [], []
        for side, operand in zip("ab", (a, b)):
            if isinstance(operand, str):
                names.append(operand)
                values.append(self.floats[operand])
            else:
                constant = np.asarray(operand, np.float32)
                name = self.initializer(to_onnx(constant), f"t{count}_{side}")
                self.graph["constants"][name] = constant
                names.append(name)
                values.append(constant)
        function = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}[op]
        y = function(*values)
        return self.node(op, names, y, lambda output: self.emit(op.capitalize(), names, output), clamp, range)

    def prelu(self, x, slopes, range=None):
        """`slopes` broadcast to the picture."""
        name = f"t{len(self.graph['nodes'])}_slope"
        slopes = np.asarray(slopes, np.float32)
        self.graph["constants"][name] = slopes
        self.initializer(to_onnx(slopes), name)
        value = self.floats[x]
        y = np.where(value < 0, value * slopes, value)
        return self.node("prelu", [x, name], y, lambda output: self.emit("PRelu", [x, name], output), None, range)

    def activation(self, kind, x, range=None, **numbers):
        numbers = {name: float(np.float32(number)) for name, number in numbers.items()}
        y = operators.activation(kind, self.floats[x], numbers)

        def onnx(output):
            if kind == "clamp":
                self.emit_clamp((numbers["min"], numbers["max"]), x, output)
            elif kind == "silu":
                self.emit("Sigmoid", [x], f"{output}_gate")
                self.emit("Mul", [x, f"{output}_gate"], output)
            else:
                op = "".join(part.capitalize() for part in kind.split("_"))
                self.emit(op, [x], output, **numbers)

        y = self.node("activation", [x], y, onnx, None, range, kind=kind, **numbers)
        if kind == "silu":
            # A pattern of two nodes, which keeps the first one's name.
            self.graph["nodes"][-1]["name"] = f"{y}_gate_node"
        return y

    def softmax(self, x):
        value = np.exp(self.floats[x].astype(np.float64))
        y = value / value.sum(axis=-1, keepdims=True)
        axis = 1 if value.ndim == 4 else -1
        return self.node("softmax", [x], y, lambda output: self.emit("Softmax", [x], output, axis=axis))

    # Pools

    def pool(self, op, x, kernel, stride=(1, 1), pads=(0, 0, 0, 0), dilation=(1, 1), ceil=False,
             count_include_pad=False, clamp=None, range=None):
        value = self.floats[x].astype(np.float64)
        out = []
        for axis in (0, 1):
            size, reach = value.shape[1 + axis], (kernel[axis] - 1) * dilation[axis] + 1
            free = size + pads[axis] + pads[axis + 2] - reach
            count = (-(-free // stride[axis]) if ceil else free // stride[axis]) + 1
            if ceil and (count - 1) * stride[axis] >= size + pads[axis]:
                count -= 1
            out.append(count)
        fields = {"kernel": list(kernel), "stride": list(stride), "dilation": list(dilation), "pads": list(pads),
                  "out": out}
        attributes = {"kernel_shape": list(kernel), "strides": list(stride), "pads": list(pads),
                      "ceil_mode": int(ceil)}
        if op == "max_pool":
            attributes["dilations"] = list(dilation)
            y = operators.pool_windows(value, fields, -INFINITY).max(axis=(3, 4))
            onnx_op = "MaxPool"
        else:
            fields["count_include_pad"] = count_include_pad
            attributes["count_include_pad"] = int(count_include_pad)
            counts = operators.counted(fields, value.shape[1:3])[:, :, None]
            y = operators.pool_windows(value, fields, 0.0).sum(axis=(3, 4)) / np.maximum(counts, 1)
            onnx_op = "AveragePool"
        return self.node(op, [x], y, lambda output: self.emit(onnx_op, [x], output, **attributes), clamp, range,
                         **fields)

    def global_average_pool(self, x, clamp=None, range=None):
        y = self.floats[x].mean(axis=(1, 2), keepdims=True, dtype=np.float64)
        onnx = lambda output: self.emit("GlobalAveragePool", [x], output)
        return self.node("global_average_pool", [x], y, onnx, clamp, range)

    # Moving

    def concat(self, names, axis, range=None):
        values = [self.floats[name] for name in names]
        rank = values[0].ndim
        onnx_axis = (0, 2, 3, 1)[axis] if rank == 4 else axis
        onnx = lambda output: self.emit("Concat", names, output, axis=onnx_axis)
        return self.node("concat", names, np.concatenate(values, axis), onnx, None, range, axis=axis)

    def flatten(self, x):
        """A picture to rows in ONNX's order."""
        y = self.floats[x]
        n = len(y)
        rows = to_onnx(y).reshape(n, -1)
        if y.shape[1:3] == (1, 1):
            return self.node("reshape", [x], rows, lambda output: self.emit("Flatten", [x], output),
                             shape=list(rows.shape))
        count = len(self.graph["nodes"])
        moved = f"t{count}_moved"
        self.hidden |= {moved, f"t{count + 1}"}
        self.graph["nodes"].append({"name": moved, "op": "transpose", "inputs": [x], "output": moved,
                                    "permutation": [0, 3, 1, 2]})
        return self.node("reshape", [moved], rows, lambda output: self.emit("Flatten", [x], output),
                         shape=list(rows.shape))

    def reshape(self, x, shape):
        """Of tensors that are not pictures."""
        name = self.initializer(np.array(shape, np.int64), f"t{len(self.graph['nodes'])}_shape")
        y = self.floats[x].reshape(shape)
        y = self.node("reshape", [x], y, lambda output: self.emit("Reshape", [x, name], output), shape=list(shape))
        self.hidden.add(y)
        return y

    def transpose(self, x, permutation):
        """Of tensors that are not pictures."""
        y = self.floats[x].transpose(permutation)
        onnx = lambda output: self.emit("Transpose", [x], output, perm=list(permutation))
        y = self.node("transpose", [x], y, onnx, permutation=list(permutation))
        self.hidden.add(y)
        return y

    def slice(self, x, start, step, size):
        y = operators.cut(self.floats[x], start, step, size)
        count = len(self.graph["nodes"])
        ends = [first + by * number for first, by, number in zip(start, step, size)]
        # An end before the first element is written as a very negative number.
        ends = [end if end >= 0 else -(2**31) for end in ends]
        arrays = {"starts": onnx_axes(start), "ends": onnx_axes(ends), "axes": range(y.ndim), "steps": onnx_axes(step)}
        arrays = {kind: np.array(array, np.int64) for kind, array in arrays.items()}
        names = [x, *(self.initializer(array, f"t{count}_{kind}") for kind, array in arrays.items())]
        return self.node("slice", [x], y, lambda output: self.emit("Slice", names, output), start=list(start),
                         step=list(step), size=list(size))

    def pad(self, x, before, after, mode="constant", constant=0.0):
        y = operators.pad(self.floats[x], before, after, mode, np.float32(constant))
        count = len(self.graph["nodes"])
        amounts = np.array(onnx_axes(before) + onnx_axes(after), np.int64)
        names = [x, self.initializer(amounts, f"t{count}_pads")]
        if mode == "constant":
            names.append(self.initializer(np.float32(constant), f"t{count}_value"))
        return self.node("pad", [x], y, lambda output: self.emit("Pad", names, output, mode=mode),
                         before=list(before), after=list(after), mode=mode, constant=float(np.float32(constant)))

    def resize(self, x, mode, coordinates, scales=None, sizes=None, nearest_mode="round_prefer_floor"):
        """`scales` or `sizes` of height and width."""
        value = self.floats[x]
        from_size = value.shape[1:3]
        count = len(self.graph["nodes"])
        if scales is None:
            out, scales = list(sizes), [np.float32(to) / np.float32(size) for to, size in zip(sizes, from_size)]
            full = np.array([value.shape[0], value.shape[3], *sizes], np.int64)
            names = [x, "", "", self.initializer(full, f"t{count}_sizes")]
        else:
            scales = [np.float32(scale) for scale in scales]
            out = [int(np.floor(np.float32(size) * scale)) for size, scale in zip(from_size, scales)]
            names = [x, "", self.initializer(np.array([1, 1, *scales], np.float32), f"t{count}_scales")]
        at = [operators.positions(coordinates, scales[axis], from_size[axis], out[axis]) for axis in (0, 1)]
        if mode == "nearest":
            rows, columns = (operators.nearest(axis, nearest_mode) for axis in at)
            y = value[:, rows][:, :, columns]
            attributes = {"nearest_mode": nearest_mode}
        else:
            sides = [operators.neighbours(at[axis], from_size[axis]) for axis in (0, 1)]
            y, attributes = operators.bilinear_sums(value.astype(np.float64), *sides) / 2.0**22, {}
        onnx = lambda output: self.emit("Resize", names, output, mode=mode, **attributes,
                                        coordinate_transformation_mode=coordinates)
        return self.node("resize", [x], y, onnx, mode=mode, coordinates=coordinates, nearest_mode=nearest_mode,
                         scales=[float(scale) for scale in scales], out=out)

    def depth_to_space(self, x, block, mode):
        y = operators.depth_to_space(self.floats[x], block, mode)
        onnx = lambda output: self.emit("DepthToSpace", [x], output, blocksize=block, mode=mode)
        return self.node("depth_to_space", [x], y, onnx, block=block, mode=mode)

    # The end

    def finish(self, *outputs):
        self.graph["outputs"] = list(outputs)
        return self

    def model(self):
        shape = lambda stored: onnx_axes(stored)
        graph = helper.make_graph(
            self.onnx_nodes,
            self.name,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape(stored)) for name, stored in self.declared],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape(self.floats[name].shape))
                for name in self.graph["outputs"]
            ],
            self.initializers,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
