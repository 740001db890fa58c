"""The Python API: what `import liveavatar` offers, and that it draws what the stages by hand draw."""

from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest

import liveavatar
from liveavatar import controls, pipeline
from liveavatar.types import Expression
from tests.conftest import TINY
from tests.helpers.clips import write_person
from tests.helpers.fakes import FakeCamera, FakeTracker


def test_everything_that_is_offered_is_there() -> None:
    for name in liveavatar.__all__:
        assert getattr(liveavatar, name).__module__.startswith("liveavatar."), name
        assert name in dir(liveavatar)
    with pytest.raises(AttributeError, match="open_sesame"):
        _ = liveavatar.open_sesame  # type: ignore[attr-defined]


def test_its_types_travel_with_it() -> None:
    assert (Path(liveavatar.__file__).parent / "py.typed").is_file()


def test_controls_by_name_give_the_picture_of_the_expression() -> None:
    with liveavatar.open_avatar(TINY, provider="cpu") as avatar:
        named = avatar.render(jawOpen=0.7, headYaw=0.2)
        whole = avatar.render(Expression(controls.vector(jawOpen=0.7, headYaw=0.2), time=2.0))
        rest = avatar.render()
    assert named.image.shape == (avatar.size[1], avatar.size[0], 4) and named.image.dtype == np.uint8
    np.testing.assert_array_equal(named.image, whole.image)
    assert (named.time, whole.time) == (0.0, 2.0)
    assert np.abs(named.image.astype(int) - rest.image).max() > 20


def test_a_control_that_is_not_known_is_refused_with_those_that_are() -> None:
    with liveavatar.open_avatar(TINY, provider="cpu") as avatar:
        with pytest.raises(TypeError, match=r"no control 'jawopen'; there are: browDownLeft, .*jawOpen"):
            avatar.render(jawopen=0.5)
        with pytest.raises(TypeError, match="not both"):
            avatar.render(Expression(controls.neutral(), 0.0), jawOpen=0.5)


def test_closing_twice_does_no_harm() -> None:
    avatar = liveavatar.open_avatar(TINY, provider="cpu")
    avatar.close()
    avatar.close()


def test_a_face_drives_it_as_the_line_does() -> None:
    tracker = FakeTracker()
    faces = [tracker.track(frame) for frame in FakeCamera(frames=12)]
    with liveavatar.open_avatar(TINY, provider="cpu") as avatar:
        driven = [avatar.drive(face) for face in faces if face is not None]
    package = liveavatar.find_avatar(TINY)
    with closing(liveavatar.open_renderer(package, "cpu")) as renderer:
        line = list(
            pipeline.animate(
                FakeCamera(frames=12), FakeTracker(), liveavatar.open_retargeter(package), renderer
            )
        )
    for one, other in zip(driven, line, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        assert one.time == other.time


def test_frames_of_a_camera_drive_it(model: Path, tmp_path: Path) -> None:
    camera = liveavatar.open_camera(write_person(tmp_path / "clip.mp4"), paced=False)
    with closing(camera), liveavatar.open_avatar(TINY, provider="cpu", model=model) as avatar:
        pictures = [avatar.drive(frame) for frame in camera]
        idle = next(iter(avatar.follow(FakeCamera(frames=1))))  # nobody is seen there
        assert np.abs(pictures[-1].image.astype(int) - avatar.render().image).max() > 20
    assert len(pictures) == 12 and idle.image.shape == pictures[0].image.shape


def test_a_clip_becomes_a_video(model: Path, tmp_path: Path) -> None:
    told: list[int] = []
    clip, output = write_person(tmp_path / "clip.mp4"), tmp_path / "out.mp4"
    count = liveavatar.animate(clip, output, TINY, provider="cpu", model=model, on_frame=told.append)
    assert count == 12 and told == list(range(1, 13))
    with av.open(str(output)) as container:
        assert sum(1 for _ in container.decode(video=0)) == count
