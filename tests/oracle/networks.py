"""The small networks of cases/: every operator, with odd shapes, and numbers that make integers misbehave."""

import numpy as np

from builder import RELU, RELU6, Builder
from numerics import Options

INFINITY = float("inf")
SCHEMES = ("layer-wise", "shift-wise", "channel-wise")
ROUNDINGS = ("half-up", "half-away", "half-even", "truncate")
NETWORKS = {}


def each_scheme(**options):
    return [Options(scheme=scheme, **options) for scheme in SCHEMES]


DEFAULTS = each_scheme()
# Narrow and wide numbers, and every rounding.
MIXED = [
    Options("layer-wise", weight_bits=5, activation_bits=6, multiplier_bits=8, rounding="half-even"),
    Options("shift-wise", weight_bits=4, shift_bits=3, multiplier_bits=31, rounding="truncate"),
    Options("channel-wise", weight_bits=2, activation_bits=4, multiplier_bits=24, rounding="half-away"),
]
EVERY_ROUNDING = [Options(multiplier_bits=9, rounding=rounding) for rounding in ROUNDINGS]


def network(*runs):
    """Registers a function that fills a builder; it runs under each of the options."""

    def register(function):
        NETWORKS[function.__name__] = (function, [run for group in runs for run in group])
        return function

    return register


def spread_channels(b, outputs, *shape, least=-20):
    """Weights whose channels span 2^least .. 1."""
    exponents = np.linspace(least, 0, outputs)
    return b.random(outputs, *shape) * np.exp2(np.round(exponents)).astype(np.float32).reshape(-1, 1, 1, 1)


# Convolutions


@network(DEFAULTS, MIXED)
def conv_plain(b):
    b.finish(b.conv(b.input(1, 5, 7, 3), 5, (3, 3)))


@network(DEFAULTS)
def conv_stride_dilation_pads(b):
    x = b.input(1, 9, 8, 3)
    x = b.conv(x, 4, (3, 2), stride=(2, 1), dilation=(2, 3), pads=(1, 0, 2, 3), clamp=RELU)
    b.finish(b.conv(x, 3, (2, 5), stride=(3, 2), pads=(0, 2, 1, 1)))


@network(DEFAULTS, MIXED)
def conv_groups(b):
    x = b.conv(b.input(1, 4, 5, 4), 6, (3, 3), pads=(1, 1, 1, 1), groups=2, clamp=RELU6)
    b.finish(b.conv(x, 9, groups=3, bias=False))


@network(DEFAULTS, MIXED)
def depthwise(b):
    x = b.conv(b.input(1, 6, 6, 3), 6, (3, 3), stride=(2, 2), pads=(0, 0, 1, 1), groups=3, clamp=RELU6)
    b.finish(b.conv(x, 6, (5, 5), pads=(2, 2, 2, 2), groups=6, weight=spread_channels(b, 6, 5, 5, 1, least=-6)))


@network(DEFAULTS)
def one_pixel(b):
    x = b.conv(b.input(1, 1, 1, 3), 7, (3, 3), pads=(1, 1, 1, 1), clamp=RELU)
    b.finish(b.conv(x, 2))


@network(DEFAULTS)
def two_pictures_in_a_batch(b):
    x = b.conv(b.input(2, 4, 3, 3), 5, (3, 3), pads=(1, 1, 1, 1), clamp=(-0.5, 1.25))
    b.finish(b.global_average_pool(x))


@network(DEFAULTS, MIXED)
def fully_connected(b):
    x = b.conv(b.input(1, 4, 4, 3), 8, (4, 4), clamp=RELU)
    x = b.flatten(x)
    b.finish(b.conv(b.conv(x, 16, clamp=RELU), 10))


@network(DEFAULTS)
def matrix_of_rows(b):
    b.finish(b.conv(b.input(1, 4, 6), 5, bias=False))


@network(DEFAULTS, MIXED)
def transposed_convolution(b):
    x = b.transposed(b.input(1, 4, 3, 3), 4, (3, 2), (2, 3), pads=(1, 0, 0, 1), output_padding=(1, 0))
    b.finish(b.transposed(x, 4, (2, 2), (1, 2), groups=2, dilation=(2, 1)))


