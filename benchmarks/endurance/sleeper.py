"""How long this machine lets a process wait that only sleeps: what of a show's gaps is the machine's own."""

import subprocess
import sys
from types import TracebackType

SLEEP = """
import time
last, longest = time.perf_counter(), 0.0
while True:
    time.sleep(1 / 30)
    at = time.perf_counter()
    if at - last > longest:
        longest = at - last
        print(longest, flush=True)
    last = at
"""
"""Says each gap between two wakings that is the longest so far, seconds."""


class Sleeper:
    """A process beside that wakes thirty times a second and does nothing. Use as a context."""

    def __init__(self) -> None:
        self.longest_gap_ms = 0.0
        """Between two of its wakings; known when the context ends."""

    def __enter__(self) -> "Sleeper":
        self._process = subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._process.kill()
        said = self._process.communicate()[0].split()
        self.longest_gap_ms = round(1000 * float(said[-1]), 1) if said else 0.0
