import os
import threading
from pathlib import Path

import av
import numpy as np
import pytest

from liveavatar.errors import OutputError
from liveavatar.media.blend import straight_alpha
from liveavatar.media.video_writer import WAITING, VideoEncoder
from liveavatar.outputs import open_output
from liveavatar.types import AvatarFrame
from tests.helpers.running import GENEROUS, wait_until

SIZE = (64, 48)


def frame(level: int, alpha: int = 255) -> AvatarFrame:
    return AvatarFrame(np.full((48, 64, 4), (level, level // 2, 0, alpha), np.uint8), 0.0)


def write(path: Path, count: int = 10, background: str | None = None) -> None:
    output = open_output(str(path), size=SIZE, fps=25, background=background)
    for i in range(count):
        output.send(frame(20 * i))
    output.close()


def count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_every_frame_is_in_the_file_with_its_colour(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"形象{suffix}"
    write(path)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        pictures = [p.to_ndarray(format="rgb24") for p in container.decode(video=0)]
        assert stream.average_rate == 25
    assert len(pictures) == 10
    for i, picture in enumerate(pictures):
        assert np.abs(picture.mean((0, 1)) - (20 * i, 10 * i, 0)).max() < 8
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_frame_is_shown_at_its_own_time(tmp_path: Path, suffix: str) -> None:
    """Two periods were missed after 3/25 s, later a frame came between two, and one twice at the same time."""
    path = tmp_path / f"a{suffix}"
    wanted = [0, 0.04, 0.08, 0.12, 0.24, 0.28, 0.33, 0.36, 3.2, 3.2]
    output = open_output(str(path), size=SIZE, fps=25)
    for at in wanted:
        output.send(frame(10), at)
    output.send(frame(10))
    output.close()
    with av.open(str(path)) as container:
        times = [float(picture.time) for picture in container.decode(video=0)]
        seconds = container.duration / 1e6
    assert times == pytest.approx([*wanted[:-1], 3.201, 3.241], abs=0.0011)
    assert seconds == pytest.approx(3.281, abs=0.002)


def test_colours_are_marked_as_bt709(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    output = open_output(str(path), size=SIZE, fps=25)
    for _ in range(5):
        output.send(AvatarFrame(np.full((48, 64, 4), (200, 30, 30, 255), np.uint8), 0.0))
    output.close()
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))
    assert picture.colorspace == 1
    luma = np.frombuffer(picture.planes[0], np.uint8)[: SIZE[0]].mean()
    expected = 16 + 219 / 255 * (0.2126 * 200 + 0.7152 * 30 + 0.0722 * 30)  # ITU-R BT.709; BT.601 gives 86
    assert luma == pytest.approx(expected, abs=2)


def test_webm_carries_straight_alpha(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    output = open_output(str(path), size=SIZE, fps=25, background="transparent")
    for _ in range(5):
        output.send(AvatarFrame(np.full((48, 64, 4), (100, 50, 0, 128), np.uint8), 0.0))
    output.close()
    with av.open(str(path)) as container:
        decoder = av.CodecContext.create("libvpx-vp9", "r")  # FFmpeg's own VP9 decoder drops alpha
        decoder.extradata = container.streams.video[0].codec_context.extradata
        pictures = [p for packet in container.demux(video=0) for p in decoder.decode(packet)]
    assert len(pictures) == 5
    picture = pictures[-1].to_ndarray(format="rgba")
    assert np.abs(picture.mean((0, 1)) - (199, 100, 0, 128)).max() < 8


def test_straight_alpha_undoes_the_premultiplication() -> None:
    image = np.array([[[100, 50, 0, 128], [0, 0, 0, 0], [10, 20, 30, 255]]], np.uint8)
    np.testing.assert_array_equal(
        straight_alpha(image), [[[199, 100, 0, 128], [0, 0, 0, 0], [10, 20, 30, 255]]]
    )


def test_mp4_cannot_be_transparent(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.webm"):
        open_output(str(tmp_path / "a.mp4"), size=SIZE, fps=25, background="transparent")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/a.mp4", "there is no folder"),
        ("folder.mp4", "it is a folder"),
        ("pipe.mp4", "no plain file"),
        ("file.mp4/a.mp4", "there is no folder"),
        (f"{'n' * 252}.mp4", "File name too long"),
    ],
)
def test_an_unwritable_path_is_refused_at_once(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file.mp4").write_bytes(b"older")
    os.mkfifo(tmp_path / "pipe.mp4")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OutputError, match=reason):
        open_output(str(tmp_path / name), size=SIZE, fps=25)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_name_as_long_as_may_be(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / ("形" * ((255 - len(suffix)) // 3) + suffix)
    write(path, 3)
    assert list(tmp_path.iterdir()) == [path] and count_frames(path) == 3


def test_odd_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="even"):
        open_output(str(tmp_path / "a.mp4"), size=(63, 48), fps=25)


def test_without_frames_there_is_no_file_and_an_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write(path, count=0)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"old")
    write(path, count=0)
    assert path.read_bytes() == b"old"


def test_the_file_appears_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    output = open_output(str(path), size=SIZE, fps=25)
    output.send(frame(1))
    assert not path.exists()
    output.close()
    assert path.exists()


def test_giving_up_leaves_nothing(tmp_path: Path) -> None:
    encoder = VideoEncoder(tmp_path / "a.mp4", SIZE, 25)
    encoder.write(np.zeros((48, 64, 3), np.uint8))
    encoder.abort()
    encoder.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match="closed"):
        encoder.write(np.zeros((48, 64, 3), np.uint8))


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    encoder = VideoEncoder(tmp_path / "a.mp4", SIZE, 25)
    with pytest.raises(ValueError, match=r"\(48, 64, 3\)"):
        encoder.write(np.zeros((64, 48, 3), np.uint8))
    encoder.abort()


def test_a_name_that_cannot_be_given_leaves_the_file_under_the_one_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = open_output(str(tmp_path / "a.mp4"), size=SIZE, fps=25)
    output.send(frame(1))

    def full(*paths: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("liveavatar.media.recording.replace_whole", full)
    with pytest.raises(OutputError, match=r"No space left.*a\.recording\.mp4"):
        output.close()
    assert [p.name for p in tmp_path.iterdir()] == ["a.recording.mp4"]
    assert count_frames(tmp_path / "a.recording.mp4") == 1


def test_a_live_recording_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder stands still for 60 frames: nobody waits, what is left out is counted, the rest has its own time."""
    encode = VideoEncoder._mux
    on = threading.Event()
    encoded: list[object] = []

    def slow(self: VideoEncoder, picture: object) -> None:
        assert on.wait(GENEROUS)
        encode(self, picture)
        encoded.append(picture)

    monkeypatch.setattr(VideoEncoder, "_mux", slow)
    path = tmp_path / "a.mp4"
    output = open_output(str(path), size=SIZE, fps=25, live=True)
    for i in range(60):
        output.send(frame(i), i / 25)
    on.set()
    for i in range(60, 100):
        wait_until(lambda i=i: len(encoded) == i - output.left_out)  # type: ignore[misc]
        output.send(frame(i), i / 25)
    output.close()
    with av.open(str(path)) as container:
        times = [float(picture.time) for picture in container.decode(video=0)]
    left_out = output.left_out  # type: ignore[attr-defined]
    assert left_out in (60 - WAITING - 1, 60 - WAITING) and len(times) == 100 - left_out
    assert set(np.round(np.array(times) * 25).astype(int)) <= set(range(100))
    assert times[-1] > 3.0
