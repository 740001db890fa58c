"""The scripted show."""

import numpy as np

from liveavatar.controls import INDEX
from liveavatar.retargeting.performance import LOOP, performance


def test_the_performance_shows_what_an_avatar_must_do() -> None:
    shown = np.array([performance(t) for t in np.arange(0, LOOP, 0.04)])
    peak = {name: shown[:, i].max() for name, i in INDEX.items()}
    assert peak["eyeBlinkLeft"] > 0.99 and peak["jawOpen"] > 0.4
    assert min(peak[f"eyeLook{n}Left"] for n in ("In", "Out", "Up")) > 0.5
    yaw = shown[:, INDEX["headYaw"]]
    assert yaw.max() > 0.15 and yaw.min() < -0.15 and np.abs(np.diff(yaw)).max() < 0.03
    again = performance(LOOP + 1.0) - performance(1.0)
    again[INDEX["breath"]] = 0
    assert np.abs(again).max() < 1e-4
