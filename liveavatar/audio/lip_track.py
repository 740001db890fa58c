"""The lips that go with a sound which is known before it is heard: at any of its moments, and a little ahead of it, as lips are.

Reads no clock: time is the sound's own.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from liveavatar.audio.lips import DELAY_S, SMOOTH_S, Lips
from liveavatar.audio.mouth import HELD, controls_of
from liveavatar.controls import VOWELS, both
from liveavatar.errors import SoundError
from liveavatar.language import tr

HOP_S = 0.01
"""Seconds from row to row."""
HEARD_LATE = DELAY_S + SMOOTH_S + 0.02
"""Seconds that what is heard live is behind the sound; they are taken off again. The last part: lips go ahead of their sound."""
KERNEL = np.array([1, 2, 3, 4, 3, 2, 1], np.float32) / 16
"""Over rows: what is left of a listener's jumps."""
WIDER = 1.3
"""Of the jaw: who speaks to an audience opens the mouth wider than who talks across a table."""
MOST = 20_000
"""Visemes of one sound."""

_OPEN = {name: {c: v for c, v in controls.items() if c in HELD} for name, controls in VOWELS.items()}
VISEMES: dict[str, dict[str, float]] = {
    "sil": {}, "pp": {"mouthClose": 0.1}, "ff": {"jawOpen": 0.08, **both(mouthUpperUp=0.15)},
    "th": {"jawOpen": 0.2, **both(mouthLowerDown=0.1)}, "dd": {"jawOpen": 0.18, **both(mouthLowerDown=0.15)},
    "kk": {"jawOpen": 0.25}, "ch": {"jawOpen": 0.12, "mouthFunnel": 0.4}, "ss": {"jawOpen": 0.06, **both(mouthStretch=0.3)},
    "nn": {"jawOpen": 0.15}, "rr": {"jawOpen": 0.18, "mouthFunnel": 0.25}, "aa": _OPEN["a"], "e": _OPEN["e"],
    "ih": _OPEN["i"], "oh": _OPEN["o"], "ou": _OPEN["u"],
}  # fmt: skip
"""The fifteen visemes of speech programs (OpenXR, OVR), small letters."""
OTHER_NAMES: dict[str, str] = {
    "a": "aa", "i": "ih", "u": "ou", "o": "oh", "ee": "e", "": "sil", "silence": "sil", "closed": "sil", "x": "sil",
}  # fmt: skip
"""What vowels are called elsewhere, VRM among others."""

Pose = dict[str, tuple[float, float]]
"""Control -> (value, weight)."""


class LipTrack:
    """Rows of the controls that are HELD, as they become known."""

    def __init__(self, rate: int, visemes: Sequence[tuple[float, str]] | None = None) -> None:
        """rate: samples a second. visemes: those that are known, see read_visemes(); None: they are heard."""
        self._late = HEARD_LATE if visemes is None else 0.0
        self._hop, self._held = round(HOP_S * rate), np.zeros(0, np.float32)
        self._next: Callable[[np.ndarray], Pose] = (
            self._heard(Lips(rate)) if visemes is None else _told(visemes)
        )
        self._rows = np.zeros((256, len(HELD) + 1), np.float32)
        """Values, and the weight of all of them."""
        self._count = 0

    def hear(self, samples: np.ndarray) -> None:
        """What comes next, (n,) float32."""
        held = np.concatenate([self._held, samples])
        whole = len(held) // self._hop * self._hop
        self._held = held[whole:]
        for block in held[:whole].reshape(-1, self._hop):
            pose = self._next(block)
            if self._count == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._rows[self._count] = [
                *(pose[name][0] for name in HELD),
                max(weight for _, weight in pose.values()),
            ]
            self._count += 1

    def at(self, time: float) -> Pose:
        """The lips at this moment of the sound; before and after it nobody's."""
        at = (time + self._late) / HOP_S - 1
        if not self._count or at > self._count + 2:
            return {}
        i, half = int(np.floor(at)), len(KERNEL) // 2
        around = self._rows[np.clip(np.arange(i - half, i + half + 2), 0, self._count - 1)]
        smooth = np.stack([KERNEL @ around[:-1], KERNEL @ around[1:]])
        row = smooth[0] + (at - i) * (smooth[1] - smooth[0])
        weight = float(row[-1])
        return {name: (float(value), weight) for name, value in zip(HELD, row, strict=False)}

    @staticmethod
    def _heard(lips: Lips) -> Callable[[np.ndarray], Pose]:
        def heard(block: np.ndarray) -> Pose:
            pose = controls_of(lips.hear(block))
            jaw, weight = pose["jawOpen"]
            return {**pose, "jawOpen": (min(WIDER * jaw, 1.0), weight)}

        return heard


def _told(visemes: Sequence[tuple[float, str]]) -> Callable[[np.ndarray], Pose]:
    """Rows one after the other from a list of visemes; lips need 60 ms from one to the next."""
    state, row, index = np.zeros(len(HELD)), 0, 0
    shapes = {name: np.array([controls.get(c, 0.0) for c in HELD]) for name, controls in VISEMES.items()}

    def following(block: np.ndarray) -> Pose:
        nonlocal state, row, index
        time = (row + 1) * HOP_S + 0.04  # lips go ahead of what they shape
        row += 1
        while index < len(visemes) and visemes[index][0] <= time:
            index += 1
        shape = shapes[visemes[index - 1][1] if index else "sil"]
        state = state + (shape - state) * 0.3
        return {name: (float(value), 1.0) for name, value in zip(HELD, state, strict=True)}

    return following


def read_visemes(told: Any) -> list[tuple[float, str]]:
    """(seconds, a name of VISEMES) in order, each until the next, out of JSON: [{"time": 0.12, "viseme": "aa"}, ...].

    Raises SoundError."""
    problem = tr(
        'visemes are a list like [{"time": 0.12, "viseme": "aa"}, ...], times in seconds and rising',
        '口型应为列表，例如 [{"time": 0.12, "viseme": "aa"}, …]，时间以秒计且递增',
    )
    if not isinstance(told, list) or len(told) > MOST:
        raise SoundError(problem)
    visemes, last = [], 0.0
    for one in told:
        time, name = (one.get("time"), one.get("viseme")) if isinstance(one, dict) else (None, None)
        if (
            isinstance(time, bool)
            or not isinstance(time, int | float)
            or not isinstance(name, str)
            or not last <= time < 1e6
        ):
            raise SoundError(problem)
        known = OTHER_NAMES.get(name.lower(), name.lower())
        if known not in VISEMES:
            raise SoundError(
                tr(
                    f"no viseme {name[:20]!r}; there are: {', '.join(VISEMES)}, a, i, u, e, o",
                    f"没有口型 {name[:20]!r}；现有：{', '.join(VISEMES)}、a、i、u、e、o",
                )
            )
        last = float(time)
        visemes.append((last, known))
    return visemes
