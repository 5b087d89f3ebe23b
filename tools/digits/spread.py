"""Unbalance a trained network without changing what it computes.

Why: in MobileNets trained at full length some depthwise channels are nearly dead. Their input is
almost always tiny, batch normalisation makes up for it with a huge gamma / sigma, and the folded
filter of that one channel sets the range of the whole layer. A network this small, trained for
minutes, does not grow such channels by itself, so they are made here, on purpose.

How: a ReLU lets any positive factor pass. For a layer and the depthwise layer behind it, channel
o is scaled by 2^a[o] (a <= 0) in the first layer's gamma and beta, and by 2^-a[o] in the filter
of the second. Powers of two make this exact in floating point. The channels that matter least
(their removal changes the logits least) are shrunk most, so the coarser step that 8-bit
activations leave them costs little; the rest get a gentle grade.
"""

import numpy as np

import integer
from model import LAYERS

# Producer -> the depthwise layer behind it. block4/depthwise is fed by an Add: no ReLU, no factor.
PAIRS = {
    "stem/conv": "block1/depthwise",
    "block1/pointwise": "block2/depthwise",
    "block3/expand": "block3/depthwise",
    "block4/pointwise": "block5/depthwise",
}

# Share of the channels, least important first, and their log2 factor. The rest keep factor 0.
GRADES = [(1 / 16, -7), (1 / 16, -6), (1 / 16, -4), (1 / 8, -3), (3 / 16, -2), (1 / 4, -1)]


def importance(weights, images):
    """For every channel of every producer: mean square change of the logits when it is silenced."""
    folded = integer.fold(weights)
    x = integer.to_input(images)
    base = integer.float_pass(folded, x)["logits"]
    out = {}
    for name, consumer in PAIRS.items():
        w, b = folded[consumer]
        scores = []
        for o in range(len(w)):
            silenced = w.copy()
            silenced[o] = 0
            logits = integer.float_pass({**folded, consumer: (silenced, b)}, x)["logits"]
            scores.append(float(np.square(logits - base).mean()))
        out[name] = np.array(scores)
    return out


def choose(scores):
    """Factors from importance: the less a channel matters, the more it is shrunk."""
    factors = {}
    for name, score in scores.items():
        a = np.zeros(len(score), int)
        order, start = np.argsort(score, kind="stable"), 0
        for share, log2 in GRADES:
            stop = start + max(1, round(share * len(score)))
            a[order[start:stop]] = log2
            start = stop
        factors[name] = a.tolist()
    return factors


def apply(weights, factors, amount=1.0):
    """The unbalanced weights; `amount` 0 is the trained network, -1 undoes what 1 did."""
    out = dict(weights)
    for name, log2 in factors.items():
        f = np.float32(2.0) ** (amount * np.asarray(log2, np.float32))
        consumer = f"{PAIRS[name]}|weight"
        out[f"{name}|gamma"] = out[f"{name}|gamma"] * f
        out[f"{name}|beta"] = out[f"{name}|beta"] * f
        out[consumer] = out[consumer] / f[:, None, None, None]
    return out


def sidecar(factors):
    """What digits-spread.json holds."""
    assert set(factors) <= {layer.name for layer in LAYERS}
    return {
        "version": 1,
        "unit": "log2",
        "description": "Function-preserving unbalance. Output channel o of a layer named in 'layers' had its "
                       "batch-norm gamma and beta multiplied by 2^a[o], and the filter of channel o of its "
                       "consumer by 2^-a[o]. Multiply by the opposite powers to get the trained network back.",
        "consumers": {name: PAIRS[name] for name in factors},
        "layers": factors,
    }
