"""Pitch and voicing of made sounds whose pitch is known."""

import numpy as np
import pytest

from liveavatar.audio.pitch import GRAPH, PitchStream
from liveavatar.base.files import asset
from liveavatar.renderers.sessions import open_session


@pytest.fixture(scope="module")
def network() -> object:
    return open_session(asset(GRAPH), "cpu", 1)[0]


def hum(rate: int, pitch: np.ndarray) -> np.ndarray:
    """(n,): harmonics to 4 kHz of this pitch (n,) Hz, falling by 12 dB an octave above 500 Hz."""
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    sound = np.zeros(len(pitch))
    for k in range(1, 40):
        hertz = k * pitch
        sound += np.where(hertz < 4000, np.sin(k * phase) / (1 + (hertz / 500) ** 2), 0)
    return (0.1 * sound / sound.std()).astype(np.float32)


@pytest.mark.parametrize("rate", [16000, 24000, 48000])
@pytest.mark.parametrize("low", [90.0, 220.0])
def test_a_gliding_voice_between_silences(network: object, rate: int, low: float) -> None:
    glide = low * 2 ** np.linspace(0, 1, 2 * rate)
    rest = np.random.default_rng(1).normal(0, 1e-4, rate).astype(np.float32)
    heard = PitchStream(rate, network).hear(np.concatenate([rest, hum(rate, glide), rest]))
    voiced = heard.voiced > 0.5
    times = np.arange(len(voiced)) - 1  # frame i ends with hop i and is about 20 ms before its end
    inside, outside = (times > 103) & (times < 297), (times < 97) | (times > 303)
    assert voiced[inside].mean() > 0.95
    assert not voiced[outside].any()
    truth = glide[((times[inside] - 100) * rate) // 100]
    cents = 1200 * np.abs(np.log2(heard.pitch[inside] / truth))
    assert np.median(cents) < 25
    assert (cents < 100).mean() > 0.97


def test_noise_is_not_voiced(network: object) -> None:
    noise = np.random.default_rng(2).normal(0, 0.05, 32000).astype(np.float32)
    assert (PitchStream(16000, network).hear(noise).voiced > 0.5).mean() < 0.05


def test_blocks_of_any_length_say_the_same(network: object) -> None:
    sound = hum(24000, np.full(24000, 150.0))
    whole = PitchStream(24000, network).hear(sound)
    stream, at, parts = PitchStream(24000, network), 0, []
    for count in [1, 239, 240, 500, 7, 1200] * 20:
        parts.append(stream.hear(sound[at : at + count]))
        at += count
    assert at > len(sound)
    for name in ("pitch", "voiced"):
        np.testing.assert_allclose(
            np.concatenate([getattr(p, name) for p in parts]), getattr(whole, name), atol=2e-2
        )


def test_what_is_no_number_is_silence(network: object) -> None:
    heard = PitchStream(16000, network).hear(np.full(16000, np.nan, np.float32))
    assert np.isfinite(heard.pitch).all()
    assert (heard.voiced < 0.5).all()


def test_a_rate_that_does_not_fit_is_named(network: object) -> None:
    with pytest.raises(ValueError, match="44100"):
        PitchStream(44100, network)
