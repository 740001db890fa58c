"""Where a lash is that was not seen as one: under what looks like hair, and where a dark iris touches it."""

import cv2
import numpy as np

from liveavatar.rigs.picture.eyelines import EyeMotion, Lines
from liveavatar.rigs.picture.eyemasks import grown
from liveavatar.rigs.picture.eyeplace import Place

_TOLD_APART = 0.3
"""How far the colours of lash and hair have to be apart to tell one by its colour: a distance in RGB."""
_ABOVE, _BELOW = -3.0, 14.0
"""Units from a lid's edge between which a lash's lower edge is looked for."""
_INKY = 0.24
"""How far a colour is from the lash's at most, to be it."""
_ENOUGH = 8
"""Places along a lid that have to show the lash's lower edge."""


def mistaken_for_hair(
    place: Place, c: np.ndarray, lash: np.ndarray, front: np.ndarray, rest: Lines, motion: EyeMotion
) -> np.ndarray:
    """Alpha (h, w) of what was taken for hair where a lash lies, and has its colour; none where hair has it as well."""
    solid = lash > 0.6
    hair = (front > 0.9) & (grown(lash, 10 * place.unit) < 0.1)
    if solid.sum() < 12 or hair.sum() < 12:
        return np.zeros_like(lash)
    light = c[solid].mean(-1)
    ink, locks = c[solid][light <= np.median(light)].mean(0), np.median(c[hair], 0)
    apart = float(((ink - locks) ** 2).sum())
    if apart < _TOLD_APART**2:
        return np.zeros_like(lash)
    up = np.array([0.0, -0.5 * (motion.thick + 2.0)])
    band = np.zeros(lash.shape, np.uint8)
    at = np.round(place.px(rest.upper[:-3] + up) * 16).astype(np.int32)
    cv2.polylines(band, [at], False, 255, max(round((motion.thick + 9) * place.unit), 1), cv2.LINE_AA, 4)
    near = np.clip(cv2.GaussianBlur(band.astype(np.float32) / 255, (0, 0), 1.5 * place.unit), 0, 1)
    # how far from hair's colour to the lash's, along the way between them
    way = ((c - locks) @ (ink - locks)) / apart
    off = ((c - locks - way[..., None] * (ink - locks)) ** 2).sum(-1)
    like = np.clip((way - 0.3) / 0.35, 0, 1) * np.exp(-off / (0.5 * apart))
    return np.asarray(near * like, np.float32)


def below_edge(place: Place, lash: np.ndarray, rest: Lines) -> np.ndarray:
    """Alpha (h, w) of a lash down to its lower edge, which is looked for where light lies below it and goes on smoothly over
    what is dark."""
    none = np.zeros_like(lash)
    solid = lash > 0.6
    if solid.sum() < 12:
        return none
    light = place.rgb[solid].mean(-1)
    ink = place.rgb[solid][light <= np.median(light)].mean(0)
    offsets = np.arange(_ABOVE, _BELOW, 0.5)
    edge = rest.upper[2:-2]
    at = place.px((edge[:, None] + np.stack([0 * offsets, offsets], 1)).reshape(-1, 2)).reshape(
        len(edge), -1, 2
    )
    seen = cv2.remap(place.rgb, at.astype(np.float32), None, cv2.INTER_LINEAR)
    dark = ((seen - ink) ** 2).sum(-1) < _INKY**2
    first = dark.argmax(1)
    run = np.array(
        [(~row[k:]).argmax() if (~row[k:]).any() else -1 for row, k in zip(dark, first, strict=True)]
    )
    found = dark.any(1) & (offsets[first] < 3.0) & (run > 0)
    if found.sum() < _ENOUGH:
        return none
    deep = offsets[np.minimum(first + run, len(offsets) - 1)]
    deep = np.minimum(deep, np.median(deep[found]) + 2.0)
    every = np.arange(len(edge))
    line = np.interp(every, every[found], deep[found])
    line = np.maximum(line, _smooth(line, 4.0))
    line = _smooth(line, 1.5)
    down = edge + np.stack([0 * line, line], 1)
    return np.asarray(
        place.filled(np.concatenate([edge - (0.0, 2.0), down[::-1]])) * (line.max() > 0), np.float32
    )


def _smooth(line: np.ndarray, by: float) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(line[None].astype(np.float32), (0, 0), by)[0])
