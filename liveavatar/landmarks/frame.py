"""Where a face is and how large: the square in which its points are looked for."""

from dataclasses import dataclass

import numpy as np

from liveavatar.landmarks.points import CORNERS, INDEX

POINTS_SIDE = 128
"""Side of the square in which points are looked for, pixels."""
_AROUND = 1.95
"""Side of the square, in sizes of the face."""


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


def eye_distance(points: np.ndarray) -> float:
    """Between the middles of the eyes' corners, in the unit of the points (46, 2): what errors are measured in."""
    right, left = (points[rows].mean(0) for rows in CORNERS.values())
    return float(np.hypot(*(left - right)))
