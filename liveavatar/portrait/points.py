"""The points of a face in a photo, a painting or a statue that a user set by hand, where it is found wrongly.

A file of points is JSON: {"name": [x, y], ...} in pixels of the picture, irises [x, y, radius]. placed_face.py makes them a face.
Those of drawings are in drawn_points.py.
"""

from collections.abc import Callable, Collection
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.base.files import Unreadable
from liveavatar.base.strict_json import read_json
from liveavatar.errors import PictureError
from liveavatar.language import tr

Points = dict[str, list[float]]
"""Name -> [x, y] in pixels of the picture, irises [x, y, radius]."""
Check = Callable[[Any, tuple[int, int]], Points]
"""Points of a picture of a (width, height) as a user gives them, checked. Raises PointsError."""
REQUIRED: dict[str, int] = {
    "rightEyeOuter": 33, "rightEyeInner": 133, "rightEyeUpper": 159, "rightEyeLower": 145,
    "leftEyeInner": 362, "leftEyeOuter": 263, "leftEyeUpper": 386, "leftEyeLower": 374,
    "rightBrow": 105, "leftBrow": 334,
    "mouthRight": 61, "mouthLeft": 291, "mouthTop": 0, "mouthBottom": 17,
    "chin": 152,
}  # fmt: skip
"""Name -> landmark of MediaPipe's. Right and left are the subject's own: the right eye is on the left side of the picture."""
OPTIONAL: dict[str, int] = {
    "rightBrowOuter": 70, "rightBrowInner": 107, "leftBrowInner": 336, "leftBrowOuter": 300,
    "nose": 4, "rightCheek": 234, "leftCheek": 454, "rightJaw": 172, "leftJaw": 397, "forehead": 10,
}  # fmt: skip
"""Ten more that make it better."""
IRISES = ("rightIris", "leftIris")


class PointsError(PictureError):
    """Points that make no face."""

    def __init__(self, reason: str, *names: str) -> None:
        """names: the points it is about."""
        super().__init__(reason)
        self.names = names


def read_points(path: Path, size: tuple[int, int], check: Check) -> Points:
    """Read and check a file of points. size: the picture's (width, height). Raises PictureError naming the points."""
    try:
        return check(read_json(path), size)
    except (Unreadable, PointsError) as error:
        raise PictureError(
            tr(
                f"the points file {path}: {error}. docs/portraits.md lists the points.",
                f"点文件 {path}：{error}。docs/portraits.zh-CN.md 列出了所有的点。",
            )
        ) from error


def check_points(data: Any, size: tuple[int, int]) -> Points:
    """The points with numbers made float. Raises PointsError naming those that are missing, outside or crossed.

    size: the picture's (width, height)."""
    require_names(data, (*REQUIRED, *IRISES), (*REQUIRED, *OPTIONAL, *IRISES))
    points = {name: _within(name, value, size) for name, value in data.items()}
    _check_order(points)
    return points


def require_names(data: Any, needed: Collection[str], known: Collection[str]) -> None:
    """Raise PointsError unless this is an object that has points of all the needed names and of no unknown ones."""
    if not isinstance(data, dict):
        raise PointsError(tr("it must be a JSON object of points", "应为由点组成的 JSON 对象"))
    missing = [name for name in needed if name not in data]
    if missing:
        listed = ", ".join(missing)
        raise PointsError(tr(f"it lacks {listed}", f"缺少 {listed}"), *missing)
    unknown = [name for name in data if name not in known]
    if unknown:
        listed = ", ".join(repr(name[:40]) for name in unknown[:8])
        more = ", ".join(name for name in known if name not in needed)
        raise PointsError(
            tr(
                f"it has unknown points {listed}; optional are {more}",
                f"有未知的点 {listed}；可选的有 {more}",
            ),
            *unknown,
        )


def require_numbers(name: str, value: Any, count: int) -> list[float]:
    """One point's, two or three. Raises PointsError."""
    form = "[x, y, radius]" if count == 3 else "[x, y]"
    if not isinstance(value, list) or len(value) != count or not all(map(_is_number, value)):
        raise PointsError(tr(f"{name} must be {form}", f"{name} 应为 {form}"), name)
    return [float(v) for v in value]


def _within(name: str, value: Any, size: tuple[int, int]) -> list[float]:
    """One point's, within a picture of this (width, height)."""
    numbers = require_numbers(name, value, 3 if name in IRISES else 2)
    if not (0 <= numbers[0] < size[0] and 0 <= numbers[1] < size[1]):
        where = f"{size[0]}x{size[1]}"
        raise PointsError(
            tr(f"{name} lies outside the picture ({where})", f"{name} 在图片之外（{where}）"), name
        )
    return numbers


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9  # NaN is not


def _check_order(points: Points) -> None:
    """Right before left, upper before lower, along the line between the eyes."""
    at = {name: np.array(value[:2]) for name, value in points.items()}
    ends = ("rightEyeOuter", "leftEyeOuter")
    across = at[ends[1]] - at[ends[0]]
    if np.linalg.norm(across) < 8:
        raise PointsError(tr("the eyes are less than 8 pixels apart", "两眼相距不足 8 像素"), *ends)
    across = across / np.linalg.norm(across)
    down = np.array([-across[1], across[0]])
    rows = (
        ("rightEyeOuter", "rightEyeInner", "leftEyeInner", "leftEyeOuter"),
        ("rightBrowOuter", "rightBrow", "rightBrowInner", "leftBrowInner", "leftBrow", "leftBrowOuter"),
        ("mouthRight", "mouthLeft"),
        ("rightCheek", "leftCheek"),
        ("rightJaw", "leftJaw"),
    )
    columns = (
        ("forehead", "rightBrow"),
        ("forehead", "leftBrow"),
        ("nose", "mouthTop"),
        ("rightBrow", "rightEyeUpper", "rightEyeLower", "mouthTop", "mouthBottom", "chin"),
        ("leftBrow", "leftEyeUpper", "leftEyeLower", "mouthTop"),
    )
    lines = [(row, across) for row in rows] + [(column, down) for column in columns]
    for a, b, axis in (
        (a, b, axis) for names, axis in lines for a, b in pairwise(n for n in names if n in at)
    ):
        if (at[b] - at[a]) @ axis <= 0:
            raise PointsError(
                tr(
                    f"{a} and {b} are crossed. Right and left are the subject's own: the right eye is on the picture's left",
                    f"{a} 与 {b} 位置颠倒。左右以人物自身为准：右眼在图片左侧",
                ),
                a,
                b,
            )
    for side in ("right", "left"):
        width = float(np.linalg.norm(at[f"{side}EyeOuter"] - at[f"{side}EyeInner"]))
        iris = f"{side}Iris"
        radius = points[iris][2]
        if not 0.05 * width < radius < width:
            raise PointsError(
                tr(
                    f"{iris} has radius {radius:.3g} in an eye {width:.0f} wide",
                    f"{iris} 半径为 {radius:.3g}，而眼宽为 {width:.0f}",
                ),
                iris,
            )
