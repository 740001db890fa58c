"""Whether a microphone hears somebody speak, told by pitch: vocal folds hold one for a while, keys, knocks and breath do not.

A whisper has none either: what opens a mouth for long without is believed too.
"""

from collections import deque
from typing import Any

import numpy as np

from liveavatar.audio.clips import Resampler
from liveavatar.audio.mel import HOP_S
from liveavatar.audio.pitch import PitchStream

VOICED, STEADY, FRAMES = 0.7, 0.2, 3
"""A pitch is held where so many frames in a row are more likely voiced than this, and no further apart, octaves."""
HOLD_S, FADES_S = 0.4, 0.2
"""Seconds after such a pitch in which all is believed, and in which that fades."""
WHISPER_S, FORGET_S = 0.4, 2.0
"""Seconds of open mouth without a pitch that are a whisper, where those of so long ago count by a third. Breath of a quarter to
three quarters of a second, a pause of as much after each, comes to .3."""
_RATE = 16_000


class Speaking:
    """One microphone. Sound goes into hear(); step() tells of frames HOP_S apart, in the order in which they came."""

    def __init__(self, rate: int, network: Any) -> None:
        """rate: samples a second, 8000 or more. network: a session of pitch.GRAPH."""
        straight = rate >= _RATE and rate % 1000 == 0
        self._resampler = None if straight else Resampler(rate, _RATE)
        self._pitch = PitchStream(rate if straight else _RATE, network)
        self._frames: deque[tuple[float, float]] = deque()
        self._octave, self._held = 0.0, 0
        self._since = HOLD_S + FADES_S
        """Seconds since a pitch was held."""
        self._whispered = 0.0

    def hear(self, block: np.ndarray) -> None:
        """(n,) float32 in [-1, 1]."""
        heard = self._pitch.hear(block if self._resampler is None else self._resampler.take(block))
        self._frames.extend(zip(np.log2(heard.pitch).tolist(), heard.voiced.tolist(), strict=True))

    def step(self, opened: float) -> float:
        """0..1: how far the next frame is a speaker's. opened: 0..1, how far it would open a mouth."""
        if self._frames:
            octave, voiced = self._frames.popleft()
            steady = abs(octave - self._octave) < STEADY
            self._octave, self._held = octave, (steady * self._held + 1) * (voiced > VOICED)
        self._since = 0.0 if self._held >= FRAMES else self._since + HOP_S
        share = float(np.clip(1 - (self._since - HOLD_S) / FADES_S, 0, 1))
        self._whispered += (1 - share) * opened * HOP_S - self._whispered * HOP_S / FORGET_S
        return max(share, float(np.clip((self._whispered - WHISPER_S) / (0.2 * WHISPER_S), 0, 1)))
