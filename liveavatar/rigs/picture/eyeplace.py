"""Where one eye lies in a picture: the box that is drawn on, in the picture's own pixels, and the way to the eye's units."""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.rigs.drawn.geometry import curve
from liveavatar.rigs.picture.eyeframe import EyeFrame, EyeShape
from liveavatar.rigs.picture.eyeguide import CROP

LANDMARKS = 46
"""Of a face."""
_EYE = {-1: slice(0, 11), 1: slice(11, 22)}
_BROW = {-1: slice(22, 25), 1: slice(25, 28)}
_ABOVE = 40.0
"""Units that a box is higher than the frame: for brows that go up."""
_FINE = 4
"""Times as fine as the picture, outlines are filled."""
_GROUND = 0.75
"""Grey behind a picture's figure."""


def shape_of(points: np.ndarray, side: int) -> EyeShape:
    """An eye out of a face's points (46, 2), liveavatar.landmarks.points; side 1 is the subject's left."""
    eye, brow = points[_EYE[side]].astype(np.float64), points[_BROW[side]].astype(np.float64)
    radii = np.array([np.hypot(*(eye[9] - eye[8])), np.hypot(*(eye[10] - eye[8]))])
    upper, lower = eye[[4, 3, 2, 1, 0]], eye[[4, 5, 6, 7, 0]]
    return EyeShape(curve(upper, 6), curve(lower, 6), eye[8], radii, curve(brow[::-1], 8))


@dataclass(frozen=True)
class Place:
    """The box round one eye; it ends where the other's begins."""

    rgb: np.ndarray
    """(h, w, 3) float32 in [0, 1]: the picture there, on grey."""
    crop: np.ndarray
    """(CROP, CROP, 3) float32: the same eye in its upright frame."""
    frame: EyeFrame
    corner: tuple[int, int]
    """The box's left and top edge in the picture."""
    to_crop: np.ndarray
    """(2, 3) from the box's pixels to the frame's."""

    @classmethod
    def of(cls, picture: np.ndarray, shape: EyeShape, side: int, roll: float, between: float) -> "Place":
        """picture (S, S, 4) uint8 premultiplied; roll of the head in radians; between: x where this side of the face ends."""
        frame = EyeFrame.around(shape, 0.0, CROP, roll)
        back = frame.to_picture
        rim = np.array([[0, 0], [CROP, 0], [CROP, CROP], [0, CROP]], float) @ back[:, :2].T + back[:, 2]
        low, high = np.floor(rim.min(0)), np.ceil(rim.max(0))
        if side > 0:
            low[0] = max(low[0], round(between))
        else:
            high[0] = min(high[0], round(between))
        low[1] -= _ABOVE * frame.per_unit / frame.grow
        tall, wide = picture.shape[:2]
        low = np.clip(low, 0, (wide - 8, tall - 8)).astype(int)
        high = np.clip(high, low + 8, (wide, tall)).astype(int)
        alpha = picture[..., 3:].astype(np.float32) / 255
        rgb = picture[..., :3].astype(np.float32) / 255 + (1 - alpha) * _GROUND
        zoom = 1 / frame.grow
        soft = cv2.GaussianBlur(rgb, (0, 0), 0.4 * zoom) if zoom > 1.3 else rgb
        here = frame.to_crop.copy()
        here[:, 2] += frame.to_crop[:, :2] @ low
        return cls(
            rgb[low[1] : high[1], low[0] : high[0]], frame.cut(soft), frame, (int(low[0]), int(low[1])), here
        )

    @property
    def size(self) -> tuple[int, int]:
        """The box's width and height."""
        return self.rgb.shape[1], self.rgb.shape[0]

    @property
    def zoom(self) -> float:
        """The picture's pixels to one of the frame's."""
        return 1 / self.frame.grow

    @property
    def unit(self) -> float:
        """The picture's pixels to a unit."""
        return self.frame.per_unit * self.zoom

    def px(self, units: np.ndarray) -> np.ndarray:
        """Points (n, 2) in units -> pixels of the box."""
        at = units * self.frame.per_unit + self.frame.origin - self.to_crop[:, 2]
        return np.asarray(at @ np.linalg.inv(self.to_crop[:, :2]).T)

    def units(self) -> tuple[np.ndarray, np.ndarray]:
        """u and v (h, w) of the box's pixels."""
        y, x = np.mgrid[0 : self.size[1], 0 : self.size[0]].astype(np.float32)
        at = np.stack([x, y], -1) @ self.to_crop[:, :2].T + self.to_crop[:, 2]
        u, v = np.moveaxis((at - self.frame.origin) / self.frame.per_unit, -1, 0)
        return u.astype(np.float32), v.astype(np.float32)

    def boxed(self, map_: np.ndarray | None) -> np.ndarray | None:
        """(h, w) float32 in [0, 1]: the box's part of a map (S, S) uint8 of the picture."""
        (x, y), (w, h) = self.corner, self.size
        return None if map_ is None else map_[y : y + h, x : x + w].astype(np.float32) / 255

    def enlarged(self, image: np.ndarray) -> np.ndarray:
        """A map of the frame (CROP, CROP, ...) on the box's pixels."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(image, self.to_crop, self.size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        )

    def reduced(self, image: np.ndarray) -> np.ndarray:
        """A map of the box (h, w, ...) in the frame."""
        soft = cv2.GaussianBlur(image, (0, 0), 0.4 * self.zoom) if self.zoom > 1.3 else image
        return np.asarray(
            cv2.warpAffine(
                soft, self.to_crop, (CROP, CROP), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        )

    def filled(self, outline: np.ndarray) -> np.ndarray:
        """(h, w) 1 inside an outline (n, 2) in units, its edge as soft as the picture's."""
        mask = np.zeros([_FINE * n for n in self.rgb.shape[:2]], np.uint8)
        fine = _FINE * (self.px(outline) + 0.5) - 0.5
        cv2.fillPoly(mask, [np.round(fine * 16).astype(np.int32)], 255, cv2.LINE_8, 4)
        soft = cv2.resize(mask, self.size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        return cv2.GaussianBlur(soft, (0, 0), max(0.3 * self.zoom, 0.4))
