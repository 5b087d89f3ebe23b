"""Geometry and sums of the operators of docs/numerics.md, on NumPy arrays of any number type.

Pictures are [n, h, w, c], convolution weights [o, kh, kw, i]. Nothing here knows a scale.
"""

import numpy as np

from numerics import signed_limits


def window_indices(kernel, stride, dilation, pads, out):
    """For each axis, an array [output position, kernel position] of input positions; negative is padding."""
    return [
        np.arange(out[axis])[:, None] * stride[axis] + np.arange(kernel[axis]) * dilation[axis] - pads[axis]
        for axis in range(2)
    ]


def windows(x, kernel, stride, dilation, pads, out, fill=0):
    """[n, oh, ow, kh, kw, c]: every output's input positions; those outside the picture hold `fill`."""
    rows, columns = window_indices(kernel, stride, dilation, pads, out)
    before = [max(0, -int(index.min())) for index in (rows, columns)]
    after = [max(0, int(index.max()) + 1 - size) for index, size in zip((rows, columns), x.shape[1:3])]
    padded = np.pad(x, [(0, 0), *zip(before, after), (0, 0)], constant_values=fill)
    taken = padded[:, rows + before[0]][:, :, :, columns + before[1]]
    return taken.transpose(0, 1, 3, 2, 4, 5)


