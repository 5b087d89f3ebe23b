"""Writes cases/: small ONNX models, and the integers that docs/numerics.md says they become.

    python make_cases.py            # all of them
    python make_cases.py concat     # those whose name contains "concat"

Needs numpy, onnx to write models, and onnxruntime to check that each means what the oracle's graph means (in floats).
Numbers depend on nothing but the case's name, so making the cases again changes nothing.
"""

import json
import pathlib
import sys
from dataclasses import asdict

import numpy as np
import onnxruntime as ort

import networks
import numerics
import operators
from builder import to_onnx
from network import Network, host_tail

ROOT = pathlib.Path(__file__).parent / "cases"
PICTURES = 2


def text(values):
    """Float32 numbers, each as a text that gives it back."""

    def number(value):
        short = value == 0 or 1e-4 <= abs(value) < 1e6
        return np.format_float_positional(value, trim="-") if short else repr(float(value))

    return " ".join(map(number, np.float32(values).reshape(-1)))


def integers(values):
    if isinstance(values, dict):
        return {str(key): integers(value) for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [integers(value) for value in values]
    if isinstance(values, np.ndarray) and values.dtype == np.uint8:
        return values.tobytes().hex()
    if isinstance(values, np.ndarray):
        return [int(value) for value in values.reshape(-1)]
    return values


def pictures(builder):
    """Float inputs: the one that ranges come from, and others that leave them."""
    result = [{name: builder.floats[name] for name in builder.graph["inputs"]}]
    while len(result) < PICTURES:
        result.append({name: x[:, ::-1] * np.float32(1.5) for name, x in result[0].items()})
    return result


def check(builder, model):
    """The ONNX model and the oracle's graph are the same network."""
    feeds = {name: to_onnx(builder.floats[name]) for name in builder.graph["inputs"]}
    # Bilinear weights have 11 bits here.
    tolerance = 1e-3 if any(node.get("mode") == "linear" for node in builder.graph["nodes"]) else 1e-5
    settings = ort.SessionOptions()
    settings.log_severity_level = 3
    session = ort.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    for name, output in zip(builder.graph["outputs"], session.run(None, feeds)):
        wanted = to_onnx(builder.floats[name])
        assert wanted.shape == output.shape, (builder.name, name, wanted.shape, output.shape)
        error = np.abs(wanted.astype(np.float64) - output).max() / max(np.abs(wanted).max(), 1e-30)
        assert error < tolerance, f"{builder.name}: {name} differs by {error:.1e} from ONNX Runtime"


def stored(values):
    """Hash of float32 numbers as they lie in memory, lowest byte first."""
    return f"{numerics.fnv1a(np.ascontiguousarray(values, '<f4').tobytes()):016x}"


def run(builder, options, inputs, with_outputs):
    """The options that are not the defaults, and what they lead to."""
    network = Network(builder.graph, builder.ranges, options)
    results = []
    for picture in inputs:
        tensors = network.run(picture)
        results.append({
            "hash": f"{network.hash(tensors):016x}",
            "overflows": network.events,
            "tensors": {
                name: f"{numerics.fnv1a(to_onnx(tensor).tobytes()):016x}"
                for name, tensor in tensors.items()
                if name not in builder.hidden
            },
            "outputs": {
                name: integers(to_onnx(tensors[name]))
                for name in builder.graph["outputs"]
                if name in tensors and with_outputs and not results
            },
        })
    scales = {
        name: [repr(float(scale.S)), scale.Z] for name, scale in network.scales.items() if name not in builder.hidden
    }
    layers = {name: integers(layer) for name, layer in network.layers.items() if layer}
    for layer in layers.values():
        if "weight" in layer:
            layer["weight"] = np.int8(layer["weight"]).tobytes().hex()
        if "table" in layer:
            layer["table"] = f"{numerics.fnv1a(bytes.fromhex(layer['table'])):016x}"
    defaults = asdict(numerics.Options())
    chosen = {key: value for key, value in asdict(options).items() if value != defaults[key]}
    return {"options": chosen, "scales": scales, "layers": layers, "pictures": results}


def calibrate(builder, inputs):
    """Ranges and mean inputs over the pictures, of networks whose every layer reads the input."""
    for name in builder.graph["inputs"]:
        seen = np.stack([picture[name] for picture in inputs])
        builder.ranges[name] = [float(seen.min()), float(seen.max())]
    for node in builder.graph["nodes"]:
        if node["op"] == "conv":
            means = operators.tap_means([picture[node["inputs"][0]] for picture in inputs], node)
            node["tap_means"] = means


def write(name):
    builder, runs = networks.fill(name)
    model = builder.model()
    check(builder, model)
    inputs = pictures(builder)
    if any(options.bias_correction != "none" for options in runs):
        calibrate(builder, inputs)
    tail = host_tail(builder.graph)
    host = {node["output"] for node in builder.graph["nodes"] if node["name"] in tail}
    case = {
        "ranges": {value: text(ends) for value, ends in builder.ranges.items() if value not in host},
        "inputs": [{value: text(to_onnx(x)) for value, x in picture.items()} for picture in inputs],
        "weights": {
            node["name"]: [stored(node["weight"]), stored([] if node["bias"] is None else node["bias"])]
            for node in builder.graph["nodes"]
            if node["op"] == "conv"
        },
        "runs": [run(builder, options, inputs, index == 0) for index, options in enumerate(runs)],
    }
    (ROOT / f"{name}.onnx").write_bytes(model.SerializeToString())
    lines = json.dumps(case, separators=(",", ":")).replace('{"options"', '\n{"options"')
    (ROOT / f"{name}.json").write_text(lines + "\n")
    return len(runs)


def main():
    ROOT.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or [""]
    names = [name for name in networks.NETWORKS if any(part in name for part in wanted)]
    total = sum(write(name) for name in names)
    print(f"{len(names)} networks, {total} runs, {sum(file.stat().st_size for file in ROOT.iterdir()) // 1024} KiB")


if __name__ == "__main__":
    main()
