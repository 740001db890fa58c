"""A sound on its way to the ear: samples in as they come, out in blocks as they are played; and what is heard at any time.

Reads no clock: whoever plays it says when each block is heard. From any thread.
"""

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

FADE = 0.02
"""Seconds in which a sound that is stopped fades."""
_KEPT = 256
"""Blocks that are remembered: seconds, so that a sound far from the ear is still timed right."""
_JITTER = 0.05
"""Seconds; where a block's time differs less from the one before it, it is the driver's clock that wavers."""


@dataclass(frozen=True)
class _Block:
    start: float
    """Seconds of the sound before it."""
    at: float
    """When it is heard."""
    seconds: float
    """Of sound in it; the rest of the block is silence."""


class Track:
    """One sound."""

    def __init__(self, rate: int) -> None:
        """rate: samples a second."""
        self.rate = rate
        self._lock = threading.Lock()
        self._pieces: deque[np.ndarray] = deque()
        self._waiting = self._played = 0
        """Samples."""
        self._blocks: deque[_Block] = deque(maxlen=_KEPT)
        self._next: float | None = None
        """When the next block would be heard if all went on evenly."""
        self._whole = False

    @property
    def ahead(self) -> float:
        """Seconds that are there and not played yet."""
        return self._waiting / self.rate

    def add(self, samples: np.ndarray) -> None:
        """What comes next, (n,) float32."""
        with self._lock:
            if len(samples) and not self._whole:
                self._pieces.append(samples)
                self._waiting += len(samples)

    def end(self) -> None:
        """Nothing more comes."""
        with self._lock:
            self._whole = True

    def stop(self) -> None:
        """Nothing more is played, but for a short fade."""
        with self._lock:
            count = min(round(FADE * self.rate), self._waiting)
            rest = self._taken(count)
            rest *= np.linspace(1, 0, len(rest), dtype=np.float32)
            self._pieces, self._waiting, self._whole = deque([rest]), len(rest), True

    def fill(self, out: np.ndarray, at: float) -> None:
        """Write the next samples into a block, (n,) float32, and silence where there are none. at: seconds, when its first sample
        is heard."""
        with self._lock:
            if self._next is not None and abs(at - self._next) < _JITTER:
                at = self._next + 0.05 * (at - self._next)
            self._next = at + len(out) / self.rate
            taken = self._taken(min(len(out), self._waiting))
            out[: len(taken)] = taken
            out[len(taken) :] = 0.0
            start = self._played / self.rate
            self._played += len(taken)
            if len(taken):
                self._blocks.append(_Block(start, at, len(taken) / self.rate))

    def heard(self, time: float) -> float | None:
        """Seconds of it that are heard until `time`, and how long ago it ended beyond them; None before its first sample is."""
        with self._lock:
            over = self._whole and not self._waiting
            for k, block in enumerate(reversed(self._blocks)):
                if block.at <= time:
                    return block.start + (
                        time - block.at if over and not k else min(time - block.at, block.seconds)
                    )
        return None

    def over(self, time: float) -> bool:
        """All of it was heard."""
        with self._lock:
            last = self._blocks[-1] if self._blocks else None
            return self._whole and not self._waiting and (last is None or time >= last.at + last.seconds)

    def _taken(self, count: int) -> np.ndarray:
        """(count,) float32, off the waiting ones."""
        taken, have = [np.zeros(0, np.float32)], 0
        while have < count:
            piece = self._pieces.popleft()
            if len(piece) > count - have:
                self._pieces.appendleft(piece[count - have :])
                piece = piece[: count - have]
            taken.append(piece)
            have += len(piece)
        self._waiting -= count
        return np.concatenate(taken)
