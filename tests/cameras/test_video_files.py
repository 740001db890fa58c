"""Video files as other programs write them: covers, damage, odd stamps, odd pixels, odd names."""

import os
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from liveavatar.app.parts import frame_count
from liveavatar.base.timing import now
from liveavatar.cameras import clip_of, open_camera
from liveavatar.cameras.video import VideoFile
from liveavatar.errors import CameraError
from liveavatar.types import Frame
from tests.helpers.clips import greys, write_clip, write_pictures

CORNERS = np.zeros((48, 80, 3), np.uint8)
"""Red above left, green above right, blue below left."""
CORNERS[:24, :40] = 255, 0, 0
CORNERS[:24, 40:] = 0, 255, 0
CORNERS[24:, :40] = 0, 0, 255


def frames(path: Path) -> list[Frame]:
    return list(VideoFile(path, paced=False))


def colour(image: np.ndarray, x: float, y: float) -> str:
    pixel = image[int(y * image.shape[0]), int(x * image.shape[1])]
    return "rgb"[int(pixel.argmax())] if pixel.max() > 128 else "-"


def seen(image: np.ndarray) -> str:
    """The colours of the four quarters, row by row."""
    return "".join(colour(image, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75))


def test_a_gap_in_the_stamps_is_not_waited_for(tmp_path: Path) -> None:
    stamps = [0, 40, 80, 3_600_000, 3_600_040]
    camera = VideoFile(write_pictures(tmp_path / "jump.mkv", greys(5), stamps))
    start = now()
    assert len(list(camera)) == 5
    assert now() - start < 600  # and not an hour
    assert "jump" in camera.notes[0]
    assert camera.fps == pytest.approx(25)  # not one an hour


def test_parts_that_were_joined_byte_by_byte_play_on(tmp_path: Path) -> None:
    part = tmp_path / "part.ts"
    with av.open(str(part), "w") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for picture in greys(40):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    joined = tmp_path / "joined.ts"
    joined.write_bytes(part.read_bytes() * 2)
    camera = VideoFile(joined, paced=False)
    times = [frame.time for frame in camera]
    assert len(times) == 80
    assert np.diff(times) == pytest.approx(0.04, abs=1e-3)
    assert "start again" in camera.notes[0]


def test_a_varying_rate_keeps_its_stamps(tmp_path: Path) -> None:
    stamps = [0, 20, 40, 60, 160, 260, 360]
    found = frames(write_pictures(tmp_path / "vfr.mkv", greys(7), stamps))
    assert [round(1000 * frame.time) for frame in found] == stamps


def test_damaged_packets_are_passed_over_and_counted(tmp_path: Path) -> None:
    camera = VideoFile(write_pictures(tmp_path / "bad.mkv", greys(10), damaged=(4, 5)), paced=False)
    found = list(camera)
    assert [round(1000 * frame.time) for frame in found] == [0, 40, 80, 120, 240, 280, 320, 360]
    assert camera.damaged == 2
    assert "passed over: 2" in camera.notes[0]


def test_a_damaged_first_packet_is_no_reason_to_refuse(tmp_path: Path) -> None:
    assert len(frames(write_pictures(tmp_path / "bad.mkv", greys(5), damaged=(0,)))) == 4


def test_a_file_of_which_nothing_can_be_decoded_is_refused(tmp_path: Path) -> None:
    path = write_pictures(tmp_path / "bad.mkv", greys(5), damaged=range(5))
    with pytest.raises(CameraError, match="none of its pictures can be decoded"):
        VideoFile(path)


def test_a_file_that_is_cut_short_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    noise = [np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8) for i in range(100)]
    for name in ("whole.mkv", "whole.mp4"):
        whole = write_pictures(tmp_path / name, noise)
        assert VideoFile(whole, paced=False).notes == []
        cut = tmp_path / f"cut-{name}"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        camera = VideoFile(cut, paced=False)
        assert 30 < len(list(camera)) < 70
        assert any("cut short" in note for note in camera.notes), name


def test_the_cover_is_not_the_film(tmp_path: Path) -> None:
    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w") as container:
        cover, film = container.add_stream("mjpeg"), container.add_stream("mpeg4", rate=25)
        for stream in (cover, film):
            stream.width, stream.height = 64, 48
        cover.pix_fmt, film.pix_fmt = "yuvj420p", "yuv420p"
        cover.disposition = av.stream.Disposition.attached_pic.value
        container.mux(
            cover.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 250, np.uint8), format="rgb24"))
        )
        container.mux(cover.encode())
        for picture in greys(6):
            container.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(film.encode())
    found = frames(path)
    assert len(found) == 6 == frame_count(path)
    assert found[0].image.mean() == pytest.approx(20, abs=4)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(CameraError, match="sound and no moving pictures"):
        VideoFile(path)


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    wide = VideoFile(write_pictures(tmp_path / "wide.mkv", [CORNERS] * 2, aspect=Fraction(2, 1)), paced=False)
    assert wide.size == (160, 48) == next(iter(wide)).image.shape[1::-1]
    tall = VideoFile(write_pictures(tmp_path / "tall.mkv", [CORNERS] * 2, aspect=Fraction(1, 2)), paced=False)
    assert tall.size == (80, 96)