def convolution_size(conv, height_width):
    """Output size [h, w]; pads are top, left, bottom, right."""
    kernel = conv["weight"].shape[1:3]
    sizes = []
    for axis in range(2):
        reach = (kernel[axis] - 1) * conv["dilation"][axis] + 1
        free = height_width[axis] + conv["pads"][axis] + conv["pads"][axis + 2] - reach
        sizes.append(free // conv["stride"][axis] + 1)
    return sizes


def as_picture(x):
    """Ranks 2 and 3 as [n, 1, 1, c] and [n, 1, t, c]."""
    return {2: lambda: x[:, None, None, :], 3: lambda: x[:, None], 4: lambda: x}[x.ndim]()


def spread(x, conv):
    """The picture that a transposed convolution convolves: rows and columns of zeros between its own."""
    up = conv.get("between", [1, 1])
    n, h, w, c = x.shape
    result = np.zeros((n, (h - 1) * up[0] + 1, (w - 1) * up[1] + 1, c), x.dtype)
    result[:, :: up[0], :: up[1]] = x
    return result


def conv_windows(x, conv):
    x = spread(x, conv)
    out = convolution_size(conv, x.shape[1:3])
    return windows(x, conv["weight"].shape[1:3], conv["stride"], conv["dilation"], conv["pads"], out)


def convolve(x, weight, conv):
    """Sums without bias, in float64: exact for integers, whose sums stay far below 2^53."""
    taken = conv_windows(x, conv).astype(np.float64)
    groups, outputs = conv["groups"], len(weight)
    weight = weight.astype(np.float64)
    shape = taken.shape[:3]
    if weight.shape[3] == 1 and groups > 1:
        inputs = np.arange(outputs) // (outputs // groups)
        return np.einsum("nyxklo,okl->nyxo", taken[..., inputs], weight[..., 0])
    parts = []
    for group in range(groups):
        own = weight[group * (outputs // groups) : (group + 1) * (outputs // groups)]
        size = weight.shape[3]
        rows = taken[..., group * size : (group + 1) * size].reshape(int(np.prod(shape)), -1)
        parts.append((rows @ own.reshape(len(own), -1).T).reshape(*shape, len(own)))
    return np.concatenate(parts, axis=-1)


def convolve_checked(x, weight, bias, conv, bits, overflow):
    """N5, one addition at a time in the page's order: the accumulators, and how many additions did not fit."""
    low, high = signed_limits(bits)
    taken = conv_windows(x, conv)
    outputs, height, width, depth = weight.shape
    first = np.arange(outputs) // (outputs // conv["groups"]) * depth
    acc = np.zeros((*taken.shape[:3], outputs), np.int64)
    events = 0
    terms = (
        taken[:, :, :, ky, kx, first + i] * weight[:, ky, kx, i]
        for ky in range(height)
        for kx in range(width)
        for i in range(depth)
    )
    for term in [*terms, bias]:
        acc = acc + term
        wrong = (acc < low) | (acc > high)
        events += int(wrong.sum())
        acc = np.clip(acc, low, high) if overflow == "saturate" else (acc - low) % 2**bits + low
    return acc, events


def tap_means(pictures, conv):
    """[kh, kw, c]: the mean of what each tap meets, over output positions and pictures (N4), in the page's order."""
    total, visits = 0.0, 0
    for x in pictures:
        taken = conv_windows(as_picture(x).astype(np.float64), conv)
        rows = np.cumsum(taken, axis=2)[:, :, -1]
        # The zeros of the padding add nothing, in whatever order.
        total = total + np.cumsum(rows.reshape(-1, *rows.shape[2:]), axis=0)[-1]
        visits += int(np.prod(taken.shape[:3]))
    return total / visits


def counted(pool, height_width):
    """[oh, ow]: how many positions of each window an average counts."""
    indices = window_indices(pool["kernel"], pool["stride"], pool["dilation"], pool["pads"], pool["out"])
    counts = []
    for axis, index in enumerate(indices):
        size, before, after = height_width[axis], pool["pads"][axis], pool["pads"][axis + 2]
        if not pool["count_include_pad"]:
            before = after = 0
        counts.append(((index >= -before) & (index < size + after)).sum(axis=1))
    return np.outer(*counts)


def pool_windows(x, pool, fill):
    return windows(x, pool["kernel"], pool["stride"], pool["dilation"], pool["pads"], pool["out"], fill)


# Resize


def positions(mode, scale, size_in, size_out):
    """Where the output indices of an axis lie among its inputs, in float32, clamped to the picture."""
    f32 = np.float32
    i, scale = np.arange(size_out).astype(f32), f32(scale)
    if scale == 1:
        at = i
    elif mode == "half_pixel" or (mode == "pytorch_half_pixel" and size_out > 1):
        at = (i + f32(0.5)) / scale - f32(0.5)
    elif mode == "align_corners" and size_out > 1:
        at = i * f32(size_in - 1) / f32(size_out - 1)
    elif mode in ("pytorch_half_pixel", "align_corners"):
        at = np.zeros_like(i)
    elif mode == "asymmetric":
        at = i / scale
    else:
        assert mode == "tf_half_pixel_for_nn"
        at = (i + f32(0.5)) / scale
    return np.clip(at, f32(0), f32(size_in - 1))


def nearest(at, mode):
    """Indices of the nearest inputs."""
    is_half = np.abs(at - np.floor(at) - 0.5) < 1e-6
    index = {
        "floor": lambda: np.floor(at),
        "ceil": lambda: np.ceil(at),
        "round_prefer_floor": lambda: np.where(is_half, np.floor(at), np.floor(at + 0.5)),
        "round_prefer_ceil": lambda: np.where(is_half, np.ceil(at), np.floor(at + 0.5)),
    }[mode]()
    return index.astype(np.int64)


def neighbours(at, size):
    """Of bilinear interpolation: lower and upper index, and the upper one's weight in 1 / 2^11."""
    lower = np.floor(at)
    weight = np.rint((at - lower).astype(np.float64) * 2.0**11).astype(np.int64)
    lower = lower.astype(np.int64)
    return lower, np.minimum(lower + 1, size - 1), weight


def bilinear_sums(x, rows, columns):
    """Weighted sums of four neighbours, times 2^22."""
    (top, bottom, ty), (left, right, tx) = rows, columns
    one = 1 << 11

    def across(row):
        return row[:, :, left] * (one - tx)[:, None] + row[:, :, right] * tx[:, None]

    return across(x[:, top]) * (one - ty)[:, None, None] + across(x[:, bottom]) * ty[:, None, None]


# Moving


def pad(x, before, after, mode, constant):
    """Negative amounts remove elements."""
    keep = tuple(slice(max(0, -b), size - max(0, -a)) for b, a, size in zip(before, after, x.shape))
    amounts = [(max(0, b), max(0, a)) for b, a in zip(before, after)]
    if mode == "constant":
        return np.pad(x[keep], amounts, constant_values=constant)
    return np.pad(x[keep], amounts, mode=mode)


def cut(x, start, step, size):
    index = np.ix_(*[first + np.arange(count) * by for first, by, count in zip(start, step, size)])
    return x[index]


def depth_to_space(x, block, mode):
    n, h, w, c = x.shape
    small = c // block**2
    if mode == "DCR":
        blocks = x.reshape(n, h, w, block, block, small).transpose(0, 1, 3, 2, 4, 5)
    else:
        blocks = x.reshape(n, h, w, small, block, block).transpose(0, 1, 4, 2, 5, 3)
    return blocks.reshape(n, h * block, w * block, small)


# Functions of one element, in float64


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def activation(kind, x, attributes):
    """`attributes` are the operator's float32 numbers."""
    x = np.asarray(x, np.float64)
    with np.errstate(over="ignore"):
        return {
            "clamp": lambda: np.minimum(np.maximum(x, attributes["min"]), attributes["max"]),
            "leaky_relu": lambda: np.where(x < 0, attributes["alpha"] * x, x),
            "sigmoid": lambda: sigmoid(x),
            "hard_sigmoid": lambda: np.clip(attributes["alpha"] * x + attributes["beta"], 0.0, 1.0),
            "hard_swish": lambda: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0),
            "silu": lambda: x * sigmoid(x),
            "tanh": lambda: np.tanh(x),
        }[kind]()
