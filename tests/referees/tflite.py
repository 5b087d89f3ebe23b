#!/usr/bin/env python3
"""TensorFlow Lite's interpreter as the referee of profile `tflite` and of the .tflite export.

    shiftwise quantize MODEL --scheme shift-wise --to tflite --out model.tflite --golden golden --images PICTURES
    python tflite.py model.tflite golden [golden ...]

Every tensor of each golden folder is compared with the interpreter's, bit for bit. `--kernels` says whose:

reference  those of tensorflow/lite/kernels/internal/reference, which docs/numerics.md follows (N8)
optimized  the engine's own faster ones
xnnpack    what an application gets by default; only the network's outputs can be compared

Prints one line of tensors, elements, unequal ones and the largest difference; `--tensors` also one for each tensor that
differs. Exit code 1 if anything is unequal. Needs numpy and ai-edge-litert.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {
    "reference": OpResolverType.BUILTIN_REF,
    "optimized": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    "xnnpack": OpResolverType.BUILTIN,
}


class Engine:
    def __init__(self, path, kernels):
        self.kernels = kernels
        self.interpreter = Interpreter(
            model_path=str(path),
            experimental_op_resolver_type=RESOLVERS[kernels],
            # A delegate writes none but its results.
            experimental_preserve_all_tensors=kernels != "xnnpack",
            num_threads=1,
        )
        self.interpreter.allocate_tensors()
        self.outputs = [detail["name"] for detail in self.interpreter.get_output_details()]

    def run(self, inputs):
        """From tensors by name to tensors by name, each with its scale and zero point."""
        details = self.interpreter.get_input_details()
        assert {detail["name"] for detail in details} == set(inputs), "other inputs than the dump's"
        for detail in details:
            self.interpreter.set_tensor(detail["index"], inputs[detail["name"]])
        self.interpreter.invoke()
        details = self.interpreter.get_output_details() if self.kernels == "xnnpack" else self.interpreter.get_tensor_details()
        return {detail["name"]: detail for detail in details}

    def tensor(self, detail):
        return self.interpreter.get_tensor(detail["index"])


class Golden:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.index = json.loads((self.folder / "tensors.json").read_text())
        assert self.index["profile"] == "tflite", f"{folder} is of profile {self.index['profile']}"
        self.inputs = {record["name"]: self.load(record) for record in self.index["inputs"]}

    def load(self, record):
        return np.load(self.folder / record["file"])


class Count:
    def __init__(self):
        self.tensors = self.elements = self.unequal = self.largest = 0

    def add(self, ours, theirs):
        """Counts a tensor in; returns how many elements are unequal and the largest difference."""
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), "another shape or type"
        difference = np.abs(ours.astype(np.int32) - theirs.astype(np.int32))
        unequal, largest = int(np.count_nonzero(difference)), int(difference.max(initial=0))
        self.tensors += 1
        self.elements += difference.size
        self.unequal += unequal
        self.largest = max(self.largest, largest)
        return unequal, largest

    def __str__(self):
        return f"{self.tensors} tensors, {self.elements} elements, {self.unequal} unequal, largest difference {self.largest}"


def compare(engine, golden, count):
    """Yields a line for each tensor that differs. A tensor that the file has not is an error."""
    assert set(engine.outputs) == set(golden.index["outputs"]), "other outputs than the dump's"
    details = engine.run(golden.inputs)
    records = golden.index["inputs"] + golden.index["tensors"]
    for record in records if engine.kernels != "xnnpack" else [r for r in records if r["name"] in engine.outputs]:
        detail = details[record["name"]]
        scale, zero_point = detail["quantization"]
        assert (np.float32(record["scale"]), record["zero_point"]) == (np.float32(scale), zero_point), record["name"]
        ours = golden.load(record)
        unequal, largest = count.add(ours, engine.tensor(detail))
        if unequal:
            yield f"{golden.folder}: {record['name']}: {unequal} of {ours.size} unequal, largest difference {largest}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("golden", nargs="+")
    parser.add_argument("--kernels", choices=RESOLVERS, default="reference")
    parser.add_argument("--tensors", action="store_true", help="name every tensor that differs")
    parser.add_argument("--json", type=pathlib.Path, help="write the counts to this file too")
    arguments = parser.parse_args()
    engine = Engine(arguments.model, arguments.kernels)
    count = Count()
    for folder in arguments.golden:
        for line in compare(engine, Golden(folder), count):
            if arguments.tensors:
                print(line)
    print(f"{arguments.model}, {arguments.kernels} kernels: {count}")
    if arguments.json:
        arguments.json.write_text(json.dumps([{"what": "whole network", **vars(count)}]))
    sys.exit(1 if count.unequal or not count.tensors else 0)


if __name__ == "__main__":
    main()
