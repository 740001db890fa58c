"""Shapes measured on the 478 landmarks, free of head pose: what the blendshapes miss or see weakly.

Knows faces, not expressions or persons: it gives lengths and angles; solver.py says what they mean. Sides are the
subject's own. The unit is the height of the neutral face (top of the forehead to chin) unless eye widths are
named; axes are x to the right of the picture, y up, z towards the camera.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liveavatar.controls import SIDES
from liveavatar.types import Face

_WEIGHT = {
    **{168: 4.0, 6: 4.0, 197: 4.0, 195: 3.0, 5: 2.0, 4: 1.0},  # nose
    **{33: 2.0, 133: 3.0, 362: 3.0, 263: 2.0},  # eye corners
    **{127: 2.0, 356: 2.0, 162: 2.0, 389: 2.0, 21: 1.0, 251: 1.0},  # temples
    **{234: 1.0, 454: 1.0, 93: 0.5, 323: 0.5},  # sides
    **{10: 0.3, 109: 0.3, 338: 0.3, 67: 0.3, 297: 0.3},  # forehead, which the brows pull
}
RIGID = np.array(list(_WEIGHT))
"""Points that hardly move with expressions."""
_W = np.array(list(_WEIGHT.values()))[:, None] / sum(_WEIGHT.values())

MEASURES: tuple[str, ...] = (
    "gapLeft", "gapRight", "lowerLidLeft", "lowerLidRight",
    "lookXLeft", "lookXRight", "lookYLeft", "lookYRight",
    "browInLeft", "browInRight", "browOutLeft", "browOutRight",
    "aperture", "jaw", "mouthWidth", "mouthX", "cornerLeft", "cornerRight",
    "alaLeft", "alaRight",
)  # fmt: skip
"""What measure() gives, in this order:
gap        between the lids, in eye widths: about 0.02 shut, 0.3 to 0.45 open
lowerLid   height of the lower lid over the line between the eye corners, eye widths
lookX, Y   iris centre from the middle between the corners, eye widths; > 0: right in the picture, up
browIn, Out   height of the brow's inner and outer half over the nose bridge
aperture   between the inner edges of the lips
jaw        nose base to chin
mouthWidth, mouthX   corner to corner; the middle between them, right of the tip of the nose
corner     height of the mouth corner over the tip of the nose (negative)
ala        height of the nostril's wing over the tip of the nose (negative)
"""
M = {name: i for i, name in enumerate(MEASURES)}

_GROUPS: dict[str, tuple[int, ...]] = {
    # Left and right as the subject's own.
    **{"outerLeft": (263,), "innerLeft": (362,), "irisLeft": (473,)},
    **{"upperLeft": (387, 386, 385), "lowerLeft": (373, 374, 380)},
    **{"outerRight": (33,), "innerRight": (133,), "irisRight": (468,)},
    **{"upperRight": (160, 159, 158), "lowerRight": (144, 145, 153)},
    **{"browInLeft": (285, 336, 295, 296), "browInRight": (55, 107, 65, 66)},
    **{"browOutLeft": (276, 300, 283, 293), "browOutRight": (46, 70, 53, 63)},
    **{"bridge": (6, 197), "tip": (1, 4, 2), "nose": (2, 98, 327), "chin": (152, 148, 377)},
    **{"lipUpper": (13, 82, 312), "lipLower": (14, 87, 317), "cornerLeft": (291,), "cornerRight": (61,)},
    **{"alaLeft": (358, 327), "alaRight": (129, 98)},
}
"""Points whose middle is used."""
_USED = np.array([i for group in _GROUPS.values() for i in group])
_MEAN = np.zeros((len(_GROUPS), len(_USED)))
_at = 0
for _row, _group in enumerate(_GROUPS.values()):
    _MEAN[_row, _at : _at + len(_group)] = 1 / len(_group)
    _at += len(_group)


def points(face: Face) -> np.ndarray:
    """(478, 3) float64: the landmarks in pixels with y up and z towards the camera."""
    return face.landmarks.astype(np.float64) * [1.0, -1.0, -1.0]


def upright(face: Face) -> np.ndarray:
    """(478, 3) float64: the landmarks with the pose's rotation undone, nose bridge at 0, face height 1."""
    p = points(face) @ rotation(face)
    p -= p[168]
    return p / np.linalg.norm(p[10] - p[152])


def rotation(face: Face) -> np.ndarray:
    """(3, 3) float64: the head's rotation, the nearest true rotation to the pose matrix."""
    u, _, vt = np.linalg.svd(face.pose[:3, :3].astype(np.float64))
    return u @ vt


