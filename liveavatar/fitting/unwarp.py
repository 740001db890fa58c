"""What a patch should paint: drawings of a still head, unwarped through the motion into their layer's texture."""

from typing import Any

import cv2
import numpy as np

from liveavatar.base.box import Box

SOFTEN = np.array([0.15, 0.7, 0.15])
"""Each way, on textures with more pixels than the picture."""
SLACK = 4
"""Levels by which a patch may be darker or brighter than anything its teacher drew there."""
VARIES = 3
"""Levels by which a pixel may change and still be left as it is."""
_ONE_MAP: Any = None  # remap: x and y come in the first map


def softened(drawn: np.ndarray, detail: int) -> np.ndarray:
    """A drawing (h, w, 4) uint8 in pixels of the textures, so that sampling between them comes close to the area filter with
    which the teacher's pictures are made (benchmarks/LOG.md, 2026-11-25)."""
    if detail == 1:
        return drawn
    return cv2.sepFilter2D(drawn, -1, SOFTEN, SOFTEN, borderType=cv2.BORDER_REPLICATE)


def unwarp(drawn: np.ndarray, motion: np.ndarray, box: Box, span: Box, detail: int) -> np.ndarray:
    """What a box of a layer's texture must look like so that the motion makes this drawing of it: (h * detail, w * detail, 4)
    uint8, as soft as textures are.

    drawn: (H, W, 4) uint8, the whole layer in pixels of the texture; motion: (2, g, g) float32 pixels, forward, on the layer's
    span. The jaw's outline, say, goes with the motion; a patch that drew it dropped would see it drop twice."""
    x, y, w, h = box.scaled(detail)
    at = np.mgrid[y : y + h, x : x + w][::-1].astype(np.float32)
    cells = motion.shape[-1]
    across, down = (
        (((axis + 0.5) / detail - start) * (cells / side) - 0.5).astype(np.float32)
        for axis, start, side in zip(at, span[:2], span[2:], strict=True)
    )
    field = np.ascontiguousarray(motion.transpose(1, 2, 0))
    moved = cv2.remap(field, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    maps = moved * detail + at.transpose(1, 2, 0)
    unwarped = cv2.remap(drawn, maps, _ONE_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return softened(unwarped, detail)


def extremes(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most of each pixel of (N, h, w, 4) uint8, with some slack: (h, w, 4) uint8 each."""
    low, high = pictures[0].copy(), pictures[0].copy()
    for start in range(0, len(pictures), 16):
        part = pictures[start : start + 16]
        np.minimum(low, part.min(0), out=low)
        np.maximum(high, part.max(0), out=high)
    return cv2.subtract(low, _slack(low)), cv2.add(high, _slack(high))


def _slack(like: np.ndarray) -> np.ndarray:
    return np.full_like(like, SLACK)


def varying(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where pictures between these extremes (h, w, 4) uint8 differ by more than a few levels: (h, w) bool."""
    return np.asarray((cv2.subtract(high, low) > 2 * SLACK + VARIES).any(-1))
