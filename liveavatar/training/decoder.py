"""A package's decoder: dictionaries as an ONNX graph from a frame's coefficients to motion and patches.

A patch's amounts are whole numbers of 16 bits, in two bytes, so that one product of bytes gives both halves.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import AMOUNT, MEAN, MODES, PICTURES, STEP, Dictionaries, PatchDictionary

OPSET = 17


def write_decoder(path: Path, avatar: Avatar, dictionaries: Dictionaries) -> None:
    """Write the graph that avatar/dictionary.py reads and renderers/gan/renderer.py runs."""
    graph = _Graph()
    layers, modes, _, rows, columns = dictionaries.modes.shape
    graph.keep(MODES, dictionaries.modes.reshape(layers, modes, -1))
    start, outputs = layers * modes, [("motion", TensorProto.FLOAT, (2, layers, rows, columns))]
    how_far = graph.shaped(graph.part("coefficients", 0, start), (layers, 1, modes))
    moved = graph.op("MatMul", how_far, graph.op("Cast", MODES, to=TensorProto.FLOAT))
    graph.op(
        "Transpose", graph.shaped(moved, (layers, 2, rows, columns)), perm=[1, 0, 2, 3], to_name="motion"
    )
    for patch, dictionary in zip(avatar.gan.patches, dictionaries.patches, strict=True):
        end = start + len(dictionary.pictures)
        graph.patch(patch.name, dictionary, start, end)
        outputs.append((f"patch.{patch.name}", TensorProto.UINT8, dictionary.mean.shape))
        start = end
    made = helper.make_graph(
        graph.nodes,
        "decoder",
        [helper.make_tensor_value_info("coefficients", TensorProto.FLOAT, (1, start))],
        [helper.make_tensor_value_info(*output) for output in outputs],
        graph.kept,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


class _Graph:
    """Nodes and initializers; names of results are given by count."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.kept: list[Any] = []

    def keep(self, name: str, array: Any) -> str:
        """An initializer."""
        self.kept.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def constant(self, value: Any, kind: type = np.float32) -> str:
        """An initializer without a name of its own."""
        array: np.ndarray = np.array(value, kind)
        self.kept.append(numpy_helper.from_array(array, f"c{len(self.kept)}"))
        return f"c{len(self.kept) - 1}"

    def op(self, operator: str, *inputs: str, to_name: str = "", **attributes: Any) -> str:
        """A node of one result."""
        name = to_name or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def part(self, of: str, start: int, end: int) -> str:
        """Columns of (1, n)."""
        edges = (self.constant([edge], np.int64) for edge in (start, end, 1))
        return self.op("Slice", of, *edges)

    def shaped(self, of: str, shape: tuple[int, ...], to_name: str = "") -> str:
        """Reshaped."""
        return self.op("Reshape", of, self.constant(shape, np.int64), to_name=to_name)

    def patch(self, name: str, dictionary: PatchDictionary, start: int, end: int) -> None:
        """From coefficients start to end to the output patch.<name>."""
        pictures = self.keep(PICTURES.format(name), dictionary.pictures.reshape(len(dictionary.pictures), -1))
        mean = self.keep(MEAN.format(name), dictionary.mean.reshape(-1))
        step = self.keep(STEP.format(name), np.array(dictionary.step, np.float32))
        one, byte = self.constant(1), self.constant(256)
        share = self.op("Clip", self.part("coefficients", start, end), self.constant(-1), one)
        amounts = self.op("Round", self.op("Mul", share, self.constant(AMOUNT)))
        high = self.op("Round", self.op("Div", amounts, byte))
        low = self.op("Sub", amounts, self.op("Mul", high, byte))
        low = self.op("Min", low, self.constant(127))  # 128 of 256 is rounded to the even neighbour
        # Unsigned from 128: ONNX Runtime takes fifteen times as long for two signed factors.
        halves = self.op("Add", self.op("Concat", high, low, axis=0), self.constant(128))
        halves = self.op("Cast", halves, to=TensorProto.UINT8)
        sums = self.op("MatMulInteger", halves, pictures, self.constant(128, np.uint8))
        weights = self.op("Mul", self.constant([[256, 1]]), step)
        shown = self.op("MatMul", weights, self.op("Cast", sums, to=TensorProto.FLOAT))
        shown = self.op("Add", shown, self.op("Cast", mean, to=TensorProto.FLOAT))
        texels = self.op("QuantizeLinear", shown, one, self.constant(0, np.uint8))
        self.shaped(texels, dictionary.mean.shape, to_name=f"patch.{name}")
