"""Adds the modes of an avatar's motion, only where its layers hold anything: bytes that are read cost a frame the most."""

from typing import NamedTuple

import numpy as np

SPARE = 1
"""Means of four cells kept round those that hold anything."""


class _Box(NamedTuple):
    """Cells of a layer's span."""

    rows: slice
    columns: slice
    modes: np.ndarray
    """(M, 2 * h * w) float32."""


class HeldMotion:
    """Of L layers, of M modes each."""

    def __init__(self, modes: np.ndarray, held: np.ndarray) -> None:
        """modes: (L, M, 2, rows, columns) float16, cells, as avatar/dictionary.py has them; held: (L, rows / 2, columns / 2)
        bool, which of each four cells hold anything."""
        self._boxes = []
        for own, some in zip(modes, held, strict=True):
            rows, columns = (_range(some.any(axis)) for axis in (1, 0))
            kept = own[:, :, rows, columns].astype(np.float32)
            self._boxes.append(_Box(rows, columns, kept.reshape(len(own), -1)))
        self._motion = np.zeros((2, len(modes), *modes.shape[3:]), np.float32)

    def of(self, moved: np.ndarray) -> np.ndarray:
        """How far each mode of each layer goes, (L, M) float32 -> forward motion of each cell of a layer's span, across and
        down, in cells: (2, L, rows, columns) float32, the same array each time. Beyond what is held it goes on as at the edge."""
        for k, (rows, columns, modes) in enumerate(self._boxes):
            plane = self._motion[:, k]
            inner = (moved[k] @ modes).reshape(2, rows.stop - rows.start, -1)
            plane[:, rows, columns] = inner
            plane[:, rows, : columns.start] = inner[..., :1]
            plane[:, rows, columns.stop :] = inner[..., -1:]
            plane[:, : rows.start] = plane[:, rows.start, None]
            plane[:, rows.stop :] = plane[:, rows.stop - 1, None]
        return self._motion


def _range(held: np.ndarray) -> slice:
    """Of cells, two of which are one of held (n,) bool; all of them where none is."""
    at = np.flatnonzero(held)
    if not len(at):
        return slice(0, 2 * len(held))
    return slice(2 * max(int(at[0]) - SPARE, 0), 2 * min(int(at[-1]) + 1 + SPARE, len(held)))
