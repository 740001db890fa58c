"""Another person's face in the picture: the avatar stays its user's, or becomes the new one's, and never jumps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.base.seats import STAY_S, Place, Seats
from liveavatar.controls import HEAD, INDEX
from liveavatar.retargeting.retargeter import HOLD, FaceRetargeter
from liveavatar.types import Expression, Face
from tests.helpers.driver_clip import driver_faces


@pytest.fixture(scope="module")
def clip(model: Path) -> list[Face]:
    return [face for face in driver_faces(model) if face is not None]


def moved(face: Face, x: float = 0.0, y: float = 0.0, scale: float = 1.0) -> Face:
    """The same face elsewhere: x, y in shares of the picture, about whose middle it is scaled."""
    size = np.array([*face.size, 0], np.float32)
    landmarks = (face.landmarks - size / 2) * np.float32(scale) + size / 2 + size * np.float32([x, y, 0])
    pose = face.pose.copy()
    pose[:3, 3] /= [1, 1, scale]
    focal = face.size[1] / (2 * np.tan(np.radians(63) / 2))
    pose[0, 3] += x * face.size[0] * -pose[2, 3] / focal
    pose[1, 3] -= y * face.size[1] * -pose[2, 3] / focal
    return replace(face, landmarks=landmarks.astype(np.float32), pose=pose)


def play(faces: list[Face | None], retargeter: FaceRetargeter | None = None) -> list[Expression]:
    retargeter = retargeter or FaceRetargeter()
    return [retargeter.retarget(face, i / 30) for i, face in enumerate(faces)]


def place(expressions: list[Expression]) -> np.ndarray:
    """(n, 6) x, y, log of the scale, head angles."""
    return np.array(
        [[e.x, e.y, np.log(e.scale), *(e.controls[INDEX[name]] for name in HEAD)] for e in expressions]
    )


OTHERS = {
    "behind, to the right": {"x": 0.3, "scale": 0.55},
    "beside": {"x": -0.45, "y": 0.1},
    "in front": {"x": 0.25, "scale": 1.9},
    "far behind": {"y": -0.1, "scale": 0.4},
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("gap", [0, 6], ids=["at once", "after a moment"])
def test_a_strangers_face_moves_nothing(other: str, gap: int, clip: list[Face]) -> None:
    none: list[Face | None] = [None] * gap
    stray = [moved(face, **OTHERS[other]) for face in clip[150:210]]  # 2 s
    expressions = play([*clip[:150], *none, *stray, *none, *clip[150:240]])
    start, back = 150 + gap, 150 + gap + 60 + gap
    shown = place(expressions)
    assert np.abs(shown[start:back, :3]).max() < 0.05  # neither in place nor in size
    assert np.abs(np.diff(shown, axis=0)).max() < 0.08
    assert not any(e.tracked for e in expressions[start + round(30 * HOLD) + 1 : back])
    assert expressions[back].tracked
    alone = play([*clip[:150], *[None] * (back - 150), *clip[150:240]])
    assert np.allclose(expressions[-1].controls, alone[-1].controls, atol=1e-4)


@pytest.mark.parametrize("other", OTHERS)
def test_who_stays_becomes_the_user_and_the_first_is_taken_back_at_once(other: str, clip: list[Face]) -> None:
    second = [moved(face, **OTHERS[other]) for face in [*clip[150:300], *clip[150:250]]]
    expressions = play([*clip[:150], *second, *clip[150:240]])
    shown = place(expressions)
    assert not expressions[150 + 80].tracked
    settled = slice(150 + 150, 150 + 250)
    assert all(e.tracked for e in expressions[settled])
    assert np.abs(shown[settled, :3]).max() < 0.12
    returned = 150 + 250
    assert all(e.tracked for e in expressions[returned:])
    assert np.abs(shown[returned + 15 :, :3]).max() < 0.06
    assert np.abs(np.diff(shown, axis=0)).max() < 0.15  # eased everywhere
    alone = play([*clip[:150], *[None] * 250, *clip[150:240]])
    assert np.allclose(shown[-1], place(alone)[-1], atol=0.03)


def course(name: str, clip: list[Face]) -> list[Face | None]:
    """What a user may do without being taken for somebody else, from 5 s on."""
    faces: list[Face | None] = [*clip[:150]]
    ramp = np.clip(np.arange(60) / 9, 0, 1)  # within 0.3 s
    if name == "leaps aside":
        return faces + [moved(face, x=0.3 * s) for face, s in zip(clip[150:210], ramp, strict=True)]
    if name == "leans in":
        return faces + [moved(face, scale=1 + 0.7 * s) for face, s in zip(clip[150:210], ramp, strict=True)]
    if name == "leans back":
        return faces + [moved(face, scale=1 / (1 + s)) for face, s in zip(clip[150:210], ramp, strict=True)]
    if name == "is lost for a minute":
        return faces + [None] * 1800 + [*clip[150:210]]
    if name == "is lost and found nearby":
        return faces + [None] * 20 + [moved(face, x=0.1, scale=1.15) for face in clip[150:210]]
    if name == "leaves to the right and comes back from the left":
        walk = np.linspace(0, 0.45, 30)
        out = [moved(clip[150], x=s) for s in walk]
        back = [moved(clip[150], x=s - 0.45) for s in walk]
        return faces + out + [None] * 300 + back + [*clip[150:180]]
    raise KeyError(name)


@pytest.mark.parametrize(
    "name", ["leaps aside", "leans in", "leans back", "is lost for a minute", "is lost and found nearby"]
)
def test_the_user_is_followed_whatever_they_do(name: str, clip: list[Face]) -> None:
    faces = course(name, clip)
    expressions = play(faces)
    assert all(e.tracked for e, face in zip(expressions, faces, strict=True) if face is not None)
    unbound = FaceRetargeter()
    unbound._seats.take = lambda place, time: 1  # type: ignore[method-assign]
    assert np.array_equal(place(expressions), place(play(faces, unbound)))


def test_who_comes_back_from_the_other_side_is_taken_on_the_seat(clip: list[Face]) -> None:
    expressions = play(course("leaves to the right and comes back from the left", clip))
    assert all(e.tracked for e in expressions[-32:])
    assert np.abs(place(expressions)[-1, :3]).max() < 0.05


def test_recentering_takes_whoever_is_there(clip: list[Face]) -> None:
    retargeter = FaceRetargeter()
    play([*clip[:150]], retargeter)
    retargeter.recenter()
    second = [moved(face, x=0.3, scale=0.55) for face in clip[150:165]]
    expressions = [retargeter.retarget(face, 5 + i / 30) for i, face in enumerate(second)]
    assert all(e.tracked for e in expressions)
    assert np.abs(place(expressions)[-1, :3]).max() < 0.05


def test_only_a_few_seats_are_kept() -> None:
    seats = Seats()
    time = 0.0
    for i in range(200):
        for _ in range(round(30 * STAY_S) + 2):
            time += 1 / 30
            seat = seats.take(Place(10.0 * i, 0.0, 1.0), time)
        assert seat is not None
    assert len(seats.places) <= 3
    assert seats.seat == Place(10.0 * 199, 0.0, 1.0)
