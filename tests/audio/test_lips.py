"""Lips, on sounds made here."""

import numpy as np
import pytest

from liveavatar.audio.lips import Lips
from liveavatar.audio.mouth import HELD, Mouth, controls_of


def test_silence_leaves_the_mouth_to_others() -> None:
    mouth = Lips(16000).hear(np.zeros(16000, np.float32))
    assert mouth.silence > 0.9 and mouth.speaking == 0
    assert all(weight == 0 for _, weight in controls_of(mouth).values())


def test_a_voice_holds_jaw_and_lips_and_no_smile() -> None:
    shown = controls_of(Mouth(volume=1, vowels={"a": 1.0}, silence=0, sure=1, speaking=1))
    assert set(shown) == set(HELD) and not any("Smile" in name for name in shown)
    assert shown["jawOpen"] == (pytest.approx(0.75), 1)


def test_what_is_no_sound_is_silence() -> None:
    lips = Lips(48000)
    mouth = lips.hear(np.full(48000, np.nan, np.float32))
    assert mouth.silence > 0.9 and np.isfinite(mouth.volume)
