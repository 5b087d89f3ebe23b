"""What a case is, and short ways to write one."""

from dataclasses import dataclass, field

import numpy as np
from onnx import helper

node = helper.make_node


@dataclass
class Case:
    name: str
    nodes: list
    inputs: dict = field(default_factory=lambda: {"x": (1, 3, 7, 5)})
    weights: dict = field(default_factory=dict)
    outputs: list = field(default_factory=lambda: ["y"])
    opset: int = 13
    # Input shapes as the file gives them, where they differ (symbolic batch).
    declared: dict = field(default_factory=dict)
    # Standard deviation of the inputs.
    spread: float = 1.0


def floats(*shape, scale=0.5, offset=0.0):
    """Weights drawn from the case's own generator."""
    return lambda rng: (rng.standard_normal(shape) * scale + offset).astype(np.float32)


def positive(*shape):
    return lambda rng: (rng.random(shape) + 0.5).astype(np.float32)


def i64(*values):
    return np.array(values, dtype=np.int64)


def f32(*values):
    return np.array(values, dtype=np.float32)


def scalar(value):
    return np.array(value, dtype=np.float32)


def one(name, op, inputs=("x",), shape=(1, 3, 7, 5), weights=None, opset=13, spread=1.0, **attributes):
    """A graph of a single node."""
    return Case(name, [node(op, list(inputs), ["y"], **attributes)], {"x": shape}, weights or {}, opset=opset, spread=spread)
