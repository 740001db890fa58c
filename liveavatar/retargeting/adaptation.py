"""What is neutral for this person, and how far each control goes: fitted in the first seconds, then refined. Reads no clock."""

from collections.abc import Sequence

import numpy as np

from liveavatar.controls import INDEX
from liveavatar.retargeting.features import (
    EYES,
    FEATURES,
    GAPS,
    POSE,
    Deviation,
    Observation,
    deviation,
    observe,
)
from liveavatar.retargeting.landmarks import neutral_head
from liveavatar.retargeting.profile import NEUTRAL, Profile
from liveavatar.types import Face

FIRST_S = 4.0
"""Seconds of faces out of which the calmest give the first neutral."""
OPEN = 0.65
"""Share of a wide gap between lids from which on eyes count as open."""


class Neutral:
    """The neutral of every feature, by running quantiles.

    A running quantile q moves up by q and down by 1 - q for each sample above or below it: Robbins and
    Monro's stochastic approximation. No memory of the samples, and outliers count no more than others."""

    def __init__(self) -> None:
        self._full, self._low, self._high, self._quantile = np.array(FEATURES).T
        self._age = 0.0
        self.value = np.clip(np.zeros(len(FEATURES)), self._low, self._high)
        """(len(FEATURES),) float64: the vector of the person at rest."""

    def start(self, vectors: np.ndarray, first: int = 0) -> None:
        """Take the neutral from these (k, len(FEATURES)) calm vectors: about their median, that of the eyes from those
        with open ones. Features before `first` stay."""
        middle = _quantiles(vectors, self._quantile)
        gaps = vectors[:, GAPS].mean(axis=1)
        # Who sits down looks at the keyboard, and blinks; narrow eyes are as narrow in all of them. Not the very widest: it
        # may be a slip of the tracker.
        wide = float(np.percentile(gaps, 90))
        middle[EYES] = _quantiles(vectors[gaps >= wide - (1 - OPEN) * abs(wide)], self._quantile)[EYES]
        middle = np.clip(middle, self._low, self._high)
        self.value = np.concatenate([self.value[:first], middle[first:]])

    def resume(self, values: Sequence[float]) -> None:
        """Begin with these values for the first features, found earlier: they are refined slowly from the start."""
        count = len(values)
        self.value = np.concatenate(
            [np.clip(values, self._low[:count], self._high[:count]), self.value[count:]]
        )
        self._age = np.inf

    def update(self, vector: np.ndarray, dt: float, steady: np.ndarray) -> None:
        """vector (len(FEATURES),), dt seconds since the last one; steady (len(FEATURES),) bool: what may learn from it."""
        self._age += dt
        # Quick while a bad start may have to be mended, then a hundredth of the range a second.
        rate = self._full * (0.01 + 0.06 * np.exp(-self._age / 8.0))
        step = np.where(vector > self.value, self._quantile, self._quantile - 1)
        # No chatter around the quantile: within 2 % of the range the step shrinks with the distance.
        step *= np.minimum(1.0, np.abs(vector - self.value) / (0.02 * self._full))
        self.value = np.clip(self.value + rate * dt * step * steady, self._low, self._high)


def _quantiles(vectors: np.ndarray, quantile: np.ndarray) -> np.ndarray:
    """(n,) that quantile (n,) of each column of vectors (k, n), not of the utmost ones."""
    at = np.rint(quantile.clip(0.4, 0.8) * (len(vectors) - 1)).astype(int)
    return np.asarray(np.sort(vectors, axis=0)[at, np.arange(vectors.shape[1])])


