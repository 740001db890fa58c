"""The face that passes through points.

The pose that fits them best is searched for, the synthetic person's face is projected with it and bent so that it passes through
the points (thin-plate spline: Bookstein, PAMI 11 (6), 1989); eyes and lips, whose shapes differ most in drawings, are built anew.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from liveavatar.portrait.points import OPTIONAL, REQUIRED, Points
from liveavatar.renderers.portrait.motion import rest_face, rotation
from liveavatar.renderers.portrait.topology import EYES, LIP_LOWER, LIP_UPPER, LIPS_OUTER

DEPTH = 0.6
"""Drawn heads turn as if they were this much flatter than real ones."""


@dataclass(frozen=True)
class PlacedFace:
    """A face from points."""

    landmarks: np.ndarray
    """(478, 3) float32, pixels; z in the same unit."""
    rotation: np.ndarray
    """(3, 3): head to camera, y up, z to the camera."""
    open_mouth: bool
    """The picture shows the mouth open: its own inside is stretched."""


def place_face(points: Points) -> PlacedFace:
    """The face that passes through checked points."""
    named = {**REQUIRED, **OPTIONAL}
    names = [name for name in points if name in named]
    target = np.array([points[name][:2] for name in names])
    index = np.array([named[name] for name in names])
    rest = rest_face()
    turn, flat, depth = _pose(rest, index, target)
    spline = thin_plate(flat[index], target)
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


def thin_plate(source: np.ndarray, target: np.ndarray) -> Any:
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
