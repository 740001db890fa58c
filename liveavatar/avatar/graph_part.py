"""What is taken out of an avatar's ONNX graph: tensors that are read by name, or the part that gives some of its outputs."""

import math
from collections.abc import Collection

import numpy as np

from liveavatar.avatar.graph import GRAPH, MODEL, node_of, tensor_of
from liveavatar.avatar.protobuf import GraphError, Reader, Value, field, numbers, text
from liveavatar.base.plain_text import plain
from liveavatar.language import tr

_NUMPY = {1: np.float32, 3: np.int8, 10: np.float16}
"""TensorProto.DataType: those that read_tensors() gives."""


def part_for(data: bytes, outputs: Collection[str]) -> bytes:
    """The graph cut down to these outputs and what they are made of. Raises GraphError for what is no graph."""
    reader = Reader()
    made = bytearray()
    for number, value in reader.fields(memoryview(data), MODEL):
        made += field(number, value) if number != 7 else field(number, _cut(reader, value, set(outputs)))
    return bytes(made)


def _cut(reader: Reader, graph: Value, needed: set[str]) -> bytearray:
    """needed: the outputs that stay; tensors' names that those are made of are added."""
    fields = list(reader.fields(graph, GRAPH))
    kept = bytearray()
    nodes: list[bytes] = []
    stay = set(needed)
    for number, value in reversed(fields):  # nodes stand in the order in which they can run
        if number == 1:
            operator = node_of(reader, value)
            if not needed.isdisjoint(operator.outputs):
                needed |= set(operator.inputs)
                nodes.append(field(number, value))
    for number, value in fields:
        if number == 1 or (number == 5 and tensor_of(reader, value) not in needed):
            continue
        if number in (12, 13) and _value_name(reader, value) not in (stay if number == 12 else needed):
            continue
        kept += field(number, value)
    for node in reversed(nodes):
        kept += node
    return kept


def _value_name(reader: Reader, message: Value) -> str:
    """Of an input, an output or a value between."""
    return next(text(name) for field, name in reader.fields(message, {1, 2, 3, 4}) if field == 1)


def read_tensors(data: bytes, names: Collection[str]) -> dict[str, np.ndarray]:
    """The initializers of a graph that have these names. The arrays share the bytes' memory. Raises GraphError where one is
    missing, is no float32, float16 or int8, or holds fewer or more numbers than its shape says."""
    reader = Reader()
    found: dict[str, np.ndarray] = {}
    for number, value in reader.fields(memoryview(data), MODEL):
        if number != 7:
            continue
        for part, content in reader.fields(value, GRAPH):
            if part == 5 and (name := tensor_of(reader, content)) in names:
                found[name] = _numbers(reader, content, name)
    if missing := [plain(name[:40]) for name in names if name not in found]:
        raise GraphError(tr(f"it lacks {', '.join(missing[:4])}", f"缺少 {', '.join(missing[:4])}"))
    return found


def _numbers(reader: Reader, message: Value, name: str) -> np.ndarray:
    """What a tensor holds. Its shape is a number a field, or all in one."""
    shape: list[int] = []
    kind, raw = 0, memoryview(b"")
    for number, value in reader.fields(message, {1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 14}):
        if number == 1 and isinstance(value, int):
            shape.append(value)
        elif number == 1 and not isinstance(value, int):
            shape += numbers(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 9 and not isinstance(value, int):
            raw = value
    dtype = np.dtype(_NUMPY.get(kind, np.float64))
    if kind not in _NUMPY or len(raw) != math.prod(shape) * dtype.itemsize:
        shown = plain(name[:40])
        raise GraphError(tr(f"{shown} does not hold the numbers it should", f"{shown} 所含数值与应有的不符"))
    return np.frombuffer(raw, dtype).reshape(shape)
