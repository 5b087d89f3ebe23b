"""Writes one tiny network per task, with its manifest, and the pictures they are tried on.

    python make_models.py

They find red and blue things. Nothing is trained: the weights are written down, so that every layer's purpose is known.
The first layer of each has a channel of large weights that cancel (a checkerboard) beside channels of small weights that
do the work. One scale for all rounds the small ones to little or nothing, which is what MobileNets suffer from; what the
checkerboard answers is cut off by ReLU6, so that activations are easy to quantize.
"""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 64, 48
GRAY, RED, BLUE, LIGHT = (128, 128, 128), (216, 40, 40), (48, 56, 208), (240, 244, 236)
REDNESS, BLUENESS, BRIGHTNESS = (1.0, -0.5, -0.5), (-0.5, -0.5, 1.0), (1 / 3, 1 / 3, 1 / 3)


def save(name: str, inputs: list[int], nodes: list, outputs: dict, weights: dict, manifest: dict) -> None:
    """`weights` by name; `outputs`: shape by name."""
    tensor = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        nodes,
        name,
        [tensor("input", inputs)],
        [tensor(name, shape) for name, shape in outputs.items()],
        [
            numpy_helper.from_array(np.asarray(value, np.int64 if np.asarray(value).dtype.kind == "i" else np.float32), key)
            for key, value in weights.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())
    (HERE / f"{name}.shiftwise.json").write_text(json.dumps({"version": 1, **manifest}, indent=2) + "\n")


def picture_input(channels: str, size: list[int], mean: float, std: float) -> dict:
    return {"channels": channels, "resize": {"mode": "stretch", "size": size}, "mean": [mean], "std": [std]}


def colours(size: int, checkerboard: float) -> np.ndarray:
    """Mean redness, blueness and brightness of `size` x `size` pixels, and a checkerboard of green."""
    weight = np.zeros((4, 3, size, size))
    for channel, mix in enumerate([REDNESS, BLUENESS, BRIGHTNESS]):
        weight[channel] = np.reshape(mix, (3, 1, 1)) / size**2
    weight[3, 1, :2, :2] = np.array([[1, -1], [-1, 1]]) * checkerboard
    return weight


def relu6(before: str, after: str) -> onnx.NodeProto:
    return helper.make_node("Clip", [before, "zero", "six"], [after], name=after)


