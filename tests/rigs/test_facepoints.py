"""The points of a drawn face: where the drawing has them, and hidden where something lies over them."""

import numpy as np
import pytest

from liveavatar.controls import CONTROLS, neutral
from liveavatar.landmarks.points import CORNERS, EYES, INDEX, MIRRORED, NAMES
from liveavatar.rigs.drawn import DrawnRig


@pytest.fixture(scope="module")
def hoshi() -> DrawnRig:
    return DrawnRig("hoshi")


def controls(**values: float) -> np.ndarray:
    row = neutral()
    for name, value in values.items():
        row[CONTROLS.index(name)] = value
    return row


def test_mirrored_names_are_each_others() -> None:
    assert [MIRRORED[MIRRORED[row]] for row in range(len(NAMES))] == list(range(46))
    assert NAMES[MIRRORED[INDEX["mouthTopRight"]]] == "mouthTopLeft"


def test_points_lie_where_the_figure_is_drawn(hoshi: DrawnRig) -> None:
    points, hidden = hoshi.points(neutral(), 256)
    at = {name: points[row] for name, row in INDEX.items()}
    for side in EYES:
        top, iris, low = (at[side + name][1] for name in ("EyeUpper", "Iris", "EyeLower"))
        assert top < iris < low
    x0, _, x1, y1 = hoshi.boxes(neutral(), 256)["face"]
    assert abs(at["chin"][1] - y1) < 2.5
    assert x0 < at["rightCheek"][0] < at["nose"][0] < at["leftCheek"][0] < x1
    assert at["crown"][1] < at["forehead"][1] < at["rightBrow"][1]
    assert hidden[INDEX["forehead"]] and not hidden[INDEX["nose"]]
    middles = [points[rows].mean(0) for rows in CORNERS.values()]
    assert 40 < np.linalg.norm(middles[1] - middles[0]) < 60


def test_points_follow_lids_lips_and_head(hoshi: DrawnRig) -> None:
    rest, _ = hoshi.points(neutral(), 256)
    shut, hidden = hoshi.points(controls(eyeBlinkLeft=1.0, jawOpen=1.0), 256)
    lids = INDEX["leftEyeUpper"], INDEX["leftEyeLower"]
    assert np.linalg.norm(shut[lids[0]] - shut[lids[1]]) < 1.5
    assert hidden[INDEX["leftIris"]] and not hidden[INDEX["rightIris"]]
    lips = INDEX["mouthTop"], INDEX["mouthBottom"]
    assert np.ptp(rest[list(lips), 1]) < 0.5 < 8 < np.ptp(shut[list(lips), 1])
    turned, _ = hoshi.points(controls(headYaw=0.5), 256)
    assert turned[INDEX["nose"], 0] > rest[INDEX["nose"], 0] + 8


def test_a_robot_has_the_same_points() -> None:
    points, _ = DrawnRig("pico").points(neutral(), 256)
    assert np.isfinite(points).all() and points.shape == (46, 2)
