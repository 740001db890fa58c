"""How far fields lie beside straight lines between neighbouring places."""

from collections.abc import Sequence

import numpy as np


class Bends:
    """Of places of L layers in a line: rectangles, row by row, one layer's after the other's."""

    def __init__(self, shapes: Sequence[tuple[int, int]], wanted: np.ndarray | None = None) -> None:
        """shapes: rows and columns of each layer's; wanted: (n,) bool, the places that count, all when it is left out. Those at
        edges never do."""
        high, wide = np.array(shapes, int).reshape(-1, 2).T
        first = np.cumsum([0, *(high * wide)])
        layer = np.repeat(np.arange(len(shapes)), high * wide)
        across = wide.take(layer)
        row, column = np.divmod(np.arange(first[-1]) - first.take(layer), across)
        inner = (row > 0) & (row < high.take(layer) - 1) & (column > 0) & (column < across - 1)
        if wanted is not None:
            inner &= wanted
        self.middle = np.flatnonzero(inner)
        """(m,) intp: the places that count."""
        self._layer, across = layer.take(self.middle), across.take(self.middle)
        one = np.ones_like(across)
        self._around = self.middle + np.stack([-one, one, -across, across])
        self._count = len(shapes)

    def of(self, line: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
        """Root mean square of each layer, (L,): how far places lie beside the middle of two neighbours, in the mean of those that
        count. line: (2, n); counted: (m,) bool, which of them count this time."""
        here = line.take(self.middle, axis=1)
        here *= 2
        squares = np.zeros(len(self.middle), line.dtype)
        for before, after in (self._around[:2], self._around[2:]):
            bend = line.take(before, axis=1)
            bend += line.take(after, axis=1)
            bend -= here
            bend *= bend
            squares += bend[0]
            squares += bend[1]
        if counted is not None:
            squares *= counted
        totals = np.bincount(self._layer, squares, self._count)
        counts = np.bincount(self._layer, counted, self._count)
        result: np.ndarray = np.sqrt(totals / np.maximum(counts, 1) / 2) / 2
        return result
