"""How one picture's mouth is drawn, read off its pixels: where its lips meet, its line, what is inside, how sharp it is."""

from dataclasses import dataclass, replace
from math import sqrt

import cv2
import numpy as np

from liveavatar.rigs.drawn.identity import FaceShape, Mouth
from liveavatar.rigs.drawn.mouthpaint import Inside, inside
from liveavatar.rigs.picture.mouthcolours import Line, outline, read_line, read_lips, read_within, tone
from liveavatar.rigs.picture.mouthedges import Sampler, T
from liveavatar.rigs.picture.mouthfind import find_edges
from liveavatar.rigs.picture.mouthfit import fit
from liveavatar.rigs.picture.skin import grain, matte, without

EYES = 190.0
"""Canvas units between the eyes of a face whose mouth has the rig's own measures."""
REACH = (92.0, 72.0, 140.0)
"""Of the crop, in canvas units: to either side of the mouth's middle, above and below it."""
_THROAT = 0.85
"""How far the depth of a mouth lies in the dark that nobody saw open: see mouthpaint.Inside."""
_TOLD = 9.0
"""Canvas units between the lips from which on it shows what is inside."""


@dataclass(frozen=True)
class Hand:
    """A mouth of a picture, and how it is drawn. Pixels are those of the crop."""

    corner: tuple[int, int]
    """x and y of the crop in the picture."""
    skin: np.ndarray
    """(h, w, 3) float32 0..255 without the mouth."""
    hole: np.ndarray
    """(h, w) bool: where the mouth was."""
    own: np.ndarray
    """(h, w, 4) float32 0..255 premultiplied: the mouth as it lies on the skin."""
    place: np.ndarray
    """(2, 3): canvas units to pixels."""
    face: FaceShape
    """Whose mouth at rest is this one, shut."""
    round: float
    """See mouthfit.Fit."""
    upper: np.ndarray
    lower: np.ndarray
    """(41, 2) canvas units: the edges of the opening as it is drawn; the same where it is shut."""
    opened: bool
    line: Line
    under: float
    """Strength of the line along the lower lip, 0..1."""
    within: Inside
    """How what is seen between the lips is painted, where the picture does not tell, and the tongue that hangs out."""
    teeth: np.ndarray | None
    """(3,): their colour, where an open mouth shows some."""
    told: bool
    """Whether the picture's mouth is open so far that what is in it is its own, and no guess."""
    lips: np.ndarray | None
    """(3,): their colour, where there are any."""
    soft: float
    """Blur of the picture, a sigma in pixels."""
    grain: np.ndarray | None
    """(h, w, 3) float32: the paint's, where it has any."""

    @property
    def unit(self) -> float:
        """Pixels to a canvas unit."""
        return float(np.hypot(self.place[0, 0], self.place[1, 0]))


