"""One eye's parts as layers of their own: each with its alpha, its true colour, and what others hid of it painted."""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.rigs.picture.eyeball import ball
from liveavatar.rigs.picture.eyelash import below_edge, mistaken_for_hair
from liveavatar.rigs.picture.eyelines import EyeMotion, Lines
from liveavatar.rigs.picture.eyemasks import far, grown, ramp, unmixed, usual, with_alpha
from liveavatar.rigs.picture.eyeparts import Apart
from liveavatar.rigs.picture.eyeplace import Place
from liveavatar.rigs.picture.fill import spread

_RINGS = (4.6, 4.5, 2.4, 6.0), (2.6, 3.0, 1.6, 3.6), (2.0, 2.0, 1.6, 2.5)
"""How far round lash, brow, lines and the opening, in the frame's pixels, skin may be touched by them; nothing
but faint traces of them are; nothing but what has their colour is."""
_REACH = 2.0
"""How far from where the network sees a stroke it may still be, in the frame's pixels."""


@dataclass(frozen=True)
class Textures:
    """Float32 in [0, 1], premultiplied, (h, w, 4) where not said otherwise, in the pixels of an eye's Place."""

    skin: np.ndarray
    """Over the picture's own: only where something was taken off it."""
    front: np.ndarray
    """Hair and glasses."""
    white: np.ndarray
    """(h, w, 3)"""
    ball: np.ndarray
    """(h, w) where there may be an eyeball, open or not."""
    iris: np.ndarray
    lash: np.ndarray
    brow: np.ndarray
    lower: np.ndarray
    """The lower lid's line."""
    crease: np.ndarray
    lash_under: bool
    """Whether the hair lies over the lashes."""
    brow_under: bool
    near: np.ndarray
    """(h, w) 1 round the eye .. 0 at the box's edges: where anything may change."""


def textures(
    place: Place,
    apart: Apart,
    motion: EyeMotion,
    rest: Lines,
    covered: bool = False,
    hair: np.ndarray | None = None,
) -> Textures:
    """The parts of an eye, at rest. covered: what is seen of it stays as it is; hair (h, w): where some is before the face, as
    others see it."""
    c, z = place.rgb, place.zoom
    u, v = place.units()
    near = ramp(95 - np.abs(u - 5), 12) * ramp(v + 178, 12) * ramp(80 - v, 12)
    masks = {name: _fitted(place.enlarged(mask), c, z) for name, mask in apart.masks.items()}
    colour = {name: place.enlarged(picture) for name, picture in apart.colours.items()}
    lid = np.interp(u, rest.upper[:, 0], rest.upper[:, 1])
    lash, brow = masks["lash"] * near, masks["brow"] * ramp(105 - np.abs(u - 5), 10) * ramp(v + 162, 5)
    lines = masks["lines"] * near * ramp(v + 60, 10)
    # an outline beside the eye goes with the lash
    beside = ramp(np.abs(u - 5) - 42, 6) * ramp(lid + 12 - v, 6)
    lash = np.maximum(lash * ramp(lid + 20 - v, 6), lines * beside)
    lines *= 1 - beside
    hole = place.filled(rest.opening)
    around = 15 if hair is None or covered else 5
    beside_lids = cv2.GaussianBlur(grown(hole, around * place.unit), (0, 0), 0.2 * around * place.unit)
    front = _hair(masks["front"], beside_lids)
    if hair is not None and not covered:
        lids = np.maximum(np.clip(2 * grown(lash, 2 * z), 0, 1), grown(hole, 2 * z))
        front *= np.clip((grown(hair, 3 * z) - 0.05) / 0.25, 0, 1)
        front = np.maximum(front, np.clip((hair - 0.3) / 0.4, 0, 1) * (1 - lids))
    front *= near
    if not covered:
        mistaken = mistaken_for_hair(place, c, lash, front, rest, motion) * (1 if hair is None else 1 - hair)
        lash, front = np.maximum(lash, mistaken), front * (1 - grown(mistaken, z))
        lash = np.maximum(lash, below_edge(place, lash, rest))

    # skin is sure to be seen a little way off from what is over it
    strokes = (lash, brow, lines, hole)
    free, beyond, outside = (1 - _round(strokes, [by * z for by in reach]) for reach in _RINGS)
    free = np.minimum(free, 1 - _round((front,), [1.6 * z]))
    known = free * np.clip(2 * masks["skin"] - 1, 0, 1)
    known *= 1 - (masks["front"] if hair is None else np.maximum(masks["front"], hair))
    painted = spread(c, known * usual(c, known * near, 0.18))
    front *= np.clip((far(c, painted) - 0.04) / 0.06, 0, 1)
    beside_brow = cv2.GaussianBlur(grown(brow, 3 * z), (0, 0), z)
    front = _without_lines(place, front, np.maximum(beside_lids, beside_brow))
    if covered:
        front = np.maximum(front, np.minimum(np.clip(1.6 * beside_lids, 0, 1), near))
        lash, brow, lines = (np.zeros_like(mask) for mask in (lash, brow, lines))
    # what strokes leave beside them is painted over, but neither hair's ends nor the rims of glasses
    kept = np.maximum(outside * _foreign(c, painted, lash), beyond * np.clip(20 * far(c, painted) - 1, 0, 1))
    lighter = np.clip(30 * (c - painted).min(-1), 0, 1)  # as a sharpened picture is round its lines
    kept *= (1 - front) * (1 - lighter)
    cover = (1 - cv2.GaussianBlur(np.maximum(free, kept), (0, 0), z)) * np.clip(2 * near - 1, 0, 1)
    under = c + cover[..., None] * (painted - c)

    drawn = np.maximum(grown(lash, z), grown(brow, 2.5 * z))
    locks = spread(c, np.clip(4 * front * np.clip(1 - 2 * drawn, 0, 1) - 3, 0, 1))
    locks += (unmixed(c, front, under, locks) - locks) * (1 - np.maximum(lash, brow))[..., None]

    white, iris, iris_alpha = ball(
        place,
        masks,
        colour,
        hole,
        np.max([front, np.clip(2 * masks["front"] - 1, 0, 1), grown(lash, 0.8 * z)], 0),
        motion,
    )
    behind = under + hole[..., None] * (white + iris_alpha[..., None] * (iris - white) - under)
    behind += front[..., None] * (locks - behind)
    stroke = {
        name: _stroke(c, mask, below, z)
        for name, mask, below in (("lines", lines, under), ("lash", lash, behind), ("brow", brow, behind))
    }
    middle = float(rest.lower[:, 1].mean() + rest.upper[:, 1].mean()) / 2
    low = (v > np.minimum(lid + 0.45 * (middle - lid), middle))[..., None]
    return Textures(
        with_alpha(painted, cover),
        with_alpha(locks, front),
        white,
        ramp(grown(hole, 14 * place.unit) - 0.5, 0.25),
        with_alpha(iris, iris_alpha),
        stroke["lash"],
        stroke["brow"],
        stroke["lines"] * low,
        stroke["lines"] * ~low,
        _lies_under(place, front, lash, rest.lash, 5.0),
        _lies_under(place, front, brow, rest.brow, 4.0),
        near,
    )


