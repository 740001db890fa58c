"""A one-slot hand-over between two threads: the newest item wins. A queue would turn slowness into age.

Knows nothing of what it carries.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """The other side is gone: nothing more can be delivered. Ends a producer quietly."""


class Mailbox(Generic[T]):
    """put() replaces what nobody took yet; take() and iteration deliver the last item before the end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._full = False
        self._closed = False
        self._failure: BaseException | None = None
        self.drops = 0
        """Items replaced before anyone took them."""

    def put(self, item: T) -> None:
        """Offer an item. Raises Closed when the box is closed."""
        with self._changed:
            if self._closed:
                raise Closed
            self.drops += self._full
            self._item, self._full = item, True
            self._changed.notify()

    def take(self, timeout: float | None = None) -> T | None:
        """The newest item, waiting up to `timeout` seconds (None: for ever); None when there is none.

        After close(): first the item still there, then the producer's failure if it had one, else Closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._full or self._closed, timeout)
            if self._full:
                item, self._item, self._full = self._item, None, False
                return item
            if self._failure is not None:
                raise self._failure
            if self._closed:
                raise Closed
            return None

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                item = self.take()
            except Closed:
                return
            if item is not None:
                yield item

    def close(self, failure: BaseException | None = None) -> None:
        """No more items. A failure is raised again, with its traceback, in whoever takes.

        Only the first close counts."""
        with self._changed:
            if not self._closed:
                self._closed, self._failure = True, failure
                self._changed.notify_all()


def worker(step: Callable[[], None], closes: Mailbox[T], name: str) -> threading.Thread:
    """Run `step` in a started thread. Closes its mailbox at the end, with the exception if it raised one."""

    def body() -> None:
        try:
            step()
        except Closed:
            closes.close()
        except BaseException as failure:
            closes.close(failure)
        else:
            closes.close()

    thread = threading.Thread(target=body, name=name, daemon=True)
    thread.start()
    return thread
