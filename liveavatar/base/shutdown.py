"""How the program ends when a part hangs: threads in native code can be neither stopped nor waited for."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from liveavatar.base import terminal

STEP = 0.02
"""Seconds between two looks at whether it has ended; one that comes late counts no more."""
ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Detached(threading.Thread):
    """A started thread that may hang: nobody waits for it at the end."""

    def __init__(self, work: Callable[..., None], *args: Any, name: str) -> None:
        super().__init__(target=work, args=args, name=name, daemon=True)
        self.start()


def leave(status: int) -> NoReturn:
    """End the process with this exit status. With threads that still hang it ends at once: they would abort the
    interpreter's own way out, or hold it up for ever."""
    if any(isinstance(thread, Detached) for thread in threading.enumerate()):
        end_now(status)
    sys.exit(status)


def end_now(status: int) -> NoReturn:
    """End without the interpreter's clean-up."""
    terminal.flush()
    os._exit(status)


@contextmanager
def within(seconds: float, on_timeout: Callable[[], None]) -> Iterator[None]:
    """What runs here ends within so many seconds of Ctrl-C, SIGTERM or SIGHUP, not counting those in which the process got no
    processor, else on_timeout() is called and the process ended with status 1: a main thread in native code never gets to its
    signal handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals belong to the main thread
        return
    endings = {int(getattr(signal, name)) for name in ENDING if hasattr(signal, name)}
    done = threading.Event()
    reader, writer = socket.socketpair()
    writer.setblocking(False)

    def listen() -> None:
        while (numbers := reader.recv(64)) and not endings & set(numbers):
            pass
        if numbers and not any(done.wait(STEP) for _ in range(round(seconds / STEP))):
            on_timeout()
            end_now(1)

    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    guard = threading.Thread(target=listen, name="guard", daemon=True)
    guard.start()
    try:
        yield
    finally:
        done.set()
        signal.set_wakeup_fd(before)
        writer.close()
        guard.join()
        reader.close()
