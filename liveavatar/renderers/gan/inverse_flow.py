"""Turns the forward motion of each layer round into the backward one that a warp needs: where each place comes from.

Newton's steps with slopes between neighbouring cells, three on every second cell and one on all. cv2 looks up between cells five
times as fast as ONNX Runtime's GridSample does, but only at 32nds of a cell: the last step starts from such a place, and so
loses nothing. The reference is `training.warp.Warp.flow`, in torch; `gpu_flow.flow` is the same as an ONNX graph.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

STEPS = 3
"""On every second cell; one more follows on all, with the slopes of the last."""
STRIDE = 12.0
"""The longest of those steps, in pixels: where a lash leaves its brow, what is between them stretches threefold, and a full step
can lead so far that it never comes back; then a ghost of the lash is seen above a closed eye."""
LEAST = 0.3
"""By how much an area may shrink in one of Newton's steps, so that none overshoots where the motion folds."""
LAID_OUT = (64.0, 0.04)
"""The same two for layers whose sheet is laid out otherwise than the picture: they go further, shrink more and never fold."""
_ONE_MAP: Any = None  # remap: x and y come in the first map


def limits(laid_out: bool) -> tuple[float, float]:
    """The longest step, in pixels, and the least determinant for a layer."""
    return LAID_OUT if laid_out else (STRIDE, LEAST)


class Inversion:
    """Of L layers with cells of one shape (rows, columns), both even."""

    def __init__(self, cells: np.ndarray, laid_out: Sequence[bool], shape: tuple[int, int]) -> None:
        """cells: (L, 2), how many cells of a layer's span a pixel is, across and down."""
        stride, least = np.array([limits(own) for own in laid_out], np.float32).T
        self._stride = (stride[:, None] * cells).T[..., None, None].astype(np.float32)
        self._least = least[:, None, None]
        self._shapes = shape, (shape[0] // 2, shape[1] // 2)
        self._places = {s: np.mgrid[: s[0], : s[1]][::-1, None].astype(np.float32) for s in self._shapes}
        self._ends = {s: place.max((2, 3), keepdims=True) for s, place in self._places.items()}
        self._tops = {s: np.arange(len(cells), dtype=np.float32)[:, None, None] * s[0] for s in self._shapes}

    def __call__(self, motion: np.ndarray) -> np.ndarray:
        """motion: (2, L, rows, columns) float32, how far what belongs to each cell goes, across and down, in cells. Returns the
        same shape: in which cell, counted from the first one's middle, what is seen at each cell's middle was."""
        (rows, columns), half = self._shapes
        coarse = cv2.resize(_flat(motion), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        coarse = coarse.reshape(*motion.shape[:2], *half) / 2
        right, down = _slopes(coarse, -1), _slopes(coarse, -2)
        right[0] += 1
        down[1] += 1
        # Four channels: two cost cv2 twice as much.
        fields = _merged([*coarse, *right]), _merged([*down, *down])
        place, limit = self._places[half], self._stride / 2
        at = place - coarse
        for _ in range(STEPS):
            (dx, dy, xx, yx), (xy, yy, *_) = self._look(fields, at)
            area = xx * yy
            area -= xy * yx
            np.maximum(area, self._least, out=area)
            miss = at - place
            miss[0] += dx
            miss[1] += dy
            miss /= area
            _step(at, miss, (yy, xy, yx, xx), limit)

        inverse = (part / area for part in (yy, xy, yx, xx))
        last = _merged([*(2 * (at - place)), *inverse]).reshape(-1, *half, 6)
        fine = np.empty((len(last), rows, columns, 6), np.float32)
        for part, enlarged in zip(last, fine, strict=True):
            cv2.resize(part, (columns, rows), dst=enlarged)
        across, along, *matrix = _split(fine.reshape(-1, columns, 6), rows)
        place = self._places[rows, columns]
        at = np.stack([across, along])
        at *= 32
        np.rint(at, out=at)
        at /= 32
        miss = at.copy()
        at += place
        [(dx, dy, *_)] = self._look([_merged([*motion, *motion])], at)
        miss[0] += dx
        miss[1] += dy
        _step(at, miss, matrix, self._stride)
        return at

    def _look(self, fields: Sequence[np.ndarray], at: np.ndarray) -> list[list[np.ndarray]]:
        """The channels of each field (L * rows, columns, channels) at positions `at`, (2, L, rows, columns) in cells."""
        shape = at.shape[2:]
        x, y = np.minimum(np.maximum(at, 0), self._ends[shape])
        y += self._tops[shape]
        where = _merged([x, y])
        return [_split(cv2.remap(f, where, _ONE_MAP, cv2.INTER_LINEAR), shape[0]) for f in fields]


def _step(at: np.ndarray, miss: np.ndarray, matrix: Sequence[np.ndarray], limit: np.ndarray) -> None:
    """One of Newton's, in place. matrix: the absolute values of the inverse, row by row, whose other diagonal is less than 0."""
    a, b, c, d = matrix
    for axis, far in enumerate((a * miss[0] - b * miss[1], d * miss[1] - c * miss[0])):
        np.maximum(far, -limit[axis], out=far)
        at[axis] -= np.minimum(far, limit[axis], out=far)


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(-1, x.shape[-1])


def _merged(planes: Sequence[np.ndarray]) -> np.ndarray:
    """(L, rows, columns) each -> (L * rows, columns, len(planes))."""
    return cv2.merge([_flat(p) for p in planes])


def _split(field: np.ndarray, rows: int) -> list[np.ndarray]:
    """(L * rows, columns, channels) -> (L, rows, columns) each."""
    return [plane.reshape(-1, rows, plane.shape[1]) for plane in cv2.split(field)]


def _slopes(field: np.ndarray, axis: int) -> np.ndarray:
    """Half of what is between a cell's two neighbours; beyond the edge it goes on as at it."""
    moved = np.swapaxes(field, axis, -1)
    result = np.empty_like(field)
    steep = np.swapaxes(result, axis, -1)
    np.subtract(moved[..., 2:], moved[..., :-2], out=steep[..., 1:-1])
    np.subtract(moved[..., 1], moved[..., 0], out=steep[..., 0])
    np.subtract(moved[..., -1], moved[..., -2], out=steep[..., -1])
    result /= 2
    return result
