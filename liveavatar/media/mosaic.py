"""A picture that layers are laid into block by block: nothing is done where a layer shows nothing."""

import cv2
import numpy as np


class Mosaic:
    """Premultiplied RGBA in square blocks, numbered row by row; those at the right and lower edges may reach beyond it."""

    def __init__(self, size: tuple[int, int], side: int) -> None:
        """size: (width, height) of the picture; side: of a block, pixels."""
        self._size, self._side = size, side
        self.grid = -(-size[1] // side), -(-size[0] // side)
        """Rows and columns of blocks."""
        shape = (self.grid[0] * self.grid[1], side * side)
        self._blocks = np.zeros((*shape, 4), np.uint8)
        # Kept from frame to frame: fresh memory costs as much as what is done in it.
        self._below, self._through = np.empty_like(self._blocks), np.empty_like(self._blocks)
        self._clear = np.empty(shape, np.uint8)

    def clear(self) -> None:
        """Make it transparent."""
        self._blocks[:] = 0

    def lay(self, blocks: np.ndarray, fresh: int, colours: np.ndarray) -> None:
        """Put a layer over what is there. blocks: (n,) their numbers; fresh: in so many of the first it hides what is there, or
        there is nothing; colours: (n, side * side, 4) uint8, premultiplied."""
        self._blocks[blocks[:fresh]] = colours[:fresh]
        blocks, colours = blocks[fresh:], colours[fresh:]
        count = len(blocks)
        if not count:
            return
        below, through, clear = (room[:count] for room in (self._below, self._through, self._clear))
        self._blocks.take(blocks, axis=0, out=below, mode="clip")
        cv2.extractChannel(colours, 3, dst=clear)
        cv2.bitwise_not(clear, dst=clear)
        cv2.merge([clear] * 4, dst=through)
        cv2.multiply(below, through, dst=below, scale=1 / 255)
        cv2.add(below, colours, dst=below)
        self._blocks[blocks] = below

    def picture(self) -> np.ndarray:
        """A new one, (height, width, 4) uint8."""
        (rows, columns), side = self.grid, self._side
        lines = self._blocks.reshape(rows * columns, -1).view(f"V{4 * side}").reshape(rows, columns, side)
        picture = np.ascontiguousarray(lines.transpose(0, 2, 1)).view(np.uint8)
        picture = picture.reshape(rows * side, columns * side, 4)
        return np.ascontiguousarray(picture[: self._size[1], : self._size[0]])
