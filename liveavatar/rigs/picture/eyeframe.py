"""Where an eye is in a picture, and the upright frame that it is cut out in: x outward from the nose, y down."""

from dataclasses import dataclass

import cv2
import numpy as np

WIDTH = 120.0
"""Units from one corner of an eye to the other."""
SIDE = 240.0
"""Units of a frame's side: the eye, its brow, and skin round them."""
MIDDLE = (4.0, 10.0)
"""Between the corners, in units of the drawn characters' eyes."""
_CENTRE = (5.0, -32.0)
"""Of the frame."""


@dataclass(frozen=True)
class EyeShape:
    """An eye's lines in pixels. All curves run from the inner corner, or end, to the outer one."""

    upper: np.ndarray
    """(n, 2) the upper lid's edge."""
    lower: np.ndarray
    """(n, 2) the lower lid's."""
    iris: np.ndarray
    """(2,) its middle."""
    radii: np.ndarray
    """(2,) of the iris, across and down."""
    brow: np.ndarray
    """(m, 2) along its middle."""

    def through(self, affine: np.ndarray) -> "EyeShape":
        """Moved by a similarity (2, 3)."""
        grow = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))

        def moved(points: np.ndarray) -> np.ndarray:
            return points @ affine[:, :2].T + affine[:, 2]

        return EyeShape(
            moved(self.upper),
            moved(self.lower),
            moved(self.iris),
            self.radii * grow,
            moved(self.brow),
        )


@dataclass(frozen=True)
class EyeFrame:
    """An upright square round an eye and its brow."""

    to_crop: np.ndarray
    """(2, 3) affine from the picture's pixels to the crop's; it mirrors the eye at the picture's left."""
    size: int
    """Pixels of a crop's side."""
    per_unit: float
    """The crop's pixels to a unit."""
    origin: np.ndarray
    """(2,) where u = v = 0 lies in the crop."""

    @classmethod
    def around(cls, eye: EyeShape, margin: float, size: int, roll: float = 0.0) -> "EyeFrame":
        """Round an eye. margin: units more on each side; roll: of the head, radians, clockwise as seen."""
        corners = (eye.upper[[0, -1]] + eye.lower[[0, -1]]) / 2
        along = np.array([np.cos(roll), np.sin(roll)])
        reach = float((corners[1] - corners[0]) @ along)
        side = 1.0 if reach > 0 else -1.0
        scale = size / (SIDE + 2 * margin)  # crop pixels to a unit
        grow = scale * WIDTH / max(abs(reach), 1e-3)
        turn = grow * np.array([[side * along[0], side * along[1]], [-along[1], along[0]]])
        start = size / 2 - np.multiply(_CENTRE, scale)
        middle = corners.mean(0)
        shift = start + np.multiply(MIDDLE, scale) - turn @ middle
        return cls(np.column_stack([turn, shift]), size, scale, start)

    def cut(self, picture: np.ndarray) -> np.ndarray:
        """The crop (size, size, ...) of a picture."""
        return np.asarray(
            cv2.warpAffine(
                picture,
                self.to_crop,
                (self.size, self.size),
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )

    @property
    def grow(self) -> float:
        """The crop's pixels to one of the picture's."""
        return float(np.sqrt(abs(np.linalg.det(self.to_crop[:, :2]))))

    @property
    def to_picture(self) -> np.ndarray:
        """(2, 3) affine from the crop's pixels to the picture's."""
        return np.asarray(cv2.invertAffineTransform(self.to_crop))
