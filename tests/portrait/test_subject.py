"""Which face of a picture is meant, and whether it is a photo's or a drawn one."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.controls import CONTROLS, neutral, vector
from liveavatar.errors import PictureError
from liveavatar.landmarks.finder import DrawnFace, Finder
from liveavatar.landmarks.frame import eye_distance
from liveavatar.portrait.drawn_points import check_drawn, listed
from liveavatar.portrait.faces import Subject, choose_face, face_at, is_drawn, subjects
from liveavatar.portrait.fitness import remarks, require_fit
from liveavatar.portrait.request import Request
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.population import character
from liveavatar.rigs.population.styles import STYLES
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import Face

REQUEST = Request(Path("picture.png"), "x", "")


@pytest.fixture(scope="module")
def drawings() -> Finder:
    return Finder()


@pytest.fixture(scope="module")
def photos(model: Path) -> Iterator[FaceFinder]:
    with closing(FaceFinder(model)) as finder:
        yield finder


@pytest.fixture(scope="module")
def person() -> np.ndarray:
    return next(iter(open_camera(str(SYNTHETIC), paced=False))).image


def drawn(seed: int, style: str, **values: float) -> tuple[np.ndarray, np.ndarray]:
    """A character's picture (400, 400, 3) uint8 on white, and its points."""
    rig = DrawnRig(replace(character(seed), style=STYLES[style]))
    controls = neutral()
    for name, value in values.items():
        controls[CONTROLS.index(name)] = value
    picture = rig.render(controls, 400)
    white = 255 - picture[..., 3:].astype(int)
    return (picture[..., :3] + white).clip(0, 255).astype(np.uint8), rig.points(controls, 400)[0]


def found(rgb: np.ndarray, photos: FaceFinder, drawings: Finder) -> Subject:
    return choose_face(subjects(rgb, photos, drawings), rgb.shape[:2], REQUEST, print)


def test_a_drawing_is_one_and_a_person_is_none(
    drawings: Finder, photos: FaceFinder, person: np.ndarray
) -> None:
    assert isinstance(found(person, photos, drawings), Face)
    for seed, style, turn in ((3, "painted", 0.0), (11, "inked", 0.35), (12, "clean", -0.35)):
        rgb, points = drawn(seed, style, headYaw=turn)
        face = found(rgb, photos, drawings)
        assert isinstance(face, DrawnFace)
        assert np.median(np.linalg.norm(face.points - points, axis=1)) < 0.06 * eye_distance(points)
        assert all(is_drawn(other, face) for other in photos.find(rgb))


def test_a_person_beside_a_drawing(drawings: Finder, photos: FaceFinder, person: np.ndarray) -> None:
    rgb, _ = drawn(12, "cel")
    high = person.shape[0]
    both = np.hstack([person, cv2.resize(rgb, (high, high), interpolation=cv2.INTER_AREA)])
    kinds = {type(face) for face in subjects(both, photos, drawings)[:2]}
    assert kinds == {Face, DrawnFace}


def test_points_of_a_drawing_may_be_used_at_once(drawings: Finder) -> None:
    for seed, values in (
        (3, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}),
        (7, {"headYaw": 0.5, "browDownLeft": 1.0, "browDownRight": 1.0}),
        (12, {"jawOpen": 1.0, "mouthPucker": 0.6}),
    ):
        rgb, _ = drawn(seed, "clean", **values)
        face = drawings.find(rgb)[0]
        points = check_drawn(listed(face.points), (400, 400))
        assert face_at(points, [face]) is face
        away = {name: [x + 200, y] for name, (x, y) in points.items()}
        assert face_at(away, [face]) is None and face_at(points, []) is None


def test_twenty_faces_and_none_are_told() -> None:
    points, hidden = DrawnRig("hoshi").points(neutral(), 256)
    unknown = np.zeros(46, np.float32)
    crowd = [DrawnFace(points + 9 * k, hidden.astype(np.float32), unknown, 1.0) for k in range(20)]
    said: list[str] = []
    assert choose_face(list(crowd), (256, 256), replace(REQUEST, face=20), said.append) is crowd[19]
    assert said[0].startswith("20 faces: taking number 20")
    with pytest.raises(PictureError, match=r"--face 21: picture\.png has 20 faces\. Give 1 to 20"):
        choose_face(list(crowd), (256, 256), replace(REQUEST, face=21), said.append)
    with pytest.raises(
        PictureError, match=r"no face was found in picture\.png, of a person or of a drawn character"
    ):
        choose_face([], (256, 256), REQUEST, said.append)
    with pytest.raises(
        PictureError, match=r"20 faces, and none is clearly the largest.*--face N \(1: \d+ % from"
    ):
        choose_face(list(crowd), (256, 256), REQUEST, said.append)


def test_what_cannot_become_an_avatar_is_told_in_time() -> None:
    points, hidden = DrawnRig("hoshi").points(neutral(), 512)
    known = DrawnFace(points, hidden.astype(np.float32), np.zeros(46, np.float32), 1.0)
    require_fit(known, (512, 512), "a.png")
    assert not list(remarks(known))
    for change, size, words in (
        (points / 16, (32, 32), "pixels high; at least 40.*larger copy"),
        (points + np.array([0, 180]), (512, 512), "cut off by the picture's edge"),
        (points * np.array([0.3, 1]) + np.array([160, 0]), (512, 512), "too far aside"),
    ):
        with pytest.raises(PictureError, match=words):
            require_fit(replace(known, points=change.astype(np.float32)), size, "a.png")
    shut = DrawnRig("hoshi").points(vector(eyeBlinkLeft=1.0, eyeBlinkRight=1.0), 512)[0]
    (told,) = remarks(replace(known, points=shut))
    assert "eyes are shut" in told
    covered = np.where(np.isin(np.arange(46), range(29, 39)), 1, 0).astype(np.float32)
    (told,) = remarks(replace(known, hidden=covered))
    assert "the mouth is hidden" in told
    (told,) = remarks(replace(known, points=points / 2.5))
    assert "will look soft" in told
