"""One face as one vector of features, and that vector against the person's neutral.

A vector is [measures, blendshapes, head angles (3), place (3)]; MEASURED, SHAPES, POSE and PLACE cut it. Pure: no state,
no time. The numbers are travels of real faces, in the units of landmarks.MEASURES; docs/tracking.md tells how each was found.
"""

import math
from typing import NamedTuple

import numpy as np

from liveavatar.controls import BLENDSHAPES, SIDES
from liveavatar.retargeting.landmarks import MEASURES, M, pose_free, upright
from liveavatar.types import Face

_M, _N = len(MEASURES), len(BLENDSHAPES)
MEASURED, SHAPES = slice(0, _M), slice(_M, _M + _N)
POSE = slice(_M + _N, _M + _N + 3)
"""Yaw, pitch, roll in radians."""
PLACE = slice(_M + _N + 3, _M + _N + 6)
"""x, y in shares of the picture, and the log of the size."""
GAPS, EYES = slice(0, 2), slice(0, 8)
"""Of the measures: between the lids, and all of both eyes."""

FARTHEST = 3.0
"""Face heights a landmark may lie from where the neutral head has it."""
SHUT_GAP, SHUT_SHARE = 0.05, 0.3
"""Lid gap of a closed eye, eye widths, and at most this share of the neutral gap: landmarks of closed lids never quite meet."""
USUAL_SPAN = 0.25
"""From neutral to shut, eye widths, of an average person."""


class Feature(NamedTuple):
    """How the neutral of one feature is fitted to the person."""

    full: float
    """How far it goes from neutral in a full expression of an average person, in its own unit."""
    low: float
    high: float
    """Where a neutral may lie; a start that is not neutral does less harm so."""
    quantile: float = 0.5
    """Which quantile of the past is neutral: .5 for values that go both ways, less where they only rise."""


_MEASURES: dict[str, Feature] = {
    # measure             full    low   high  quantile
    "gap":        Feature(0.300,  0.07, 0.55, 0.75),  # narrow eyes behind glasses read .1
    "lowerLid":   Feature(0.080, -0.35, 0.05),
    "lookX":      Feature(0.240, -0.20, 0.20),
    "lookY":      Feature(0.100, -0.08, 0.20),
    "browIn":     Feature(0.035, -0.50, 0.50, 0.40),
    "browOut":    Feature(0.030, -0.50, 0.50, 0.40),
    "aperture":   Feature(0.150, -0.01, 0.02, 0.15),
    "jaw":        Feature(0.110,  0.00, 1.00, 0.25),
    "mouthWidth": Feature(0.100,  0.00, 1.00, 0.40),
    "mouthX":     Feature(0.040, -0.05, 0.05),
    "corner":     Feature(0.045, -0.50, 0.50, 0.40),
    "ala":        Feature(0.015, -0.50, 0.50, 0.40),
}  # fmt: skip
FEATURES: tuple[Feature, ...] = (
    *(_MEASURES[name.removesuffix("Left").removesuffix("Right")] for name in MEASURES),
    *(
        Feature(1.0, 0.0, 0.6 if name.startswith(("eye", "brow", "mouthPucker")) else 0.25, 0.3)
        for name in BLENDSHAPES
    ),
    *(Feature(0.25, -0.25, 0.25), Feature(0.2, -0.35, 0.35), Feature(0.2, -0.2, 0.2)),
    *(Feature(0.1, 0.0, 1.0), Feature(0.1, 0.0, 1.0), Feature(0.1, -10.0, 10.0)),
)
"""For each number of a vector, in order."""

_TURN = np.zeros((4, _M))
"""What a turned head still does to a measure: the landmarks' depth is a guess. Fitted on the head turns of the shipped clip,
and made smaller where a clip of a real person disagrees."""
for _name, *_shares in (
    # Shares of Feature.full:  per radian of pitch, of yaw, per squared radian of yaw, per radian of roll
    *((f"browIn{side}",            -0.6,  0.0, -0.6,  0.0) for side in SIDES),
    *((f"browOut{side}",           -1.3,  0.0, -0.3,  0.0) for side in SIDES),
    *((f"lowerLid{side}",          -0.6,  0.0,  0.3,  0.0) for side in SIDES),
    ("jaw",                         0.5,  0.0, -0.3,  0.0),
    ("mouthWidth",                  0.0,  0.0,  0.6,  0.0),
    ("mouthX",                      0.0,  0.6,  0.0,  1.2),
    ("cornerLeft",                  0.0, -0.4,  1.4,  1.2),
    ("cornerRight",                 0.0, -1.0,  1.4, -1.0),
    ("alaLeft",                     0.0, -0.3,  0.8,  1.0),
    ("alaRight",                    0.0, -1.3,  0.6, -0.3),
):  # fmt: skip
    _TURN[:, M[_name]] = np.array(_shares) * FEATURES[M[_name]].full

