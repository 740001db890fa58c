"""What every tracker must do. A new tracker joins TRACKERS below."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from liveavatar.cameras import open_camera
from liveavatar.errors import TrackerError
from liveavatar.stages import Tracker
from liveavatar.trackers import open_tracker
from liveavatar.trackers.recorded import save_faces
from liveavatar.types import Frame
from tests.helpers.driver_clip import driver_faces

TRACKERS = ["mediapipe", "recorded"]


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """The first frames of the clip."""
    return [frame for frame, _ in zip(open_camera("synthetic", paced=False), range(6), strict=False)]


@pytest.fixture(params=TRACKERS)
def tracker(request: pytest.FixtureRequest, model: Path, tmp_path: Path) -> Iterator[Tracker]:
    path = model
    if request.param == "recorded":
        path = tmp_path / "人脸.npz"
        save_faces(path, driver_faces(model)[:6])
    tracker = open_tracker(request.param, path)
    yield tracker
    tracker.close()


def test_faces_are_as_the_types_say(tracker: Tracker, frames: list[Frame]) -> None:
    for frame in frames:
        face = tracker.track(frame)
        assert face is not None
        assert face.landmarks.shape == (478, 3)
        assert face.landmarks.dtype == face.blendshapes.dtype == face.pose.dtype == np.float32
        assert face.blendshapes.shape == (51,)
        assert face.blendshapes.min() >= 0
        assert face.blendshapes.max() <= 1
        assert face.pose.shape == (4, 4)
        assert face.time == frame.time
        assert face.size == (frame.image.shape[1], frame.image.shape[0])
        inside = (face.landmarks[:, :2] > 0) & (face.landmarks[:, :2] < face.size)
        assert inside.mean() > 0.95


def test_close_twice_then_no_more_faces(tracker: Tracker, frames: list[Frame]) -> None:
    tracker.close()
    tracker.close()
    with pytest.raises(TrackerError):
        tracker.track(frames[0])
