"""The cases that make_cases.py writes: at least one for every operator and attribute that the reader accepts.

Shapes are small and odd, so that a swapped height and width, or a kernel read in the wrong order, cannot go unseen.
"""

from . import exporters, layers, movement, transposed
from .case import Case


def cases():
    for group in (
        layers.convolutions,
        transposed.convolutions,
        layers.linear,
        layers.normalizations,
        layers.activations,
        layers.binaries,
        layers.pools,
        movement.structure,
        movement.pads,
        movement.resizes,
        exporters.constants,
        exporters.patterns,
    ):
        yield from group()
