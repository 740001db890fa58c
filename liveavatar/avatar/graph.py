"""What an avatar's ONNX graph may hold, read from the file's bytes before ONNX Runtime sees them.

Operators are on a list, none runs another graph, no file beside it is opened, and no tensor's shape depends on the
controls: every run then does the same work in the same memory, and one run shows what all will take. Needs no `onnx`: protobuf's
wire format is a sequence of (field number, type, value).
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from liveavatar.base.plain_text import plain
from liveavatar.language import tr

_EXPORTED = """Add Cast Concat Constant Conv DepthToSpace Div Gather Gemm Identity MatMul MatMulInteger Max Min Mul
QuantizeLinear Reshape Resize ScatterND Shape Sigmoid Slice Split Squeeze Sub Tanh Transpose"""
_ALIKE = "Abs Clip DequantizeLinear Exp Flatten LeakyRelu Neg Pow Relu Round Sqrt Unsqueeze"
"""What other versions of torch write for the same, and what as plainly makes numbers of numbers."""
OPERATORS = frozenset(f"{_EXPORTED} {_ALIKE}".split())
_SHAPES = {"Reshape": 1, "Resize": 1, "Slice": 1, "Split": 1, "Squeeze": 1, "Unsqueeze": 1}
"""Operator -> its first input that says what shape comes out; those after it do so too."""
_NUMPY = {1: np.float32, 3: np.int8, 10: np.float16}
"""Those that read_tensors() gives."""
MAX_NODES = 4000
MAX_FIELDS = 200_000
_DOMAINS = ("", "ai.onnx")
_TYPES = {1, 2, 3, 6, 7, 9, 10, 11}
"""TensorProto.DataType: float, uint8, int8, int32, int64, bool, float16, double."""
Value = int | memoryview


class GraphError(ValueError):
    """The graph is none of an avatar's. The message says why."""


class _Node(NamedTuple):
    """A node of the graph; its inputs and outputs are tensors' names."""

    operator: str
    inputs: list[str]
    outputs: list[str]


class _Reader:
    """Reads messages of a file, up to a number of fields."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def fields(self, message: Value, known: set[int]) -> Iterator[tuple[int, Value]]:
        """(field number, value) of each field: a number, or the bytes of a string, message or list. Raises GraphError for
        what is no message, and for fields beside the known ones."""
        if isinstance(message, int):
            raise _damaged()
        at, end = 0, len(message)
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise GraphError(tr(f"it has more than {MAX_FIELDS} entries", f"条目超过 {MAX_FIELDS} 个"))
            key, at = _varint(message, at)
            number, kind = key >> 3, key & 7
            value: Value
            if kind not in (0, 1, 2, 5):
                raise _damaged()
            if number not in known:
                raise GraphError(
                    tr(
                        f"it is not a graph that avatars are made of (field {number})",
                        f"不是形象所用的计算图（字段 {number}）",
                    )
                )
            if kind == 0:
                value, at = _varint(message, at)
            else:
                length, at = (8, at) if kind == 1 else (4, at) if kind == 5 else _varint(message, at)
                value = message[at : at + length]
                at += length
            if at > end:
                raise _damaged()
            yield number, value


def check_graph(data: bytes) -> None:
    """Raises GraphError unless the bytes are an ONNX model whose every run does the same, bounded work."""
    reader = _Reader()
    nodes: list[_Node] = []
    inputs: set[str] = set()
    initializers: set[str] = set()
    for number, value in reader.fields(memoryview(data), {1, 2, 3, 4, 5, 6, 7, 8, 14}):
        if number == 8:  # opset_import
            for part, domain in reader.fields(value, {1, 2}):
                if part == 1 and _string(domain) not in _DOMAINS:
                    raise _foreign(_string(domain))
        if number != 7:  # graph
            continue
        for part, content in reader.fields(value, {1, 2, 5, 10, 11, 12, 13, 14, 16}):
            if part == 1:
                nodes.append(_node(reader, content))
            elif part == 5:
                initializers.add(_tensor(reader, content))
            elif part == 11:  # a graph's input
                inputs |= {
                    _string(name) for field, name in reader.fields(content, {1, 2, 3, 4}) if field == 1
                }
        if len(nodes) + len(initializers) > MAX_NODES:
            raise GraphError(tr(f"it has more than {MAX_NODES} nodes", f"节点超过 {MAX_NODES} 个"))
    if not nodes:
        raise GraphError(tr("it holds no graph", "其中没有计算图"))
    _require_fixed_shapes(nodes, inputs - initializers)


def read_tensors(data: bytes, names: Collection[str]) -> dict[str, np.ndarray]:
    """The initializers of a graph that have these names. The arrays share the bytes' memory. Raises GraphError where one is
    missing, is no float32, float16 or int8, or holds fewer or more numbers than its shape says."""
    reader = _Reader()
    found: dict[str, np.ndarray] = {}
    for number, value in reader.fields(memoryview(data), {1, 2, 3, 4, 5, 6, 7, 8, 14}):
        if number != 7:
            continue
        for part, content in reader.fields(value, {1, 2, 5, 10, 11, 12, 13, 14, 16}):
            if part == 5 and (name := _tensor(reader, content)) in names:
                found[name] = _numbers(reader, content, name)
    if missing := [plain(name[:40]) for name in names if name not in found]:
        raise GraphError(tr(f"it lacks {', '.join(missing[:4])}", f"缺少 {', '.join(missing[:4])}"))
    return found


def _numbers(reader: _Reader, message: Value, name: str) -> np.ndarray:
    """What a tensor holds. Its shape is a number a field, or all in one."""
    shape: list[int] = []
    kind, raw = 0, memoryview(b"")
    for number, value in reader.fields(message, {1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 14}):
        if number == 1 and isinstance(value, int):
            shape.append(value)
        elif number == 1 and not isinstance(value, int):
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                shape.append(one)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 9 and not isinstance(value, int):
            raw = value
    dtype = np.dtype(_NUMPY.get(kind, np.float64))
    if kind not in _NUMPY or len(raw) != math.prod(shape) * dtype.itemsize:
        shown = plain(name[:40])
        raise GraphError(tr(f"{shown} does not hold the numbers it should", f"{shown} 所含数值与应有的不符"))
    return np.frombuffer(raw, dtype).reshape(shape)


def _require_fixed_shapes(nodes: list[_Node], inputs: set[str]) -> None:
    """Raises GraphError where a shape depends on the values of the graph's inputs."""
    readers = defaultdict(list)
    for node in nodes:
        for name in node.inputs:
            readers[name].append(node)
    varying, new = set(inputs), list(inputs)
    while new:
        for node in readers[new.pop()]:
            if node.operator != "Shape":  # shapes are the same in every run: that is what is shown here
                new += (fresh := set(node.outputs) - varying)
                varying |= fresh
    for operator, sources, _ in nodes:
        if operator in _SHAPES and varying & set(sources[_SHAPES[operator] :]):
            raise GraphError(
                tr(
                    f"how much {operator} computes depends on the expression",
                    f"{operator} 的计算量取决于表情",
                )
            )


