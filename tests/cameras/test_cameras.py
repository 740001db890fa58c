"""Cameras: what is chosen for a name, what errors say, how files are timed."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from liveavatar.base.timing import now
from liveavatar.cameras import CAMERAS, CameraInfo, list_cameras, open_camera, video
from liveavatar.cameras.video import VideoFile
from liveavatar.cameras.webcam import Webcam
from liveavatar.errors import CameraError
from tests.helpers.clips import write_clip
from tests.helpers.running import GENEROUS, wait_until


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4")


def test_unpaced_gives_every_frame_at_its_position(clip: Path) -> None:
    frames = list(open_camera(str(clip), paced=False))
    assert [frame.index for frame in frames] == list(range(12))
    assert np.allclose([frame.time for frame in frames], np.arange(12) / 30, atol=2e-3)
    levels = [frame.image.mean() for frame in frames]
    assert np.allclose(levels, 20 + 15 * np.arange(12), atol=6)


def test_loop_runs_on_in_time(clip: Path) -> None:
    camera = open_camera(str(clip), paced=False, loop=True)
    frames = [frame for frame, _ in zip(camera, range(30), strict=False)]
    camera.close()
    assert np.allclose([frame.time for frame in frames], np.arange(30) / 30, atol=5e-3)
    assert abs(frames[12].image.mean() - frames[0].image.mean()) < 3


def test_paced_keeps_the_clips_rate_on_the_live_clock(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = now()
    camera = open_camera(str(clip))
    at = [start]  # a clock that stands still but for who waits
    monkeypatch.setattr(video, "now", lambda: at[0])
    monkeypatch.setattr(camera._closed, "wait", lambda seconds: at.__setitem__(0, at[0] + seconds))  # type: ignore[attr-defined]
    frames = list(camera)
    times = [frame.time for frame in frames]
    np.testing.assert_allclose(times, start + np.arange(12) / 30, atol=2e-3)


def test_paced_waits_for_the_moments_of_the_clip(clip: Path) -> None:
    start = now()
    frames = list(open_camera(str(clip)))
    assert len(frames) == 12 and now() - start > 0.30  # 11 periods and opening
    assert start < frames[0].time < frames[-1].time < now()


def test_close_from_another_thread_ends_a_paced_clip(tmp_path: Path) -> None:
    camera = VideoFile(write_clip(tmp_path / "slow.mp4", frames=90, fps=1))
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.extend(frame.index for frame in camera))
    thread.start()
    wait_until(lambda: seen)
    camera.close()
    camera.close()
    thread.join(timeout=GENEROUS)
    assert not thread.is_alive()
    assert len(seen) < 90


def test_a_chinese_path_with_blanks_works(tmp_path: Path) -> None:
    folder = tmp_path / "我的 视频"
    folder.mkdir()
    path = write_clip(folder / "片段 1.mp4", frames=3)
    assert len(list(open_camera(path.as_posix(), paced=False))) == 3


@pytest.mark.parametrize("name", ["text.txt", "text.mp4", "picture.png", "empty.mp4"])
def test_files_that_are_no_video_are_refused(tmp_path: Path, name: str) -> None:
    import cv2

    content = {"text": b"hello, this is a text\n" * 50, "empty": b""}.get(name.split(".")[0])
    if content is None:
        content = cv2.imencode(".png", np.zeros((32, 32, 3), np.uint8))[1].tobytes()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CameraError, match="as a video"):
        open_camera(str(tmp_path / name))


@pytest.mark.parametrize("spec", ["no/such/clip.mp4", "clip.mkv"])
def test_a_missing_file_is_named(spec: str) -> None:
    with pytest.raises(CameraError, match="no such video file"):
        open_camera(spec)


def test_an_unknown_name_lists_what_there_is() -> None:
    names = [camera.name for camera in list_cameras()]
    with pytest.raises(CameraError, match="no camera named") as caught:
        open_camera("a camera nobody has")
    for name in names or ["No camera was found"]:
        assert name in str(caught.value)


def test_a_camera_that_is_not_there_says_why() -> None:
    with pytest.raises(CameraError, match="'97' gives no picture"):
        open_camera(97)


def test_a_name_matches_in_part_and_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [CameraInfo(0, "Integrated Camera", 9970), CameraInfo(1, "Logi C920 摄像头", 9971)]
    monkeypatch.setattr("liveavatar.cameras.list_cameras", lambda: listed)
    # Neither device exists, so the error tells which one was chosen.
    for spec in ("c920", "摄像头", "1"):
        with pytest.raises(CameraError, match="Logi C920"):
            open_camera(spec)


def test_messages_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEAVATAR_LANG", "zh")
    with pytest.raises(CameraError, match="没有"):
        open_camera("no/such.mp4")


def test_a_stream_that_ends_is_reported_as_vanished(clip: Path) -> None:
    """The live path reads network streams as it reads devices; a file stands in for one here."""
    camera = Webcam(os.fspath(clip))
    frames = []
    with pytest.raises(CameraError, match="stopped giving pictures"):
        for frame in camera:
            frames.append(frame)
    camera.close()
    assert len(frames) == 11  # the first one was taken to learn the size
    assert frames[0].image.shape == (48, 64, 3)


def test_every_kind_of_camera_can_be_imported() -> None:
    from importlib import import_module

    for target in CAMERAS.values():
        module, name = target.split(":")
        assert hasattr(import_module(module), name)


class FakeCapture:
    """cv2.VideoCapture of a camera that gives `pictures` pictures, then none."""

    def __init__(self, pictures: int, opened: bool = True) -> None:
        self.pictures, self.opened, self.released = pictures, opened, 0

    def __call__(self, device: int) -> "FakeCapture":
        return self

    def isOpened(self) -> bool:
        return self.opened

    def set(self, key: int, value: float) -> bool:
        return True

    def get(self, key: int) -> float:
        return 30.0

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.pictures -= 1
        return (True, np.zeros((48, 64, 3), np.uint8)) if self.pictures >= 0 else (False, None)

    def release(self) -> None:
        self.released += 1


@pytest.mark.parametrize("opened", [False, True], ids=["does not open", "opens but gives nothing"])
def test_the_reason_the_system_gives_is_told(opened: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = FakeCapture(0, opened)
    monkeypatch.setattr("cv2.VideoCapture", capture)
    asked = []
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(
        "liveavatar.cameras.webcam.trouble", lambda path: asked.append(path) or "IN USE BY obs."
    )
    with pytest.raises(CameraError, match="camera '3' gives no picture: IN USE BY obs"):
        open_camera(3)
    assert asked == ["/dev/video3"] and capture.released


def test_a_camera_that_vanishes_says_so_after_letting_go(monkeypatch: pytest.MonkeyPatch) -> None:
    capture = FakeCapture(5)
    monkeypatch.setattr("cv2.VideoCapture", capture)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("liveavatar.cameras.webcam.GONE_S", 0.1)
    monkeypatch.setattr(
        "liveavatar.cameras.webcam.trouble",
        lambda path: f"there is no {path}" if capture.released else "IN USE BY US",
    )
    frames = []
    with pytest.raises(CameraError, match=r"'0' stopped giving pictures: there is no /dev/video0"):
        for frame in open_camera(0):
            frames.append(frame)
    assert len(frames) == 4


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_where_the_system_says_nothing_the_usual_reasons_are_asked(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cv2.VideoCapture", FakeCapture(0, opened=False))
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("liveavatar.cameras.webcam.trouble", lambda path: None)
    with pytest.raises(CameraError, match="used by another program"):
        open_camera(0)
