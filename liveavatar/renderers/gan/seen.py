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

    def __init__(
        self, presence: Presence, grid: tuple[int, int], spare: np.ndarray, off: float = 0.0
    ) -> None:
        """grid: rows and columns of the picture's blocks; spare: (L,), texels by which each layer may move before it is looked up
        anew; off: texels by which what is given may lie beside the truth."""
        self._presence, self._grid, self._spare = presence, grid, spare.astype(np.float32)
        self._off = np.float32(off)
        self._shown = np.zeros((2, len(spare) * grid[0] * grid[1] + 1), bool)
        """Of each block of each layer, whether it holds anything, and whether all in it is opaque; the last one is none."""
        self._looked = np.zeros((2, 0), np.float32)
        """The texels at all corners, each layer's from when it was looked up."""
        self._corners: Corners | None = None
        self._row, self._column = np.mgrid[: grid[0], : grid[1]].reshape(2, -1)
        self.layers: list[Seen] = []
        """What is seen of each."""
        self.numbers = np.zeros(grid, int)
        """(rows, columns): of the blocks that stand in the picture, as Blocks counts them."""

    def look(self, corners: Corners, texels: np.ndarray) -> bool:
        """Bring `layers` and `numbers` up to date; whether they changed. texels: (2, m) float32, at all corners."""
        if self._corners is not corners:
            self._shown[:] = False
            self._looked = texels.copy()
            self._look_up(corners, np.arange(texels.shape[1]), texels)
        else:
            moved = self._moved(corners, texels)
            if not len(moved):
                return False
            now = texels.take(moved, axis=1)
            self._looked[:, moved] = now
            before = self._shown.copy()
            self._look_up(corners, moved, now)
            if np.array_equal(before, self._shown):
                return False
        self._corners = corners
        self._arrange(corners)
        return True

    def _moved(self, corners: Corners, texels: np.ndarray) -> np.ndarray:
        """Places in the line of all corners, (n,) intp: those of layers that are no longer nearly where they were looked up."""
        ends = np.array(corners.every_first)
        some = np.flatnonzero(ends[1:] > ends[:-1])
        moved = np.zeros(len(ends) - 1, bool)
        if len(some):
            away = np.abs(texels - self._looked)
            farthest = np.maximum.reduceat(np.maximum(away[0], away[1]), ends[some])
            moved[some] = ~(farthest <= self._spare[some])  # what is no number has moved
        return np.flatnonzero(moved.take(corners.every_layer))

    def _look_up(self, corners: Corners, places: np.ndarray, texels: np.ndarray) -> None:
        """Bring up to date what whole layers hold. places: (n,), of their corners in the line of all; texels: (2, n), there."""
        if not len(places):
            return
        layer = corners.every_layer.take(places)
        # A block has its corner, the next one, and those a row further down.
        row = np.minimum(np.arange(len(places)) + corners.every_wide.take(layer), len(places) - 1)
        spare, ends = self._spare.take(layer) + self._off, []
        for pick in (np.minimum, np.maximum):
            beside = texels.copy()
            pick(texels[:, :-1], texels[:, 1:], out=beside[:, :-1])
            ends.append(pick(beside, beside.take(row, axis=1)))
        held, opaque = self._presence.of(layer, ends[0] - spare, ends[1] + spare)
        block = corners.block_of(self._grid).take(places)
        self._shown[0, block], self._shown[1, block] = held, opaque
        self._shown[:, -1] = False

    def _arrange(self, corners: Corners) -> None:
        """From what is held and opaque to `layers` and `numbers`."""
        held, opaques = self._shown[:, :-1].reshape(2, -1, *self._grid)
        seen = held.copy()
        # From above: what lies under opaque blocks is not seen. From below: the first at a place hides nothing.
        hidden, touched = np.zeros((2, *self._grid), bool)
        for shown, opaque in zip(seen[::-1], opaques[::-1], strict=True):
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
        wide = corners.every_wide
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
