"""The process's own streams, made safe for a show: whatever the terminal does, writing never fails and messages never wait.

There may be none (pythonw, `2>&-`), it may vanish while the program runs (SIGHUP ignored), be full, or stand still: a stopped
pipe, text marked in a Windows console. What cannot be shown is dropped.
"""

import atexit
import contextlib
import errno
import io
import os
import sys
import threading
from collections import deque
from typing import Any

_PENDING = 1 << 16
"""Bytes of messages that may wait to be shown; a reader that is further behind misses some."""
_LAST_WORDS = 0.5
"""Seconds that the program's end waits for a reader of messages."""


class _Stream(io.RawIOBase):
    """A copy of a standard stream that swallows every failure; `failed` keeps the first."""

    def __init__(self, descriptor: int) -> None:
        # A copy: libraries' start-up notes are kept off the terminal by redirecting the original meanwhile.
        self._raw = open(os.dup(descriptor), "wb", buffering=0)  # noqa: SIM115  for the process's life
        self._descriptor = descriptor
        self.failed: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        with contextlib.suppress(OSError):
            return self._raw.isatty()
        return False

    def write(self, data: Any) -> int:
        self._put(bytes(data))
        return len(data)

    def _put(self, data: bytes) -> None:
        try:
            while data:
                # A console takes part of a long text; None: a stream that does not wait, and is full.
                if not (count := self._raw.write(data)):
                    return
                data = data[count:]
        except OSError as error:
            self.failed = self.failed or error


class _Messages(_Stream):
    """Written by a thread of its own, so that no frame waits for a terminal."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._waiting: deque[bytes] = deque()
        self._news = threading.Condition()
        self._idle = True
        self._thread: threading.Thread | None = None

    def _put(self, data: bytes) -> None:
        with self._news:
            if self._thread is None or not self._thread.is_alive():  # not yet, or this is a fork's child
                try:
                    self._thread = threading.Thread(target=self._show, name="messages", daemon=True)
                    self._thread.start()
                except RuntimeError:  # the interpreter is ending, or has no thread to give
                    self._thread = None
                    super()._put(data)
                    return
            if sum(map(len, self._waiting)) + len(data) <= _PENDING:
                self._waiting.append(data)
                self._news.notify_all()

    def _show(self) -> None:
        while True:
            with self._news:
                self._idle = True
                self._news.notify_all()
                while not self._waiting:
                    self._news.wait()
                self._idle = False
                data = b"".join(self._waiting)
                self._waiting.clear()
            super()._put(data)

    def drain(self) -> None:
        """Wait a moment for what has been said to be shown."""
        with self._news:
            self._news.wait_for(lambda: self._idle and not self._waiting, timeout=_LAST_WORDS)


def secure() -> None:
    """Make stdin, stdout and stderr what every part of the program may rely on. For the program itself, once, first of all."""
    for descriptor, flags in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            # Else the next file or camera would get this number, and messages would be written into it. The lowest free
            # number is taken, which is this one.
            os.set_inheritable(os.open(os.devnull, flags), True)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = _text(_Stream(1), sys.stdout)
    sys.stderr = _text(_Messages(2), sys.stderr)
    atexit.register(flush)


def flush() -> None:
    """Show what has been said, as far as someone reads it. For the moment before the process ends."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    if isinstance(messages := _raw(sys.stderr), _Messages):
        messages.drain()


def lost_results() -> str:
    """Why results on stdout were lost, "" where they were not, or nobody wanted more of them."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    stream = _raw(sys.stdout)
    error = stream.failed if isinstance(stream, _Stream) else None
    return (
        "" if error is None or error.errno in (errno.EPIPE, errno.EIO, errno.EBADF) else error.strerror or ""
    )


def _raw(stream: Any) -> Any:
    return getattr(getattr(stream, "buffer", None), "raw", None)


def _text(raw: _Stream, before: Any) -> io.TextIOWrapper:
    encoding = getattr(before, "encoding", None) or "utf-8"
    # Consoles and pipes may not be UTF-8: show what they can instead of failing.
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="replace",
        line_buffering=raw.isatty() or raw.fileno() == 2,
    )
