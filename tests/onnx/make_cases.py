"""Writes the small ONNX graphs that tests/onnx_graphs.rs checks the reader and the float executor with.

    python make_cases.py            # all of them, into cases/
    python make_cases.py resize     # those whose name contains "resize"

Every case is a folder in ONNX's own layout for backend tests: model.onnx, input_0.pb, ..., output_0.pb, ... Weights
and inputs come from a generator seeded by the case's name, so a case does not change when others are added. The
outputs are those of ONNX Runtime without graph optimizations or, where it lacks an operator of that opset, of ONNX's
reference implementation.
"""

import pathlib
import shutil
import sys
import zlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import graphs

ROOT = pathlib.Path(__file__).parent / "cases"


def run(model: onnx.ModelProto, feeds: dict) -> tuple[list[np.ndarray], str]:
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(None, feeds), "ONNX Runtime"
    except Exception as error:  # ONNX Runtime has no common base class for what it raises
        outputs = ReferenceEvaluator(model).run(None, feeds)
        return [np.asarray(output) for output in outputs], f"reference ({str(error).strip().splitlines()[0][:90]})"


def write(case: graphs.Case) -> str:
    seed = zlib.crc32(case.name.encode())
    rng = np.random.default_rng(seed)
    inputs = {
        name: (rng.standard_normal(shape) * case.spread).astype(np.float32) for name, shape in case.inputs.items()
    }
    weights = {
        name: value(rng) if callable(value) else np.asarray(value) for name, value in case.weights.items()
    }
    declared = {name: list(case.declared.get(name, shape)) for name, shape in case.inputs.items()}
    graph = helper.make_graph(
        case.nodes,
        case.name,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in declared.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in case.outputs],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", case.opset)],
        ir_version=8 if case.opset < 21 else 10,
        producer_name="make_cases",
    )
    outputs, by = run(model, inputs)
    folder = ROOT / case.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    for kind, names, tensors in (("input", case.inputs, inputs.values()), ("output", case.outputs, outputs)):
        for index, (name, tensor) in enumerate(zip(names, tensors)):
            proto = numpy_helper.from_array(np.asarray(tensor, dtype=np.float32), name)
            (folder / f"{kind}_{index}.pb").write_bytes(proto.SerializeToString())
    for output in outputs:
        assert np.isfinite(output).all(), f"{case.name}: not finite"
        assert output.size > 0, f"{case.name}: empty"
    return by


def main() -> None:
    wanted = sys.argv[1:]
    if not wanted:
        shutil.rmtree(ROOT, ignore_errors=True)
    names = set()
    for case in graphs.cases():
        assert case.name not in names, f"two cases are called {case.name}"
        names.add(case.name)
        if wanted and not any(part in case.name for part in wanted):
            continue
        by = write(case)
        if by != "ONNX Runtime":
            print(f"{case.name}: {by}")
    size = sum(file.stat().st_size for file in ROOT.rglob("*") if file.is_file())
    print(f"{len(names)} cases, {size / 1e6:.2f} MB in {ROOT}")


if __name__ == "__main__":
    main()
