"""Quantization as docs/numerics.md words it (N1-N3), in NumPy and without looking at any other implementation, applied to
a plain network: weights become what their integers stand for, activations go through QuantizeLinear and back."""

import numpy as np
from onnx import helper

from network import Network, model_of

SCHEMES = ("layer-wise", "shift-wise", "channel-wise")


def doublings(widest: float, narrow: float, most: int) -> int:
    """floor(log2(widest / narrow)), at most `most`, by comparing exact products (N2)."""
    count = 0
    while count < most and narrow > 0 and narrow * 2.0 ** (count + 1) <= widest:
        count += 1
    return count


def fake_quantized(weight: np.ndarray, channel: int, scheme: str, bits=8, shift_bits=4) -> np.ndarray:
    """The reals that the integers of N1 stand for."""
    q_max = 2.0 ** (bits - 1) - 1
    rows = np.moveaxis(weight, channel, 0).astype(np.float64)
    ranges = np.abs(rows.reshape(len(rows), -1)).max(axis=1)
    layer = ranges.max() if ranges.max() > 0 else 1.0
    if scheme == "channel-wise":
        steps = np.where(ranges > 0, ranges, layer) / q_max
    else:
        most = 2**shift_bits - 1 if scheme == "shift-wise" else 0
        shifts = np.array([doublings(layer, narrow, most) for narrow in ranges])
        steps = (ranges * 2.0**shifts).max() / q_max * 2.0**-shifts
    steps = steps.reshape(-1, *[1] * (rows.ndim - 1))
    integers = np.clip(np.round(rows / steps), -q_max, q_max)
    return np.moveaxis((integers * steps).astype(np.float32), 0, channel)


def scale_of(values) -> tuple[np.float32, np.uint8]:
    """Scale and zero point of a tensor from all its calibrated values (N3)."""
    low, high = (float(bound(0.0, *(float(bound_of(v)) for v in values))) for bound, bound_of in ((min, np.min), (max, np.max)))
    if high == low:
        return np.float32(1.0), np.uint8(0)
    scale = (high - low) / 255.0
    return np.float32(scale), np.uint8(np.clip(np.round(-low / scale), 0, 255))


def weights_of(network: Network, scheme: str) -> dict:
    weights = dict(network.plain_weights)
    for layer in network.layers:
        weights[layer.weight] = fake_quantized(weights[layer.weight], layer.channel, scheme)
    return weights


def plain_model(network: Network, weights: dict):
    inputs = {"picture": list(network.pictures[0].shape)}
    nodes = [plain.node for plain in network.plain]
    used = {name for node in nodes for name in node.input}
    weights = {name: value for name, value in weights.items() if name in used}
    return model_of(network.name, nodes, inputs, {network.output: None}, weights, max(network.opset, 14))


def simulation(network: Network, scheme: str):
    """The plain network with quantized weights, and with every activation on its grid of 256."""
    weights = weights_of(network, scheme)
    nodes = []

    def through_the_grid(name: str, output: str, values):
        scale, zero_point = scale_of(values)
        weights[f"{output}.step"], weights[f"{output}.zero"] = np.array(scale), np.array(zero_point)
        grid = [f"{output}.step", f"{output}.zero"]
        nodes.append(helper.make_node("QuantizeLinear", [name, *grid], [f"{output}.integers"]))
        nodes.append(helper.make_node("DequantizeLinear", [f"{output}.integers", *grid], [output]))

    for name in network.constants:
        weights[f"{name}.real"] = weights.pop(name)
        through_the_grid(f"{name}.real", name, [weights[f"{name}.real"]])
    through_the_grid("picture", "picture.q", network.values["picture"])
    for plain in network.plain:
        node = helper.make_node("", [], [])
        node.CopyFrom(plain.node)
        for index, name in enumerate(node.input):
            if name == "picture":
                node.input[index] = "picture.q"
        nodes.append(node)
        if plain.scale == "own":
            for index, name in enumerate(list(node.output)):
                node.output[index] = f"{name}.real"
                through_the_grid(f"{name}.real", name, network.values[name])
    inputs = {"picture": list(network.pictures[0].shape)}
    used = {name for node in nodes for name in node.input}
    weights = {name: value for name, value in weights.items() if name in used}
    return model_of(network.name, nodes, inputs, {network.output: None}, weights, max(network.opset, 14))
