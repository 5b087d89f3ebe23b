"""Layers that compute: convolutions, matrix products, normalizations, activations, arithmetic, pools."""

from .case import Case, f32, floats, i64, node, one, positive, scalar


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
    for name, shape, opset, attributes in (
        ("", (1, 3, 7, 5), 13, {}),
        ("_batch", (2, 3, 4, 5), 13, {"epsilon": 0.1}),
        ("_opset7", (1, 3, 7, 5), 7, {}),
        ("_opset22", (1, 3, 7, 5), 22, {}),
        ("_rank3", (2, 4, 5), 13, {}),
        ("_one_pixel", (1, 4, 1, 1), 13, {}),
    ):
        weights = {"s": floats(shape[1]), "b": floats(shape[1])}
        yield one(f"instance_normalization{name}", "InstanceNormalization", ["x", *weights], shape, weights, opset, **attributes)
    # A mean much larger than the deviation.
    weights = {"k": scalar(100.0), "s": floats(3), "b": floats(3)}
    yield Case(
        "instance_normalization_large_mean",
        [node("Add", ["x", "k"], ["a"]), node("InstanceNormalization", ["a", "s", "b"], ["y"])],
        weights=weights,
    )
    yield Case(
        "instance_normalization_between_convs",
        [
            node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
            node("InstanceNormalization", ["c", "s", "b"], ["n"]),
            node("Relu", ["n"], ["r"]),
            node("Conv", ["r", "v"], ["y"]),
        ],
        weights={"w": floats(4, 3, 3, 3), "s": floats(4), "b": floats(4), "v": floats(2, 4, 1, 1)},
    )
    grouped = ("GroupNormalization", ["x", "s", "b"], (2, 6, 4, 5))
    yield one("group_normalization_opset18", *grouped, {"s": floats(3), "b": floats(3)}, 18, num_groups=3)
    yield one("group_normalization_opset21", *grouped, {"s": floats(6), "b": floats(6)}, 21, num_groups=2, epsilon=0.01)
    yield one("group_normalization_one_group", *grouped, {"s": floats(6), "b": floats(6)}, 21, num_groups=1)
    yield one("group_normalization_rank3", "GroupNormalization", ["x", "s", "b"], (2, 6, 5), {"s": floats(6), "b": floats(6)}, 21, num_groups=3, stash_type=1)
    # As PyTorch writes it before opset 18.
    yield Case(
        "group_normalization_by_instance",
        [
            node("Reshape", ["x", "grouped"], ["g"]),
            node("InstanceNormalization", ["g", "one", "zero"], ["n"]),
            node("Shape", ["x"], ["shape"]),
            node("Reshape", ["n", "shape"], ["r"]),
            node("Mul", ["r", "s"], ["m"]),
            node("Add", ["m", "b"], ["y"]),
        ],
        {"x": (2, 6, 4, 5)},
        {"grouped": i64(0, 3, -1), "one": f32(1, 1, 1), "zero": f32(0, 0, 0), "s": floats(6, 1, 1), "b": floats(6, 1, 1)},
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
    yield one("prelu_channel", "PRelu", ["x", "k"], weights={"k": floats(3, 1, 1)})
    yield one("prelu_opset7", "PRelu", ["x", "k"], weights={"k": floats(3, 1, 1)}, opset=7)
    yield one("prelu_opset16", "PRelu", ["x", "k"], (2, 3, 4, 5), {"k": floats(1, 3, 1, 1)}, 16)
    yield one("prelu_one", "PRelu", ["x", "k"], weights={"k": floats(1)})
    yield one("prelu_scalar", "PRelu", ["x", "k"], weights={"k": floats()})
    yield one("prelu_rank2", "PRelu", ["x", "k"], (3, 5), {"k": floats(5)})
    yield one("prelu_everywhere", "PRelu", ["x", "k"], weights={"k": floats(3, 7, 5)})
    yield one("prelu_columns", "PRelu", ["x", "k"], weights={"k": floats(5)})
    yield Case(
        "prelu_after_conv",
        [node("Conv", ["x", "w"], ["c"]), node("PRelu", ["c", "k"], ["p"]), node("Relu", ["p"], ["y"])],
        weights={"w": floats(4, 3, 3, 3), "k": floats(4, 1, 1, offset=-0.5)},
    )
    for op in ("Max", "Min"):
        name = op.lower()
        yield one(f"{name}_scalar", op, ["x", "k"], weights={"k": scalar(0.25)})
        yield one(f"{name}_constant_first", op, ["k", "x"], weights={"k": f32(-0.25)}, opset=8)
        yield one(f"{name}_uniform", op, ["x", "k"], weights={"k": f32(0.5, 0.5, 0.5, 0.5, 0.5)})


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
    yield Case("sum", [node("Sum", ["a", "b", "c"], ["y"])], {"a": (1, 3, 4, 5), "b": (1, 3, 4, 5), "c": (1, 3, 4, 5)})
    yield Case("sum_of_one", [node("Sum", ["x"], ["s"]), node("Relu", ["s"], ["y"])])
    yield Case("sum_broadcast", [node("Sum", ["a", "k", "b"], ["y"])], {"a": (1, 3, 1, 5), "b": (1, 1, 4, 1)}, {"k": floats(3, 1, 1)}, opset=8)
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
