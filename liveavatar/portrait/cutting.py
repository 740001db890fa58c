"""Cuts a drawn figure out of a picture that has its background in it.

MediaPipe's segmentation, which knows people, says roughly where the figure is. Before a plain ground, of one colour or going over
from one to another, what has the ground's colour and hangs together with the picture's border is ground, and along the edge each
pixel's share follows from both colours. Before any other, GrabCut (Rother et al. 2004) tells both by their colours.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np

from liveavatar.landmarks.points import CORNERS, INDEX
from liveavatar.portrait.matting import clean_edges
from liveavatar.rigs.picture.fill import spread

AROUND = 5.2
"""Side of the part that is looked at, in distances from the eyes to the chin: more than an avatar's frame shows."""
BELOW = 0.28
"""Share of it below the chin."""
LARGEST = 1400
"""Pixels of its side that are kept at most."""
SURE, NOTHING = 0.95, 0.08
"""Confidences of the segmentation that are believed, once away from its edge."""
PLAIN = 14.0
"""Levels by which a plain ground's pixels differ from its colours at most, nine of ten of them."""
ALIKE = 10.0
"""Levels by which what still is ground may differ."""
OTHER = 40.0
"""Levels from which thin lines are the figure's for sure: what JPEG leaves beside lines is less."""
RARE = 0.012
"""Where less than this share of the figure's inside has the ground's colour, what has it is ground: between arm and body, say."""
SMALL = 420
"""Pixels of the longer side on which GrabCut works."""


class CutOut(NamedTuple):
    """A figure without what is behind it."""

    rgba: np.ndarray
    """(h, w, 4) uint8, not premultiplied: the part of the picture that an avatar shows."""
    move: np.ndarray
    """(2, 3) float64: from pixels of the picture to it."""


def cut_out(rgb: np.ndarray, points: np.ndarray, segment: Callable[[np.ndarray], np.ndarray]) -> CutOut:
    """rgb: (H, W, 3) uint8; points: (46, 2) of the face, its pixels. segment: says of a picture (h, w, 3) uint8 how surely each
    pixel is a person, (h, w) float32 in [0, 1]."""
    left, top, right, bottom = _around(points, rgb.shape[:2])
    part = np.ascontiguousarray(rgb[top:bottom, left:right])
    scale = min(1.0, LARGEST / max(part.shape[:2]))
    if scale < 1:
        size = round(part.shape[1] * scale), round(part.shape[0] * scale)
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    ratio = np.array(part.shape[1::-1]) / (right - left, bottom - top)
    likely = segment(part)
    reach = max(2, round(max(part.shape[:2]) / 90))
    nothing = cv2.dilate((likely > NOTHING).astype(np.uint8), _disc(reach)) == 0
    ground = plain_ground(part, nothing)
    if ground is not None:
        alpha, colours = _before_plain(part, ground, likely, _inside(likely, 2 * reach))
    else:
        alpha, colours = _before_any(part, likely, _inside(likely, reach), nothing)
    rgba = np.dstack([colours, 255 * alpha]).clip(0, 255).round().astype(np.uint8)
    shift = ratio * (0.5 - np.array([left, top])) - 0.5
    return CutOut(rgba, np.column_stack([np.diag(ratio), shift]))


