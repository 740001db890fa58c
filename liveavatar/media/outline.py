"""The outline of an avatar in the output: the convex hull of what is not transparent."""

import cv2
import numpy as np

from liveavatar.media.compositing import Background, Framing, placed
from liveavatar.types import AvatarFrame

STEP = 8
"""Pixels of the avatar between two that are looked at."""
_SEEN = 16
"""Alpha from which something is."""


def shown_outline(frame: AvatarFrame | None, background: Background) -> np.ndarray:
    """outline() of a frame on its background; empty before there is one."""
    if frame is None:
        return np.zeros((0, 2))
    return outline(frame.image, background.size, Framing() if frame.whole else background.framing)


def outline(image: np.ndarray, size: tuple[int, int], framing: Framing) -> np.ndarray:
    """(n, 2) float64 pixels of an output of `size` (width, height), in order; of a picture (h, w, 4) uint8 RGBA. Empty where
    there is too little to have an outline."""
    h, w = image.shape[:2]
    seen = cv2.findNonZero((image[::STEP, ::STEP, 3] >= _SEEN).astype(np.uint8))
    if seen is None or len(seen) < 3:
        return np.zeros((0, 2))
    hull = cv2.approxPolyDP(cv2.convexHull(seen), 0.7, True).reshape(-1, 2) * STEP + 0.5
    if len(hull) < 3:
        return np.zeros((0, 2))
    if framing.mirror:
        hull[:, 0] = w - hull[:, 0]
    factor, left, top = placed((w, h), size, framing)
    angle = np.radians(framing.rotation)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([w, h]) / 2
    return np.asarray((hull - middle) @ turn * factor + middle * factor + (left, top))