@network(DEFAULTS)
def batch_normalization_folded(b):
    x = b.conv(b.input(1, 5, 5, 3), 6, (3, 3), pads=(1, 1, 1, 1), bias=False, normalize=True, clamp=RELU6)
    x = b.conv(x, 6, (3, 3), groups=6, normalize=True)
    b.finish(b.conv(x, 4, normalize=True))


@network(DEFAULTS)
def batch_normalization_alone(b):
    x = b.batch_normalization(b.input(1, 4, 5, 3))
    b.finish(b.pool("max_pool", x, (2, 2)))


@network(DEFAULTS)
def batch_normalization_before_a_convolution(b):
    x = b.pool("max_pool", b.input(1, 5, 5, 3), (2, 2))
    b.finish(b.normalized_conv(x, 5, (2, 3)))


@network(DEFAULTS, MIXED)
def arithmetic_by_channel(b):
    """Each stays apart from the others, because a maximum lies between them."""
    x = b.input(1, 8, 8, 3)
    for op, constant, first in (
        ("mul", [0.5, -3, 2.0**-10], False), ("add", [1, -0.25, 100], True), ("div", [3, -7, 0.1], False),
        ("sub", [0.1, 5, -2], True), ("sub", [0.1, 5, -2], False), ("mul", [1, 0, -1], True),
    ):
        x = b.pool("max_pool", b.by_channel(op, x, constant, first), (2, 2))
    b.finish(x)


# N2, N4, N5: what makes shifts, biases and sums misbehave


@network(DEFAULTS, [Options(shift_bits=bits, weight_bits=6) for bits in (0, 1, 2, 3, 5)])
def channels_of_many_sizes(b):
    b.finish(b.conv(b.input(1, 4, 4, 3), 21, (3, 3), weight=spread_channels(b, 21, 3, 3, 3), bias=False))


@network(DEFAULTS, [Options(shift_bits=5)])
def exact_powers_of_two(b):
    """R / r is a power of two, or just beside one."""
    r = [1.0, 0.5, np.nextafter(np.float32(0.5), np.float32(1)), np.nextafter(np.float32(0.5), np.float32(0)), 0.125,
         2.0**-15, np.nextafter(np.float32(2.0**-15), np.float32(0)), 2.0**-16, 2.0**-31, 2.0**-40]
    weight = np.array(r, np.float32).reshape(-1, 1, 1, 1) * np.array([1, -0.75, 0.5], np.float32)
    b.finish(b.conv(b.input(1, 3, 3, 3), len(r), weight=weight, bias=False))


@network(DEFAULTS, MIXED)
def channels_of_zeros(b):
    weight = spread_channels(b, 6, 3, 3, 3, least=-5)
    weight[[0, 3]] = 0
    b.finish(b.conv(b.input(1, 4, 4, 3), 6, (3, 3), weight=weight, bias=[0.5, 1, -1, 0, 0, 2]))


@network(DEFAULTS, MIXED)
def a_layer_of_zeros(b):
    x = b.conv(b.input(1, 3, 3, 3), 4, weight=np.zeros((4, 1, 1, 3)), bias=[0.5, 1, -1, 0])
    b.finish(b.conv(x, 2, weight=np.zeros((2, 1, 1, 4)), bias=False))


@network(DEFAULTS, MIXED)
def ranges_of_width_zero(b):
    x = b.input(1, 3, 3, 3, range=[0.0, 0.0])
    x = b.conv(x, 4, (2, 2), range=[0.0, 0.0])
    b.finish(b.binary("add", x, x, range=[-1.0, 1.0]))


@network(DEFAULTS, MIXED)
def ranges_on_one_side(b):
    x = b.input(1, 3, 3, 3, range=[0.5, 3.0])
    x = b.conv(x, 4, (2, 2), clamp=(0.25, 2.0), range=[0.25, 2.0])
    b.finish(b.conv(x, 3, range=[-9.0, -0.125]))


@network(each_scheme(), each_scheme(bias_bits=16), each_scheme(bias_bits=20, shift_bits=5))
def biases_that_do_not_fit(b):
    """Nearly dead channels with real biases: shifts are lowered, steps doubled, biases saturate."""
    weight = spread_channels(b, 12, 3, 3, 3)
    bias = [100, -100, 8, 4, -2, 1, 0.5, 0, 3e4, -3e4, 1e-3, 1]
    b.finish(b.conv(b.input(1, 4, 4, 3, spread=2.0**-6), 12, (3, 3), weight=weight, bias=bias))