def _hair(mask: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Alpha (h, w) of what is before an eye. Beside the lids it takes more to be hair: outlines there look like it."""
    return np.asarray(np.clip((mask - 0.25 - 0.3 * beside) / (0.55 - 0.15 * beside), 0, 1))


def _round(masks: tuple[np.ndarray, ...], reach: list[float]) -> np.ndarray:
    """(h, w) 1 within so many pixels of each mask .. 0."""
    return np.asarray(
        np.clip(2.5 * np.max([grown(m, by) for m, by in zip(masks, reach, strict=True)], 0), 0, 1)
    )


def _foreign(c: np.ndarray, painted: np.ndarray, lash: np.ndarray) -> np.ndarray:
    """(h, w) 1 where a colour is neither skin nor some of the lash's over skin .. 0."""
    away = c - painted
    solid = lash > 0.6
    if solid.sum() < 12:
        return np.zeros_like(lash)
    to_ink = np.median(c[solid], 0) - painted
    share = (away * to_ink).sum(-1, keepdims=True) / np.maximum((to_ink**2).sum(-1, keepdims=True), 1e-3)
    beside = np.sqrt(((away - np.clip(share, 0, 1.2) * to_ink) ** 2).sum(-1))
    return np.asarray(np.clip((beside - 0.07) / 0.06, 0, 1), np.float32)


def _without_lines(place: Place, mask: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Alpha of hair, without what is as thin as an outline beside the lids."""
    opened = grown(1 - grown(1 - mask, 3 * place.unit), 4 * place.unit)
    return np.asarray(mask + beside * (opened * mask - mask), np.float32)


def _fitted(mask: np.ndarray, rgb: np.ndarray, zoom: float) -> np.ndarray:
    """A coarse mask with its edges where the picture's are (He et al. 2010, guided filter)."""
    fine = cv2.ximgproc.guidedFilter(rgb, mask, max(round(1.5 * zoom), 2), 4e-4)
    return np.asarray(np.clip(0.35 * mask + 0.65 * fine, 0, 1), np.float32)


def _stroke(c: np.ndarray, mask: np.ndarray, below: np.ndarray, zoom: float) -> np.ndarray:
    """A stroke's layer. Near where it may be, its alpha is how far the picture's colour has gone from what lies below to the
    stroke's own."""
    most = max(float(mask.max()), 1e-3)
    own = spread(c, np.clip(3 * mask / most - 2, 0, 1))
    away = own - below
    share = ((c - below) * away).sum(-1) / np.maximum((away**2).sum(-1), 1e-3)
    tells = np.clip((np.sqrt((away**2).sum(-1)) - 0.1) / 0.2, 0, 1)
    band = cv2.GaussianBlur(np.clip(3 * grown(mask, _REACH * zoom) - 0.4, 0, 1), (0, 0), 0.7 * zoom)
    alpha = mask + tells * band * (np.clip((share - 0.12) / 0.7, 0, 1) - mask)
    return with_alpha(unmixed(c, alpha, below, own), alpha.astype(np.float32))


def _lies_under(place: Place, front: np.ndarray, mask: np.ndarray, line: np.ndarray, wide: float) -> bool:
    """Whether hair hides a stroke `wide` units wide along a line: it is not seen where the hair is."""
    band = np.zeros(front.shape, np.uint8)
    at = np.round(place.px(line) * 16).astype(np.int32)
    cv2.polylines(band, [at], False, 1, max(round(wide * place.unit), 1), cv2.LINE_8, 4)
    hair = band * (front > 0.6)
    return bool(hair.sum() > 0.04 * band.sum() and (mask * hair).sum() < 0.3 * hair.sum())
