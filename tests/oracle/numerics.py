"""The numbers of profile `npu`, from docs/numerics.md alone: scales, weights, shifts, biases, multipliers, rounding.

NumPy only. Real numbers are float64 unless the page says float32; integers are int64, which holds every product that
the page calls exact.
"""

from dataclasses import dataclass

import numpy as np

I64 = np.iinfo(np.int64)


@dataclass(frozen=True)
class Options:
    """A scheme and a datapath, with the page's defaults."""

    scheme: str = "shift-wise"
    weight_bits: int = 8
    activation_bits: int = 8
    shift_bits: int = 4
    multiplier_bits: int = 16
    rounding: str = "half-up"
    accumulator_bits: int = 32
    bias_bits: int = 32
    overflow: str = "wrap"
    bias_correction: str = "none"

    @property
    def largest_weight(self):
        return 2 ** (self.weight_bits - 1) - 1

    @property
    def largest_activation(self):
        return 2**self.activation_bits - 1


def signed_limits(bits):
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


# N3


@dataclass(frozen=True)
class Scale:
    """What the integers of a tensor mean: x = S (q - Z), q in 0..=top. A NaN becomes Z."""

    S: float
    Z: int
    top: int

    def quantize(self, x):
        with np.errstate(over="ignore"):
            steps = np.nan_to_num(np.rint(np.asarray(x, np.float64) / self.S), nan=0.0, posinf=np.inf, neginf=-np.inf)
        return np.clip(steps + self.Z, 0, self.top).astype(np.int64)

    def dequantize(self, q):
        return self.S * (np.asarray(q, np.int64) - self.Z).astype(np.float64)


def activation_scale(lo, hi, bits):
    top = 2**bits - 1
    lo, hi = min(float(lo), 0.0), max(float(hi), 0.0)
    if hi == lo:
        return Scale(1.0, 0, top)
    S = (hi - lo) / top
    return Scale(S, int(min(max(np.rint(-lo / S), 0), top)), top)


# N1, N2, N4


def doublings(r, R):
    """How often r can be doubled without exceeding R."""
    count = 0
    while r * 2.0 <= R:
        r, count = r * 2.0, count + 1
    return count


def weight_scales(weight, options):
    """Shifts k[o] and scales S_w[o] of weights [o, ...]."""
    r = np.abs(weight.reshape(len(weight), -1)).max(axis=1).astype(np.float64)
    R = r.max() if r.max() > 0 else 1.0
    Q = options.largest_weight
    k = np.zeros(len(r), np.int64)
    if options.scheme == "layer-wise":
        return k, np.full(len(r), R / Q)
    if options.scheme == "channel-wise":
        return k, np.where(r > 0, r, R) / Q
    most = 2**options.shift_bits - 1
    for o in np.flatnonzero(r):
        k[o] = min(doublings(r[o], R), most)
    largest = (r * 2.0**k).max()
    return k, np.full(len(r), (largest if largest > 0 else R) / Q)


@dataclass
class Channel:
    weight: np.ndarray
    bias: int
    lowered: int
    saturated: bool
    fits: bool
    k: int
    S_w: float


def worst_sums(weight, bias, Z_x, top):
    """The largest and smallest value that any partial sum can have."""
    ends = np.stack([-Z_x * weight, (top - Z_x) * weight])
    largest = int(ends.max(axis=0).clip(min=0).sum()) + max(bias, 0)
    smallest = int(ends.min(axis=0).clip(max=0).sum()) + min(bias, 0)
    return smallest, largest


def correction(weight, q_w, step, means):
    """c[o] of N4, added up in the order of the weights."""
    return np.cumsum((q_w * step - weight.astype(np.float64)) * means)[-1]


def quantize_channel(weight, bias, k, S_w, S_x, Z_x, options, means=None):
    """One output channel: the finest step whose bias and worst-case sum fit (N4). With `means`, one for each weight,
    the bias is corrected."""
    weight = weight.reshape(-1)
    Q = options.largest_weight
    least, most = signed_limits(options.bias_bits)
    steps = {"layer-wise": 1, "shift-wise": k + 1, "channel-wise": 32}[options.scheme]
    best = None
    for lowered in range(steps):
        k_now = k - lowered if options.scheme == "shift-wise" else k
        S_now = S_w * 2.0**lowered if options.scheme == "channel-wise" else S_w
        step = S_now * 2.0**-k_now
        with np.errstate(over="ignore"):
            q_w = np.clip(np.rint(weight.astype(np.float64) / step), -Q, Q).astype(np.int64)
            real = np.float64(bias) - (0.0 if means is None else correction(weight, q_w, step, means))
            exact = np.rint(real / (S_x * step))
        bias_fits = least <= exact <= most
        q_b = int(min(max(exact, least), most))
        smallest, largest = worst_sums(q_w, q_b, Z_x, options.largest_activation)
        low, high = signed_limits(options.accumulator_bits)
        fits = low <= smallest and largest <= high
        channel = Channel(q_w, q_b, lowered, not bias_fits, fits, k_now, S_now)
        if bias_fits and fits:
            return channel
        if bias_fits and best is None:
            best = channel
    return best or channel


# N6


def multiplier(factor, bits):
    """M and n of a positive factor: M * 2^-n, with M of exactly `bits` bits."""
    mantissa, exponent = np.frexp(np.float64(factor))
    M, n = int(np.rint(np.ldexp(mantissa, bits))), bits - int(exponent)
    return (2 ** (bits - 1), n - 1) if M == 2**bits else (M, n)


def round_shift(p, s, rounding):
    """p * 2^-s, rounded; p an int64 array, s a number or an array that broadcasts against p."""
    p, s = np.broadcast_arrays(np.asarray(p, np.int64), np.asarray(s, np.int64))
    result = np.empty(p.shape, np.int64)
    for one in np.unique(s):
        where = s == one
        result[where] = _round_shift(p[where], int(one), rounding)
    return result


def _round_shift(p, s, rounding):
    if s > 62:
        return np.where(p < 0, -1, 0) if rounding == "truncate" else np.zeros_like(p)
    if s <= 0:
        return np.array([min(max(int(v) << -s, I64.min), I64.max) for v in p], np.int64)
    half = 1 << (s - 1)
    if rounding == "truncate":
        return p >> s
    if rounding == "half-up":
        return (p + half) >> s
    if rounding == "half-away":
        return np.sign(p) * ((np.abs(p) + half) >> s)
    assert rounding == "half-even"
    floor = p >> s
    rest = p - (floor << s)
    return floor + ((rest > half) | ((rest == half) & (floor % 2 == 1)))


def finish(v, Z_y, lo, hi):
    """N7. v may be saturated at 64 bits, where adding Z_y must not wrap around."""
    return np.clip(np.clip(v, lo - Z_y, hi - Z_y) + Z_y, lo, hi).astype(np.uint8)


# N11


def fnv1a(data, start=0xCBF29CE484222325):
    value = start
    for byte in bytes(data):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value
