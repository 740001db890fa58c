"""What the networks of drawn eyes are told beside the picture: the eye's points as soft maps."""

import cv2
import numpy as np

from liveavatar.rigs.picture.eyeframe import EyeShape

CROP = 128
"""Pixels of a side that the networks see."""
MAPS = 4
KNOTS = 5
"""Points of a lid that landmarks give."""


def guide(shape: EyeShape, size: int = CROP) -> np.ndarray:
    """(MAPS, size, size) float32 in [0, 1] of an eye in a crop's pixels: between the lids, upper lid, iris, brow."""
    result = np.zeros((MAPS, size, size), np.uint8)
    fill = np.concatenate([shape.upper, shape.lower[::-1]])
    cv2.fillPoly(result[0], [_fixed(fill)], 255, cv2.LINE_AA, 4)
    cv2.polylines(result[1], [_fixed(shape.upper)], False, 255, max(size // 40, 1), cv2.LINE_AA, 4)
    x, y = _fixed(shape.iris)
    rx, ry = _fixed(np.maximum(shape.radii, 0.5))
    cv2.ellipse(result[2], (int(x), int(y)), (int(rx), int(ry)), 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    cv2.polylines(result[3], [_fixed(shape.brow)], False, 255, max(size // 26, 1), cv2.LINE_AA, 4)
    soft = [cv2.GaussianBlur(m, (0, 0), size / 100) for m in result]
    return np.stack(soft).astype(np.float32) / 255


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round(np.clip(points, -500.0, 2000.0) * 16).astype(np.int32)
