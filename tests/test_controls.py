"""The vocabulary of expressions."""

import pytest

from liveavatar.controls import CONTROLS, INDEX, gaze, other_side, vector


def test_who_looks_to_the_right_of_the_picture_turns_the_left_eye_out_and_the_right_eye_in() -> None:
    look = gaze(0.8, -0.3)
    assert {name: value for name, value in look.items() if value} == {
        "eyeLookOutLeft": 0.8,
        "eyeLookInRight": 0.8,
        "eyeLookDownLeft": 0.3,
        "eyeLookDownRight": 0.3,
    }
    assert set(look) == {name for name in CONTROLS if name.startswith("eyeLook")}


def test_the_mirror_image_of_a_look_is_the_look_to_the_other_side() -> None:
    mirrored = {other_side(name): value for name, value in gaze(0.8, 0.2).items()}
    assert (vector(**mirrored) == vector(**gaze(-0.8, 0.2))).all()


@pytest.mark.parametrize(
    "name, other",
    [
        ("mouthSmileLeft", "mouthSmileRight"),
        ("jawRight", "jawLeft"),
        ("jawOpen", "jawOpen"),
        ("ears", "ears"),
    ],
)
def test_other_side(name: str, other: str) -> None:
    assert other_side(name) == other


def test_every_control_has_its_other_side_in_the_vocabulary() -> None:
    assert all(other_side(name) in INDEX and other_side(other_side(name)) == name for name in CONTROLS)