def detection() -> None:
    """Red and blue things of about 16 pixels: two priors on each cell of a 4 x 3 map."""
    # Background, red, blue for each prior; the larger prior is less sure.
    scores, score_bias = np.zeros((6, 4)), np.zeros(6)
    boxes, box_bias = np.zeros((8, 4)), np.zeros(8)
    for prior, doubt in enumerate([3.0, 4.0]):
        score_bias[3 * prior] = doubt
        scores[3 * prior + 1, 0] = scores[3 * prior + 2, 1] = 6.0
        # Brighter things are a little to the right and larger, red ones lower and wider.
        boxes[4 * prior + 0, 2] = 1.0
        boxes[4 * prior + 1, 0] = 0.5
        boxes[4 * prior + 2] = [0.5, 0.0, 0.5, 0.0]
        boxes[4 * prior + 3] = [-0.25, 0.25, 0.5, 0.0]
        box_bias[4 * prior : 4 * prior + 4] = [0.2, -0.3, 0.1, -0.1]
    head = lambda name, count: [
        helper.make_node("Conv", ["cells", f"{name}.weight", f"{name}.bias"], [f"{name}.map"], name=name),
        helper.make_node("Transpose", [f"{name}.map"], [f"{name}.last"], name=f"{name}.transpose", perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", [f"{name}.last", f"{name}.shape"], [count], name=f"{name}.reshape"),
    ]
    nodes = [
        helper.make_node("Conv", ["input", "w", "b"], ["mix"], name="colours", kernel_shape=[4, 4], strides=[4, 4]),
        relu6("mix", "mixed"),
        helper.make_node("AveragePool", ["mixed"], ["cells"], name="cells", kernel_shape=[4, 4], strides=[4, 4]),
        *head("score", "logits"),
        *head("box", "boxes"),
        helper.make_node("Softmax", ["logits"], ["scores"], name="softmax", axis=2),
    ]
    weights = {
        "w": colours(4, 8.0), "b": np.zeros(4), "zero": 0.0, "six": 6.0,
        "score.weight": scores.reshape(6, 4, 1, 1), "score.bias": score_bias, "score.shape": np.array([1, -1, 3]),
        "box.weight": boxes.reshape(8, 4, 1, 1), "box.bias": box_bias, "box.shape": np.array([1, -1, 4]),
    }  # fmt: skip
    manifest = {
        "title": "Red and blue things",
        "task": "detection",
        "input": picture_input("rgb", [WIDTH, HEIGHT], 127.5, 127.5),
        "labels": ["background", "red", "blue"],
        "outputs": {
            "scores": "scores",
            "boxes": "boxes",
            "encoding": "ssd",
            "variances": [0.1, 0.2],
            "priors": {"strides": [16], "min_sizes": [[16, 28]]},
            "score_threshold": 0.6,
            "iou_threshold": 0.3,
        },
    }
    save("detection", [1, 3, HEIGHT, WIDTH], nodes, {"scores": [1, 24, 3], "boxes": [1, 24, 4]}, weights, manifest)


def segmentation() -> None:
    """Every pixel is red, blue, light or nothing of these. (Three classes would pass for the colours of a picture.)"""
    nodes = [
        helper.make_node("Conv", ["input", "w", "b"], ["mix"], name="colours", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        relu6("mix", "mixed"),
        helper.make_node("Conv", ["mixed", "v", "c"], ["classes"], name="classes"),
    ]
    scores = np.zeros((4, 4))
    scores[1, 0] = scores[2, 1] = 4.0
    scores[3, 2] = 4.0
    weights = {
        "w": colours(3, 32.0), "b": np.zeros(4), "zero": 0.0, "six": 6.0,
        "v": scores.reshape(4, 4, 1, 1), "c": np.array([2.0, 0.0, 0.0, 0.0]),
    }  # fmt: skip
    manifest = {
        "title": "Red, blue and light pixels",
        "task": "segmentation",
        "input": picture_input("rgb", [WIDTH, HEIGHT], 127.5, 127.5),
        "labels": ["nothing", "red", "blue", "light"],
    }
    save("segmentation", [1, 3, HEIGHT, WIDTH], nodes, {"classes": [1, 4, HEIGHT, WIDTH]}, weights, manifest)


def image() -> None:
    """Luminance at twice the size: bilinear interpolation as a sub-pixel convolution."""
    near, far = np.array([1, 3, 0]) / 4, np.array([0, 3, 1]) / 4
    weight = np.zeros((5, 1, 3, 3))
    for channel, (rows, columns) in enumerate([(near, near), (near, far), (far, near), (far, far)]):
        weight[channel, 0] = np.outer(rows, columns)
    weight[4, 0, :2, :2] = np.array([[1, -1], [-1, 1]]) * 24.0
    nodes = [
        helper.make_node("Conv", ["input", "w", "b"], ["mix"], name="interpolate", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        relu6("mix", "mixed"),
        helper.make_node("Conv", ["mixed", "v", "c"], ["phases"], name="phases"),
        helper.make_node("DepthToSpace", ["phases"], ["restored"], name="shuffle", blocksize=2),
    ]
    weights = {
        "w": weight, "b": np.zeros(5), "zero": 0.0, "six": 6.0,
        "v": np.eye(4, 5).reshape(4, 5, 1, 1), "c": np.zeros(4),
    }  # fmt: skip
    manifest = {
        "title": "Luminance at twice the size",
        "task": "image",
        "input": picture_input("luma", [WIDTH, HEIGHT], 0.0, 255.0),
        "outputs": {"image": "restored", "channels": "luma", "mean": [0], "std": [255]},
    }
    save("image", [1, 1, HEIGHT, WIDTH], nodes, {"restored": [1, 1, 2 * HEIGHT, 2 * WIDTH]}, weights, manifest)


def regression() -> None:
    """How red the picture is on average."""
    nodes = [
        helper.make_node("Conv", ["input", "w", "b"], ["mix"], name="colours", kernel_shape=[3, 3], strides=[2, 2]),
        relu6("mix", "mixed"),
        helper.make_node("GlobalAveragePool", ["mixed"], ["means"], name="mean"),
        helper.make_node("Flatten", ["means"], ["flat"], name="flat"),
        helper.make_node("Gemm", ["flat", "v", "c"], ["redness"], name="redness"),
    ]
    weights = {
        "w": colours(3, 32.0), "b": np.zeros(4), "zero": 0.0, "six": 6.0,
        "v": np.array([[50.0], [0.0], [0.0], [0.0]]), "c": np.zeros(1),
    }  # fmt: skip
    manifest = {
        "title": "Redness",
        "task": "regression",
        "input": picture_input("rgb", [WIDTH, HEIGHT], 127.5, 127.5),
        "outputs": {"label": "redness", "unit": "%"},
    }
    save("regression", [1, 3, HEIGHT, WIDTH], nodes, {"redness": [1, 1]}, weights, manifest)


def pictures() -> None:
    """Squares on gray, as `(colour, left, top, side)`."""
    scenes = {
        "both": [(RED, 2, 2, 16), (BLUE, 32, 18, 14), (LIGHT, 50, 32, 12)],
        "red": [(RED, 34, 14, 20), (LIGHT, 4, 26, 16)],
        "blue": [(BLUE, 0, 32, 16), (BLUE, 48, 0, 16)],
        "none": [],
    }
    (HERE / "pictures").mkdir(exist_ok=True)
    for name, squares in scenes.items():
        # A slope of brightness, so that luminance has something to show.
        pixels = np.tile(np.array(GRAY, np.uint8), (HEIGHT, WIDTH, 1))
        pixels += np.arange(WIDTH, dtype=np.uint8)[None, :, None] // 4
        for colour, left, top, side in squares:
            pixels[top : top + side, left : left + side] = colour
        Image.fromarray(pixels).save(HERE / "pictures" / f"{name}.png")


if __name__ == "__main__":
    for make in (detection, segmentation, image, regression, pictures):
        make()
