"""Parts of a picture in which a face is looked for: the detector sees 128 pixels, so a small face needs a small part."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from liveavatar.base.seats import Place
from liveavatar.types import Face

OVERLAP = 0.4
"""Share of a tile that the next one repeats: a face up to this size lies whole in one of them."""
ASIDE, STEP = 0.3, 0.1
"""Face heights the face may be off the view's middle, and by which the view follows in one frame: the landmarker
expects it where it was."""


@dataclass(frozen=True)
class View:
    """A rectangle of a picture, pixels."""

    x: int
    y: int
    width: int
    height: int

    def crop(self, image: np.ndarray) -> np.ndarray:
        """(height, width, 3) of the (H, W, 3) picture."""
        return np.ascontiguousarray(image[self.y : self.y + self.height, self.x : self.x + self.width])

    def fits(self, size: tuple[int, int]) -> bool:
        """Whether a picture of this (width, height) has it."""
        return self.x + self.width <= size[0] and self.y + self.height <= size[1]

    def to_picture(self, face: Face, size: tuple[int, int]) -> Face:
        """A face found in the crop, as a face of the whole picture of this (width, height)."""
        landmarks = face.landmarks + np.array([self.x, self.y, 0], np.float32)
        # MediaPipe takes the crop for all that a camera with 63 degrees of vertical view sees.
        nearer = self.height / size[1]
        focal = self.height / (2 * np.tan(np.radians(63) / 2))
        depth = -float(face.pose[2, 3])
        pose = face.pose.copy()
        pose[0, 3] += (self.x + self.width / 2 - size[0] / 2) * depth / focal
        pose[1, 3] -= (self.y + self.height / 2 - size[1] / 2) * depth / focal
        pose[2, 3] /= nearer
        return replace(face, landmarks=landmarks, pose=pose, size=size)

    def follow(self, at: Place, room: float, size: tuple[int, int]) -> "View":
        """The view after a face that moved, `room` face heights wide, in a picture of this (width, height)."""
        x, y = self.x + self.width / 2, self.y + self.height / 2
        side = min(room * at.size, min(size))
        if abs(np.log(side / self.height)) > 0.3:
            return around(at.x, at.y, side, size)
        off = np.array([at.x - x, at.y - y]) / at.size
        if np.abs(off).max() < ASIDE:
            return self
        x, y = np.array([x, y]) + np.clip(off, -STEP, STEP) * at.size
        return around(x, y, self.height, size)


def place(face: Face) -> Place:
    """Where the face is, in pixels."""
    low, high = face.landmarks[:, :2].min(0), face.landmarks[:, :2].max(0)
    # The diagonal hardly changes where the head turns; of a face that looks ahead it is 1.35 heights.
    x, y = ((low + high) / 2).tolist()
    return Place(x, y, max(float(np.hypot(*(high - low))) / 1.35, 1.0))


def around(x: float, y: float, side: float, size: tuple[int, int]) -> View:
    """A square of this side, pixels, as nearly about the point as the picture of this (width, height) allows."""
    width, height = (min(round(side), whole) for whole in size)
    left, top = (
        min(max(round(at - part / 2), 0), whole - part)
        for at, part, whole in zip((x, y), (width, height), size, strict=True)
    )
    return View(left, top, width, height)


def levels(size: tuple[int, int], least: int) -> Iterator[list[View]]:
    """Tiles that cover a picture of this (width, height): squares of half its shorter side, then of a quarter, and so
    on, none below `least` pixels but in the first level."""
    side = min(size) // 2
    while side >= 16:
        steps = [
            np.linspace(0, whole - side, 1 + int(np.ceil((whole - side) / ((1 - OVERLAP) * side))))
            .round()
            .astype(int)
            for whole in size
        ]
        yield [View(int(x), int(y), side, side) for y in steps[1] for x in steps[0]]
        side //= 2
        if side < least:
            return
