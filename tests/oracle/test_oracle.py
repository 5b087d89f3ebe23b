"""The oracle against numbers worked out by hand from docs/numerics.md.

    python test_oracle.py
"""

import unittest

import numpy as np

import numerics
import operators
from network import Network
from numerics import Options, Scale, activation_scale, doublings, finish, fnv1a, multiplier, round_shift, weight_scales


class Numbers(unittest.TestCase):
    def test_round_shift(self):
        p = np.array([-6, -5, -3, -2, 2, 3, 5, 6, 7])  # quarters: -1.5, -1.25, -0.75, -0.5, 0.5, 0.75, 1.25, 1.5, 1.75
        expected = {
            "half-up": [-1, -1, -1, 0, 1, 1, 1, 2, 2],
            "half-away": [-2, -1, -1, -1, 1, 1, 1, 2, 2],
            "half-even": [-2, -1, -1, 0, 0, 1, 1, 2, 2],
            "truncate": [-2, -2, -1, -1, 0, 0, 1, 1, 1],
        }
        for rounding, values in expected.items():
            self.assertEqual(round_shift(p, 2, rounding).tolist(), values, rounding)
            self.assertEqual(round_shift([3, -3], -2, rounding).tolist(), [12, -12])
            self.assertEqual(round_shift([3, -3], -62, rounding).tolist(), [2**63 - 1, -(2**63)])
            zero = [0, -1] if rounding == "truncate" else [0, 0]
            self.assertEqual(round_shift([2**62, -(2**62)], 63, rounding).tolist(), zero)

    def test_multiplier(self):
        self.assertEqual(multiplier(1.0, 16), (32768, 15))
        self.assertEqual(multiplier(0.75, 8), (192, 8))
        self.assertEqual(multiplier(65535.9, 16), (32768, -1))

    def test_activation_scale(self):
        self.assertEqual(activation_scale(-1, 3, 8), Scale(4 / 255, 64, 255))
        self.assertEqual(activation_scale(0.5, 3, 4), Scale(3 / 15, 0, 15))
        self.assertEqual(activation_scale(0, 0, 8), Scale(1.0, 0, 255))
        self.assertEqual(activation_scale(-1, 3, 8).quantize([-9, 0, 3, np.nan]).tolist(), [0, 64, 255, 64])

    def test_shifts(self):
        self.assertEqual([doublings(r, 1.0) for r in (1.0, 0.51, 0.5, 0.49)], [0, 0, 1, 1])
        weight = np.float32([[1.0], [0.3], [0.0]]).reshape(3, 1, 1, 1)
        k, S_w = weight_scales(weight, Options(shift_bits=4))
        self.assertEqual((k.tolist(), S_w[0]), ([0, 1, 0], 1 / 127))

    def test_bias_lowers_a_shift(self):
        # At k = 15 a bias of 0.1 is 0.1 / (1e-6 / 127 * 2^-15) = 4.2e11; at k = 7 it is 1.6e9, which fits 32 bits.
        weight, bias = np.float32([1e-5]), np.float32(0.1)
        channel = numerics.quantize_channel(weight, bias, 15, 1 / 127, 1e-6, 0, Options())
        self.assertEqual((channel.k, channel.lowered, channel.saturated), (7, 8, False))

    def test_a_corrected_bias(self):
        """Weights 1.4 and -2.6 become 1 and -3, each 0.4 less: c = -0.4 * 10 - 0.4 * 20 = -12, and 5 + 12 = 17."""
        weight, means = np.float32([1.4, -2.6]), np.array([10.0, 20.0])
        channel = numerics.quantize_channel(weight, np.float32(5), 0, 1.0, 1.0, 0, Options(), means)
        self.assertEqual((channel.weight.tolist(), channel.bias), ([1, -3], 17))

    def test_finish_does_not_wrap_around(self):
        self.assertEqual(finish(np.array([2**63 - 1, -(2**63), 3]), 200, 0, 255).tolist(), [255, 0, 203])

    def test_fnv1a(self):
        self.assertEqual([fnv1a(text) for text in (b"", b"a", b"foobar")],
                         [0xCBF29CE484222325, 0xAF63DC4C8601EC8C, 0x85944171F73967E8])


class Sums(unittest.TestCase):
    conv = {"stride": [1, 1], "dilation": [1, 1], "pads": [0, 0, 0, 0], "groups": 1}

    def checked(self, x, weight, bias, bits, overflow):
        x, weight = np.array(x).reshape(1, 1, 1, -1), np.array(weight).reshape(1, 1, 1, -1)
        conv = self.conv | {"weight": weight}
        acc, events = operators.convolve_checked(x, weight, np.array([bias]), conv, bits, overflow)
        return int(acc[0, 0, 0, 0]), events

    def test_every_addition_is_checked(self):
        # 30000 + 30000 leaves 16 bits, twice on the way back.
        self.assertEqual(self.checked([200, 200, -200], [150, 150, 150], 0, 16, "wrap"), (30000, 2))
        self.assertEqual(self.checked([200, 200, -200], [150, 150, 150], 0, 16, "saturate"), (2767, 1))
        self.assertEqual(self.checked([200], [150], 5000, 16, "wrap"), (35000 - 65536, 1))
        self.assertEqual(self.checked([200, 200, -200], [150, 150, 150], 0, 17, "wrap"), (30000, 0))

    def test_tap_means(self):
        """A 1x2 kernel over [3, 5], padded by a zero on the left: the taps meet 0, 3 and 3, 5."""
        conv = self.conv | {"weight": np.zeros((1, 1, 2, 1)), "pads": [0, 1, 0, 0]}
        pictures = [np.reshape([3.0, 5.0], (1, 1, 2, 1)), np.reshape([1.0, -5.0], (1, 1, 2, 1))]
        self.assertEqual(operators.tap_means(pictures, conv).reshape(-1).tolist(), [(3 + 1) / 4, (8 - 4) / 4])

    def test_both_ways_of_adding(self):
        rng = np.random.default_rng(1)
        for groups in (1, 2, 4):
            x, weight = rng.integers(-99, 99, (2, 5, 6, 4)), rng.integers(-99, 99, (8, 3, 2, 4 // groups))
            conv = self.conv | {"weight": weight, "groups": groups, "pads": [1, 0, 2, 1], "dilation": [1, 2]}
            fast = operators.convolve(x, weight, conv)
            slow, events = operators.convolve_checked(x, weight, np.zeros(8, np.int64), conv, 32, "wrap")
            self.assertTrue((fast == slow).all() and events == 0)


class Whole(unittest.TestCase):
    def test_a_pixel_through_a_layer(self):
        """S_x = 1, Z_x = 0; weights 127 and -64 in units of 1; bias 10; S_y = 100, Z_y = 128."""
        node = {"name": "conv", "op": "conv", "inputs": ["x"], "output": "y", "bias": np.float32([10]),
                "weight": np.float32([127, -64]).reshape(1, 1, 1, 2), **Sums.conv}
        graph = {"inputs": ["x"], "outputs": ["y"], "constants": {}, "nodes": [node]}
        network = Network(graph, {"x": [0, 255], "y": [-12800, 12700]}, Options())
        tensors = network.run({"x": np.float32([3, 4]).reshape(1, 1, 1, 2)})
        # 3 * 127 - 4 * 64 + 10 = 135, which is 1.35 steps.
        self.assertEqual(int(tensors["y"][0, 0, 0, 0]), 129)
        self.assertEqual(network.hash(tensors), fnv1a(bytes([129])))


if __name__ == "__main__":
    unittest.main()
