"""Which blocks of the picture show something of each layer: kept from frame to frame while the layers move little.

Where a layer holds anything, and where it hides what lies below, is looked up with some texels to spare, and stands until its
flow has changed by more than that. So more blocks may be drawn than need be, never less, and the picture is the same.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from liveavatar.renderers.gan.corners import Corners, Reach
from liveavatar.renderers.gan.presence import Presence


class Blocks(NamedTuple):
    """n blocks of the picture in which a layer is seen."""

    rows: np.ndarray
    columns: np.ndarray
    """(n,) intp, in the picture."""
    corners: np.ndarray
    """(n, 4) intp: upper left, upper right, lower left, lower right in the line of all corners."""
    numbers: np.ndarray
    """(n,) intp: of the blocks, in the order in which they are first drawn; 0 is none of them."""


class Seen(NamedTuple):
    """What is drawn of a layer."""

    fresh: Blocks
    """Nothing of the layers below is seen there; their numbers follow one another."""
    over: Blocks
    box: Reach
    """Round all of them."""


class Sight:
    """Of the layers of an avatar."""

    def __init__(self, presence: Presence, grid: tuple[int, int], spare: np.ndarray) -> None:
        """grid: rows and columns of the picture's blocks; spare: (L,), texels by which each layer may move before it is looked up
        anew."""
        self._presence, self._grid, self._spare = presence, grid, spare.tolist()
        self._held, self._opaque = np.zeros((2, len(spare), *grid), bool)
        self._reaches = [Reach(0, 0, 0, 0)] * len(spare)
        self._looked: list[np.ndarray] = [np.zeros((2, 0, 0), np.float32)] * len(spare)
        """The texels at all of a layer's corners, when it was looked up."""
        self._corners: Corners | None = None
        self._row, self._column = np.mgrid[: grid[0], : grid[1]].reshape(2, -1)
        self.layers: list[Seen] = []
        """What is seen of each."""
        self.numbers = np.zeros(grid, int)
        """(rows, columns): of the blocks that stand in the picture, as Blocks counts them."""

    def look(self, corners: Corners, texels: np.ndarray) -> bool:
        """Bring `layers` and `numbers` up to date; whether they changed. texels: (2, m) float32, at all corners."""
        changed = self._corners is not corners
        for k, reach in enumerate(corners.reaches):
            own = corners.every_of(k, texels)
            if reach == self._reaches[k] and self._near(k, own):
                continue
            changed |= self._look_up(k, reach, own)
        if changed:
            self._corners = corners
            self._arrange(corners)
        return changed

    def _near(self, layer: int, texels: np.ndarray) -> bool:
        """Whether a layer is nearly where it was looked up."""
        if not texels.size:
            return True
        away = texels - self._looked[layer]
        return bool(away.max() <= self._spare[layer] and away.min() >= -self._spare[layer])

    def _look_up(self, layer: int, reach: Reach, texels: np.ndarray) -> bool:
        """Whether what is held and opaque changed. texels: (2, h, w), at the corners of the blocks in reach."""
        self._reaches[layer], self._looked[layer] = reach, texels.copy()
        held, opaque = np.zeros((2, *self._grid), bool)
        if texels.size:
            ends = []
            for pick in (np.minimum, np.maximum):
                beside = pick(texels[..., :-1], texels[..., 1:])
                ends.append(pick(beside[:, :-1], beside[:, 1:]))
            least, most = ends
            least -= self._spare[layer]
            most += self._spare[layer]
            inside = slice(reach.top, reach.bottom), slice(reach.left, reach.right)
            held[inside], opaque[inside] = self._presence.of(layer, least, most)
        if np.array_equal(held, self._held[layer]) and np.array_equal(opaque, self._opaque[layer]):
            return False
        self._held[layer], self._opaque[layer] = held, opaque
        return True

    def _arrange(self, corners: Corners) -> None:
        """From what is held and opaque to `layers` and `numbers`."""
        seen = self._held.copy()
        # From above: what lies under opaque blocks is not seen. From below: the first at a place hides nothing.
        hidden, touched = np.zeros((2, *self._grid), bool)
        for shown, opaque in zip(seen[::-1], self._opaque[::-1], strict=True):
            shown &= ~hidden
            hidden |= opaque
        over = np.empty_like(seen)
        for shown, mixed in zip(seen, over, strict=True):
            np.logical_and(shown, touched, out=mixed)
            touched |= shown
        fresh = seen & ~over
        counts, layers, places = zip(*(_listed(mask) for mask in (fresh, over)), strict=True)
        self.numbers = np.zeros(self._grid, int)
        self.numbers.reshape(-1)[places[0]] = np.arange(1, len(places[0]) + 1)
        parts = [self._blocks(corners, *which) for which in zip(counts, layers, places, strict=True)]
        self.layers = [
            Seen(fresh, over, _box(seen[k], reach, stride))
            for k, (fresh, over, reach, stride) in enumerate(
                zip(*parts, corners.reaches, corners.strides, strict=True)
            )
        ]

    def _blocks(
        self, corners: Corners, counts: np.ndarray, layer: np.ndarray, place: np.ndarray
    ) -> list[Blocks]:
        """Of each layer. counts: so many are each layer's; layer, place: (n,), of each block its layer, and where in the picture
        it stands."""
        rows, columns = self._row.take(place), self._column.take(place)
        wide = np.array([reach.right - reach.left + 1 for reach in corners.reaches])
        start = np.array(
            [first - reach.left for first, reach in zip(corners.every_first, corners.reaches, strict=False)]
        )
        start -= wide * [reach.top for reach in corners.reaches]
        across = wide.take(layer)
        every = np.empty((len(place), 4), int)
        upper = every[:, 0]
        np.multiply(rows, across, out=upper)
        upper += columns
        upper += start.take(layer)
        np.add(upper, 1, out=every[:, 1])
        np.add(upper, across, out=every[:, 2])
        np.add(every[:, 2], 1, out=every[:, 3])
        numbers = self.numbers.reshape(-1).take(place)
        ends = np.cumsum([0, *counts]).tolist()
        return [Blocks(rows[a:b], columns[a:b], every[a:b], numbers[a:b]) for a, b in pairwise(ends)]


def _listed(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of (L, rows, columns) bool: how many of each layer, (L,), and of each of them its layer, and where in the picture it is."""
    flat = mask.reshape(len(mask), -1)
    counts = np.count_nonzero(flat, axis=1)
    layer = np.repeat(np.arange(len(mask)), counts)
    return counts, layer, np.flatnonzero(flat) - layer * flat.shape[1]


def _box(seen: np.ndarray, reach: Reach, stride: int) -> Reach:
    """Round the blocks that are seen, (rows, columns) bool: of the reach's corners every `stride`th."""
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        return Reach(0, 0, 0, 0)
    left, top = (
        reach[k] + (int(line[0]) - reach[k]) // stride * stride for k, line in enumerate((columns, rows))
    )
    right, bottom = (
        reach[k] + -((reach[k] - int(line[-1]) - 1) // stride) * stride
        for k, line in enumerate((columns, rows))
    )
    return Reach(left, top, right, bottom)