@network(each_scheme(bias_correction="empirical"),
         each_scheme(bias_correction="empirical", weight_bits=3, bias_bits=16))
def bias_correction(b):
    """Only layers that read the input, whose activations both sides know to the last bit."""
    x = b.input(1, 5, 6, 3)
    wide = b.conv(x, 4, (3, 2), stride=(2, 1), pads=(1, 0, 1, 1), weight=spread_channels(b, 4, 3, 2, 3, least=-12))
    deep = b.conv(x, 6, (3, 3), dilation=(1, 2), groups=3, bias=False)
    b.finish(wide, deep, b.transposed(x, 2, (2, 3), (2, 1)))


@network(each_scheme(bias_bits=16, accumulator_bits=24), each_scheme())
def biases_beyond_every_step(b):
    bias = [1e30, -1e30, 1e9, -1e6, 1.0]
    ranges = [-1.0, 1.0]
    b.finish(b.conv(b.input(1, 2, 2, 3), 5, weight=spread_channels(b, 5, 1, 1, 3, least=-24), bias=bias, range=ranges))


@network(*(each_scheme(accumulator_bits=16, overflow=overflow) for overflow in ("wrap", "saturate")))
def narrow_accumulator(b):
    x = b.input(1, 5, 5, 3, spread=4)
    x = b.conv(x, 4, (3, 3), weight=np.abs(b.random(4, 3, 3, 3)), pads=(1, 1, 1, 1), clamp=RELU)
    b.finish(b.conv(x, 3, (3, 3), weight=np.abs(b.random(3, 3, 3, 4)), bias=[60, -60, 0]))


@network([Options(accumulator_bits=bits, bias_bits=32, overflow=overflow, rounding=rounding)
          for bits, overflow, rounding in
          ((16, "wrap", "truncate"), (17, "saturate", "half-away"), (18, "wrap", "half-even"))],
         [Options("layer-wise", accumulator_bits=16, overflow="saturate")],
         [Options("channel-wise", accumulator_bits=16)])
def narrow_accumulator_depthwise_and_groups(b):
    x = b.input(1, 5, 4, 4, spread=8)
    signs = np.sign(b.random(4, 5, 3, 1))
    x = b.conv(x, 4, (5, 3), pads=(2, 1, 2, 1), groups=4, weight=signs, bias=[500, -500, 0, 9000])
    b.finish(b.conv(x, 6, (3, 3), groups=2, dilation=(1, 1), weight=spread_channels(b, 6, 3, 3, 2, least=-9)))


@network([Options(accumulator_bits=16, weight_bits=3),
          Options("channel-wise", accumulator_bits=16, overflow="saturate"),
          Options(accumulator_bits=17, shift_bits=5)])
def sums_lower_shifts(b):
    """Small channels with many taps of one sign: their shifts are lowered until the worst case fits."""
    weight = np.abs(spread_channels(b, 5, 3, 3, 3, least=-8)) + np.float32(2.0**-7)
    b.finish(b.conv(b.input(1, 4, 4, 3), 5, (3, 3), weight=weight, bias=[0, 1, -1, 4, -4]))


@network([Options(multiplier_bits=bits, rounding=rounding) for bits, rounding in zip((8, 31, 12, 20), ROUNDINGS)],
         [Options("channel-wise", multiplier_bits=31, rounding="truncate")])
def shifts_beyond_62(b):
    """A tiny output step count: nothing is left but 0, or -1 where bits are dropped."""
    x = b.input(1, 2, 3, 3, spread=2.0**-40)
    x = b.conv(x, 4, weight=spread_channels(b, 4, 1, 1, 3, least=-12), bias=False, range=[-(2.0**20), 2.0**20])
    b.finish(b.binary("add", x, x, range=[-(2.0**90), 2.0**90]))


@network([Options(multiplier_bits=bits, rounding=rounding) for bits, rounding in zip((8, 31, 12, 20), ROUNDINGS)])
def shifts_to_the_left(b):
    """A huge factor: n is negative and results saturate at 64 bits."""
    x = b.input(1, 2, 3, 3)
    weight = spread_channels(b, 4, 1, 1, 3, least=-12)
    x = b.conv(x, 4, weight=weight, bias=[0, 1e-3, 0, 0], range=[-(2.0**-60), 2.0**-62])
    y = b.input(1, 2, 3, 3)
    product = b.binary("mul", y, y, range=[-(2.0**-40), 2.0**-20])
    b.finish(x, product, b.binary("add", y, y, range=[-(2.0**-130), 2.0**-149]))


