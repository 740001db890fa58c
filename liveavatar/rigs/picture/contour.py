"""The outline of a face from cheek to cheek, as it is drawn: near the points, along the line or edge that runs there."""

from typing import NamedTuple

import cv2
import numpy as np

from liveavatar.landmarks.points import INDEX
from liveavatar.rigs.drawn.geometry import curve, smoothstep

_TURN, _RAYS = np.radians(20.0), 220
"""How far above the cheeks it is followed, and by how many rays from its middle."""
_NEAR, _FAR, _STEPS = 0.8, 1.28, 70
"""Where it is looked for along a ray, shares of where the points say it is."""
_TRUST = 0.07
"""Standard deviation of that."""
_BEND = 0.35
"""What a step to the next distance costs from one ray to the next."""
_CONTRAST = 40.0
"""Levels of a sure edge."""
_INK = 12
"""Levels by which a line is darker than what is beside it."""
_APART = 4
"""Pixels before and behind an edge, of a picture of 512."""


class Jaw(NamedTuple):
    """The outline, round its middle."""

    middle: np.ndarray
    """(2,) pixels."""
    angles: np.ndarray
    """(n,) rising, from the picture's right round below to its left; 0 is to the right, a quarter turn down."""
    radii: np.ndarray
    """(n,) pixels."""

    def depth(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Of each pixel of a picture (size, size), how far inside it lies, pixels; and how much this says, 0 to 1: nothing above
        the cheeks."""
        y, x = np.mgrid[:size, :size].astype(np.float32)
        dx, dy = x - self.middle[0], y - self.middle[1]
        angle = np.arctan2(dy, dx)
        angle = np.where(angle < -np.pi / 2, angle + 2 * np.pi, angle)
        inside = np.interp(angle, self.angles, self.radii) - np.hypot(dx, dy)
        low = np.minimum(angle, np.pi - angle)
        return inside.astype(np.float32), smoothstep(0.0, 0.5, low).astype(np.float32)

    def scaled(self, factor: float) -> "Jaw":
        """Of the same picture, larger."""
        return Jaw(self.middle * factor, self.angles, self.radii * factor)


def jaw_of(picture: np.ndarray, points: np.ndarray, face: np.ndarray) -> Jaw:
    """picture: (h, w, 4) uint8 premultiplied; points: (46, 2), its pixels; face: (h, w) float32, how likely a pixel shows it.

    The path of least cost over the rays (dynamic programming)."""
    at = [
        points[INDEX[name]].astype(float)
        for name in ("leftCheek", "leftJaw", "chin", "rightJaw", "rightCheek")
    ]
    middle = (at[0] + at[-1]) / 2
    line = curve(np.array(at), 12) - middle
    turned = np.arctan2(line[:, 1], line[:, 0])
    turned = np.where(turned < -np.pi / 2, turned + 2 * np.pi, turned)
    order = np.argsort(turned)
    angles = np.linspace(-_TURN, np.pi + _TURN, _RAYS)
    expected = np.interp(angles, turned[order], np.hypot(*line.T)[order])
    share = np.linspace(_NEAR, _FAR, _STEPS)
    radii = expected[:, None] * share

    def along(image: np.ndarray, away: float = 0.0) -> np.ndarray:
        reach = radii + away
        x = middle[0] + reach * np.cos(angles)[:, None]
        y = middle[1] + reach * np.sin(angles)[:, None]
        return cv2.remap(
            image,
            x.astype(np.float32),
            y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )

    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0).astype(np.float32)
    grey = smooth[..., :3].mean(-1)
    dark = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)) - grey
    change = np.abs(along(smooth, _APART) - along(smooth, -_APART)).max(-1)
    edge = np.clip(change / _CONTRAST, 0, 1) + np.clip(along(dark) / _CONTRAST, 0, 1)
    # What is passed on the way out should be the face, what is left outside should not.
    other = np.cumsum(0.5 - along(face), 1) * (expected[:, None] * (share[1] - share[0])) / 12
    cost = other - other.min(1, keepdims=True) - edge + 0.5 * ((share - 1) / _TRUST) ** 2
    best = _path(cost)
    # The line that is drawn there goes with the face.
    rays = np.arange(_RAYS)
    ink = along(dark) > _INK
    for _ in range(_STEPS // 8):
        further = np.minimum(best + 1, _STEPS - 1)
        best = np.where(ink[rays, further], further, best)
    found = expected * share[best]
    kernel = cv2.getGaussianKernel(13, 2.5)[:, 0]
    found = np.convolve(np.pad(found, 6, mode="edge"), kernel, "valid")
    return Jaw(middle, angles, found)


def _path(cost: np.ndarray) -> np.ndarray:
    """The column of each row of cost (n, k) on the cheapest way down, at most two columns aside a row: (n,)."""
    total, came = cost[0].copy(), np.zeros(cost.shape, int)
    columns = np.arange(cost.shape[1])
    for k in range(1, len(cost)):
        moves = []
        for aside in (-2, -1, 0, 1, 2):
            source = columns - aside
            there = total[np.clip(source, 0, cost.shape[1] - 1)] + _BEND * aside**2
            moves.append(np.where((source >= 0) & (source < cost.shape[1]), there, np.inf))
        best = np.argmin(moves, 0)
        came[k] = columns - (best - 2)
        total = np.min(moves, 0) + cost[k]
    path = np.empty(len(cost), int)
    path[-1] = int(np.argmin(total))
    for k in range(len(cost) - 1, 0, -1):
        path[k - 1] = came[k, path[k]]
    return path
