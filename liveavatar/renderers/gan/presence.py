"""Where the layers' textures hold anything at all, and where they hide what lies below: asked for boxes of texels, hundreds at
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
        self._tables = np.concatenate([table.reshape(-1) for table in tables])
        """complex64: so many hold something, and so many times i are opaque; row by row, one layer's after the other's."""
        high, self._wide = np.array([table.shape for table in tables], np.int32).T
        self._last = np.stack([self._wide - 1, high - 1]).astype(np.float32)
        self._first = np.cumsum([0, *(high * self._wide)])[:-1].astype(np.int32)

    def of(self, layers: np.ndarray, least: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether there is anything of a layer's texture in each of n boxes, and whether all in it is opaque, (n,) bool each.

        layers: (n,) int, of each box; least, most: (2, n) float32, x and y of its texels, counted from the first one's middle."""
        last, wide = self._last.take(layers, axis=1), self._wide.take(layers)
        # A texel is seen from one further on each side.
        begin, end = least * (1 / GRAIN), most * (1 / GRAIN)
        begin -= 0.5 / GRAIN
        end += 1 + 1.5 / GRAIN
        whole = np.floor(end)
        whole -= np.floor(begin)
        for at in (begin, end):
            np.maximum(at, 0, out=at)
            np.minimum(at, last, out=at)
        (left, above), (right, below) = begin.astype(np.int32), end.astype(np.int32)
        for row in (above, below):
            row *= wide
            row += self._first.take(layers)
        # clipped: a network may give what is no number
        count = self._tables.take(below + right, mode="clip")
        count -= self._tables.take(below + left, mode="clip")
        count -= self._tables.take(above + right, mode="clip")
        count += self._tables.take(above + left, mode="clip")
        held = count.real > 0
        return held, held & (count.imag == whole[0] * whole[1])


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
