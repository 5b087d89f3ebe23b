"""Transposed convolutions: every attribute, and geometries at their limits."""

from .case import Case, floats, i64, node, one


def transposed(name, shape=(1, 3, 4, 5), weight=(3, 4, 3, 3), bias=True, opset=13, group=1, **attributes):
    """`weight` is [in, out / group, height, width]."""
    weights = {"w": floats(*weight)}
    if bias:
        weights["b"] = floats(weight[1] * group)
    if group != 1:
        attributes["group"] = group
    return one(f"conv_transpose_{name}", "ConvTranspose", ["x", *weights], shape, weights, opset, **attributes)


def convolutions():
    yield transposed("plain")
    yield transposed("no_bias", bias=False, opset=7)
    yield transposed("opset11", opset=11, strides=[2, 2])
    yield transposed("opset22", opset=22, strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    yield transposed("batch", shape=(2, 3, 4, 5), strides=[2, 3])
    yield transposed("unet_2x2", weight=(3, 4, 2, 2), strides=[2, 2])
    yield transposed("dcgan_4x4", weight=(3, 4, 4, 4), strides=[2, 2], pads=[1, 1, 1, 1])
    yield transposed("fsrcnn_9x9", weight=(3, 1, 9, 9), strides=[3, 3], pads=[4, 4, 4, 4], output_padding=[2, 2])
    yield transposed("stride_differs", strides=[3, 2], pads=[0, 1, 2, 1])
    yield transposed("stride_above_kernel", weight=(3, 2, 2, 1), strides=[3, 4])
    yield transposed("kernel_1x1", weight=(3, 4, 1, 1))
    yield transposed("kernel_1x1_stride", weight=(3, 4, 1, 1), strides=[2, 2], output_padding=[1, 0])
    yield transposed("kernel_1x5", weight=(3, 4, 1, 5), kernel_shape=[1, 5], strides=[1, 2])
    yield transposed("kernel_4x2", weight=(3, 4, 4, 2), strides=[1, 2], pads=[1, 0, 2, 1])
    yield transposed("dilation", weight=(3, 4, 2, 3), dilations=[3, 2])
    yield transposed("dilation_stride", weight=(3, 4, 3, 3), strides=[2, 3], dilations=[2, 2])
    yield transposed("dilation_coprime", weight=(3, 4, 4, 3), strides=[2, 3], dilations=[3, 2], pads=[2, 1, 3, 0])
    yield transposed("output_padding", strides=[3, 3], output_padding=[2, 1])
    yield transposed("output_shape", strides=[2, 3], output_shape=[8, 15])
    yield transposed("output_shape_odd", weight=(3, 4, 4, 4), strides=[2, 2], output_shape=[7, 9])
    yield transposed("output_shape_upper", strides=[2, 2], output_shape=[8, 10], auto_pad="SAME_UPPER")
    yield transposed("output_shape_lower", strides=[2, 2], output_shape=[8, 10], auto_pad="SAME_LOWER")
    yield transposed("output_shape_beyond", strides=[2, 2], output_shape=[10, 12])
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"):
        yield transposed(f"auto_pad_{mode.lower()}", weight=(3, 2, 4, 3), strides=[3, 2], auto_pad=mode)
    yield transposed("auto_pad_same_upper_stride1", weight=(3, 2, 4, 3), auto_pad="SAME_UPPER")
    yield transposed("pads_crop", pads=[2, 2, 1, 2])
    yield transposed("pads_crop_beyond_kernel", weight=(3, 4, 2, 2), strides=[2, 2], pads=[3, 2, 1, 3])
    yield transposed("pads_crop_1x1", weight=(3, 4, 1, 1), strides=[2, 1], pads=[1, 1, 2, 0])
    yield transposed("groups", shape=(1, 6, 4, 3), weight=(6, 2, 3, 3), group=2, strides=[2, 2])
    yield transposed("groups_3_to_2", shape=(1, 6, 3, 3), weight=(6, 3, 2, 3), group=3, strides=[1, 2])
    yield transposed("depthwise", shape=(1, 5, 4, 3), weight=(5, 1, 3, 3), group=5)
    yield transposed("depthwise_stride", shape=(1, 9, 3, 4), weight=(9, 1, 4, 4), group=9, strides=[2, 3], pads=[1, 1, 1, 1])
    yield transposed("depthwise_bilinear", shape=(1, 3, 4, 4), weight=(3, 1, 4, 4), group=3, bias=False, strides=[2, 2], pads=[1, 1, 1, 1])
    yield transposed("depthwise_stride_above_kernel", shape=(2, 3, 3, 2), weight=(3, 1, 2, 1), group=3, strides=[3, 2])
    yield transposed("one_pixel", shape=(1, 8, 1, 1), weight=(8, 3, 4, 4))
    yield Case(
        "conv_transpose_batch_normalization",
        [
            node("BatchNormalization", ["x", "s0", "o0", "m0", "v0"], ["a"]),
            node("ConvTranspose", ["a", "w"], ["c"], strides=[2, 2], pads=[0, 1, 1, 0]),
            node("BatchNormalization", ["c", "s1", "o1", "m1", "v1"], ["n"]),
            node("Relu", ["n"], ["y"]),
        ],
        {"x": (1, 3, 4, 5)},
        {"w": floats(3, 4, 3, 3)}
        | {f"{p}{i}": floats(4 if i else 3, scale=0.2, offset=1.0 if p in "sv" else 0.0) for i in (0, 1) for p in "somv"},
    )
    yield Case(
        "conv_transpose_after_pad",
        [node("Pad", ["x", "p"], ["a"]), node("ConvTranspose", ["a", "w"], ["y"], strides=[3, 2], pads=[1, 1, 1, 1])],
        {"x": (1, 3, 4, 5)},
        {"w": floats(3, 4, 3, 3), "p": i64(0, 0, 1, 2, 0, 0, 0, 1)},
    )
