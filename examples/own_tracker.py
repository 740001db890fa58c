"""A tracker of one's own: of two people before one camera, only the one in the right half moves the avatar.

    python examples/own_tracker.py CLIP OUTPUT.mp4

A tracker is what has the methods of the contract Tracker in liveavatar/stages.py, which has defaults for all but track().
"""

import sys
from dataclasses import replace

import numpy as np

import liveavatar
from liveavatar import Face, Frame, Tracker


class RightHalf(Tracker):
    """Sees the right half of each picture only."""

    def __init__(self) -> None:
        self._tracker = liveavatar.open_tracker("mediapipe")

    def track(self, frame: Frame) -> Face | None:
        height, width = frame.image.shape[:2]
        half = np.ascontiguousarray(frame.image[:, width // 2 :])
        face = self._tracker.track(replace(frame, image=half))
        if face is None:
            return None
        moved = face.landmarks + np.array(
            [width // 2, 0, 0], np.float32
        )  # (478, 3), pixels of the whole picture
        return replace(face, landmarks=moved, size=(width, height))

    def close(self) -> None:
        self._tracker.close()


def main(clip: str, output: str) -> int:
    with liveavatar.open_avatar("hoshi", tracker=RightHalf()) as avatar:
        return avatar.record(clip, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