def plain_ground(rgb: np.ndarray, nothing: np.ndarray) -> np.ndarray | None:
    """The ground (h, w, 3) float32 as a smooth field, of the second degree, through what is `nothing` (h, w) bool for sure; None
    where it is no such field."""
    step = max(1, max(nothing.shape) // 128)
    known = nothing[::step, ::step]
    if known.mean() < 0.04:
        return None
    here, seen = _basis(nothing.shape)[::step, ::step][known], rgb[::step, ::step][known].astype(float)
    keep = np.ones(len(here), bool)
    for _ in range(4):
        field = np.linalg.lstsq(here[keep], seen[keep], rcond=None)[0]
        away = np.abs(seen - here @ field).max(1)
        keep = away < max(8.0, 2.5 * float(np.median(away)))
    if (away < PLAIN).mean() < 0.9:
        return None
    return (_basis(nothing.shape) @ field).clip(0, 255).astype(np.float32)


def _basis(shape: tuple[int, ...]) -> np.ndarray:
    """(h, w, 6): 1, x, y, xx, xy, yy over a picture."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    x, y = x / shape[1] - 0.5, y / shape[0] - 0.5
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)


def _before_plain(
    rgb: np.ndarray, ground: np.ndarray, likely: np.ndarray, sure: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Alpha (h, w) float32 and colours (h, w, 3) of a figure before a ground (h, w, 3) float32. sure: (h, w) bool, where it is
    the figure whatever its colour is."""
    image = rgb.astype(np.float32)
    away = cv2.medianBlur(np.abs(image - ground).max(-1), 3)
    inner = cv2.erode(sure.astype(np.uint8), _disc(max(2, len(rgb) // 60))) > 0
    rare = bool(inner.any()) and float((away[inner] < ALIKE).mean()) < RARE
    pieces = _Pieces((away < ALIKE) & (rare | ~sure))
    share = pieces.mean(likely)
    outside = pieces.at_border() & (share < 0.75)
    back = outside | ((share < 0.5) & (pieces.sizes > 12)) | (rare & (pieces.sizes > 30))
    front = _with_what_is_near(~pieces.where(back), likely)
    # What is surely of the figure: its inside, and its thin strands.
    core = cv2.erode(front.astype(np.uint8), _disc(2)) > 0
    core |= front & (away > OTHER) & (cv2.dilate(core.astype(np.uint8), _disc(3)) == 0)
    colours = spread(image, core.astype(np.float32))
    apart = colours - ground
    share = ((image - ground) * apart).sum(-1) / np.maximum((apart**2).sum(-1), 1e-3)
    trust = np.clip((np.abs(apart).max(-1) - 16) / 24, 0, 1)
    soft = cv2.GaussianBlur(front.astype(np.float32), (0, 0), 0.7)
    alpha = soft + trust * (np.clip((share - 0.04) / 0.92, 0, 1) - soft)
    alpha = np.where(core, 1, np.where(cv2.dilate(front.astype(np.uint8), _disc(1)) > 0, alpha, 0))
    part = alpha[..., None]
    without = np.where(part > 0.3, (image - (1 - part) * ground) / np.maximum(part, 0.3), colours)
    return alpha.astype(np.float32), np.where(part > 0.98, image, without)


def _with_what_is_near(front: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """A mask (h, w) bool without pieces that are neither the figure nor, larger than dust, near it: signatures, say."""
    pieces = _Pieces(front)
    figure = pieces.mean(likely) > 0.3
    near = cv2.dilate(pieces.where(figure).astype(np.uint8), _disc(max(3, len(front) // 24)))
    return pieces.where(figure | ((pieces.mean(near) > 0.6) & (pieces.sizes > 0.0004 * front.size)))


def _before_any(
    rgb: np.ndarray, likely: np.ndarray, sure: np.ndarray, nothing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As _before_plain, of a ground that is no plain one. nothing: (h, w) bool, where it is ground whatever its colour is."""
    height, width = likely.shape
    scale = min(1.0, SMALL / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small, surely, never = (
        cv2.resize(m.astype(np.float32), size, interpolation=cv2.INTER_AREA) for m in (likely, sure, nothing)
    )
    mask = np.where(small > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    mask[surely > 0.9], mask[never > 0.9] = cv2.GC_FGD, cv2.GC_BGD
    picture = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    if {cv2.GC_FGD, cv2.GC_BGD} <= set(np.unique(mask).tolist()):
        cv2.setRNGSeed(1)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(picture, mask, None, *models, 4, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    pieces = _Pieces((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD))
    figure = (pieces.mean(small) > 0.35) & (pieces.sizes > 0.002 * mask.size)
    front = pieces.where(figure | (pieces.mean(surely) * pieces.sizes > 20))
    holes = _Pieces(~front)
    front |= holes.where(holes.sizes < 0.0006 * mask.size)
    large = cv2.resize(front.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    ximgproc: Any = cv2.ximgproc
    along = ximgproc.guidedFilter(
        rgb.astype(np.float32) / 255, large, max(3, round(max(height, width) / 110)), 1e-4
    )
    alpha = np.clip((along - 0.25) / 0.5, 0, 1).astype(np.float32)
    return alpha, clean_edges(rgb, alpha)


class _Pieces:
    """What hangs together in a mask (h, w) bool. Piece 0 is what is not in it."""

    def __init__(self, mask: np.ndarray) -> None:
        self.count, self._labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        self.sizes = stats[:, cv2.CC_STAT_AREA]

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Of values (h, w), over each piece."""
        total = np.bincount(self._labels.ravel(), values.ravel(), self.count)
        return np.asarray(total / np.maximum(self.sizes, 1))

    def at_border(self) -> np.ndarray:
        """Which touch the border above or beside, but far down, where clothes do."""
        low = int(0.8 * len(self._labels))
        touching = np.zeros(self.count, bool)
        for edge in (self._labels[0], self._labels[:low, 0], self._labels[:low, -1]):
            touching[np.unique(edge)] = True
        return touching

    def where(self, chosen: np.ndarray) -> np.ndarray:
        """A mask (h, w) bool of the chosen ones."""
        chosen = chosen.copy()
        chosen[0] = False
        return np.asarray(chosen[self._labels])


def _inside(likely: np.ndarray, reach: int) -> np.ndarray:
    return cv2.erode((likely > SURE).astype(np.uint8), _disc(reach)) > 0


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _around(points: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is looked at, within the picture."""
    eyes = points[CORNERS["right"] + CORNERS["left"]].mean(0)
    chin = points[INDEX["chin"]]
    side = AROUND * float(np.linalg.norm(chin - eyes))
    left, top = eyes[0] - side / 2, chin[1] - (1 - BELOW) * side
    height, width = shape
    left, right = (int(np.clip(v, 0, width)) for v in (left, left + side))
    top, bottom = (int(np.clip(v, 0, height)) for v in (top, top + side))
    return left, top, max(right, left + 1), max(bottom, top + 1)
