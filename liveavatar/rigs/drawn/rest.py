"""Where the features of a face are while it shows nothing."""

import numpy as np

from liveavatar.controls import CONTROLS
from liveavatar.rigs.drawn.eyes import EyeLines, eye_lines, eye_state
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.mouth import mouth_lines

REST = dict.fromkeys(CONTROLS, 0.0)
"""No expression."""


def features_at_rest(face: FaceShape, head: HeadPose) -> list[np.ndarray]:
    """Openings (n, 2) of eyes and mouth without any expression, wherever the head is: they carry the places on the face
    that patches change."""
    eyes = [eye_lines(face, head, side, eye_state(REST, side)).opening for side in (-1, 1)]
    return [*eyes, mouth_lines(face, head, REST).opening[::2]]


def round_the_ball(lines: EyeLines) -> np.ndarray:
    """Points (n, 2) that hold an eyeball while its iris moves: outside of its white, so that there is room to give way."""
    middle = lines.white.mean(axis=0)
    return (lines.white[::4] - middle) * 1.3 + middle


def through(frame: tuple[float, float, float, float, float, float], points: np.ndarray) -> np.ndarray:
    """Local points (n, 2) through an affine map as HeadPose.frame gives it."""
    xx, xy, tx, yx, yy, ty = frame
    return points @ np.array([[xx, yx], [xy, yy]]) + (tx, ty)
