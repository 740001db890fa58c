"""A face from points that a user set by hand, where no face is found or it is found wrongly: most flat anime.

A file of points is JSON: {"name": [x, y], ...} in pixels of the picture, irises [x, y, radius]. The pose that fits them
best is searched for, the synthetic person's face is projected with it and bent so that it passes through the points
(thin-plate spline: Bookstein, PAMI 11 (6), 1989); eyes and lips, whose shapes differ most in drawings, are built anew.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.base.files import Unreadable
from liveavatar.base.strict_json import read_json
from liveavatar.errors import PictureError
from liveavatar.language import tr
from liveavatar.renderers.portrait.motion import rest_face, rotation
from liveavatar.renderers.portrait.topology import EYES, LIP_LOWER, LIP_UPPER, LIPS_OUTER

Points = dict[str, list[float]]
"""Name -> [x, y] in pixels of the picture, irises [x, y, radius]."""
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
DEPTH = 0.6
"""Drawn heads turn as if they were this much flatter than real ones."""


class PointsError(PictureError):
    """Points that make no face."""

    def __init__(self, reason: str, *names: str) -> None:
        """names: the points it is about."""
        super().__init__(reason)
        self.names = names


@dataclass(frozen=True)
class PlacedFace:
    """A face from points."""

    landmarks: np.ndarray
    """(478, 3) float32, pixels; z in the same unit."""
    rotation: np.ndarray
    """(3, 3): head to camera, y up, z to the camera."""
    open_mouth: bool
    """The picture shows the mouth open: its own inside is stretched."""


def read_points(path: Path, size: tuple[int, int]) -> Points:
    """Read and check a file of points. size: the picture's (width, height). Raises PictureError naming the points."""
    try:
        return check_points(read_json(path), size)
    except (Unreadable, PointsError) as error:
        raise _wrong(path, str(error)) from error


def check_points(data: Any, size: tuple[int, int]) -> Points:
    """The points with numbers made float. Raises PointsError naming those that are missing, outside or crossed.

    size: the picture's (width, height)."""
    if not isinstance(data, dict):
        raise PointsError(tr("it must be a JSON object of points", "应为由点组成的 JSON 对象"))
    _check_names(data)
    points = {name: _numbers(name, value, size) for name, value in data.items()}
    _check_order(points)
    return points


def _check_names(data: dict[str, Any]) -> None:
    missing = [name for name in (*REQUIRED, *IRISES) if name not in data]
    if missing:
        listed = ", ".join(missing)
        raise PointsError(tr(f"it lacks {listed}", f"缺少 {listed}"), *missing)
    unknown = [name for name in data if name not in (*REQUIRED, *OPTIONAL, *IRISES)]
    if unknown:
        listed, known = ", ".join(repr(name[:40]) for name in unknown[:8]), ", ".join(OPTIONAL)
        raise PointsError(
            tr(
                f"it has unknown points {listed}; optional are {known}",
                f"有未知的点 {listed}；可选的有 {known}",
            ),
            *unknown,
        )


def _numbers(name: str, value: Any, size: tuple[int, int]) -> list[float]:
    """One point's, within a picture of this (width, height)."""
    count = 3 if name in IRISES else 2
    form = "[x, y, radius]" if count == 3 else "[x, y]"
    if not isinstance(value, list) or len(value) != count or not all(map(_is_number, value)):
        raise PointsError(tr(f"{name} must be {form}", f"{name} 应为 {form}"), name)
    numbers = [float(v) for v in value]
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


def place_face(points: Points) -> PlacedFace:
    """The face that passes through checked points."""
    named = {**REQUIRED, **OPTIONAL}
    names = [name for name in points if name in named]
    target = np.array([points[name][:2] for name in names])
    index = np.array([named[name] for name in names])
    rest = rest_face()
    turn, flat, depth = _pose(rest, index, target)
    spline = _thin_plate(flat[index], target)
    landmarks = np.column_stack([spline(flat), DEPTH * depth])
    for side in EYES:
        _build_eye(landmarks, points, side)
    opened = _build_mouth(landmarks, points)
    return PlacedFace(landmarks.astype(np.float32), turn, opened)


