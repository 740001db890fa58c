"""The mouth's inside: made once from the picture's colours, painted behind the moved lips."""

import cv2
import numpy as np

from liveavatar.renderers.portrait.rig import Rig
from liveavatar.renderers.portrait.topology import LIP_LOWER, LIP_UPPER, LIPS_OUTER

TEETH = (192, 64)
"""Width and height of a row of teeth, pixels of its own picture."""
_WIDTHS = (8.5, 6.6, 7.4, 6.0, 5.0, 4.4)
"""Millimetres from the middle outwards, seen from the front."""
_LOWER = (5.4, 5.9, 6.6, 6.2, 5.4, 4.6)


_ANCHORS = np.array([2, 98, 327, 4, 6, 50, 280, 205, 425])
"""Landmarks that go with the skull."""


def make(sheet: np.ndarray, vertices: np.ndarray, drawn: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Teeth (2, 64, 192, 4) premultiplied and the colours of cavity and tongue (2, 3), uint8."""
    points = vertices[:, :2]
    rgb = sheet[..., :3]
    lips = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(lips, [points[LIPS_OUTER].astype(np.int32)], 255)
    cv2.fillPoly(lips, [points[np.r_[LIP_UPPER, LIP_LOWER[::-1]]].astype(np.int32)], 0)
    lip = rgb[lips > 0].mean(0) if (lips > 0).any() else np.array([150, 90, 85])
    cheeks = np.concatenate(
        [
            rgb[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4].reshape(-1, 3)
            for x, y in points[[50, 280, 9]]
        ]
    )
    skin = np.percentile(cheeks, 75, axis=0)
    if drawn:  # as drawn mouths usually are: a warm dark, a light tongue, no teeth
        flat = np.stack([skin * [0.50, 0.22, 0.24], skin * [0.90, 0.55, 0.54]])
        return np.zeros((2, TEETH[1], TEETH[0], 4), np.uint8), flat.clip(0, 255).astype(np.uint8)
    # Teeth are ivory, as bright as the light that the skin shows, and a third of its colour: between lips all light is warm.
    light = min(float((skin / np.array([226, 186, 165])).mean()), 1.08)
    white = 212 * light * (0.65 * np.array([1.045, 1.01, 0.945]) + 0.35 * skin / skin.mean())
    white = np.minimum(white, 245)
    gum = 0.55 * lip + 0.25 * skin * np.array([1, 0.75, 0.75])
    cavity = lip * np.array([0.26, 0.17, 0.17])
    tongue = 0.62 * lip * np.array([1.0, 0.82, 0.85])
    teeth = np.stack([_row(_WIDTHS, white, gum, 9.5, False), _row(_LOWER, white * 0.94, gum, 8.0, True)])
    return teeth, np.clip(np.stack([cavity, tongue]), 0, 255).astype(np.uint8)


def _row(
    widths: tuple[float, ...], white: np.ndarray, gum: np.ndarray, height: float, lower: bool
) -> np.ndarray:
    """One row, 60 mm by 20 mm: gum, teeth with rounded ends, clear beyond."""
    fine = 4
    w, h = TEETH[0] * fine, TEETH[1] * fine
    per_mm = w / 60
    x = (np.arange(w) + 0.5) / per_mm - 30
    y = (np.arange(h) + 0.5) / per_mm  # from the gum's far side
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    which = np.clip(np.searchsorted(edges, np.abs(x), side="right") - 1, 0, len(widths) - 1)
    middle = (edges[which] + edges[which + 1]) / 2
    half = np.array(widths)[which] / 2
    u = (np.abs(x) - middle) / half  # -1..1 across a tooth
    length = (
        height
        * np.array([1.0, 0.90, 0.98, 0.86, 0.80, 0.76])[which]
        * (np.array([0.95, 1.0, 1.03, 0.95, 0.9, 0.85])[which] if lower else 1)
    )
    begin = 9.0 + 1.2 * u**2 * 0.8
    end = (
        begin[None] * 0
        + 9.0
        + length
        - 0.9 * np.abs(u) ** 5
        - (0.5 * np.abs(u) ** 2 if not lower else 0.15 * u**2)
    )
    yy = y[:, None]
    tooth = (np.clip((yy - begin) * 2, 0, 1) * np.clip((end - yy) * 3, 0, 1)) * (np.abs(x) < edges[-1])
    line = np.clip((1 - np.abs(u)) * half / 0.5, 0, 1) ** 0.5
    round_ = 1 - 0.16 * np.abs(u) ** 3
    arch = np.clip(1.02 - (np.abs(x) / 31) ** 2 * 0.75, 0.15, 1)
    along = 0.90 + 0.10 * np.clip((yy - 9) / length, 0, 1)
    shade = (0.72 + 0.28 * line) * round_ * arch * along
    gums = (
        np.clip((begin + 0.6 - yy) * 1.5, 0, 1) * np.clip(1 - (np.abs(x) / 29) ** 6, 0, 1) * np.ones_like(yy)
    )
    alpha = np.maximum(tooth, gums)
    colour = (
        tooth[..., None] * shade[..., None] * white
        + (1 - tooth[..., None]) * gum * (arch * 0.8)[None, :, None]
    )
    image = np.concatenate([colour * alpha[..., None], 255 * alpha[..., None]], -1)
    image = cv2.resize(image.astype(np.float32), TEETH, interpolation=cv2.INTER_AREA)
    if lower:
        image = image[::-1]
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


class Mouth:
    """Paints what is between the lips."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        v = rig.vertices
        self.rest_gap = _gap(v)
        self.width = float(np.linalg.norm(v[61, :2] - v[291, :2]))
        self.millimetre = float(rig.height) / 118  # forehead to chin
        # Least squares from the anchors at rest to where they are, and millimetres to the picture at rest.
        ones = np.ones((len(_ANCHORS), 1))
        self._solve = np.linalg.pinv(np.concatenate([v[_ANCHORS, :2], ones], 1))
        across = (v[291, :2] - v[61, :2]) / max(self.width, 1.0)
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
        self.own = bool(rig.options[2])
        self.teeth = rig.teeth
        self.cavity, self.tongue = rig.cavity.astype(np.float32)

    def paint(self, picture: np.ndarray, expressed: np.ndarray, moved: np.ndarray, scale: float) -> None:
        """Draw into the picture (512, 512, 4) uint8, in place.

        expressed, moved: (V, 3) vertices with the expression, and where they then are in the picture."""
        # What the picture itself shows between the lips stays while they open no further.
        gap = (_gap(expressed) - self.rest_gap) / (0.03 * float(self.rig.height))
        if gap < 0.15 or self.own:
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
        drop = expressed[[14, 17, 200, 152], :2].mean(0) - self.rig.vertices[[14, 17, 200, 152], :2].mean(0)
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