class Reach:
    """How far this person goes, per control, as a share of the average person's full expression.

    The running 90 % quantile of the moments in which the expression is clearly in use, so that a face at rest
    teaches nothing."""

    USUAL = 0.85
    """Of a person of whom nothing is known."""

    def __init__(
        self,
        count: int,
        least: np.ndarray | float = 0.55,
        most: np.ndarray | float = 1.25,
        start: np.ndarray | float = USUAL,
        pace: float = 1.0,
    ) -> None:
        """count: controls. least, most: bounds. start: the first values. pace: below 1 it learns more slowly."""
        self._least, self._most, self._pace = least, most, pace
        self.value = np.full(count, start, np.float64)
        """(count,) float64."""

    def update(self, share: np.ndarray, dt: float) -> None:
        """share (count,): what the expression is now, 1 for an average person's full one."""
        used = share > 0.35 * self.value
        step = np.where(share > self.value, 0.9, -0.1) * used
        self.value = np.clip(self.value + 0.25 * self._pace * dt * step, self._least, self._most)


_RESTLESS = [
    INDEX[name]
    for name in (
        *("eyeBlinkLeft", "eyeBlinkRight", "eyeBlinkLeft", "eyeBlinkRight"),  # they count twice
        *("browDownLeft", "browDownRight", "browInnerUp", "jawOpen"),
        *("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthPucker"),
        *("mouthFunnel", "mouthLeft", "mouthRight", "mouthFrownLeft", "mouthFrownRight"),
    )
]


def unrest(shapes: np.ndarray, yaw_pitch_roll: np.ndarray) -> float:
    """How far a face is from rest, from blendshapes (51,) as they come and angles (3,) to the camera, radians."""
    return float(shapes[_RESTLESS].sum() + 2.0 * np.abs(yaw_pitch_roll).sum())


class Calm:
    """The calmest faces of the first seconds: people sit down, talk and blink when a camera starts."""

    KEEP = 24
    """Faces; about a second's worth."""

    def __init__(self) -> None:
        self._faces: list[tuple[float, Face]] = []
        self._age = 0.0
        self._next = 0.0

    def add(self, unrest: float, face: Face, dt: float) -> bool:
        """Offer a face and how unrestful it is. True when it is time to take the neutral
        anew: often at first, then twice a second, never after FIRST_S."""
        if self._age > FIRST_S:
            return False
        self._age += dt
        if self._age > FIRST_S:
            self._faces.clear()
            return False
        self._faces.append((unrest, face))
        if len(self._faces) > self.KEEP:
            # Out goes the least calm one, were it the newest.
            del self._faces[int(np.argmax([unrest for unrest, _ in self._faces]))]
        if self._age < self._next:
            return False
        self._next = self._age + (0.1 if self._age < 0.7 else 0.5)
        return True

    @property
    def faces(self) -> list[Face]:
        """The faces kept."""
        return [face for _, face in self._faces]


class Person:
    """What is known of who sits before the camera: the neutral head and the neutral features."""

    def __init__(self, profile: Profile | None = None) -> None:
        """Begin with the profile's where there is one, but for the seat: head angles and place."""
        self.head = None if profile is None else profile.template
        """(478, 3) float64: the neutral head; None before a face was seen."""
        self.neutral = Neutral()
        self._calm = Calm()
        self._calibrated = profile is not None
        if profile is not None:
            self.neutral.resume([profile.neutral[name] for name in NEUTRAL])

    def learn(self, face: Face, observation: Observation, dt: float) -> Deviation:
        """Refine the neutral by this face, dt seconds after the last one. Gives the face against that neutral."""
        vector = observation.vector
        if self.head is None:
            self.head = observation.head
        if self._calm.add(unrest(face.blendshapes, vector[POSE]), face, dt):
            self._begin(self._calm.faces)
        else:
            base = self.neutral.value
            # A turned head and shut eyes teach nothing about rest.
            steady = np.full(len(vector), bool(np.abs((vector - base)[POSE]).max() < 0.2))
            steady[EYES] &= bool((vector[GAPS] > 0.5 * base[GAPS]).all())
            self.neutral.update(vector, dt, steady)
        return deviation(vector, self.neutral.value)

    def _begin(self, calm: Sequence[Face]) -> None:
        """Take the neutral anew from the calm faces of the first seconds; of a calibrated person only head angles and place."""
        head = self.head if self._calibrated else neutral_head(calm)
        assert head is not None
        self.head = head
        self.neutral.start(
            np.array([observe(face, head).vector for face in calm]), len(NEUTRAL) if self._calibrated else 0
        )
