"""Writes ONNX graphs without the onnx package."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from liveavatar.avatar.protobuf import field

OPSET, IR_VERSION = 17, 8
_KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7, "float16": 10}
"""numpy's name -> TensorProto.DataType."""
FLOAT, UINT8 = _KINDS["float32"], _KINDS["uint8"]
"""What a Cast casts to."""
MIN_HALF = 1024
"""Weights with at least this many numbers are stored as fp16 and cast at load."""
Shape = Sequence[int]


class Graph:
    """Nodes and initializers; names of results are given by count."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._kept: list[bytes] = []

    def keep(self, name: str, array: Any) -> str:
        """An initializer."""
        array = np.asarray(array)
        dims = b"".join(_field(1, n) for n in array.shape)
        kind = _KINDS[array.dtype.name]
        self._kept.append(dims + _field(2, kind) + _field(8, name) + _field(9, array.tobytes()))
        return name

    def constant(self, value: Any, kind: type = np.float32) -> str:
        """An initializer without a name of its own."""
        return self.keep(f"c{len(self._kept)}", np.array(value, kind))

    def weights(self, array: np.ndarray) -> str:
        """float32 weights; large ones are stored by half."""
        if array.size < MIN_HALF:
            return self.constant(array)
        return self.op("Cast", self.constant(array, np.float16), to=FLOAT)

    def op(self, operator: str, *inputs: str, to_name: str = "", **attributes: Any) -> str:
        """A node of one result. attributes: whole numbers or lists of them."""
        name = to_name or f"n{len(self._nodes)}"
        body = b"".join(_field(1, i) for i in inputs) + _field(2, name) + _field(4, operator)
        self._nodes.append(body + b"".join(_field(5, _attribute(k, v)) for k, v in attributes.items()))
        return name

    def part(self, of: str, start: int, end: int) -> str:
        """Columns of (1, n)."""
        return self.op("Slice", of, *(self.constant([edge], np.int64) for edge in (start, end, 1)))

    def shaped(self, of: str, shape: Shape, to_name: str = "") -> str:
        """Reshaped."""
        return self.op("Reshape", of, self.constant(shape, np.int64), to_name=to_name)

    def model(
        self, name: str, inputs: Mapping[str, tuple[type, Shape]], outputs: Mapping[str, tuple[type, Shape]]
    ) -> bytes:
        """The file. inputs, outputs: names -> dtype and shape."""
        graph = b"".join(_field(1, node) for node in self._nodes) + _field(2, name)
        graph += b"".join(_field(5, tensor) for tensor in self._kept)
        for number, told in ((11, inputs), (12, outputs)):
            graph += b"".join(_field(number, _value(n, *form)) for n, form in told.items())
        opset = _field(1, "") + _field(2, OPSET)
        return _field(1, IR_VERSION) + _field(7, graph) + _field(8, opset)


def _value(name: str, kind: type, shape: Shape) -> bytes:
    """A ValueInfoProto."""
    dims = b"".join(_field(1, _field(1, n)) for n in shape)
    tensor = _field(1, _KINDS[np.dtype(kind).name]) + _field(2, dims)
    return _field(1, name) + _field(2, _field(1, tensor))


def _attribute(name: str, value: int | Iterable[int]) -> bytes:
    """An AttributeProto."""
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, 2)
    return _field(1, name) + b"".join(_field(8, n) for n in value) + _field(20, 7)


def _field(number: int, value: int | bytes | str) -> bytes:
    """As protobuf.field(), of texts too."""
    return field(number, value.encode() if isinstance(value, str) else value)
