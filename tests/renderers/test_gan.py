"""The compositor of drawn avatars: what a layer's cells say, wherever they lie, and how motion is turned round."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar, Layer
from liveavatar.avatar.library import load_avatar
from liveavatar.base.box import Box
from liveavatar.controls import neutral
from liveavatar.renderers.gan.inverse_flow import Inversion
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.types import Expression

TINY = Path(__file__).parent.parent / "data" / "tiny"


def bent(span: Box, cells: int) -> np.ndarray:
    """(2, cells, cells): one smooth motion, in cells, of what belongs to the middles of cells on a span (x, y, w, h)."""
    x, y, w, h = span
    at_x, at_y = np.meshgrid(
        x + (np.arange(cells) + 0.5) * w / cells, y + (np.arange(cells) + 0.5) * h / cells
    )
    across, down = 4 * np.sin(at_y / 30) + 0.03 * at_x, 3 * np.cos(at_x / 40) - 0.02 * at_y
    return np.stack([across * cells / w, down * cells / h]).astype(np.float32)


def with_layers(avatar: Avatar, layers: list[Layer]) -> Avatar:
    return replace(avatar, parts=replace(avatar.gan, layers=tuple(layers)))


def drawn(avatar: Avatar, expression: Expression, much: float = 1.0) -> np.ndarray:
    """The avatar moved as `bent`."""
    renderer = GanRenderer(avatar, "cpu")
    motion = np.stack([bent(layer.span, renderer.size[0] // 8) for layer in avatar.gan.layers], 1) * much
    return renderer.compose(motion.astype(np.float32), renderer.maps(neutral())[1], expression)


@pytest.mark.parametrize("scale, shift", [(1.0, 0.0), (0.8, 0.05), (1.25, -0.06)])
def test_cells_on_a_span_say_the_same_as_cells_on_the_picture(scale: float, shift: float) -> None:
    tiny = load_avatar(TINY)
    tiny = replace(tiny, golden=replace(tiny.golden, tolerance=255.0))  # its network knows other spans
    expression = Expression(neutral(), 0.0, x=shift, y=shift, scale=scale)
    width, height = tiny.size
    layers = tiny.gan.layers
    whole = with_layers(tiny, [replace(x, span=Box(0, 0, width, height)) for x in layers])
    spans = [
        Box(max(x - 5, 0), max(y - 3, 0), min(w + 9, width - x), min(h + 6, height - y))
        for x, y, w, h in (layer.target for layer in layers)
    ]
    own = with_layers(tiny, [replace(x, span=s) for x, s in zip(layers, spans, strict=True)])
    expected = drawn(whole, expression).astype(int)
    assert np.ptp(expected, (0, 1)).max() > 100
    assert np.abs(drawn(own, expression) - expected).mean() < 1.0
    assert np.abs(drawn(own, expression, much=0) - expected).mean() > 4.0


def test_what_lies_beyond_the_span_is_drawn() -> None:
    """A span holds where a layer's points go; its picture may reach further."""
    tiny = load_avatar(TINY)
    body, face = tiny.gan.layers
    narrow = replace(body, span=Box(48, 100, 32, 24))
    assert narrow.source[0] < 40 and narrow.source[0] + narrow.source[2] > 88
    still = np.zeros((2, 2, 16, 16), np.float32)
    for layers in ([body, face], [narrow, face]):
        avatar = replace(with_layers(tiny, layers), golden=replace(tiny.golden, tolerance=255.0))
        renderer = GanRenderer(avatar, "cpu")
        picture = renderer.compose(still, renderer.maps(neutral())[1], Expression(neutral(), 0.0))
        x, _, w, _ = body.source
        assert picture[126, [x + 5, x + w - 6], 3].tolist() == [255, 255]


def test_a_layer_that_has_left_the_picture_is_not_drawn() -> None:
    renderer = GanRenderer(load_avatar(TINY), "cpu")
    _, patches = renderer.maps(neutral())
    gone = np.full((2, 2, 16, 16), 900, np.float32)
    assert not renderer.compose(gone, patches, Expression(neutral(), 0.0)).any()


def test_inversion_finds_where_things_were() -> None:
    motion = np.stack([bent((0, 0, 256, 192), 32), bent((30, 40, 128, 96), 32)], 1)
    inversion = Inversion(np.array([[32 / 256, 32 / 192], [32 / 128, 32 / 96]]), (False, False), (32, 32))
    inversion.take(motion)
    places, bounds = (
        np.tile(np.mgrid[:32, :32][::-1].reshape(2, -1), 2).astype(np.float32),
        inversion.bounds(np.repeat([0, 1], 1024)),
    )
    came = inversion.refine(places, bounds, inversion.solve(places, bounds)).reshape(2, 2, 32, 32)
    for k in range(2):
        x, y = came[:, k]
        inner = (x > 1) & (x < 30) & (y > 1) & (y < 30)
        column, row = np.floor(x[inner]).astype(int), np.floor(y[inner]).astype(int)
        across, down = x[inner] - column, y[inner] - row
        corners = [motion[:, k, row + i, column + j] for i in (0, 1) for j in (0, 1)]
        shares = (1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across
        moved = sum(share * corner for share, corner in zip(shares, corners, strict=True))
        there = np.stack([x[inner], y[inner]]) + moved
        here = np.mgrid[:32, :32][::-1][:, inner]
        assert inner.mean() > 0.6
        assert np.abs(there - here).max() < 0.01, "in cells"


def for_ever() -> bytes:
    """An ONNX graph that never comes to an end."""
    from onnx import TensorProto, helper

    true = helper.make_tensor("true", TensorProto.BOOL, [], [True])
    value = helper.make_tensor_value_info
    float32, steps = (
        TensorProto.FLOAT,
        [value("turn", TensorProto.INT64, []), value("on", TensorProto.BOOL, [])],
    )
    body = helper.make_graph(
        [helper.make_node("Identity", [a], [b]) for a, b in (("on", "on_out"), ("x", "x_out"))],
        "body",
        [*steps, value("x", float32, [1, None])],
        [value("on_out", TensorProto.BOOL, []), value("x_out", float32, [1, None])],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["", "true", "controls"], ["coefficients"], body=body)],
        "graph",
        [value("controls", float32, [1, None])],
        [value("coefficients", float32, [1, None])],
        [true],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


def test_closing_ends_a_network_that_hangs(tiny: Avatar) -> None:
    """Else it would keep a core busy for the rest of the show, and abort the process at its end."""
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    renderer = GanRenderer(tiny, "cpu")
    renderer._session = onnxruntime.InferenceSession(for_ever())
    failed = []

    def render() -> None:
        try:
            renderer.render(Expression(neutral(), 0.0))
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=render, daemon=True)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    renderer.close()
    thread.join(60)
    assert not thread.is_alive() and "terminate" in str(failed[0])
