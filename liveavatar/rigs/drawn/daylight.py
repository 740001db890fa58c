"""How light falls on whole layers: hair and clothes lie in the shade away from it and below, hair has a bright edge toward it.

Shade multiplies, so that what it falls on keeps its own hue."""

from functools import lru_cache

import cv2
import numpy as np

from liveavatar.rigs.drawn.finish import Finish
from liveavatar.rigs.drawn.geometry import CANVAS
from liveavatar.rigs.drawn.surface import Affine

_DUSK = np.array([0.70, 0.59, 0.70])
"""What full shade leaves of red, green and blue."""
_EDGE = ((2.0, 2.5), (6.5, 8.5))
"""Where the bright edge begins, past the line, and ends: to the right and down, in canvas units."""
_LIGHT = 0.34
_HEAD = (512.0, 430.0)
"""Where the head hangs at rest."""
_ROOM = 256
"""Canvas units that a map is larger than the picture on each side."""


def shine(pixels: np.ndarray, layer: str, finish: Finish, place: Affine, scale: float) -> None:
    """Light a layer (size, size, 4) uint8 premultiplied, in place; `place` is where it hangs, `scale` pixels to a canvas unit."""
    amount = finish.cloth if layer == "body" else finish.mass
    if layer not in ("back", "body", "front") or not amount:
        return
    size = len(pixels)
    x, y, width, height = cv2.boundingRect(cv2.extractChannel(pixels, 3))
    if not width:
        return
    part = pixels[y : y + height, x : x + width]
    if layer == "front" and finish.rim:
        _edge(part, finish.rim, scale)
    ox, oy = (0, 0) if layer == "body" else (place[2] - _HEAD[0], place[5] - _HEAD[1])
    left, top = (
        round((float(np.clip(_ROOM - o, 0, 2 * _ROOM))) * scale) + corner for o, corner in ((ox, x), (oy, y))
    )
    fall = _map(layer, round(amount, 2), size)[top : top + height, left : left + width]
    cv2.multiply(part, fall, dst=part, scale=1 / 255)


def _edge(part: np.ndarray, amount: float, scale: float) -> None:
    """Brighten the edge that faces the light."""
    alpha = cv2.extractChannel(part, 3)
    outer, inner = (_moved(alpha, *(max(round(d * scale), 1) for d in by)) for by in _EDGE)
    edge = cv2.cvtColor(cv2.subtract(outer, inner), cv2.COLOR_GRAY2RGBA)
    dark = cv2.subtract(cv2.merge([alpha] * 4), part)  # of alpha nothing
    cv2.add(part, cv2.multiply(dark, edge, scale=_LIGHT * amount / 255), dst=part)


def _moved(alpha: np.ndarray, right: int, down: int) -> np.ndarray:
    result = np.zeros_like(alpha)
    result[down:, right:] = alpha[:-down, :-right]
    return result


@lru_cache(maxsize=6)
def _map(layer: str, amount: float, size: int) -> np.ndarray:
    """What shade leaves of a layer: (n, n, 4) uint8, 255 for all, larger than the picture by _ROOM on each side."""
    coarse = 8
    at = np.arange(-_ROOM + coarse / 2, CANVAS + _ROOM, coarse, dtype=np.float32)
    x, y = np.meshgrid(at, at)

    def pool(cx: float, cy: float, rx: float, ry: float) -> np.ndarray:
        return np.asarray(np.clip(1.0 - np.hypot((x - cx) / rx, (y - cy) / ry), 0.0, 1.0) ** 1.3)

    def away(cx: float, cy: float, near: float, far: float, down: float) -> np.ndarray:
        way = np.clip((np.hypot(x - cx, down * (y - cy)) - near) / (far - near), 0.0, 1.0)
        return np.asarray(way * way * (3 - 2 * way))

    if layer == "body":
        # under the head, and to the lower right
        shade = 0.75 * pool(524.0, 690.0, 230.0, 150.0) + 0.85 * away(400.0, 740.0, 190.0, 520.0, 1.0)
    elif layer == "front":
        shade = 0.85 * away(380.0, 260.0, 170.0, 440.0, 0.6)
    else:
        shade = 1.1 * pool(516.0, 640.0, 330.0, 300.0) + 0.5 * away(380.0, 260.0, 200.0, 640.0, 0.7)
    left = 1.0 - (1.0 - _DUSK) * (amount * np.minimum(shade, 1.0))[..., None]
    whole = np.concatenate([left, np.ones_like(left[..., :1])], -1).astype(np.float32) * 255
    side = round(len(at) * coarse * size / CANVAS)
    return np.asarray(cv2.resize(whole, (side, side)).round().astype(np.uint8))
