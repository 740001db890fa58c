"""Which of MediaPipe's 478 landmarks is what. Sides are the subject's own; the first 468 are the skin mesh."""

import numpy as np

POINTS = 468
"""Landmarks of the skin; ten more are the irises."""

OVAL = np.array([
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
])  # fmt: skip
"""The outline of the face from the top of the forehead, over the subject's left, to the chin and back: (36,)."""

EYES: dict[str, dict[str, np.ndarray]] = {
    # From the corner on the picture's left to the one on its right.
    "Right": {
        "upper": np.array([33, 246, 161, 160, 159, 158, 157, 173, 133]),
        "lower": np.array([33, 7, 163, 144, 145, 153, 154, 155, 133]),
        "iris": np.array([468, 469, 470, 471, 472]),
        "rings": np.array([130, 247, 30, 29, 27, 28, 56, 190, 243, 25, 110, 24, 23, 22, 26, 112]),
        "crease": np.array([130, 247, 30, 29, 27, 28, 56, 190, 243]),
        "brow": np.array([46, 53, 52, 65, 55, 70, 63, 105, 66, 107]),
    },
    "Left": {
        "upper": np.array([362, 398, 384, 385, 386, 387, 388, 466, 263]),
        "lower": np.array([362, 382, 381, 380, 374, 373, 390, 249, 263]),
        "iris": np.array([473, 474, 475, 476, 477]),
        "rings": np.array([359, 467, 260, 259, 257, 258, 286, 414, 463, 255, 339, 254, 253, 252, 256, 341]),
        "crease": np.array([463, 414, 286, 258, 257, 259, 260, 467, 359]),
        "brow": np.array([276, 283, 282, 295, 285, 300, 293, 334, 296, 336]),
    },
}
"""Per eye: lids and crease from left to right in the picture, iris (centre first), the ring round the lids, brow."""

LIPS_OUTER = np.array([
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146,
])  # fmt: skip
LIP_UPPER = np.array([78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308])
"""Inner edge of the upper lip, from left to right in the picture."""
LIP_LOWER = np.array([78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308])
"""Inner edge of the lower lip, likewise; the corners are the same points."""

FOREHEAD, CHIN = 10, 152
NOSE_TIP, NOSE_MIDDLE, NOSE_BASE = 1, 4, 2
"""The foremost point, the middle of the tip (which the mesh's fan is spread from), and where the nose meets the lip."""
BETWEEN_BROWS = 9
CHIN_CREASE = 200
"""Between the lower lip and the chin."""
LIP_TOP, LIP_BOTTOM = 0, 17
"""Middles of the lips' outer edges."""
INNER_LIP_TOP, INNER_LIP_BOTTOM = 13, 14
"""Middles of their inner edges, which meet when the mouth is shut."""

# Pairs: the subject's right, which is the picture's left, then the left.
EARS = np.array([234, 454])
"""Where the outline passes the ears."""
JAWS = np.array([172, 397])
"""The jaw's corners."""
CHEEKS = np.array([50, 280])
NOSE_WINGS = np.array([98, 327])
MOUTH_CORNERS = np.array([61, 291])
OUTER_EYE_CORNERS = np.array([33, 263])


def fan(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """(t, 3) int64 triangles between two rows of points that share their ends."""
    strips = []
    for i in range(len(upper) - 1):
        a, b, c, d = upper[i], upper[i + 1], lower[i], lower[i + 1]
        strips += [t for t in ((a, b, c), (b, d, c)) if len(set(t)) == 3]
    return np.array(strips)


def triangles() -> np.ndarray:
    """(t, 3) int32: MediaPipe's triangles of the skin, then the ones that fill eyes and mouth."""
    from mediapipe.tasks.python.vision import FaceLandmarksConnections

    edges = [(e.start, e.end) for e in FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION]
    skin = np.array([[edges[i][0], edges[i][1], edges[i + 1][1]] for i in range(0, len(edges), 3)])
    fills = [fan(eye["upper"], eye["lower"]) for eye in EYES.values()]
    return np.concatenate([skin, *fills, fan(LIP_UPPER, LIP_LOWER)]).astype(np.int32)
