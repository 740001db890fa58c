"""Where the layers' textures hold anything at all, and where they hide what lies below: asked for boxes of texels, thousands at
once."""

from collections.abc import Sequence

import numpy as np

GRAIN = 4
"""Texels to a side of what is kept as one."""


class Presence:
    """Of the textures of L layers."""

    def __init__(self, held: Sequence[np.ndarray], opaque: Sequence[np.ndarray]) -> None:
        """Of each texture, (h, w) bool: which texels may be other than transparent, and which are opaque in every frame."""
        tables = [_table(*pair) for pair in zip(held, opaque, strict=True)]
        self._table = np.concatenate([table.reshape(-1) for table in tables])
        """complex64: so many hold something, and so many times i are opaque."""
        sizes = [table.size for table in tables]
        self._first = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
        self._width = np.array([table.shape[1] for table in tables], np.int32)
        self._limit = np.array([[table.shape[k] - 1 for table in tables] for k in (1, 0)], np.float32)

    def of(self, least: np.ndarray, most: np.ndarray, counts: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Whether there is anything in boxes, and whether all in them is opaque, (n,) bool each. least, most: (2, n) float32, x
        and y of their texels, counted from the first one's middle; counts: so many boxes lie on each texture, in order."""
        # A texel is seen from one further on each side.
        begin, end = least * (1 / GRAIN), most * (1 / GRAIN)
        begin -= 0.5 / GRAIN
        end += 1 + 1.5 / GRAIN
        wide, high = np.floor(end) - np.floor(begin)
        limit = np.repeat(self._limit, counts, axis=1)
        for at in (begin, end):
            np.maximum(at, 0, out=at)
            np.minimum(at, limit, out=at)
        (left, above), (right, below) = begin.astype(np.int32), end.astype(np.int32)
        width, first = np.repeat(self._width, counts), np.repeat(self._first, counts)
        above *= width
        above += first
        below *= width
        below += first
        table = self._table  # clipped: a network may give what is no number
        count = table.take(below + right, mode="clip")
        count -= table.take(below + left, mode="clip")
        count -= table.take(above + right, mode="clip")
        count += table.take(above + left, mode="clip")
        held = count.real > 0
        return held, held & (count.imag == wide * high)


def _table(held: np.ndarray, opaque: np.ndarray) -> np.ndarray:
    """(h, w) -> (h / GRAIN + 1, w / GRAIN + 1) complex64: how many lie above and to the left of each corner."""
    high, wide = (-(-n // GRAIN) for n in held.shape)
    table = np.zeros((high + 1, wide + 1), np.complex64)
    for values, one, every in ((table.real, held, np.any), (table.imag, opaque, np.all)):
        whole = np.zeros((high * GRAIN, wide * GRAIN), bool)
        whole[: one.shape[0], : one.shape[1]] = one
        coarse = every(whole.reshape(high, GRAIN, wide, GRAIN), axis=(1, 3))
        values[1:, 1:] = coarse.cumsum(0).cumsum(1)
    return table
