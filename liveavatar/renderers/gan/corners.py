"""Where in the picture the flow of layers is found: at corners of the blocks that each layer reaches, at every one of a small
layer, at every second one each way of a large layer; what is found there is spread over all of them."""

from collections.abc import Sequence
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
    def shape(self) -> tuple[int, int]:
        """Rows and columns of blocks; none where it is empty."""
        empty = self.right <= self.left or self.bottom <= self.top
        return (0, 0) if empty else (self.bottom - self.top, self.right - self.left)

    def will_do(self, other: "Reach", loose: int) -> bool:
        """Whether it holds another, and is not larger by more than so many blocks on any side."""
        if not other.shape[0]:
            return self == other
        spare = (other[0] - self[0], other[1] - self[1], self[2] - other[2], self[3] - other[3])
        return all(0 <= blocks <= loose for blocks in spare)

    def corners(self, stride: int) -> tuple[int, int]:
        """Rows and columns of corners, every `stride`th of them; none where there is no block."""
        high, wide = self.shape
        return (high // stride + 1, wide // stride + 1) if high else (0, 0)


class Corners:
    """Those of all layers at which the flow is found, in one line made up to a multiple of WIDTH; and all corners, in another."""

    def __init__(self, reaches: tuple[Reach, ...], strides: Sequence[int]) -> None:
        """Of each layer; a reach is a multiple of its stride wide and high."""
        self.reaches, self.strides = reaches, strides
        self.shapes = [reach.corners(stride) for reach, stride in zip(reaches, strides, strict=True)]
        """Rows and columns of each layer's corners at which the flow is found."""
        self._every_shape = [reach.corners(1) for reach in reaches]
        self.counts = [high * wide for high, wide in self.shapes]
        """Of each layer's, which lie row by row; what the line is made up by counts as the last one's."""
        self._first = np.cumsum([0, *self.counts]).tolist()
        self.every_first = np.cumsum([0, *(high * wide for high, wide in self._every_shape)]).tolist()
        """Where each layer's begin in the line of all corners; at the end how many there are."""
        self.counts[-1] += -sum(self.counts) % WIDTH
        self.at = np.zeros((2, sum(self.counts)), np.float32)
        """(2, n): x and y of each in the picture, in blocks."""
        for k, (reach, stride) in enumerate(zip(reaches, strides, strict=True)):
            x, y = self.of(k, self.at)
            if len(x):
                x[:] = np.arange(reach.left, reach.right + 1, stride)
                y[:] = np.arange(reach.top, reach.bottom + 1, stride)[:, None]
        self._every = np.empty((2, self.every_first[-1]), np.float32)
        self.every_wide = np.array([wide for _, wide in self._every_shape])
        """(L,): in a row of each layer's."""
        self.every_layer = np.repeat(np.arange(len(reaches)), np.diff(self.every_first))
        """(m,): of each."""
        self._block: np.ndarray | None = None

    def of(self, layer: int, line: np.ndarray) -> np.ndarray:
        """A layer's of what stands in the line: (..., n) -> (..., rows, columns)."""
        first, (high, wide) = self._first[layer], self.shapes[layer]
        return line[..., first : first + high * wide].reshape(*line.shape[:-1], high, wide)

    def every_of(self, layer: int, line: np.ndarray) -> np.ndarray:
        """A layer's of what stands in the line of all corners: (..., m) -> (..., rows, columns)."""
        first, last = self.every_first[layer : layer + 2]
        return line[..., first:last].reshape(*line.shape[:-1], *self._every_shape[layer])

    def block_of(self, grid: tuple[int, int]) -> np.ndarray:
        """(m,) intp: of each corner, which block of the picture begins there, layer by layer, row by row; where none does, how
        many blocks all layers have. grid: rows and columns of the picture's blocks."""
        if self._block is None:
            rows, columns = grid
            self._block = np.full(self.every_first[-1], len(self.reaches) * rows * columns)
            for k, reach in enumerate(self.reaches):
                own = self.every_of(k, self._block)[:-1, :-1]
                if not len(own):
                    continue
                own[:] = np.arange(reach.left, reach.right) + k * rows * columns
                own += np.arange(reach.top, reach.bottom)[:, None] * columns
        return self._block

    def spread(self, line: np.ndarray) -> np.ndarray:
        """From where the flow is found to all corners, evenly between two: (2, n) -> (2, m) float32, the same array each time."""
        for k, stride in enumerate(self.strides):
            if self.counts[k]:
                spread(self.of(k, line), self.every_of(k, self._every), stride)
        return self._every


def spread(field: np.ndarray, wanted: np.ndarray, split: int) -> None:
    """Put (n, h, w) at every `split`th place of (n, (h - 1) * split + 1, ...), evenly filled. split: a power of 2."""
    if split == 1:
        wanted[:] = field
        return
    if split > 2:
        twice = np.empty((len(field), 2 * field.shape[1] - 1, 2 * field.shape[2] - 1), np.float32)
        spread(field, twice, 2)
        spread(twice, wanted, split // 2)
        return
    wanted[:, ::2, ::2] = field
    across = field[..., 1:] + field[..., :-1]
    across *= 0.5
    wanted[:, ::2, 1::2] = across
    down = wanted[:, 2::2] + wanted[:, :-1:2]
    down *= 0.5
    wanted[:, 1::2] = down
