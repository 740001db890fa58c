import numpy as np
import pytest

from liveavatar.bench.smoothness import judder


def test_even_steps_have_none() -> None:
    assert judder(np.arange(50) * 0.1, 0.1) == pytest.approx(0, abs=1e-9)


def test_each_picture_twice_is_2() -> None:
    assert judder(np.repeat(np.arange(50) * 0.2, 2), 0.1) == pytest.approx(2, rel=0.02)


def test_steps_of_a_half_and_one_and_a_half_are_1() -> None:
    assert judder(np.cumsum([0.05, 0.15] * 50), 0.1) == pytest.approx(1, rel=0.02)


def test_nothing_sent_is_no_figure() -> None:
    assert judder(np.zeros(0), 0.1) == 0.0
