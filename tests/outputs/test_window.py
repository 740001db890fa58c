import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveavatar.errors import OutputError
from liveavatar.outputs import open_output

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="displays are variables on Linux only"
)


@LINUX
@pytest.mark.parametrize("display", ["", ":77"])
def test_without_a_display_it_is_an_error_not_a_crash(monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(OutputError, match=r"display|DISPLAY"):
        open_output("window", size=(64, 64), fps=30)


@pytest.fixture
def display() -> Iterator[str]:
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("needs Xvfb")
    command = [server, "-displayfd", "1", "-screen", "0", "320x240x24"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield ":" + process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


SHOW = """
import cv2, numpy as np
from liveavatar.base.mailbox import Closed
from liveavatar.outputs import open_output
from liveavatar.types import AvatarFrame
output = open_output("window", size=(64, 64), fps=30, background="transparent")
frame = AvatarFrame(np.zeros((64, 64, 4), np.uint8), 0.0)
for _ in range(5):
    output.send(frame)
cv2.destroyWindow("liveavatar")  # what the window's own button does
try:
    output.send(frame)
except Closed:
    print("closed")
output.close()
output.close()
"""


@LINUX
def test_closing_the_window_ends_the_run(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    # In a process of its own: Qt keeps the display it met first, and ends the process when that goes away.
    done = subprocess.run([sys.executable, "-c", SHOW], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout.split()) == (0, ["closed"]), done.stderr
