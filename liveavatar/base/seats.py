"""Where the person sits: tells them from a face that appears elsewhere.

Faces are places and sizes here, nothing more. Reads no clock.
"""

from dataclasses import dataclass

import numpy as np

STAY_S = 3.0
"""Seconds after which a face at another place is the user."""
REACH, SPEED = 0.5, 5.0
"""Face heights, and face heights a second: what a head may move between two pictures; 5 is nearly 1 m/s."""
GROWTH, GROWING = 0.25, 2.0
"""The same for the logarithm of its size."""
LONGEST = 0.1
"""Seconds of a loss that count for these: after a longer one a face is measured like one after this."""
AROUND, ALIKE = 0.8, 0.45
"""How far from a seat, in face heights and logarithm of the size, a face still sits on it."""
FOLLOW_S = 5.0
"""Time constant, seconds, by which a seat follows the person."""
MOST = 3
"""Seats that are remembered."""


@dataclass(frozen=True)
class Place:
    """Where a face is, in any unit that is the same across and down."""

    x: float
    y: float
    size: float
    """Height of the face."""

    def near(self, other: "Place", reach: float, growth: float) -> bool:
        """Whether it is within `reach` face heights of the other, and alike in size."""
        apart = np.hypot(self.x - other.x, self.y - other.y) / min(self.size, other.size)
        return bool(apart < reach and abs(np.log(self.size / other.size)) < growth)


class Seats:
    """Follows one person among the faces that a tracker gives one at a time.

    A head that moves, however quickly, is the user's. A face that appears elsewhere is a stranger's until it has stayed
    for STAY_S; a face on a seat that is known is taken at once."""

    def __init__(self) -> None:
        self.places: dict[int, Place] = {}
        """Seats by number, the oldest first."""
        self._count = 0
        self._seat = 0
        self._last: tuple[Place, float] | None = None
        self._stranger: tuple[Place, float] | None = None
        self._since = 0.0

    @property
    def seat(self) -> Place | None:
        """Where the user sat last; None before there was any."""
        return self.places.get(self._seat)

    def take(self, place: Place, time: float) -> int | None:
        """The number of the seat of the face at this place; None while it is a stranger's. time: seconds, rising."""
        if self._last is None:
            return self._sit(place, time)
        if _moved(self._last, place, time):
            return self._follow(place, time)
        for number, seat in self.places.items():
            if place.near(seat, AROUND, ALIKE):
                self._seat = number
                return self._follow(place, time)
        if self._stranger is None or not _moved(self._stranger, place, time):
            self._since = time
        self._stranger = place, time
        return self._sit(place, time) if time - self._since >= STAY_S else None

    def _sit(self, place: Place, time: float) -> int:
        """A new seat."""
        self._count += 1
        self._seat = self._count
        self.places[self._seat] = place
        if len(self.places) > MOST:
            del self.places[min(self.places)]
        return self._follow(place, time)

    def _follow(self, place: Place, time: float) -> int:
        seat = self.places[self._seat]
        dt = time - self._last[1] if self._last else 0.0
        share = 1 - np.exp(-min(max(dt, 0.0), 0.2) / FOLLOW_S)
        x, y, size = (
            float(a + share * (b - a))
            for a, b in ((seat.x, place.x), (seat.y, place.y), (seat.size, place.size))
        )
        self.places[self._seat] = Place(x, y, size)
        self._last, self._stranger = (place, time), None
        return self._seat


def _moved(last: tuple[Place, float], place: Place, time: float) -> bool:
    """Whether a head may have come from the last place to this one."""
    dt = min(max(time - last[1], 0.0), LONGEST)
    return place.near(last[0], REACH + SPEED * dt, GROWTH + GROWING * dt)
