#!/usr/bin/env python3
"""ONNX Runtime as the referee of profile `ort` and of the QDQ export.

    shiftwise quantize MODEL --scheme shift-wise --to onnx --out model.onnx --golden golden --images PICTURE
    python ort.py model.onnx golden [golden ...]

Every integer tensor of each golden folder is compared twice: with the whole network run from the float input (`whole`),
and with its one operator run on the folder's own integers (`alone`), where differences cannot add up. One line for
each kind of kernel that ONNX Runtime runs; `--tensors` prints one for each tensor. Exit code 1 if anything is unequal.

Needs numpy, onnx and onnxruntime. On processors without VNNI, 8-bit products could saturate; the session option
`session.x64quantprecision` prevents that.
"""

import argparse
import collections
import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

QUANTIZE, DEQUANTIZE = "QuantizeLinear", "DequantizeLinear"


def session(model, optimized=None):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    if optimized is not None:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(model, inputs):
    """All outputs by name, and the kernels that ran."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "optimized.onnx"
        runner = session(model, path)
        kernels = [node for node in onnx.load(path).graph.node]
    names = [output.name for output in runner.get_outputs()]
    return dict(zip(names, runner.run(names, inputs))), kernels


def to_file(array):
    """Stored tensors are channels last; in the file, those of four axes are channels first."""
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2)) if array.ndim == 4 else array


class Golden:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.index = json.loads((self.folder / "tensors.json").read_text())
        assert self.index["profile"] == "ort", f"{folder} is of profile {self.index['profile']}"
        records = self.index["inputs"] + self.index["tensors"]
        self.integers = {record["name"]: to_file(self.load(record)) for record in records}
        self.floats = {record["name"]: self.load(record) for record in self.index["float_inputs"]}
        self.answers = {record["name"]: self.load(record) for record in self.index["float_outputs"]}

    def load(self, record):
        return np.load(self.folder / record["file"])


class Network:
    def __init__(self, path):
        self.model = onnx.load(path)
        onnx.checker.check_model(self.model, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(self.model, strict_mode=True)
        self.types = {value.name: value for value in inferred.graph.value_info}
        self.producers = {name: node for node in self.model.graph.node for name in node.output}
        self.initializers = {tensor.name: tensor for tensor in self.model.graph.initializer}

    def whole(self, names):
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        model.graph.output.extend(self.types[name] for name in names)
        return model

    def alone(self, output, given):
        """The part of the network between integer tensors that are given and one that is not."""
        nodes, inputs, wanted, seen = [], {}, [output], set()
        while wanted:
            name = wanted.pop()
            if name in given and name != output:
                inputs[name] = self.types[name]
            elif name and name not in seen and name in self.producers:
                seen.add(name)
                node = self.producers[name]
                nodes.append(node)
                wanted.extend(node.input)
            elif name not in self.initializers and name in {value.name for value in self.model.graph.input}:
                inputs[name] = next(value for value in self.model.graph.input if value.name == name)
        order = {id(node): index for index, node in enumerate(self.model.graph.node)}
        nodes.sort(key=lambda node: order[id(node)])
        used = {name for node in nodes for name in node.input}
        graph = onnx.helper.make_graph(
            nodes,
            "alone",
            list(inputs.values()),
            [self.types[output]],
            [tensor for name, tensor in self.initializers.items() if name in used],
        )
        model = onnx.helper.make_model(graph, opset_imports=self.model.opset_import, ir_version=self.model.ir_version)
        return model, list(inputs)


def kernel_name(kernels):
    """What ran, for people: fused kernels by their name, others with the conversions around them."""
    names = list(dict.fromkeys(node.op_type for node in kernels))
    # Convolutions have their pictures turned to channels last.
    return "+".join(name for name in names if name != "Transpose" or len(names) == 1)


def difference(actual, expected):
    assert actual.shape == expected.shape, f"{actual.shape} is not {expected.shape}"
    delta = np.abs(actual.astype(np.int32) - expected.astype(np.int32))
    return int(np.count_nonzero(delta)), int(delta.max(initial=0))


class Count:
    def __init__(self):
        self.tensors = self.elements = 0
        self.unequal = {"alone": 0, "whole": 0}
        self.largest = {"alone": 0, "whole": 0}

    def add(self, elements, found):
        self.tensors += 1
        self.elements += elements
        for how, (unequal, largest) in found.items():
            self.unequal[how] += unequal
            self.largest[how] = max(self.largest[how], largest)


def line(name, count):
    figures = [count.tensors, count.elements]
    figures += [figure for how in ("alone", "whole") for figure in (count.unequal[how], count.largest[how])]
    return f"{name:44.44} " + " ".join(f"{figure:>9}" for figure in figures)


def record(what, count, how):
    return {
        "what": what,
        "tensors": count.tensors,
        "elements": count.elements,
        "unequal": count.unequal[how],
        "largest": count.largest[how],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("golden", nargs="+")
    parser.add_argument("--tensors", action="store_true", help="one line for each tensor")
    parser.add_argument("--json", type=pathlib.Path, help="write the counts to this file too")
    args = parser.parse_args()

    network = Network(args.model)
    by_kernel = collections.defaultdict(Count)
    total = Count()
    answers = 0.0
    models = {}
    for folder in args.golden:
        golden = Golden(folder)
        names = {f"{name}/integers": name for name in golden.integers}
        missing = [name for name in names if name not in network.producers]
        assert not missing, f"not in the file: {missing}"
        whole, _ = run(network.whole(names), golden.floats)
        for name, tensor in names.items():
            if name not in models:
                model, inputs = network.alone(name, names)
                with tempfile.TemporaryDirectory() as temporary:
                    path = pathlib.Path(temporary) / "optimized.onnx"
                    models[name] = session(model, path), inputs, kernel_name(onnx.load(path).graph.node)
            runner, inputs, kernel = models[name]
            feed = {key: golden.integers[names[key]] if key in names else golden.floats[key] for key in inputs}
            expected = golden.integers[tensor]
            alone = runner.run([name], feed)[0]
            found = {"alone": difference(alone, expected), "whole": difference(whole[name], expected)}
            by_kernel[kernel].add(expected.size, found)
            total.add(expected.size, found)
            if args.tensors:
                one = Count()
                one.add(expected.size, found)
                print(line(f"{tensor} ({kernel})", one))
        for name, answer in golden.answers.items():
            assert whole[name].shape == answer.shape, f"{name}: {whole[name].shape} is not {answer.shape}"
            answers = max(answers, float(np.abs(whole[name] - answer).max(initial=0.0)))
    print(f"ONNX Runtime {onnxruntime.__version__}: {args.model}, {len(args.golden)} pictures")
    heading = ["tensors", "elements", "alone", "largest", "whole", "largest"]
    print(f"{'kernel':44} " + " ".join(f"{word:>9}" for word in heading))
    for kernel, count in sorted(by_kernel.items()):
        print(line(kernel, count))
    print(line("all", total))
    print(f"float outputs: largest difference {answers:.3g}")
    if args.json:
        rows = [record("each operator alone", total, "alone"), record("whole network", total, "whole")]
        rows += [record(kernel, count, "alone") for kernel, count in sorted(by_kernel.items()) if count.unequal["alone"]]
        args.json.write_text(json.dumps(rows))
    sys.exit(1 if any(total.unequal.values()) or not total.tensors else 0)


if __name__ == "__main__":
    main()
