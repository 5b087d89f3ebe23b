"""What a model says of pictures, computed with ONNX Runtime, Pillow and NumPy from docs/manifest.md alone.

    python referee.py MODEL MANIFEST FOLDER PICTURE...

Writes FOLDER/pictures/*.png, the pictures as the network sees them, so that nothing depends on how another program
resizes, and what it found into FOLDER/expected: boxes and numbers as NAME.json, masks (the class as gray value) and
images as NAME-PICTURE.png. For the tiny models beside this file:

    for task in detection segmentation image regression; do
        python referee.py $task.onnx $task.shiftwise.json . pictures/*.png
    done
"""

import json
import math
import pathlib
import sys

import numpy as np
import onnxruntime as ort
from PIL import Image


def prepare(picture: Image.Image, spec: dict) -> tuple[Image.Image, np.ndarray]:
    """The RGB picture that the network sees, and its input."""
    width, height = picture.size
    resize = spec["resize"]
    if resize["mode"] == "stretch":
        target = tuple(resize["size"])
    else:
        short = resize["size"]
        target = (short, short * height // width) if width <= height else (short * width // height, short)
    seen = picture if target == picture.size else picture.resize(target, Image.Resampling.BILINEAR)
    if "crop" in spec:
        (w, h), (width, height) = spec["crop"], seen.size
        left, top = round((width - w) / 2), round((height - h) / 2)
        seen = seen.crop((left, top, left + w, top + h))
    if spec["channels"] in ("gray", "luma"):
        values = np.asarray(seen.convert("L"), np.float32)[..., None]
    else:
        values = np.asarray(seen, np.float32)[..., :: -1 if spec["channels"] == "bgr" else 1]
    values = (values - np.float32(spec["mean"])) / np.float32(spec["std"])
    return seen, values.transpose(2, 0, 1)[None]


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def prior_boxes(spec: dict | list, width: int, height: int) -> np.ndarray:
    if isinstance(spec, list):
        return np.array(spec)
    maps = []
    for stride, sizes in zip(spec["strides"], spec["min_sizes"]):
        rows, columns = math.ceil(height / stride), math.ceil(width / stride)
        y, x, size = np.meshgrid(np.arange(rows), np.arange(columns), sizes, indexing="ij")
        centres = [(x + 0.5) * stride / width, (y + 0.5) * stride / height]
        maps.append(np.stack([*centres, size / width, size / height], -1).reshape(-1, 4))
    priors = np.concatenate(maps)
    return np.clip(priors, 0, 1) if spec.get("clip", True) else priors


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    sides = np.maximum(0, np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]))
    area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    both = sides.prod(-1)
    return both / (area(box) + area(others) - both)


def detect(outputs: dict, spec: dict, width: int, height: int) -> list:
    scores, boxes = (outputs[spec[key]].astype(np.float64).reshape(-1, n) for key, n in
                     [("scores", outputs[spec["scores"]].shape[-1]), ("boxes", 4)])
    activation = spec.get("score_activation", "none")
    scores = {"none": lambda s: s, "softmax": softmax, "sigmoid": lambda s: 1 / (1 + np.exp(-s))}[activation](scores)
    if spec["encoding"] == "ssd":
        priors = prior_boxes(spec["priors"], width, height)
        centre, size = spec.get("variances", [0.1, 0.2])
        middle = priors[:, :2] + boxes[:, :2] * centre * priors[:, 2:]
        half = priors[:, 2:] * np.exp(boxes[:, 2:] * size) / 2
        boxes = np.concatenate([middle - half, middle + half], 1)
    elif spec.get("units") == "pixels":
        boxes = boxes / [width, height, width, height]
    boxes = boxes.clip(0, 1)
    found = []
    for label in range(scores.shape[1]):
        if label == spec.get("background", 0) and scores.shape[1] > 1:
            continue
        left = np.flatnonzero(
            (scores[:, label] >= spec.get("score_threshold", 0.5)) & (boxes[:, 2:] > boxes[:, :2]).all(1)
        )
        left = left[np.argsort(-scores[left, label], kind="stable")]
        while len(left):
            best, left = left[0], left[1:]
            found.append({"class": label, "score": scores[best, label], "corners": boxes[best].tolist()})
            left = left[overlap(boxes[best], boxes[left]) <= spec.get("iou_threshold", 0.5)]
    return sorted(found, key=lambda box: -box["score"])[: spec.get("max_boxes", 100)]


def restore(values: np.ndarray, spec: dict, seen: Image.Image) -> Image.Image:
    # Half to even, as NumPy rounds.
    samples = np.rint(values[0].transpose(1, 2, 0) * np.array(spec["std"]) + np.array(spec["mean"]))
    samples = samples.clip(0, 255).astype(np.uint8)
    if spec["channels"] == "rgb":
        return Image.fromarray(samples)
    luma = Image.fromarray(samples[..., 0])
    if spec["channels"] == "gray":
        return luma.convert("RGB")
    _, blue, red = seen.resize(luma.size, Image.Resampling.BILINEAR).convert("YCbCr").split()
    return Image.merge("YCbCr", (luma, blue, red)).convert("RGB")


def main(model: str, manifest: str, folder: str, *pictures: str) -> None:
    description = json.loads(pathlib.Path(manifest).read_text())
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (place,) = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    spec = description.get("outputs", {})
    name = pathlib.Path(model).stem
    seen_folder, expected = pathlib.Path(folder) / "pictures", pathlib.Path(folder) / "expected"
    seen_folder.mkdir(parents=True, exist_ok=True)
    expected.mkdir(parents=True, exist_ok=True)
    results = {}
    for path in map(pathlib.Path, pictures):
        seen, values = prepare(Image.open(path).convert("RGB"), description["input"])
        if seen_folder.resolve() != path.parent.resolve():
            seen.save(seen_folder / f"{path.stem}.png")
        outputs = dict(zip(names, session.run(None, {place.name: values})))
        match description["task"]:
            case "detection":
                results[path.stem] = detect(outputs, spec, values.shape[3], values.shape[2])
            case "segmentation":
                mask = outputs[names[0]][0].argmax(0).astype(np.uint8)
                Image.fromarray(mask).save(expected / f"{name}-{path.stem}.png")
            case "image":
                restored = restore(outputs[spec["image"]], spec, seen)
                restored.save(expected / f"{name}-{path.stem}.png")
            case "regression":
                results[path.stem] = float(outputs[names[0]].reshape(()))
    if results:
        (expected / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"{model}: {len(pictures)} pictures")


if __name__ == "__main__":
    main(*sys.argv[1:])
