"""The cases that make_cases.py writes: at least one for every operator and attribute that the reader accepts.

Shapes are small and odd, so that a swapped height and width, or a kernel read in the wrong order, cannot go unseen.
"""

from dataclasses import dataclass, field

import numpy as np
from onnx import helper, numpy_helper

node = helper.make_node


@dataclass
class Case:
    name: str
    nodes: list
    inputs: dict = field(default_factory=lambda: {"x": (1, 3, 7, 5)})
    weights: dict = field(default_factory=dict)
    outputs: list = field(default_factory=lambda: ["y"])
    opset: int = 13
    # Input shapes as the file gives them, where they differ (symbolic batch).
    declared: dict = field(default_factory=dict)
    # Standard deviation of the inputs.
    spread: float = 1.0


def floats(*shape, scale=0.5, offset=0.0):
    """Weights drawn from the case's own generator."""
    return lambda rng: (rng.standard_normal(shape) * scale + offset).astype(np.float32)


def positive(*shape):
    return lambda rng: (rng.random(shape) + 0.5).astype(np.float32)


def i64(*values):
    return np.array(values, dtype=np.int64)


def f32(*values):
    return np.array(values, dtype=np.float32)


def scalar(value):
    return np.array(value, dtype=np.float32)


def one(name, op, inputs=("x",), shape=(1, 3, 7, 5), weights=None, opset=13, spread=1.0, **attributes):
    """A graph of a single node."""
    return Case(name, [node(op, list(inputs), ["y"], **attributes)], {"x": shape}, weights or {}, opset=opset, spread=spread)


def conv(name, shape=(1, 3, 7, 5), weight=(4, 3, 3, 3), bias=True, opset=13, **attributes):
    weights = {"w": floats(*weight)}
    if bias:
        weights["b"] = floats(weight[0])
    return one(f"conv_{name}", "Conv", ["x", *weights], shape, weights, opset, **attributes)


def convolutions():
    yield conv("plain")
    yield conv("no_bias", bias=False)
    yield conv("opset7", opset=7)
    yield conv("opset22", opset=22)
    yield conv("batch", shape=(2, 3, 7, 5))
    yield conv("stride", strides=[2, 3], pads=[1, 1, 1, 1])
    yield conv("pads_all_different", pads=[0, 1, 2, 3])
    yield conv("dilation", shape=(1, 3, 9, 11), dilations=[2, 3], pads=[1, 2, 1, 2])
    yield conv("kernel_1x5", weight=(4, 3, 1, 5), kernel_shape=[1, 5], pads=[0, 2, 0, 2])
    yield conv("kernel_4x2", weight=(4, 3, 4, 2), pads=[2, 0, 1, 1])
    yield conv("pointwise", weight=(5, 3, 1, 1))
    yield conv("groups", shape=(1, 6, 7, 5), weight=(4, 3, 3, 3), group=2)
    yield conv("depthwise", shape=(1, 5, 7, 5), weight=(5, 1, 3, 3), group=5, pads=[1, 1, 1, 1])
    yield conv("depthwise_stride", shape=(1, 4, 8, 7), weight=(4, 1, 3, 3), group=4, strides=[2, 2], pads=[0, 0, 1, 1])
    yield conv("depthwise_multiplier", shape=(1, 3, 7, 5), weight=(6, 1, 3, 3), group=3)
    yield conv("depthwise_dilation", shape=(1, 3, 9, 8), weight=(3, 1, 3, 3), group=3, dilations=[2, 2], pads=[2, 2, 2, 2])
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"):
        yield conv(f"auto_pad_{mode.lower()}", shape=(1, 3, 8, 5), weight=(2, 3, 4, 2), auto_pad=mode, strides=[3, 2])
    yield conv("auto_pad_same_upper_stride1", shape=(1, 3, 6, 5), weight=(2, 3, 4, 2), auto_pad="SAME_UPPER")
    yield conv("one_pixel", shape=(1, 8, 1, 1), weight=(6, 8, 1, 1))
    yield conv("kernel_larger_than_input", shape=(1, 2, 3, 2), weight=(3, 2, 5, 5), pads=[2, 2, 2, 2])