def _pose(
    rest: np.ndarray, index: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rotation (3, 3), and the projected landmarks (478, 2) with their depth (478,), of the best scaled-orthographic
    camera. Turns cost a little: most pictures look to the front, and drawn proportions look like turns."""
    best: tuple[float, Any] = (math.inf, None)
    middle = target.mean(0)
    spread = target - middle
    size = float((spread**2).sum())
    for yaw in np.radians(np.arange(-40, 41, 4)):
        for pitch in np.radians(np.arange(-20, 21, 5)):
            turn = rotation(float(yaw), float(pitch), 0.0)
            projected = rest @ turn.T * [1.0, -1.0, -1.0]
            flat = projected[index, :2] - projected[index, :2].mean(0)
            # Scale and roll together: one complex number, least squares.
            a, b = flat[:, 0] + 1j * flat[:, 1], spread[:, 0] + 1j * spread[:, 1]
            factor = complex((a.conj() @ b) / (a.conj() @ a))
            error = float((np.abs(b - factor * a) ** 2).sum()) / size + 0.02 * (yaw**2 + 4 * pitch**2)
            if error < best[0]:
                best = error, (turn, projected, projected[index, :2].mean(0), factor)
    turn, projected, centre, factor = best[1]
    moved = factor * ((projected[:, 0] - centre[0]) + 1j * (projected[:, 1] - centre[1]))
    flat = np.column_stack([moved.real, moved.imag]) + middle
    roll = rotation(0.0, 0.0, math.atan2(factor.imag, factor.real))
    return roll @ turn, flat, projected[:, 2] * abs(factor)


def _thin_plate(source: np.ndarray, target: np.ndarray) -> Any:
    """The smoothest map of the plane that takes (n, 2) source points to target points, nearly."""
    n = len(source)
    scale = float(np.ptp(source, axis=0).max())

    def kernel(p: np.ndarray) -> np.ndarray:
        squared = ((p[:, None] - source[None]) ** 2).sum(-1) / scale**2
        return 0.5 * squared * np.log(squared + 1e-12)

    ones = np.column_stack([np.ones(n), source])
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = kernel(source) + 1e-4 * np.eye(n)
    system[:n, n:], system[n:, :n] = ones, ones.T
    weights = np.linalg.solve(system, np.concatenate([target, np.zeros((3, 2))]))
    return lambda p: kernel(p) @ weights[:n] + np.column_stack([np.ones(len(p)), p]) @ weights[n:]


def _build_eye(landmarks: np.ndarray, points: Points, side: str) -> None:
    """Lids as halves of a superellipse through the points, crease and ring a little outside, iris as its circle."""
    name, eye = side.lower(), EYES[side]
    corners = [np.array(points[f"{name}Eye{end}"][:2]) for end in ("Outer", "Inner")]
    left, right = corners if side == "Right" else corners[::-1]
    width = float(np.linalg.norm(right - left))
    along = (right - left) / width
    down = np.array([-along[1], along[0]])

    def lid(point: str, count: int, grow: float) -> np.ndarray:
        arm = np.array(points[f"{name}Eye{point}"][:2]) - left
        peak, height = np.clip(arm @ along / width, 0.25, 0.75), float(arm @ down)
        s = np.linspace(0, 1, count)
        # Skewed so that its top is over the point; its ends are steep, as drawn eyes are.
        u = np.where(s < peak, (s - peak) / peak, (s - peak) / (1 - peak))
        t = height * (1 - np.abs(u) ** 2.4) ** (1 / 2.4)
        middle = left + 0.5 * width * along
        curve = left + (s * width)[:, None] * along + t[:, None] * down
        return middle + (curve - middle) * grow

    upper, lower = lid("Upper", 9, 1.0), lid("Lower", 9, 1.0)
    landmarks[eye["upper"], :2], landmarks[eye["lower"], :2] = upper, lower
    landmarks[eye["crease"], :2] = lid("Upper", 9, 1.28)
    under = eye["rings"][9:]
    row = lid("Lower", 9, 1.28)[1:-1]
    landmarks[under, :2] = row if side == "Right" else row[::-1]
    x, y, radius = points[f"{name}Iris"]
    ring = np.array([[0, 0], [radius, 0], [0, -radius], [-radius, 0], [0, radius]])
    landmarks[eye["iris"], :2] = ring + np.array([x, y])
    landmarks[eye["iris"], 2] = landmarks[eye["upper"], 2].mean()


def _build_mouth(landmarks: np.ndarray, points: Points) -> bool:
    """Lips as thin bands along the points; True if the picture shows the mouth open."""
    right, left, top, bottom = (np.array(points[f"mouth{n}"][:2]) for n in ("Right", "Left", "Top", "Bottom"))
    width = float(np.linalg.norm(left - right))
    across = (left - right) / width
    down = np.array([-across[1], across[0]])
    high, low = float((top - right) @ down), float((bottom - right) @ down)
    opened = low - high > 0.16 * width
    s = np.linspace(0, 1, 11)
    arc = (1 - np.abs(2 * s - 1) ** 2.2) ** (1 / 2.2)
    line = right + (s * width)[:, None] * across
    # Closed: the lips meet in the middle of the drawn line. Open: the points are the opening's edge.
    inner = (high, low) if opened else (0.5 * (high + low) - 0.3, 0.5 * (high + low) + 0.3)
    band = 0.07 * width
    outer = (min(high, inner[0] - band), max(low, inner[1] + band))
    landmarks[LIP_UPPER, :2] = line + (inner[0] * arc)[:, None] * down
    landmarks[LIP_LOWER, :2] = line + (inner[1] * arc)[:, None] * down
    middle = right + 0.5 * width * across

    def edge(height: float) -> np.ndarray:
        return middle + (line - middle) * 1.06 + (height * arc)[:, None] * down

    landmarks[LIPS_OUTER[:11], :2] = edge(outer[0])
    landmarks[LIPS_OUTER[10:], :2] = edge(outer[1])[::-1][:10]
    # The rows between the outer and the inner edge.
    for row, ends in ((_BETWEEN_UPPER, (outer[0], inner[0])), (_BETWEEN_LOWER, (outer[1], inner[1]))):
        landmarks[row, :2] = middle + (line - middle) * 1.03 + (0.5 * sum(ends) * arc)[:, None] * down
    return opened


_BETWEEN_UPPER = np.array([62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292])
_BETWEEN_LOWER = np.array([62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292])


def _wrong(path: Path, reason: str) -> PictureError:
    return PictureError(
        tr(
            f"the points file {path}: {reason}. docs/portraits.md lists the points.",
            f"点文件 {path}：{reason}。docs/portraits.zh-CN.md 列出了所有的点。",
        )
    )
