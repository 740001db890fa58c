"""No tracker at all: there is never a face, and the avatar idles."""

from liveavatar.stages import Tracker
from liveavatar.types import Face, Frame


class NoTracker(Tracker):
    """Sees nothing, needs no model."""

    def track(self, frame: Frame) -> Face | None:
        """See stages.Tracker."""
        return None
