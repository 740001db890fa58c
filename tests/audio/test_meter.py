"""What is wrong with a microphone."""

import numpy as np

from liveavatar.audio.meter import MUTED_S, Meter

SECOND = np.sin(np.arange(16000) * 0.1).astype(np.float32)


def heard(sound: np.ndarray, seconds: int) -> Meter:
    meter = Meter()
    for _ in range(seconds):
        meter.hear(sound, 1.0)
    return meter


def test_one_that_gives_nothing_at_all_seems_muted_and_a_gate_does_not() -> None:
    silent = np.zeros(16000, np.float32)
    assert "muted" in heard(silent, round(MUTED_S) + 1).trouble
    gated = Meter()
    gated.hear(SECOND * 0.1, 1.0)
    for _ in range(20):
        gated.hear(silent, 1.0)
    assert gated.trouble == ""


def test_what_is_cut_off_is_told_until_it_is_not() -> None:
    meter = heard((SECOND * 3).clip(-1, 1), 4)
    assert "too loud" in meter.trouble
    for _ in range(30):
        meter.hear(SECOND * 0.5, 1.0)
    assert meter.trouble == "" and -7 < meter.level < -5
