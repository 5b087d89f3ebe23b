#!/usr/bin/env python3
"""Runs the cases of tests/tflite_export.rs in TensorFlow Lite's interpreter, and records its answers.

    SHIFTWISE_TFLITE_CASES=cases cargo test --test tflite_export written_for_the_engine
    python record_tflite.py cases [--record ../tflite/answers.json] [--kernels reference]

Each folder in `cases` holds model.tflite and our integers. One line for each family that differs, and for each case with
`--cases`; exit code 1 if any does. Needs numpy and ai-edge-litert.
"""

import argparse
import collections
import importlib.metadata
import json
import pathlib
import sys

import tflite


def fnv(data):
    """64-bit FNV-1a, as N11 of docs/numerics.md has it."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("--record", type=pathlib.Path, help="write the answers to this file")
    parser.add_argument("--kernels", choices=tflite.RESOLVERS, default="reference")
    parser.add_argument("--cases", dest="each", action="store_true", help="name every case that differs")
    arguments = parser.parse_args()
    families = collections.defaultdict(tflite.Count)
    answers, refused = {}, collections.Counter()
    for folder in sorted(arguments.cases.iterdir()):
        family = folder.name.rsplit(" ", 1)[0]
        try:
            engine = tflite.Engine(folder / "model.tflite", arguments.kernels)
        except RuntimeError:
            # XNNPACK has bounds of its own for quotients of scales.
            assert arguments.kernels == "xnnpack", folder
            refused[family] += 1
            continue
        golden = tflite.Golden(folder)
        for line in tflite.compare(engine, golden, families[family]):
            if arguments.each:
                print(line)
        details = engine.run(golden.inputs)
        records = [record for record in golden.index["tensors"] if record["name"] in details]
        tensors = {record["name"]: engine.tensor(details[record["name"]]) for record in records}
        answers[folder.name] = {
            "file": fnv((folder / "model.tflite").read_bytes()),
            "tensors": {name: tensor.flatten().tolist() for name, tensor in tensors.items()},
        }
    for family, count in families.items():
        print(f"{family}: {count}" + (f", {refused[family]} refused" if refused[family] else ""))
    if arguments.record:
        assert arguments.kernels == "reference", "only the reference kernels' answers are recorded"
        engine = f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')}, reference kernels"
        lines = [f"    {json.dumps(name)}: {json.dumps(answer, separators=(',', ':'))}" for name, answer in answers.items()]
        text = f'{{\n  "engine": {json.dumps(engine)},\n  "cases": {{\n' + ",\n".join(lines) + "\n  }\n}\n"
        arguments.record.write_text(text)
    sys.exit(1 if any(count.unequal for count in families.values()) else 0)


if __name__ == "__main__":
    main()
