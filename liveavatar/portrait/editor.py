"""The page on which a user drags the points of a face and sees the avatar that results blink and speak meanwhile.

Served by base/local_page.py from liveavatar/assets/edit.html. The newest points are built in a thread of their own; until that is
done, and where they make no face, the last good avatar plays on. Knows neither how an avatar is built nor where it is kept: that
is the way's (ways.py).
"""

from typing import Any

import cv2

from liveavatar.base.dialog import CLOSED_FOR, Dialog
from liveavatar.base.mailbox import Mailbox, worker
from liveavatar.base.timing import now
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tag, tr
from liveavatar.media.picture import Picture
from liveavatar.media.png import encode_png
from liveavatar.portrait.editor_texts import legend, page_texts
from liveavatar.portrait.points import Points, PointsError
from liveavatar.portrait.ways import Puppet, Way
from liveavatar.retargeting.performance import performance
from liveavatar.types import Expression


class Editor:
    """Shows the page until close(). Points that the page sends are checked before anything is made of them."""

    def __init__(self, way: Way, picture: Picture, start: Points, suggested: Points, name: str) -> None:
        """way: its puppets are asked for in a thread of their own, of checked points. start: the points to begin with; suggested:
        what "reset" goes back to. name: the avatar's."""
        height, width = picture.rgba.shape[:2]
        self._size = (width, height)
        self._way = way
        self._points, self._number = start, 0
        self._puppet: Puppet | None = None
        """Drawn under the dialog's lock, which guards all of this."""
        self._wanted: int | None = None
        """Number of the points that "done" was pressed for."""
        self._result: Points | None = None
        self._suggested, self._name = suggested, name
        self._start = now()
        self._mail: Mailbox[tuple[int, Any]] = Mailbox()
        self._mail.put((0, start))
        self._dialog = Dialog(
            "edit.html",
            self._hello,
            self._answer,
            {"built": -1, "seen": -1, "names": [], "making": False},
            files={"/picture": ("image/png", encode_png(picture.rgba, effort=1))},
        )
        self.address = self._dialog.address
        self.finish = self._dialog.finish
        self._builder = worker(self._build_newest, self._mail, "editor")

    def wait(self, closed_for: float = CLOSED_FOR) -> Points | None:
        """The points when the user is done; None when they cancelled, or the page was closed for that many seconds."""
        return self._result if self._dialog.wait(closed_for) else None

    def go_on(self, error: str) -> None:
        """Let the user try again after wait(): the points could not be used after all."""
        with self._dialog.lock:
            self._dialog.news |= {"names": [], "making": False}
            self._wanted = self._result = None
            self._dialog.go_on(error)

    def close(self) -> None:
        """Take the page from the air. May be called twice."""
        self._mail.close()
        self._dialog.close()
        self._builder.join(timeout=5)

    def _build_newest(self) -> None:
        for number, points in self._mail:
            puppet, error, names = None, "", []
            try:
                checked = self._way.kind.check(points, self._size)
                built = self._way.puppet(checked)
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
            with self._dialog.lock:
                news = {"seen": number, "error": error, "names": names}
                if puppet is not None:
                    self._puppet = puppet
                    news["built"] = number
                self._dialog.news |= news
                if self._wanted is not None and number >= self._wanted:
                    self._wanted = None
                    if puppet is not None:
                        self._result = checked
                        self._dialog.news["making"] = True
                        self._dialog.over()

    def _answer(self, message: dict[str, Any]) -> bytes | None:
        command = message["do"]
        if command == "next":
            return self._picture()
        if command == "cancel":
            self._dialog.over()
        elif command in ("build", "done"):
            number, points = int(message["number"]), message["points"]
            with self._dialog.lock:
                self._number = number
                if isinstance(points, dict):
                    self._points = points  # a page that is loaded again goes on with them
                if command == "done":
                    self._wanted = number
            self._mail.put((number, points))
        return None

    def _picture(self) -> bytes:
        """News and the avatar as it is now."""
        with self._dialog.lock:
            rows = b""
            if self._puppet is not None and not self._dialog.news["making"]:
                expression = Expression(performance(now() - self._start), 0.0)
                rows = self._puppet.render(expression).image.tobytes()
            return self._dialog.message(rows)

    def _hello(self) -> dict[str, Any]:
        return {
            "language": tag(),
            "size": self._size,
            "points": self._points,
            "suggested": self._suggested,
            "hidden": self._way.hidden,
            "number": self._number,
            **self._way.kind.told(),
            "legend": legend(),
            "texts": page_texts(self._name),
        }
