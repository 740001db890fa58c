"""Expressions between tracked ones, for an output that is quicker than the camera. Reads no clock.

Between two expressions one can only be once both are there, so what is shown lies behind. By how much is measured, not set: the
delay is what lets nearly every picture lie between two tracked ones, as they come. Where the pictures' times are locked to
the tracked ones, that is one camera period less one output period after the newest: 17 ms for 60 fps of a camera's 30.
"""

from collections import deque
from dataclasses import replace

import numpy as np

from liveavatar.base.timing import percentile
from liveavatar.types import Expression

WINDOW = 90
"""Pictures by which the delay is measured."""
COVERED = 95.0
"""Percent of the pictures that shall lie between two expressions; the others show the newest one: benchmarks/suite/judder.py."""
LONGEST = 1.5
"""Camera periods of delay behind the quickest arrival. What comes later is not waited for, or all that follows would be late."""
SLOW, FAST = 0.8, 1.25
"""How far the motion's speed may differ from the true one while it comes nearer to the delay it should have."""
JUMP = 0.25
"""Seconds, from which on it jumps instead."""
TRUST = 0.15
"""Share of a capture time's deviation from the camera's rhythm that is believed: times are stamped late by whatever the thread
that reads waited for, and motion played by such times would be uneven."""
RHYTHM = 0.25
"""Camera periods from which on a deviation is none of the stamp's but the camera's: all of it is believed."""


class Interpolation:
    """What to show at any time, of expressions that come one by one."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, Expression]] = deque(maxlen=8)
        """With the capture times as the camera's rhythm has them, rising."""
        self._lags: deque[float] = deque(maxlen=WINDOW)
        """Of each picture: seconds from the newest expression's capture to the picture."""
        self._period = 0.0
        """Between two captures, seconds; 0 until there are two."""
        self._shown: float | None = None
        """The capture time that was shown last, and when that was."""
        self._asked = 0.0

    def reset(self) -> None:
        """Forget the expressions: something else was shown. What is known of the delay stays."""
        self._kept.clear()
        self._shown = None

    def add(self, expression: Expression) -> None:
        """The next tracked one. One from before the last, of a camera whose clock began again, is a new beginning."""
        captured = expression.time
        if self._kept and captured <= self._kept[-1][1].time:
            self.reset()
        if self._kept:
            captured = self._in_rhythm(captured)
        self._kept.append((captured, expression))

    def _in_rhythm(self, captured: float) -> float:
        """The capture time without most of its jitter, after the last one; seconds."""
        last = self._kept[-1][0]
        step = captured - last
        if not self._period:
            self._period = step
        steps = max(1, round(step / self._period))  # those between were dropped
        error = step - steps * self._period
        if abs(error) > RHYTHM * self._period:
            self._period += 0.1 * (step - self._period)
            return max(captured, last + 1e-4)
        self._period += 0.05 * error / steps
        return last + steps * self._period + TRUST * error

    def at(self, time: float) -> Expression | None:
        """What to show at `time`, seconds, never decreasing; None while there is nothing. Its time is the capture time that it
        shows, between those of the two that it lies between."""
        if not self._kept:
            return None
        newest = self._kept[-1][0]
        self._lags.append(time - newest)
        target = time - self._delay()
        if self._shown is None or abs(target - self._shown) > JUMP:
            self._shown = target
        else:
            passed = time - self._asked
            self._shown += min(max(target - self._shown, SLOW * passed), FAST * passed)
        self._shown, self._asked = min(self._shown, newest), time
        return self._between(self._shown)

    @property
    def done(self) -> bool:
        """The newest expression is shown."""
        return not self._kept or self._shown == self._kept[-1][0]

    def _delay(self) -> float:
        """Seconds from the capture that is shown to the picture."""
        longest = min(self._lags) + LONGEST * self._period
        return percentile((lag for lag in self._lags if lag <= longest), COVERED)

    def _between(self, captured: float) -> Expression:
        after = self._kept[0]
        for before, after in zip(self._kept, list(self._kept)[1:], strict=False):
            if captured < after[0]:
                return between(before[1], after[1], (captured - before[0]) / (after[0] - before[0]))
        return after[1]


def between(first: Expression, second: Expression, share: float) -> Expression:
    """The expression at this share of the way from the first, 0, to the second, 1; also of the way from capture to capture."""
    if share <= 0 or share >= 1:
        return first if share <= 0 else second
    motion = second.motion
    if first.motion is not None and motion is not None:
        motion = first.motion + np.float32(share) * (motion - first.motion)
    return replace(
        second,
        controls=first.controls + np.float32(share) * (second.controls - first.controls),
        time=first.time + share * (second.time - first.time),
        x=first.x + share * (second.x - first.x),
        y=first.y + share * (second.y - first.y),
        scale=first.scale + share * (second.scale - first.scale),
        motion=motion,
    )
