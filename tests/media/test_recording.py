"""Recordings that nobody finished: what is left can be played, and the next start says where it lies."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import platformdirs
import pytest

from liveavatar.media import video_writer
from liveavatar.media.recording import NOTHING, Recording, interrupted
from liveavatar.media.video_writer import FRAGMENT_S, VideoEncoder
from tests.helpers.running import GENEROUS, wait_until

ROOT = Path(__file__).parents[2]
SUFFIXES = pytest.mark.parametrize("suffix", [".mp4", ".webm"])

WRITES_FOR_EVER = """
import sys, itertools, numpy as np
from liveavatar.media.video_writer import VideoEncoder
encoder = VideoEncoder(sys.argv[1], (128, 96), 30)
for n in itertools.count():
    encoder.write(np.full((96, 128, 3), n % 200, np.uint8))
    print(n, flush=True)
"""


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "笔记"
    monkeypatch.setattr(platformdirs, "user_state_dir", lambda *a, **k: str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    return folder


def times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(picture.time) for picture in container.decode(video=0)]


def picture(level: int = 10) -> np.ndarray:
    return np.full((48, 64, 3), level, np.uint8)


def killed_while_writing(path: Path, frames: int = 100) -> int:
    """A process that writes to the path and is killed after so many frames. Returns how many it wrote."""
    command = [sys.executable, "-c", WRITES_FOR_EVER, str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        count = -1
        while count < frames:
            count = int(process.stdout.readline())
        process.kill()
        rest = process.stdout.read().split()
    assert process.returncode != 0
    return int(rest[-1]) if rest else count


@SUFFIXES
def test_a_kill_takes_no_more_than_the_last_second(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"the older one")
    written = killed_while_writing(path)
    assert path.read_bytes() == b"the older one"
    part = tmp_path / f"a.recording{suffix}"
    shown = times(part)
    assert shown == pytest.approx([n / 30 for n in range(len(shown))], abs=0.001)
    assert len(shown) >= written + 1 - 30
    assert interrupted(tmp_path) == [part]
    assert interrupted(tmp_path) == []  # told once


def test_the_next_recording_of_that_name_leaves_the_interrupted_one_alone(tmp_path: Path) -> None:
    killed_while_writing(tmp_path / "a.mp4", frames=40)
    part = tmp_path / "a.recording.mp4"
    before = part.read_bytes()
    encoder = VideoEncoder(tmp_path / "a.mp4", (64, 48), 30)
    encoder.write(picture())
    encoder.close()
    assert part.read_bytes() == before and len(times(tmp_path / "a.mp4")) == 1


def test_what_another_process_still_writes_is_not_interrupted(tmp_path: Path) -> None:
    encoder = VideoEncoder(tmp_path / "a.mp4", (64, 48), 30)
    for _ in range(60):
        encoder.write(picture())
    part = tmp_path / "a.recording.mp4"
    wait_until(lambda: part.stat().st_size > NOTHING)
    ask = "import sys, pathlib, liveavatar.media.recording as r; print(r.interrupted(pathlib.Path(sys.argv[1])))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", ask, str(tmp_path)], env=environment, capture_output=True, text=True
    )
    assert part.exists()
    encoder.close()
    assert done.stdout.strip() == "[]", done.stderr


def test_a_note_names_what_lies_in_another_folder(tmp_path: Path, notes: Path) -> None:
    other = tmp_path / "films"
    other.mkdir()
    recording = Recording(other / "a.mp4")
    recording.write(bytes(5000))
    recording._end()  # as when the process dies
    assert interrupted(None) == [recording.path] and interrupted(None) == []
    recording.path.unlink()
    assert interrupted(None) == [] and list(notes.rglob("*.*")) == []  # nothing to remember any more


def test_a_home_that_cannot_be_written_costs_only_the_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_state_dir", lambda *a, **k: "/dev/null/nowhere")
    killed_while_writing(tmp_path / "a.webm", frames=60)
    assert interrupted(tmp_path) == [tmp_path / "a.recording.webm"]
    encoder = VideoEncoder(tmp_path / "b.recording.mp4", (64, 48), 30)
    encoder.write(picture())
    encoder.close()
    assert interrupted(tmp_path) == [tmp_path / "a.recording.webm"]  # b is complete, whatever its name


@SUFFIXES
def test_ctrl_c_while_it_ends_takes_nothing(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever it waits: for room to tell the thread, then for the thread, which is not done before the last Ctrl-C."""
    finish, over = Recording.finish, threading.Event()

    def at_last(self: Recording) -> None:
        assert over.wait(GENEROUS)
        finish(self)

    monkeypatch.setattr(Recording, "finish", at_last)
    monkeypatch.setattr(video_writer, "END_S", GENEROUS)
    encoder = VideoEncoder(tmp_path / f"a{suffix}", (640, 480), 30)
    noise = np.random.default_rng(0)
    for _ in range(20):
        encoder.write(noise.integers(0, 256, (480, 640, 3), np.uint8))
    hits = 0

    def interrupted_at_first(wait: Callable[..., None], count: int) -> Callable[..., None]:
        rest = [None] * count

        def waiting(*arguments: object, **options: object) -> None:
            nonlocal hits
            if rest:
                rest.pop()
                hits += 1
                signal.raise_signal(signal.SIGINT)
            if hits == 6:
                over.set()
            wait(*arguments, **options)

        return waiting

    assert encoder._thread is not None
    monkeypatch.setattr(encoder._thread, "join", interrupted_at_first(encoder._thread.join, 4))
    put = interrupted_at_first(encoder._frames.put, 2)
    monkeypatch.setattr(encoder._frames, "put", lambda item, timeout: put(item, timeout=timeout))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    encoder.close()
    signal.signal(signal.SIGINT, before)
    assert hits == 6
    assert len(times(tmp_path / f"a{suffix}")) == 20
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [f"a{suffix}"]


@SUFFIXES
def test_the_length_of_a_file_does_not_depend_on_where_its_last_fragment_ends(
    tmp_path: Path, suffix: str
) -> None:
    for count in range(1, 2 + round(30 * FRAGMENT_S)):
        path = tmp_path / f"{count}{suffix}"
        encoder = VideoEncoder(path, (64, 48), 30)
        for n in range(count):
            encoder.write(picture(n))
        encoder.close()
        assert len(times(path)) == count
        with av.open(str(path)) as container:
            assert container.duration == pytest.approx(1e6 * count / 30, abs=1001)


def test_what_is_kept_has_its_end_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"the older one")
    encoder = VideoEncoder(path, (64, 48), 30)
    for _ in range(7):
        encoder.write(picture())
    part = encoder.keep()
    assert part == tmp_path / "a.recording.mp4" and len(times(part)) == 7
    assert path.read_bytes() == b"the older one"
    encoder.close()
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["a.mp4", "a.recording.mp4"]
    assert interrupted(tmp_path) == []  # whoever kept it has said so


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_stays_a_link_and_the_older_files_permissions_stay(tmp_path: Path) -> None:
    real = tmp_path / "films" / "real.mp4"
    real.parent.mkdir()
    real.write_bytes(b"older")
    real.chmod(0o640)
    link = tmp_path / "latest.mp4"
    link.symlink_to(real)
    encoder = VideoEncoder(link, (64, 48), 30)
    encoder.write(picture())
    encoder.close()
    assert link.is_symlink() and len(times(real)) == 1 and real.stat().st_mode & 0o777 == 0o640
