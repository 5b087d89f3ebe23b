#!/usr/bin/env python3
"""The NumPy oracle of tests/oracle as the referee of profile `npu`, on whole models.

    cargo build --release --bin shiftwise
    python npu.py --bundled digits
    python npu.py MODEL.onnx [MODEL.onnx ...] --images DIR|FILE [--calibration DIR] [--limit N] [-- OPTION ...]

For each model and scheme, `shiftwise quantize` writes the float network with its ranges, the integer graph, and the
tensors of some pictures. From the float network and the pictures alone the oracle derives every integer anew; then all
are compared: scales, weights, biases, shifts, multipliers, bounds, tables, tensors, overflows, hashes. One line a model
and scheme; exit code 1 if anything is unequal. What follows `--` goes to `shiftwise quantize`, for instance
`-- --weight-bits 4 --accumulator-bits 18 --bias-correction empirical`.

Needs numpy.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "oracle"))

from network import FLOAT_ONLY, Network  # noqa: E402
from numerics import Options  # noqa: E402

SCHEMES = ("layer-wise", "shift-wise", "channel-wise")


def bounds(ends):
    """JSON has no infinity: null is a bound that does not bind."""
    return [infinite if end is None else end for end, infinite in zip(ends, (-np.inf, np.inf))]


class Folder:
    """What the program wrote. Values go by their numbers, as text."""

    def __init__(self, folder):
        self.folder = folder
        index = json.loads((folder / "network" / "network.json").read_text())
        self.names = [value["name"] for value in index["values"]]
        assert len(set(self.names)) == len(self.names), "two values have one name"
        load = lambda file: np.load(folder / "network" / file)
        # Shortest texts of float32 numbers.
        ranges = {str(id): value["range"] for id, value in enumerate(index["values"]) if value["range"]}
        self.ranges = {id: [float(np.float32(end)) for end in ends] for id, ends in ranges.items()}
        files = {str(id): value["constant"] for id, value in enumerate(index["values"]) if "constant" in value}
        constants = {id: load(file) for id, file in files.items()}
        for node in index["nodes"]:
            node["inputs"], node["output"] = [str(id) for id in node["inputs"]], str(node["output"])
            node["clamp"] = node["clamp"] and bounds(node["clamp"])
            if node["op"] == "conv":
                node["weight"], node["bias"] = load(node["weight"]), node["bias"] and load(node["bias"])
            if node.get("kind") == "clamp":
                node["min"], node["max"] = bounds([node["min"], node["max"]])
        inputs, outputs = ([str(id) for id in index[key]] for key in ("inputs", "outputs"))
        self.graph = {"inputs": inputs, "outputs": outputs, "constants": constants, "nodes": index["nodes"]}
        profile = index["options"]["profile"]
        assert profile.pop("datapath") == "npu"
        keys = "scheme", "weight_bits", "activation_bits", "shift_bits", "bias_correction"
        own = {key: index["options"][key] for key in keys}
        self.options = Options(**own, **profile)
        self.program = json.loads((folder / "graph.json").read_text())
        golden = folder / "golden"
        self.pictures = [path.parent for path in sorted(golden.rglob("tensors.json"))]


class Referee(Network):
    """The oracle. Softmax and group normalization in the middle of a network run in float, where the page does not say
    every bit: there it goes on with the program's integers."""

    borrowed = 0

    def borrow(self, node, _):
        self.borrowed += 1
        return self.answers[node["output"]]

    softmax = log_softmax = group_norm = borrow


class Comparison:
    def __init__(self):
        self.parameters = self.unequal_parameters = self.tensors = self.elements = self.unequal = self.largest = 0
        self.differences = []

    def parameter(self, what, expected, actual):
        expected, actual = (np.asarray(values, np.float64).reshape(-1) for values in (expected, actual))
        self.parameters += expected.size
        wrong = expected.size if expected.shape != actual.shape else int((expected != actual).sum())
        self.unequal_parameters += wrong
        if wrong:
            self.differences.append(f"{what}: {wrong} of {expected.size} numbers differ")

    def tensor(self, name, expected, actual):
        assert expected.shape == actual.shape, f"{name}: {expected.shape} and {actual.shape}"
        apart = np.abs(expected.astype(np.int64) - actual)
        self.tensors, self.elements = self.tensors + 1, self.elements + apart.size
        self.unequal, self.largest = self.unequal + int((apart > 0).sum()), max(self.largest, int(apart.max()))
        if apart.any():
            count = int((apart > 0).sum())
            self.differences.append(f"tensor {name}: {count} of {apart.size} differ, by up to {apart.max()}")

    @property
    def right(self):
        return not self.differences


def pairs(rescales):
    return {"M": [rescale["multiplier"] for rescale in rescales], "n": [rescale["shift"] for rescale in rescales]}


def layer_of(op, counts):
    """The integers of a step in graph.json, under the oracle's names. `counts` are those of the averages."""
    kind = op["type"]
    if kind == "conv":
        shifts = op["shifts"] or [0] * len(op["bias"])
        return {key: op[key] for key in ("weight", "bias", "fits")} | {"k": shifts} | pairs(op["rescale"])
    if kind == "add":
        shared = op["rescale"]["shared"]
        a, b = shared["multipliers"]
        return {"M": [a, -b if op["subtract"] else b], "n": [shared["shift"]]}
    if kind == "mul":
        return pairs([op["rescale"]])
    if kind == "prelu":
        return pairs([op["rescale"]["split"][side] for side in ("positive", "negative")])
    if kind == "lookup":
        return {"table": op["table"]}
    if kind == "concat":
        return pairs([part["rescale"] if part != "copy" else {"multiplier": 0, "shift": 0} for part in op["parts"]])
    if kind == "average-pool":
        by_count = op["rescale"]["by-count"]
        return {c: list(by_count[c - 1].values()) for c in counts}
    if kind == "spatial-mean":
        return {c: list(op["rescale"].values()) for c in counts}
    return {}


