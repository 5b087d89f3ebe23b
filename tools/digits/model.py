"""The network: its layers as plain data, and its forward pass for training (JAX, NHWC).

Thirteen layers with weights: a stem, two MobileNetV1 blocks, one MobileNetV2 inverted residual
block with an Add, two more V1 blocks, global average pooling and a linear classifier.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

EPS = 1e-3
CLASSES = 10


@dataclass(frozen=True)
class Layer:
    """One convolution with batch normalisation; `add` names the layer whose output is added after it."""
    name: str
    kind: str            # "full" (3x3), "depthwise" (3x3) or "pointwise" (1x1)
    inputs: int
    outputs: int
    stride: int = 1
    relu: bool = True
    add: str = ""


LAYERS = [
    Layer("stem/conv", "full", 1, 16, stride=2),
    Layer("block1/depthwise", "depthwise", 16, 16),
    Layer("block1/pointwise", "pointwise", 16, 32),
    Layer("block2/depthwise", "depthwise", 32, 32, stride=2),
    Layer("block2/pointwise", "pointwise", 32, 48),
    Layer("block3/expand", "pointwise", 48, 96),
    Layer("block3/depthwise", "depthwise", 96, 96),
    Layer("block3/project", "pointwise", 96, 48, relu=False, add="block2/pointwise"),
    Layer("block4/depthwise", "depthwise", 48, 48, stride=2),
    Layer("block4/pointwise", "pointwise", 48, 96),
    Layer("block5/depthwise", "depthwise", 96, 96),
    Layer("block5/pointwise", "pointwise", 96, 96),
]


def weight_shape(layer):
    """Weights are stored as ONNX does: (out, in per group, height, width)."""
    side = 1 if layer.kind == "pointwise" else 3
    return (layer.outputs, 1 if layer.kind == "depthwise" else layer.inputs, side, side)


def macs(size):
    """Multiply-accumulates of one picture of `size` x `size`."""
    total = CLASSES * LAYERS[-1].outputs
    for layer in LAYERS:
        size = -(-size // layer.stride)
        total += size * size * int(np.prod(weight_shape(layer)))
    return total


def initial(seed):
    """Parameters (trained by gradient) and running statistics (trained by averaging)."""
    rng = np.random.default_rng(seed)
    params, stats = {}, {}
    for layer in LAYERS:
        shape = weight_shape(layer)
        fan = shape[1] * shape[2] * shape[3]
        params[layer.name] = {"weight": rng.normal(0, (2 / fan) ** .5, shape).astype(np.float32),
                              "gamma": np.ones(layer.outputs, np.float32),
                              "beta": np.zeros(layer.outputs, np.float32)}
        stats[layer.name] = {"mean": np.zeros(layer.outputs, np.float32),
                             "var": np.ones(layer.outputs, np.float32)}
    width = LAYERS[-1].outputs
    params["classifier"] = {"weight": rng.normal(0, width ** -.5, (CLASSES, width)).astype(np.float32),
                            "bias": np.zeros(CLASSES, np.float32)}
    return params, stats


def shifted(x, stride):
    """The nine neighbours of every output position of a 3x3 convolution with padding 1."""
    n, h, w, c = x.shape
    x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for i in range(3):
        for j in range(3):
            yield i, j, jax.lax.slice(x, (0, i, j, 0), (n, i + h - stride + 1, j + w - stride + 1, c),
                                      (1, stride, stride, 1))


def convolve(x, weight, layer):
    """3x3 convolutions are sums of nine shifted products: XLA's grouped convolution is slow on a CPU."""
    if layer.kind == "pointwise":
        return x @ weight[:, :, 0, 0].T
    if layer.kind == "depthwise":
        return sum(v * weight[:, 0, i, j] for i, j, v in shifted(x, layer.stride))
    return sum(v @ weight[:, :, i, j].T for i, j, v in shifted(x, layer.stride))


def forward(params, stats, x, training=False, momentum=.97):
    """Logits and the new running statistics; x is (n, height, width, 1), ink 1 and paper 0."""
    outputs, fresh = {}, {}
    for layer in LAYERS:
        p, s = params[layer.name], stats[layer.name]
        y = convolve(x, p["weight"], layer)
        if training:
            mean = y.mean((0, 1, 2))
            var = jnp.square(y - mean).mean((0, 1, 2))
            fresh[layer.name] = {"mean": momentum * s["mean"] + (1 - momentum) * mean,
                                 "var": momentum * s["var"] + (1 - momentum) * var}
        else:
            mean, var = s["mean"], s["var"]
        y = (y - mean) * (p["gamma"] * jax.lax.rsqrt(var + EPS)) + p["beta"]
        x = jnp.maximum(y, 0) if layer.relu else y
        if layer.add:
            x = x + outputs[layer.add]
        outputs[layer.name] = x
    head = params["classifier"]
    return x.mean((1, 2)) @ head["weight"].T + head["bias"], fresh if training else stats
