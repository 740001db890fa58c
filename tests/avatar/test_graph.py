"""Graphs of strangers: what may be in them, read without ONNX Runtime."""

import random
from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.graph import check_graph
from liveavatar.avatar.library import avatar_folders
from liveavatar.avatar.protobuf import GraphError
from tests.helpers.onnx_bytes import field, graph, model, node, tensor, told
from tests.helpers.packages import FLOAT, generator

ASSETS = Path(__file__).parents[2] / "liveavatar" / "assets"
TINY = (Path(__file__).parents[1] / "data" / "tiny" / "decoder.onnx").read_bytes()
NUMBERS = tensor("numbers", np.array([1, 1, 1, 1], np.int64))


def test_every_graph_that_ships_is_an_avatars() -> None:
    found = [*avatar_folders()[1].glob("*/*.onnx"), *ASSETS.glob("refiner*.onnx")]
    assert len(found) >= 7
    for path in found:
        check_graph(path.read_bytes())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            generator([node("Loop", ["n", "go", "v"], ["extra"], body=graph([], [], [], []))]),
            "operator 'Loop'",
        ),
        (generator([node("If", ["go"], ["extra"], then_branch=b"", else_branch=b"")]), "operator 'If'"),
        (generator([node("Expand", ["controls", "numbers"], ["extra"])], NUMBERS), "operator 'Expand'"),
        (generator([node("NonZero", ["controls"], ["extra"])]), "operator 'NonZero'"),
        (generator([node("RandomNormal", [], ["extra"])]), "operator 'RandomNormal'"),
        (generator([node("Add", ["controls", "controls"], ["extra"], body=b"")]), r"field 6\)"),
        (
            generator([node("Add", ["controls", "controls"], ["extra"]) + field(7, "com.evil")]),
            "operators of 'com.evil'",
        ),
        (model(b"", "com.microsoft"), "operators of 'com.microsoft'"),
        (
            generator([node("Add", ["a", "b"], ["extra"])]) + field(25, node("Add", [], [])),
            r"field 25\)",
        ),  # functions
        (generator([], tensor("x", np.zeros(3, np.float32)) + field(14, 1)), "no numbers of its own"),
        (
            generator([], tensor("x", np.zeros(3, np.float32)) + field(13, b"")),
            r"field 13\)",
        ),  # external data
        (generator([node("Add", [], ["x"])] * 5000), "more than 4000 nodes"),
        (model(b""), "no graph"),
        (b"", "no graph"),
        (b"ORTM" * 9, "not a graph"),
        (TINY[:-1000], "not a graph"),
    ],
)
def test_what_no_avatar_needs_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(GraphError, match=words):
        check_graph(content)


def varying(operator: str, inputs: list[str]) -> bytes:
    """A graph in which `n`, a number made of the controls, is an input of this operator. Nodes stand in no order."""
    return generator(
        [
            node(operator, inputs, ["extra"]),
            node("Mul", ["m", "m"], ["n"]),
            node("Gather", ["controls", "numbers"], ["m"]),
        ],
        NUMBERS,
    )


@pytest.mark.parametrize(
    ("operator", "inputs"),
    [
        ("Resize", ["still", "", "n"]), ("Resize", ["still", "", "", "n"]), ("Reshape", ["still", "n"]),
        ("Slice", ["still", "numbers", "n"]), ("Slice", ["still", "n", "numbers"]), ("Split", ["still", "n"]),
        ("Squeeze", ["still", "n"]), ("Unsqueeze", ["still", "n"]),
    ],
)  # fmt: skip
def test_no_shape_may_hang_on_the_expression(operator: str, inputs: list[str]) -> None:
    with pytest.raises(GraphError, match=f"how much {operator} computes depends on the expression"):
        check_graph(varying(operator, inputs))


def test_a_shape_of_what_varies_does_not_vary() -> None:
    nodes = [node("Shape", ["controls"], ["shape"]), node("Reshape", ["still", "shape"], ["extra"])]
    check_graph(generator(nodes))
    check_graph(varying("Mul", ["still", "n"]))


def test_any_bytes_are_a_graph_or_one_error() -> None:
    dice = random.Random(5)
    for _ in range(300):
        data = bytearray(TINY[:60_000] if dice.random() < 0.5 else TINY)
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data) if dice.random() < 0.5 else 3000)] = dice.randrange(256)
        try:
            check_graph(bytes(data))
        except GraphError as error:
            assert str(error)


def test_many_entries_are_refused_quickly() -> None:
    content = field(1, b"") * 300_000
    with pytest.raises(GraphError, match="more than 200000"):
        check_graph(field(7, field(5, field(1, 1) * 300_000)))
    with pytest.raises(GraphError):
        check_graph(field(7, content))


def test_told_is_read() -> None:
    """The helper itself: a graph as these tests make them is one."""
    check_graph(
        model(graph([node("Identity", ["x"], ["y"])], [], [told("x", FLOAT, (1,))], [told("y", FLOAT, (1,))]))
    )