@network([Options(weight_bits=weight_bits, activation_bits=activation_bits, multiplier_bits=multiplier_bits)
          for weight_bits, activation_bits, multiplier_bits in
          ((2, 4, 8), (3, 5, 11), (4, 6, 15), (5, 7, 17), (6, 8, 22), (7, 8, 27), (8, 4, 30))])
def every_width(b):
    x = b.conv(b.input(1, 4, 4, 3), 5, (2, 2), weight=spread_channels(b, 5, 2, 2, 3, least=-4), clamp=RELU6)
    b.finish(b.conv(x, 3, (2, 2)))


@network([Options(scheme, rounding=rounding, multiplier_bits=8) for scheme in SCHEMES for rounding in ROUNDINGS])
def roundings(b):
    """Steps are powers of two, so that results lie exactly between integers."""
    x = b.input(1, 5, 6, 3, spread=64, range=[-127.0, 128.0])
    weight = np.round(b.random(4, 1, 1, 3) * 32)
    weight[0, 0, 0, 0] = 127
    x = b.conv(x, 4, weight=weight, bias=[0, 64, -64, 1], range=[-(128 * 127.0), 128 * 128.0])
    b.finish(b.binary("add", x, x, range=[-(512 * 127.0), 512 * 128.0]))


# Element by element


@network(DEFAULTS, MIXED)
def residual(b):
    x = b.conv(b.input(1, 4, 4, 3), 6, (3, 3), pads=(1, 1, 1, 1), clamp=RELU)
    y = b.conv(x, 6, (3, 3), pads=(1, 1, 1, 1), groups=6)
    b.finish(b.binary("add", y, x, clamp=RELU6))


@network(EVERY_ROUNDING)
def sum_and_difference_with_broadcasting(b):
    x = b.input(1, 3, 4, 3)
    gate = b.global_average_pool(x)
    row = b.pool("max_pool", x, (3, 1))
    x = b.binary("sub", gate, x)
    x = b.binary("add", x, row, clamp=(-1.0, 0.75))
    b.finish(b.binary("sub", x, b.random(1, 3, 1, 1)))


@network(EVERY_ROUNDING)
def squeeze_and_excite(b):
    x = b.conv(b.input(1, 4, 5, 3), 8, (3, 3), pads=(1, 1, 1, 1))
    x = b.activation("hard_swish", x)
    gate = b.conv(b.global_average_pool(x), 4, clamp=RELU)
    gate = b.activation("hard_sigmoid", b.conv(gate, 8), alpha=1 / 6, beta=0.5)
    b.finish(b.binary("mul", x, gate))


@network(DEFAULTS, MIXED)
def constants(b):
    x = b.input(1, 3, 4, 3)
    x = b.binary("add", b.random(1, 3, 4, 3), x)
    x = b.binary("mul", x, b.random(1, 3, 4, 1), clamp=(-2.0, INFINITY))
    x = b.binary("sub", b.random(1, 1, 4, 3), x)
    b.finish(b.binary("add", x, np.full((1, 3, 1, 1), 0.5)))


@network(DEFAULTS, MIXED)
def division_by_a_constant(b):
    divisor = b.random(1, 3, 4, 3)
    divisor = np.sign(divisor) * (np.abs(divisor) + np.float32(0.3))
    b.finish(b.binary("div", b.input(1, 3, 4, 3), np.where(divisor == 0, np.float32(3), divisor)))


@network(DEFAULTS, MIXED)
def division_by_a_tensor(b):
    """A fallback in the middle of a network, where 0 / 0 and 1 / 0 occur."""
    x = b.input(1, 5, 6, 3, spread=0.5)
    divisor = b.activation("sigmoid", x, range=[0.0, 60.0])
    y = b.binary("div", x, divisor, clamp=(-0.75, INFINITY))
    b.finish(b.conv(y, 3))


@network(DEFAULTS)
def division_at_the_end(b):
    """The host's: it leaves the two integer tensors that it reads, and one that nothing reads."""
    x = b.input(1, 3, 4, 3)
    divisor = b.activation("sigmoid", x, range=[0.0, 1.0])
    other = b.pool("max_pool", x, (2, 2))
    b.finish(other, b.binary("div", x, divisor))


