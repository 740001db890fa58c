"""Inverts the forward motion of each layer: where what is seen at a place of the picture came from.

training/warp.py is the reference; this is its twin in cv2 and numpy, which tests/training/test_warp.py holds to it.

Newton's steps with slopes between neighbouring cells, three on the motion's means of four cells and one on the motion itself. cv2
looks up between cells five times as fast as ONNX Runtime's GridSample does, but only at 32nds of a cell: the last step starts
from such a place, and so loses nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

STEPS = 3
"""On means of four cells; one more follows on the motion itself, with the slopes of the last."""
STRIDE = 24.0
"""The longest of those steps, in pixels. Half of it cuts the ears of a head that turns, which lie further away. Without a limit
a full step can lead so far that it never comes back: where a lash leaves its brow, what is between them stretches threefold, and
a ghost of the lash would be seen above a closed eye."""
LEAST = 0.3
"""By how much an area may shrink in one of Newton's steps, so that none overshoots where the motion folds."""
LAID_OUT = (64.0, 0.04)
"""The same two for layers whose texture is laid out otherwise than the picture (unwrapped): they go further, shrink more, never
fold."""
WIDTH = 64
"""Places in a row: cv2 takes at most 32,767 in one."""


def limits(laid_out: bool) -> tuple[float, float]:
    """The longest step, in pixels, and the least determinant for a layer."""
    return LAID_OUT if laid_out else (STRIDE, LEAST)


class Bounds(NamedTuple):
    """Of Newton's steps, for n places: what depends on the layer of each alone."""

    least: np.ndarray
    """(n,) float32: the least determinant."""
    stride: np.ndarray
    """(2, n) float32: the longest step across and down, in cells."""
    first: tuple[np.ndarray, np.ndarray]
    """(n,) float32: in which row of all layers' means of four cells the layer's begin, and in which of their cells."""

    def of(self, places: np.ndarray) -> "Bounds":
        """Of some of the places, (k,) intp."""
        means, motion = self.first
        first = means.take(places), motion.take(places)
        return Bounds(self.least.take(places), self.stride.take(places, axis=1), first)


class Sources(NamedTuple):
    """Where what is seen at places came from, and how that changes with the place."""

    at: np.ndarray
    """(2, n) float32, as the places."""
    inverse: np.ndarray
    """(4, n) float32: the absolute values of the matrix that Newton's steps multiply by, row by row; those beside its diagonal
    are less than 0."""


