"""A picture's own background without its figure, where a user wants to keep it: what the figure hid is painted."""

import cv2
import numpy as np

from liveavatar.rigs.picture.fill import spread

SIZE = (1280, 720)
"""Width and height of what is kept. The avatar's own square stands in its middle, as high as it."""
BEYOND = 0.012
"""Share of the height by which what is painted over reaches beyond the figure."""
GRAIN = 8.0
"""Levels; what differs by more from what is round it is drawn, not grain."""


def without_figure(rgb: np.ndarray, figure: np.ndarray, move: np.ndarray, side: int) -> np.ndarray:
    """(720, 1280, 3) uint8. rgb: (H, W, 3) uint8; figure: (H, W) float32 in [0, 1], how much of a pixel is its; move: (2, 3) from
    pixels of the picture to the avatar's canvas of `side` pixels each way."""
    width, height = SIZE
    scale = height / side
    place = np.column_stack([scale * move[:, :2], scale * move[:, 2]])
    place[0, 2] += (width - height) / 2
    step = max(1.0, 1 / float(np.hypot(*place[:, 0])))
    soft = cv2.GaussianBlur(rgb, (0, 0), 0.4 * step) if step > 1.3 else rgb
    shown, hidden = (
        cv2.warpAffine(image, place, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        for image in (soft, figure.astype(np.float32))
    )
    reach = round(BEYOND * height)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    known = 1 - cv2.dilate((hidden > 0.1).astype(np.float32), disc)
    painted = spread(shown.astype(np.float32), known)
    # The grain of paper, canvas or camera goes on: that from a third of the width beside.
    grain = shown - cv2.GaussianBlur(shown, (0, 0), 3).astype(np.float32)
    drawn = cv2.dilate((np.abs(grain).max(-1) > GRAIN).astype(np.float32), disc)
    painted += np.roll(grain * (known * (1 - drawn))[..., None], width // 3, 1)
    # Where the hole begins the picture goes over into what is painted.
    share = cv2.GaussianBlur(known, (0, 0), reach / 2)[..., None] * known[..., None]
    return (painted + share * (shown - painted)).clip(0, 255).round().astype(np.uint8)
