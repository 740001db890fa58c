"""The 46 points of a drawn face as a user may set them: what is refused, and what is made of a file that has fewer.

The names are those of landmarks.points. An iris may be told as in files for photos, [x, y, radius], in place of its three points.
"""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from liveavatar.controls import neutral
from liveavatar.landmarks.points import INDEX, NAMES
from liveavatar.language import tr
from liveavatar.portrait.placed_face import thin_plate
from liveavatar.portrait.points import IRISES, REQUIRED, Points, PointsError, require_names, require_numbers
from liveavatar.rigs.drawn import DrawnRig

NEEDED = (*REQUIRED, *IRISES)
"""Without these a file is no face's."""
_SLACK = 0.04
"""Distances between the eyes by which points may be crossed: shut lids and lips meet."""
_LEAST_EYE = 0.04
"""Width of an eye, in these."""
_ROWS = (
    ("rightEyeOuter", "rightEyeInner", "leftEyeInner", "leftEyeOuter"),
    ("mouthRight", "mouthLeft"),
    ("rightJaw", "leftJaw"),
    ("rightCheek", "leftCheek"),
)
_COLUMNS = (
    ("crown", "forehead", "chin"),
    ("rightEyeUpper", "rightEyeLower", "chin"),
    ("leftEyeUpper", "leftEyeLower", "chin"),
    ("rightBrow", "rightEyeLower"),
    ("leftBrow", "leftEyeLower"),
    ("nose", "mouthTop", "mouthBottom", "chin"),
)
_BETWEEN = {
    f"mouth{edge}{side}": (f"mouth{edge}", f"mouth{side}")
    for edge in ("Top", "Bottom")
    for side in ("Right", "Left")
}
"""Points of the mouth's edges, half way between two others."""


def check_drawn(data: Any, size: tuple[int, int]) -> Points:
    """What a user says of a drawn face's points, each [x, y]. Raises PointsError naming those that are missing, unknown, far
    outside or crossed. size: the picture's (width, height)."""
    require_names(data, NEEDED, NAMES)
    points: Points = {}
    for name, value in data.items():
        with_radius = name in IRISES and isinstance(value, list) and len(value) == 3
        x, y, *radius = require_numbers(name, value, 3 if with_radius else 2)
        if not (-size[0] <= x < 2 * size[0] and -size[1] <= y < 2 * size[1]):
            raise PointsError(tr(f"{name} lies far outside the picture", f"{name} 远在图片之外"), name)
        points[name] = [x, y]
        if radius:
            outward = -1 if name.startswith("right") else 1
            points.setdefault(f"{name}Outer", [x + outward * radius[0], y])
            points.setdefault(f"{name}Bottom", [x, y + radius[0]])
    _check_order(points)
    return points


def _check_order(points: Points) -> None:
    """Right before left, upper before lower, along the line between the eyes."""
    at = {name: np.array(value) for name, value in points.items()}
    corners = [(at[f"{side}EyeOuter"] + at[f"{side}EyeInner"]) / 2 for side in ("right", "left")]
    across = corners[1] - corners[0]
    unit = float(np.linalg.norm(across))
    if unit < 8:
        ends = ("rightEyeOuter", "leftEyeOuter")
        raise PointsError(tr("the eyes are less than 8 pixels apart", "两眼相距不足 8 像素"), *ends)
    across = across / unit
    down = np.array([-across[1], across[0]])
    lines = [(row, across) for row in _ROWS] + [(column, down) for column in _COLUMNS]
    for names, axis in lines:
        for a, b in pairwise(n for n in names if n in at):
            if (at[b] - at[a]) @ axis < -_SLACK * unit:
                raise PointsError(
                    tr(
                        f"{a} and {b} are crossed. Right and left are the subject's own: the right eye is on the picture's left",
                        f"{a} 与 {b} 位置颠倒。左右以人物自身为准：右眼在图片左侧",
                    ),
                    a,
                    b,
                )
    for side in ("right", "left"):
        ends = (f"{side}EyeOuter", f"{side}EyeInner")
        if np.linalg.norm(at[ends[0]] - at[ends[1]]) < _LEAST_EYE * unit:
            raise PointsError(
                tr(f"{ends[0]} and {ends[1]} are in one place", f"{ends[0]} 与 {ends[1]} 重合"), *ends
            )


def completed(points: Points, base: np.ndarray) -> np.ndarray:
    """All points (46, 2) float32, pixels: those that are given where they are, the others where a face's, (46, 2), come to lie
    when it is bent so that it passes through these (thin-plate spline)."""
    given = [name for name in NAMES if name in points]
    rows = [INDEX[name] for name in given]
    target = np.array([points[name] for name in given])
    result = base.astype(float)
    if len(given) < len(NAMES):
        result = thin_plate(result[rows], target)(result)
    result[rows] = target
    # a sheet that is bent so far between two lines that nearly meet would fold
    for name, ends in _BETWEEN.items():
        if name not in points:
            moved = [result[INDEX[end]] - base[INDEX[end]] for end in ends]
            result[INDEX[name]] = base[INDEX[name]] + np.mean(moved, 0)
    return result.astype(np.float32)


def listed(points: np.ndarray) -> Points:
    """Points (46, 2) by their names, to a hundredth of a pixel."""
    return {name: [round(float(v), 2) for v in points[row]] for name, row in INDEX.items()}


@cache
def usual_face() -> np.ndarray:
    """(46, 2) float64: a drawn face that looks to the front, its forehead at 0, 0 and its chin at 0, 1."""
    points = DrawnRig("hoshi").points(neutral(), 512)[0].astype(float)
    top, bottom = points[INDEX["forehead"]], points[INDEX["chin"]]
    return np.asarray((points - [bottom[0], top[1]]) / (bottom[1] - top[1]))