class Inversion:
    """Of the motion of L layers. Places are (2, n) float32: x and y, in cells of the layer's span from the middle of its first;
    none lies beyond its last."""

    def __init__(self, cells: np.ndarray, laid_out: Sequence[bool], shape: tuple[int, int]) -> None:
        """cells: (L, 2), cells of a layer's span a pixel, across and down; laid_out: of each layer, whether its texture is."""
        stride, least = np.array([limits(unwrapped) for unwrapped in laid_out], np.float32).T
        self._stride = (stride[:, None] * cells).T.astype(np.float32)
        self._least = least
        self._means = _Field((shape[0] // 2, shape[1] // 2), len(cells))
        self._motion = _Field(shape, len(cells))

    def bounds(self, layer: np.ndarray) -> Bounds:
        """For places, (n,) int: of each its layer."""
        first = self._means.first[layer], self._motion.first[layer]
        return Bounds(self._least[layer], self._stride.take(layer, axis=1), first)

    def take(self, motion: np.ndarray) -> np.ndarray:
        """The frame's forward motion (2, L, rows, columns) float32 of what belongs to each cell, across and down, in cells.
        Returns its means of four cells, (2, L, rows / 2, columns / 2)."""
        means = cv2.resize(_flat(motion), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        means = means.reshape(*motion.shape[:2], *self._means.shape)
        right, down = _slopes(means, 1), _slopes(means, means.shape[3])
        right[0] += 1
        down[1] += 1
        self._means.take([*means, *right], [*down, *down])
        self._motion.take([*motion, *motion])
        return means

    def solve(self, places: np.ndarray, bounds: Bounds) -> Sources:
        """By the means of four cells: within a fraction of a cell."""

        def sampled(at: np.ndarray) -> list[np.ndarray]:
            among = at * 0.5
            among -= 0.25
            return self._means.sampled(among, bounds.first[0])

        at = places.copy()
        at -= sampled(places)[:2]
        for _ in range(STEPS):
            dx, dy, xx, yx, xy, yy, *_ = sampled(at)
            area = xx * yy
            area -= xy * yx
            np.maximum(area, bounds.least, out=area)
            off = at - places
            off[0] += dx
            off[1] += dy
            off /= area
            _newton_step(at, off, (yy, xy, yx, xx), bounds.stride)
        return Sources(at, np.stack([yy, xy, yx, xx]) / area)

    def refine(self, places: np.ndarray, bounds: Bounds, near: Sources) -> np.ndarray:
        """One step by the motion itself, from nearby sources: (2, n) float32, in cells."""
        at = near.at * 32
        np.rint(at, out=at)
        at /= 32
        dx, dy, *_ = self._motion.sampled(at.copy(), bounds.first[1])
        off = at - places
        off[0] += dx
        off[1] += dy
        _newton_step(at, off, near.inverse, bounds.stride)
        return at


class _Field:
    """What is looked up between cells of L layers: planes (L, rows, columns) float32, by fours: two cost cv2 twice as much."""

    def __init__(self, shape: tuple[int, int], layers: int) -> None:
        self.shape = shape
        self.first = np.arange(layers, dtype=np.float32) * shape[0]
        """In which row of all each layer begins."""
        self._fields: list[np.ndarray] = []
        self._found = np.empty((0, WIDTH, 4), np.float32)
        self._planes: list[np.ndarray] = []

    def take(self, *planes: Sequence[np.ndarray]) -> None:
        """Four planes each."""
        fours = [[_flat(plane) for plane in four] for four in planes]
        if not self._fields:  # kept from frame to frame
            self._fields = [np.empty((*four[0].shape, len(four)), np.float32) for four in fours]
        for four, field in zip(fours, self._fields, strict=True):
            cv2.merge(four, field)

    def sampled(self, at: np.ndarray, first: np.ndarray) -> list[np.ndarray]:
        """All planes at cells `at` (2, n), which is written over: (n,) float32 each, valid until the next call. first: (n,)
        float32, in which row the layer of each place begins."""
        rows, columns = self.shape
        np.maximum(at, 0, out=at)
        np.minimum(at[0], columns - 1, out=at[0])
        np.minimum(at[1], rows - 1, out=at[1])
        at[1] += first
        x, y = at.reshape(2, -1, WIDTH)
        count = len(x)
        if not count:
            return [x.reshape(-1)] * (4 * len(self._fields))
        if count > len(self._found):
            # Kept from frame to frame: fresh memory costs more than what is done in it.
            self._found = np.empty((count, WIDTH, 4), np.float32)
            self._planes = [np.empty((count, WIDTH), np.float32) for _ in range(4 * len(self._fields))]
        found, planes = self._found[:count], [plane[:count] for plane in self._planes]
        for k, field in enumerate(self._fields):
            cv2.remap(field, x, y, cv2.INTER_LINEAR, dst=found)
            cv2.split(found, planes[4 * k : 4 * k + 4])
        return [plane.reshape(-1) for plane in planes]


def _newton_step(at: np.ndarray, off: np.ndarray, inverse: Any, limit: np.ndarray) -> None:
    """One of Newton's, in place. inverse: as Sources has it, or not divided by the area while `off` is."""
    a, b, c, d = inverse
    for axis, (one, other, near, far) in enumerate(((a, b, off[0], off[1]), (d, c, off[1], off[0]))):
        step = one * near
        step -= other * far
        np.maximum(step, -limit[axis], out=step)
        at[axis] -= np.minimum(step, limit[axis], out=step)


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(-1, x.shape[-1])


def _slopes(field: np.ndarray, step: int) -> np.ndarray:
    """Of means of four cells (2, L, rows, columns), by how much they change a cell across, step 1, or down, step `columns`: half
    of what is between two neighbours, which are two cells wide; beyond the edge it goes on as at it."""
    result = np.empty_like(field)
    # In one line, which is quick; what lies beyond an edge is not what stands there, and mended.
    line = field.reshape(-1)
    np.subtract(line[2 * step :], line[: -2 * step], out=result.reshape(-1)[step:-step])
    edges = (result, field) if step == 1 else (result.swapaxes(2, 3), field.swapaxes(2, 3))
    slopes, values = edges
    np.subtract(values[..., 1], values[..., 0], out=slopes[..., 0])
    np.subtract(values[..., -1], values[..., -2], out=slopes[..., -1])
    result *= 0.25
    return result
