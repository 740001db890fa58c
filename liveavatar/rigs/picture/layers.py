"""The layers of a picture with what they hide: each holds the picture's own pixels where it is seen, what is beside these where
it is not."""

import cv2
import numpy as np

from liveavatar.rigs.picture.parts import HIDDEN, VISIBLE, Parts

LAYERS = ("back", "body", "face", "front")
"""Back to front."""
LINE = 9
"""A line of the drawing is at most so thick, pixels of the canvas."""
EDGE = 3
"""Pixels by which a layer reaches beyond what it shows, so that lines and soft edges go with it whole."""
SMALLEST = {"back": 5000, "body": 2500, "face": 1500, "front": 1500}
"""Pixels of the smallest piece of a layer; what is smaller goes to what is next to it."""
REACH = {"back": 36, "body": 24, "face": 14}
"""Pixels that what a layer hides keeps from the figure's outline, lest it look out when the head turns; not where the layer
itself makes that outline."""
OVERLAP = 20
"""Pixels by which a layer goes on below those that border on it, whatever it is: no gap opens when they part."""
FADE = 4
"""Over so many pixels more it fades out, where what is below shows the same."""


def layers_of(picture: np.ndarray, face: np.ndarray, parts: Parts) -> np.ndarray:
    """picture: (S, S, 4) uint8 premultiplied RGBA; face: the same with nothing on its skin -> (len(LAYERS), S, S, 4), which one
    over the other are the picture again."""
    alpha = picture[..., 3].astype(np.float32) / 255
    straight, skin = (_straight(image, alpha) for image in (picture, face))
    line = _lines(straight)
    whose = _nearest(
        [
            _tidy((parts.seen[1:].argmax(0) == k) & (alpha > 0.02), SMALLEST[name])
            for k, name in enumerate(LAYERS)
        ]
    )
    solid = alpha > 0.9
    claims: dict[str, np.ndarray] = {}
    taken = np.zeros(alpha.shape, bool)
    for name in reversed(LAYERS):
        own = whose == VISIBLE.index(name) - 1
        if name != "back":
            grown = cv2.dilate(own.astype(np.uint8), np.ones((LINE, LINE), np.uint8)) > 0
            own |= grown & line
            own = cv2.dilate(own.astype(np.uint8), _disc(EDGE)) > 0
        own &= ~taken & (alpha > 0.02)
        claims[name] = own
        taken |= own
    above = np.zeros(alpha.shape, bool)
    made: dict[str, np.ndarray] = {}
    for name in reversed(LAYERS):
        own = claims[name]
        hidden = np.zeros(alpha.shape, np.float32)
        if name in HIDDEN:
            shape = np.clip((parts.shapes[HIDDEN.index(name)] - 0.4) / 0.2, 0, 1)
            shape = np.maximum(shape * _within(solid, own, REACH[name]), _round(own, solid))
            hidden = np.where(above, shape, 0.0).astype(np.float32)
        # Beyond what it claims a layer fades where others show the same pixels below or above it.
        soft = _faded(own)
        cover = np.maximum(np.where(above, 0.0, soft) if name != "front" else soft, hidden)
        colours = filled(
            skin if name == "face" else straight, own.astype(np.float32), keep=own | (soft > 0) & ~above
        )
        if name == "back" and not own.any():
            colours = parts.colours[HIDDEN.index("back")]
        made[name] = _premultiplied(colours, np.where(own | (hidden <= 0), cover * alpha, cover))
        above |= own
    return np.stack([made[name] for name in LAYERS])


def _straight(picture: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Its colours (h, w, 3) float32, not premultiplied, also beside what is there."""
    colours = np.minimum(picture[..., :3].astype(np.float32) / np.maximum(alpha, 1 / 255)[..., None], 255)
    return filled(colours, (alpha > 0.9).astype(np.float32), keep=alpha > 0.02)


def filled(image: np.ndarray, known: np.ndarray, keep: np.ndarray | None = None) -> np.ndarray:
    """An image (h, w, 3) float32 whose pixels are the mean of known ones near by where they are not kept: from coarse to fine,
    as smooth as can be. known: (h, w) float32, 0 to 1; keep: (h, w) bool, of what is known if None."""
    levels = [(image * known[..., None], known)]
    while min(levels[-1][1].shape) > 2:
        colour, weight = levels[-1]
        levels.append((cv2.pyrDown(colour), cv2.pyrDown(weight)))
    colour, weight = levels[-1]
    result = colour / np.maximum(weight, 1e-6)[..., None]
    for colour, weight in reversed(levels[:-1]):
        h, w = weight.shape
        up = cv2.resize(result, (w, h), interpolation=cv2.INTER_LINEAR)
        share = np.clip(weight, 0, 1)[..., None]
        result = up * (1 - share) + colour / np.maximum(weight, 1e-6)[..., None] * share
    kept = known > 0 if keep is None else keep
    return np.where(kept[..., None], image, result).astype(np.float32)


def _lines(straight: np.ndarray) -> np.ndarray:
    """Where the drawing has thin lines, darker than what is on both sides: (h, w) bool."""
    grey = cv2.cvtColor(straight.clip(0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, _disc(LINE // 2))
    return np.asarray(cv2.subtract(closed, grey) > 14)


def _tidy(mask: np.ndarray, smallest: int) -> np.ndarray:
    """A mask without pieces of fewer pixels."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, _disc(1))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    keep = np.zeros(count, bool)
    keep[1:] = stats[1:, cv2.CC_STAT_AREA] > smallest
    return np.asarray(keep[labels])


def _nearest(masks: list[np.ndarray]) -> np.ndarray:
    """Of each pixel, which of the masks it lies in or is nearest to: (h, w) int."""
    away = [cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3) for mask in masks if mask.any()]
    there = np.flatnonzero([mask.any() for mask in masks])
    return np.asarray(there[np.argmin(away, 0)])


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _within(solid: np.ndarray, own: np.ndarray, reach: int) -> np.ndarray:
    """What of a figure lies `reach` pixels within its outline, or near what a layer itself shows: (h, w) float32."""
    inner, nearly = (cv2.erode(solid.astype(np.uint8), _disc(radius)) for radius in (reach, 2))
    beside = cv2.min(cv2.dilate(own.astype(np.uint8), _disc(reach)), nearly)
    return cv2.GaussianBlur(cv2.max(inner, beside).astype(np.float32), (0, 0), 1.5)


def _round(own: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """What lies OVERLAP pixels round what a layer shows, within the figure: (h, w) float32."""
    near = cv2.dilate(own.astype(np.uint8), _disc(OVERLAP))
    return cv2.GaussianBlur(
        cv2.min(near, cv2.erode(solid.astype(np.uint8), _disc(2))).astype(np.float32), (0, 0), 1.5
    )


def _faded(own: np.ndarray) -> np.ndarray:
    """1 within a mask, falling to 0 over FADE pixels beyond it."""
    away = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, 3)
    return np.clip(1 - away / FADE, 0, 1)


def _premultiplied(colours: np.ndarray, cover: np.ndarray) -> np.ndarray:
    cover = np.clip(cover, 0, 1)[..., None]
    return np.round(np.concatenate([np.clip(colours, 0, 255) * cover, 255 * cover], -1)).astype(np.uint8)
