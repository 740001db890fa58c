"""The retargeter's promises beyond the contract, on tracked faces that are turned by exact rotations."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.controls import HEAD, INDEX, RANGES
from liveavatar.retargeting.eyes import Eyes
from liveavatar.retargeting.landmarks import angles
from liveavatar.retargeting.retargeter import PITCH_GAIN, FaceRetargeter, soft_limit
from liveavatar.types import Expression, Face
from tests.helpers.driver_clip import driver_faces


@pytest.fixture(scope="module")
def rest(model: Path) -> Face:
    """The clip's person at rest."""
    face = driver_faces(model)[30]
    assert face is not None
    return face


@pytest.fixture(scope="module")
def clip(model: Path) -> tuple[Face | None, ...]:
    return driver_faces(model)


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """(3, 3) rotation in the conventions of liveavatar.controls."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def rotate(face: Face, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Face:
    """The same face on a head that is turned about the camera's axes."""
    rotation = turned(yaw, pitch, roll)
    flip = np.array([1.0, -1.0, -1.0])
    middle = face.landmarks.mean(0)
    points = ((face.landmarks - middle) * flip @ rotation.T) * flip + middle
    pose = face.pose.copy()
    pose[:3, :3] = rotation @ pose[:3, :3]
    return replace(face, landmarks=points.astype(np.float32), pose=pose.astype(np.float32))


def after(retargeter: FaceRetargeter, face: Face | None, start: float, seconds: float) -> Expression:
    """The expression after showing this face for a while."""
    steps = round(seconds * 30)
    for i in range(steps):
        result = retargeter.retarget(face, start + i / 30)
    return result


def value(expression: Expression, name: str) -> float:
    return float(expression.controls[INDEX[name]])


@pytest.mark.parametrize("yaw, pitch, roll", [(0.3, 0, 0), (0, -0.2, 0), (0, 0, 0.3), (-0.4, 0.2, -0.1)])
def test_angles_are_what_controls_says(yaw: float, pitch: float, roll: float) -> None:
    assert angles(turned(yaw, pitch, roll)) == pytest.approx([yaw, pitch, roll], abs=1e-6)


def test_the_nose_goes_where_the_signs_say(rest: Face) -> None:
    """Signs by the picture itself: landmark 4 is the nose's tip, 10 the crown side."""
    assert rotate(rest, yaw=0.3).landmarks[4, 0] > rest.landmarks[4, 0] + 5  # to the right of the picture
    assert rotate(rest, pitch=0.3).landmarks[4, 1] < rest.landmarks[4, 1] - 5  # up
    assert rotate(rest, roll=0.3).landmarks[10, 0] > rest.landmarks[10, 0] + 5  # clockwise


@pytest.mark.parametrize("axis, name", [("yaw", "headYaw"), ("pitch", "headPitch"), ("roll", "headRoll")])
@pytest.mark.parametrize("angle", [-0.2, 0.2])
def test_a_turn_is_followed_and_moves_nothing_else(rest: Face, axis: str, name: str, angle: float) -> None:
    retargeter = FaceRetargeter()
    after(retargeter, rest, 0.0, 4.5)
    expression = after(retargeter, rotate(rest, **{axis: angle}), 4.5, 1.0)
    gain = PITCH_GAIN if axis == "pitch" else 1.0
    assert value(expression, name) == pytest.approx(gain * angle, abs=0.02)
    for other in set(HEAD) - {name}:
        assert abs(value(expression, other)) < 0.02
    for quiet in (
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "jawOpen",
        "mouthSmileLeft",
        "mouthSmileRight",
        "mouthPucker",
    ):
        assert value(expression, quiet) < 0.12, quiet


def test_the_head_range_is_never_passed_and_small_turns_are_kept(rest: Face) -> None:
    retargeter = FaceRetargeter(head_range={"headYaw": 0.25})
    after(retargeter, rest, 0.0, 4.5)
    small = after(retargeter, rotate(rest, yaw=0.12), 4.5, 1.0)
    wide = after(retargeter, rotate(rest, yaw=0.6), 5.5, 1.0)
    assert value(small, "headYaw") == pytest.approx(0.12, abs=0.015)
    assert 0.22 < value(wide, "headYaw") <= 0.25
    with pytest.raises(KeyError):
        FaceRetargeter(head_range={"headNod": 1.0})


def test_soft_limit_is_monotone_and_smooth() -> None:
    x = np.linspace(-2, 2, 4001)
    y = soft_limit(x, np.full_like(x, 0.5))
    slope = np.diff(y) / np.diff(x)
    assert np.abs(y).max() <= 0.5
    assert slope.min() >= 0
    assert slope.max() <= 1 + 1e-9
    assert np.abs(np.diff(slope)).max() < 0.02  # no kink


def test_blinks_shut_fully_and_together_and_a_wink_passes(clip: tuple[Face | None, ...]) -> None:
    retargeter = FaceRetargeter()
    expressions = [retargeter.retarget(face, i / 30) for i, face in enumerate(clip)]
    left, right = (np.array([value(e, f"eyeBlink{side}") for e in expressions]) for side in ("Left", "Right"))
    both = (left > 0.85) & (right > 0.85)
    assert np.count_nonzero(np.diff(both.astype(int)) == 1) >= 8
    assert ((left > 0.9) & (right < 0.25)).any()
    assert ((right > 0.9) & (left < 0.25)).any()


