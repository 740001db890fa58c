"""What is drawn next, and when: each expression as it is tracked, one for each picture of a quicker output, or idling."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from liveavatar.base.mailbox import Mailbox
from liveavatar.base.timing import Pacer, PhaseLock, now, percentile
from liveavatar.live.interpolation import Interpolation
from liveavatar.live.performer import Performer
from liveavatar.live.stillness import moved
from liveavatar.types import Expression

IDLE_AFTER = 0.3
"""Seconds without anything from the camera until the avatar idles by itself, where pictures come quickly."""
SLOWEST = 2.0
"""Seconds between two pictures of a machine so slow that the avatar had better idle in between."""
DRAWS = 15
"""Pictures by which the time to draw one is judged."""
BEGINS, STAYS = 0.6, 0.85
"""Share of the period in which a picture must be drawn for one in each to begin, and to go on: the tracker works beside."""
WAITS = 5.0, 80.0
"""Seconds until one in each is tried again that did not go on: at first, and at most; each time it is twice as long."""


@dataclass(frozen=True)
class Tracked:
    """An expression, as the tracker's thread hands it on."""

    expression: Expression
    ready: float
    """Seconds, when it was there."""


@dataclass(frozen=True)
class Cue:
    """What to draw."""

    expression: Expression
    driven: bool
    """From the camera, not from idling."""


class Cues:
    """The cues of one renderer, for its thread."""

    def __init__(self, tracked: Mailbox[Tracked], performer: Performer, period: float) -> None:
        """period: seconds between the frames that are sent."""
        self._tracked, self._performer = tracked, performer
        self._period = period
        self._pacer, self._lock = Pacer(1 / period), PhaseLock(period)
        self._interpolation = Interpolation()
        self._driven_at, self._patience = -np.inf, IDLE_AFTER
        self._drawn: Expression | None = None
        self._draws: deque[float] = deque(maxlen=DRAWS)
        self.quick: bool | None = None
        """A picture is drawn in so little time that there can be one for each frame; None until that is known."""
        self._wait, self._not_before = WAITS[0], -np.inf

    def unmoved(self, cue: Cue) -> bool:
        """Whether its picture would look like the one that was drawn last."""
        return self._drawn is not None and not moved(self._drawn, cue.expression)

    def drew(self, cue: Cue, seconds: float) -> None:
        """Its picture was drawn, in so many seconds."""
        self._drawn = cue.expression
        self._draws.append(seconds)
        if len(self._draws) < DRAWS // 3:
            return
        quick = percentile(self._draws, 50) <= (STAYS if self.quick else BEGINS) * self._period
        if self.quick and not quick:  # one in each takes longer than half as many did: not again at once
            self._not_before = now() + self._wait
            self._wait = min(2 * self._wait, WAITS[1])
        self.quick = quick and now() >= self._not_before

    def next(self, between: bool) -> Cue | None:
        """The next one, after a period at most; None: there is nothing new to draw. Raises how the tracked ones end.

        between: one for each frame that is sent, between tracked ones; else each tracked one as it comes."""
        expression = self._interpolated() if between else self._newest()
        if expression is not None:
            return Cue(self._performer.finish(expression), True)
        if now() - self._driven_at < self._patience:
            return None
        self._interpolation.reset()
        return Cue(self._performer.finish(self._performer.idle(now())), False)

    def _newest(self) -> Expression | None:
        self._interpolation.reset()
        tracked = self._take(self._period)
        return None if tracked is None else tracked.expression

    def _interpolated(self) -> Expression | None:
        """As drawn at the next of evenly spaced times, which keep close behind the tracked ones. None where nothing moved on."""
        at = self._pacer.wait()
        held = self._interpolation.done
        try:
            tracked = self._take(0.0)
        except BaseException:
            if held:
                raise
            tracked = None  # the last ones are still to be shown
        if tracked is not None:
            self._interpolation.add(tracked.expression)
            self._pacer.shift(self._lock.ready(at - tracked.ready))
        expression = self._interpolation.at(at)
        return None if held and tracked is None else expression

    def _take(self, timeout: float) -> Tracked | None:
        tracked = self._tracked.take(timeout)
        if tracked is not None:
            # A tracker that needs half a second a picture is slow, not gone.
            gap = now() - self._driven_at
            if gap < SLOWEST:
                self._patience = max(IDLE_AFTER, 2 * gap)
            self._driven_at = now()
        return tracked
