"""Scaling, resizing, providers: what the renderer costs."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.suite import providers, rendering, resizing, scaling
from liveavatar.avatar.card import Avatar
from liveavatar.base.box import Box
from liveavatar.bench import legs
from liveavatar.controls import vector
from liveavatar.renderers import open_renderer
from liveavatar.types import Expression
from tests.helpers.fakes import FakeRenderer


def test_the_clip_is_played_over_where_it_is_short(parts: legs.Parts) -> None:
    found = rendering.clip_expressions(parts, 30)  # the clip has 12 pictures
    times = [expression.time for expression in found]
    assert len(found) == 30 and times == sorted(set(times))


@pytest.mark.train
@pytest.mark.parametrize("side", [64, 112, 256])
def test_a_resized_avatar_draws_the_same_picture(tiny: Avatar, tmp_path: Path, side: int) -> None:
    pytest.importorskip("onnx")
    expression = Expression(vector(headYaw=0.3, jawOpen=0.7, mouthSmileLeft=0.5), 0.0, x=0.05, scale=1.1)
    original = open_renderer(tiny, "cpu").render(expression).image
    resized = resizing.resize(tiny, side, tmp_path / "avatar")
    picture = open_renderer(resized, "cpu").render(expression).image  # opening checks the golden picture
    assert resized.size == (side, side) == picture.shape[1::-1]
    original, picture = (
        cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA) for image in (original, picture)
    )
    neutral = open_renderer(tiny, "cpu").render(Expression(vector(), 0.0)).image
    still = cv2.resize(neutral, (64, 64), interpolation=cv2.INTER_AREA)
    assert cv2.absdiff(original, picture).mean() < 0.4 * cv2.absdiff(original, still).mean()


def test_scaling_measures_every_combination(parts: legs.Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx")
    monkeypatch.setattr(scaling, "thread_counts", lambda: [1, 2])
    monkeypatch.setattr(scaling, "SIZES", (64,))
    before = cv2.getNumThreads()
    result = scaling.measure(parts, pictures=20)
    assert {size: list(rows) for size, rows in result.items()} == {"64": ["1", "2"], "128": ["1", "2"]}
    assert all(
        row[part]["median"] > 0
        for rows in result.values() for row in rows.values() for part in ("network_ms", "compositor_ms")
    )  # fmt: skip
    assert cv2.getNumThreads() == before


def test_without_onnx_only_the_avatars_own_size_is_measured(
    parts: legs.Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scaling, "find_spec", lambda name: None)
    monkeypatch.setattr(scaling, "thread_counts", lambda: [1])
    assert list(scaling.measure(parts, pictures=5)) == ["128"]


def test_providers_are_measured_or_say_why_not(parts: legs.Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "available", lambda: ["cuda", "cpu"])  # cuda is offered and does not start
    result = providers.measure(parts, pictures=12)
    assert list(result) == ["cpu", "cuda", "tensorrt", "dml"]
    assert result["cpu"]["render_ms"]["median"] > 0 and result["cpu"]["open_s"] > 0
    assert "cuda" in result["cuda"]["not_measured"]
    assert result["dml"] == {"not_measured": ""}


def test_what_draws_on_a_gpu_is_measured_alike(parts: legs.Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU's renderer has no network and compositor apart, and another speed."""
    renderer = FakeRenderer(seconds=0.02)
    monkeypatch.setattr(providers, "available", lambda: ["cuda"])
    monkeypatch.setattr(providers, "open_renderer", lambda avatar, name: renderer)
    result = providers.measure(parts, pictures=5)
    assert result["cuda"]["render_ms"]["median"] >= 20
    assert renderer.closed and "not_measured" in result["cpu"]


def test_drawing_times_network_and_compositor_apart(parts: legs.Parts) -> None:
    class Slow(FakeRenderer):
        """The network takes 8 ms, the compositor next to nothing."""

        def maps(self, controls: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
            self.render(Expression(controls, 0.0))
            return np.zeros(1), []

        def compose(self, flow: np.ndarray, deltas: list[np.ndarray], expression: Expression) -> np.ndarray:
            return np.zeros((128, 128, 4), np.uint8)

    drawing = rendering.Drawing(Slow(seconds=0.008), parts.output())
    expressions = [Expression(vector(), 0.0)] * 5
    drawing.draw(expressions, count=False)
    drawing.draw(expressions)
    result = drawing.result()
    assert len(drawing.network) == 5
    assert result["network_ms"]["median"] >= 8 > result["compositor_ms"]["median"]


def test_boxes_grow_outwards() -> None:
    assert resizing._grow(Box(5, 6, 7, 8), 0.5) == (2, 3, 4, 4)
    assert resizing._grow(Box(8, 16, 24, 8), 0.5, 8) == (0, 8, 16, 8)


def test_patches_that_meet_still_meet() -> None:
    assert resizing._scaled(Box(0, 6, 64, 64), 0.875) == (0, 5, 56, 56)
    assert resizing._scaled(Box(0, 70, 128, 32), 0.875)[1] == 61
