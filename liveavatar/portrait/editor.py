"""The page on which a user drags the points of a face and sees the avatar that results blink and speak meanwhile.

Served by base/local_page.py from liveavatar/assets/edit.html. The newest points are built in a thread of their own; until that is
done, and where they make no face, the last good avatar plays on. Knows neither how an avatar is built nor where it is kept.
"""

import json
import math
import secrets
import struct
import threading
from collections.abc import Callable
from typing import Any

import cv2
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from liveavatar.base.local_page import LocalPage
from liveavatar.base.mailbox import Closed, Mailbox, worker
from liveavatar.base.strict_json import parse_json
from liveavatar.base.timing import now
from liveavatar.errors import LiveAvatarError
from liveavatar.language import language, tr
from liveavatar.media.picture import Picture
from liveavatar.media.png import encode_png
from liveavatar.portrait.editor_texts import GROUPS, LABELS, page_texts
from liveavatar.portrait.points import Points, PointsError, check_points
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.retargeting.performance import performance
from liveavatar.types import Expression

CLOSED_FOR = 60.0
"""Seconds after which a page that was closed is not waited for any longer; a reload takes less."""


class Editor:
    """Shows the page until close(). Points that the page sends are checked before anything is made of them."""

    def __init__(
        self, picture: Picture, start: Points, suggested: Points, build: Callable[[Points], Puppet], name: str
    ) -> None:
        """start: the points to begin with; suggested: what "reset" goes back to. build: called in a thread of its own
        with checked points. name: the avatar's."""
        height, width = picture.rgba.shape[:2]
        self._size = (width, height)
        self._build = build
        self._lock = threading.Condition()
        """Guards what follows: the threads of pages, the builder and the caller meet here. Puppets are drawn under it."""
        self._points, self._number = start, 0
        self._news: dict[str, Any] = {"built": -1, "seen": -1, "error": "", "names": [], "end": ""}
        self._puppet: Puppet | None = None
        self._pages, self._left = 0, math.inf
        self._wanted: int | None = None
        """Number of the points that "done" was pressed for."""
        self._result: Points | None = None
        self._over = threading.Event()
        self._suggested, self._name = suggested, name
        self._start = now()
        self._mail: Mailbox[tuple[int, Any]] = Mailbox()
        self._mail.put((0, start))
        self._page = LocalPage(
            "edit.html",
            secrets.token_urlsafe(16),
            self._talk,
            files={"/picture": ("image/png", encode_png(picture.rgba, effort=1))},
        )
        self.address = self._page.address
        self._builder = worker(self._build_newest, self._mail, "editor")

    def wait(self, closed_for: float = CLOSED_FOR) -> Points | None:
        """The points when the user is done; None when they cancelled, or the page was closed for that many seconds."""
        while not self._over.wait(0.2):
            with self._lock:
                if self._pages == 0 and now() - self._left > closed_for:
                    return None
        return self._result

    def go_on(self, error: str) -> None:
        """Let the user try again after wait(): the points could not be used after all."""
        with self._lock:
            self._news = {**self._news, "error": error, "names": []}
            self._wanted = self._result = None
            self._over.clear()

    def finish(self, text: str) -> None:
        """The page's last words. Waits a moment for pages to take them."""
        with self._lock:
            self._news = {**self._news, "end": text}
            self._lock.wait_for(lambda: self._pages == 0, timeout=2)

    def close(self) -> None:
        """Take the page from the air. May be called twice."""
        self._mail.close()
        self._page.close()
        self._builder.join(timeout=5)

    def _build_newest(self) -> None:
        for number, points in self._mail:
            puppet, error, names = None, "", []
            try:
                checked = check_points(points, self._size)
                built = self._build(checked)
                built.render(
                    Expression(performance(0.0), 0.0)
                )  # what cannot be drawn fails here, not at the page
                puppet = built
            except PointsError as wrong:
                error, names = str(wrong), list(wrong.names)
            except LiveAvatarError as wrong:
                error = str(wrong)
            except (
                ValueError,
                ArithmeticError,
                LookupError,
                RuntimeError,
                cv2.error,
            ):  # shapes that geometry gives up on
                error = tr("these points make no face", "这些点无法构成一张脸")
            with self._lock:
                self._news = {**self._news, "seen": number, "error": error, "names": names}
                if puppet is not None:
                    self._puppet = puppet
                    self._news["built"] = number
                if self._wanted is not None and number >= self._wanted:
                    self._wanted = None
                    if puppet is not None:
                        self._result = checked
                        self._over.set()

    def _talk(self, connection: ServerConnection) -> None:
        """One page, from its opening to its end."""
        with self._lock:
            self._pages += 1
            hello = self._hello()
        try:
            connection.send(json.dumps(hello, ensure_ascii=False))
            for message in connection:
                answer = self._answer(parse_json(message))
                if answer is not None:
                    connection.send(answer)
        except (ConnectionClosed, Closed, ValueError, KeyError, TypeError):
            pass  # gone, or it speaks another language
        finally:
            with self._lock:
                self._pages -= 1
                self._left = now()
                self._lock.notify_all()

    def _answer(self, message: dict[str, Any]) -> bytes | None:
        command = message["do"]
        if command == "next":
            return self._picture()
        if command == "cancel":
            self._over.set()
        elif command in ("build", "done"):
            number, points = int(message["number"]), message["points"]
            with self._lock:
                self._number = number
                if isinstance(points, dict):
                    self._points = points  # a page that is loaded again goes on with them
                if command == "done":
                    self._wanted = number
            self._mail.put((number, points))
        return None

    def _picture(self) -> bytes:
        """News and the avatar as it is now."""
        with self._lock:
            news = json.dumps(self._news, ensure_ascii=False).encode()
            rows = b""
            if self._puppet is not None:
                expression = Expression(performance(now() - self._start), 0.0)
                rows = self._puppet.render(expression).image.tobytes()
        return struct.pack("<I", len(news)) + news + rows

    def _hello(self) -> dict[str, Any]:
        labels = {name: tr(label.en, label.zh) for name, label in LABELS.items()}
        for name in ("rightIris", "leftIris"):
            labels[f"{name}:rim"] = tr(f"{labels[name]}, its size", f"{labels[name]}大小")
        return {
            "language": "zh-CN" if language() == "zh" else "en",
            "size": self._size,
            "points": self._points,
            "suggested": self._suggested,
            "number": self._number,
            "labels": labels,
            "groups": {name: group for group, names in GROUPS.items() for name in names},
            "legend": {
                "brows": tr("brows", "眉毛"),
                "eyes": tr("eyes", "眼睛"),
                "nose": tr("nose", "鼻子"),
                "mouth": tr("mouth", "嘴"),
                "outline": tr("outline", "脸部轮廓"),
            },
            "texts": page_texts(self._name),
        }
