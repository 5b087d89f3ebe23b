"""Operators that move, pad and resize."""

import numpy as np

from .case import Case, f32, floats, i64, node, one, scalar


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
    yield one("gather_element", "Gather", ["x", "i"], (2, 3, 4, 5), {"i": np.array(1, dtype=np.int64)}, axis=1)
    yield one("gather_last_element", "Gather", ["x", "i"], (2, 3, 4), {"i": np.array(-1, dtype=np.int64)}, opset=9)
    yield one("gather_one", "Gather", ["x", "i"], weights={"i": i64(2)}, axis=2)
    yield one("gather_even_steps", "Gather", ["x", "i"], weights={"i": i64(0, 2, 4)}, axis=-2)
    yield one("gather_backwards", "Gather", ["x", "i"], weights={"i": i64(-1, 3, 2)}, axis=3)
    # The halves of a channel shuffle, taken apart.
    yield Case(
        "gather_halves",
        [
            node("Reshape", ["x", "a"], ["r"]),
            node("Transpose", ["r"], ["t"], perm=[1, 0, 2]),
            node("Reshape", ["t", "b"], ["h"]),
            node("Gather", ["h", "zero"], ["p"], axis=0),
            node("Gather", ["h", "one"], ["q"], axis=0),
            node("Relu", ["p"], ["r0"]),
            node("Sub", ["r0", "q"], ["y"]),
        ],
        {"x": (1, 6, 4, 5)},
        {
            "a": i64(3, 2, 20), "b": i64(2, -1, 3, 4, 5),
            "zero": np.array(0, dtype=np.int64), "one": np.array(1, dtype=np.int64),
        },
    )
    # As `depth_to_space_crd` is written before opset 11.
    yield Case(
        "depth_to_space_by_transpose",
        [
            node("Reshape", ["x", "a"], ["r"]),
            node("Transpose", ["r"], ["t"], perm=[0, 1, 4, 2, 5, 3]),
            node("Reshape", ["t", "b"], ["y"]),
        ],
        {"x": (1, 12, 3, 2)},
        {"a": i64(1, 3, 2, 2, 3, 2), "b": i64(1, 3, 6, 4)},
        opset=9,
    )
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
    yield one("expand_pixel", "Expand", ["x", "s"], (2, 3, 1, 1), {"s": i64(2, 3, 4, 5)})
    yield one("expand_columns", "Expand", ["x", "s"], (1, 3, 7, 1), {"s": i64(1, 5)}, 8)
    yield one("expand_rank", "Expand", ["x", "s"], (3, 5), {"s": i64(1, 1, 3, 5)})
    yield one("expand_nothing", "Expand", ["x", "s"], weights={"s": i64(1)})
    yield Case(
        "resize_nhwc",
        [
            node("Transpose", ["x"], ["t"], perm=[0, 2, 3, 1]),
            node("Resize", ["t", "", "k"], ["r"], mode="nearest"),
            node("Transpose", ["r"], ["y"], perm=[0, 3, 1, 2]),
        ],
        weights={"k": f32(1, 2, 2, 1)},
    )
