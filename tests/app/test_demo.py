from pathlib import Path

import av
import numpy as np
import pytest

from liveavatar.app.demo import render_clip
from liveavatar.errors import CameraError
from liveavatar.media.video_writer import VideoEncoder
from tests.helpers.fakes import FakeRenderer, FakeRetargeter, FakeTracker


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    encoder = VideoEncoder(path, (64, 32), 25)
    for i in range(10):
        encoder.write(np.full((32, 64, 3), (0, 0, 20 * i), np.uint8))
    encoder.close()
    return path


def animate(clip: Path, output: Path, side_by_side: bool) -> tuple[int, list[int]]:
    told: list[int] = []
    count = render_clip(
        clip,
        output,
        FakeTracker(),
        FakeRetargeter(),
        FakeRenderer(),
        side_by_side=side_by_side,
        on_frame=told.append,
    )
    return count, told


def read(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]


def test_every_frame_is_animated(clip: Path, tmp_path: Path) -> None:
    count, told = animate(clip, tmp_path / "out.mp4", side_by_side=False)
    frames = read(tmp_path / "out.mp4")
    assert count == len(frames) == 10 and told == list(range(1, 11))
    assert frames[0].shape == (32, 32, 3)  # the avatar alone
    assert max(frame[..., 2].max() for frame in frames) < 60  # nothing of the blue clip


def test_side_by_side_shows_the_clip_left_and_the_avatar_right(clip: Path, tmp_path: Path) -> None:
    count, _ = animate(clip, tmp_path / "out.mp4", side_by_side=True)
    frames = read(tmp_path / "out.mp4")
    assert count == len(frames) == 10 and frames[0].shape == (32, 96, 3)
    left, right = frames[9][8:24, 8:56].mean((0, 1)), frames[9][8:24, 72:88].mean((0, 1))
    assert abs(left[2] - 180) < 20 and left[1] < 30
    assert right[1] > 220 and right[2] < 40  # the fake avatar is green when driven


@pytest.mark.parametrize("spec", ["0", "synthetic", "nowhere.mp4", ""])
def test_only_files_are_accepted(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CameraError, match="not a video file"):
        animate(Path(spec), tmp_path / "out.mp4", side_by_side=True)
    assert not (tmp_path / "out.mp4").exists()