@network(DEFAULTS, MIXED)
def distant_scales(b):
    """Operands whose scales differ by 2^20 either way, and an output that fits neither."""
    x, y = b.input(1, 3, 5, 3), b.input(1, 3, 5, 3, spread=2.0**-20)
    z = b.binary("add", x, y)
    small = b.binary("sub", y, x, range=[-(2.0**-18), 2.0**-18])
    b.finish(z, small, b.binary("mul", y, x), b.binary("add", y, y, range=[-4.0, 4.0]))


@network(DEFAULTS, MIXED)
def prelu(b):
    x = b.conv(b.input(1, 4, 4, 3), 5)
    x = b.prelu(x, b.random(1, 1, 1, 5))
    b.finish(b.prelu(x, b.random(1, 4, 1, 5)))


@network(DEFAULTS, MIXED)
def tables(b):
    x = b.conv(b.input(1, 4, 4, 3), 4)
    outputs = [
        b.activation("sigmoid", x),
        b.activation("tanh", x),
        b.activation("hard_sigmoid", x, alpha=0.25, beta=0.375),
        b.activation("hard_swish", x),
        b.activation("silu", x),
        b.activation("leaky_relu", x, alpha=0.1),
        b.activation("clamp", x, min=-0.5, max=INFINITY),
        b.activation("clamp", x, min=0.0, max=INFINITY),
    ]
    b.finish(*outputs)


@network(DEFAULTS)
def tables_beyond_their_range(b):
    x = b.input(1, 3, 3, 3, range=[-1000.0, 1000.0])
    outputs = [b.activation(kind, x, range=[-0.25, 0.5]) for kind in ("sigmoid", "tanh", "silu", "hard_swish")]
    b.finish(*outputs, b.activation("leaky_relu", x, alpha=-3.0, range=[0.0, 0.0]))


@network(DEFAULTS)
def chained_clamps(b):
    x = b.conv(b.input(1, 3, 3, 3), 4, clamp=(0.0, INFINITY))
    y = b.activation("clamp", b.pool("max_pool", x, (2, 2)), min=0.25, max=1.0)
    b.finish(b.binary("mul", y, b.global_average_pool(y, clamp=(0.5, INFINITY)), clamp=(-INFINITY, 0.75)))


# Pools


@network(EVERY_ROUNDING, each_scheme(activation_bits=5, multiplier_bits=31))
def average_pools(b):
    x = b.input(1, 7, 6, 3)
    outputs = [
        b.pool("average_pool", x, (3, 2), stride=(2, 2), pads=(1, 0, 1, 1)),
        b.pool("average_pool", x, (3, 2), stride=(2, 2), pads=(1, 0, 1, 1), count_include_pad=True),
        b.pool("average_pool", x, (3, 3), stride=(3, 2), ceil=True, clamp=(-0.25, 0.5)),
        b.pool("average_pool", x, (3, 4), stride=(3, 3), pads=(1, 1, 0, 2), ceil=True, count_include_pad=True),
    ]
    b.finish(*outputs)


@network(EVERY_ROUNDING)
def global_average(b):
    x = b.input(1, 6, 7, 3)
    wide = b.global_average_pool(b.conv(x, 24), range=[-0.75, 0.5])
    b.finish(b.flatten(wide), b.global_average_pool(x, clamp=RELU))


@network([Options(multiplier_bits=31), Options(multiplier_bits=31, rounding="half-even")])
def global_average_of_many(b):
    """8000 positions: the largest sum has 21 bits."""
    x = b.input(1, 3, 3, 1)
    x = b.resize(x, "nearest", "asymmetric", sizes=(100, 80), nearest_mode="floor")
    b.finish(b.global_average_pool(b.conv(x, 16), range=[-0.25, 0.25]))


@network(DEFAULTS, MIXED)
def max_pools(b):
    x = b.input(1, 7, 6, 3)
    outputs = [
        b.pool("max_pool", x, (3, 2), stride=(2, 1), pads=(1, 1, 0, 1)),
        b.pool("max_pool", x, (2, 2), stride=(3, 2), dilation=(2, 3), ceil=True),
        b.pool("max_pool", x, (7, 6)),
    ]
    b.finish(*outputs)


# Moving


