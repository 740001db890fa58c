"""A stage's thread under watch. A part that hangs in native code cannot be stopped: its thread is left behind, what it
still delivers goes nowhere, and another thread does the work.

Knows nothing of what a stage does, and reads no clock: the caller says how much time went by while the process ran.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar

from liveavatar.base.mailbox import Closed, Mailbox
from liveavatar.base.shutdown import Detached
from liveavatar.language import tr
from liveavatar.live.report import message_of

T = TypeVar("T")
LONGEST = 120.0
"""Seconds, at most, until what hangs at opening is opened once more."""


class Attempt(Generic[T]):
    """One thread's work for a stage."""

    def __init__(self, box: Mailbox[T]) -> None:
        self.part: Any = None
        """What it works with, once that is open."""
        self.busy = True
        """It has work in hand: opening its part, or a picture."""
        self.count = 0
        """Pieces of work begun after opening the part."""
        self.results = 0
        self.failure: BaseException | None = None
        """What ended it."""
        self._box = box
        self._abandoned = False
        self._lock = threading.Lock()

    def put(self, item: T) -> None:
        """Deliver a result. Raises Closed once another attempt has taken over."""
        with self._lock:
            if self._abandoned:
                raise Closed
            self._box.put(item)
            self.results += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """No work is in hand meanwhile; afterwards there is a new piece. What is raised within came from the stage before."""
        self.check()
        self.busy = False
        yield
        self.count += 1
        self.busy = True

    def check(self) -> None:
        """Raises Closed once another attempt has taken over."""
        if self._abandoned:
            raise Closed

    def abandon(self) -> None:
        """From now on it delivers nothing."""
        with self._lock:
            self._abandoned = True

    def end(self, failure: BaseException | None) -> None:
        """No more results will come, from no attempt."""
        with self._lock:
            if not self._abandoned:
                self._box.close(failure)


class Stage(Generic[T]):
    """Does its work in a thread of its own, and anew in another when told to."""

    def __init__(
        self, name: str, box: Mailbox[T], *, patience: float, opening: float, final: bool = False
    ) -> None:
        """box: where the results go; closed at the end.

        patience, opening: seconds that a piece of work may take, and opening the part or its very first result.
        final: a failure ends the stage, whenever it comes; else only one before the first result, and later ones are for
        whoever watches."""
        self.name = name
        self.attempt: Attempt[T] = Attempt(box)
        self.box = box
        self._patience, self._opening = patience, opening
        self._final = final
        self._proven = False
        self._thread: Detached | None = None
        self._progress: tuple[Any, int, int] = (None, 0, 0)
        self._waited = 0.0

    @property
    def proven(self) -> bool:
        """It has given a result in this run."""
        self._proven = self._proven or self.attempt.results > 0
        return self._proven

    def begin(self, work: Callable[[Attempt[T]], None]) -> None:
        """Do `work` in a fresh thread. What another thread did for this stage until now ends with its next result."""
        self._proven = self.proven
        if self._thread is not None and not self.attempt.results:
            self._opening = min(2 * self._opening, LONGEST)  # each one that hangs is a thread for good
        self.attempt.abandon()
        self.attempt = attempt = Attempt(self.box)
        self._thread = Detached(self._do, work, attempt, name=self.name)

    def watch(self, seconds: float) -> str | None:
        """Count so many seconds more in which the process ran. Returns what is wrong, for the user; None when all is well."""
        attempt = self.attempt
        if attempt.failure is not None:
            return message_of(attempt.failure)
        progress = (attempt, attempt.count, attempt.results)
        if not attempt.busy or progress != self._progress:
            self._progress, self._waited = progress, 0.0
        else:
            self._waited += seconds
        opened = self.proven and (attempt.count or attempt.results)
        limit = self._patience if opened else self._opening
        if self._waited < limit:
            return None
        if opened:
            return tr(f"gave nothing for {limit:g} s", f"{limit:g} 秒没有结果")
        return tr(f"still loading after {limit:g} s", f"{limit:g} 秒后仍在加载")

    def close_part(self) -> Detached:
        """Close the part from outside, in another thread: that ends a call that hangs, where it can be ended."""
        return Detached(_close, self.attempt.part, name=f"close {self.name}")

    def join(self, seconds: float) -> bool:
        """Wait at most so long for the thread to end; whether it did."""
        if self._thread is None:
            return True
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _do(self, work: Callable[[Attempt[T]], None], attempt: Attempt[T]) -> None:
        try:
            work(attempt)
        except Closed:
            attempt.end(None)
        except BaseException as failure:
            if self._final or not self.proven or not attempt.busy:
                attempt.end(failure)
            else:
                attempt.failure = failure
        else:
            attempt.end(None)
        attempt.busy = False


class PartOpener:
    """Opens parts in a thread beside the others, one for all: each thread has an arena of its own to leave holes in. One
    that hangs is left behind."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Opening[Any] | None] = queue.SimpleQueue()
        self._free = False
        """The thread waits for a job."""
        self._lock = threading.Lock()

    def open(self, open_part: Callable[[], T], stopped: threading.Event) -> T:
        """The part. Raises its error, or Closed once `stopped` is set; a part that comes after that is closed."""
        opening = _Opening(open_part)
        with self._lock:
            if not self._free:
                self.end()
                self._jobs = queue.SimpleQueue()
                Detached(self._work, self._jobs, name="opening")
            self._free = False
            self._jobs.put(opening)
        while (part := opening.box.take(0.1)) is None:
            if stopped.is_set():
                opening.box.close()
                raise Closed
        return part

    def end(self) -> None:
        """The thread ends when it has opened what it is at."""
        self._jobs.put(None)

    def _work(self, jobs: "queue.SimpleQueue[_Opening[Any] | None]") -> None:
        while (opening := jobs.get()) is not None:
            opening.open()
            with self._lock:
                self._free = jobs is self._jobs
            opening.deliver()


class _Opening(Generic[T]):
    def __init__(self, open_part: Callable[[], T]) -> None:
        self.box: Mailbox[T] = Mailbox()
        self._open_part = open_part
        self._part: T | None = None
        self._failure: BaseException | None = None

    def open(self) -> None:
        try:
            self._part = self._open_part()
        except BaseException as failure:
            self._failure = failure

    def deliver(self) -> None:
        if self._part is None:
            self.box.close(self._failure)
            return
        try:
            self.box.put(self._part)
        except Closed:
            _close(self._part)


def _close(part: Any) -> None:
    if part is not None:
        with suppress(Exception):  # whoever used it until now says so
            part.close()
