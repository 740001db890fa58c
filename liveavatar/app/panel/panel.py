"""The panel's server: a page, what it is told, and what it may ask, which are the commands of the terminal and nothing else.

A page pulls: each "next" is answered by the state, if that is another than it has, and a fresh small picture of the avatar. A
page that nobody looks at asks for no picture, and costs next to nothing.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.sync.server import ServerConnection

from liveavatar import __version__
from liveavatar.app.panel.errands import MOST_BYTES
from liveavatar.app.panel.gallery import SIDE, Gallery
from liveavatar.app.panel.preview import Preview
from liveavatar.app.panel.show import Command, Show
from liveavatar.app.panel.texts import emotes, page_texts
from liveavatar.base.dialog import framed
from liveavatar.base.local_page import LocalPage
from liveavatar.base.shutdown import Detached
from liveavatar.base.strict_json import parse_json
from liveavatar.base.timing import now
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tag, tr
from liveavatar.media.compositing import ZOOM, Framing
from liveavatar.types import AvatarFrame

log = logging.getLogger(__name__)

PORT = 8786
RATE = 60.0
"""Messages a second of one page; who sends more waits."""
BURST = 1.0
"""Seconds' worth of messages that may come at once."""
AT_ONCE = 4
"""Commands of one page that may be under way."""
SUFFIXES = {"create": (".png", ".jpg", ".jpeg", ".webp"), "speak": (".wav", ".mp3", ".flac", ".ogg")}
"""Of files that are handed over, by the command that they are for."""
SMALL = 4
"""Small pictures of avatars in one answer."""


class Panel:
    """Serves the page until close()."""

    def __init__(
        self,
        show: Show,
        preview: Preview,
        frame: Callable[[], AvatarFrame | None],
        gallery: Gallery,
        token: str,
        port: int = PORT,
    ) -> None:
        """frame: the newest that was sent. Raises OSError if the port is taken."""
        self.show, self.preview, self.frame, self.gallery = show, preview, frame, gallery
        self._page = LocalPage("panel.html", token, self._talk, port=port)
        self.port, self.address = self._page.port, self._page.address

    def close(self) -> None:
        """Disconnect all pages and stop listening. May be called twice."""
        self._page.close()

    def _talk(self, connection: ServerConnection) -> None:
        page = _Page(self)
        try:
            connection.send(json.dumps(hello(), ensure_ascii=False))
            free = 0.0
            for message in connection:
                if isinstance(message, bytes):
                    page.take(message)
                    continue
                free = max(free + 1 / RATE, now() - BURST)
                if (early := free - now()) > 0:
                    threading.Event().wait(early)
                answer = page.answer(parse_json(message))
                if answer is not None:
                    connection.send(answer)
        except ConnectionClosed:
            pass
        except (ValueError, KeyError, TypeError):  # it speaks another language
            connection.close(CloseCode.POLICY_VIOLATION)


def hello() -> dict[str, Any]:
    """What a page is told when it opens."""
    return {
        "version": __version__,
        "language": tag(),
        "side": SIDE,
        "zoom": ZOOM,
        "emotes": emotes(),
        "texts": page_texts(),
    }


class _Page:
    """One page that is open."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._state = ""
        """As the page has it."""
        self._shown: tuple[AvatarFrame, Framing, int] | None = None
        """The frame that it has, where it stood, and how wide."""
        self._lock = threading.Lock()
        self._answers: list[dict[str, Any]] = []
        self._under_way = 0
        self._file = bytearray()
        """What it hands over."""

    def take(self, part: bytes) -> None:
        """A part of the file it hands over, after "file". Raises ValueError where it is too large."""
        if len(self._file) + len(part) > MOST_BYTES:
            raise ValueError(len(part))
        self._file += part

    def answer(self, message: Any) -> bytes | None:
        """Raises ValueError, KeyError or TypeError for what no page of ours says."""
        match message["do"]:
            case "next":
                return self._next(int(message["width"]), [str(name) for name in message["small"]])
            case "file":
                self._file = bytearray()
                return None
            case "command":
                self._begin(int(message["id"]), dict(message["command"]))
                return None
        raise ValueError(message)

    def _begin(self, number: int, command: Command) -> None:
        """Do it in a thread of its own: pictures go on meanwhile."""
        with self._lock:
            if self._under_way >= AT_ONCE:
                self._answers.append({"id": number, "busy": True})
                return
            self._under_way += 1
        Detached(self._do, number, command, name="panel")

    def _do(self, number: int, command: Command) -> None:
        try:
            answer: dict[str, Any] = {"answer": self._handled(command)}
        except LiveAvatarError as error:
            answer = {"error": str(error)}
        except Exception as error:  # a broken command must not end the show
            log.warning("panel: %s: %s", type(error).__name__, error, exc_info=True)
            answer = {"error": f"{type(error).__name__}: {error}"}
        with self._lock:
            self._under_way -= 1
            self._answers.append({"id": number, **answer})

    def _handled(self, command: Command) -> Command:
        kind = str(command.get("command"))
        if kind not in SUFFIXES or command.get("stop") is True:
            return self._panel.show.handle(command)
        file, self._file = bytes(self._file), bytearray()
        suffix, known = str(command["suffix"]).lower(), SUFFIXES[kind]
        if suffix not in known:
            raise LiveAvatarError(
                tr(f"expected a file that ends in {', '.join(known)}", f"文件名应以 {'、'.join(known)} 结尾")
            )
        if kind == "speak":
            emotion = command.get("emotion")
            return self._panel.show.speak(file, suffix, None if emotion is None else str(emotion))
        whose = " ".join(str(command["whose"])[:80].split()) or "-"
        return {"avatar": self._panel.show.errands.create(file, suffix, str(command["name"])[:80], whose)}

    def _next(self, width: int, small: Sequence[str]) -> bytes:
        news: dict[str, Any] = {}
        pictures: list[np.ndarray] = []
        state = self._panel.show.state()
        if (text := json.dumps(state)) != self._state:
            self._state, news["state"] = text, state
        if width > 0 and (level := self._panel.show.microphones.level) is not None:
            news["level"], sent = round(level, 2), self._panel.show.microphones.sent
            news["sent"] = None if sent is None else round(sent, 2)
        with self._lock:
            if self._answers:
                news["answers"], self._answers = self._answers, []
        if width > 0 and (picture := self._picture(width)) is not None:
            news["picture"] = [picture.shape[1], picture.shape[0]]
            pictures.append(picture)
        found = {name: self._panel.gallery.picture(name) for name in small[:SMALL]}
        if found:
            news["small"] = {name: one is not None for name, one in found.items()}
            pictures += [one for one in found.values() if one is not None]
        return framed(news, b"".join(picture.tobytes() for picture in pictures))

    def _picture(self, width: int) -> np.ndarray | None:
        """(H, W, 4) uint8 RGBA, straight alpha; None where the page has it."""
        frame, preview = self._panel.frame(), self._panel.preview
        if frame is None:
            return None
        size = preview.size(width)
        shown = frame, preview.framing, size[0]
        if self._shown is not None and shown[0] is self._shown[0] and shown[1:] == self._shown[1:]:
            return None
        self._shown = shown
        return preview.picture(frame, size)
