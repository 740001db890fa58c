"""Whatever the terminal does: the show goes on, and nobody sees a traceback."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import av
import pytest

from tests.helpers.clips import write_clip

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")

TINY = Path(__file__).parents[1] / "data" / "tiny"
PROGRAM = [sys.executable, str(Path(__file__).parents[1] / "helpers" / "faked_run.py")]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", frames=8, fps=10)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.delenv("LIVEAVATAR_DEBUG", raising=False)
    return tmp_path / "home"


def run(clip: Path, output: Path) -> list[str]:
    return [*PROGRAM, "run", "--camera", str(clip), "--avatar", str(TINY), "--output", str(output)]


def seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0)) / 30


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "redirected", ["2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full", "2>&1 | true"], ids=str
)
def test_a_run_does_without_its_streams(redirected: str, clip: Path, tmp_path: Path) -> None:
    """To its end, into a whole file, which none of the missing streams' numbers got into."""
    output = tmp_path / "out.mp4"
    command = f'"$@" {redirected}'
    done = subprocess.run(["sh", "-c", command, "sh", *run(clip, output)], capture_output=True, timeout=300)
    assert done.returncode == 0 and b"Traceback" not in done.stderr + done.stdout
    assert seconds(output) > 0.3
    assert b"Ctrl-C" not in output.read_bytes()


@pytest.mark.usefixtures("home")
def test_the_show_does_not_wait_for_a_terminal_that_stands_still(clip: Path, tmp_path: Path) -> None:
    """A pipe that is full and that nobody reads, as with text marked in a console."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writer, b"x" * 1024)
    os.set_blocking(writer, True)
    output = tmp_path / "out.mp4"
    try:
        done = subprocess.run(run(clip, output), stderr=writer, timeout=300)
    finally:
        os.close(reader)
        os.close(writer)
    assert done.returncode == 0
    assert seconds(output) > 0.3


@pytest.mark.usefixtures("home")
def test_a_terminal_that_goes_away_ends_no_show_that_ignores_hangups(clip: Path, tmp_path: Path) -> None:
    """nohup and disown: the status line meets EIO from then on."""
    ours, theirs = pty.openpty()
    output = tmp_path / "out.mp4"
    child = subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; "$@"; exit $?', "sh", *run(clip, output)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said = b""
    while b"Ctrl-C" not in said:
        said += os.read(ours, 1000)
    os.close(ours)
    assert child.wait(timeout=300) == 0
    assert seconds(output) > 0.3


def test_results_that_cannot_be_written_are_an_error(home: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*PROGRAM, "avatars", "list"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["Error: the results could not be written: No space left on device"]
    done = subprocess.run(
        ["sh", "-c", '"$@" | true', "sh", *PROGRAM, "avatars", "list"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_question_without_anyone_to_answer_is_an_error(home: Path) -> None:
    command = [*PROGRAM, "create", "gone.png", "--name", "x"]
    for redirected in ("<&-", "</dev/null"):
        done = subprocess.run(
            ["sh", "-c", f'"$@" {redirected}', "sh", *command], capture_output=True, text=True
        )
        assert done.returncode == 1 and "nothing was answered" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr


BROKEN = """
import sys, threading
sys.argv = ["liveavatar", "cameras"]
import liveavatar.cli as cli
class Breaks:
    def __del__(self):
        raise ValueError("in a finaliser")
def broken():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    Breaks()
    raise RuntimeError("a mistake\\n of ours")
import liveavatar.cameras
liveavatar.cameras.list_cameras = broken
sys.exit(cli.main())
"""


def test_what_nobody_foresaw_is_a_line_and_with_debug_a_traceback(home: Path) -> None:
    def told(**variables: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", BROKEN], env={**os.environ, **variables}, capture_output=True, text=True
        )
        return done.returncode, done.stderr

    status, text = told()
    assert status == 1 and "Traceback" not in text
    assert [line.partition(". With LIVEAVATAR_DEBUG=1")[0] for line in text.splitlines()] == [
        "something went wrong that should not: ZeroDivisionError: division by zero",
        "something went wrong that should not: ValueError: in a finaliser",
        "Error: something went wrong that should not: RuntimeError: a mistake of ours",
    ]
    status, text = told(LIVEAVATAR_DEBUG="1")
    assert status == 1 and text.count("Traceback") >= 3


def test_messages_come_while_the_terminal_is_kept_quiet(home: Path) -> None:
    """Start-up notes of libraries are redirected to nowhere; what the program says meanwhile is not."""
    code = """
import os, time
from liveavatar.base import terminal
from liveavatar.base.messages import say
from liveavatar.trackers.landmarker import quiet
terminal.secure()
with quiet():
    say("said meanwhile")
    os.write(2, b"a library's note")
    time.sleep(0.1)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == "said meanwhile\n"
