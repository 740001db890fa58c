"""No camera at all: moments without a picture, for an avatar that other things than a face drive. Opens nothing."""

import threading
from collections.abc import Iterator

import numpy as np

from liveavatar.base.timing import Pacer
from liveavatar.stages import Camera
from liveavatar.types import Frame

_NOTHING = np.zeros((0, 0, 3), np.uint8)


class Blank(Camera):
    """Yields frames of no size at a steady rate, until it is closed."""

    def __init__(self, fps: float = 30.0) -> None:
        """fps: frames a second."""
        self.size, self.fps = (0, 0), fps
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        """See stages.Camera."""
        pacer, index = Pacer(self.fps), 0
        while not self._closed.is_set():
            time = pacer.wait()
            yield Frame(_NOTHING, time, index)
            index += 1

    def close(self) -> None:
        """See stages.Camera."""
        self._closed.set()
