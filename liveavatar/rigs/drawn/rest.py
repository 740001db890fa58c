"""Where the features of a face are while it shows nothing."""

import numpy as np

from liveavatar.controls import CONTROLS
from liveavatar.rigs.drawn.eyes import EyeLines, eye_lines, eye_state
from liveavatar.rigs.drawn.eyes import opening_in_space as eyes_opening
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.mouth import mouth_lines
from liveavatar.rigs.drawn.mouth import opening_in_space as mouth_opening
from liveavatar.rigs.drawn.mouthframe import on_texture

REST = dict.fromkeys(CONTROLS, 0.0)
"""No expression."""


def features_at_rest(face: FaceShape) -> np.ndarray:
    """Openings (n, 3) of eyes and mouth without any expression, in head units: they carry the places on the face that patches
    change, wherever the head is."""
    eyes = [eyes_opening(face, side, eye_state(REST, side)) for side in (-1, 1)]
    return np.concatenate([*eyes, mouth_opening(face, REST)[::2]])


def mouth_at_rest(face: FaceShape, size: float = 1.0) -> np.ndarray:
    """The points of a mouth's frame (n, 2) on its sheet, which lies over the mouth of a head of that size that looks ahead."""
    lines = mouth_lines(face, HeadPose(0.0, 0.0, 0.0, size=size), REST)
    return on_texture(lines.opening[20])


def free_of_wings(face: FaceShape, side: int) -> np.ndarray:
    """Which points of a lash have no wing near them: indices (n,)."""
    lines = eye_lines(face, HeadPose(0.0, 0.0, 0.0), side, eye_state(REST, side))
    wings = np.concatenate([*lines.wings, np.full((1, 2), np.inf)])
    near = np.hypot(*(lines.lash[:, None] - wings).T).min(0)
    return np.flatnonzero(near > 36.0)[::2]


def beside(lash: np.ndarray, head: HeadPose) -> np.ndarray:
    """Points (n, 2) above and below those of a lash, which go where it goes.

    A closing lash turns its arch over; by its own points alone, a smooth motion would turn over what is round them as well."""
    down = np.array([-np.sin(head.roll), np.cos(head.roll)])
    return np.concatenate([lash + step * down for step in (-32.0, 32.0, 64.0)])


def round_the_ball(lines: EyeLines) -> np.ndarray:
    """Points (n, 2) that hold an eyeball while its iris moves: outside of its white, so that there is room to give way."""
    middle = lines.white.mean(axis=0)
    return (lines.white[::4] - middle) * 1.3 + middle


def through(frame: tuple[float, float, float, float, float, float], points: np.ndarray) -> np.ndarray:
    """Local points (n, 2) through an affine map as HeadPose.frame gives it."""
    xx, xy, tx, yx, yy, ty = frame
    return points @ np.array([[xx, yx], [xy, yy]]) + (tx, ty)
