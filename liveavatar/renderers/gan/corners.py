"""Where in the picture the flow of layers is found: at the corners of the blocks that each layer reaches."""

from typing import NamedTuple

import numpy as np

from liveavatar.renderers.gan.inverse_flow import WIDTH


class Reach(NamedTuple):
    """The blocks of the picture that a layer reaches: a rectangle, counted in blocks."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def corners(self) -> tuple[int, int]:
        """Rows and columns of their corners; none where there is no block."""
        empty = self.right <= self.left or self.bottom <= self.top
        return (0, 0) if empty else (self.bottom - self.top + 1, self.right - self.left + 1)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the picture's blocks."""
        high, wide = self.corners
        return slice(self.top, self.top + max(high - 1, 0)), slice(self.left, self.left + max(wide - 1, 0))


class Corners:
    """Those of all layers in one line, made up to a multiple of WIDTH."""

    def __init__(self, reaches: tuple[Reach, ...]) -> None:
        """reaches: of each layer."""
        self.reaches = reaches
        shapes = [reach.corners for reach in reaches]
        self.counts = [high * wide for high, wide in shapes]
        """Of each layer's, which lie row by row; what the line is made up by counts as the last one's."""
        self.block_counts = [max(high - 1, 0) * max(wide - 1, 0) for high, wide in shapes]
        """Of each layer's blocks, likewise."""
        self._first, self._first_block = (
            [sum(counts[:k]) for k in range(len(reaches))] for counts in (self.counts, self.block_counts)
        )
        self.counts[-1] += -sum(self.counts) % WIDTH
        self.at = np.zeros((2, sum(self.counts)), np.float32)
        """(2, n): x and y of each in the picture, in blocks."""
        self.upper = np.empty(sum(self.block_counts), int)
        """(m,): where in the line each block's upper left corner stands; its right ones stand next to the left ones."""
        self.lower = np.empty_like(self.upper)
        """(m,): likewise of the lower left one."""
        for k, (reach, (high, wide)) in enumerate(zip(reaches, shapes, strict=True)):
            if not high:
                continue
            x, y = self.of(k, self.at)
            x[:] = np.arange(reach.left, reach.right + 1)
            y[:] = np.arange(reach.top, reach.bottom + 1)[:, None]
            lines = self._first[k] + np.arange(high)[:, None] * wide + np.arange(wide - 1)
            self.blocks_of(k, self.upper)[:], self.blocks_of(k, self.lower)[:] = lines[:-1], lines[1:]

    def of(self, layer: int, line: np.ndarray) -> np.ndarray:
        """A layer's of what stands in the line for each corner: (..., n) -> (..., rows, columns)."""
        high, wide = self.reaches[layer].corners
        first = self._first[layer]
        return line[..., first : first + high * wide].reshape(*line.shape[:-1], high, wide)

    def blocks_of(self, layer: int, line: np.ndarray) -> np.ndarray:
        """A layer's of what stands in a line for each block: (m,) -> (rows, columns)."""
        high, wide = self.reaches[layer].corners
        first = self._first_block[layer]
        own = line[first : first + self.block_counts[layer]]
        return own.reshape(max(high - 1, 0), max(wide - 1, 0))
