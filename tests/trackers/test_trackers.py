"""MediaPipe and the recorded tracker beyond the contract."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from liveavatar.cameras import open_camera
from liveavatar.errors import TrackerError
from liveavatar.trackers import open_tracker
from liveavatar.trackers.recorded import load_faces, save_faces
from liveavatar.types import Frame
from tests.helpers.driver_clip import driver_faces


def test_no_face_where_there_is_none(model: Path) -> None:
    tracker = open_tracker("mediapipe", model)
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    assert tracker.track(Frame(noise, 0.0, 0)) is None
    tracker.close()


def test_repeated_and_tiny_time_steps_are_no_error(model: Path) -> None:
    tracker = open_tracker("mediapipe", model)
    frame = next(iter(open_camera("synthetic", paced=False)))
    for time in (5.0, 5.0, 5.0001, 5.0002):
        assert tracker.track(Frame(frame.image, time, 0)) is not None
    tracker.close()


def test_a_damaged_model_is_refused_by_its_sum(tmp_path: Path) -> None:
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(b"not a model")
    with pytest.raises(TrackerError, match="wrong content"):
        open_tracker("mediapipe", path)


def test_an_unknown_tracker_lists_the_known() -> None:
    with pytest.raises(TrackerError, match="mediapipe, recorded"):
        open_tracker("kinect")


def test_missing_system_libraries_give_the_apt_line(model: Path, tmp_path: Path) -> None:
    """A package that fails on import as mediapipe does without libEGL stands in for it, in a fresh Python."""
    fake = tmp_path / "mediapipe"
    fake.mkdir()
    (fake / "__init__.py").write_text("raise OSError('libEGL.so.1: cannot open shared object file')")
    script = f"from liveavatar.trackers import open_tracker; open_tracker('mediapipe', {str(model)!r})"
    paths = [str(tmp_path), *(path for path in sys.path if path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "LIVEAVATAR_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=300
    )
    assert "TrackerError" in done.stderr
    assert "apt-get install -y libegl1 libgles2 libgl1 libglib2.0-0" in done.stderr


def test_a_recording_gives_back_exactly_what_was_tracked(model: Path, tmp_path: Path) -> None:
    faces = [*driver_faces(model)[:3], None]
    save_faces(tmp_path / "faces.npz", faces)
    again = load_faces(tmp_path / "faces.npz")
    assert again[3] is None
    for a, b in zip(faces[:3], again[:3], strict=True):
        assert a is not None
        assert b is not None
        assert np.array_equal(a.landmarks, b.landmarks)
        assert np.array_equal(a.pose, b.pose)
        assert (a.size, a.time) == (b.size, b.time)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("hello")
    np.savez(tmp_path / "other.npz", landmarks=np.zeros(3))
    for name in ("text.npz", "other.npz", "missing.npz"):
        with pytest.raises(TrackerError, match="no recording"):
            load_faces(tmp_path / name)
