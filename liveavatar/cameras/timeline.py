"""The time stamps of a file as positions that rise in the clip's own rhythm, whatever the stamps do."""

CUT_S = 1.0
"""Seconds; a longer step ahead, in a clip whose pictures come more often, is a cut and not a pause."""

LEAST_S = 1e-6
"""A shorter step is none: added to a position it may be lost in rounding."""


class Timeline:
    """Positions of pictures in seconds, from 0. Stamps may be missing, repeat, jump, go back or start again."""

    def __init__(self, period: float) -> None:
        """period: usual seconds between two pictures: the step where the stamps say nothing of use."""
        self.repaired = 0
        """Places where the stamps jumped or started again."""
        self._period = period
        self._cut = max(CUT_S, 3 * period)
        self._stamp: float | None = None
        self.offset = 0.0
        """Position minus stamp of the newest picture, seconds."""
        self._position: float | None = None
        self._late = 0
        """Pictures in a row whose stamp lay no further than the position before."""

    def restart(self) -> None:
        """The stamps that follow have nothing to do with those before: another round of a loop."""
        self._stamp = None

    def position_of(self, stamp: float | None) -> float:
        """The position of the next picture, seconds: always after the one before. stamp: seconds, None: has none."""
        last, before, self._stamp = self._position, self._stamp, self._stamp if stamp is None else stamp
        if last is None:
            self.offset = -(stamp or 0.0)
            self._position = 0.0
        elif stamp is None:
            self._position = last + self._period
        elif before is None:
            self._position = last + self._period
            self.offset = self._position - stamp
        else:
            self._position = self._next(last, before, stamp)
        return self._position

    def _next(self, last: float, before: float, stamp: float) -> float:
        step = stamp + self.offset - last
        if LEAST_S < step <= self._cut:
            self._late = 0
            return last + step
        if -self._cut < step <= LEAST_S and (stamp == before or not self._late):
            # Twice the same, or one that is out of order: what follows may be right again.
            self._late += 1
            return last + (self._period / 2 if self._late == 1 else self._period)
        step = stamp - before if LEAST_S < stamp - before <= self._cut else self._period
        if self._late == 1:
            step += self._period / 2  # which the first of them was short of
        self._late = 0
        self.repaired += 1
        self.offset = last + step - stamp
        return last + step
