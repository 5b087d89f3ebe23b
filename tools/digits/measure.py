"""Measure what ships in www/models/digits/: `python tools/digits/measure.py [--more N]`.

Everything printed is computed from the shipped files; --more also draws N fresh pictures from
the held-out fonts and the pen, for figures with less noise than 200 pictures give.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import export
import glyphs
import integer
import model
import spread

DIR = Path(__file__).resolve().parents[2] / "www" / "models" / "digits"


def sheet(manifest, key):
    """The tiles that the manifest describes under `key`."""
    d = manifest[key]
    assert d["tile"] == [glyphs.SIZE, glyphs.SIZE]
    return glyphs.unsheet(DIR / d["sheet"], d["count"], d["columns"])


def fresh(count, seed, pen_share):
    """Pictures and labels as those of the test sheet, gray levels too."""
    images, labels = glyphs.many(count, seed, glyphs.TEST_FONTS, pen_share)
    return glyphs.coarse(images), labels


def table(title, bench, sets):
    """Top-1 of every scheme on every set of pictures."""
    print(f"\n{title}\n{'':14}" + "".join(f"{name:>16}" for name in sets))
    for scheme in integer.SCHEMES:
        cells = [bench.accuracy(*data, scheme=scheme) for data in sets.values()]
        print(f"{scheme:14}" + "".join(f"{100 * c:15.1f}%" for c in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--more", type=int, default=0, help="fresh pictures to draw (needs the fonts)")
    args = parser.parse_args()

    manifest = json.loads((DIR / "digits.shiftwise.json").read_text())
    factors = json.loads((DIR / manifest["spread"]).read_text())["layers"]
    weights = export.from_onnx(DIR / "digits.onnx")
    calibration = sheet(manifest, "calibration")
    test, labels = sheet(manifest, "samples"), np.array(manifest["samples"]["labels"])
    bench = integer.Bench(weights, calibration)
    twin = integer.Bench(spread.apply(weights, factors, -1.0), calibration)
    count = sum(w.size + b.size for w, b in bench.folded.values())
    print(f"{(DIR / 'digits.onnx').stat().st_size} bytes, {count} folded parameters, "
          f"{model.macs(glyphs.SIZE)} multiply-accumulates, {len(calibration)} calibration pictures")

    sets = {f"test ({len(test)})": (test, labels)}
    if args.more:
        sets["pen"] = fresh(args.more, 77010, 1.0)
        sets["held-out fonts"] = fresh(args.more, 77011, 0.0)
        sets["canvas"] = glyphs.canvas(args.more, 77012)
    table("As shipped: top-1, 8-bit weights and 8-bit activations", bench, sets)
    table("Un-spread twin (factors of digits-spread.json undone)", twin, sets)

    print("\nShift-wise, test sheet: shift bits against top-1")
    for bits in (8, 6, 5, 4):
        cells = [bench.accuracy(test, labels, weight_bits=bits, shift_bits=s) for s in range(6)]
        others = [bench.accuracy(test, labels, weight_bits=bits, scheme=s) for s in ("layer-wise", "channel-wise")]
        print(f"{bits}-bit weights  " + "  ".join(f"B={s} {100 * c:5.1f}%" for s, c in enumerate(cells))
              + f"   layer-wise {100 * others[0]:5.1f}%  channel-wise {100 * others[1]:5.1f}%")

    print("\nSpread undone by degrees (slider): layer-wise and shift-wise top-1, test sheet")
    for amount in (0, .25, .5, .75, 1):
        part = integer.Bench(spread.apply(weights, factors, amount - 1.0), calibration)
        print(f"amount {amount:4.2f}  layer-wise {100 * part.accuracy(test, labels, scheme='layer-wise'):5.1f}%  "
              f"shift-wise {100 * part.accuracy(test, labels, scheme='shift-wise'):5.1f}%")

    logits, chosen = bench.logits(test, integer.Settings())
    print("\nShifts chosen (4 bits): number of channels with k = 0, 1, 2, ...")
    for name, k in chosen.items():
        print(f"{name:18} " + " ".join(f"{n:3d}" for n in np.bincount(k, minlength=10)))
    every = np.concatenate(list(chosen.values()))
    print(f"{'all':18} " + " ".join(f"{n:3d}" for n in np.bincount(every, minlength=10)))

    print(f"\nOpening picture (number 0), a {labels[0]}:")
    for scheme in integer.SCHEMES:
        row = bench.logits(test[:1], integer.Settings(scheme))[0][0]
        p = np.exp(row - row.max())
        print(f"{scheme:14} says {row.argmax()}  p = {p.max() / p.sum():.3f}")


if __name__ == "__main__":
    main()