def read(picture: np.ndarray, points: np.ndarray) -> Hand:
    """picture (H, W, 4) uint8 premultiplied; points (46, 2) of landmarks/points.py in its pixels."""
    p = np.asarray(points, np.float64)
    right, left = (p[0] + p[4]) / 2, (p[11] + p[15]) / 2
    unit = float(np.hypot(*(left - right))) / EYES
    along = (left - right) / (unit * EYES)
    turn = np.array([along, (-along[1], along[0])])
    """Rows: the face's right and down."""
    middle = (p[29] + p[30]) / 2
    h, w = picture.shape[:2]
    side, above, below = (int(np.ceil(r * unit)) for r in REACH)
    x0, y0 = max(int(middle[0]) - side, 0), max(int(middle[1]) - above, 0)
    x1, y1 = min(int(middle[0]) + side, w), min(int(middle[1]) + below, h)
    rgb = picture[y0:y1, x0:x1, :3].astype(np.float32)

    local = ((p - middle) @ turn.T) / unit
    """Points in canvas units from the mouth's middle."""
    grid = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1) - middle
    st = (grid @ turn.T / unit).astype(np.float32)

    top = local[[29, 33, 31, 34, 30]]
    low = local[[29, 35, 32, 36, 30]]
    lip_top, lip_low = local[37, 1], local[38, 1]
    half = max(float(top[-1, 0] - top[0, 0]) / 2, 6.0)
    high, deep = min(top[:, 1].min(), lip_top), max(low[:, 1].max(), lip_low)
    rim = np.concatenate([top, low[-2:0:-1]])
    rim = np.concatenate([rim, [[local[37, 0], lip_top], [local[38, 0], lip_low]]])
    hull = cv2.convexHull((rim @ turn * unit + middle - (x0, y0)).astype(np.float32))
    sure: np.ndarray = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillConvexPoly(sure, hull.round().astype(np.int32), 1)
    sure = cv2.dilate(sure, np.ones((3, 3), np.uint8), iterations=max(round(2.0 * unit), 1))
    nose, chin = float(local[28, 1]), float(local[39, 1])
    up, down = max(high - 16.0, nose + 12.0), min(deep + 20.0, chin - 11.0)
    may = (
        (np.abs(st[..., 0]) < half + 15.0)
        & (st[..., 1] > min(up, high - 4))
        & (st[..., 1] < max(down, deep + 4))
    )
    rim = p[[42, 40, 39, 41, 43]] - (x0, y0)
    inner: np.ndarray = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(inner, [rim.round().astype(np.int32)], 1)
    inner = cv2.erode(inner, np.ones((3, 3), np.uint8), iterations=max(round(5.0 * unit), 1), borderValue=0)
    may &= (inner > 0) | (sure > 0)
    skin, hole = without(rgb, (sure > 0) & may, may, max(round(1.6 * unit), 1))

    soft = blur_of(rgb, skin)
    noise = grain(rgb, (inner > 0) & ~hole)
    seen = Sampler(rgb, skin, turn, unit, middle - (x0, y0), soft)
    edges = find_edges(seen, top, low, (lip_top, lip_low))
    upper, lower, opened = edges.upper, edges.lower, edges.opened
    corners = (upper[0] + upper[-1]) / 2
    # from here on the canvas lies so that the corners at rest come to lie where they are drawn
    room = chin - float(corners[1] if opened else upper[:, 1].max())
    lip_top, lip_low = edges.lips or (lip_top, lip_low)
    full = (float(upper[20, 1]) - lip_top) / 7.0, (lip_low - float(lower[20, 1])) / 10.5
    base = np.median(skin[hole], axis=0) if hole.any() else np.median(skin, axis=(0, 1))
    pen = outline(seen, local[[40, 39, 41]], base)
    line, under = read_line(seen, upper, lower, opened, base, pen)
    if opened and not edges.lips:  # found were the line's outer edges
        inwards = np.column_stack([np.zeros(len(T)), line.half * (1 - T**8)])
        upper, lower = upper + inwards, lower - under * inwards
    lips = read_lips(seen, upper, lower, (lip_top, lip_low)) if edges.lips else None
    told = opened and float(np.max(lower[:, 1] - upper[:, 1])) > _TOLD
    within = inside(tone(base), tone(lips) if lips is not None else Mouth().pout, _THROAT)
    tongue, teeth = read_within(seen, upper, lower, line, base) if told else (None, None)
    if tongue is not None:
        within = within._replace(tongue=tone(tongue))
    if noise is not None:
        skin = np.where(hole[..., None], skin + noise, skin)
    face = _face(upper, opened, full if edges.lips else None, room)
    face, at, round_, steps = fit(face, upper, lower, opened, nose)
    if not opened:
        upper = lower = np.stack([np.interp(steps, T, upper[:, k]) for k in (0, 1)], 1)
    place = np.empty((2, 3))
    place[:, :2] = turn.T * unit
    place[:, 2] = middle - (x0, y0) + at @ turn * unit
    return Hand(
        (x0, y0), skin, hole, matte(rgb, skin, hole), place, face, round_, upper - at, lower - at, opened, line,
        under, within, teeth, told, lips, soft, noise,
    )  # fmt: skip


def blur_of(picture: np.ndarray, skin: np.ndarray) -> float:
    """How blurred the mouth's edges are: a sigma in pixels, from how much less steep they get when blurred again (Zhuo and Sim,
    Defocus map estimation from a single image, 2011)."""
    grey = cv2.cvtColor(picture / 255.0, cv2.COLOR_RGB2GRAY)
    again = 1.0

    def slope(image: np.ndarray) -> np.ndarray:
        return cv2.magnitude(cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1))

    first, second = slope(grey), slope(cv2.GaussianBlur(grey, (0, 0), again))
    strong = first > max(float(np.percentile(first, 97.5)), 1e-3)
    peak = first >= cv2.dilate(first, np.ones((3, 3), np.uint8)) - 1e-6
    ratio = first[strong & peak] / np.maximum(second[strong & peak], 1e-6)
    if not len(ratio):
        return 0.8
    # on a thin line the first slope is higher than on an edge: the sharper third
    sigma = again / np.sqrt(np.maximum(np.percentile(ratio, 65) ** 2 - 1.0, 1e-3))
    return float(np.clip(sigma, 0.4, 4.0))


def _face(upper: np.ndarray, opened: bool, full: tuple[float, float] | None, room: float) -> FaceShape:
    """A face with such a mouth, but for what is fitted. upper (41, 2) in canvas units; full: how full lips are, where there are
    any; room: from the mouth to the chin."""
    half = float(upper[-1, 0] - upper[0, 0]) / 2
    scale = float(np.clip(room / 70.0, 0.55, 1.0) * np.clip(sqrt(half / 32.0), 0.8, 1.0))
    style = Mouth(
        fang=False, scale=scale, under=0.0, arch=0.41 - 0.0047 * half,
        corner=1.0, purse=0.567,
    )  # fmt: skip
    if full is not None:
        over, under = np.clip(full, 0.0, 2.5).tolist()
        style = replace(style, tint=1.0, full=(over, under))
    return FaceShape(mouth=style, mouth_width=half)
