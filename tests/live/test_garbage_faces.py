"""Numbers that cannot be a face: not seen, never kept, and told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liveavatar.controls import CONTROLS, RANGES, neutral
from liveavatar.errors import ProfileError
from liveavatar.live.loop import Live
from liveavatar.media.compositing import Background
from liveavatar.outputs.memory import Memory
from liveavatar.retargeting.calibration import LEAST_FACES, fit
from liveavatar.retargeting.guide import Guide
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.reactions import EMOTES
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.types import Expression, Face, Frame
from tests.helpers.driver_clip import driver_faces
from tests.helpers.fakes import FakeCamera, FakeRenderer, FakeTracker

LOW, HIGH = np.array([RANGES[name] for name in CONTROLS]).T
FIELDS = ("landmarks", "blendshapes", "pose")
ABSURD = [np.nan, np.inf, -np.inf, 1e30, -1e30, 1e9, -1e9]


@pytest.fixture(scope="module")
def clip(model: Path) -> list[Face]:
    return [face for face in driver_faces(model) if face is not None]


def spoiled(face: Face, field: str, places: list[int], value: float) -> Face:
    """The face with this value at these places of one of its arrays."""
    array = getattr(face, field).copy()
    array.reshape(-1)[[place % array.size for place in places]] = value
    return replace(face, **{field: array})


KINDS: dict[str, Callable[[Face], Face]] = {
    "no face: all points in one": lambda f: replace(f, landmarks=np.ones_like(f.landmarks)),
    "points on a line": lambda f: replace(f, landmarks=f.landmarks * np.float32([1, 0, 0])),
    "an eye of no width": lambda f: replace(
        f, landmarks=np.where(np.isin(np.arange(478), [33, 133])[:, None], f.landmarks[1], f.landmarks)
    ),
    "a pose of zeros": lambda f: replace(f, pose=np.zeros((4, 4), np.float32)),
    "a singular pose": lambda f: replace(f, pose=f.pose * np.float32([[1], [0], [1], [1]])),
    "a mirrored pose": lambda f: replace(f, pose=f.pose * np.float32([[-1], [1], [1], [1]])),
    "behind the camera": lambda f: replace(f, pose=f.pose * np.float32([[1], [1], [-1], [1]])),
    "in the camera": lambda f: replace(f, pose=f.pose * np.float32([1, 1, 1, 0])),
    "a picture without size": lambda f: replace(f, size=(0, 0)),
    "too few points": lambda f: replace(f, landmarks=f.landmarks[:468]),
    "52 blendshapes": lambda f: replace(f, blendshapes=np.append(f.blendshapes, np.float32(0))),
    "a face of a thousandth": lambda f: replace(f, landmarks=f.landmarks * np.float32(1e-3)),
}


def garbage(face: Face) -> st.SearchStrategy[Face]:
    places = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)
    return st.one_of(
        st.builds(spoiled, st.just(face), st.sampled_from(FIELDS), places, st.sampled_from(ABSURD)),
        st.sampled_from(sorted(KINDS)).map(lambda kind: KINDS[kind](face)),
    )


def check_state(thing: object, seen: set[int] | None = None) -> None:
    """No number that the object keeps, anywhere, is NaN."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray | float):
        assert not np.isnan(thing).any()
    elif isinstance(thing, dict):
        for value in thing.values():
            check_state(value, seen)
    elif isinstance(thing, list | tuple):
        for value in thing:
            check_state(value, seen)
    elif hasattr(thing, "__dict__"):
        check_state(vars(thing), seen)


def check(expression: Expression) -> None:
    assert (expression.controls >= LOW - 1e-6).all() and (expression.controls <= HIGH + 1e-6).all()
    assert np.isfinite([expression.x, expression.y, expression.scale]).all()
    assert expression.motion is None or np.isfinite(expression.motion).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), start=st.sampled_from([0, 3, 40]), emote=st.sampled_from([None, *EMOTES]))
