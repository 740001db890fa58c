"""The finder of drawn faces, with the networks that ship, on characters whose points are known."""

import cv2
import numpy as np
import pytest

from liveavatar.controls import CONTROLS, neutral
from liveavatar.landmarks.finder import DrawnFace, Finder
from liveavatar.landmarks.frame import eye_distance, place
from liveavatar.landmarks.points import INDEX, MIRRORED
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.population import character

Shown = tuple[np.ndarray, np.ndarray]
"""A picture (S, S, 3) uint8 and its true points (46, 2)."""


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def shown(rig: DrawnRig, **values: float) -> Shown:
    controls = neutral()
    for name, value in values.items():
        controls[CONTROLS.index(name)] = value
    picture = rig.render(controls, 320)
    white = 255 - picture[..., 3:].astype(int)
    return (picture[..., :3] + white).clip(0, 255).astype(np.uint8), rig.points(controls, 320)[0]


@pytest.fixture(scope="module")
def people() -> list[Shown]:
    turned = {"headYaw": 0.4, "headRoll": -0.2, "jawOpen": 0.8}
    return [shown(DrawnRig("hoshi")), shown(DrawnRig(character(3)), **turned)]


def far(face: DrawnFace, points: np.ndarray) -> float:
    """Median, in distances between the eyes."""
    return float(np.median(np.linalg.norm(face.points - points, axis=1)) / eye_distance(points))


def test_points_are_near_their_places(finder: Finder, people: list[Shown]) -> None:
    for rgb, points in people:
        (face,) = finder.find(rgb)
        assert far(face, points) < 0.05
        assert face.doubt < 0.1 and face.hidden[INDEX["nose"]] < 0.5
    assert finder.find(people[0][0])[0].hidden[INDEX["forehead"]] > 0.5


def test_grey_small_and_mirrored_pictures_have_the_same_points(finder: Finder, people: list[Shown]) -> None:
    rgb, points = people[0]
    grey = cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert far(finder.find(grey)[0], points) < 0.06
    small = cv2.resize(rgb, (80, 80), interpolation=cv2.INTER_AREA)
    assert far(finder.find(small)[0], points / 4) < 0.08
    (face,) = finder.find(np.ascontiguousarray(rgb[:, ::-1]))
    back = face.points[list(MIRRORED)] * [-1, 1] + [320, 0]
    assert far(DrawnFace(back, face.hidden, face.error, 1.0), points) < 0.06


def test_several_faces_come_largest_first(finder: Finder, people: list[Shown]) -> None:
    (first, a), (second, b) = people
    half = cv2.resize(first, (160, 160), interpolation=cv2.INTER_AREA)
    both = np.full((320, 480, 3), 255, np.uint8)
    both[80:240, :160], both[:, 160:] = half, second
    large, small = finder.find(both)
    assert far(large, b + np.array([160, 0])) < 0.06
    assert far(small, a / 2 + np.array([0, 80])) < 0.08


def test_no_face_is_found_where_none_is(finder: Finder) -> None:
    random = np.random.default_rng(1)
    hills = np.tile(np.linspace(250, 80, 300)[:, None, None], (1, 400, 3)).astype(np.uint8)
    cv2.circle(hills, (90, 80), 30, (250, 230, 120), -1)
    text = np.full((300, 400, 3), 250, np.uint8)
    for k in range(9):
        cv2.putText(text, "nothing to be seen here", (8, 30 + 32 * k), 0, 0.9, (20, 20, 20), 2)
    for rgb in (hills, text, random.integers(0, 256, (200, 300, 3)).astype(np.uint8), text[:1, :1]):
        assert finder.find(rgb) == []


def test_a_place_crops_upright() -> None:
    points, _ = DrawnRig("hoshi").points(neutral(), 256)
    turn = cv2.getRotationMatrix2D((128, 128), -30, 0.8)
    at = place((points @ turn[:, :2].T + turn[:, 2]).astype(np.float32))
    assert abs(np.degrees(at.roll) - 30) < 1.5
    move = at.crop()
    assert np.allclose(move[:, :2] @ (at.x, at.y) + move[:, 2], 64)
