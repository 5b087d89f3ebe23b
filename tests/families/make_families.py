"""Writes the small networks that tests/families.rs checks, with ONNX Runtime's answers.

    python make_families.py             # all of them, into networks/
    python make_families.py unet        # those whose name contains "unet"

Each family (see zoo.py) is a folder:

    model.onnx              the network, as an exporter would write it
    output_I.pb             its output for picture I
    SCHEME.pb               its output for picture 0 with the weights of that scheme (N1, N2) and float activations
    expected.json           what runs on the host, and the SQNR of a simulation of the scheme, activations included

pictures.pb holds all pictures, uint8 `[count, 3, 32, 32]`, which calibrate as well as test. A network's input is
(value - 128) / 64 of its first channels, cut from the centre.
"""

import json
import pathlib
import shutil
import sys

import numpy as np
from onnx import numpy_helper

from contract import SCHEMES, plain_model, simulation, weights_of
from network import Network, session
from zoo import FAMILIES

ROOT = pathlib.Path(__file__).parent / "networks"
PICTURES = 6


def make_pictures() -> np.ndarray:
    """Soft blobs of colour with edges and a little noise."""
    rng = np.random.default_rng(2020)
    y, x = np.mgrid[0:32, 0:32] / 31.0
    pictures = []
    for _ in range(PICTURES):
        picture = np.full((3, 32, 32), 128.0) + rng.uniform(-40, 40, (3, 1, 1))
        for _ in range(6):
            cy, cx, size = rng.uniform(0, 1, 2).tolist() + [rng.uniform(0.1, 0.4)]
            distance = ((y - cy) ** 2 + (x - cx) ** 2) / size**2
            blob = np.exp(-distance) if rng.random() < 0.5 else (distance < 1).astype(float)
            picture += rng.uniform(-90, 90, (3, 1, 1)) * blob
        pictures.append(picture + rng.normal(0, 4, picture.shape))
    return np.clip(np.round(pictures), 0, 255).astype(np.uint8)


def inputs_from(pictures: np.ndarray, shape) -> list[np.ndarray]:
    c, h, w = shape
    top, left = (32 - h) // 2, (32 - w) // 2
    cut = pictures[:, :c, top : top + h, left : left + w]
    return [((picture.astype(np.float32) - 128) / 64)[None] for picture in cut]


def sqnr(pairs) -> float:
    signal = sum(float((a.astype(np.float64) ** 2).sum()) for a, _ in pairs)
    noise = sum(float(((a.astype(np.float64) - b.astype(np.float64)) ** 2).sum()) for a, b in pairs)
    return 10 * np.log10(signal / noise)


def write(name: str, pictures: np.ndarray) -> None:
    build, shape, settings = FAMILIES[name]
    inputs = inputs_from(pictures, shape)
    network = Network(name, inputs, **settings)
    build(network)
    model = network.model()
    folder = ROOT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())

    def save(file: str, tensor: np.ndarray) -> None:
        (folder / file).write_bytes(numpy_helper.from_array(tensor, network.output).SerializeToString())

    def answer(of, picture) -> np.ndarray:
        return session(of).run(None, {"picture": picture})[0]

    arranged = [np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if network.channels_last else x for x in inputs]
    exact = [answer(model, picture) for picture in arranged]
    for index, output in enumerate(exact):
        save(f"output_{index}.pb", output)
        plain = network.values[network.output][index]
        assert np.abs(plain - output).max() < 1e-4 * np.abs(output).max(), f"{name}: the two networks differ"
    expected = {"output": network.output, "fallbacks": network.fallbacks, "layers": len(network.layers), "sqnr_db": {}}
    for scheme in SCHEMES:
        save(f"{scheme}.pb", answer(plain_model(network, weights_of(network, scheme)), inputs[0]))
        simulated = simulation(network, scheme)
        pairs = [(real, answer(simulated, picture)) for real, picture in zip(exact, inputs)]
        expected["sqnr_db"][scheme] = round(float(sqnr(pairs)), 2)
    (folder / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(f"{name}: {len(network.exported)} nodes, {expected['sqnr_db']}, {(folder / 'model.onnx').stat().st_size} bytes")


def main() -> None:
    wanted = sys.argv[1:]
    pictures = make_pictures()
    if not wanted:
        shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir(exist_ok=True)
    (ROOT / "pictures.pb").write_bytes(numpy_helper.from_array(pictures, "pictures").SerializeToString())
    for name in FAMILIES:
        if not wanted or any(part in name for part in wanted):
            write(name, pictures)
    size = sum(file.stat().st_size for file in ROOT.rglob("*") if file.is_file())
    print(f"{len(FAMILIES)} networks, {size / 1e6:.2f} MB in {ROOT}")


if __name__ == "__main__":
    main()
