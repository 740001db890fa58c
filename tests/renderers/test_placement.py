"""Where the bust stands in the picture."""

import numpy as np
import pytest

from liveavatar.controls import neutral
from liveavatar.renderers.placement import AT_REST, Placement, placement
from liveavatar.types import Expression


def of(x: float = 0.0, y: float = 0.0, scale: float = 1.0) -> Placement:
    return placement(Expression(neutral(), 0.0, x=x, y=y, scale=scale), 200, 100)


def test_at_rest_nothing_moves() -> None:
    assert of() == AT_REST
    assert AT_REST.moved(np.array([[10, 20, 30, 40]]), (200, 100)).tolist() == [[10, 20, 30, 40]]


@pytest.mark.parametrize("scale", [0.8, 1.25])
def test_a_zoom_keeps_the_bottom_centre(scale: float) -> None:
    zoom, x, y = of(scale=scale)
    assert ((100 + x) * zoom, (100 + y) * zoom) == pytest.approx((100, 100))


def test_a_bust_never_rises_and_no_head_leaves_the_picture() -> None:
    assert of(y=-0.1).y == 0
    assert of(x=9.0).x == of(x=0.3).x and of(scale=9.0).zoom == 1.5


def test_a_moved_box_is_clipped_to_the_picture() -> None:
    assert Placement(2.0).moved(np.array([[90, 10, 30, 20]]), (200, 100)).tolist() == [[180, 20, 20, 40]]
    assert Placement(1.0, -15.0).moved(np.array([[10, 10, 30, 20]]), (200, 100)).tolist() == [[0, 10, 25, 20]]
