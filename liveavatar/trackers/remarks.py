"""What keeps a face from being read well, for its owner to mend."""

import numpy as np

from liveavatar.language import tr
from liveavatar.trackers.views import place
from liveavatar.types import Face

SMALL = 32
"""Pixels of height below which lips and lids cannot be told."""
LASTS = 1.0
"""Seconds a remark must hold before it is told."""


class Remarks:
    """One remark at a time, told once it lasts."""

    def __init__(self) -> None:
        self.current = ""
        """What to do; empty when nothing is wrong."""
        self._remark, self._since = "", 0.0

    def notice(self, face: Face, time: float) -> None:
        """Take in a face; time: seconds, rising."""
        across, up = crown(face)
        remark = ""
        if up < UPSIDE_DOWN or abs(across) > 0.9:
            remark = not_upright()
        elif place(face).size < SMALL:
            remark = tr(
                "your face is small in the picture: come nearer to the camera, or let it zoom in",
                "画面中的脸太小：请靠近摄像头，或放大画面",
            )
        if remark != self._remark:
            self._remark, self._since = remark, time
        elif time - self._since >= LASTS:
            self.current = remark


UPSIDE_DOWN = -0.7
"""Below this the crown of a head points down."""


def crown(face: Face) -> np.ndarray:
    """(2,) where the crown of the head points in the picture: right, up; length 1."""
    crown = face.pose[:2, 1]
    return crown / max(float(np.hypot(*crown)), 1e-6)


def not_upright() -> str:
    """The remark on a camera that is mounted the wrong way."""
    return tr(
        "the camera's picture is not upright: turn the camera, or its picture in the camera's own settings",
        "摄像头画面不是正的：请转正摄像头，或在摄像头设置中旋转画面",
    )
