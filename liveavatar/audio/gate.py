"""Shuts where nobody speaks: opens in a moment, holds between words, and closes so slowly that no word's end is cut."""

import numpy as np

from liveavatar.audio.suppressor import HOP, RATE

HOP_S = HOP / RATE
OPENS, SHUTS = 10.0, 6.0
"""dB over the room: what is louder opens it; what is not as loud, once it is open, lets it close."""
QUIETEST = -66.0
"""dB of full scale: no room is taken for quieter."""
RISE = 2.0
"""dB a second that the room's floor rises while nothing is as quiet."""
HOLD_S = 0.30
"""Seconds it stays open after the last sound that was loud enough."""
ATTACK_S, RELEASE_S = 0.003, 0.20


class Gate:
    """Of one voice, hop by hop."""

    def __init__(self) -> None:
        self.gain = 0.0
        """0 shut .. 1 open, at the end of the last hop."""
        self._floor = -60.0
        self._held = 0.0
        """Seconds that it stays open."""

    @property
    def shut(self) -> bool:
        """The last hop ended in silence."""
        return self.gain == 0.0

    def process(self, block: np.ndarray) -> np.ndarray:
        """(n,) float32 for (n,) float32; n is about a hop."""
        level = 10 * np.log10(float(np.square(block).mean()) + 1e-12)
        falling = self._floor + 0.3 * (level - self._floor)
        self._floor = max(falling if level < self._floor else self._floor + RISE * HOP_S, QUIETEST)
        speaks = level > self._floor + (SHUTS if self._held else OPENS)
        self._held = HOLD_S if speaks else max(self._held - HOP_S, 0.0)
        before, count = self.gain, np.arange(1, len(block) + 1)
        if self._held > 0:
            ramp = np.minimum(before + count / (ATTACK_S * RATE), 1.0)
        else:
            ramp = np.maximum(before - count / (RELEASE_S * RATE), 0.0)
        self.gain = float(ramp[-1])
        gated: np.ndarray = (block * ramp).astype(np.float32)
        return gated