def _node(reader: _Reader, message: Value) -> _Node:
    inputs: list[str] = []
    outputs: list[str] = []
    operators: list[str] = []
    attributes: list[Value] = []
    for number, value in reader.fields(message, {1, 2, 3, 4, 5, 6, 7, 9}):
        if number == 1:
            inputs.append(_string(value))
        elif number == 2:
            outputs.append(_string(value))
        elif number == 4:
            operators.append(_string(value))
        elif number == 5:
            attributes.append(value)
        elif number == 7 and _string(value) not in _DOMAINS:
            raise _foreign(_string(value))
    for operator in operators or [""]:
        if operator not in OPERATORS:
            shown = plain(operator[:40])
            raise GraphError(
                tr(
                    f"the operator {shown!r} is not among those that avatars are made of",
                    f"算子 {shown!r} 不在形象可用的算子之列",
                )
            )
    for attribute in attributes:
        _attribute(reader, attribute)
    return _Node(operators[-1], inputs, outputs)


def _attribute(reader: _Reader, message: Value) -> None:
    """A number, string or tensor, or a list of numbers: anything else is another field."""
    for number, value in reader.fields(message, {1, 2, 3, 4, 5, 7, 8, 9, 13, 20}):
        if number == 5:
            _tensor(reader, value)


def _tensor(reader: _Reader, message: Value) -> str:
    """Its name. External data and strings are other fields."""
    name = ""
    for number, value in reader.fields(message, {1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 14}):
        if number == 8:
            name = _string(value)
        elif (number == 2 and value not in _TYPES) or (number == 14 and value != 0):
            raise GraphError(tr("a tensor holds no numbers of its own", "有张量不含自身数值"))
    return name


def _string(value: Value) -> str:
    if isinstance(value, int):
        raise _damaged()
    try:
        return str(value, "utf-8")
    except UnicodeDecodeError:
        raise _damaged() from None


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    result = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
    raise _damaged()


def _damaged() -> GraphError:
    return GraphError(tr("it is not a graph ONNX Runtime can run", "不是 ONNX Runtime 能运行的模型"))


def _foreign(domain: str) -> GraphError:
    shown = plain(domain[:40])
    return GraphError(
        tr(
            f"it uses operators of {shown!r}; only ONNX's own are run",
            f"使用了 {shown!r} 的算子；只运行 ONNX 自带的算子",
        )
    )
