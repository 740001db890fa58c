"""One face as one row of numbers: what is fitted to a person, live (retargeter.py) and in a calibration (calibration.py).

A row is [measures, blendshapes, head angles (3), place (3)]; MEASURED, SHAPES, POSE and PLACE cut it.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liveavatar.controls import BLENDSHAPES
from liveavatar.retargeting import solver as reading
from liveavatar.retargeting.adaptation import Row
from liveavatar.retargeting.landmarks import MEASURES, align, measure, points, upright
from liveavatar.retargeting.solver import SIDES, B
from liveavatar.types import Face

_M, _N = len(MEASURES), len(BLENDSHAPES)
MEASURED, SHAPES = slice(0, _M), slice(_M, _M + _N)
POSE = slice(_M + _N, _M + _N + 3)
"""Yaw, pitch, roll in radians."""
PLACE = slice(_M + _N + 3, _M + _N + 6)
"""x, y in shares of the picture, and the log of the size."""

ROWS: list[Row] = [
    *reading.ROWS,
    *(Row(0.25, -0.25, 0.25), Row(0.2, -0.35, 0.35), Row(0.2, -0.2, 0.2)),
    *(Row(0.1, 0.0, 1.0), Row(0.1, 0.0, 1.0), Row(0.1, -10.0, 10.0)),
]
"""For each number of a row: how its neutral is fitted."""


def template(faces: Sequence[Face]) -> np.ndarray:
    """(478, 3) the neutral head that these calm faces show, nose bridge at 0, face height 1: their median."""
    shapes = [upright(face) for face in faces]
    middle = np.median(shapes, axis=0)
    return np.asarray(np.median([align(shape, middle)[0] for shape in shapes], axis=0))


def row(face: Face, neutral_head: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(478, 3) the landmarks laid on the neutral head, and the row."""
    aligned, turned, scale = align(points(face), neutral_head)
    width, height = face.size
    # MediaPipe's pose is seen by a camera with 63 degrees of vertical view; its origin is in the head,
    # so turning does not move it.
    focal = height / (2 * np.tan(np.radians(63) / 2))
    x, y, z = face.pose[:3, 3].astype(np.float64)
    place = [0.5 + focal * x / -z / width, 0.5 + focal * y / z / height, -np.log(scale * height)]
    return aligned, np.concatenate([measure(aligned), face.blendshapes, angles(turned), place])


FARTHEST = 3.0
"""Face heights a landmark may lie from where the neutral head has it."""


def read(face: Face, neutral_head: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    """What row() gives, against the face itself where there is no neutral head yet; None where it cannot be a face."""
    if not face.sound:
        return None
    try:
        with np.errstate(all="ignore"):
            head = upright(face) if neutral_head is None else neutral_head
            aligned, values = row(face, head)
    except (ArithmeticError, ValueError):  # eyes of no width; LinAlgError is a ValueError
        return None
    x, y, size = values[PLACE]
    place = abs(x - 0.5) < 2 and abs(y - 0.5) < 2 and math.log(0.01) < size < math.log(3)
    # A NaN is never below a limit.
    near = np.abs(aligned - head).max() < FARTHEST and np.abs(values[MEASURED]).max() < FARTHEST
    return (aligned, values) if place and near and np.isfinite(values).all() else None


class Against(NamedTuple):
    """A row against a person's neutral."""

    delta: np.ndarray
    """(len(MEASURES),) measures, free of what the turned head adds."""
    shapes: np.ndarray
    """(51,) blendshapes, 1 stays 1."""
    head: np.ndarray
    """(3,) yaw, pitch, roll, radians."""
    closed: np.ndarray
    """(2,) how far the left and right eye are shut, see facereading.closedness."""


def against(values: np.ndarray, base: np.ndarray) -> Against:
    """A row read against the neutral row `base`."""
    head = values[POSE] - base[POSE]
    delta = reading.unturned(values[MEASURED] - base[MEASURED], *head)
    shapes = (values[SHAPES] - base[SHAPES]) / (1 - base[SHAPES])
    return Against(delta, shapes, head, reading.closedness(delta, base[MEASURED]))


def expressed(seen: Against, blink: np.ndarray) -> np.ndarray:
    """(51,) in the order of BLENDSHAPES, not fitted to the person's reach. blink (2,): left, right, 0..1."""
    raw = reading.mouth_and_brows(seen.delta, seen.shapes, blink)
    for name, values in zip(("eyeWide", "eyeSquint"), reading.lids(seen.closed, seen.delta), strict=True):
        for side, value in zip(SIDES, values, strict=True):
            raw[B[f"{name}{side}"]] = value
    return raw


def looking(seen: Against, blink: np.ndarray) -> np.ndarray:
    """(2,) where the eyes look, right in the picture and up, each eye trusted by how open it is."""
    return reading.gaze(seen.delta, seen.shapes, (1 - blink).clip(0.02, 1) ** 2)


def angles(rotated: np.ndarray) -> np.ndarray:
    """(3,) yaw, pitch, roll in radians, in the conventions of liveavatar.controls, of a (3, 3) rotation."""
    (_, ux, x), (_, uy, y), (_, uz, z) = rotated.tolist()  # columns: right, crown, nose
    yaw, pitch = math.atan2(x, z), math.asin(min(max(y, -1.0), 1.0))
    # The crown against the axes that a head of this yaw and pitch has without roll.
    right = (math.cos(yaw), 0.0, -math.sin(yaw))
    up = (y * right[2], z * right[0] - x * right[2], -y * right[0])  # nose x right
    crown = (ux, uy, uz)
    across = crown[0] * right[0] + crown[2] * right[2]
    return np.array([yaw, pitch, math.atan2(across, sum(c * u for c, u in zip(crown, up, strict=True)))])
