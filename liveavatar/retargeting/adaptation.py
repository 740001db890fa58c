"""What is neutral for this person, and how far each value goes: fitted in the first seconds, then refined.

Holds numbers, not meanings: retargeter.py gives the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liveavatar.types import Face

FIRST_S = 4.0
"""Seconds of faces out of which the calmest give the first neutral."""


@dataclass(frozen=True)
class Row:
    """One value that is fitted to the person."""

    full: float
    """How far it goes from neutral in a full expression of an average person, in its own unit."""
    low: float
    high: float
    """Where a neutral may lie; a start that is not neutral does less harm so."""
    quantile: float = 0.5
    """Which quantile of the past is neutral: .5 for values that go both ways, less where they only rise."""


class Neutral:
    """The neutral of every row, by running quantiles.

    A running quantile q moves up by q and down by 1 - q for each sample above or below it: Robbins and
    Monro's stochastic approximation. No memory of the samples, and outliers count no more than others."""

    def __init__(self, rows: list[Row]) -> None:
        self._full = np.array([row.full for row in rows])
        self._low, self._high = (np.array([getattr(row, k) for row in rows]) for k in ("low", "high"))
        self._quantile = np.array([row.quantile for row in rows])
        self._age = 0.0
        self.value = np.clip(np.zeros(len(rows)), self._low, self._high)

    def start(self, samples: np.ndarray, which: np.ndarray | None = None) -> None:
        """Take the neutral from these (k, n) calm samples: about their median. which (n,) bool: of these rows only."""
        order = np.sort(samples, axis=0)
        at = np.rint(self._quantile.clip(0.4, 0.8) * (len(samples) - 1)).astype(int)
        found = np.clip(order[at, np.arange(order.shape[1])], self._low, self._high)
        self.value = found if which is None else np.where(which, found, self.value)

    def resume(self, values: Sequence[float]) -> None:
        """Begin with these values for the first rows, found earlier: they are refined slowly from the start."""
        found = np.clip(values, self._low[: len(values)], self._high[: len(values)])
        self.value = np.concatenate([found, self.value[len(values) :]])
        self._age = np.inf

    def update(self, sample: np.ndarray, dt: float, steady: np.ndarray) -> None:
        """sample (n,), dt seconds since the last one; steady (n,) bool: rows that may learn from it."""
        self._age += dt
        # Quick while a bad start may have to be mended, then a hundredth of the range a second.
        rate = self._full * (0.01 + 0.06 * np.exp(-self._age / 8.0))
        step = np.where(sample > self.value, self._quantile, self._quantile - 1)
        # No chatter around the quantile: within 2 % of the range the step shrinks with the distance.
        step *= np.minimum(1.0, np.abs(sample - self.value) / (0.02 * self._full))
        self.value = np.clip(self.value + rate * dt * step * steady, self._low, self._high)


class Reach:
    """How far this person goes, per row, as a share of the average person's full expression.

    The running 90 % quantile of the moments in which the expression is clearly in use, so that a face at rest
    teaches nothing."""

    USUAL = 0.85
    """Of a person of whom nothing is known."""

    def __init__(
        self,
        count: int,
        least: np.ndarray | float = 0.55,
        most: np.ndarray | float = 1.25,
        start: np.ndarray | float = USUAL,
        pace: float = 1.0,
    ) -> None:
        """count: rows. least, most: bounds. start: the first values. pace: below 1 it learns more slowly."""
        self._least, self._most, self._pace = least, most, pace
        self.value = np.full(count, start, np.float64)

    def update(self, share: np.ndarray, dt: float) -> None:
        """share (n,): what the expression is now, 1 for an average person's full one."""
        used = share > 0.35 * self.value
        step = np.where(share > self.value, 0.9, -0.1) * used
        self.value = np.clip(self.value + 0.25 * self._pace * dt * step, self._least, self._most)


class Calm:
    """The calmest faces of the first seconds: people sit down, talk and blink when a camera starts."""

    KEEP = 24
    """Faces; about a second's worth."""

    def __init__(self) -> None:
        self._faces: list[tuple[float, Face]] = []
        self._age = 0.0
        self._next = 0.0

    def add(self, unrest: float, face: Face, dt: float) -> bool:
        """Offer a face and how unrestful it is. True when it is time to take the neutral
        anew: often at first, then twice a second, never after FIRST_S."""
        if self._age > FIRST_S:
            return False
        self._age += dt
        if self._age > FIRST_S:
            self._faces.clear()
            return False
        self._faces.append((unrest, face))
        if len(self._faces) > self.KEEP:
            # Out goes the least calm one, were it the newest.
            del self._faces[int(np.argmax([unrest for unrest, _ in self._faces]))]
        if self._age < self._next:
            return False
        self._next = self._age + (0.1 if self._age < 0.7 else 0.5)
        return True

    @property
    def faces(self) -> list[Face]:
        """The faces kept."""
        return [face for _, face in self._faces]
