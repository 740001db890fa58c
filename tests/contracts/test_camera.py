"""What every camera must do. A new camera joins CAMERAS below; webcams need hardware, so a file stands in."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from liveavatar.cameras.video import VideoFile
from liveavatar.cameras.webcam import Webcam
from liveavatar.stages import Camera
from tests.helpers.clips import write_clip

CAMERAS: dict[str, Callable[[Path], Camera]] = {
    "file": lambda path: VideoFile(path, paced=False),
    "looped file": lambda path: VideoFile(path, paced=False, loop=True),
    "paced file": lambda path: VideoFile(path, paced=True),
    "webcam": lambda path: Webcam(os.fspath(path)),
}


@pytest.fixture(params=CAMERAS)
def camera(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Camera]:
    camera = CAMERAS[request.param](write_clip(tmp_path / "clip.mp4"))
    yield camera
    camera.close()


def test_size_and_rate_are_known_before_the_first_frame(camera: Camera) -> None:
    assert camera.size == (64, 48)
    assert camera.fps == pytest.approx(30)


def test_frames_are_rgb_with_rising_index_and_time(camera: Camera) -> None:
    frames = [frame for frame, _ in zip(camera, range(10), strict=False)]
    assert len(frames) == 10
    for frame in frames:
        assert frame.image.shape == (48, 64, 3)
        assert frame.image.dtype == np.uint8
    assert [frame.index for frame in frames] == list(range(10))
    assert (np.diff([frame.time for frame in frames]) > 0).all()


def test_frames_keep_their_pixels(camera: Camera) -> None:
    iterator = iter(camera)
    first = next(iterator)
    kept = first.image.copy()
    for _ in range(5):
        next(iterator)
    assert np.array_equal(first.image, kept)


def test_close_twice_ends_the_iteration(camera: Camera) -> None:
    iterator = iter(camera)
    next(iterator)
    camera.close()
    camera.close()
    assert next(iterator, None) is None
