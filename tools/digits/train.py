"""Train the digit network. `python tools/digits/train.py --work DIR` writes DIR/weights.npz."""

import argparse
import hashlib
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import glyphs
import model

SEED = 2008
PEN_SHARE = .65
tree = jax.tree_util.tree_map


def loss(params, stats, x, labels, smoothing=.02):
    """Cross-entropy with a little label smoothing, and the new running statistics."""
    logits, stats = model.forward(params, stats, x, training=True)
    target = jax.nn.one_hot(labels, model.CLASSES) * (1 - smoothing) + smoothing / model.CLASSES
    return -(target * jax.nn.log_softmax(logits)).sum(-1).mean(), stats


@jax.jit
def step(params, stats, first, second, images, labels, t, rate):
    """One AdamW step on a batch of uint8 pictures; weight decay on weights only."""
    x = 1 - images[..., None].astype(jnp.float32) / 255
    (value, stats), grads = jax.value_and_grad(loss, has_aux=True)(params, stats, x, labels)
    first = tree(lambda m, g: .9 * m + .1 * g, first, grads)
    second = tree(lambda v, g: .999 * v + .001 * g * g, second, grads)

    def move(p, m, v):
        update = m / (1 - .9 ** t) / (jnp.sqrt(v / (1 - .999 ** t)) + 1e-8)
        return p - rate * (update + (.02 * p if p.ndim > 1 else 0))

    return tree(move, params, first, second), stats, first, second, value


@jax.jit
def predict(params, stats, images):
    """The most likely digit of each uint8 picture."""
    x = 1 - images[..., None].astype(jnp.float32) / 255
    return model.forward(params, stats, x)[0].argmax(-1)


def accuracy(params, stats, images, labels):
    """Share of right answers, in chunks of 500."""
    right = sum(int((predict(params, stats, images[i:i + 500]) == labels[i:i + 500]).sum())
                for i in range(0, len(images), 500))
    return right / len(images)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--pictures", type=int, default=60000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--size", type=int, default=128, help="pictures per step")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)

    begin = time.time()
    images, labels = glyphs.many(args.pictures, SEED, glyphs.TRAIN_FONTS, PEN_SHARE)
    check, check_labels = glyphs.many(2000, SEED + 1, glyphs.TRAIN_FONTS, PEN_SHARE)
    print(f"{len(images)} training pictures drawn in {time.time() - begin:.0f} s, "
          f"sha256 {hashlib.sha256(images.tobytes()).hexdigest()[:16]}", flush=True)

    begin = time.time()
    params, stats = model.initial(SEED)
    first, second = tree(jnp.zeros_like, params), tree(jnp.zeros_like, params)
    rng = np.random.default_rng(SEED)
    per_epoch = len(images) // args.size
    total, t = per_epoch * args.epochs, 0
    for epoch in range(args.epochs):
        order = rng.permutation(len(images))
        for i in range(per_epoch):
            t += 1
            pick = order[i * args.size:(i + 1) * args.size]
            rate = 4e-3 * min(1, t / 100) * .5 * (1 + np.cos(np.pi * t / total))
            params, stats, first, second, value = step(
                params, stats, first, second, images[pick], labels[pick], t, rate)
        print(f"epoch {epoch + 1}: loss {float(value):.4f}, held-out seed "
              f"{accuracy(params, stats, check, check_labels):.4f}, {time.time() - begin:.0f} s", flush=True)

    flat = {f"{layer}|{key}": np.asarray(value)
            for group in (params, stats) for layer, d in group.items() for key, value in d.items()}
    np.savez(args.work / "weights.npz", **flat)
    digest = hashlib.sha256(b"".join(flat[k].tobytes() for k in sorted(flat))).hexdigest()
    print(f"weights.npz, sha256 of its tensors {digest[:16]}")


if __name__ == "__main__":
    main()
