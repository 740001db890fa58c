"""Where a face is and how large: the square in which its points are looked for."""

from dataclasses import dataclass

import numpy as np

from liveavatar.landmarks.points import BROWS, CORNERS, EYES, INDEX, MOUTH

POINTS_SIDE = 128
"""Side of the square in which points are looked for, pixels."""
DETAIL_SIDE = 64
"""Side of the squares in which an eye with its brow, or a mouth, is looked at once more, pixels."""
DETAILS = {
    "right": [
        *range(EYES["right"].start, EYES["right"].stop),
        *range(BROWS["right"].start, BROWS["right"].stop),
    ],
    "left": [*range(EYES["left"].start, EYES["left"].stop), *range(BROWS["left"].start, BROWS["left"].stop)],
    "mouth": list(range(MOUTH.start, MOUTH.stop)),
}
"""Rows of the points in each of them; the left eye is looked at mirrored."""
_AROUND = 1.95
"""Side of the square, in sizes of the face."""
_ABOVE = 0.12
"""How far the middle of an eye's square lies above the eye's, in distances between the eyes."""
_NARROW = 0.5
"""Least distance between the eyes of a head that is turned aside, in sizes of the face."""


@dataclass(frozen=True)
class Place:
    """Of a face in a picture."""

    x: float
    y: float
    """Of the middle between the eyes and the chin, nearer to the eyes; pixels."""
    size: float
    """Nearly from hairline to chin, pixels: from eyes and chin, so that it hardly changes when the head turns."""
    roll: float
    """Radians, to the picture's right."""

    def crop(self, side: int = POINTS_SIDE) -> np.ndarray:
        """(2, 3): picture -> an upright square of this many pixels, the face in its middle."""
        scale = side / (_AROUND * self.size)
        c, s = scale * np.cos(self.roll), scale * np.sin(self.roll)
        turn = np.array([[c, s], [-s, c]])
        return np.column_stack([turn, side / 2 - turn @ (self.x, self.y)])


def place(points: np.ndarray) -> Place:
    """Of the face with these points (46, 2)."""
    right, left = (points[rows].mean(0).astype(float) for rows in CORNERS.values())
    eyes, chin = (right + left) / 2, points[INDEX["chin"]].astype(float)
    x, y = eyes + 0.12 * (chin - eyes)
    size = 1.15 * float(np.hypot(*(chin - eyes))) + 0.5 * float(np.hypot(*(left - right)))
    down = (chin - eyes) / max(float(np.hypot(*(chin - eyes))), 1e-6)
    across = (left - right) / max(float(np.hypot(*(left - right))), 1e-6)
    axis = across + np.array([down[1], -down[0]])
    return Place(float(x), float(y), size, float(np.arctan2(axis[1], axis[0])))


def detail_place(points: np.ndarray, part: str) -> Place:
    """Of an eye with its brow, or of the mouth, in a face with these points (46, 2)."""
    face = place(points)
    unit = max(eye_distance(points), _NARROW * face.size)
    rows = DETAILS[part] if part == "mouth" else CORNERS[part]
    x, y = points[rows].mean(0).astype(float)
    lift = 0.0 if part == "mouth" else _ABOVE * unit
    return Place(x + lift * np.sin(face.roll), y - lift * np.cos(face.roll), 1.1 * unit / _AROUND, face.roll)


def eye_distance(points: np.ndarray) -> float:
    """Between the middles of the eyes' corners, in the unit of the points (46, 2): what errors are measured in."""
    right, left = (points[rows].mean(0) for rows in CORNERS.values())
    return float(np.hypot(*(left - right)))
