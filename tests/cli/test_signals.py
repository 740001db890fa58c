"""However a run is told to end, its recording is whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from liveavatar.media.recording import NOTHING
from tests.helpers.clips import write_clip
from tests.helpers.running import wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals differ")

HERE = Path(__file__).parents[1]
RUN = [
    sys.executable,
    str(HERE / "helpers" / "faked_run.py"),
    "run",
    "--avatar",
    str(HERE / "data" / "tiny"),
    "--size",
    "1080p",
]


def begin(folder: Path, *before: str) -> "subprocess.Popen[str]":
    """A run of at most two minutes, recording already."""
    clip = write_clip(folder / "clip.mp4", frames=120, fps=1)
    moved = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    child = subprocess.Popen(
        [*before, *RUN, "--camera", str(clip), "--output", "out.mp4"],
        env={**os.environ, **moved, "PYTHONPATH": str(HERE.parent), "LIVEAVATAR_DEBUG": ""},
        cwd=folder, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stderr is not None
    while "Ctrl-C" not in (line := child.stderr.readline()):
        assert line, "ended before it began"
    while not (folder / "liveavatar" / "running.json").exists():  # it listens: the show begins
        assert child.poll() is None
        time.sleep(0.05)
    part = folder / "out.recording.mp4"
    wait_until(lambda: part.stat().st_size > 2 * NOTHING)  # half a second of pictures stands there
    return child


def seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(max(frame.time for frame in container.decode(video=0)))


@pytest.mark.parametrize(("number", "times"), [(signal.SIGINT, 3), (signal.SIGHUP, 1)], ids=str)
def test_a_recording_is_completed(number: signal.Signals, times: int, tmp_path: Path) -> None:
    child = begin(tmp_path)
    try:
        for _ in range(times):
            child.send_signal(number)
            time.sleep(0.05)
        _, told = child.communicate(timeout=300)
    finally:
        child.kill()
    assert child.returncode == 0, told
    assert "Traceback" not in told and "frames in" in told
    assert told.count("Finishing") <= 1
    assert seconds(tmp_path / "out.mp4") > 0.3


def test_a_hangup_that_was_ignored_from_the_start_is_ignored(tmp_path: Path) -> None:
    child = begin(tmp_path, "sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    try:
        child.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert child.poll() is None
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=300)
    finally:
        child.kill()
    assert child.returncode == 0
    assert seconds(tmp_path / "out.mp4") > 0.3


def test_finishing_that_takes_too_long_can_be_ended() -> None:
    code = """
import os, signal, time
from liveavatar.app import console
console.PATIENCE = 0.3
with console.ending_politely():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(9)
    except KeyboardInterrupt:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.4)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(9)
        except KeyboardInterrupt:
            print("ended")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
    assert done.stderr.count("Finishing") == 1


def test_a_run_is_stopped_without_an_exception_that_might_come_within_a_lock() -> None:
    code = """
import os, signal, threading
from liveavatar.app import console
console.PATIENCE = 0.2
stop = threading.Event()
with console.ending_politely() as ending:
    with ending.by(stop.set):
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(9)
        os.kill(os.getpid(), signal.SIGTERM)
        print("stopped")
    threading.Event().wait(0.3)
    try:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(9)
    except KeyboardInterrupt:
        print("ended")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "stopped\nended\n"), done.stderr
    assert done.stderr.count("Finishing") == 1
