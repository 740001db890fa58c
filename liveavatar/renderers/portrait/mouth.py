"""Paints the mouth's inside behind the moved lips. portrait/mouth.py makes teeth and colours."""

import cv2
import numpy as np

from liveavatar.renderers.portrait.rig import PortraitRig
from liveavatar.renderers.portrait.topology import (
    CHIN,
    CHIN_CREASE,
    INNER_LIP_BOTTOM,
    LIP_BOTTOM,
    LIP_LOWER,
    LIP_UPPER,
    MOUTH_CORNERS,
)

TEETH = (192, 64)
"""Width and height of a row of teeth, pixels of its own picture."""
_ANCHORS = np.array([2, 98, 327, 4, 6, 50, 280, 205, 425])
"""Landmarks that go with the skull: nose and cheeks."""
_CHIN = np.array([INNER_LIP_BOTTOM, LIP_BOTTOM, CHIN_CREASE, CHIN])
"""Landmarks that go with the lower jaw."""


class MouthPainter:
    """Paints what is between the lips."""

    def __init__(self, rig: PortraitRig) -> None:
        self.rig = rig
        v = rig.vertices
        self.rest_gap = _gap(v)
        right, left = v[MOUTH_CORNERS, :2]
        self.width = float(np.linalg.norm(right - left))
        self.millimetre = float(rig.height) / 118  # forehead to chin
        # Least squares from the anchors at rest to where they are, and millimetres to the picture at rest.
        ones = np.ones((len(_ANCHORS), 1))
        self._solve = np.linalg.pinv(np.concatenate([v[_ANCHORS, :2], ones], 1))
        across = (left - right) / max(self.width, 1.0)
        # A head that is turned in the picture is shorter across.
        ratio = np.clip(self.width / (50 * self.millimetre), 0.5, 1.1) * self.millimetre
        lips = 0.5 * (v[LIP_UPPER[5], :2] + v[LIP_LOWER[5], :2])
        self._local = np.array(
            [
                [across[0] * ratio, -across[1] * self.millimetre, lips[0]],
                [across[1] * ratio, across[0] * self.millimetre, lips[1]],
                [0, 0, 1],
            ]
        )
        self.stretches_picture = bool(rig.options[2])
        self.teeth = rig.teeth
        self.cavity, self.tongue = rig.cavity.astype(np.float32)

    def paint(self, picture: np.ndarray, expressed: np.ndarray, moved: np.ndarray, scale: float) -> None:
        """Draw into the picture (512, 512, 4) uint8, in place.

        expressed, moved: (V, 3) vertices with the expression, and where they then are in the picture."""
        # What the picture itself shows between the lips stays while they open no further.
        gap = (_gap(expressed) - self.rest_gap) / (0.03 * float(self.rig.height))
        if gap < 0.15 or self.stretches_picture:
            return
        outline = _smooth_outline(moved[LIP_UPPER, :2], moved[LIP_LOWER, :2])
        x0, y0 = np.floor(outline.min(0)).astype(int) - 3
        x1, y1 = np.ceil(outline.max(0)).astype(int) + 4
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, picture.shape[1]), min(y1, picture.shape[0])
        if x1 - x0 < 4 or y1 - y0 < 4:
            return
        w, h = x1 - x0, y1 - y0
        mask = np.zeros((h, w), np.uint8)
        cv2.fillPoly(mask, [np.round((outline - (x0, y0)) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)

        # A frame at the upper jaw: origin between the lips at rest, axes as the head is turned.
        inside = np.empty((h, w, 3), np.float32)
        inside[:] = self.cavity
        head = self._head(moved, expressed, scale)
        jaw = head.copy()
        drop = expressed[_CHIN, :2].mean(0) - self.rig.vertices[_CHIN, :2].mean(0)
        jaw[:, 2] += head[:, :2] @ (drop / self.millimetre)
        self._draw_tongue(inside, jaw, (x0, y0))
        for row, frame, top in ((1, jaw, 1.2), (0, head, -16.2)):
            per = 60 / 192
            place = frame @ np.array([[per, 0, -30], [0, per, top], [0, 0, 1]])
            place[:, 2] -= (x0, y0)
            art = cv2.warpAffine(self.teeth[row], place, (w, h), flags=cv2.INTER_LINEAR).astype(np.float32)
            inside *= 1 - art[..., 3:] / 255
            inside += art[..., :3]
        soft = (
            cv2.GaussianBlur(mask, (0, 0), max(0.02 * float(self.rig.height) * scale, 0.8)).astype(np.float32)
            / 255
        )
        depth = np.clip((soft - 0.25) / 0.5, 0, 1)
        inside *= (0.55 + 0.45 * depth)[..., None]
        shown = mask.astype(np.float32)[..., None] / 255 * min(1.0, (gap - 0.15) / 0.5)
        part = picture[y0:y1, x0:x1]
        alpha = part[..., 3:].astype(np.float32) / 255
        part[..., :3] = part[..., :3] + shown * (inside * alpha - part[..., :3]) + 0.5

    def _head(self, moved: np.ndarray, expressed: np.ndarray, scale: float) -> np.ndarray:
        """(2, 3) from millimetres (x right, y down; 0 where the lips meet at rest) to the picture."""
        # Expressions move the anchors a little; that is taken off, to stay with the skull.
        still = expressed[_ANCHORS, :2] - self.rig.vertices[_ANCHORS, :2]
        affine = (self._solve @ (moved[_ANCHORS, :2] - still * scale)).T
        return affine @ self._local

    def _draw_tongue(self, inside: np.ndarray, jaw: np.ndarray, corner: tuple[int, int]) -> None:
        h, w = inside.shape[:2]
        mask = np.zeros((h, w), np.uint8)
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        oval = np.stack(
            [17 * np.cos(angle), 6.5 + 8 * np.sin(angle) - 2.5 * np.cos(angle) ** 2, np.ones(24)], 1
        )
        points = oval @ jaw.T - corner
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        soft = cv2.GaussianBlur(mask, (0, 0), 1.6)
        inside += (soft.astype(np.float32) / 255)[..., None] * (self.tongue - inside)


def _gap(v: np.ndarray) -> float:
    """Between the lips at their middle, pixels."""
    return float(np.linalg.norm(v[LIP_LOWER[3:8], :2] - v[LIP_UPPER[3:8], :2], axis=1).mean())


def _smooth_outline(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """(n, 2) the inner edge of the lips as one smooth loop, the corners kept."""

    def fine(row: np.ndarray) -> np.ndarray:
        p = np.concatenate([2 * row[:1] - row[1:2], row, 2 * row[-1:] - row[-2:-1]])
        f = np.linspace(0, 1, 4, endpoint=False)[None, :, None]
        a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))  # Catmull-Rom
        q = 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)
        return np.concatenate([q.reshape(-1, 2), row[-1:]])

    return np.concatenate([fine(upper), fine(lower)[::-1]])
