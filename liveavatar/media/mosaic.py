"""A picture that layers are laid into block by block: nothing is done where a layer shows nothing."""

import cv2
import numpy as np


class Mosaic:
    """Premultiplied RGBA in square blocks, which stand in the order in which they are first drawn; before them a transparent one.
    Those at the right and lower edges may reach beyond the picture."""

    def __init__(self, size: tuple[int, int], side: int) -> None:
        """size: (width, height) of the picture; side: of a block, pixels."""
        self._size, self._side = size, side
        # Even: a layer may be looked at by four blocks.
        self.grid = -(-size[1] // (2 * side)) * 2, -(-size[0] // (2 * side)) * 2
        """Rows and columns of blocks."""
        count = self.grid[0] * self.grid[1]
        self._blocks = np.zeros((count + 1, side * side, 4), np.uint8)
        self._numbers: np.ndarray | None = None
        self._lines = np.zeros(0, int)
        """Of the last picture: where each line of pixels of each block stands."""
        # Kept from frame to frame: fresh memory costs as much as what is done in it.
        self._below, self._through = (np.empty((count, side * side, 4), np.uint8) for _ in range(2))

    def room(self, first: int, last: int) -> np.ndarray:
        """Blocks from number `first`, 1 at least, up to `last`, to be drawn: (n, side * side, 4) uint8, premultiplied."""
        return self._blocks[first:last]

    def lay(self, blocks: np.ndarray, colours: np.ndarray) -> None:
        """Put a layer over what is there. blocks: (n,) their numbers; colours: (n, side * side, 4) uint8, premultiplied."""
        below, through = (room[: len(blocks)] for room in (self._below, self._through))
        self._blocks.take(blocks, axis=0, out=below, mode="clip")
        clear = through.view(np.uint32)
        np.invert(colours.view(np.uint32), out=clear)
        clear >>= 24
        clear *= 0x01010101  # what lies below is seen through by so much, in all four bytes
        cv2.multiply(below, through, dst=below, scale=1 / 255)
        cv2.add(below, colours, dst=below)
        self._blocks[blocks] = below

    def picture(self, numbers: np.ndarray) -> np.ndarray:
        """A new one, (height, width, 4) uint8. numbers: (rows, columns) intp, of the blocks that stand in it; an array that was
        given before says the same."""
        rows, columns = self.grid
        if numbers is not self._numbers:
            self._numbers = numbers
            self._lines = (numbers[:, None] * self._side + np.arange(self._side)[:, None]).reshape(-1)
        every = self._blocks.reshape(-1).view(f"V{4 * self._side}")
        picture = every.take(self._lines).view(np.uint8).reshape(rows * self._side, columns * self._side, 4)
        return np.ascontiguousarray(picture[: self._size[1], : self._size[0]])