def compare_parameters(folder, network, comparison):
    tensors, steps = folder.program["tensors"], folder.program["steps"]
    by_name = {step["name"]: step for step in steps}
    nodes = [node for node in network.graph["nodes"] if node["name"] not in network.tail]
    assert [step["name"] for step in steps] == [node["name"] for node in nodes], "other steps than nodes"
    for node in nodes:
        step, layer = by_name[node["name"]], network.layers[node["name"]]
        scale, tensor = network.scales[node["output"]], tensors[step["output"]]
        comparison.parameter(
            f"scale of {tensor['name']}", [scale.S, scale.Z, scale.top],
            [tensor["scale"], tensor["zero_point"], tensor["max"]],
        )
        # Of a fallback, the clamp is the float operator's.
        clamped = step["op"]["type"] not in ("host", "lookup")
        if clamped and node["op"] not in ("reshape", "transpose", "slice", "pad", "resize", "max_pool"):
            ends = step["bounds"]
            comparison.parameter(f"bounds of {node['name']}", network.bounds(node), [ends["min"], ends["max"]])
        actual = layer_of(step["op"], [key for key in layer if isinstance(key, int)])
        for key, values in actual.items():
            expected = [0 if value is None else value for value in np.ravel(layer[key])]
            comparison.parameter(f"{key} of {node['name']}", expected, values)


def compare_picture(folder, picture, network, comparison):
    index = json.loads((picture / "tensors.json").read_text())
    load = lambda record: np.load(picture / record["file"])
    records = {record["name"]: record for record in index["inputs"] + index["tensors"]}
    inputs = {}
    for id, given in zip(network.graph["inputs"], index["float_inputs"]):
        layout = records[folder.names[int(id)]]["layout"]
        inputs[id] = load(given).transpose(layout)
    network.answers = {str(id): load(records[name]) for id, name in enumerate(folder.names) if name in records}
    tensors = network.run(inputs)
    assert tensors.keys() == network.answers.keys(), "other tensors"
    for id, tensor in tensors.items():
        comparison.tensor(folder.names[int(id)], tensor, network.answers[id])
    comparison.parameter("overflows", network.events, index["overflows"])
    if f"{network.hash(tensors):016x}" != index["hash"]:
        comparison.differences.append(f"hash {network.hash(tensors):016x}, not {index['hash']}")
    comparison.overflows = network.events


def judge(folder):
    """The comparison of one model under one scheme."""
    folder, comparison = Folder(folder), Comparison()
    network = Referee(folder.graph, folder.ranges, folder.options)
    for picture in folder.pictures:
        compare_picture(folder, picture, network, comparison)
    # After the run, because averages have a multiplier for each number of positions that occurs.
    compare_parameters(folder, network, comparison)
    assert comparison.elements, "nothing was compared"
    comparison.borrowed = network.borrowed
    return comparison


def quantize(program, model, scheme, folder, arguments):
    command = [program, "quantize", *model, "--scheme", scheme, "--profile", "npu", "--to", "json"]
    command += ["--out", folder / "graph.json", "--network", folder / "network", "--golden", folder / "golden"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*")
    parser.add_argument("--bundled", action="append", default=[], help="an example inside the program")
    parser.add_argument("--images")
    parser.add_argument("--calibration")
    parser.add_argument("--limit", type=int, default=2, help="pictures a model and scheme")
    parser.add_argument("--schemes", default=",".join(SCHEMES))
    parser.add_argument("--json", type=pathlib.Path, help="write the counts to this file too")
    parser.add_argument("--program", default=TESTS.parent / "target" / "release" / "shiftwise")
    own, more = sys.argv[1:], []
    if "--" in own:
        own, more = own[: own.index("--")], own[own.index("--") + 1 :]
    args = parser.parse_args(own)
    more += ["--limit", str(args.limit)]
    for name in ("images", "calibration"):
        if getattr(args, name):
            more += [f"--{name}", getattr(args, name)]
    models = [([path], pathlib.Path(path).stem) for path in args.models]
    models += [(["--bundled", name], name) for name in args.bundled]
    print(f"{'model':<26} {'scheme':<12} {'parameters':>10} {'unequal':>7}  {'tensors':>7} {'elements':>9} "
          f"{'unequal':>7} {'largest':>7} {'overflows':>9}")
    wrong, rows = 0, []
    for model, name in models:
        for scheme in args.schemes.split(","):
            with tempfile.TemporaryDirectory() as folder:
                quantize(args.program, model, scheme, pathlib.Path(folder), more)
                result = judge(pathlib.Path(folder))
            print(f"{name:<26} {scheme:<12} {result.parameters:>10} {result.unequal_parameters:>7}  "
                  f"{result.tensors:>7} {result.elements:>9} {result.unequal:>7} {result.largest:>7} "
                  f"{result.overflows:>9}" + (f"  {result.borrowed} fallbacks not judged" if result.borrowed else ""))
            for difference in result.differences[:20]:
                print(f"    {difference}")
            wrong += not result.right
            parameters = {"elements": result.parameters, "unequal": result.unequal_parameters}
            rows.append({"scheme": scheme, "what": "weights, biases, scales, multipliers", "tensors": None, "largest": None, **parameters})
            rows.append({"scheme": scheme, "what": "whole network", "tensors": result.tensors, "elements": result.elements,
                         "unequal": result.unequal, "largest": result.largest})
            sys.stdout.flush()
    if args.json:
        args.json.write_text(json.dumps(rows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
