"""What exporters leave behind: constants, shape arithmetic, and the patterns that stand for one operator."""

import numpy as np
from onnx import numpy_helper

from .case import Case, f32, floats, i64, node, positive, scalar


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
        "hard_swish_by_relu_and_min",
        [*hard, node("Relu", ["a"], ["r"]), node("Min", ["r", "six"], ["c"]), node("Mul", ["c", "x"], ["m"]), node("Mul", ["m", "sixth"], ["y"])],
        weights={"three": scalar(3), "six": scalar(6), "sixth": scalar(1 / 6)}, spread=3.0,
    )
    # Keras has a PReLU taken apart.
    yield Case(
        "prelu_by_relus",
        [
            node("Relu", ["x"], ["p"]),
            node("Neg", ["x"], ["n"]),
            node("Relu", ["n"], ["r"]),
            node("Mul", ["r", "k"], ["m"]),
            node("Add", ["p", "m"], ["y"]),
        ],
        weights={"k": floats(3, 1, 1)},
    )
    yield Case(
        "squeeze_and_excite_by_expand",
        [
            node("GlobalAveragePool", ["x"], ["g"]),
            node("Shape", ["x"], ["s"]),
            node("Gather", ["s", "zero"], ["n"], axis=0),
            node("Gather", ["s", "one"], ["c"], axis=0),
            node("Unsqueeze", ["n", "front"], ["n1"]),
            node("Unsqueeze", ["c", "front"], ["c1"]),
            node("Concat", ["n1", "c1"], ["flat"], axis=0),
            node("Reshape", ["g", "flat"], ["f"]),
            node("Gemm", ["f", "w0", "b0"], ["a"], transB=1),
            node("Relu", ["a"], ["r"]),
            node("Gemm", ["r", "w1", "b1"], ["e"], transB=1),
            node("HardSigmoid", ["e"], ["h"], alpha=1 / 6, beta=0.5),
            node("Concat", ["n1", "c1", "front_one", "front_one"], ["pixel"], axis=0),
            node("Reshape", ["h", "pixel"], ["p"]),
            node("Expand", ["p", "s"], ["x2"]),
            node("Mul", ["x", "x2"], ["y"]),
        ],
        {"x": (1, 6, 4, 5)},
        {
            "zero": np.array(0, dtype=np.int64), "one": np.array(1, dtype=np.int64), "front": i64(0), "front_one": i64(1),
            "w0": floats(2, 6), "b0": floats(2), "w1": floats(6, 2), "b1": floats(6),
        },
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
