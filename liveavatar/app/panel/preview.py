"""Small pictures of the avatar as it is sent, for pages that look at it: AvatarFrames, never a camera picture."""

import cv2
import numpy as np

from liveavatar.media.blend import over, straight_alpha
from liveavatar.media.compositing import Background, Framing, framed
from liveavatar.types import AvatarFrame

SIDES = 64, 640
"""Pixels that a page may ask for, across."""


class Preview:
    """Pictures of one output at any size."""

    def __init__(self, background: Background) -> None:
        """background: the output's; its framing is read anew for each picture."""
        self._background = background
        self._backs: dict[tuple[int, int], np.ndarray] = {}

    @property
    def framing(self) -> Framing:
        """Where the avatar stands now."""
        return self._background.framing

    def size(self, width: int) -> tuple[int, int]:
        """(width, height) in pixels of a picture about so wide, in the output's shape; no larger than the output."""
        across, down = self._background.size
        width = min(max(width, SIDES[0]), SIDES[1], across)
        return width, max(1, round(width * down / across))

    def picture(self, frame: AvatarFrame, size: tuple[int, int]) -> np.ndarray:
        """(H, W, 4) uint8 RGBA, straight alpha, of `size` (width, height), the output's background behind the avatar."""
        avatar = framed(frame.image, size, Framing() if frame.whole else self._background.framing)
        if self._background.transparent:
            return straight_alpha(avatar)
        picture = self._back(size).copy()
        over(picture, avatar)
        return picture

    def _back(self, size: tuple[int, int]) -> np.ndarray:
        """(H, W, 4) uint8 RGBA: the background alone."""
        if size not in self._backs:
            if len(self._backs) > 8:
                self._backs.clear()
            small = cv2.resize(self._background.image, size, interpolation=cv2.INTER_AREA)
            self._backs[size] = cv2.cvtColor(small, cv2.COLOR_RGB2RGBA)
        return self._backs[size]
