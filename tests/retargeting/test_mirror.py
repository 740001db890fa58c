from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.controls import CONTROLS, INDEX, vector
from liveavatar.retargeting.mirror import LANDMARKS, mirrored
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.types import Expression, Face
from tests.helpers.driver_clip import driver_faces


def test_twice_is_the_same_again() -> None:
    noise = np.random.default_rng(0)
    before = Expression(
        noise.normal(size=len(CONTROLS)).astype(np.float32), 1.0, 0.1, 0.2, 1.1,
        motion=noise.normal(size=(478, 3)).astype(np.float32),
    )  # fmt: skip
    after = mirrored(mirrored(before))
    assert after.motion is not None and before.motion is not None
    np.testing.assert_array_equal(after.controls, before.controls)
    np.testing.assert_array_equal(after.motion, before.motion)
    assert (after.x, after.y, after.scale) == (before.x, before.y, before.scale)


def test_sides_are_exchanged_and_turns_change_sign() -> None:
    made = mirrored(
        Expression(vector(eyeBlinkLeft=1, mouthRight=0.5, headYaw=0.3, headPitch=0.2, headRoll=-0.1), 0.0)
    )
    expected = vector(eyeBlinkRight=1, mouthLeft=0.5, headYaw=-0.3, headPitch=0.2, headRoll=0.1)
    np.testing.assert_allclose(made.controls, expected)


def test_a_mirrored_user_is_the_user_in_a_mirrored_picture(model: Path) -> None:
    """Against the tracker's own view of the flipped picture: the same face, left and right exchanged."""
    faces = [face for face in driver_faces(model)[:200] if face is not None]
    assert (LANDMARKS[LANDMARKS] == np.arange(478)).all()

    def flipped(face: Face) -> Face:
        landmarks = face.landmarks[LANDMARKS].copy()
        landmarks[:, 0] = face.size[0] - landmarks[:, 0]
        pose = face.pose * np.array([[1, -1, -1, -1], [-1, 1, 1, 1], [-1, 1, 1, 1], [1, 1, 1, 1]], np.float32)
        return replace(face, landmarks=landmarks, blendshapes=face.blendshapes[_swap()], pose=pose)

    plain, mirror = FaceRetargeter(), FaceRetargeter()
    mirror.mirror = True
    for i, face in enumerate(faces):
        a, b = plain.retarget(flipped(face), i / 30), mirror.retarget(face, i / 30)
        head = [
            INDEX[n]
            for n in ("headYaw", "headPitch", "headRoll", "jawOpen", "mouthSmileLeft", "eyeBlinkRight")
        ]
        assert a.controls[head] == pytest.approx(b.controls[head], abs=0.03)
        assert a.x == pytest.approx(b.x, abs=0.005)


def _swap() -> np.ndarray:
    from liveavatar.controls import BLENDSHAPES

    def other(name: str) -> str:
        ends = {"Left": "Right", "Right": "Left"}
        return next((name.removesuffix(e) + o for e, o in ends.items() if name.endswith(e)), name)

    return np.array([BLENDSHAPES.index(other(name)) for name in BLENDSHAPES])