def neutral_head(faces: Sequence[Face]) -> np.ndarray:
    """(478, 3) float64: the head that these calm faces show, nose bridge at 0, face height 1: their median."""
    shapes = [upright(face) for face in faces]
    middle = np.median(shapes, axis=0)
    return np.asarray(np.median([align(shape, middle)[0] for shape in shapes], axis=0))


def angles(rotation: np.ndarray) -> np.ndarray:
    """(3,) float64: yaw, pitch, roll in radians, in the conventions of liveavatar.controls, of a (3, 3) rotation."""
    (_, ux, x), (_, uy, y), (_, uz, z) = rotation.tolist()  # columns: right, crown, nose
    yaw, pitch = math.atan2(x, z), math.asin(min(max(y, -1.0), 1.0))
    # The crown against the axes that a head of this yaw and pitch has without roll.
    right = (math.cos(yaw), 0.0, -math.sin(yaw))
    up = (y * right[2], z * right[0] - x * right[2], -y * right[0])  # nose x right
    crown = (ux, uy, uz)
    across = crown[0] * right[0] + crown[2] * right[2]
    return np.array([yaw, pitch, math.atan2(across, sum(c * u for c, u in zip(crown, up, strict=True)))])


def align(source: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """`source` (478, 3) moved, turned and scaled so that its rigid points lie on those of `template`.

    Returns the points, the rotation (3, 3) that turns the template as the source is turned, and the scale
    that was applied. Weighted least squares: Umeyama, PAMI 13 (4), 1991."""
    a, b = source[RIGID], template[RIGID]
    middle_a, middle_b = (_W * a).sum(0), (_W * b).sum(0)
    a, b = a - middle_a, b - middle_b
    u, s, vt = np.linalg.svd((_W * b).T @ a)
    d = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    scale = float((s * d).sum() / (_W * a * a).sum())
    back = ((u * d) @ vt).T
    return (source - middle_a) @ (scale * back) + middle_b, back, scale


class PoseFree(NamedTuple):
    """A face laid on a neutral head."""

    points: np.ndarray
    """(478, 3) float64: the landmarks where the neutral head's are, but for what the expression moves."""
    measures: np.ndarray
    """(len(MEASURES),) float64."""
    angles: np.ndarray
    """(3,) float64: yaw, pitch, roll of the head, radians."""
    scale: float
    """Face heights per pixel."""


def pose_free(face: Face, neutral_head: np.ndarray) -> PoseFree:
    """The face without its head's pose. neutral_head: (478, 3), as the function of that name gives it."""
    aligned, turned, scale = align(points(face), neutral_head)
    return PoseFree(aligned, measure(aligned), angles(turned), scale)


def measure(p: np.ndarray) -> np.ndarray:
    """(len(MEASURES),) float64 from aligned points (478, 3)."""
    # Plain floats are quicker than arrays for so few numbers.
    at = dict(zip(_GROUPS, (_MEAN @ p[_USED, :2]).tolist(), strict=True))
    out: dict[str, float] = {}
    bridge, tip, nose = at["bridge"], at["tip"], at["nose"]
    for side in SIDES:
        outer, inner = at[f"outer{side}"], at[f"inner{side}"]
        a, b = (inner, outer) if side == "Left" else (outer, inner)  # from left to right in the picture
        width = math.hypot(b[0] - a[0], b[1] - a[1])
        along = ((b[0] - a[0]) / width, (b[1] - a[1]) / width)
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        eye = {}  # along the line between the corners from their middle, and over it, in eye widths
        for part in ("upper", "lower", "iris"):
            x, y = at[f"{part}{side}"][0] - middle[0], at[f"{part}{side}"][1] - middle[1]
            eye[part] = (x * along[0] + y * along[1]) / width, (y * along[0] - x * along[1]) / width
        out[f"gap{side}"] = eye["upper"][1] - eye["lower"][1]
        out[f"lowerLid{side}"] = eye["lower"][1]
        out[f"lookX{side}"], out[f"lookY{side}"] = eye["iris"]
        out[f"browIn{side}"] = at[f"browIn{side}"][1] - bridge[1]
        out[f"browOut{side}"] = at[f"browOut{side}"][1] - bridge[1]
        out[f"corner{side}"] = at[f"corner{side}"][1] - tip[1]
        out[f"ala{side}"] = at[f"ala{side}"][1] - tip[1]
    left, right = at["cornerLeft"], at["cornerRight"]
    out["aperture"] = at["lipUpper"][1] - at["lipLower"][1]
    out["jaw"] = nose[1] - at["chin"][1]
    out["mouthWidth"] = math.hypot(left[0] - right[0], left[1] - right[1])
    out["mouthX"] = (left[0] + right[0]) / 2 - tip[0]
    return np.array([out[name] for name in MEASURES])
