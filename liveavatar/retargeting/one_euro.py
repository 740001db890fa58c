"""The one-euro filter: steady at rest, quick in motion.

Casiez, Roussel, Vogel: 1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
Systems, CHI 2012. All values of a vector at once, each with its own parameters, at any frame rate.
"""

import numpy as np

SPEED_CUTOFF = 1.5
"""Hz; low-pass of the speed that opens the filter (the paper's dcutoff is 1)."""


class OneEuro:
    """Filters a vector in time; holds the last value, reads no clock."""

    def __init__(self, cutoff: np.ndarray, beta: np.ndarray, dead: np.ndarray) -> None:
        """cutoff: (n,) Hz at rest. beta: (n,) Hz per unit/s of speed. dead: (n,) units: a change well
        below it is taken for noise and followed ever more slowly, the smaller it is."""
        self.cutoff, self.beta, self.dead = (np.asarray(a, np.float64) for a in (cutoff, beta, dead))
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next value passes unchanged."""
        self._value: np.ndarray | None = None
        self._raw = self._speed = self._out = np.zeros(0)
        self._time = 0.0

    def __call__(self, value: np.ndarray, time: float) -> np.ndarray:
        """value (n,) at `time` (seconds, increasing), filtered: (n,) float64. After a gap of a second it starts afresh."""
        value = np.asarray(value, np.float64)
        dt = time - self._time
        if self._value is None or dt > 1.0:
            self._value, self._raw, self._out = value.copy(), value.copy(), value.copy()
            self._speed = np.zeros_like(value)
            self._time = time
            return value.copy()
        if dt <= 0:
            return self._out.copy()
        self._speed = self._speed + _share(SPEED_CUTOFF, dt) * ((value - self._raw) / dt - self._speed)
        share = _share(self.cutoff + self.beta * np.abs(self._speed), dt)
        self._value = self._value + share * (value - self._value)
        self._raw, self._time = value.copy(), time
        # Dead zone: close to the value shown, follow by a share that falls with the square of the distance.
        gap = self._value - self._out
        follow = gap * gap / (gap * gap + self.dead * self.dead + 1e-12)
        self._out = self._out + gap * (1 - (1 - follow) ** (30 * dt))
        return self._out.copy()


def _share(cutoff: np.ndarray | float, dt: float) -> np.ndarray:
    """Share of a new value in an exponential low-pass with this cutoff (Hz) after dt seconds."""
    return 1 - np.exp(-2 * np.pi * np.asarray(cutoff) * dt)
