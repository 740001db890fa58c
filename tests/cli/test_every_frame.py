"""`run --every-frame` and the user's files: nothing is lost, whatever the clip holds and however the work ends."""

import os
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import platformdirs
import pytest

from liveavatar.cli import main
from liveavatar.trackers import model_files
from liveavatar.types import Face, Frame
from tests.helpers.clips import write_clip
from tests.helpers.fakes import FakeTracker

TINY = Path(__file__).parents[1] / "data" / "tiny"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracks with a fake, in an empty folder."""
    monkeypatch.setattr("liveavatar.trackers.model_files.find_model", lambda *a, **k: Path("fake.task"))
    monkeypatch.setattr("liveavatar.trackers.open_tracker", lambda *a, **k: FakeTracker())
    monkeypatch.setattr(platformdirs, "user_state_dir", lambda *a, **k: str(tmp_path / "state"))
    (tmp_path / "films").mkdir()
    monkeypatch.chdir(tmp_path / "films")


def animate(camera: str | Path, output: str | Path, *more: str) -> int:
    return main(
        [
            "run",
            "--every-frame",
            "--camera",
            str(camera),
            "--avatar",
            str(TINY),
            "--output",
            str(output),
            *more,
        ]
    )


def times(path: str | Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(picture.time) for picture in container.decode(video=0)]


def test_stopped_it_leaves_its_part_and_an_older_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, path = write_clip(Path("clip.mp4")), Path("out.mp4")
    path.write_bytes(b"the older one")
    track = FakeTracker.track

    def stopped(self: FakeTracker, frame: Frame) -> Face | None:
        if frame.index == 5:
            raise KeyboardInterrupt
        return track(self, frame)

    monkeypatch.setattr(FakeTracker, "track", stopped)
    assert animate(clip, path) == 130
    assert path.read_bytes() == b"the older one" and len(times("out.recording.mp4")) == 5
    assert "out.recording.mp4" in capsys.readouterr().err


def test_an_error_on_the_way_replaces_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from liveavatar.errors import TrackerError

    clip, path = write_clip(Path("clip.mp4")), Path("out.webm")
    path.write_bytes(b"the older one")
    track = FakeTracker.track

    def failing(self: FakeTracker, frame: Frame) -> Face | None:
        if frame.index == 7:
            raise TrackerError("gone")
        return track(self, frame)

    monkeypatch.setattr(FakeTracker, "track", failing)
    assert animate(clip, path) == 1
    assert path.read_bytes() == b"the older one" and len(times("out.recording.webm")) == 7
    assert "out.recording.webm" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["clip.mp4", "./clip.mp4", "../films/clip.mp4", "soft.mp4", "hard.mp4"])
@pytest.mark.parametrize("how", ["--every-frame", "--fps=30"])
def test_a_clip_is_never_its_own_output(
    name: str, how: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*a: object, **k: object) -> None:
        raise AssertionError("something was loaded")

    monkeypatch.setattr(model_files, "find_model", opened)
    clip = write_clip(Path("clip.mp4"))
    before = clip.read_bytes()
    if os.name == "posix":
        Path("soft.mp4").symlink_to("clip.mp4")
        os.link(clip, "hard.mp4")
    elif not Path(name).exists():
        pytest.skip("links need rights here")
    for camera in ("clip.mp4", clip.absolute().as_uri(), " clip.mp4"):
        arguments = ["run", "--camera", camera, "--avatar", str(TINY), "--output", name, how]
        assert main(arguments) == 1
        assert "it would be lost" in capsys.readouterr().err
    assert clip.read_bytes() == before and not list(Path().glob("*recording*"))


def test_nor_are_a_background_or_a_file_of_the_avatar(capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(Path("clip.mp4"))
    avatar = Path(shutil.copytree(TINY, "avatar"))
    shutil.copy(clip, avatar / "intro.mp4")
    shutil.copy(clip, "behind.mp4")
    for more in (["--avatar", "avatar", "--output", "avatar/intro.mp4"], ["--output", "behind.mp4"]):
        arguments = [
            "run",
            "--camera",
            "clip.mp4",
            "--avatar",
            str(TINY),
            "--background",
            "behind.mp4",
            *more,
        ]
        assert main(arguments) == 1
        assert "it would be lost" in capsys.readouterr().err
    assert (avatar / "intro.mp4").read_bytes() == Path("behind.mp4").read_bytes() == clip.read_bytes()


def test_frames_of_a_varying_rate_keep_their_times() -> None:
    wanted = [0, 0.02, 0.04, 0.1, 0.5, 0.52, 0.9, 1.31]
    with av.open("vfr.mp4", "w") as container:
        stream = container.add_stream("mpeg4", rate=50)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for at in wanted:
            frame = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), round(100 * at), np.uint8), format="rgb24"
            )
            frame.pts, frame.time_base = round(1000 * at), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    for name in ("out.mp4", "out.webm"):
        assert animate("vfr.mp4", name) == 0
        assert times(name) == pytest.approx(wanted, abs=0.0011)
    assert animate("vfr.mp4", "steady.mp4", "--fps", "25") == 0
    assert times("steady.mp4") == pytest.approx([n / 25 for n in range(8)], abs=1e-4)


def test_what_was_wrong_with_the_clip_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    clip = Path("clip.mkv")
    noise = np.random.default_rng(0)
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(90):
            picture = av.VideoFrame.from_ndarray(
                noise.integers(0, 256, (48, 64, 3), np.uint8), format="rgb24"
            )
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    data = bytearray(clip.read_bytes())
    Path("cut.mkv").write_bytes(data[: len(data) // 2])
    with av.open(str(clip)) as container:
        places = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    position, size = places[40]
    data[position + 5 : position + size] = b"\xff" * (size - 5)
    clip.write_bytes(data)
    assert animate(clip, "out.mp4") == 0
    assert "damaged packets" in capsys.readouterr().err
    assert len(times("out.mp4")) >= 88
    assert animate("cut.mkv", "cut.mp4") == 0
    assert "early" in capsys.readouterr().err
    assert 20 < len(times("cut.mp4")) < 60


def test_the_next_start_says_where_an_interrupted_recording_lies(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.media.test_recording import killed_while_writing

    killed_while_writing(Path("a.mp4"), frames=40)
    clip = write_clip(Path("clip.mp4"))
    assert animate(clip, "b.mp4") == 0
    assert "a.recording.mp4" in capsys.readouterr().err
    assert animate(clip, "b.mp4") == 0
    assert "a.recording.mp4" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("out.avi", r"unknown output"),
        ("missing/out.mp4", "there is no folder"),
        ("folder.mp4", "it is a folder"),
        ("n" * 252 + ".mp4", "File name too long"),
    ],
)
def test_a_name_that_cannot_be_is_refused_before_anything_is_loaded(
    output: str, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened(*a: object, **k: object) -> None:
        raise AssertionError("something was loaded")

    monkeypatch.setattr(model_files, "find_model", opened)
    Path("folder.mp4").mkdir()
    for more in ([], ["--every-frame"]):
        assert (
            main(
                [
                    "run",
                    "--camera",
                    "synthetic",
                    "--avatar",
                    str(TINY),
                    "--output",
                    output,
                    *more,
                    "--fps",
                    "25",
                ]
            )
            == 1
        )
        assert reason in capsys.readouterr().err
