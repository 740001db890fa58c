"""Lids against the person's own neutral: narrow eyes are open eyes, and shut fully; lids down at the start are no neutral."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.controls import INDEX, both
from liveavatar.retargeting.adaptation import Neutral
from liveavatar.retargeting.features import FEATURES, GAPS, deviation
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.types import Face
from tests.helpers.driver_clip import Truth, driver_faces, truth

LIDS = (
    ((263, 362), (387, 386, 385, 388, 384, 466, 398), (373, 374, 380, 390, 381, 249, 382)),
    ((33, 133), (160, 159, 158, 161, 157, 246, 173), (144, 145, 153, 163, 154, 7, 155)),
)
"""Corners, upper and lower lid of each eye, points opposite one another."""
SECONDS = 8.0


@pytest.fixture(scope="module")
def faces(model: Path) -> list[Face]:
    """The first seconds of the shipped clip, blinks among them."""
    return [face for face in driver_faces(model)[: round(30 * SECONDS)] if face is not None]


@pytest.fixture(scope="module")
def true() -> Truth:
    return truth()


def narrowed(face: Face, share: float, ajar: float = 0.0, tremble: np.ndarray | None = None) -> Face:
    """The face with its lids `share` as far apart, and further by `ajar` eye widths, as lids behind glasses never meet.

    tremble: what to add to each lid's height, (4,) eye widths."""
    points = face.landmarks.copy()
    for eye, (corners, upper, lower) in enumerate(LIDS):
        width = float(np.linalg.norm(points[corners[0]] - points[corners[1]]))
        up, low = list(upper), list(lower)
        middle, apart = (points[up] + points[low]) / 2, (points[up] - points[low]) * share
        apart[:, 1] -= ajar * width
        points[up], points[low] = middle + apart / 2, middle - apart / 2
        if tremble is not None:
            points[up, 1] += width * tremble[2 * eye]
            points[low, 1] += width * tremble[2 * eye + 1]
    return replace(face, landmarks=points)


def shown(faces: Sequence[Face], names: Sequence[str]) -> np.ndarray:
    """(faces, names) controls that a fresh retargeter makes of these faces at 30 fps."""
    retargeter = FaceRetargeter()
    expressions = [retargeter.retarget(face, i / 30) for i, face in enumerate(faces)]
    return np.array([[expression.controls[INDEX[name]] for name in names] for expression in expressions])


@pytest.mark.parametrize(
    ("share", "ajar", "tremble"),
    [(1.0, 0.0, 0.0), (0.5, 0.04, 0.003), (0.4, 0.02, 0.003), (0.33, 0.0, 0.0), (0.33, 0.03, 0.005)],
)
def test_narrow_eyes_are_open_eyes_and_blink_fully(
    faces: list[Face], true: Truth, share: float, ajar: float, tremble: float
) -> None:
    """Gaps between lids of .33 eye widths down to .11, from the first face on; .03 when shut."""
    rng = np.random.default_rng(0)
    seen = [narrowed(face, share, ajar, rng.normal(0.0, tremble, 4)) for face in faces]
    lids = shown(seen, list(both(eyeBlink=0.0)))
    blink = np.stack([true["eyeBlinkLeft"], true["eyeBlinkRight"]], 1)[: len(faces)]
    moving = np.convolve(blink.max(axis=1) > 0.02, np.ones(9), "same") > 0
    squint = np.maximum(true["eyeSquintLeft"], true["eyeSquintRight"])[: len(faces)] > 0.05
    awake = lids[~moving & ~squint]
    assert len(awake) > 80 and awake.mean() < 0.02 and np.quantile(awake, 0.98) < 0.12
    shut = blink.min(axis=1) > 0.95
    assert shut[:120].sum() > 10, "blinks while the neutral is still being learned"
    assert lids[shut].min() > 0.95


def test_who_begins_with_lids_down_is_not_surprised_after(faces: list[Face], true: Truth) -> None:
    """The first seconds are those of somebody who reads: a glimpse of open eyes, then lids down, then awake, then a blink."""
    blink = true["eyeBlinkLeft"][: len(faces)]
    open_face, shut = faces[30], faces[int(np.argmax(blink > 0.99))]
    seen = [
        *[open_face] * 3,
        *[narrowed(open_face, 0.45)] * 18,
        *[open_face] * 40,
        *[shut] * 5,
        *[open_face] * 20,
    ]
    values = shown(seen, ["eyeBlinkLeft", "eyeWideLeft", "eyeWideRight"])
    assert values[21:61, 1:].max() < 0.25
    assert values[45:61, 0].max() < 0.1 and values[62:66, 0].min() > 0.95


def test_one_slip_of_the_tracker_makes_no_sleepy_eyes(faces: list[Face]) -> None:
    narrow = narrowed(faces[30], 0.5)
    values = shown([narrowed(faces[30], 1.5), *[narrow] * 120], list(both(eyeBlink=0.0)))
    assert values[30:].max() < 0.1


def test_a_neutral_of_shut_eyes_only_is_still_a_neutral() -> None:
    neutral = Neutral()
    neutral.start(np.zeros((5, len(FEATURES))))
    neutral.start(np.full((5, len(FEATURES)), -0.03))
    assert (neutral.value[GAPS] > 0).all()


@pytest.mark.parametrize("gap", [0.08, 0.12, 0.2, 0.33, 0.5])
def test_lids_close_evenly_from_any_neutral(gap: float) -> None:
    neutral = np.zeros(len(FEATURES))
    neutral[GAPS] = gap
    closed = []
    for now in np.linspace(gap, min(0.05, 0.3 * gap), 21):
        vector = neutral.copy()
        vector[GAPS] = now
        closed.append(deviation(vector, neutral).closed[0])
    assert closed[0] == 0 and closed[-1] == pytest.approx(1.0)
    assert (np.diff(closed) >= 0).all() and np.diff(closed).max() < 0.1
    # a tremble of two hundredths of an eye's width is no blink
    vector[GAPS] = gap - 0.02
    assert deviation(vector, neutral).closed[0] < 0.22 * 0.85
