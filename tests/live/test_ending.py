"""Ctrl-C and SIGTERM end the program itself within two seconds, with threads that hang in native code."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.helpers.running import ChildClock

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals differ")

HERE = Path(__file__).parents[1]
HANGING = """
import ctypes, os, sys
import faked_run, fakes, running
from liveavatar.outputs.null import Null
from liveavatar.renderers.gan.renderer import GanRenderer

hangs = sys.argv.pop(1)
running.tick_to(int(sys.argv.pop(1)))

def then_hang(method):
    calls = []
    def hanging(*arguments, **options):
        calls.append(method)
        if len(calls) > 20:
            os.write(2, b"it hangs\\n")
            native, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(256)
            native.pthread_mutex_init(mutex, None)
            while True:  # locked twice it hangs in native code, which no signal ends
                native.pthread_mutex_lock(mutex)
        return method(*arguments, **options)
    return hanging

if hangs == "output":
    Null.send = then_hang(Null.send)
else:
    fakes.FakeTracker.track = then_hang(fakes.FakeTracker.track)
    GanRenderer.render = then_hang(GanRenderer.render)
faked_run.program()
"""


@pytest.mark.parametrize(
    ("hangs", "number", "status"),
    [("parts", signal.SIGINT, 0), ("output", signal.SIGTERM, 1), ("every frame", signal.SIGINT, 1)],
)
def test_it_ends_whatever_hangs(hangs: str, number: signal.Signals, status: int, tmp_path: Path) -> None:
    moved = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    clock = ChildClock()
    child = subprocess.Popen(
        [
            *(sys.executable, "-c", HANGING, hangs, str(clock.descriptor)),
            *("run", "--avatar", str(HERE / "data" / "tiny")),
            *("--camera", "synthetic", "--output", "null"),
            *(["--every-frame"] if hangs == "every frame" else []),
        ],
        env={**os.environ, **moved, "PYTHONPATH": f"{HERE.parent}:{HERE / 'helpers'}", "LIVEAVATAR_DEBUG": ""},
        stderr=subprocess.PIPE, text=True, pass_fds=[clock.descriptor],
    )  # fmt: skip
    with ExitStack() as after:
        after.enter_context(clock)
        after.callback(child.kill)
        assert child.stderr is not None
        while "it hangs" not in (line := child.stderr.readline()):
            assert line, "it ended before"
        time.sleep(0.2)
        clock.seconds()
        child.send_signal(number)
        _, told = child.communicate(timeout=300)
        seconds = clock.seconds()
    print(f"{seconds:.2f} s")
    assert child.returncode == status, told
    assert 0 < seconds < 2.5  # two, and what a busy machine adds to waits for threads
    assert "Traceback" not in told and "terminate called" not in told
    assert ("does not answer" in told) == (hangs != "parts")
    assert ("frames in" in told) == (hangs == "parts")
