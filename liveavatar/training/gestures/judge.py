"""How like the person a manner moves, beside the built-in rules: on what was recorded and not learned from."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from liveavatar.controls import INDEX, vector
from liveavatar.retargeting.gestures import Gestures, Moves
from liveavatar.retargeting.manner import AHEAD, CHANNELS, FPS, Manner
from liveavatar.retargeting.own_gestures import OwnGestures
from liveavatar.training.gestures.blinks import onsets
from liveavatar.training.gestures.recording import Recording, channel

LAGS = range(-10, 11)
"""Frames by which motion may follow the voice, or precede it."""
SHIFTS = 12
"""Other places of the speech, against which an alignment is held."""
SETTLED = round(1.2 * FPS)
"""Frames after which a performance is in full motion."""
HEAD = [CHANNELS.index(name) for name in ("headYaw", "headPitch", "headRoll")]
BROWS = [CHANNELS.index(name) for name in ("browInnerUp", "browOuterUp", "browDown")]
GAZE = [CHANNELS.index(name) for name in ("gazeAcross", "gazeUp")]


@dataclass(frozen=True)
class Performance:
    """Somebody's motion beside a speech, FPS frames a second."""

    motion: np.ndarray
    """(T, CHANNELS)."""
    lids: np.ndarray
    """(T,)."""


def performed(recording: Recording, gestures: Gestures | OwnGestures) -> Performance:
    """What these do with the recording's speech."""
    gestures.hear(recording.prosody)
    moves: list[Moves] = [gestures.at(k / FPS) for k in range(len(recording))]
    controls = np.array([vector(**one.added, **one.held) for one in moves])
    motion = np.stack([channel(controls, name) for name in CHANNELS], 1)
    return Performance(motion, controls[:, INDEX["eyeBlinkLeft"]])


def figures(recording: Recording, by: Performance) -> dict[str, float]:
    """Range (from the 5th to the 95th percentile) and speed of the head, degrees; of brows and smile, share of their reach;
    jumps of the eyes and blinks a minute; how the head's speed goes with the voice's loudness (correlation at the best of
    LAGS), and the same with the speech moved elsewhere."""
    motion = by.motion[SETTLED:]
    minutes = len(motion) / FPS / 60
    head, brows = np.degrees(motion[:, HEAD]), motion[:, BROWS]
    eyes = np.linalg.norm(np.diff(motion[:, GAZE], axis=0), axis=1)
    jumps = np.count_nonzero((eyes[1:] > 0.06) & (eyes[:-1] <= 0.06))
    speed = np.linalg.norm(np.diff(head, axis=0), axis=1) * FPS
    loud = recording.speech[SETTLED:, 0]
    others = [alignment(speed, np.roll(loud, len(loud) * k // (SHIFTS + 1))) for k in range(1, SHIFTS + 1)]
    return {
        "head_range": float(np.mean(_range(head))),
        "head_speed": float(speed.mean()),
        "brow_range": float(np.mean(_range(brows))),
        "brow_speed": float(np.abs(np.diff(brows, axis=0)).mean() * FPS),
        "smile_range": float(_range(motion[:, [CHANNELS.index("mouthSmile")]])[0]),
        "looks": jumps / minutes,
        "blinks": len(onsets(by.lids[SETTLED:])) / minutes,
        "aligned": alignment(speed, loud),
        "aligned_elsewhere": float(np.mean(others)),
    }


def _range(values: np.ndarray) -> np.ndarray:
    """(C,) of (T, C)."""
    low, high = np.percentile(values, [5, 95], axis=0)
    found: np.ndarray = high - low
    return found


def alignment(speed: np.ndarray, loud: np.ndarray) -> float:
    """The highest correlation of the two, smoothed over .2 s, at one of LAGS."""
    smooth = np.ones(6) / 6
    a, b = (np.convolve(x, smooth, "same") for x in (speed, loud[: len(speed)]))
    best = -1.0
    for lag in LAGS:
        x, y = (a[lag:], b[: len(b) - lag]) if lag >= 0 else (a[:lag], b[-lag:])
        if x.std() > 1e-6 and y.std() > 1e-6:
            best = max(best, float(np.corrcoef(x, y)[0, 1]))
    return best


def compared(recording: Recording, manner: Manner, seeds: int = 4) -> dict[str, dict[str, float]]:
    """The person's figures, the manner's and the rules', the latter two means of several seeds; and how far apart two seeds
    are ("apart"), mean difference in the person's spreads."""

    def mean(made: list[Performance]) -> dict[str, float]:
        found = [figures(recording, one) for one in made]
        spread = recording.motion.std(0) + 1e-3
        apart = [np.abs((a.motion - b.motion) / spread)[SETTLED:].mean() for a, b in pairwise(made)]
        return {key: float(np.mean([f[key] for f in found])) for key in found[0]} | {
            "apart": float(np.mean(apart))
        }

    def several(open_: Callable[[int], Gestures | OwnGestures]) -> dict[str, float]:
        return mean([performed(recording, open_(seed)) for seed in range(seeds)])

    return {
        "person": figures(recording, Performance(recording.motion, recording.lids)),
        "manner": several(lambda seed: OwnGestures(manner, seed=seed)),
        "rules": several(lambda seed: Gestures(seed=seed)),
    }


def split(recording: Recording, share: float) -> tuple[Recording, Recording]:
    """What is learned from, and the end, which judges."""
    at = round(len(recording) * share)
    return recording.part(0, at), recording.part(at + AHEAD, len(recording))
