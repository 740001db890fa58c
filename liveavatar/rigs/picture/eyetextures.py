"""One eye's parts as layers of their own: each with its alpha, its true colour, and what others hid of it painted."""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.rigs.picture.eyelines import EyeMotion, Lines
from liveavatar.rigs.picture.eyeparts import Apart
from liveavatar.rigs.picture.eyeplace import Place
from liveavatar.rigs.picture.fill import matched, spread

_WHITES_NEED = 12.0
"""Pixels of white that have to be seen before their colour counts."""
_COVERED = 0.4
"""Share of an eye that hair covers from which on what is seen of it stays as it is."""
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


def textures(place: Place, apart: Apart, motion: EyeMotion, rest: Lines) -> Textures:
    """The parts of an eye, at rest."""
    c, z = place.rgb, place.zoom
    u, v = place.units()
    near = _ramp(95 - np.abs(u - 5), 12) * _ramp(v + 178, 12) * _ramp(80 - v, 12)
    masks = {name: _fitted(place.enlarged(mask), c, z) for name, mask in apart.masks.items()}
    colour = {name: place.enlarged(picture) for name, picture in apart.colours.items()}
    lid = np.interp(u, rest.upper[:, 0], rest.upper[:, 1])
    lash, brow = masks["lash"] * near, masks["brow"] * _ramp(105 - np.abs(u - 5), 10) * _ramp(v + 162, 5)
    lines = masks["lines"] * near * _ramp(v + 60, 10)
    # an outline beside the eye goes with the lash
    beside = _ramp(np.abs(u - 5) - 42, 6) * _ramp(lid + 12 - v, 6)
    lash = np.maximum(lash * _ramp(lid + 20 - v, 6), lines * beside)
    lines *= 1 - beside
    hole = place.filled(rest.opening)
    beside_lids = cv2.GaussianBlur(grown(hole, 15 * place.unit), (0, 0), 3 * place.unit)
    front = _hair(masks["front"], beside_lids) * near

    # skin is seen where nothing is over it, a little way off
    over = ((lash, 3.0), (brow, 3.5), (lines, 1.6), (hole, 5.5), (front, 1.6))
    free = np.clip(1 - 2.5 * np.max([grown(mask, by * z) for mask, by in over], 0), 0, 1)
    known = free * np.clip(2 * masks["skin"] - 1, 0, 1)
    painted = spread(c, known * _usual(c, known * near, 0.25))
    front *= np.clip((np.sqrt(((c - painted) ** 2).sum(-1)) - 0.03) / 0.06, 0, 1)
    beside_brow = cv2.GaussianBlur(grown(brow, 3 * z), (0, 0), z)
    front = _without_lines(place, front, np.maximum(beside_lids, beside_brow))
    if float((masks["front"] * hole).sum()) > _COVERED * float(hole.sum()):  # nobody would see it move
        front, lash = np.maximum(front, np.minimum(beside_lids, near)), np.zeros_like(lash)
    cover = (1 - cv2.GaussianBlur(free, (0, 0), z)) * np.clip(2 * near - 1, 0, 1)
    under = c + cover[..., None] * (painted - c)

    strokes = np.maximum(grown(lash, z), grown(brow, z))
    hair = spread(c, np.clip(4 * front * np.clip(1 - 2 * strokes, 0, 1) - 3, 0, 1))
    hair += (_unmixed(c, front, under, hair) - hair) * (1 - np.maximum(lash, brow))[..., None]

    white, iris, iris_alpha = _ball(
        place, masks, colour, hole, np.maximum(front, grown(lash, 0.8 * z)), motion
    )
    behind = under + hole[..., None] * (white + iris_alpha[..., None] * (iris - white) - under)
    behind += front[..., None] * (hair - behind)
    stroke = {
        name: _stroke(c, mask, below, z)
        for name, mask, below in (("lines", lines, under), ("lash", lash, behind), ("brow", brow, behind))
    }
    middle = float(rest.lower[:, 1].mean() + rest.upper[:, 1].mean()) / 2
    low = (v > np.minimum(lid + 0.45 * (middle - lid), middle))[..., None]
    return Textures(
        with_alpha(painted, cover),
        with_alpha(hair, front),
        white,
        _ramp(grown(hole, 14 * place.unit) - 0.5, 0.25),
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


def _without_lines(place: Place, mask: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Alpha of hair, without what is as thin as an outline beside the lids."""
    opened = grown(1 - grown(1 - mask, 3 * place.unit), 4 * place.unit)
    return np.asarray(mask + beside * (opened * mask - mask), np.float32)


def _ball(
    place: Place,
    masks: dict[str, np.ndarray],
    colour: dict[str, np.ndarray],
    hole: np.ndarray,
    covered: np.ndarray,
    motion: EyeMotion,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """White (h, w, 3), iris (h, w, 3) and its alpha (h, w), each whole."""
    c, z = place.rgb, place.zoom
    clear = np.clip(1 - 1.5 * covered, 0, 1) * np.clip(3 * (1 - grown(1 - hole, 0.9 * z)) - 1.5, 0, 1)
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    rim = motion.shape.iris + np.stack([np.cos(angle), np.sin(angle)], 1) * motion.shape.radii
    disc = place.filled(rim)
    alpha = cv2.GaussianBlur(np.where(clear > 0.5, masks["iris"], disc), (0, 0), 0.35 * z)
    alpha *= grown(disc, 2 * z) > 0.5
    seen = clear * np.clip(1 - 2.5 * grown(alpha, 2.2 * z), 0, 1)
    seen = seen * _usual(c, seen * c.mean(-1) ** 4, 0.11)
    white = spread(c, seen) if seen.sum() > _WHITES_NEED else colour["white"]
    iris = matched(colour["iris"], c, clear * np.clip(3 * alpha - 2, 0, 1))
    shown = ((alpha > 0.3) & (clear > 0.5))[..., None]
    return white, np.where(shown, _unmixed(c, alpha, white, iris), iris), alpha


def _usual(c: np.ndarray, weight: np.ndarray, most: float) -> np.ndarray:
    """(h, w) 1 where a colour is like most of those that have weight .. nearly 0 where it is quite another one, at
    the latest one that lies `most` away."""
    if weight.sum() < 1.0:
        return np.ones(weight.shape, np.float32)
    middle = np.empty(3)
    for k in range(3):
        rank = np.argsort(c[..., k], axis=None)
        total = np.cumsum(weight.ravel()[rank])
        middle[k] = c[..., k].ravel()[rank][np.searchsorted(total, total[-1] / 2)]
    away = np.sqrt(((c - middle) ** 2).sum(-1))
    spread_ = float((away * weight).sum() / weight.sum())
    return np.asarray(0.004 + np.exp(-((away / np.clip(2.0 * spread_, 0.06, most)) ** 2)), np.float32)


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
    return with_alpha(_unmixed(c, alpha, below, own), alpha.astype(np.float32))


def _lies_under(place: Place, front: np.ndarray, mask: np.ndarray, line: np.ndarray, wide: float) -> bool:
    """Whether hair hides a stroke `wide` units wide along a line: it is not seen where the hair is."""
    band = np.zeros(front.shape, np.uint8)
    at = np.round(place.px(line) * 16).astype(np.int32)
    cv2.polylines(band, [at], False, 1, max(round(wide * place.unit), 1), cv2.LINE_8, 4)
    hair = band * (front > 0.6)
    return bool(hair.sum() > 0.04 * band.sum() and (mask * hair).sum() < 0.3 * hair.sum())


def grown(mask: np.ndarray, by: float) -> np.ndarray:
    """A mask (h, w) that reaches `by` pixels further."""
    n = max(round(by), 1)
    return np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * n + 1, 2 * n + 1))))


def with_alpha(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(h, w, 4) premultiplied."""
    return np.concatenate([colour * alpha[..., None], alpha[..., None]], 2).astype(np.float32)


def _ramp(distance: np.ndarray, wide: float) -> np.ndarray:
    return np.clip(distance / wide, 0, 1).astype(np.float32)


def _unmixed(c: np.ndarray, alpha: np.ndarray, below: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """The colour (h, w, 3) of a layer of which alpha (h, w) lies over `below` where c is seen; where it hardly is, the guess."""
    a = alpha[..., None]
    found = np.clip((c - (1 - a) * below) / np.maximum(a, 0.1), 0, 1)
    return np.asarray(guess + (found - guess) * np.clip(2 * a - 0.2, 0, 1), np.float32)
