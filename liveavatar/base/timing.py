"""The clock, and what is made of it: pacing, ages, rates. Only this module and cameras/ read the clock."""

import math
import time
from collections import deque
from collections.abc import Iterable
from datetime import datetime

now = time.perf_counter
"""Seconds on a monotonic clock, fine on every system (time.monotonic ticks in 16 ms on older Windows).

The same clock for camera timestamps and ages, or they cannot be compared."""

wall_clock = datetime.now
"""The time of day, for showing only."""

process_seconds = time.process_time
"""CPU seconds this process has used, all threads together."""


def percentile(values: Iterable[float], percent: float) -> float:
    """The nearest-rank percentile, 0 < percent <= 100; NaN without values."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


class Pacer:
    """Wakes its caller at a steady rate.

    Deadlines are start + n * period, so errors of single sleeps do not add up. Whoever is late is not made
    to hurry: missed deadlines are skipped and counted, never caught up in a burst.
    """

    def __init__(self, fps: float) -> None:
        if not fps > 0:
            raise ValueError(f"fps must be above 0, got {fps}")
        self.period = 1.0 / fps
        """Seconds."""
        self.missed = 0
        """Deadlines that passed while the caller was busy."""
        self._due: float | None = None

    def wait(self) -> float:
        """Sleep until the next deadline; returns it, seconds. The first call returns at once."""
        current = now()
        if self._due is None:
            self._due = current
        else:
            self._due += self.period
            late = int((current - self._due) / self.period)
            if late > 0:
                self.missed += late
                self._due += late * self.period
        while (rest := self._due - now()) > 0:
            time.sleep(rest)
        return self._due

    def shift(self, seconds: float) -> None:
        """Move all further deadlines later (or earlier, below 0)."""
        if self._due is not None:
            self._due += seconds


class Ages:
    """Collects durations and tells their percentiles; keeps the newest 20,000, about 11 minutes at 30 fps."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=20_000)
        self.count = 0

    def add(self, seconds: float) -> None:
        """Take in one duration, seconds."""
        self._seconds.append(seconds)
        self.count += 1

    def ms(self, percent: float, last: int | None = None) -> float:
        """A percentile in milliseconds, of all or of the `last` values; NaN without values."""
        values = list(self._seconds)
        return 1000 * percentile(values if last is None else values[-last:], percent)

    def summary(self) -> dict[str, float]:
        """p50, p95 and p99, milliseconds."""
        return {f"p{p}": round(self.ms(p), 2) for p in (50, 95, 99)}


class Rate:
    """Events per second over the last two seconds."""

    WINDOW = 2.0

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def add(self, at: float) -> None:
        """An event at this time, seconds, never decreasing."""
        self._times.append(at)
        while self._times[-1] - self._times[0] > self.WINDOW:
            self._times.popleft()

    @property
    def fps(self) -> float:
        """0.0 until there are two events."""
        if len(self._times) < 2 or self._times[-1] == self._times[0]:
            return 0.0
        return (len(self._times) - 1) / (self._times[-1] - self._times[0])


class PhaseLock:
    """Tells how far to shift a Pacer so that its deadlines fall just after the pictures are ready.

    Camera and output tick at nearly the same rate with any phase between them: without a lock a finished
    picture waits half a period on average. Aims at TARGET between the latest picture of the last second and
    the deadline, so ordinary jitter repeats no picture.
    """

    TARGET = 0.003
    GAIN = 0.2
    """Share of the error corrected in each period. In simulation (tests/test_timing.py) clocks that differ by
    0.1 % are followed closely; at 1 % repeats remain."""
    STEP = 0.0005
    """Largest shift in one period, seconds: 1.5 % at 30 fps."""

    def __init__(self, period: float) -> None:
        count = max(1, round(1 / period))
        self._waits: deque[float] = deque(maxlen=count)
        self._missed: deque[bool] = deque(maxlen=2 * count)

    def ready(self, waited: float) -> float:
        """A picture had waited this long at the deadline, seconds. Returns the shift, seconds."""
        self._missed.append(False)
        self._waits.append(waited)
        return self._moved(-self.GAIN * (min(self._waits) - self.TARGET))

    def missed(self) -> float:
        """No new picture was there at the deadline. Returns the shift, seconds.

        A source slower than the output misses often and by nature: there is nothing to follow then."""
        self._missed.append(True)
        return self._moved(self.STEP)

    def _moved(self, shift: float) -> float:
        if sum(self._missed) > 0.25 * len(self._missed):
            return 0.0
        shift = min(max(shift, -self.STEP), self.STEP)
        self._waits = deque((wait + shift for wait in self._waits), self._waits.maxlen)
        return shift
