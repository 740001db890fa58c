"""What the network sees of a frame: its spectrum against the noise of the room and against how loud this voice is. Any number of
voices at a time: training hears thousands with the same code."""

import numpy as np

from liveavatar.audio.mel import BANDS, HOP_S

FEATURES = 2 * BANDS
QUIETEST = -95.0
"""dB of full scale: no room is taken for quieter, so that a gate that shuts between words does not make all else loud."""
DEEPEST = 65.0
"""dB below the loudest, in a band: what lies deeper is not looked at, as if there were a room where a file has none."""
RISE = 4.0
"""dB a second that the floor rises while nothing is as quiet: a vowel that is held for long is heard to
its end."""
_UP, _DOWN = 0.15, 1.5 * HOP_S
"""The loudest follows what is louder by this share a frame, and falls by so many dB."""
_OVER = 4.0
"""dB from the minima of noise in a band to its mean, about."""


class Ear:
    """The room's floor and the voice's loudness, followed frame by frame."""

    def __init__(self, floor: np.ndarray | float = QUIETEST, loudest: np.ndarray | float = -40.0) -> None:
        """floor: (..., BANDS) dB to begin with; loudest: (...) dB of a whole frame."""
        self._slow: np.ndarray | None = None
        self.floor = np.asarray(floor, np.float32)
        self.loudest = np.asarray(loudest, np.float32)
        self.level = self.loudest - 60
        """dB of the last frame without the room's noise."""

    def hear(self, power: np.ndarray, rise: float = RISE) -> np.ndarray:
        """(..., FEATURES) of a frame's power (..., BANDS). rise: dB a second, as RISE, which is what training hears with."""
        if self._slow is None:
            self._slow = power.copy()
            self.floor = np.maximum(self.floor, QUIETEST)
        self._slow += 0.3 * (power - self._slow)
        slow = 10 * np.log10(self._slow)
        falling = self.floor + 0.5 * (slow - self.floor)
        self.floor = np.maximum(np.where(slow < self.floor, falling, self.floor + rise * HOP_S), QUIETEST)
        noise = 10 ** ((np.maximum(self.floor, self.loudest[..., None] - DEEPEST) + _OVER) / 10)
        left = np.maximum(power - noise, 0.1 * noise)
        self.level = 10 * np.log10(np.maximum(power - noise, 0).sum(-1) + 1e-10)
        least = 10 * np.log10(noise.sum(-1)) + 3
        up = self.loudest + _UP * (self.level - self.loudest)
        self.loudest = np.maximum(np.where(self.level > self.loudest, up, self.loudest - _DOWN), least)
        shape = (10 * np.log10(left) - self.loudest[..., None]) / 20
        over = (10 * np.log10(power / noise) / 20).clip(-0.5, 2)
        return np.concatenate([shape.clip(-4, 1), over], axis=-1).astype(np.float32)
