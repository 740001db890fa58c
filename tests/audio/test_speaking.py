"""A microphone's lips: what no vocal folds make opens no mouth, but a whisper does."""

import numpy as np
import pytest

from benchmarks.audio.lips import breath, heard, keys
from liveavatar.audio import pitch
from liveavatar.audio.lips import Lips
from liveavatar.audio.speaking import Speaking
from liveavatar.base.files import asset
from liveavatar.renderers.sessions import open_session
from tests.app.test_hearing import RATE, buzz
from tests.audio.test_lips import FORMANTS, jaw


def opened(sound: np.ndarray, by_pitch: bool) -> float:
    """In how much of the time the jaw is."""
    return float((heard(np.concatenate([np.zeros(8000), sound]), RATE, None, by_pitch)["jaw"] > 0.1).mean())


def test_breath_and_keys_leave_the_mouth_shut() -> None:
    rng = np.random.default_rng(4)
    for make in (breath, keys):
        sound = np.concatenate([make(rng, 6 * RATE) for _ in range(3)])
        assert opened(sound, True) < 0.5 * opened(sound, False)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_a_voice_opens_it_at_any_rate(rate: int) -> None:
    ah = buzz(FORMANTS["a"], 0.4)
    there = np.interp(np.arange(round(0.4 * rate)) / rate, np.arange(len(ah)) / RATE, ah).astype(np.float32)
    lips = Lips(rate, None, open_session(asset(pitch.GRAPH), "cpu", 1)[0])
    lips.hear(np.zeros(rate // 2, np.float32))
    for block in np.array_split(there, 40):
        lips.hear(block)
    assert jaw(lips.mouth) > 0.4


def test_what_opens_a_mouth_for_long_without_a_pitch_is_a_whisper() -> None:
    speaking = Speaking(RATE, open_session(asset(pitch.GRAPH), "cpu", 1)[0])
    speaking.hear(np.zeros(2 * RATE, np.float32))
    shares = [speaking.step(1.0) for _ in range(150)]
    assert max(shares[:40]) == 0 and min(shares[100:]) == 1
