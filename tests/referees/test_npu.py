#!/usr/bin/env python3
"""Proves that npu.py finds a wrong number wherever it is: one integer at a time is changed in what the program wrote.

    cargo build --release --bin shiftwise
    python test_npu.py
"""

import json
import pathlib
import shutil
import tempfile
import unittest

import numpy as np

import npu

PROGRAM = npu.TESTS.parent / "target" / "release" / "shiftwise"


def change_json(file, change):
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def change_array(file):
    array = np.load(file)
    array.reshape(-1)[array.size // 2] += 1
    np.save(file, array)


class EveryWrongNumber(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = pathlib.Path(tempfile.mkdtemp())
        npu.quantize(PROGRAM, ["--bundled", "digits"], "shift-wise", cls.made, ["--limit", "1"])

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.made)

    def judged(self, change):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "copy"
            shutil.copytree(self.made, copy)
            change(copy)
            return npu.judge(copy)

    def test_nothing_changed(self):
        self.assertEqual(self.judged(lambda folder: None).differences, [])

    def test_integers_of_layers(self):
        def conv(document, key):
            return document["steps"][6]["op"][key]

        def add(values, place, amount):
            values[place] += amount

        changes = {
            "weight of": lambda document: add(conv(document, "weight"), 40, 1),
            "bias of": lambda document: add(conv(document, "bias"), 3, -1),
            "k of": lambda document: add(conv(document, "shifts"), 2, 1),
            "M of": lambda document: add(conv(document, "rescale")[0], "multiplier", 1),
            "n of": lambda document: add(conv(document, "rescale")[0], "shift", -1),
            "bounds of": lambda document: add(document["steps"][6]["bounds"], "min", 1),
            "scale of": lambda document: add(document["tensors"][5], "zero_point", 1),
        }
        for where, change in changes.items():
            differences = self.judged(lambda folder: change_json(folder / "graph.json", change)).differences
            self.assertEqual([difference.startswith(where) for difference in differences], [True], where)

    def test_tensors(self):
        for file in sorted((self.made / "golden").glob("*.npy")):
            if "given" in file.name or "answered" in file.name:
                continue
            result = self.judged(lambda folder: change_array(folder / "golden" / file.name))
            self.assertEqual((result.unequal, result.unequal_parameters), (1, 0), file.name)

    def test_overflows_and_hash(self):
        for key, value in (("overflows", 1), ("hash", "0" * 16)):
            change = lambda document: document.update({key: value})
            result = self.judged(lambda folder: change_json(folder / "golden" / "tensors.json", change))
            self.assertEqual(len(result.differences), 1, key)

    def test_the_float_side(self):
        """Another weight, range or input gives other integers."""
        weight = self.judged(lambda folder: change_array(folder / "network" / "000_stem_conv.weight.npy"))
        self.assertGreater(weight.unequal, 0)
        given = self.judged(lambda folder: change_array(next((folder / "golden").glob("*given*"))))
        self.assertGreater(given.unequal, 0)

        def widen(document):
            document["values"][1]["range"][1] *= 1.5

        self.assertGreater(self.judged(lambda folder: change_json(folder / "network/network.json", widen)).unequal, 0)


if __name__ == "__main__":
    unittest.main()