def test_after_any_garbage_the_face_is_followed_again_within_a_second(
    data: st.DataObject, start: int, emote: str | None, clip: list[Face]
) -> None:
    inner = FaceRetargeter()
    retargeter = Mixer(inner)
    if emote is not None:
        retargeter.reactions.perform(emote)
    bad = data.draw(st.lists(garbage(clip[30]), min_size=1, max_size=8))
    course = [*clip[:start], *bad, *clip[start : start + 31]]
    for i, face in enumerate(course):
        expression = retargeter.retarget(face, i / 30)
        check(expression)
    check_state(inner)
    assert expression.tracked
    if emote is None and start:
        clean = FaceRetargeter()
        for i, face in enumerate(course):
            wanted = clean.retarget(None if any(face is b for b in bad) else face, i / 30)
        assert np.allclose(expression.controls, wanted.controls, atol=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_counts_as_not_seen(kind: str, clip: list[Face]) -> None:
    retargeter = FaceRetargeter()
    for i in range(30):
        expression = retargeter.retarget(KINDS[kind](clip[i]), i / 30)
        check(expression)
        assert not expression.tracked
    assert retargeter.retarget(clip[30], 1.0).tracked


@pytest.mark.parametrize("field", FIELDS)
def test_a_first_frame_of_nans_is_not_the_neutral(field: str, clip: list[Face]) -> None:
    retargeter = FaceRetargeter()
    assert not retargeter.retarget(spoiled(clip[0], field, [0, 5], np.nan), 0.0).tracked
    assert retargeter.retarget(clip[1], 1 / 30).tracked
    check_state(retargeter)


def test_an_expression_refuses_what_is_no_number() -> None:
    controls = neutral()
    controls[3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        Expression(controls, 0.0)
    with pytest.raises(ValueError, match="finite"):
        Expression(neutral(), 0.0, scale=float("inf"))


def test_a_calibration_passes_over_what_is_no_face(clip: list[Face]) -> None:
    good = clip[:200]
    mixed = [x for i, face in enumerate(good) for x in ([spoiled(face, "pose", [i], np.nan), face])]
    wanted, found = (fit(faces, name="a", made="now") for faces in (good, mixed))
    assert found.neutral == wanted.neutral and found.reach == wanted.reach
    with pytest.raises(ProfileError, match="found in 3 pictures"):
        fit([*good[:3], *[spoiled(good[0], "landmarks", [0], np.inf)] * LEAST_FACES], name="a", made="now")
    guide = Guide()
    guide.see(spoiled(good[0], "blendshapes", [0], np.nan), 0.0)
    assert not guide.faces and guide.elapsed == 0.0


class Blinded(FakeTracker):
    """Gives NaN for some pictures."""

    def track(self, frame: Frame) -> Face | None:
        face = super().track(frame)
        assert face is not None
        return spoiled(face, "pose", [3], np.nan) if 5 <= frame.index < 15 else face


def test_a_live_run_tells_of_it_once_and_goes_on() -> None:
    told: list[str] = []
    output = Memory("memory", size=(32, 32), fps=30, background=Background("black", (32, 32)))
    live = Live(
        open_camera=lambda: FakeCamera(40, fps=30),
        open_tracker=Blinded,
        retargeter=FaceRetargeter(),
        open_renderer=FakeRenderer,
        output=output,
        size=(32, 32),
        fps=30,
        on_status=lambda report: told.extend(report.troubles.values()),
    )
    report = live.run()
    assert not report.troubles  # it passed
    assert len(set(told)) <= 1 and all("no face" in message for message in told)
    assert report.driven > 20


def test_the_trouble_is_named_while_it_lasts() -> None:
    class Blind(FakeTracker):
        def track(self, frame: Frame) -> Face | None:
            face = super().track(frame)
            assert face is not None
            return spoiled(face, "landmarks", [3], np.nan)

    live = Live(
        open_camera=lambda: FakeCamera(10, fps=30),
        open_tracker=Blind,
        retargeter=FaceRetargeter(),
        open_renderer=FakeRenderer,
        output=Memory("memory", size=(32, 32), fps=30, background=Background("black", (32, 32))),
        size=(32, 32),
    )
    assert "no face" in live.run().troubles["tracker"]


def test_what_source_and_tracker_say_about_themselves_is_noted() -> None:
    class Camera(FakeCamera):
        notes = ("a.mp4: damaged packets passed over: 2",)

    class Tracker(FakeTracker):
        note = ""

        def track(self, frame: Frame) -> Face | None:
            self.note = "the camera is upside down" if frame.index < 20 else ""
            return super().track(frame)

    during: list[str] = []
    live = Live(
        open_camera=lambda: Camera(45, fps=30),
        open_tracker=Tracker,
        retargeter=FaceRetargeter(),
        open_renderer=FakeRenderer,
        output=Memory("memory", size=(32, 32), fps=30, background=Background("black", (32, 32))),
        size=(32, 32),
        on_status=lambda report: during.extend(report.notes.values()),
    )
    report = live.run()
    assert "the camera is upside down" in during
    assert report.notes == {"camera": Camera.notes[0]}
    assert not report.troubles
