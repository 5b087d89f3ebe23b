"""The network in integers, in NumPy: batch-norm folding, calibration, quantization, execution.

A small, slow, independent model of what an integer-only accelerator computes, used to measure
the example before it ships. It follows docs/numerics.md: N1 (weights), N2 (shifts), N3 (uint8
activations, minimum and maximum over the calibration pictures), N4 (int32 bias), N5 (accumulator),
N6 (16-bit multiplier, round half up) and N7 (clamp). Pictures are (n, height, width, channels).
"""

from dataclasses import dataclass

import numpy as np

from model import EPS, LAYERS

SCHEMES = ("float", "layer-wise", "shift-wise", "channel-wise")
INT32 = 2 ** 31 - 1


@dataclass
class Settings:
    scheme: str = "shift-wise"
    weight_bits: int = 8
    shift_bits: int = 4
    activation_bits: int = 8


def fold(weights):
    """Weight and bias of every layer with batch normalisation folded in, float64."""
    out = {}
    for layer in LAYERS:
        w, gamma, beta, mean, var = (weights[f"{layer.name}|{k}"].astype(np.float64)
                                     for k in ("weight", "gamma", "beta", "mean", "var"))
        factor = gamma / np.sqrt(var + EPS)
        out[layer.name] = (w * factor[:, None, None, None], beta - mean * factor)
    out["classifier"] = (weights["classifier|weight"].astype(np.float64),
                         weights["classifier|bias"].astype(np.float64))
    return out


def convolve(x, w, layer):
    """The sums of one convolution. In float64, which holds every integer sum of ours exactly."""
    if layer.kind == "pointwise":
        return x @ w[:, :, 0, 0].T
    n, h, wide, c = x.shape
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    total = 0
    for i in range(3):
        for j in range(3):
            v = x[:, i:i + h:layer.stride, j:j + wide:layer.stride]
            total = total + (v * w[:, 0, i, j] if layer.kind == "depthwise" else v @ w[:, :, i, j].T)
    return total


def float_pass(folded, x):
    """Every activation of the folded float network: name -> array, the logits as "logits"."""
    acts = {"input": x}
    for layer in LAYERS:
        w, b = folded[layer.name]
        y = convolve(x, w, layer) + b
        x = acts[layer.name] = np.maximum(y, 0) if layer.relu else y
        if layer.add:
            x = acts[layer.name + "+"] = x + acts[layer.add]
    acts["pool"] = x.mean((1, 2))
    w, b = folded["classifier"]
    acts["logits"] = acts["pool"] @ w.T + b
    return acts


def activation_scales(acts, bits):
    """Scale and zero point of every activation; the range is widened to hold 0."""
    out = {}
    for name, a in acts.items():
        low, high = min(0.0, float(a.min())), max(0.0, float(a.max()))
        scale = (high - low) / (2 ** bits - 1) or 1.0
        out[name] = (scale, int(np.rint(-low / scale)))
    return out


def shifts(ranges, bits):
    """N2: the largest power of two that keeps each channel inside the layer's range."""
    k = np.zeros(len(ranges), int)
    live = ranges > 0
    # frexp is exact: floor(log2(R / r)) from exponents, and one comparison of mantissas.
    m, e = np.frexp(ranges[live])
    top_m, top_e = np.frexp(ranges.max())
    k[live] = top_e - e - (m > top_m)
    return np.clip(k, 0, 2 ** bits - 1)


def quantize(w, b, scale_in, zero_in, top, settings):
    """Integer weights, integer bias, shifts and weight scale(s) of one layer."""
    limit = 2 ** (settings.weight_bits - 1) - 1
    ranges = np.abs(w).reshape(len(w), -1).max(1)
    k = np.zeros(len(w), int)
    if settings.scheme == "channel-wise":
        scale = np.where(ranges > 0, ranges, 1) / limit
    else:
        if settings.scheme == "shift-wise":
            k = shifts(ranges, settings.shift_bits)
        while True:      # N4: lower a shift until the bias and the worst-case sum fit 32 bits
            scale = np.full(len(w), (ranges * 2.0 ** k).max() / limit)
            worst = (np.abs(b) / scale_in + np.abs(w).reshape(len(w), -1).sum(1) * top) * 2.0 ** k / scale
            over = (worst > INT32) & (k > 0)
            if not over.any():
                break
            k[over] -= 1
    shape = (-1,) + (1,) * (w.ndim - 1)
    q = np.clip(np.rint(w * 2.0 ** k.reshape(shape) / scale.reshape(shape)), -limit, limit)
    bias = np.rint(b * 2.0 ** k / (scale_in * scale))
    return q, bias, k, scale


def rescale(acc, scale, k, out, low, high):
    """N6: acc * M >> (n + k), rounded half up, plus the zero point, clamped (N7)."""
    m, e = np.frexp(scale / out[0])
    multiplier, shift = np.rint(m * 2 ** 16).astype(np.int64), 16 - e + k
    product = acc.astype(np.int64) * multiplier
    return np.clip(((product + (1 << (shift - 1))) >> shift) + out[1], low, high)


def integer_pass(folded, scales, x, settings):
    """Integer logits (real values after dequantizing) and the shifts chosen for every layer."""
    high = 2 ** settings.activation_bits - 1
    scale, zero = scales["input"]
    q = np.clip(np.rint(x / scale) + zero, 0, high)
    here, seen, chosen = "input", {}, {}
    for layer in LAYERS:
        scale, zero = scales[here]
        w, bias, k, s = quantize(*folded[layer.name], scale, zero, high, settings)
        chosen[layer.name] = k
        acc = convolve(q - zero, w, layer) + bias
        assert np.abs(acc).max() <= INT32
        here, out = layer.name, scales[layer.name]
        q = rescale(acc, scale * s, k, out, out[1] if layer.relu else 0, high)
        seen[here] = q
        if layer.add:
            (sa, za), (sb, zb), (so, zo) = out, scales[layer.add], scales[here + "+"]
            total = (q - za) * (sa / so) + (seen[layer.add] - zb) * (sb / so)
            here += "+"
            q = np.clip(np.floor(total + .5) + zo, 0, high)
    (si, zi), (so, zo) = scales[here], scales["pool"]
    q = np.clip(np.floor((q - zi).mean((1, 2)) * (si / so) + .5) + zo, 0, high)
    w, bias, k, s = quantize(*folded["classifier"], so, zo, high, settings)
    chosen["classifier"] = k
    acc = (q - zo) @ w.T + bias
    q = rescale(acc, so * s, k, scales["logits"], 0, high)
    return (q - scales["logits"][1]) * scales["logits"][0], chosen


def to_input(images):
    """uint8 pictures as the network's input: ink 1, paper 0."""
    return (255 - images[..., None].astype(np.float64)) / 255


class Bench:
    """One set of weights, calibrated once, ready to be run under any settings."""

    def __init__(self, weights, calibration):
        self.folded = fold(weights)
        self.acts = float_pass(self.folded, to_input(calibration))

    def logits(self, images, settings):
        """Logits of `images` and the shifts chosen (none for float)."""
        x = to_input(images)
        if settings.scheme == "float":
            return float_pass(self.folded, x)["logits"], {}
        scales = activation_scales(self.acts, settings.activation_bits)
        return integer_pass(self.folded, scales, x, settings)

    def accuracy(self, images, labels, **settings):
        """Share of right answers."""
        return float((self.logits(images, Settings(**settings))[0].argmax(1) == labels).mean())
