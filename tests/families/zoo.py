"""One small network of each family, as its exporter would write it."""

import numpy as np

from network import Network


def i64(*values):
    return np.array(values, dtype=np.int64)


def squeeze_and_excite(net: Network, x: str, act="relu", gate="hard_sigmoid", style="conv") -> str:
    channels = net.channels(x)
    if style == "conv":
        y = net.conv(net.mean(x), channels // 2, norm=False, act=act)
        y = net.conv(y, channels, norm=False, act=gate)
    elif style == "expand":
        # torch: view(b, c), Linear, ReLU, Linear, view(b, c, 1, 1), expand_as(x).
        y = net.linear(net.mean(x, keep=False), channels // 2, act=act)
        y = net.linear(y, channels, act=gate)
        y = net.both("Reshape", [y, net.constant(i64(1, channels, 1, 1))], "kept")
        shape = net.export("Shape", [x])
        wide = net.export("Expand", [y, shape])
        # The multiplication repeats the pixel by itself.
        product = net.export("Mul", [x, wide])
        net.run("Mul", [x, y], [product], "own")
        return product
    else:
        # Keras: mean over height and width, dense layers on [n, 1, 1, c].
        flat = net.fresh("mean")
        net.export("ReduceMean", [x], [flat], axes=[2, 3], keepdims=0)
        net.run("GlobalAveragePool", [x], [f"{flat}.pixel"], "own")
        net.run("Flatten", [f"{flat}.pixel"], [flat], "kept")
        y = net.linear(flat, channels // 2, "matmul", act)
        y = net.linear(y, channels, "matmul", gate)
        axes = net.constant(i64(2, 3))
        y = net.both("Unsqueeze", [y, axes], "kept")
    return net.multiply(x, y)


def inverted_residual(net, x, expanded, outputs, kernel=3, stride=1, act="relu", se=None) -> str:
    y = net.conv(x, expanded, act=act)
    y = net.conv(y, expanded, kernel, stride, groups=expanded, act=act)
    if se:
        y = se(net, y)
    y = net.conv(y, outputs)
    return net.add(x, y) if stride == 1 and net.channels(x) == outputs else y


def classifier(net, x, classes=10, style="gemm"):
    net.linear(net.mean(x, keep=False), classes, style)


def mobilenet_v2(net):
    x = net.conv(net.entry(), 8, 3, 2, act="relu6")
    x = inverted_residual(net, x, 16, 8, act="relu6")
    x = inverted_residual(net, x, 24, 12, stride=2, act="relu6")
    x = inverted_residual(net, x, 36, 12, act="relu6")
    classifier(net, net.conv(x, 32, act="relu6"))


def mobilenet_v3(net):
    """Hard swish spelled out, squeeze-and-excite with 1x1 convolutions."""
    x = net.conv(net.entry(), 8, 3, 2, act="hard_swish")
    x = inverted_residual(net, x, 8, 8, act="relu", se=squeeze_and_excite)
    x = inverted_residual(net, x, 24, 12, stride=2, act="relu")
    x = inverted_residual(net, x, 32, 12, 5, act="hard_swish", se=squeeze_and_excite)
    x = net.conv(x, 32, act="hard_swish")
    x = net.linear(net.mean(x, keep=False), 24, act="hard_swish")
    net.linear(x, 10)


def mobilenet_v3_keras(net):
    """Channels last outside, hard swish as one operator, dense layers as products, softmax."""
    def excite(net, x):
        return squeeze_and_excite(net, x, style="dense")

    x = net.conv(net.entry(), 8, 3, 2, act="hard_swish", auto_pad="SAME_UPPER")
    x = inverted_residual(net, x, 16, 8, act="hard_swish", se=excite)
    x = inverted_residual(net, x, 24, 12, stride=2, act="hard_swish", se=excite)
    x = net.conv(x, 32, act="hard_swish")
    classifier(net, x, style="matmul")
    net.both("Softmax", [net.output], "real", axis=-1)


def senet(net):
    """Squeeze-and-excite by views and expand_as."""
    x = net.conv(net.entry(), 12, 3, 2, act="relu")
    for _ in range(2):
        y = net.conv(x, 12, 3, act="relu")
        y = net.conv(y, 12, 3)
        x = net.add(squeeze_and_excite(net, y, gate="sigmoid", style="expand"), x, act="relu")
    classifier(net, x)


def efficientnet(net):
    def excite(net, x):
        return squeeze_and_excite(net, x, act="silu", gate="sigmoid")

    x = net.conv(net.entry(), 8, 3, 2, act="silu")
    x = inverted_residual(net, x, 16, 8, act="silu", se=excite)
    x = inverted_residual(net, x, 24, 12, 5, 2, act="silu", se=excite)
    x = inverted_residual(net, x, 36, 12, act="silu", se=excite)
    classifier(net, net.conv(x, 32, act="silu"))


def shufflenet_v2(net):
    def shuffled(x, groups=2):
        n, c, h, w = net.shape(x)
        x = net.both("Reshape", [x, net.constant(i64(n, groups, c // groups, h, w))], "kept")
        x = net.both("Transpose", [x], "kept", perm=[0, 2, 1, 3, 4])
        return net.both("Reshape", [x, net.constant(i64(n, -1, h, w))], "kept")

    def halves_by_gather(x):
        """The shuffle of another implementation: it ends in two elements of a leading axis."""
        n, c, h, w = net.shape(x)
        x = net.both("Reshape", [x, net.constant(i64(n * c // 2, 2, h * w))], "kept")
        x = net.both("Transpose", [x], "kept", perm=[1, 0, 2])
        x = net.both("Reshape", [x, net.constant(i64(2, -1, c // 2, h, w))], "kept")
        return [net.both("Gather", [x, net.constant(np.array(i))], "kept", axis=0) for i in (0, 1)]

    def branch(x, channels, stride=1):
        y = net.conv(x, channels, act="relu")
        y = net.conv(y, channels, 3, stride, groups=channels)
        return net.conv(y, channels, act="relu")

    x = net.conv(net.entry(), 12, 3, 2, act="relu")
    shortcut = net.conv(x, 12, 3, 2, groups=12)
    x = shuffled(net.concat(net.conv(shortcut, 12, act="relu"), branch(x, 12, 2)))
    kept, worked = net.fresh("kept"), net.fresh("worked")
    net.both("Split", [x], "kept", [kept, worked], axis=1)
    x = net.concat(kept, branch(worked, 12))
    kept, worked = halves_by_gather(x)
    x = shuffled(net.concat(kept, branch(worked, 12)))
    classifier(net, net.conv(x, 32, act="relu"))


def squeezenet(net):
    def fire(x, squeezed, expanded):
        x = net.conv(x, squeezed, norm=False, act="relu")
        return net.concat(
            net.conv(x, expanded, norm=False, act="relu"), net.conv(x, expanded, 3, norm=False, act="relu")
        )

    x = net.conv(net.entry(), 12, 3, 2, pad=0, norm=False, act="relu", gain=2.0)
    x = net.max_pool(x, 3, 2, ceil_mode=1)
    x = fire(x, 6, 12)
    x = fire(x, 8, 16)
    x = net.max_pool(x, 3, 2, ceil_mode=1)
    x = fire(x, 8, 16)
    x = net.both("Dropout", [x], "kept")
    x = net.mean(net.conv(x, 10, norm=False, act="relu", gain=2.0))
    x = net.both("Reshape", [x, net.constant(i64(1, 10))], "kept")
    net.both("Softmax", [x], "real", axis=1)


def densenet(net):
    x = net.conv(net.entry(), 12, 3, 2, act="relu")
    x = net.max_pool(x)
    for block in range(2):
        parts = [x]
        for _ in range(3):
            y = net.normalize(net.concat(*parts) if len(parts) > 1 else x, act="relu")
            y = net.conv(y, 16, act="relu")
            parts.append(net.conv(y, 6, 3, norm=False, bias=False))
        x = net.normalize(net.concat(*parts), act="relu")
        if block == 0:
            x = net.average_pool(net.conv(x, 15, norm=False, bias=False))
    classifier(net, x)


def preactivation_resnet(net):
    x = net.conv(net.entry(), 12, 3, 2, norm=False)
    for stride, channels in ((1, 12), (2, 16)):
        y = net.normalize(x, act="relu")
        if stride != 1:
            x = net.conv(y, channels, 1, stride, norm=False, bias=False)
        y = net.conv(y, channels, 3, stride, act="relu")
        x = net.add(x, net.conv(y, channels, 3, norm=False, bias=False))
    classifier(net, net.normalize(x, act="relu"))


def unet(net):
    def twice(x, channels):
        return net.conv(net.conv(x, channels, 3, act="relu"), channels, 3, act="relu")

    first = twice(net.entry(), 6)
    second = twice(net.max_pool(first), 10)
    x = twice(net.max_pool(second), 14)
    x = net.conv(x, 10, 2, 2, pad=0, transposed=True, norm=False)
    x = twice(net.concat(second, x), 10)
    x = net.conv(x, 6, 3, 2, transposed=True, act="relu", output_padding=[1, 1])
    x = net.conv(net.concat(x, first), 6, 3, act="relu")
    net.conv(x, 2, norm=False)


def fsrcnn(net):
    """PReLUs, and a transposed convolution that overlaps itself."""
    x = net.conv(net.entry(), 12, 5, norm=False, act="prelu")
    x = net.conv(x, 6, norm=False, act="prelu")
    x = net.conv(x, 6, 3, norm=False, act="prelu")
    x = net.conv(x, 12, norm=False, act="prelu")
    net.conv(x, 1, 9, 2, transposed=True, norm=False, output_padding=[1, 1])


def espcn(net):
    """Sub-pixel convolution, as it is written before DepthToSpace could say it."""
    x = net.conv(net.entry(), 12, 5, norm=False, act="tanh")
    x = net.conv(x, 8, 3, norm=False, act="prelu")
    x = net.conv(x, 4, 3, norm=False)
    n, c, h, w = net.shape(x)
    x = net.both("Reshape", [x, net.constant(i64(n, c // 4, 2, 2, h, w))], "kept")
    x = net.both("Transpose", [x], "kept", perm=[0, 1, 4, 2, 5, 3])
    net.both("Reshape", [x, net.constant(i64(n, c // 4, 2 * h, 2 * w))], "kept")


def style_transfer(net):
    """Reflected borders and instance normalization, which measures every picture."""
    def conv(x, channels, kernel, stride=1):
        pad = kernel // 2
        x = net.both("Pad", [x, net.constant(i64(0, 0, pad, pad, 0, 0, pad, pad))], "kept", mode="reflect")
        return net.conv(x, channels, kernel, stride, pad=0, norm=False)

    x = net.instance_norm(conv(net.entry(), 8, 5), "relu")
    x = net.instance_norm(conv(x, 12, 3, 2), "relu")
    y = net.instance_norm(conv(x, 12, 3), "relu")
    x = net.add(net.instance_norm(conv(y, 12, 3)), x)
    scales = net.constant(np.array([1, 1, 2, 2], dtype=np.float32))
    x = net.both("Resize", [x, "", scales], "kept", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    x = net.instance_norm(conv(x, 8, 3), "relu")
    net.activation(conv(x, 3, 5), "tanh")


PICTURE = (3, 32, 32)
LUMA = (1, 16, 16)

# Name: builder, shape of the input, settings.
FAMILIES = {
    "mobilenet_v2": (mobilenet_v2, PICTURE, {}),
    "mobilenet_v3": (mobilenet_v3, PICTURE, {}),
    "mobilenet_v3_keras": (mobilenet_v3_keras, PICTURE, {"opset": 14, "channels_last": True}),
    "senet": (senet, PICTURE, {"spread": 3.0}),
    "efficientnet": (efficientnet, PICTURE, {}),
    "shufflenet_v2": (shufflenet_v2, PICTURE, {}),
    "squeezenet": (squeezenet, PICTURE, {"spread": 2.0}),
    "densenet": (densenet, PICTURE, {"spread": 3.0}),
    "preactivation_resnet": (preactivation_resnet, PICTURE, {"spread": 3.0}),
    "unet": (unet, PICTURE, {"spread": 3.0}),
    "fsrcnn": (fsrcnn, LUMA, {"spread": 2.0}),
    "espcn": (espcn, LUMA, {"spread": 2.0, "opset": 10}),
    "style_transfer": (style_transfer, (3, 24, 24), {"spread": 2.0}),
}
