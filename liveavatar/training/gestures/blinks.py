"""How one person blinks: how often in speech and in silence, how soon again, and in what shape."""

from dataclasses import dataclass

import numpy as np

from liveavatar.retargeting.idle import blink_at
from liveavatar.retargeting.manner import BLINK, FPS
from liveavatar.training.gestures.recording import Recording

SHUT = 0.5
"""Of the control eyeBlink, from which on a lid is down."""
LONGEST = 12
"""Frames that a blink's lids are down at most; longer is looking down, or eyes kept shut."""
BEFORE = 5
"""Frames of a blink's shape before its lids are down."""
USUAL, PRIOR_S = 17 / 60, 20.0
"""Blinks a second of somebody unknown, and the seconds of recording that this belief weighs."""
SHORTEST = 0.35
"""Seconds between two, at least."""


@dataclass(frozen=True)
class Blinks:
    """Of one person."""

    shape: np.ndarray
    """(BLINK,) float32, 0 open .. 1 shut, FPS frames a second."""
    rate: tuple[float, float]
    """A second, while speaking and in pauses, where the last one is not too near."""
    rest: float
    """Seconds from one to the next, at least."""


def onsets(lids: np.ndarray) -> np.ndarray:
    """(n,) frames at which a blink's lids are down first, of (T,)."""
    down = np.concatenate([[False], lids > SHUT, [False]])
    starts, ends = np.flatnonzero(down[1:] & ~down[:-1]), np.flatnonzero(down[:-1] & ~down[1:])
    found: np.ndarray = starts[(ends - starts) <= LONGEST]
    return found


def blinks(recordings: list[Recording]) -> Blinks:
    """Of recordings; what they say too little about is everybody's."""
    shapes, counts, seconds, gaps = [], np.zeros(2), np.zeros(2), []
    for recording in recordings:
        silent = (recording.speech[:, 5] < 0).astype(int)
        seconds += np.bincount(silent, minlength=2) / FPS
        starts = onsets(recording.lids)
        counts += np.bincount(silent[starts], minlength=2)
        gaps += (np.diff(starts) / FPS).tolist()
        padded = np.pad(recording.lids, (BEFORE, BLINK))
        shapes += [padded[at : at + BLINK] for at in starts]
    rest = max(SHORTEST, min(gaps, default=SHORTEST))
    rate = (counts + USUAL * PRIOR_S) / (seconds + PRIOR_S)
    # A pause that nobody blinks in is no chance to blink.
    rate = rate / np.maximum(1 - rate * rest, 0.3)
    usual = np.array([blink_at((k - BEFORE) / FPS + 0.08) for k in range(BLINK)])
    shape = np.mean(shapes, 0) if len(shapes) >= 4 else usual
    shape = np.clip((shape - shape.min()) / max(float(np.ptp(shape)), 0.1), 0, 1)
    shape[[0, -1]] = 0
    return Blinks(shape.astype(np.float32), (float(rate[0]), float(rate[1])), rest)
