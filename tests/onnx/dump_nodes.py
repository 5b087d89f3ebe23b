"""Runs models in ONNX Runtime, without graph optimizations, and writes every intermediate tensor to a file.

    python dump_nodes.py MODEL.onnx... --out DIR [--picture FILE]

DIR/NAME/ then holds model.onnx, input_0.pb, and node_0000.pb, node_0001.pb, ... (TensorProto, named as in the model) for
every float32 tensor that a node computes. tests/float_nodes.rs compares the float executor with them. The input is
the picture, preprocessed as the model's manifest (NAME.shiftwise.json beside it) says, or without one random numbers.
"""

import argparse
import json
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper


def picture_tensor(path: pathlib.Path, manifest: dict) -> np.ndarray:
    """The picture as the manifest's `input` describes it: NCHW float32."""
    from PIL import Image

    settings = manifest["input"]
    image = Image.open(path).convert("RGB")
    resize = settings["resize"]
    if resize["mode"] == "stretch":
        image = image.resize(tuple(resize["size"]), Image.BILINEAR)
    else:
        factor = resize["size"] / min(image.size)
        image = image.resize((round(image.width * factor), round(image.height * factor)), Image.BILINEAR)
    if "crop" in settings:
        width, height = settings["crop"]
        left, top = (image.width - width) // 2, (image.height - height) // 2
        image = image.crop((left, top, left + width, top + height))
    values = np.asarray(image, dtype=np.float32)
    if settings["channels"] == "bgr":
        values = values[..., ::-1]
    elif settings["channels"] != "rgb":
        values = np.asarray(image.convert("L"), dtype=np.float32)[..., None]
    values = (values - np.float32(settings["mean"])) / np.float32(settings["std"])
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], dtype=np.float32)


def input_tensors(model: onnx.ModelProto, path: pathlib.Path, picture: pathlib.Path | None) -> dict[str, np.ndarray]:
    manifest = path.with_suffix("").with_suffix(".shiftwise.json")
    initializers = {tensor.name for tensor in model.graph.initializer}
    rng = np.random.default_rng(0)
    tensors = {}
    for value in model.graph.input:
        if value.name in initializers:
            continue
        if picture and manifest.exists():
            tensors[value.name] = picture_tensor(picture, json.loads(manifest.read_text()))
        else:
            shape = [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
            tensors[value.name] = rng.standard_normal(shape).astype(np.float32)
    return tensors


def dump(path: pathlib.Path, out: pathlib.Path, picture: pathlib.Path | None) -> None:
    model = onnx.load(path)
    feeds = input_tensors(model, path, picture)
    folder = out / path.stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(path, folder / "model.onnx")

    # Making a tensor an output does not change how it is computed, as no optimization is allowed to touch it.
    inferred = onnx.shape_inference.infer_shapes(model)
    types = {value.name: value.type.tensor_type.elem_type for value in [*inferred.graph.value_info, *inferred.graph.output]}
    names = [name for node in model.graph.node for name in node.output if types.get(name) == TensorProto.FLOAT]
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = session.run(names, feeds)

    for index, (name, value) in enumerate(feeds.items()):
        (folder / f"input_{index}.pb").write_bytes(numpy_helper.from_array(value, name).SerializeToString())
    for index, (name, value) in enumerate(zip(names, values)):
        (folder / f"node_{index:04}.pb").write_bytes(numpy_helper.from_array(value, name).SerializeToString())
    print(f"{path.stem}: {len(names)} tensors in {folder}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--picture", type=pathlib.Path, help="needs Pillow, and a manifest beside each model")
    arguments = parser.parse_args()
    for model in arguments.models:
        dump(model, arguments.out, arguments.picture)


if __name__ == "__main__":
    main()
