"""Time that a process really had: what a machine that does other things takes away does not count against the program."""

import contextlib
import os
import threading
import time
from collections.abc import Callable

TICK = 0.005
"""Seconds. A tick that comes late counts no more than one in time."""
GENEROUS = 60.0
"""Seconds until what a test waits for is taken never to come; no promise of the program's."""


class Running:
    """A clock that a thread of this process ticks: it stands still where the process does. As a context it runs."""

    def __init__(self) -> None:
        self.ticks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._count, name="clock", daemon=True)

    def _count(self) -> None:
        while not self._over.wait(TICK):
            self.ticks += 1

    @property
    def seconds(self) -> float:
        """Since it began, at most as many as went by."""
        return self.ticks * TICK

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()


class ChildClock:
    """The same of a child process that was given `descriptor` (pass_fds) and calls tick_to() with it."""

    def __init__(self) -> None:
        self._reader, self.descriptor = os.pipe()
        os.set_blocking(self._reader, False)

    def seconds(self) -> float:
        """That the child ran since the last call."""
        ticks = 0
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._reader, 1 << 16):
                ticks += len(data)
        return ticks * TICK

    def __enter__(self) -> "ChildClock":
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._reader)
        os.close(self.descriptor)


def tick_to(descriptor: int) -> None:
    """In a child: write a byte for each tick, from now on to its end."""
    os.set_blocking(descriptor, False)

    def tick() -> None:
        while True:
            time.sleep(TICK)
            with contextlib.suppress(BlockingIOError):
                os.write(descriptor, b".")

    threading.Thread(target=tick, name="clock", daemon=True).start()


def wait_until(true: Callable[[], object], seconds: float = GENEROUS) -> None:
    """Wait for something to become true."""
    end = time.perf_counter() + seconds
    while not true():
        assert time.perf_counter() < end, f"not true after {seconds:.0f} s"
        time.sleep(0.005)
