"""RGB to YUV for virtual cameras, with the matrix that the reading program assumes."""

import cv2
import numpy as np

MATRICES = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}
"""Name -> luma weights of red and blue (ITU-R BT.601-7 section 2.5.1, BT.709-6 section 3.2)."""


def matrix(name: str) -> np.ndarray:
    """RGB in [0, 255] -> 8-bit limited-range Y, U, V: (3, 4) float64, the last column added. KeyError if unknown."""
    red, blue = MATRICES[name]
    y = np.array([red, 1 - red - blue, blue])
    u = (np.array([0.0, 0.0, 1.0]) - y) / (2 * (1 - blue))
    v = (np.array([1.0, 0.0, 0.0]) - y) / (2 * (1 - red))
    rows = np.stack([219 * y, 224 * u, 224 * v]) / 255
    return np.column_stack([rows, [16, 128, 128]])


def to_i420(image: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 RGB, H and W even -> (H * W * 3 / 2,) uint8: the Y plane, then U and V at half size.

    rows: see matrix()."""
    y, u, v = cv2.split(cv2.transform(image, rows))
    half = (image.shape[1] // 2, image.shape[0] // 2)
    planes = [y, *(cv2.resize(plane, half, interpolation=cv2.INTER_AREA) for plane in (u, v))]
    return np.concatenate([plane.ravel() for plane in planes])
