"""Make the shipped example from DIR/weights.npz: `python tools/digits/make.py --work DIR`.

Draws the two sheets, unbalances the network, checks with ONNX Runtime that its logits did not
move, picks the opening picture and writes everything to www/models/digits/.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

import export
import glyphs
import integer
import spread

OUT = Path(__file__).resolve().parents[2] / "www" / "models" / "digits"
TEST_SEED, CALIBRATION_SEED, SCORE_SEED = 77001, 77002, 77003
TEST_COUNT, CALIBRATION_COUNT, COLUMNS = 200, 60, 20
TEST_PEN_SHARE = .5

DESCRIPTION = (
    "Handwritten-style and printed digits, 32x32, recognised by a MobileNet-style network of 13 layers "
    "trained for this page on drawn strokes and free fonts. Its channel ranges were spread on purpose: powers of "
    "two moved through ReLU, exactly function-preserving, imitate the nearly dead depthwise channels that large "
    "MobileNets grow by themselves. digits-spread.json lists the factors.")


def ort_logits(model, images):
    """Logits of uint8 pictures, one by one, from ONNX Runtime without graph optimisation."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    run = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"]).run
    x = (1 - images[:, None].astype(np.float32) / 255)
    return np.concatenate([run(None, {"input": one[None]})[0] for one in x])


def opening(images, labels, bench):
    """Index of the picture that tells the story best: clear, on plain paper, and wrong under layer-wise only."""
    right, sure = np.ones(len(labels), bool), np.ones(len(labels))
    for scheme in integer.SCHEMES:
        logits, _ = bench.logits(images, integer.Settings(scheme))
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        hit = logits.argmax(1) == labels
        if scheme == "layer-wise":
            right &= ~hit
            sure *= p.max(1)             # the surer of its mistake, the better
        else:
            right &= hit
            sure *= p[np.arange(len(labels)), labels]
    ink = images < 100
    place = np.arange(glyphs.SIZE)
    tall = np.ptp(np.where(ink.any(2), place, 15), axis=1)
    count = np.maximum(ink.sum((1, 2)), 1)
    middle = (glyphs.SIZE - 1) / 2
    aside = np.hypot((ink.sum(1) * place).sum(1) / count - middle, (ink.sum(2) * place).sum(1) / count - middle)
    clear = right & (np.median(images, (1, 2)) == 255) & (tall >= 19) & (tall <= 26) & (count > 70) & (aside < 2.5)
    candidates = np.flatnonzero(clear if clear.any() else right)
    return int(candidates[sure[candidates].argmax()])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder that train.py wrote to")
    args = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)

    trained = dict(np.load(args.work / "weights.npz"))
    test, labels = glyphs.batch(TEST_COUNT, TEST_SEED, glyphs.TEST_FONTS, TEST_PEN_SHARE)
    calibration, _ = glyphs.batch(CALIBRATION_COUNT, CALIBRATION_SEED, glyphs.TRAIN_FONTS, .65)
    test, calibration = glyphs.coarse(test), glyphs.coarse(calibration)
    scored, _ = glyphs.many(200, SCORE_SEED, glyphs.TRAIN_FONTS, .65)

    factors = spread.choose(spread.importance(trained, scored))
    unbalanced = spread.apply(trained, factors)
    before, after = export.to_onnx(trained), export.to_onnx(unbalanced)
    first, second = ort_logits(before, test), ort_logits(after, test)
    print(f"ONNX Runtime, {len(test)} pictures: largest change of a logit by the unbalance "
          f"{np.abs(first - second).max():.2e} (logits up to {np.abs(first).max():.1f})")

    onnx.save(after, OUT / "digits.onnx")
    bench = integer.Bench(export.from_onnx(OUT / "digits.onnx"), calibration)
    print(f"ONNX Runtime against the folded NumPy network: "
          f"{np.abs(second - bench.logits(test, integer.Settings('float'))[0]).max():.2e}")
    pick = opening(test, labels, bench)
    for array in (test, labels):
        array[[0, pick]] = array[[pick, 0]]
    print(f"opening picture: a {labels[0]} (was number {pick})")

    glyphs.sheet(test, COLUMNS).save(OUT / "test.png", optimize=True)
    glyphs.sheet(calibration, COLUMNS).save(OUT / "calibration.png", optimize=True)
    tile = [glyphs.SIZE, glyphs.SIZE]
    manifest = {
        "version": 1,
        "title": "Digits",
        "description": DESCRIPTION,
        "task": "classification",
        "input": {"channels": "gray", "resize": {"mode": "stretch", "size": tile}, "mean": [255], "std": [-255]},
        "labels": [str(d) for d in range(10)],
        "samples": {"sheet": "test.png", "tile": tile, "columns": COLUMNS, "count": len(test),
                    "labels": labels.tolist()},
        "calibration": {"sheet": "calibration.png", "tile": tile, "columns": COLUMNS, "count": len(calibration)},
        "spread": "digits-spread.json",
    }
    write(OUT / "digits.shiftwise.json", manifest)
    write(OUT / "digits-spread.json", spread.sidecar(factors))
    for path in sorted(OUT.iterdir()):
        print(f"{path.stat().st_size:8d} bytes  {path.name}")


def write(path, data):
    """JSON, two spaces, but lists of numbers on one line."""
    text = json.dumps(data, indent=2)
    text = re.sub(r"\[[\s\d,-]*\]", lambda m: re.sub(r"\s+", " ", m[0]).replace("[ ", "[").replace(" ]", "]"), text)
    path.write_text(text + "\n")


if __name__ == "__main__":
    main()
