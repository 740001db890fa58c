"""Blending of premultiplied pictures."""

from collections.abc import Sequence

import cv2
import numpy as np


def over(bottom: np.ndarray, top: np.ndarray) -> None:
    """Source-over, in place: bottom = top + bottom * (1 - alpha of top).

    bottom: (h, w, 4) uint8 premultiplied RGBA, or (h, w, 3) uint8 opaque RGB; top: (h, w, 4) uint8 premultiplied RGBA."""
    channels = bottom.shape[2]
    transparency = cv2.bitwise_not(cv2.extractChannel(top, 3))
    behind = cv2.multiply(bottom, cv2.merge([transparency] * channels), scale=1 / 255)
    cv2.add(behind, top if channels == 4 else cv2.cvtColor(top, cv2.COLOR_RGBA2RGB), dst=bottom)


def straight_alpha(image: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 premultiplied RGBA -> not premultiplied, as video players and PNGs have it."""
    alpha = image[..., 3:4]
    divisor = np.maximum(alpha, 1).repeat(3, axis=2)
    colour = cv2.divide(image[..., :3], divisor, scale=255)  # saturates, rounds
    return np.concatenate((colour, alpha), axis=2)


def clamp_to_alpha(image: np.ndarray) -> np.ndarray:
    """Lower, in place, colours above alpha, which no premultiplied picture has: (h, w, 4) uint8 RGBA, which is returned."""
    alpha = cv2.extractChannel(image, 3)
    return cv2.min(image, cv2.merge([alpha] * 4), dst=image)


def stack(layers: Sequence[tuple[int, int, np.ndarray]], size: tuple[int, int]) -> np.ndarray:
    """Layers one over the other, the lowest first: (height, width, 4) uint8 premultiplied RGBA.

    layers: left edge, top edge, and (h, w, 4) uint8 premultiplied RGBA that lies within size (width, height)."""
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    for k, (x, y, layer) in enumerate(layers):
        part = canvas[y : y + len(layer), x : x + len(layer[0])]
        if k:
            over(part, layer)
        else:
            part[:] = layer
    return clamp_to_alpha(canvas)
