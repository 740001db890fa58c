"""Shapes measured on the 478 landmarks, free of head pose: what the blendshapes miss or see weakly.

Sides are the subject's own. The unit is the face height (forehead top to chin of the neutral face), axes are x to
the right of the picture, y up, z towards the camera.
"""

from dataclasses import dataclass

import numpy as np

from liveavatar.types import Face

RIGID = np.array(
    [168, 6, 197, 195, 5, 4, 33, 133, 362, 263, 127, 356, 162, 389, 21, 251, 234, 454, 93, 323, 10, 109, 338, 67, 297]
)  # fmt: skip
"""Points that hardly move with expressions: nose bridge, eye corners, temples, sides, forehead."""
WEIGHTS = np.array([4, 4, 4, 3, 2, 1, 2, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 0.5, 0.5, 1, 1, 1, 1, 1.0])

EYES = {  # outer corner, inner corner, upper lid, lower lid (pairs), iris centre, iris ring
    "Right": (33, 133, (160, 159, 158), (144, 145, 153), 468, (469, 470, 471, 472)),
    "Left": (263, 362, (387, 386, 385), (373, 374, 380), 473, (474, 475, 476, 477)),
}


def points(face: Face) -> np.ndarray:
    """(478, 3) float64 landmarks, y up and z towards the camera, pixels."""
    return face.landmarks.astype(np.float64) * [1.0, -1.0, -1.0]


@dataclass(frozen=True)
class Alignment:
    """A similarity transform: normalised = (points - centre) @ rotation.T / scale."""

    rotation: np.ndarray
    scale: float
    centre: np.ndarray


def align(source: np.ndarray, template: np.ndarray) -> np.ndarray:
    """`source` (478, 3) moved, turned and scaled so that its rigid points lie on those of `template`.

    Weighted least squares: Umeyama, PAMI 1991."""
    w = WEIGHTS[:, None] / WEIGHTS.sum()
    a, b = source[RIGID], template[RIGID]
    ca, cb = (w * a).sum(0), (w * b).sum(0)
    a, b = a - ca, b - cb
    u, s, vt = np.linalg.svd((w * b).T @ a)
    sign = np.sign(np.linalg.det(u @ vt))
    d = np.array([1.0, 1.0, sign])
    rotation = (u * d) @ vt
    scale = (s * d).sum() / (w * a * a).sum()
    return (source - ca) @ (scale * rotation).T + cb


def upright(face: Face) -> np.ndarray:
    """(478, 3) the landmarks with the pose's rotation undone, face height 1, between the eyes at the origin."""
    rotation = face.pose[:3, :3].astype(np.float64)
    u, _, vt = np.linalg.svd(rotation)
    p = points(face) @ (u @ vt)
    p -= p[168]
    return p / np.linalg.norm(p[10] - p[152])
