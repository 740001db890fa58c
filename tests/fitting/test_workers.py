"""Processes that draw end with the one that asked, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.running import wait_until

ASKS = """
import os, sys
from liveavatar.fitting.workers import done_by_processes
from tests.fitting.test_workers import Names
if __name__ == "__main__":
    for number in done_by_processes(Names(), range(10**4), 1):
        print(number, flush=True)
"""


class Names:
    """Its result is the number of the process that gives it."""

    def open(self) -> None:
        pass

    def do(self, item: int) -> int:
        time.sleep(0.05)
        return os.getpid()


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_drawing_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text(ASKS)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(tmp_path / "asks.py")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(signal.SIGKILL)

    def gone() -> bool:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{child}/stat").exists() and ") Z " in Path(f"/proc/{child}/stat").read_text()

    wait_until(gone)
