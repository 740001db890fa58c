"""Faces without landmarks, as phones and other trackers tell of them: their blendshapes say what landmarks would.

The person's neutral and reach, the smoothing, lids and gaze are those of every face. Reads no clock.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from liveavatar.controls import INDEX, SIDES
from liveavatar.retargeting.adaptation import Calm, Neutral, unrest
from liveavatar.retargeting.features import FEATURES, PLACE, POSE, SHAPES, Deviation, Observation, deviation
from liveavatar.retargeting.landmarks import MEASURES, M, angles, rotation
from liveavatar.retargeting.one_euro import OneEuro
from liveavatar.retargeting.retargeter import BLINK, PITCH_GAIN, FaceRetargeter, N, smoothing
from liveavatar.types import Expression, Face

_POINTS = np.zeros((0, 3))
_OUT, _IN, _UP, _DOWN = (
    [INDEX[f"eyeLook{way}{side}"] for side in SIDES] for way in ("Out", "In", "Up", "Down")
)
_RIGHTWARD = np.array([1.0, -1.0])
"""A left eye that looks out looks to the right of the picture."""
_LOOK_X, _LOOK_Y = ([M[f"look{axis}{side}"] for side in SIDES] for axis in "XY")
_TONGUE = (3.0, 4.0, 0.02)
"""Smoothing, as of the mouth."""


class BareRetargeter(FaceRetargeter):
    """See FaceRetargeter. Knows no profile: one is made with the camera, whose blendshapes read otherwise."""

    def __init__(self, *, head_range: Mapping[str, float] | None = None, seed: int = 0) -> None:
        super().__init__(head_range=head_range, seed=seed)
        self._neutral, self._calm = Neutral(), Calm()
        self._filter = OneEuro(
            *(np.append(row[: N + 8], own) for row, own in zip(smoothing(False), _TONGUE, strict=True))
        )
        self._tongue = 0.0

    def _observe(self, face: Face, time: float) -> Observation | None:
        if self._recenter:
            self._recenter = False
            self._neutral, self._calm = Neutral(), Calm()
        return Observation(_POINTS, _vector(face), _POINTS) if face.sound else None

    def _follow(self, face: Face, observation: Observation, time: float, dt: float) -> np.ndarray:
        self._learn(face, observation.vector, dt)
        seen = deviation(observation.vector, self._neutral.value)
        look = self._eyes.update(_eyes_of(seen), dt)
        self._reach.update(seen.shapes, dt)
        controls = (seen.shapes / self._reach.value).clip(0, 1)
        place = (observation.vector - self._neutral.value)[PLACE]
        head = seen.head * self._head_gain / [1.0, PITCH_GAIN, 1.0]
        smooth = self._filter(np.concatenate([controls, look.gaze, head, place, [face.tongue]]), time)
        self._tongue = float(smooth[-1].clip(0, 1))
        values = np.zeros(len(self._shown))
        values[: N + 8] = smooth[:-1]
        return self._with_eyes(values, look)

    def _learn(self, face: Face, vector: np.ndarray, dt: float) -> None:
        """Refine the neutral, as adaptation.Person does."""
        if self._calm.add(unrest(face.blendshapes, vector[POSE]), face, dt):
            self._neutral.start(np.array([_vector(calm) for calm in self._calm.faces]))
            return
        turned = np.abs((vector - self._neutral.value)[POSE]).max()
        self._neutral.update(vector, dt, np.full(len(vector), turned < 0.2))

    def _express(self, weight: float, time: float, tracked: bool) -> Expression:
        expression = super()._express(weight, time, tracked)
        controls = expression.controls.copy()
        controls[INDEX["tongueOut"]] = weight * self._tongue
        return replace(expression, controls=controls, motion=None)


def _vector(face: Face) -> np.ndarray:
    """(len(FEATURES),): see features.py; nothing is measured."""
    vector = np.zeros(len(FEATURES))
    vector[SHAPES] = face.blendshapes
    vector[POSE] = angles(rotation(face))
    x, y, z = face.pose[:3, 3].astype(np.float64)
    focal = 1 / (2 * np.tan(np.radians(63) / 2))  # in heights of the picture, as in features.observe
    width, height = face.size
    vector[PLACE] = 0.5 + focal * x / -z * height / width, 0.5 + focal * y / z, -math.log(-z)
    return vector


def _eyes_of(seen: Deviation) -> Deviation:
    """What eyes.py would measure on eyes of which these blendshapes tell."""
    measures, shapes = np.zeros(len(MEASURES)), seen.shapes.copy()
    measures[_LOOK_X] = 0.24 * _RIGHTWARD * (shapes[_OUT] - shapes[_IN])
    measures[_LOOK_Y] = 0.10 * (shapes[_UP] - shapes[_DOWN])
    shapes[_DOWN] = 0.0
    return Deviation(measures, shapes, seen.head, seen.shapes[BLINK])
