"""How far fields lie beside straight lines between neighbouring places."""

from collections.abc import Sequence

import numpy as np


class Bends:
    """Of places of L layers in a line: rectangles, row by row, one layer's after the other's."""

    def __init__(self, shapes: Sequence[tuple[int, int]], wanted: np.ndarray | None = None) -> None:
        """shapes: rows and columns of each layer's; wanted: (n,) bool, the places that count, all when it is left out. Those at
        edges never do."""
        middles, widths, layers, first = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0, int)], 0
        for k, (high, wide) in enumerate(shapes):
            inner = np.arange(first, first + high * wide).reshape(high, wide)[1:-1, 1:-1].reshape(-1)
            if wanted is not None:
                inner = inner[wanted[inner]]
            middles.append(inner)
            widths.append(np.full(len(inner), wide))
            layers.append(np.full(len(inner), k))
            first += high * wide
        self.middle, across, self._layer = (np.concatenate(lists) for lists in (middles, widths, layers))
        """(m,) intp: the places that count."""
        self._around = self.middle + np.stack(
            [np.full_like(across, -1), np.full_like(across, 1), -across, across]
        )
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