def linear():
    rows = (3, 5)
    yield one("gemm_plain", "Gemm", ["x", "w", "b"], rows, {"w": floats(5, 4), "b": floats(4)})
    yield one("gemm_trans_b", "Gemm", ["x", "w", "b"], rows, {"w": floats(4, 5), "b": floats(4)}, transB=1)
    yield one("gemm_trans_a", "Gemm", ["x", "w", "b"], (5, 3), {"w": floats(5, 4), "b": floats(4)}, transA=1)
    yield one(
        "gemm_alpha_beta", "Gemm", ["x", "w", "b"], rows, {"w": floats(4, 5), "b": floats(4)}, transB=1, alpha=0.5, beta=-2.0
    )
    yield one("gemm_no_c", "Gemm", ["x", "w"], rows, {"w": floats(5, 4)})
    yield one("gemm_c_scalar", "Gemm", ["x", "w", "b"], rows, {"w": floats(5, 4), "b": floats()})
    yield one("gemm_c_one", "Gemm", ["x", "w", "b"], rows, {"w": floats(5, 4), "b": floats(1)})
    yield one("gemm_c_row", "Gemm", ["x", "w", "b"], rows, {"w": floats(5, 4), "b": floats(1, 4)})
    yield one("gemm_c_column", "Gemm", ["x", "w", "b"], rows, {"w": floats(5, 4), "b": floats(3, 1)}, beta=0.5)
    yield one("gemm_c_matrix", "Gemm", ["x", "w", "b"], rows, {"w": floats(5, 4), "b": floats(3, 4)})
    yield one("gemm_opset7", "Gemm", ["x", "w", "b"], rows, {"w": floats(4, 5), "b": floats(4)}, 7, transB=1)
    yield Case(
        "gemm_c_computed",
        [node("Relu", ["c"], ["r"]), node("Gemm", ["x", "w", "r"], ["y"])],
        {"x": rows, "c": (4,)},
        {"w": floats(5, 4)},
    )
    yield one("matmul_rank2", "MatMul", ["x", "w"], (3, 5), {"w": floats(5, 4)})
    yield one("matmul_rank3", "MatMul", ["x", "w"], (2, 3, 5), {"w": floats(5, 4)})
    yield one("matmul_rank4", "MatMul", ["x", "w"], (1, 2, 3, 5), {"w": floats(5, 4)})
    yield one("matmul_batch_of_one", "MatMul", ["x", "w"], (2, 3, 5), {"w": floats(1, 5, 4)})
    yield one("matmul_constant_left", "MatMul", ["w", "x"], (5, 3), {"w": floats(4, 5)})
    yield Case(
        "matmul_then_add",
        [node("MatMul", ["x", "w"], ["m"]), node("Add", ["m", "b"], ["y"])],
        {"x": (1, 5)},
        {"w": floats(5, 4), "b": floats(4)},
    )
    yield Case(
        "flatten_then_gemm",
        [node("Conv", ["x", "w"], ["c"]), node("Flatten", ["c"], ["f"]), node("Gemm", ["f", "g", "b"], ["y"], transB=1)],
        {"x": (1, 3, 5, 6)},
        {"w": floats(4, 3, 3, 3), "g": floats(5, 48), "b": floats(5)},
    )
    yield Case(
        "reshape_then_matmul",
        [
            node("MaxPool", ["x"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
            node("Reshape", ["p", "s"], ["f"]),
            node("MatMul", ["f", "g"], ["y"]),
        ],
        {"x": (2, 3, 5, 6)},
        {"s": i64(0, -1), "g": floats(18, 5)},
    )


def batch_norm(name, shape=(1, 3, 7, 5), opset=13, **attributes):
    c = shape[1]
    weights = {"s": positive(c), "o": floats(c), "m": floats(c), "v": positive(c)}
    return one(f"batch_normalization{name}", "BatchNormalization", ["x", *weights], shape, weights, opset, **attributes)


def normalizations():
    yield batch_norm("")
    yield batch_norm("_epsilon", epsilon=0.1, momentum=0.5)
    yield batch_norm("_opset7", opset=7)
    yield batch_norm("_opset9", opset=9)
    yield batch_norm("_opset15", opset=15)
    yield batch_norm("_rank2", shape=(3, 4))
    yield batch_norm("_rank3", shape=(2, 4, 5))
    parameters = {f"{p}{i}": (positive if p in "sv" else floats)(4 if i else 3) for i in (0, 1) for p in "somv"}
    yield Case(
        "batch_normalization_around_conv",
        [
            node("BatchNormalization", ["x", "s0", "o0", "m0", "v0"], ["a"]),
            node("Conv", ["a", "w"], ["c"]),
            node("BatchNormalization", ["c", "s1", "o1", "m1", "v1"], ["n"]),
            node("Relu", ["n"], ["y"]),
        ],
        weights=parameters | {"w": floats(4, 3, 3, 3)},
    )
    yield Case(
        "batch_normalization_before_padded_conv",
        [node("BatchNormalization", ["x", "s0", "o0", "m0", "v0"], ["a"]), node("Conv", ["a", "w"], ["y"], pads=[1, 1, 1, 1])],
        weights={k: v for k, v in parameters.items() if k.endswith("0")} | {"w": floats(4, 3, 3, 3)},
    )
    for op in ("Softmax", "LogSoftmax"):
        name = op.lower()
        yield one(f"{name}_default", op, shape=(2, 5))
        yield one(f"{name}_axis1", op, axis=1)
        yield one(f"{name}_axis2", op, axis=2)
        yield one(f"{name}_last", op, shape=(2, 3, 4), axis=-1)
        yield one(f"{name}_large", op, shape=(1, 9), spread=40.0)
        yield one(f"{name}_opset11_rows", op, opset=11)
        yield one(f"{name}_opset11_axis2", op, shape=(2, 3, 4, 5), opset=11, axis=2)
        yield one(f"{name}_opset7", op, shape=(2, 5), opset=7)


def activations():
    for op, attributes in (
        ("Relu", {}),
        ("LeakyRelu", {}),
        ("LeakyRelu", {"alpha": 0.2}),
        ("Sigmoid", {}),
        ("HardSigmoid", {}),
        ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
        ("HardSwish", {}),
        ("Tanh", {}),
    ):
        suffix = "_attributes" if attributes else ""
        opset = 14 if op == "HardSwish" else 13
        yield one(f"{op.lower()}{suffix}", op, spread=3.0, opset=opset, **attributes)
    yield one("swish", "Swish", opset=24, spread=3.0)
    yield one("relu_opset7", "Relu", shape=(4, 3), opset=7)
    yield one("sigmoid_large", "Sigmoid", spread=60.0)
    yield one("tanh_small", "Tanh", spread=0.01)
    yield one("clip_attributes", "Clip", opset=7, spread=5.0, min=0.0, max=6.0)
    yield one("clip_attributes_min", "Clip", opset=10, min=-0.25)
    yield one("clip_inputs", "Clip", ["x", "lo", "hi"], weights={"lo": scalar(-0.5), "hi": scalar(0.75)}, opset=11)
    yield one("clip_inputs_max", "Clip", ["x", "", "hi"], weights={"hi": scalar(0.75)})
    yield one("clip_nothing", "Clip")
    yield one("clip_largest_float", "Clip", ["x", "lo", "hi"], weights={"lo": scalar(0), "hi": scalar(3.4028234663852886e38)})
    yield one("neg", "Neg")


def binaries():
    for op in ("Add", "Sub", "Mul", "Div"):
        name = op.lower()
        right = positive if op == "Div" else floats
        yield one(f"{name}_scalar", op, ["x", "k"], weights={"k": right()})
        yield one(f"{name}_channel", op, ["x", "k"], weights={"k": right(3, 1, 1)})
        # Through a sigmoid, so that nothing is divided by almost zero.
        nodes = [node("Sigmoid", ["x"], ["s"]), node(op, ["k", "s"], ["y"])]
        yield Case(f"{name}_constant_first", nodes, weights={"k": floats(1, 3, 1, 1)})
        yield one(f"{name}_opset7", op, ["x", "k"], weights={"k": right(1, 3, 7, 5)}, opset=7)
        yield one(f"{name}_last_axis", op, ["x", "k"], weights={"k": right(5)}, opset=14)
    yield Case("add_two_inputs", [node("Add", ["a", "b"], ["y"])], {"a": (1, 3, 4, 5), "b": (1, 3, 4, 5)})
    yield Case("mul_broadcast_both", [node("Mul", ["a", "b"], ["y"])], {"a": (1, 3, 1, 5), "b": (1, 1, 4, 1)})
    yield Case("add_rank2_to_image", [node("Add", ["a", "b"], ["y"])], {"a": (1, 3, 4, 5), "b": (4, 5)})
    yield Case("sub_rank3_from_image", [node("Sub", ["b", "a"], ["y"])], {"a": (1, 3, 4, 5), "b": (3, 4, 1)})
    yield Case("add_itself", [node("Add", ["x", "x"], ["y"])])
    yield one("add_constant_of_higher_rank", "Add", ["x", "k"], (4, 5), {"k": floats(2, 3, 1, 5)})
    yield Case(
        "residual",
        [
            node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
            node("Add", ["c", "x"], ["s"]),
            node("Relu", ["s"], ["y"]),
        ],
        weights={"w": floats(3, 3, 3, 3)},
    )
    yield Case(
        "squeeze_and_excite",
        [
            node("GlobalAveragePool", ["x"], ["g"]),
            node("Conv", ["g", "w0", "b0"], ["a"]),
            node("Relu", ["a"], ["r"]),
            node("Conv", ["r", "w1", "b1"], ["e"]),
            node("HardSigmoid", ["e"], ["h"], alpha=1 / 6, beta=0.5),
            node("Mul", ["x", "h"], ["y"]),
        ],
        {"x": (1, 8, 4, 5)},
        {"w0": floats(2, 8, 1, 1), "b0": floats(2), "w1": floats(8, 2, 1, 1), "b1": floats(8)},
    )
    yield Case(
        "squeeze_and_excite_by_gemm",
        [
            node("ReduceMean", ["x"], ["g"], axes=[2, 3], keepdims=0),
            node("Gemm", ["g", "w0", "b0"], ["a"], transB=1),
            node("Sigmoid", ["a"], ["h"]),
            node("Reshape", ["h", "s"], ["e"]),
            node("Mul", ["x", "e"], ["y"]),
        ],
        {"x": (1, 6, 4, 5)},
        {"w0": floats(6, 6), "b0": floats(6), "s": i64(1, -1, 1, 1)},
    )


def pools():
    for op, opset in (("MaxPool", 13), ("AveragePool", 19)):
        name = op.lower()[:-4] + "_pool"
        yield one(f"{name}_plain", op, opset=7, kernel_shape=[2, 3])
        yield one(f"{name}_stride", op, kernel_shape=[3, 2], strides=[2, 3])
        yield one(f"{name}_pads", op, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 2, 1])
        yield one(f"{name}_dilations", op, shape=(1, 2, 9, 8), opset=opset, kernel_shape=[3, 2], dilations=[2, 3])
        yield one(f"{name}_ceil", op, shape=(1, 2, 8, 7), kernel_shape=[3, 3], strides=[2, 3], ceil_mode=1)
        yield one(f"{name}_ceil_pads", op, (["x"]), (1, 2, 6, 7), opset=opset, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
        yield one(f"{name}_ceil_drops_window", op, (["x"]), (1, 2, 5, 5), opset=opset, kernel_shape=[2, 2], strides=[3, 3], pads=[0, 0, 1, 1], ceil_mode=1)
        for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
            yield one(f"{name}_{mode.lower()}", op, shape=(1, 2, 8, 5), kernel_shape=[3, 2], strides=[3, 2], auto_pad=mode)
        yield one(f"{name}_opset22", op, opset=22, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    yield one("average_pool_include_pad", "AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
    yield one(
        "average_pool_include_pad_ceil", "AveragePool", ["x"], (1, 2, 6, 7), opset=19,
        kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1, ceil_mode=1,
    )
    yield one(
        "average_pool_include_pad_dilations", "AveragePool", ["x"], (1, 2, 6, 7), opset=19,
        kernel_shape=[2, 2], dilations=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1,
    )
    yield one("global_average_pool", "GlobalAveragePool", shape=(2, 3, 5, 4))
    yield one("global_average_pool_rank3", "GlobalAveragePool", shape=(2, 3, 5))
    yield one("global_max_pool", "GlobalMaxPool", shape=(2, 3, 5, 4))
    mean = ("ReduceMean", ["x"])
    yield one("reduce_mean_space", *mean, axes=[2, 3])
    yield one("reduce_mean_space_negative", *mean, axes=[-1, -2], keepdims=0)
    yield one("reduce_mean_space_input", "ReduceMean", ["x", "a"], weights={"a": i64(2, 3)}, opset=18, keepdims=0)
    yield one("reduce_mean_opset7", *mean, opset=7, axes=[2, 3], keepdims=1)
    yield one("reduce_mean_width", *mean, axes=[3])
    yield one("reduce_mean_height", *mean, axes=[2], keepdims=0)
    yield one("reduce_mean_channels", *mean, axes=[1])
    yield one("reduce_mean_all", *mean)
    yield one("reduce_mean_rank3", *mean, shape=(2, 3, 5), axes=[1], keepdims=0)
    yield one("reduce_mean_rank2", *mean, shape=(3, 5), axes=[1])
    yield one("reduce_mean_noop", "ReduceMean", ["x"], opset=18, noop_with_empty_axes=1)
    yield one("reduce_mean_one_pixel", *mean, shape=(1, 6, 1, 1), axes=[2, 3], keepdims=0)


def structure():
    yield one("flatten_default", "Flatten", shape=(2, 3, 4, 5))
    yield one("flatten_axis0", "Flatten", shape=(2, 3, 4), axis=0)
    yield one("flatten_axis2", "Flatten", shape=(2, 3, 4, 5), axis=2)
    yield one("flatten_axis_rank", "Flatten", shape=(2, 3), axis=2)
    yield one("flatten_negative_axis", "Flatten", shape=(2, 3, 4, 5), axis=-1)
    yield one("flatten_one_pixel", "Flatten", shape=(2, 6, 1, 1), opset=9)
    yield one("reshape_zero_and_open", "Reshape", ["x", "s"], (2, 3, 4, 5), {"s": i64(0, -1, 5)})
    yield one("reshape_allowzero", "Reshape", ["x", "s"], (2, 3, 4), {"s": i64(4, 6)}, opset=14, allowzero=1)
    yield one("reshape_merges_pixels", "Reshape", ["x", "s"], (2, 3, 4, 5), {"s": i64(2, 3, 20)}, opset=7)
    yield one("reshape_splits_channels", "Reshape", ["x", "s"], (1, 6, 4, 5), {"s": i64(1, 2, 3, 4, 5)})
    yield one("reshape_to_the_same", "Reshape", ["x", "s"], (1, 6, 4, 5), {"s": i64(1, 6, 4, -1)})
    yield one("reshape_opset21", "Reshape", ["x", "s"], (1, 6, 4, 5), {"s": i64(3, -1)}, opset=21)
    yield Case(
        "reshape_to_image",
        [node("Reshape", ["x", "s"], ["r"]), node("Conv", ["r", "w"], ["y"])],
        {"x": (1, 60)},
        {"s": i64(1, 3, 4, 5), "w": floats(2, 3, 2, 2)},
    )
    yield Case(
        "channel_shuffle",
        [
            node("Reshape", ["x", "a"], ["r"]),
            node("Transpose", ["r"], ["t"], perm=[0, 2, 1, 3, 4]),
            node("Reshape", ["t", "b"], ["y"]),
        ],
        {"x": (1, 6, 4, 5)},
        {"a": i64(1, 2, 3, 4, 5), "b": i64(1, 6, 4, 5)},
    )
    for name, perm in (("to_nhwc", [0, 2, 3, 1]), ("to_nchw", [0, 3, 1, 2]), ("swap", [0, 1, 3, 2]), ("odd", [3, 0, 2, 1])):
        yield one(f"transpose_{name}", "Transpose", shape=(2, 3, 4, 5), perm=perm)
    yield one("transpose_reverse", "Transpose", shape=(2, 3, 4))
    yield Case(
        "transposed_input_of_conv",
        [node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), node("Conv", ["t", "w"], ["c"]), node("Transpose", ["c"], ["y"], perm=[0, 2, 3, 1])],
        {"x": (1, 6, 5, 3)},
        {"w": floats(4, 3, 3, 2)},
    )
    yield Case(
        "detector_head",
        [
            node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
            node("Transpose", ["c"], ["t"], perm=[0, 2, 3, 1]),
            node("Reshape", ["t", "s"], ["r"]),
            node("Concat", ["r", "r"], ["j"], axis=1),
            node("Softmax", ["j"], ["y"], axis=-1),
        ],
        weights={"w": floats(6, 3, 3, 3), "s": i64(1, -1, 2)},
    )
    yield one("squeeze_attribute", "Squeeze", shape=(1, 6, 1, 1), opset=11, axes=[2, 3])
    yield one("squeeze_input", "Squeeze", ["x", "a"], (1, 6, 1, 1), {"a": i64(-1, 2)})
    yield one("squeeze_all", "Squeeze", shape=(1, 6, 1, 4))
    yield one("unsqueeze_attribute", "Unsqueeze", shape=(2, 6), opset=7, axes=[0, 3])
    yield one("unsqueeze_input", "Unsqueeze", ["x", "a"], (2, 6), {"a": i64(-1, 2)}, opset=21)
    pair = {"a": (1, 3, 4, 5), "b": (1, 2, 4, 5)}
    yield Case("concat_channels", [node("Concat", ["a", "b"], ["y"], axis=1)], pair)
    yield Case("concat_negative_axis", [node("Concat", ["a", "b"], ["y"], axis=-3)], pair, opset=11)
    yield Case("concat_height", [node("Concat", ["a", "b", "a"], ["y"], axis=2)], {"a": (1, 3, 4, 5), "b": (1, 3, 2, 5)})
    yield Case("concat_with_constant", [node("Concat", ["x", "k"], ["y"], axis=1)], weights={"k": floats(1, 2, 7, 5)})
    yield Case("concat_rank3", [node("Concat", ["a", "b"], ["y"], axis=1)], {"a": (1, 3, 4), "b": (1, 2, 4)}, opset=7)
    yield Case("concat_of_one", [node("Concat", ["x"], ["c"], axis=1), node("Relu", ["c"], ["y"])])
    yield Case(
        "concat_of_different_layouts",
        [node("Transpose", ["a"], ["t"], perm=[0, 3, 1, 2]), node("Relu", ["b"], ["r"]), node("Concat", ["t", "r"], ["y"], axis=1)],
        {"a": (1, 4, 5, 3), "b": (1, 2, 4, 5)},
    )
    yield one("slice_attributes", "Slice", opset=9, starts=[1, 0], ends=[3, -1], axes=[1, 3])
    yield one("slice_attributes_no_axes", "Slice", opset=7, starts=[0, 1], ends=[1, 2**31])
    yield one("slice_inputs", "Slice", ["x", "s", "e", "a", "t"], weights={"s": i64(1, -1), "e": i64(2**62, -(2**62)), "a": i64(2, 3), "t": i64(2, -2)})
    yield one("slice_no_steps", "Slice", ["x", "s", "e", "a"], weights={"s": i64(1), "e": i64(3), "a": i64(-2)}, opset=10)
    yield one("slice_everything", "Slice", ["x", "s", "e"], weights={"s": i64(0), "e": i64(9)})
    yield Case(
        "slice_focus",
        [
            node("Slice", ["x", "s0", "e", "a", "t"], ["p"]),
            node("Slice", ["x", "s1", "e", "a", "t"], ["q"]),
            node("Concat", ["p", "q"], ["y"], axis=1),
        ],
        {"x": (1, 3, 6, 8)},
        {"s0": i64(0, 0), "s1": i64(1, 0), "e": i64(99, 99), "a": i64(2, 3), "t": i64(2, 2)},
    )
    yield Case("split_equal", [node("Split", ["x"], ["p", "q"], axis=1), node("Sub", ["q", "p"], ["y"])], {"x": (1, 6, 4, 5)})
    yield Case("split_attribute", [node("Split", ["x"], ["y", "z"], axis=1, split=[1, 2])], outputs=["z", "y"], opset=11)
    yield Case("split_input", [node("Split", ["x", "s"], ["y", "z"], axis=-1)], weights={"s": i64(2, 3)}, outputs=["y", "z"])
    yield Case("split_uneven", [node("Split", ["x"], ["y", "z", "u"], axis=2, num_outputs=3)], outputs=["y", "z", "u"], opset=18)
    for mode in ("DCR", "CRD"):
        yield one(f"depth_to_space_{mode.lower()}", "DepthToSpace", shape=(1, 12, 3, 2), blocksize=2, mode=mode)
    yield one("depth_to_space_opset7", "DepthToSpace", shape=(2, 18, 2, 3), opset=7, blocksize=3)


def pads():
    around = {"p": i64(0, 0, 1, 2, 0, 0, 3, 0)}
    yield one("pad_constant", "Pad", ["x", "p"], weights=around)
    yield one("pad_constant_value", "Pad", ["x", "p", "v"], weights=around | {"v": scalar(-1.5)})
    yield one("pad_attributes", "Pad", opset=7, pads=[0, 1, 1, 0, 0, 0, 2, 1], value=0.25)
    yield one("pad_attributes_edge", "Pad", opset=10, pads=[0, 0, 1, 0, 0, 0, 2, 1], mode="edge")
    yield one("pad_negative", "Pad", ["x", "p"], weights={"p": i64(0, 0, -1, 2, 0, 0, 3, -1)})
    yield one("pad_channels", "Pad", ["x", "p"], weights={"p": i64(0, 1, 0, 0, 0, 2, 0, 0)})
    yield one("pad_nothing", "Pad", ["x", "p"], weights={"p": i64(*[0] * 8)})
    for mode in ("reflect", "edge"):
        yield one(f"pad_{mode}", "Pad", ["x", "p"], weights={"p": i64(0, 0, 3, 2, 0, 0, 1, 4)}, mode=mode)
    yield one("pad_wrap", "Pad", ["x", "p"], weights={"p": i64(0, 0, 3, 2, 0, 0, 1, 4)}, opset=19, mode="wrap")
    yield one("pad_axes", "Pad", ["x", "p", "v", "a"], weights={"p": i64(1, 2, 3, 0), "v": scalar(0.5), "a": i64(-1, 2)}, opset=18)
    yield one("pad_rank2", "Pad", ["x", "p"], (3, 4), {"p": i64(1, 0, 0, 2)}, opset=11)
    yield Case(
        "pad_before_conv",
        [node("Pad", ["x", "p"], ["q"]), node("Conv", ["q", "w", "b"], ["y"], strides=[2, 2])],
        {"x": (1, 3, 8, 6)},
        {"p": i64(0, 0, 0, 0, 0, 0, 1, 1), "w": floats(4, 3, 3, 3), "b": floats(4)},
    )


def resizes():
    sizes = {"down": (4, 3), "up": (13, 11), "both": (4, 11)}
    for coordinates in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
        for name, (h, w) in sizes.items():
            weights = {"s": i64(1, 2, h, w)}
            inputs = ["x", "", "", "s"]
            shape = (1, 2, 7, 5)
            yield one(
                f"resize_linear_{coordinates}_{name}", "Resize", inputs, shape, weights,
                mode="linear", coordinate_transformation_mode=coordinates,
            )
            for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
                yield one(
                    f"resize_nearest_{coordinates}_{rounding}_{name}", "Resize", inputs, shape, weights,
                    mode="nearest", coordinate_transformation_mode=coordinates, nearest_mode=rounding,
                )
    empty = np.zeros(0, dtype=np.float32)
    yield one("resize_scales", "Resize", ["x", "", "k"], weights={"k": f32(1, 1, 2, 3)}, mode="linear")
    yield one("resize_scales_floored", "Resize", ["x", "", "k"], weights={"k": f32(1, 1, 1.3, 0.7)}, mode="linear")
    yield one("resize_scales_floored_nearest", "Resize", ["x", "", "k"], weights={"k": f32(1, 1, 1.3, 0.7)})
    yield one("resize_empty_inputs", "Resize", ["x", "r", "k", "s"], weights={"r": empty, "k": empty, "s": i64(1, 3, 9, 10)}, opset=11)
    yield one(
        "resize_tf_half_pixel_for_nn", "Resize", ["x", "r", "k"], weights={"r": empty, "k": f32(1, 1, 2, 0.5)}, opset=11,
        mode="nearest", coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode="floor",
    )
    yield one("resize_axes", "Resize", ["x", "", "", "s"], weights={"s": i64(9, 10)}, opset=18, axes=[3, 2], mode="linear")
    yield one("resize_opset19", "Resize", ["x", "", "k"], weights={"k": f32(1, 1, 2, 2)}, opset=19, mode="linear")
    yield one("resize_align_corners_one_pixel", "Resize", ["x", "", "", "s"], (1, 4, 1, 1), {"s": i64(1, 4, 5, 3)}, mode="linear", coordinate_transformation_mode="align_corners")
    yield one("resize_to_one_pixel", "Resize", ["x", "", "", "s"], weights={"s": i64(1, 3, 1, 1)}, mode="linear", coordinate_transformation_mode="pytorch_half_pixel")
    yield one("resize_opset10_nearest", "Resize", ["x", "k"], weights={"k": f32(1, 1, 2, 3)}, opset=10)
    yield one("resize_opset10_nearest_down", "Resize", ["x", "k"], weights={"k": f32(1, 1, 0.6, 0.5)}, opset=10)
    yield one("resize_opset10_linear", "Resize", ["x", "k"], weights={"k": f32(1, 1, 2, 0.6)}, opset=10, mode="linear")
    yield one("upsample_opset7_nearest", "Upsample", opset=7, scales=[1.0, 1.0, 2.0, 3.0])
    yield one("upsample_opset7_linear", "Upsample", opset=7, scales=[1.0, 1.0, 2.0, 3.0], mode="linear")
    yield one("upsample_opset9_nearest", "Upsample", ["x", "k"], weights={"k": f32(1, 1, 2.5, 1)}, opset=9)
    yield Case(
        "resize_nhwc",
        [
            node("Transpose", ["x"], ["t"], perm=[0, 2, 3, 1]),
            node("Resize", ["t", "", "k"], ["r"], mode="nearest"),
            node("Transpose", ["r"], ["y"], perm=[0, 3, 1, 2]),
        ],
        weights={"k": f32(1, 2, 2, 1)},
    )


def constant(output, **attributes):
    return node("Constant", [], [output], **attributes)


def constants():
    yield Case("identity", [node("Identity", ["x"], ["i"]), node("Relu", ["i"], ["j"]), node("Identity", ["j"], ["y"])])
    yield Case("identity_of_input", [node("Identity", ["x"], ["y"])])
    yield Case("transpose_of_input_is_output", [node("Transpose", ["x"], ["y"], perm=[0, 2, 3, 1])])
    yield Case("two_names_for_one_output", [node("Relu", ["x"], ["y"]), node("Identity", ["y"], ["z"])], outputs=["y", "z"])
    yield Case("dropout_opset7", [node("Dropout", ["x"], ["d"], ratio=0.5), node("Relu", ["d"], ["y"])], opset=7)
    yield Case("dropout_mask", [node("Dropout", ["x"], ["d", "m"]), node("Relu", ["d"], ["y"])], opset=10)
    yield Case("dropout_inputs", [node("Dropout", ["x", "r", "t"], ["d"]), node("Relu", ["d"], ["y"])], weights={"r": scalar(0.3), "t": np.array(False)})
    yield Case("cast_to_float", [node("Cast", ["x"], ["c"], to=1), node("Relu", ["c"], ["y"])])
    yield Case("constant_value", [constant("k", value=numpy_helper.from_array(f32(1, 2, 3, 4, 5))), node("Add", ["x", "k"], ["y"])], opset=7)
    yield Case("constant_float", [constant("k", value_float=2.5), node("Mul", ["x", "k"], ["y"])])
    yield Case("constant_floats", [constant("k", value_floats=[1.0, 2.0, 3.0, 4.0, 5.0]), node("Mul", ["x", "k"], ["y"])], opset=12)
    yield Case(
        "constant_int",
        [constant("i", value_int=3), node("Cast", ["i"], ["k"], to=1), node("Mul", ["x", "k"], ["y"])],
    )
    yield Case("constant_ints", [constant("s", value_ints=[1, 15, 7]), node("Reshape", ["x", "s"], ["y"])])
    yield Case("constant_is_output", [constant("y", value_floats=[1.0, 2.0]), node("Relu", ["x"], ["z"])], outputs=["z", "y"])
    yield Case(
        "weights_through_operators",
        [
            node("Transpose", ["w"], ["t"], perm=[3, 2, 0, 1]),
            node("Cast", ["t"], ["c"], to=1),
            node("Mul", ["c", "m"], ["k"]),
            node("Sub", ["b", "d"], ["e"]),
            node("Identity", ["e"], ["f"]),
            node("Conv", ["x", "k", "f"], ["y"]),
        ],
        weights={"w": lambda rng: rng.standard_normal((3, 2, 3, 4)), "m": positive(4, 1, 1, 1), "b": floats(4), "d": floats(1)},
    )
    yield Case(
        "weights_sliced_and_joined",
        [
            node("Split", ["w"], ["p", "q"], axis=0),
            node("Concat", ["q", "p"], ["j"], axis=0),
            node("Gather", ["j", "i"], ["g"], axis=2),
            node("Reshape", ["g", "s"], ["k"]),
            node("Conv", ["x", "k"], ["y"]),
        ],
        weights={"w": floats(4, 3, 6), "i": i64(5, 0, 3, 1, 2, -2), "s": i64(4, 3, 2, 3)},
    )
    yield Case(
        "flatten_by_shape_arithmetic",
        [
            node("Shape", ["x"], ["s"]),
            node("Gather", ["s", "zero"], ["n"], axis=0),
            node("Unsqueeze", ["n"], ["u"], axes=[0]),
            node("Concat", ["u", "open"], ["t"], axis=0),
            node("Reshape", ["x", "t"], ["y"]),
        ],
        weights={"zero": np.array(0, dtype=np.int64), "open": i64(-1)},
        opset=9,
        declared={"x": ("batch", 3, 7, 5)},
    )
    yield Case(
        "flatten_by_products",
        [
            node("Shape", ["x"], ["n"], start=0, end=1),
            node("Shape", ["x"], ["r"], start=-3),
            node("ReduceProd", ["r"], ["p"], keepdims=1),
            node("Concat", ["n", "p"], ["t"], axis=0),
            node("Reshape", ["x", "t"], ["y"]),
        ],
        opset=15,
    )
    yield Case(
        "upsample_by_shape_arithmetic",
        [
            node("Shape", ["x"], ["s"]),
            node("Slice", ["s", "two", "four"], ["hw"]),
            node("Cast", ["hw"], ["f"], to=1),
            node("Mul", ["f", "k"], ["m"]),
            node("Floor", ["m"], ["d"]),
            node("Cast", ["d"], ["i"], to=7),
            node("Slice", ["s", "zero", "two"], ["nc"]),
            node("Concat", ["nc", "i"], ["t"], axis=0),
            node("Resize", ["x", "", "", "t"], ["y"], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
        ],
        weights={"zero": i64(0), "two": i64(2), "four": i64(4), "k": f32(1.5, 2.0)},
    )
    yield Case(
        "expand_where_equal",
        [
            node("Shape", ["x"], ["s"]),
            node("Equal", ["target", "minus"], ["open"]),
            node("Where", ["open", "s", "target"], ["t"]),
            node("Expand", ["k", "t"], ["e"]),
            node("Add", ["x", "e"], ["y"]),
        ],
        weights={"target": i64(-1, 3, 7, -1), "minus": i64(-1), "k": floats(1, 3, 1, 1)},
    )
    yield Case(
        "constant_of_shape",
        [
            node("Shape", ["x"], ["s"]),
            node("ConstantOfShape", ["s"], ["k"], value=numpy_helper.from_array(f32(0.75))),
            node("ConstantOfShape", ["s"], ["z"]),
            node("Mul", ["x", "k"], ["m"]),
            node("Sub", ["m", "z"], ["y"]),
        ],
        opset=9,
    )
    yield Case(
        "range",
        [
            node("Range", ["a", "b", "d"], ["i"]),
            node("Cast", ["i"], ["f"], to=1),
            node("Range", ["p", "q", "r"], ["g"]),
            node("Mul", ["f", "g"], ["k"]),
            node("Add", ["x", "k"], ["y"]),
        ],
        weights={
            "a": np.array(9, dtype=np.int64), "b": np.array(-1, dtype=np.int64), "d": np.array(-2, dtype=np.int64),
            "p": scalar(0.5), "q": scalar(1.75), "r": scalar(0.25),
        },
    )
    yield Case(
        "integer_arithmetic",
        [
            node("Shape", ["x"], ["s"]),
            node("Div", ["s", "d"], ["q"]),
            node("Mul", ["q", "d"], ["m"]),
            node("Sub", ["s", "m"], ["r"]),
            node("Add", ["r", "q"], ["a"]),
            node("Mod", ["a", "d"], ["o"]),
            node("Neg", ["o"], ["n"]),
            node("Max", ["n", "o"], ["p"]),
            node("Cast", ["p"], ["f"], to=1),
            node("ReduceSum", ["f", "axis"], ["sum"], keepdims=0),
            node("Sqrt", ["sum"], ["root"]),
            node("Pow", ["root", "exponent"], ["k"]),
            node("Mul", ["x", "k"], ["y"]),
        ],
        weights={"d": i64(2), "axis": i64(0), "exponent": scalar(1.5)},
    )
    yield Case("tile", [node("Tile", ["k", "n"], ["t"]), node("Mul", ["x", "t"], ["y"])], {"x": (2, 4, 3)}, {"k": floats(2, 1, 3), "n": i64(1, 4, 1)})
    yield Case("size", [node("Size", ["x"], ["n"]), node("Cast", ["n"], ["f"], to=1), node("Div", ["x", "f"], ["y"])])


def patterns():
    yield Case("silu", [node("Sigmoid", ["x"], ["s"]), node("Mul", ["x", "s"], ["y"])], spread=3.0)
    yield Case("silu_swapped", [node("Sigmoid", ["x"], ["s"]), node("Mul", ["s", "x"], ["y"])], spread=3.0, opset=7)
    hard = [node("Add", ["x", "three"], ["a"])]
    yield Case(
        "hard_swish_by_clip",
        [*hard, node("Clip", ["a"], ["c"], min=0.0, max=6.0), node("Mul", ["x", "c"], ["m"]), node("Div", ["m", "six"], ["y"])],
        weights={"three": scalar(3), "six": scalar(6)}, opset=9, spread=3.0,
    )
    yield Case(
        "hard_swish_by_clip_inputs",
        [*hard, node("Clip", ["a", "zero", "six"], ["c"]), node("Div", ["c", "six"], ["d"]), node("Mul", ["x", "d"], ["y"])],
        weights={"three": scalar(3), "six": scalar(6), "zero": scalar(0)}, spread=3.0,
    )
    yield Case(
        "hard_swish_by_reciprocal",
        [*hard, node("Clip", ["a", "zero", "six"], ["c"]), node("Mul", ["c", "sixth"], ["d"]), node("Mul", ["d", "x"], ["y"])],
        weights={"three": scalar(3), "six": scalar(6), "zero": scalar(0), "sixth": scalar(1 / 6)}, spread=3.0,
    )
    yield Case(
        "hard_swish_by_hard_sigmoid",
        [node("HardSigmoid", ["x"], ["h"], alpha=1 / 6, beta=0.5), node("Mul", ["x", "h"], ["y"])],
        spread=3.0,
    )
    yield Case(
        "batch_is_symbolic",
        [node("Conv", ["x", "w"], ["c"]), node("GlobalAveragePool", ["c"], ["g"]), node("Flatten", ["g"], ["y"])],
        weights={"w": floats(4, 3, 3, 3)},
        declared={"x": ("N", 3, 7, 5)},
    )
    yield Case(
        "two_inputs_two_outputs",
        [
            node("Conv", ["a", "w"], ["c"], pads=[1, 1, 1, 1]),
            node("Add", ["c", "b"], ["s"]),
            node("Relu", ["s"], ["y"]),
            node("GlobalAveragePool", ["s"], ["g"]),
            node("Flatten", ["g"], ["z"]),
        ],
        {"a": (1, 3, 4, 5), "b": (1, 2, 4, 5)},
        {"w": floats(2, 3, 3, 3)},
        ["z", "y"],
    )
    yield Case(
        "nodes_out_of_order",
        [node("Relu", ["b"], ["y"]), node("Neg", ["a"], ["b"]), node("Sigmoid", ["x"], ["a"])],
    )


def cases():
    for group in (
        convolutions, linear, normalizations, activations, binaries, pools, structure, pads, resizes, constants, patterns,
    ):
        yield from group()
