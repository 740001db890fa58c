"""Whether the camera stands upright: the landmarker draws an upright face into one that stands on its head, too."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from liveavatar.trackers.views import View
from liveavatar.types import Frame

if TYPE_CHECKING:
    from liveavatar.trackers.pictures import FaceFinder

SURE = 0.9
"""Confidence that the detector has in most upright faces, and in none of the clips we have when they are turned."""
EVERY = 1.0
"""Seconds between two checks."""
MOST = 10
"""Checks after which an undecided picture counts as upright."""


class Upright:
    """Looks until it is sure, which takes a picture or two, and never again."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._finder: FaceFinder | None = None
        self._checked: float | None = None
        self._left = MOST
        self._upside_down = False

    def holds(self, frame: Frame, view: View | None) -> bool:
        """False while the picture stands on its head. view: where the face is, None: somewhere."""
        if self._checked is None:
            self._checked = frame.time  # what comes first must come quickly
        if self._left and not 0 <= frame.time - self._checked < EVERY:
            self._checked = frame.time
            self._check(frame.image if view is None else view.crop(frame.image))
        return not self._upside_down

    def _check(self, image: np.ndarray) -> None:
        if self._finder is None:
            from liveavatar.trackers.pictures import FaceFinder

            self._finder = FaceFinder(self._model, confidence=SURE)
        if self._finder.look(image):
            self._left, self._upside_down = 0, False
        elif self._finder.look(np.rot90(image, 2)):
            self._upside_down = True
        elif not self._upside_down:
            self._left -= 1
        if not self._left:
            self.close()

    def close(self) -> None:
        """Release the model. May be called twice."""
        finder, self._finder = self._finder, None
        if finder is not None:
            finder.close()
