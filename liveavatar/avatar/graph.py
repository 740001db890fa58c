"""What an avatar's ONNX graph may hold, read from the file's bytes before ONNX Runtime sees them.

Operators are on a list, none runs another graph, no file beside it is opened, and no tensor's shape depends on the
controls: every run then does the same work in the same memory, and one run shows what all will take. Needs no `onnx`.
"""

from collections import defaultdict
from typing import NamedTuple

from liveavatar.avatar.protobuf import GraphError, Reader, Value, text
from liveavatar.base.plain_text import plain
from liveavatar.language import tr

_EXPORTED = """Add Cast Concat Constant Conv DepthToSpace Div Gather Gemm Identity MatMul MatMulInteger Max Min Mul
QuantizeLinear Reshape Resize ScatterND Shape Sigmoid Slice Split Squeeze Sub Tanh Transpose"""
_ALIKE = "Abs Clip DequantizeLinear Exp Flatten LeakyRelu Neg Pow Relu Round Sqrt Unsqueeze"
"""What other versions of torch write for the same, and what as plainly makes numbers of numbers."""
OPERATORS = frozenset(f"{_EXPORTED} {_ALIKE}".split())
_SHAPES = {"Reshape": 1, "Resize": 1, "Slice": 1, "Split": 1, "Squeeze": 1, "Unsqueeze": 1}
"""Operator -> its first input that says what shape comes out; those after it do so too."""
MAX_NODES = 4000
_DOMAINS = ("", "ai.onnx")
_TYPES = {1, 2, 3, 6, 7, 9, 10, 11}
"""TensorProto.DataType: float, uint8, int8, int32, int64, bool, float16, double."""
MODEL, GRAPH = {1, 2, 3, 4, 5, 6, 7, 8, 14}, {1, 2, 5, 10, 11, 12, 13, 14, 16}
"""Numbers of the fields that are known of ModelProto and GraphProto."""


class Node(NamedTuple):
    """A node of the graph; its inputs and outputs are tensors' names."""

    operator: str
    inputs: list[str]
    outputs: list[str]


def check_graph(data: bytes) -> None:
    """Raises GraphError unless the bytes are an ONNX model whose every run does the same, bounded work."""
    reader = Reader()
    nodes: list[Node] = []
    inputs: set[str] = set()
    initializers: set[str] = set()
    for number, value in reader.fields(memoryview(data), MODEL):
        if number == 8:  # opset_import
            for part, domain in reader.fields(value, {1, 2}):
                if part == 1 and text(domain) not in _DOMAINS:
                    raise _foreign(text(domain))
        if number != 7:  # graph
            continue
        for part, content in reader.fields(value, GRAPH):
            if part == 1:
                nodes.append(node_of(reader, content))
            elif part == 5:
                initializers.add(tensor_of(reader, content))
            elif part == 11:  # a graph's input
                inputs |= {text(name) for field, name in reader.fields(content, {1, 2, 3, 4}) if field == 1}
        if len(nodes) + len(initializers) > MAX_NODES:
            raise GraphError(tr(f"it has more than {MAX_NODES} nodes", f"节点超过 {MAX_NODES} 个"))
    if not nodes:
        raise GraphError(tr("it holds no graph", "其中没有计算图"))
    _require_fixed_shapes(nodes, inputs - initializers)


def _require_fixed_shapes(nodes: list[Node], inputs: set[str]) -> None:
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


def node_of(reader: Reader, message: Value) -> Node:
    """Reads a NodeProto. Raises GraphError for one that is not let through."""
    inputs: list[str] = []
    outputs: list[str] = []
    operators: list[str] = []
    attributes: list[Value] = []
    for number, value in reader.fields(message, {1, 2, 3, 4, 5, 6, 7, 9}):
        if number == 1:
            inputs.append(text(value))
        elif number == 2:
            outputs.append(text(value))
        elif number == 4:
            operators.append(text(value))
        elif number == 5:
            attributes.append(value)
        elif number == 7 and text(value) not in _DOMAINS:
            raise _foreign(text(value))
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
    return Node(operators[-1], inputs, outputs)


def _attribute(reader: Reader, message: Value) -> None:
    """A number, string or tensor, or a list of numbers: anything else is another field."""
    for number, value in reader.fields(message, {1, 2, 3, 4, 5, 7, 8, 9, 13, 20}):
        if number == 5:
            tensor_of(reader, value)


def tensor_of(reader: Reader, message: Value) -> str:
    """The name of a TensorProto. Raises GraphError for one that is not let through; external data, strings are other fields."""
    name = ""
    for number, value in reader.fields(message, {1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 14}):
        if number == 8:
            name = text(value)
        elif (number == 2 and value not in _TYPES) or (number == 14 and value != 0):
            raise GraphError(tr("a tensor holds no numbers of its own", "有张量不含自身数值"))
    return name


def _foreign(domain: str) -> GraphError:
    shown = plain(domain[:40])
    return GraphError(
        tr(
            f"it uses operators of {shown!r}; only ONNX's own are run",
            f"使用了 {shown!r} 的算子；只运行 ONNX 自带的算子",
        )
    )