@network(EVERY_ROUNDING, MIXED)
def concat(b):
    x = b.input(1, 3, 3, 3)
    wide, narrow = b.conv(x, 2, range=[-8.0, 8.0]), b.conv(x, 4, range=[-0.5, 0.75])
    x = b.concat([wide, x, narrow, x], 3)
    y = b.concat([x, x], 1, range=b.ranges[x])
    b.finish(b.concat([y, b.pool("max_pool", y, (1, 2), pads=(0, 0, 0, 1))], 2, range=[0.0, 0.0]))


@network(DEFAULTS)
def pads(b):
    x = b.input(1, 4, 5, 3)
    outputs = [
        b.pad(x, (0, 1, 2, 0), (0, 2, 0, 0), constant=0.7),
        b.pad(x, (0, 2, 1, 0), (0, 3, 4, 0), mode="reflect"),
        b.pad(x, (0, 1, 0, 2), (0, 0, 3, 1), mode="edge"),
        b.pad(x, (0, 3, 1, 0), (0, 1, 2, 0), mode="wrap"),
        b.pad(x, (0, -1, 2, 1), (0, 1, -2, 0), constant=-99.0),
        b.pad(x, (0, 1, 1, 0), (0, 1, 1, 0)),
    ]
    b.finish(*outputs)


@network(DEFAULTS)
def resize_nearest(b):
    x = b.input(1, 4, 5, 3)
    outputs = [
        b.resize(x, "nearest", "asymmetric", scales=(2.0, 3.0), nearest_mode="floor"),
        b.resize(x, "nearest", "half_pixel", sizes=(7, 3)),
        b.resize(x, "nearest", "half_pixel", sizes=(10, 2), nearest_mode="round_prefer_ceil"),
        b.resize(x, "nearest", "align_corners", sizes=(6, 9)),
        b.resize(x, "nearest", "pytorch_half_pixel", sizes=(1, 8), nearest_mode="ceil"),
        b.resize(x, "nearest", "asymmetric", scales=(0.6, 1.7), nearest_mode="round_prefer_ceil"),
        b.resize(x, "nearest", "tf_half_pixel_for_nn", scales=(1.5, 2.0), nearest_mode="floor"),
        b.resize(x, "nearest", "tf_half_pixel_for_nn", scales=(1.0, 2.0), nearest_mode="ceil"),
    ]
    b.finish(*outputs)


@network(EVERY_ROUNDING, MIXED)
def resize_bilinear(b):
    x = b.input(1, 4, 5, 3)
    outputs = [
        b.resize(x, "linear", "half_pixel", scales=(2.0, 2.0)),
        b.resize(x, "linear", "align_corners", sizes=(9, 3)),
        b.resize(x, "linear", "asymmetric", scales=(1.7, 0.55)),
        b.resize(x, "linear", "pytorch_half_pixel", sizes=(1, 13)),
        b.resize(x, "linear", "half_pixel", sizes=(3, 5)),
    ]
    b.finish(*outputs)


@network(DEFAULTS)
def resize_one_pixel(b):
    x = b.global_average_pool(b.input(1, 4, 5, 3))
    b.finish(b.resize(x, "linear", "half_pixel", sizes=(3, 2)), b.resize(x, "nearest", "align_corners", sizes=(2, 3)))


@network(DEFAULTS)
def slices(b):
    x = b.input(1, 5, 6, 3)
    y = b.slice(x, (0, 1, 4, 0), (1, 2, -2, 1), (1, 2, 2, 3))
    z = b.slice(x, (0, 4, 0, 2), (1, -1, 5, -2), (1, 5, 2, 2))
    b.finish(y, z)


@network(DEFAULTS)
def rows_and_columns(b):
    x = b.flatten(b.conv(b.input(1, 2, 3, 3), 4))
    x = b.transpose(b.reshape(x, (1, 4, 6)), (0, 2, 1))
    b.finish(b.conv(x, 3, bias=False))


@network(DEFAULTS)
def depth_to_space(b):
    x = b.conv(b.input(1, 2, 3, 3), 12, (3, 3), pads=(1, 1, 1, 1))
    b.finish(b.depth_to_space(x, 2, "DCR"), b.depth_to_space(x, 2, "CRD"))


