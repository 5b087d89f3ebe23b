#!/usr/bin/env python3
"""Records what ONNX Runtime computes for the single operators of tests/ort_recorded.rs.

    SHIFTWISE_CASES=/tmp/cases cargo test --test ort_recorded write_cases
    python tests/referees/record_ort.py /tmp/cases > tests/referees/ort.txt

One line per case: its name, a hash of what ONNX Runtime was given, the kernels that ran, and the output's integers in
stored order (channels last), as hexadecimal digits. Some factors are beyond what ONNX Runtime's kernels take.
"""

import pathlib
import sys

import onnxruntime

from ort import Golden, Network, kernel_name, run

print(f"# ONNX Runtime {onnxruntime.__version__}, CPU. See record_ort.py.")
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    golden, network = Golden(folder), Network(folder / "model.onnx")
    names = {f"{name}/integers": name for name in golden.integers}
    output = f"{golden.index['tensors'][-1]['name']}/integers"
    model, inputs = network.alone(output, names)
    name, given = (folder / "given.txt").read_text().split()
    try:
        outputs, kernels = run(model, {name: golden.integers[names[name]] for name in inputs})
    except onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException:
        print(name, given, "refused", "-")
        continue
    integers = outputs[output]
    stored = integers.transpose(0, 2, 3, 1) if integers.ndim == 4 else integers
    print(name, given, kernel_name(kernels), stored.tobytes().hex())
