"""What every retargeter must do. A new retargeter joins RETARGETERS below."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from liveavatar.controls import CONTROLS, RANGES
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.stages import Retargeter
from liveavatar.types import Expression, Face
from tests.helpers.driver_clip import driver_faces

RETARGETERS: dict[str, Callable[[], Retargeter]] = {"face": FaceRetargeter}
LOW, HIGH = np.array([RANGES[name] for name in CONTROLS]).T


@pytest.fixture(params=RETARGETERS)
def make(request: pytest.FixtureRequest) -> Callable[[], Retargeter]:
    return RETARGETERS[request.param]


@pytest.fixture(scope="module")
def faces(model: Path) -> list[Face | None]:
    """Speech, a gap, head turns, a gap at the end."""
    clip = list(driver_faces(model))
    return [None] * 10 + clip[:300] + [None] * 45 + clip[540:690] + [None] * 60


def run(retargeter: Retargeter, faces: list[Face | None], fps: float = 30.0) -> list[Expression]:
    return [retargeter.retarget(face, i / fps) for i, face in enumerate(faces)]


def test_controls_are_finite_and_in_range(make: Callable[[], Retargeter], faces: list[Face | None]) -> None:
    for expression in run(make(), faces):
        assert expression.controls.dtype == np.float32
        assert np.isfinite(expression.controls).all()
        assert (expression.controls >= LOW - 1e-6).all()
        assert (expression.controls <= HIGH + 1e-6).all()
        assert np.isfinite([expression.x, expression.y, expression.scale]).all()


def test_time_is_passed_through(make: Callable[[], Retargeter], faces: list[Face | None]) -> None:
    times = [expression.time for expression in run(make(), faces)]
    assert times == [i / 30.0 for i in range(len(faces))]


def test_the_same_faces_give_the_same_expressions(
    make: Callable[[], Retargeter], faces: list[Face | None]
) -> None:
    for a, b in zip(run(make(), faces), run(make(), faces), strict=True):
        assert np.array_equal(a.controls, b.controls)
        assert (a.x, a.y, a.scale, a.tracked) == (b.x, b.y, b.scale, b.tracked)


def test_its_halves_are_the_whole(make: Callable[[], Retargeter], faces: list[Face | None]) -> None:
    whole, halves = make(), make()
    for i, face in enumerate(faces[:400]):
        read = halves.read(face, i / 30)
        a, b = whole.retarget(face, i / 30), halves.finish(read)
        assert np.array_equal(a.controls, b.controls) and (a.time, a.x, a.tracked) == (b.time, b.x, b.tracked)


def test_it_idles_without_a_face_and_says_so(
    make: Callable[[], Retargeter], faces: list[Face | None]
) -> None:
    expressions = run(make(), faces)
    assert not expressions[5].tracked
    assert expressions[200].tracked
    assert not expressions[-1].tracked
    resting = np.array([expression.controls for expression in run(make(), [None] * 300)])
    blink = resting[:, CONTROLS.index("eyeBlinkLeft")]
    assert blink.max() > 0.95
    assert (blink < 0.05).mean() > 0.7
    assert resting[:, CONTROLS.index("breath")].max() > 0.9


def test_odd_times_do_no_harm(make: Callable[[], Retargeter], faces: list[Face | None]) -> None:
    retargeter = make()
    time = 0.0
    for i, face in enumerate(faces):
        time += (1e-4, 0.033, 0.25, 3.0)[i % 4]
        controls = retargeter.retarget(face, time).controls
        assert np.isfinite(controls).all()
        assert (controls >= LOW - 1e-6).all()
        assert (controls <= HIGH + 1e-6).all()
