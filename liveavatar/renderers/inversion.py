"""Turns the forward motion of each layer round into the backward one that a warp needs: where each place comes from.

Newton's steps with slopes between neighbouring cells, three on every second cell and one on all. cv2 looks up between cells five
times as fast as ONNX Runtime's GridSample does, but only at 32nds of a cell: the last step starts from such a place, and so
loses nothing. `training.model.Generator.flows` is the same in torch, `wholegraph.flow` as an ONNX graph.
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
        fine, coarse = shape, (shape[0] // 2, shape[1] // 2)
        self._shapes = fine, coarse
        self._places = {s: np.mgrid[: s[0], : s[1]][::-1, None].astype(np.float32) for s in self._shapes}
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
        across, along = -coarse
        limit = self._stride / 2
        for _ in range(STEPS):
            (dx, dy, xx, yx), (xy, yy, *_) = (self._look(f, across, along) for f in fields)
            area = np.maximum(xx * yy - xy * yx, self._least)
            dx = (dx + across) / area
            dy = (dy + along) / area
            across = across - _within(yy * dx - xy * dy, limit[0])
            along = along - _within(xx * dy - yx * dx, limit[1])

        last = [2 * across, 2 * along, yy / area, xy / area, yx / area, xx / area]
        parts = [cv2.resize(part, (columns, rows)) for part in _merged(last).reshape(-1, *half, 6)]
        across, along, yy, xy, yx, xx = _split(np.concatenate(parts), rows)
        for start in (across, along):
            np.rint(start * 32, out=start)
            start /= 32
        dx, dy, *_ = self._look(_merged([*motion, *motion]), across, along)
        dx += across
        dy += along
        across -= _within(yy * dx - xy * dy, self._stride[0])
        along -= _within(xx * dy - yx * dx, self._stride[1])
        return np.stack([across, along]) + self._places[rows, columns]

    def _look(self, field: np.ndarray, across: np.ndarray, along: np.ndarray) -> list[np.ndarray]:
        """A field (L * rows, columns, channels) where a flow (L, rows, columns) leads: its channels, of the flow's shape each."""
        rows, columns = shape = across.shape[1:]
        x, y = self._places[shape]
        at = _merged(
            [_within(across + x, columns - 1, 0), _within(along + y, rows - 1, 0) + self._tops[shape]]
        )
        return _split(cv2.remap(field, at, _ONE_MAP, cv2.INTER_LINEAR), rows)


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(-1, x.shape[-1])


def _merged(planes: Sequence[np.ndarray]) -> np.ndarray:
    """(L, rows, columns) each -> (L * rows, columns, len(planes))."""
    return cv2.merge([_flat(p) for p in planes])


def _split(field: np.ndarray, rows: int) -> list[np.ndarray]:
    """(L * rows, columns, channels) -> (L, rows, columns) each."""
    return [plane.reshape(-1, rows, plane.shape[1]) for plane in cv2.split(field)]


def _within(x: np.ndarray, high: Any, low: Any = None) -> np.ndarray:
    """Clipped in place, to [-high, high] where no low is given; np.clip takes twice as long."""
    np.maximum(x, -high if low is None else low, out=x)
    return np.minimum(x, high, out=x)


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
