"""An eyeball as it is behind the lids: its white and its iris, each whole."""

import cv2
import numpy as np

from liveavatar.rigs.picture.eyelines import EyeMotion
from liveavatar.rigs.picture.eyemasks import grown, ramp, unmixed, usual
from liveavatar.rigs.picture.eyeplace import Place
from liveavatar.rigs.picture.fill import spread

_WHITES_NEED, _IRIS_NEEDS = 12.0, 4.0
"""Pixels that have to be seen before their colour counts."""


def ball(
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
    usually = seen * usual(c, seen * c.mean(-1) ** 2, 0.13)
    if usually.sum() > _WHITES_NEED:
        white = spread(c, usually)
    else:  # as bright as the brightest that is seen
        bright = float(np.quantile(c[hole > 0.5].mean(-1), 0.9)) if (hole > 0.5).any() else 1.0
        white = colour["white"] * min(1.0, bright / max(float(colour["white"][hole > 0.5].mean()), 0.1))
    # along the lower lid it is as it is seen there, shade and line
    v = place.units()[1]
    low = ramp(v - motion.shape.iris[1], 12) * hole * np.clip(1 - 1.5 * covered, 0, 1)
    low *= np.clip(1 - 2.5 * grown(alpha, 2.2 * z), 0, 1)
    low *= np.clip(2 * usual(c, low, 0.3), 0, 1)  # no rim of glasses
    white = white + cv2.GaussianBlur(low, (0, 0), 0.5 * z)[..., None] * (c - white)
    known = clear * np.clip(3 * alpha - 2, 0, 1)
    own = _of_one_hue(c, known)
    shown, known = (alpha > 0.3) & (clear > 0.5) & (own > 0.5), known * own
    # what is hidden of it: as light as the network paints it, in colours that are seen
    if known.sum() > _IRIS_NEEDS:
        flat, painted = spread(c, known), colour["iris"].mean(-1, keepdims=True)
        level = spread(c.mean(-1, keepdims=True) / np.maximum(painted, 0.05), known)
        iris = flat * np.clip(painted * level / np.maximum(flat.mean(-1, keepdims=True), 0.05), 0.5, 1.5)
    else:
        iris = colour["iris"]
    share = cv2.GaussianBlur(shown.astype(np.float32), (0, 0), 0.5 * z)[..., None]
    return white, iris + share * (unmixed(c, alpha, white, iris) - iris), alpha


def _of_one_hue(c: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(h, w) 1 where a colour has the hue of most of those that have weight, or is a light on them .. 0: a rim of glasses."""
    light = c.mean(-1, keepdims=True)
    hue = c - light
    middle = np.median(hue[weight > 0.5], 0) if (weight > 0.5).any() else 0.0
    away = np.sqrt(((hue - middle) ** 2).sum(-1))
    return np.asarray(
        1 - np.clip((away - 0.25) / 0.1, 0, 1) * np.clip((0.8 - light[..., 0]) / 0.1, 0, 1), np.float32
    )
