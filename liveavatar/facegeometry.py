"""Shapes measured on the 478 landmarks, free of head pose: what the blendshapes miss or see weakly.

Knows faces, not expressions or persons: it gives lengths; retarget.py says what they mean. Sides are the
subject's own. The unit is the height of the neutral face (top of the forehead to chin) unless eye widths are
named; axes are x to the right of the picture, y up, z towards the camera.
"""

import numpy as np

from liveavatar.types import Face

_WEIGHT = {
    **{168: 4.0, 6: 4.0, 197: 4.0, 195: 3.0, 5: 2.0, 4: 1.0},  # nose
    **{33: 2.0, 133: 3.0, 362: 3.0, 263: 2.0},  # eye corners
    **{127: 2.0, 356: 2.0, 162: 2.0, 389: 2.0, 21: 1.0, 251: 1.0},  # temples
    **{234: 1.0, 454: 1.0, 93: 0.5, 323: 0.5},  # sides
    **{10: 1.0, 109: 1.0, 338: 1.0, 67: 1.0, 297: 1.0},  # forehead
}
RIGID = np.array(list(_WEIGHT))
"""Points that hardly move with expressions."""
_W = np.array(list(_WEIGHT.values()))[:, None] / sum(_WEIGHT.values())

MEASURES: tuple[str, ...] = (
    "gapLeft", "gapRight", "lowerLidLeft", "lowerLidRight",
    "lookXLeft", "lookXRight", "lookYLeft", "lookYRight",
    "browInLeft", "browInRight", "browOutLeft", "browOutRight",
    "aperture", "jaw", "mouthWidth", "mouthX", "cornerLeft", "cornerRight",
    "lipUpper", "lipLower", "alaLeft", "alaRight",
)  # fmt: skip
"""What measure() gives, in this order:
gap        between the lids, in eye widths: about 0.02 shut, 0.3 to 0.45 open
lowerLid   height of the lower lid over the line between the eye corners, eye widths
lookX, Y   iris centre from the middle between the corners, eye widths; > 0: right in the picture, up
browIn, Out   height of the brow's inner and outer half over the nose bridge
aperture   between the inner edges of the lips
jaw        nose base to chin
mouthWidth, mouthX   corner to corner; middle between the corners, right in the picture
corner     height of the mouth corner over the nose bridge (negative)
lipUpper, lipLower   thickness of the red of the lips
ala        height of the nostril's wing over the nose bridge (negative)
"""
M = {name: i for i, name in enumerate(MEASURES)}

_EYES = (  # outer corner, inner corner, three points of the upper lid, of the lower lid, iris centre
    (263, 362, (387, 386, 385), (373, 374, 380), 473),  # left
    (33, 133, (160, 159, 158), (144, 145, 153), 468),  # right
)
_BROWS = (
    ((285, 336, 295, 296), (276, 300, 283, 293)),
    ((55, 107, 65, 66), (46, 70, 53, 63)),
)


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


def align(source: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, float]:
    """`source` (478, 3) moved, turned and scaled so that its rigid points lie on those of `template`.

    Returns the points and the scale that was applied. Weighted least squares: Umeyama, PAMI 13 (4), 1991."""
    a, b = source[RIGID], template[RIGID]
    middle_a, middle_b = (_W * a).sum(0), (_W * b).sum(0)
    a, b = a - middle_a, b - middle_b
    u, s, vt = np.linalg.svd((_W * b).T @ a)
    d = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    scale = float((s * d).sum() / (_W * a * a).sum())
    return (source - middle_a) @ (scale * (u * d) @ vt).T + middle_b, scale


def measure(p: np.ndarray) -> np.ndarray:
    """(len(MEASURES),) float64 from aligned points (478, 3)."""
    out = np.empty(len(MEASURES))
    bridge = (p[6, 1] + p[197, 1]) / 2
    nose = (p[2, 1] + p[98, 1] + p[327, 1]) / 3
    for side, (outer, inner, upper, lower, iris) in enumerate(_EYES):
        a, b = p[outer, :2], p[inner, :2]
        along = b - a if side else a - b  # towards the right of the picture
        width = float(np.hypot(*along))
        along = along / width
        up = np.array([-along[1], along[0]])
        middle = (a + b) / 2
        upper_height = (p[list(upper), :2] - middle).mean(0) @ up / width
        lower_height = (p[list(lower), :2] - middle).mean(0) @ up / width
        look = (p[iris, :2] - middle) / width
        out[[0 + side, 2 + side]] = upper_height - lower_height, lower_height
        out[[4 + side, 6 + side]] = look @ along, look @ up
        for k, brow in enumerate(_BROWS[side]):
            out[8 + 2 * k + side] = p[list(brow), 1].mean() - bridge
    corner_left, corner_right = p[291], p[61]
    across = corner_left[:2] - corner_right[:2]
    out[12] = (p[[13, 82, 312], 1] - p[[14, 87, 317], 1]).mean()
    out[13] = nose - p[[152, 148, 377], 1].mean()
    out[14] = np.hypot(*across)
    out[15] = (corner_left[0] + corner_right[0]) / 2 - p[168, 0]
    out[16:18] = corner_left[1] - bridge, corner_right[1] - bridge
    out[18] = (p[[0, 37, 267], 1] - p[[13, 82, 312], 1]).mean()
    out[19] = (p[[14, 87, 317], 1] - p[[17, 84, 314], 1]).mean()
    out[20:22] = p[[358, 327], 1].mean() - bridge, p[[129, 98], 1].mean() - bridge
    return out
