"""A voice made anew while it speaks: its features, moved as sliders say, sounded by a source, a filter and a causal generator.

Reads no clock and starts no thread. A sound comes out DELAY_S after it went in, beside the block that it is in.
"""

from typing import Any

import numpy as np

from liveavatar.audio.excitation import BINS, Excitation, Overlap, shaped
from liveavatar.audio.features import LOOKAHEAD_S, RATE, Features, FeatureStream, spread
from liveavatar.audio.sliders import Mover, Sliders
from liveavatar.audio.voices import Voice
from liveavatar.language import tr

GRAPH = "voice.onnx"
"""The generator, among liveavatar's assets."""
KNEE = 0.8
"""Amplitude from which a voice is limited."""
_TAPS = 63
"""Of the filter between 48 and 24 kHz."""


class Vocoder:
    """Features in, sound at RATE out."""

    def __init__(self, generator: Any | None, seed: int = 0) -> None:
        """generator: an ONNX Runtime session of GRAPH; None: source and filter alone."""
        self._generator, self._excitation, self._overlap = generator, Excitation(seed), Overlap()
        if generator is not None:
            self._memory = np.zeros(generator.get_inputs()[2].shape, np.float32)

    def say(self, features: Features, growl: float = 0.0) -> np.ndarray:
        """(T * HOP,) float32: the HOP before each frame's time."""
        pulses, noise = self._excitation.frames(features.pitch, growl)
        voiced, coloured = shaped(features, pulses, noise)
        if self._generator is None:
            return self._overlap.add(voiced + coloured)
        given = {
            "features": features.joined()[None],
            "pulses": np.concatenate([pulses.real, pulses.imag], 1)[None],
            "memory": self._memory,
        }
        parts, self._memory = self._generator.run(None, given)
        a, b, louder, real, imaginary = np.split(parts[0], parts.shape[2] // BINS, 1)
        gain = np.exp(0.5 * features.envelope @ spread(BINS))
        return self._overlap.add(voiced * (a + 1j * b) + coloured * louder + gain * (real + 1j * imaginary))


class VoiceChanger(Voice):
    """Blocks of a voice in, blocks of the moved voice out, of the same length."""

    def __init__(self, rate: int, pitch: Any, generator: Any | None, sliders: Sliders | None = None) -> None:
        """rate: RATE or 2 * RATE. pitch, generator: sessions of pitch.GRAPH and GRAPH. Raises ValueError."""
        if rate not in (RATE, 2 * RATE):
            raise ValueError(
                tr(
                    f"a voice has {RATE} or {2 * RATE} samples a second, not {rate}",
                    f"采样率应为 {RATE} 或 {2 * RATE} Hz，实际为 {rate}",
                )
            )
        self.sliders = sliders or Sliders()
        self._rate, self._heard, self._mover = rate, FeatureStream(pitch), Mover()
        self._vocoder = Vocoder(generator)
        twice = rate > RATE
        self._down, self._up = Filter() if twice else None, Filter() if twice else None
        self.delay = LOOKAHEAD_S + (_TAPS - 1) / rate * twice
        """Seconds."""

    def process(self, block: np.ndarray) -> np.ndarray:
        """(n,) float32 -> (n,) float32 in [-1, 1]; n is a multiple of 10 ms. What is no finite number is silence. Raises
        ValueError."""
        if len(block) * 100 % self._rate:
            raise ValueError(
                tr(
                    f"blocks are multiples of 10 ms, not {len(block)} samples",
                    f"数据块应为 10 毫秒的整数倍，实际为 {len(block)} 个采样",
                )
            )
        hop = self._rate // 100
        said = [self._hop(block[at : at + hop]) for at in range(0, len(block), hop)]
        return np.concatenate([np.zeros(0, np.float32), *said])

    def _hop(self, block: np.ndarray) -> np.ndarray:
        """10 ms, one frame: taken one by one, whatever the block is, since a network answers many at once with other last
        digits, and a pitch's last digits are heard in the phase a minute later."""
        clean = np.nan_to_num(np.asarray(block, np.float32), nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)
        if self._down is not None:
            clean = self._down.passed(clean)[::2]
        features = self._heard.hear(clean)
        assert features is not None
        moved = self._mover.move(features, self.sliders)
        sound = self._vocoder.say(moved, self.sliders.growl)
        if self._up is not None:
            twice = np.zeros(2 * len(sound), np.float32)
            twice[::2] = 2 * sound
            sound = self._up.passed(twice)
        return limited(sound)


def limited(sound: np.ndarray) -> np.ndarray:
    """float32 in (-1, 1): as it is up to KNEE, beyond that bent smoothly, since a moved voice may have higher peaks."""
    over = np.maximum(np.abs(sound) - KNEE, 0)
    bent = KNEE + (1 - KNEE) * np.tanh(over / (1 - KNEE))
    return np.where(over > 0, np.sign(sound) * bent, sound).astype(np.float32)


class Filter:
    """A low-pass at a quarter of the rate, from block to block; its delay is (_TAPS - 1) / 2 samples."""

    def __init__(self) -> None:
        at = np.arange(_TAPS) - _TAPS // 2
        taps = np.sinc(at * 0.48) * np.kaiser(_TAPS, 7.0)
        self._taps = (taps / taps.sum()).astype(np.float32)
        self._held = np.zeros(_TAPS - 1, np.float32)

    def passed(self, block: np.ndarray) -> np.ndarray:
        """(n,) float32 of (n,)."""
        whole = np.concatenate([self._held, block])
        self._held = whole[-(_TAPS - 1) :]
        return np.convolve(whole, self._taps, "valid").astype(np.float32)