_LOOKS_UP = [M["lookYLeft"], M["lookYRight"]]


class Observation(NamedTuple):
    """A face laid on a neutral head."""

    points: np.ndarray
    """(478, 3) float64: the landmarks, in face heights and the axes of landmarks.py."""
    vector: np.ndarray
    """(len(FEATURES),) float64."""
    head: np.ndarray
    """(478, 3) float64: the neutral head."""


def observe(face: Face, neutral_head: np.ndarray) -> Observation:
    """The features of a face that is known to be one. neutral_head: (478, 3), see landmarks.neutral_head."""
    aligned, measures, turn, scale = pose_free(face, neutral_head)
    width, height = face.size
    # MediaPipe's pose is seen by a camera with 63 degrees of vertical view; its origin is in the head,
    # so turning does not move it.
    focal = height / (2 * np.tan(np.radians(63) / 2))
    x, y, z = face.pose[:3, 3].astype(np.float64)
    place = [0.5 + focal * x / -z / width, 0.5 + focal * y / z / height, -np.log(scale * height)]
    vector = np.concatenate([measures, face.blendshapes, turn, place])
    return Observation(aligned, vector, neutral_head)


def try_observe(face: Face, neutral_head: np.ndarray | None) -> Observation | None:
    """What observe() gives, on the face's own head where there is no neutral one yet; None where it cannot be a face."""
    if not face.sound or not len(face.landmarks):
        return None
    try:
        with np.errstate(all="ignore"):
            observation = observe(face, upright(face) if neutral_head is None else neutral_head)
    except (ArithmeticError, ValueError):  # eyes of no width; LinAlgError is a ValueError
        return None
    aligned, vector, head = observation
    x, y, size = vector[PLACE]
    place = abs(x - 0.5) < 2 and abs(y - 0.5) < 2 and math.log(0.01) < size < math.log(3)
    # A NaN is never below a limit.
    near = np.abs(aligned - head).max() < FARTHEST and np.abs(vector[MEASURED]).max() < FARTHEST
    return observation if place and near and np.isfinite(vector).all() else None


class Deviation(NamedTuple):
    """A face against the person's neutral."""

    measures: np.ndarray
    """(len(MEASURES),) float64: free of what the turned head adds."""
    shapes: np.ndarray
    """(51,) float64: blendshapes, 1 stays 1."""
    head: np.ndarray
    """(3,) float64: yaw, pitch, roll, radians."""
    closed: np.ndarray
    """(2,) float64: how far the left and right eye are shut: 0 at the neutral gap, 1 shut, negative when wide (-1 by an average
    person's span at least)."""


def deviation(vector: np.ndarray, neutral: np.ndarray) -> Deviation:
    """vector, neutral: (len(FEATURES),) of a face, and of the person at rest."""
    head = vector[POSE] - neutral[POSE]
    yaw, pitch, roll = head
    measures = vector[MEASURED] - neutral[MEASURED] - np.array([pitch, yaw, yaw * yaw, roll]) @ _TURN
    shapes = (vector[SHAPES] - neutral[SHAPES]) / (1 - neutral[SHAPES])
    # The upper lid follows the gaze; that part is not a blink.
    followed = 0.35 * measures[_LOOKS_UP].clip(-0.1, 0.1)
    travel = followed - measures[GAPS]
    return Deviation(measures, shapes, head, _closed(travel, neutral[GAPS]))


def _closed(travel: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """(2,) Deviation.closed of lids that have come nearer by `travel` (2,) than at their neutral `gap` (2,), eye widths."""
    span = gap - np.minimum(SHUT_GAP, SHUT_SHARE * gap)
    # Landmarks of lids tremble by about as much before narrow eyes as before wide ones: theirs have that much play.
    play = np.maximum(0.035 - 0.15 * span, 0.0)
    shut = np.maximum(travel - play, 0.0) / (span - play)
    return np.where(travel > 0, shut, travel / np.maximum(span, USUAL_SPAN))