ONE = 1 << 16
TURNS = {
    "as it is": ((1, 0, 0, 1), "rgb-"),
    "mirrored": ((-1, 0, 0, 1), "gr-b"),
    "upside down": ((1, 0, 0, -1), "b-rg"),
    "half a turn": ((-1, 0, 0, -1), "-bgr"),
    "a quarter clockwise": ((0, 1, -1, 0), "br-g"),
    "a quarter the other way": ((0, -1, 1, 0), "g-rb"),
    "along the diagonal": ((0, 1, 1, 0), "rbg-"),
    "along the other diagonal": ((0, -1, -1, 0), "-gbr"),
}


@pytest.mark.parametrize("name", TURNS)
def test_the_display_matrix_is_obeyed(name: str, tmp_path: Path) -> None:
    (a, b, c, d), wanted = TURNS[name]
    matrix = [a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30]
    camera = VideoFile(write_pictures(tmp_path / "turned.mp4", [CORNERS] * 2, matrix=matrix), paced=False)
    image = next(iter(camera)).image
    assert seen(image) == wanted
    assert camera.size == ((80, 48) if a else (48, 80)) == image.shape[1::-1]
    assert image.flags["C_CONTIGUOUS"]


def test_every_frame_has_the_first_ones_size(tmp_path: Path) -> None:
    path = tmp_path / "changing.ts"
    with path.open("wb") as out:
        for size in ((64, 48), (128, 48)):
            part = tmp_path / "part.ts"
            with av.open(str(part), "w") as container:
                stream = container.add_stream("mpeg2video", rate=25)
                stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
                for picture in greys(5, size):
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                container.mux(stream.encode())
            out.write(part.read_bytes())
    found = frames(path)
    assert len(found) >= 9  # the decoder drops one where the size changes
    assert {frame.image.shape for frame in found} == {(48, 64, 3)}
    assert found[-1].image[0].mean() < 5 < found[-1].image[24].mean()  # wider: bars above and below


@pytest.mark.parametrize(
    "name", ["a:b.mp4", "concat:x.mp4", "file:x.mp4", "data:,x.mp4", " blank .mp4", "50%20.mp4", "-x.mp4"]
)
def test_any_name_is_a_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32" and ":" in name:
        pytest.skip("Windows allows no such name")
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "x.mp4", frames=3).rename(tmp_path / name)
    for spec in (name, str(tmp_path / name)):
        assert len(list(open_camera(spec, paced=False))) == 3
        assert frame_count(clip_of(spec) or Path()) == 3


@pytest.mark.parametrize(
    "spec", ["x" * 300, "x" * 300 + ".mp4", "a\0b.mp4", "~nobody/x.mp4", "file://", "/" + "x/" * 3000]
)
def test_what_can_be_no_name_is_refused_like_any_other(spec: str) -> None:
    with pytest.raises(CameraError):
        open_camera(spec)


@pytest.mark.parametrize(
    ("codec", "form", "size"),
    [
        ("ffv1", "yuv420p10le", (64, 48)),
        ("ffv1", "gray", (64, 48)),
        ("ffv1", "bgra", (33, 17)),
        ("mpeg4", "yuv420p", (34, 18)),
    ],
)
def test_deep_grey_and_odd_pictures_are_rgb(
    codec: str, form: str, size: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "odd.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, form
        for picture in greys(5, size):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    found = frames(path)
    assert [round(frame.image.mean()) for frame in found] == pytest.approx([20, 24, 28, 32, 36], abs=3)
    assert {frame.image.shape for frame in found} == {(size[1], size[0], 3)}


def test_an_address_of_a_file_is_the_file(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "我的 视频 #1.mp4", frames=3)
    assert len(list(open_camera(path.as_uri(), paced=False))) == 3
    assert clip_of(path.as_uri().replace("file://", "file://localhost")) == path
    with pytest.raises(CameraError, match="no such video file"):
        open_camera(path.as_uri() + "x")


def test_what_is_no_file_is_named_for_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="is a folder"):
        open_camera(str(tmp_path))
    if sys.platform == "win32":
        return
    (tmp_path / "link.mp4").symlink_to(tmp_path / "gone.mp4")
    with pytest.raises(CameraError, match=r"is a link to .*gone\.mp4, which is not there"):
        open_camera(str(tmp_path / "link.mp4"))
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(CameraError, match="is a named pipe"):
        open_camera(str(tmp_path / "pipe.mp4"))
    with pytest.raises(CameraError, match="neither a video file nor a camera"):
        open_camera("/dev/null")


@pytest.mark.skipif(sys.platform != "linux", reason="device files are Linux's")
def test_a_device_file_is_a_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for spec in ("/dev/video97", "/dev/v4l/by-id/none"):
        with pytest.raises(CameraError, match=f"there is no (camera at )?{spec}"):
            open_camera(spec)
    real = os.path.realpath
    monkeypatch.setattr(
        os.path, "realpath", lambda path: "/dev/video96" if "by-id" in str(path) else real(path)
    )
    with pytest.raises(
        CameraError, match="'/dev/v4l/by-id/usb-cam' gives no picture: there is no /dev/video96"
    ):
        open_camera("/dev/v4l/by-id/usb-cam")
