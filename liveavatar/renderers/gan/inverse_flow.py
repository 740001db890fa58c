"""Inverts the forward motion of each layer into the backward flow that a warp needs: where each place comes from.

training/warp.py is the reference; this is its twin in cv2 and numpy, gpu_flow.py the one in ONNX nodes, and
tests/training/test_warp.py holds both to it.

Newton's steps with slopes between neighbouring cells, three on every second cell and one on all. cv2 looks up between cells five
times as fast as ONNX Runtime's GridSample does, but only at 32nds of a cell: the last step starts from such a place, and so
loses nothing.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

STEPS = 3
"""On every second cell; one more follows on all, with the slopes of the last."""
STRIDE = 24.0
"""The longest of those steps, in pixels. Half of it cuts the ears of a head that turns, which lie further away. Without a limit
a full step can lead so far that it never comes back: where a lash leaves its brow, what is between them stretches threefold, and
a ghost of the lash would be seen above a closed eye."""
LEAST = 0.3
"""By how much an area may shrink in one of Newton's steps, so that none overshoots where the motion folds."""
LAID_OUT = (64.0, 0.04)
"""The same two for layers whose texture is laid out otherwise than the picture (unwrapped): they go further, shrink more, never
fold."""
_NO_MAP: Any = None  # cv2.remap: x and y come in the first map


def limits(laid_out: bool) -> tuple[float, float]:
    """The longest step, in pixels, and the least determinant for a layer."""
    return LAID_OUT if laid_out else (STRIDE, LEAST)


class Inversion:
    """Of L layers with cells of one shape (rows, columns), both even."""

    def __init__(self, cells: np.ndarray, laid_out: Sequence[bool], shape: tuple[int, int]) -> None:
        """cells: (L, 2), cells of a layer's span a pixel, across and down; laid_out: of each layer, whether its texture is."""
        stride, least = np.array([limits(unwrapped) for unwrapped in laid_out], np.float32).T
        self._stride = (stride[:, None] * cells).T[..., None, None].astype(np.float32)
        self._least = least[:, None, None]
        self._shapes = shape, (shape[0] // 2, shape[1] // 2)
        self._grids = {s: np.mgrid[: s[0], : s[1]][::-1, None].astype(np.float32) for s in self._shapes}
        self._last = {s: grid.max((2, 3), keepdims=True) for s, grid in self._grids.items()}
        self._first_rows = {
            s: np.arange(len(cells), dtype=np.float32)[:, None, None] * s[0] for s in self._shapes
        }

    def __call__(self, motion: np.ndarray) -> np.ndarray:
        """Forward motion (2, L, rows, columns) float32 of what belongs to each cell, across and down, in cells -> of the same
        shape and type, where what is seen at each cell's middle came from, in cells counted from the first one's middle."""
        (rows, columns), half = self._shapes
        coarse = cv2.resize(_flat(motion), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        coarse = coarse.reshape(*motion.shape[:2], *half) / 2
        right, down = _slopes(coarse, -1), _slopes(coarse, -2)
        right[0] += 1
        down[1] += 1
        # Four channels: two cost cv2 twice as much.
        fields = _merged([*coarse, *right]), _merged([*down, *down])
        grid, limit = self._grids[half], self._stride / 2
        at = grid - coarse
        for _ in range(STEPS):
            (dx, dy, xx, yx), (xy, yy, *_) = self._sample(fields, at)
            area = xx * yy
            area -= xy * yx
            np.maximum(area, self._least, out=area)
            residual = at - grid
            residual[0] += dx
            residual[1] += dy
            residual /= area
            _newton_step(at, residual, (yy, xy, yx, xx), limit)

        inverse = (part / area for part in (yy, xy, yx, xx))
        last = _merged([*(2 * (at - grid)), *inverse]).reshape(-1, *half, 6)
        fine = np.empty((len(last), rows, columns, 6), np.float32)
        for part, enlarged in zip(last, fine, strict=True):
            cv2.resize(part, (columns, rows), dst=enlarged)
        across, down, *matrix = _split(fine.reshape(-1, columns, 6), rows)
        grid = self._grids[rows, columns]
        at = np.stack([across, down])
        at *= 32
        np.rint(at, out=at)
        at /= 32
        residual = at.copy()
        at += grid
        [(dx, dy, *_)] = self._sample([_merged([*motion, *motion])], at)
        residual[0] += dx
        residual[1] += dy
        _newton_step(at, residual, matrix, self._stride)
        return at

    def _sample(self, fields: Sequence[np.ndarray], at: np.ndarray) -> list[list[np.ndarray]]:
        """The channels of each field (L * rows, columns, channels) at positions `at`, (2, L, rows, columns) in cells."""
        shape = at.shape[2:]
        x, y = np.minimum(np.maximum(at, 0), self._last[shape])
        y += self._first_rows[shape]
        positions = _merged([x, y])
        return [_split(cv2.remap(f, positions, _NO_MAP, cv2.INTER_LINEAR), shape[0]) for f in fields]


def _newton_step(
    at: np.ndarray, residual: np.ndarray, matrix: Sequence[np.ndarray], limit: np.ndarray
) -> None:
    """One of Newton's, in place. matrix: the absolute values of the inverse, row by row, whose other diagonal is less than 0."""
    a, b, c, d = matrix
    for axis, step in enumerate((a * residual[0] - b * residual[1], d * residual[1] - c * residual[0])):
        np.maximum(step, -limit[axis], out=step)
        at[axis] -= np.minimum(step, limit[axis], out=step)


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