@network(DEFAULTS)
def softmax_on_the_host(b):
    x = b.flatten(b.global_average_pool(b.conv(b.input(1, 4, 4, 3), 6, (3, 3), clamp=RELU)))
    b.finish(b.softmax(b.conv(x, 5)))


@network(DEFAULTS, MIXED)
def two_inputs(b):
    x, y = b.input(1, 4, 4, 3), b.input(1, 2, 2, 5, spread=3)
    y = b.resize(y, "linear", "half_pixel", scales=(2.0, 2.0))
    b.finish(b.conv(b.concat([x, y], 3), 4, (3, 3), pads=(1, 1, 1, 1), clamp=RELU))


# Anything after anything


def random_network(b):
    x = b.input(1, int(b.rng.integers(2, 8)), int(b.rng.integers(2, 8)), int(b.rng.choice([1, 3])))
    # Two channels at least: a 1x1 convolution from one channel to one would be a scale, and fold.
    x = b.conv(x, int(b.rng.integers(2, 6)))
    for _ in range(6):
        x = random_operator(b, x)
    b.finish(b.conv(x, 3, clamp=RELU6))


def random_operator(b, x):
    _, h, w, c = b.floats[x].shape
    pick = lambda *choices: choices[b.rng.integers(len(choices))]
    clamp = pick(None, RELU, RELU6, (-0.25, INFINITY))
    kernel = int(b.rng.integers(1, min(h, 3) + 1)), int(b.rng.integers(1, min(w, 3) + 1))
    pads = [int(b.rng.integers(0, size)) for size in (*kernel, *kernel)]
    stride = pick((1, 1), (1, 1), (2, 1), (1, 2))
    kinds = "conv", "depthwise", "average_pool", "max_pool", "add", "mul", "concat", "table", "resize", "gate", "pad"
    kind = pick(*kinds)
    if kind == "conv":
        weight = spread_channels(b, outputs := int(b.rng.integers(2, 9)), *kernel, c, least=-7)
        return b.conv(x, outputs, kernel, stride=stride, pads=pads, weight=weight, clamp=clamp)
    if kind == "depthwise" and kernel != (1, 1):
        return b.conv(x, c, kernel, stride=stride, pads=pads, groups=c, clamp=clamp)
    if kind == "average_pool":
        return b.pool(kind, x, kernel, stride, pads, count_include_pad=bool(b.rng.integers(2)), clamp=clamp)
    if kind == "max_pool":
        return b.pool(kind, x, kernel, stride, pads)
    if kind == "add":
        return b.binary(pick("add", "sub"), b.conv(x, c, clamp=clamp), x, clamp=pick(None, RELU))
    if kind == "mul" and h * w > 1:
        return b.binary("mul", x, b.random(1, h, w, c))
    if kind == "concat":
        return b.concat([b.conv(x, 2), x][:: pick(1, -1)], 3)
    if kind == "table":
        return b.activation(pick("sigmoid", "tanh", "silu", "hard_swish"), x)
    if kind == "resize":
        sizes = int(b.rng.integers(1, 7)), int(b.rng.integers(1, 7))
        return b.resize(x, pick("nearest", "linear"), pick("half_pixel", "align_corners", "asymmetric"), sizes=sizes)
    if kind == "gate":
        return b.binary("mul", x, b.activation("sigmoid", b.conv(b.global_average_pool(x), c)))
    pads[0] += 1
    return b.pad(x, (0, *pads[:2], 0), (0, *pads[2:], 0), constant=0.5)


def random_options(rng):
    pick = lambda *choices: choices[rng.integers(len(choices))]
    return Options(
        scheme=pick(*SCHEMES),
        weight_bits=int(rng.integers(2, 9)),
        activation_bits=int(rng.integers(4, 9)),
        shift_bits=int(rng.integers(0, 6)),
        multiplier_bits=int(rng.integers(8, 32)),
        rounding=pick(*ROUNDINGS),
        accumulator_bits=pick(16, 18, 24, 32),
        bias_bits=pick(16, 20, 32),
        overflow=pick("wrap", "saturate"),
    )


for number in range(12):
    generator = np.random.default_rng(number)
    NETWORKS[f"random_{number:02}"] = (random_network, [random_options(generator) for _ in range(4)])


def fill(name):
    """The built network and its options."""
    function, runs = NETWORKS[name]
    builder = Builder(name, seed=[ord(letter) for letter in name])
    function(builder)
    return builder, runs