def test_no_half_shut_flutter() -> None:
    """A lid that hovers around the threshold gives one long blink or none, not many."""
    eyes = Eyes()
    hover = 0.68 + 0.1 * np.sin(np.arange(90) * 2.1)
    shown = np.array([eyes._lid(0, float(v), 1 / 30) for v in [0.9, *hover]])
    assert np.count_nonzero(np.diff((shown > 0.9).astype(int)) != 0) <= 1


def test_a_lost_face_is_held_then_idles_then_eases_back(rest: Face) -> None:
    retargeter = FaceRetargeter()
    after(retargeter, rest, 0.0, 4.5)
    turned_face = rotate(rest, yaw=0.3)
    kept = after(retargeter, turned_face, 4.5, 1.0)
    times = 5.5 + np.arange(75) / 30
    lost = [retargeter.retarget(None, float(t)) for t in times]
    yaw = np.array([value(e, "headYaw") for e in lost])
    assert abs(yaw[6] - value(kept, "headYaw")) < 0.02  # 0.2 s
    assert lost[6].tracked
    assert not lost[12].tracked
    assert abs(yaw[-1]) < 0.08
    assert np.abs(np.diff(yaw)).max() < 0.03  # no jump
    back = [retargeter.retarget(turned_face, float(times[-1] + (i + 1) / 30)) for i in range(30)]
    returned = np.array([value(e, "headYaw") for e in back])
    assert np.abs(np.diff(np.r_[yaw[-1], returned])).max() < 0.06
    assert returned[-1] == pytest.approx(0.3, abs=0.03)
    assert back[0].tracked


def test_place_follows_the_head(rest: Face) -> None:
    retargeter = FaceRetargeter()
    after(retargeter, rest, 0.0, 4.5)
    nearer = replace(rest, landmarks=rest.landmarks * np.float32(1.2), pose=rest.pose.copy())
    nearer.pose[:3, 3] /= 1.2
    assert after(retargeter, nearer, 4.5, 1.5).scale == pytest.approx(1.2, abs=0.02)
    aside = replace(rest, pose=rest.pose.copy())
    focal = rest.size[1] / (2 * np.tan(np.radians(63) / 2))
    aside.pose[0, 3] += 0.1 * rest.size[0] * -rest.pose[2, 3] / focal  # a tenth of the width to the right
    expression = after(retargeter, aside, 6.0, 1.5)
    assert expression.x == pytest.approx(0.1, abs=0.01)
    assert abs(expression.y) < 0.02


def test_motion_is_in_face_heights_and_still_at_rest(rest: Face, clip: tuple[Face | None, ...]) -> None:
    retargeter = FaceRetargeter()
    still = after(retargeter, rest, 0.0, 4.5)
    assert still.motion is not None
    assert still.motion.shape == (478, 3)
    assert still.motion.dtype == np.float32
    assert np.abs(still.motion).max() < 0.005
    open_mouth = clip[178]  # the widest "ah"
    assert open_mouth is not None
    moved = after(retargeter, open_mouth, 4.5, 0.2).motion
    assert moved is not None
    chin, forehead = moved[152, 1], moved[10, 1]
    assert chin < -0.04  # y is up
    assert abs(forehead) < 0.02


def test_a_start_that_is_not_neutral_is_mended(clip: tuple[Face | None, ...]) -> None:
    """The camera comes on in the middle of a wide smile; the seconds after it show the face at rest."""
    retargeter = FaceRetargeter()
    smile, calm = list(clip[345:360]), list(clip[5:40])
    expressions = [retargeter.retarget(face, i / 30) for i, face in enumerate(smile + calm + smile)]
    assert value(expressions[-1], "mouthSmileLeft") > 0.7
    assert value(expressions[len(smile) + len(calm) - 1], "mouthSmileLeft") < 0.1


def test_recenter_takes_the_new_rest(rest: Face) -> None:
    retargeter = FaceRetargeter()
    after(retargeter, rest, 0.0, 4.5)
    aside = rotate(rest, yaw=0.15)
    assert value(after(retargeter, aside, 4.5, 1.0), "headYaw") == pytest.approx(0.15, abs=0.02)
    retargeter.recenter()
    assert abs(value(after(retargeter, aside, 5.5, 1.0), "headYaw")) < 0.02


def test_the_ranges_of_a_person_who_moves_little_are_fitted(rest: Face) -> None:
    """Somebody whose strongest expression is weak reaches more after some use, never more than 1."""
    retargeter = FaceRetargeter()
    after(retargeter, rest, 0.0, 4.5)
    small = replace(rest, blendshapes=rest.blendshapes.copy(), landmarks=rest.landmarks.copy())
    small.blendshapes[INDEX["mouthFrownLeft"]] = 0.3
    first = value(after(retargeter, small, 4.5, 0.3), "mouthFrownLeft")
    for i in range(8):
        after(retargeter, small, 5.0 + i, 0.7)
        after(retargeter, rest, 5.7 + i, 0.3)
    later = value(after(retargeter, small, 13.0, 0.3), "mouthFrownLeft")
    assert first + 0.05 < later <= 1.0


def test_every_head_range_is_known() -> None:
    assert set(HEAD) <= set(RANGES)
