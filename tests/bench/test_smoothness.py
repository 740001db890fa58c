import numpy as np
import pytest

from liveavatar.bench import smoothness
from liveavatar.bench.smoothness import judder
from liveavatar.controls import vector
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression


def test_even_steps_have_none() -> None:
    assert judder(np.arange(50) * 0.1, 0.1) == pytest.approx(0, abs=1e-9)


def test_each_picture_twice_is_2() -> None:
    assert judder(np.repeat(np.arange(50) * 0.2, 2), 0.1) == pytest.approx(2, rel=0.02)


def test_steps_of_a_half_and_one_and_a_half_are_1() -> None:
    assert judder(np.cumsum([0.05, 0.15] * 50), 0.1) == pytest.approx(1, rel=0.02)


def test_nothing_sent_is_no_figure() -> None:
    assert judder(np.zeros(0), 0.1) == 0.0


def test_a_picture_is_composed_once() -> None:
    """What draws when somebody looks would draw again for the output, and the show be slower than it is."""
    composed: list[np.ndarray] = []

    class Counted:
        def compose(self) -> np.ndarray:
            composed.append(np.zeros((8, 8, 4), np.uint8))
            return composed[-1]

    class Late(Renderer):
        size, provider = (8, 8), "cpu"

        def render(self, expression: Expression) -> AvatarFrame:
            return AvatarFrame(Counted(), expression.time).composed()

    frame = smoothness._Renderer(Late()).render(Expression(vector(headYaw=0.2), 1.0))
    assert isinstance(frame, smoothness._Turned) and frame.angle == pytest.approx(0.2)
    assert frame.image is composed[0] and len(composed) == 1
