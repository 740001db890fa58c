"""A page on which the user settles something while the program waits: who has it open, what it is told, how it ends.

Knows nothing of what is settled.
"""

import json
import math
import secrets
import struct
import threading
from collections.abc import Callable, Mapping
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from liveavatar.base.local_page import LocalPage
from liveavatar.base.mailbox import Closed
from liveavatar.base.strict_json import parse_json
from liveavatar.base.timing import now
from liveavatar.errors import LiveAvatarError

CLOSED_FOR = 60.0
"""Seconds after which a page that was closed is not waited for any longer; a reload takes less."""


class Dialog:
    """Shows a page of liveavatar/assets until close(). Its threads, and whoever calls, meet under `lock`."""

    def __init__(
        self,
        page: str,
        hello: Callable[[], dict[str, Any]],
        answer: Callable[[dict[str, Any]], bytes | None],
        news: dict[str, Any],
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> None:
        """hello: what a page is told when it opens, called under the lock. answer: called with each message of a page in a
        thread of that page's, without the lock; a LiveAvatarError, ValueError, KeyError or TypeError hangs up. news: told with
        every picture; "error" and "end" are always among them."""
        self.lock = threading.Condition()
        self.news: dict[str, Any] = {"error": "", "end": "", **news}
        self._hello, self._handle = hello, answer
        self._pages, self._left = 0, math.inf
        self._over = threading.Event()
        self._page = LocalPage(page, secrets.token_urlsafe(16), self._talk, files=files)
        self.address = self._page.address

    def wait(self, closed_for: float = CLOSED_FOR) -> bool:
        """Until over(); False when the page was closed for that many seconds instead."""
        while not self._over.wait(0.2):
            with self.lock:
                if self._pages == 0 and now() - self._left > closed_for:
                    return False
        return True

    def over(self) -> None:
        """The user has settled it, or gives up."""
        self._over.set()

    def go_on(self, error: str) -> None:
        """Let the user try again after wait(): what was settled could not be used after all."""
        with self.lock:
            self.news = {**self.news, "error": error}
            self._over.clear()

    def finish(self, text: str) -> None:
        """The page's last words. Waits a moment for pages to take them."""
        with self.lock:
            self.news = {**self.news, "end": text}
            self.lock.notify_all()
            self.lock.wait_for(lambda: self._pages == 0, timeout=2)

    def close(self) -> None:
        """Take the page from the air. May be called twice."""
        self._page.close()

    def message(self, pixels: bytes = b"") -> bytes:
        """The news, and a picture's pixels after them. Called under the lock."""
        return framed(self.news, pixels)

    def _talk(self, connection: ServerConnection) -> None:
        """One page, from its opening to its end."""
        with self.lock:
            self._pages += 1
            hello = self._hello()
        try:
            connection.send(json.dumps(hello, ensure_ascii=False))
            for message in connection:
                answer = self._handle(parse_json(message))
                if answer is not None:
                    connection.send(answer)
        except (ConnectionClosed, Closed, LiveAvatarError, ValueError, KeyError, TypeError):
            pass  # gone, or it speaks another language
        finally:
            with self.lock:
                self._pages -= 1
                self._left = now()
                self.lock.notify_all()


def framed(words: dict[str, Any], pixels: bytes = b"") -> bytes:
    """Length of a JSON text (uint32, little-endian), the text, pixels."""
    text = json.dumps(words, ensure_ascii=False).encode()
    return struct.pack("<I", len(text)) + text + pixels
