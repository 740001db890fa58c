"""What every renderer must do. A new renderer joins RENDERERS below."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.library import load_avatar
from liveavatar.controls import neutral, vector
from liveavatar.renderers import open_renderer
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression
from tests.helpers.refined import refined_portrait

DATA = Path(__file__).parent.parent / "data"
RENDERERS = ["tiny", "portrait", "refined"]


@pytest.fixture(params=RENDERERS)
def renderer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Renderer]:
    folder = refined_portrait(tmp_path / "refined") if request.param == "refined" else DATA / request.param
    renderer = open_renderer(load_avatar(folder), "cpu")
    yield renderer
    renderer.close()


def test_gives_frames_of_its_size_with_the_expressions_time(renderer: Renderer) -> None:
    frame = renderer.render(Expression(neutral(), 12.5))
    assert isinstance(frame, AvatarFrame)
    assert frame.image.shape == (renderer.size[1], renderer.size[0], 4)
    assert frame.time == 12.5


def test_is_premultiplied_and_has_both_opaque_and_clear_pixels(renderer: Renderer) -> None:
    image = renderer.render(Expression(neutral(), 0.0)).image
    assert (image[..., :3].max(-1) <= image[..., 3]).all()
    assert (image[..., 3] > 250).mean() > 0.1
    assert (image[..., 3] == 0).mean() > 0.1


def test_is_pure(renderer: Renderer) -> None:
    first = renderer.render(Expression(vector(jawOpen=1), 0.0)).image
    renderer.render(Expression(vector(headYaw=0.4, eyeBlinkLeft=1), 1.0))
    assert np.array_equal(first, renderer.render(Expression(vector(jawOpen=1), 2.0)).image)


def test_a_sketch_becomes_the_same_picture_in_another_thread_and_after_close(renderer: Renderer) -> None:
    expression = Expression(vector(jawOpen=0.7, headYaw=0.2), 3.0, x=0.05, scale=1.1)
    sketched = renderer.sketch(expression)
    expected = renderer.render(expression).image
    renderer.render(Expression(neutral(), 4.0))
    renderer.close()
    with ThreadPoolExecutor(1) as other:
        np.testing.assert_array_equal(other.submit(lambda: sketched.image).result(), expected)
    assert sketched.time == 3.0


@pytest.mark.parametrize("name", ["jawOpen", "eyeBlinkLeft", "headYaw"])
def test_acts_on_controls(renderer: Renderer, name: str) -> None:
    still = renderer.render(Expression(neutral(), 0.0)).image.astype(int)
    moved = renderer.render(Expression(vector(**{name: 0.5}), 0.0)).image.astype(int)
    assert np.abs(still - moved).max() > 40


def test_values_out_of_range_do_not_break_the_picture(renderer: Renderer) -> None:
    inside = renderer.render(Expression(vector(jawOpen=1, headYaw=0.5236), 0.0)).image
    assert np.array_equal(inside, renderer.render(Expression(vector(jawOpen=9, headYaw=3), 0.0)).image)


def test_the_heads_place_moves_the_bust(renderer: Renderer) -> None:
    def centre(expression: Expression) -> tuple[float, float]:
        # Above the shoulders, which may reach the picture's edge.
        alpha = renderer.render(expression).image[: renderer.size[1] // 2, :, 3].astype(float)
        return float((alpha.sum(0) * np.arange(alpha.shape[1])).sum() / alpha.sum()), float(alpha.sum())

    x, _ = centre(Expression(neutral(), 0.0))
    moved, _ = centre(Expression(neutral(), 0.0, x=0.1))
    assert moved - x == pytest.approx(0.1 * renderer.size[0], abs=1.0)

    def mass(scale: float) -> float:
        return float(renderer.render(Expression(neutral(), 0.0, scale=scale)).image[..., 3].sum())

    assert mass(0.9) == pytest.approx(mass(1.0) * 0.81, rel=0.06)
