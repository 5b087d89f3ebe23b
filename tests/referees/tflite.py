"""Runs a .tflite file in TensorFlow Lite's interpreter and compares every tensor with a dump, bit for bit.

    python tests/referees/tflite.py MODEL.tflite DUMP... [--kernels reference|optimized] [--json]

A DUMP is a folder with `tensors.json` and the .npy files it lists: the inputs and every step's output of one run. The
reference kernels are profile `tflite` of docs/numerics.md (N8); the optimized ones, XNNPACK among them, are what an
application gets by default. Needs numpy and ai-edge-litert. Exit code 1 when any element differs.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {"reference": OpResolverType.BUILTIN_REF, "optimized": OpResolverType.AUTO}


def interpreter(model, kernels):
    """An interpreter that keeps intermediate tensors."""
    engine = Interpreter(
        model_content=model,
        experimental_op_resolver_type=RESOLVERS[kernels],
        experimental_preserve_all_tensors=True,
        num_threads=1,
    )
    engine.allocate_tensors()
    return engine


def run(engine, inputs):
    """`inputs` by name; every tensor's details by name."""
    details = {detail["name"]: detail for detail in engine.get_input_details()}
    if sorted(details) != sorted(inputs):
        raise SystemExit(f"the model's inputs are {sorted(details)}, the dump's {sorted(inputs)}")
    for name, array in inputs.items():
        engine.set_tensor(details[name]["index"], array)
    engine.invoke()
    return {detail["name"]: detail for detail in engine.get_tensor_details()}


class Count:
    """What was compared, and how much of it differs."""

    def __init__(self):
        self.tensors = self.elements = self.unequal = self.largest = self.missing = 0

    def add(self, ours, theirs):
        """Returns the number of unequal elements."""
        difference = np.abs(ours.astype(np.int32) - theirs.astype(np.int32))
        unequal = int(np.count_nonzero(difference))
        self.tensors += 1
        self.elements += difference.size
        self.unequal += unequal
        self.largest = max(self.largest, int(difference.max(initial=0)))
        return unequal


def parameters_differ(entry, detail):
    """Scale and zero point of a tensor must be those of the dump."""
    scale, zero_point = detail["quantization"]
    return np.float32(entry["scale"]) != np.float32(scale) or entry["zero_point"] != zero_point


def compare(engine, folder, count, report):
    dump = json.loads((folder / "tensors.json").read_text())
    load = lambda entry: np.load(folder / entry["file"])
    details = run(engine, {entry["name"]: load(entry) for entry in dump["inputs"]})
    for entry in dump["inputs"] + dump["tensors"]:
        name, ours = entry["name"], load(entry)
        detail = details.get(name)
        if detail is None:
            count.missing += 1
            report(f"{folder}: {name}: not in the file")
            continue
        theirs = engine.get_tensor(detail["index"])
        if theirs.dtype != ours.dtype or theirs.shape != ours.shape:
            count.missing += 1
            report(f"{folder}: {name}: {theirs.dtype}{theirs.shape} instead of {ours.dtype}{ours.shape}")
            continue
        if parameters_differ(entry, detail):
            count.missing += 1
            report(f"{folder}: {name}: quantization {detail['quantization']} instead of {entry['scale'], entry['zero_point']}")
        unequal = count.add(ours, theirs)
        if unequal:
            worst = np.abs(ours.astype(int) - theirs.astype(int)).max()
            report(f"{folder}: {name}: {unequal} of {ours.size} elements differ, by at most {worst}")
    written = {detail["name"] for detail in engine.get_output_details()}
    if written != set(dump["outputs"]):
        count.missing += 1
        report(f"{folder}: the outputs are {sorted(written)} instead of {sorted(dump['outputs'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("dumps", type=Path, nargs="+")
    parser.add_argument("--kernels", choices=RESOLVERS, default="reference")
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    arguments = parser.parse_args()
    engine = interpreter(arguments.model.read_bytes(), arguments.kernels)
    count = Count()
    for folder in arguments.dumps:
        compare(engine, folder, count, lambda line: print(line, file=sys.stderr))
    if arguments.json:
        print(json.dumps(vars(count)))
    else:
        print(
            f"{arguments.model}: {count.tensors} tensors compared, {count.elements} elements, {count.unequal} unequal, "
            f"largest difference {count.largest}" + (f", {count.missing} not comparable" if count.missing else "")
        )
    sys.exit(1 if count.unequal or count.missing or not count.tensors else 0)


if __name__ == "__main__":
    main()
