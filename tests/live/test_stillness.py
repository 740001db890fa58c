from dataclasses import replace

import numpy as np

from liveavatar.controls import neutral, vector
from liveavatar.live.stillness import moved
from liveavatar.types import Expression

REST = Expression(neutral(), 1.0, motion=np.zeros((478, 3), np.float32))


def test_what_cannot_be_seen_is_still() -> None:
    assert not moved(REST, replace(REST, time=2.0, tracked=False))
    assert not moved(REST, replace(REST, controls=vector(headYaw=0.001, jawOpen=0.01), x=0.0001))


def test_what_can_be_seen_is_not() -> None:
    for change in (
        {"controls": vector(headRoll=0.004)}, {"controls": vector(eyeBlinkLeft=0.05)}, {"x": 0.001}, {"scale": 0.999},
        {"motion": np.full((478, 3), 0.01, np.float32)}, {"motion": None},
    ):  # fmt: skip
        assert moved(REST, replace(REST, **change))  # type: ignore[arg-type]


def test_a_slow_motion_is_seen_once_it_has_added_up() -> None:
    """Against what was drawn last, not against the frame before."""
    drawn = [REST]
    for k in range(100):
        now = replace(REST, controls=vector(headYaw=0.0005 * k))
        if moved(drawn[-1], now):
            drawn.append(now)
    assert 10 < len(drawn) < 30
