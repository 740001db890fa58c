"""A page with true alpha for the Browser source of OBS, or any browser on this machine. No driver needed.

Served on 127.0.0.1 only, to those who know the token; the page is liveavatar/assets/browser.html with drawer.js. It draws the
avatar by itself, with the machine's GPU, from textures and some numbers a frame, or takes pictures. What it may say, in words:

hello VERSION draw | hello VERSION pictures WHY   first; answered by a hello (page_messages.py)
draw | pictures WHY                               from now on
next                                              the newest frame that it does not have yet, when there is one
"""

import logging
import struct
import threading
from collections.abc import Iterator, Sequence

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.protocol import State
from websockets.sync.server import ServerConnection

from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.base.local_page import LocalPage, kept_token
from liveavatar.base.timing import now
from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.media.compositing import Background, Framing
from liveavatar.outputs import require_avatar_frame
from liveavatar.outputs.page_messages import Drawings, hello, picture, where
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

PORT = 8787
LOOK = 0.5
"""Seconds between looks whether a page that waits is still there, while nothing new is shown."""
WHY = ("asked", "missing", "software", "failed", "lost")
"""Why a page takes pictures: its address says so; no WebGL2, or one without a GPU; its GPU refused, or was taken away."""

log = logging.getLogger(__name__)


class Browser(Output):
    """Hands the newest frame to every page that asks for one: slow pages miss frames, they never lag."""

    def __init__(self, target: str, *, size: tuple[int, int], fps: float, background: Background) -> None:
        """target: "browser" or "browser:PORT" (0: any free one). Raises OutputError if the port is taken."""
        self.background = background
        self._fresh = threading.Condition()
        self._shown: _Shown | None = None
        self._guests: list[_Guest] = []
        self._closed = False
        self.notes: list[str] = []
        """What to tell the user, the address first: whoever knows it sees the avatar, so it stands in no label or report."""
        port, token = _port(target), kept_token("browser", self.notes)
        try:
            self._page = LocalPage("browser.html", token, self._feed, port=port)
        except OSError as error:
            raise OutputError(
                tr(
                    f"port {port} cannot be used ({error.strerror}). Close the other liveavatar, "
                    f"or give another port: --output browser:{port + 1}",
                    f"端口 {port} 无法使用（{error.strerror}）。请关闭另一个 liveavatar，"
                    f"或换一个端口：--output browser:{port + 1}",
                )
            ) from error
        self.address = self._page.address
        """For OBS."""
        self.label = tr(f"browser, port {self._page.port}", f"浏览器，端口 {self._page.port}")
        self.notes.insert(
            0,
            tr(
                f"Address for OBS, not to be shared: {self.address}",
                f"供 OBS 使用的地址，请勿外传：{self.address}",
            ),
        )

    @property
    def needs_pictures(self) -> bool:
        """Whether there is a page that does not draw by itself; none turns or tints."""
        with self._fresh:
            plain = self.background.framing.plain
            return any(guest.drawings is None or not plain for guest in self._guests)

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Make this the newest frame. Raises OutputError after close()."""
        require_avatar_frame(frame)
        if self._closed:
            raise OutputError(tr("the browser output is closed already.", "浏览器输出已经关闭。"))
        framing, last = self.background.framing, self._shown
        if last is not None and frame is last.frame and framing == last.framing:
            return  # every page has it, or will: nothing to make anew
        shown = _Shown(frame, framing, last.number + 1 if last else 1, now())
        if self.needs_pictures:
            shown.picture(self.background)
        with self._fresh:
            self._shown = shown
            self._fresh.notify_all()

    def close(self) -> None:
        """Disconnect all pages and stop listening. May be called twice."""
        with self._fresh:
            self._closed = True
            self._fresh.notify_all()
        self._page.close()

    def _feed(self, connection: ServerConnection) -> None:
        guest = _Guest()
        try:
            for said in connection:
                if not self._heed(guest, said, connection):
                    return
        except ConnectionClosed:
            pass
        finally:
            with self._fresh:
                if guest in self._guests:
                    self._guests.remove(guest)

    def _heed(self, guest: "_Guest", said: str | bytes, connection: ServerConnection) -> bool:
        """Do what the page says; False ends the conversation."""
        match said.split() if isinstance(said, str) else []:
            case ["hello", str(version), *wish] if guest.wish(wish):
                guest.versed = True
                connection.send(hello(self.background))
                log.info("page: version %r, %s", version[:8], " ".join(wish))
            case ["next"]:
                shown = self._newer(guest, connection)
                if shown is None:
                    return False
                guest.number = shown.number
                for message in self._messages(guest, shown):
                    connection.send(message)
            case wish if guest.wish(wish):
                log.info("page: %s", " ".join(wish))
            case _:
                connection.close(CloseCode.POLICY_VIOLATION)
                return False
        return True

    def _newer(self, guest: "_Guest", connection: ServerConnection) -> "_Shown | None":
        """The newest frame, once there is one that this page does not have; None after close(), and where it is gone."""
        with self._fresh:
            if guest not in self._guests:
                self._guests.append(guest)
            while not self._closed and connection.state is State.OPEN:
                if self._shown is not None and self._shown.number != guest.number:
                    return self._shown
                self._fresh.wait(LOOK)
            return None

    def _messages(self, guest: "_Guest", shown: "_Shown") -> Iterator[bytes]:
        drawing = shown.frame.drawing
        if guest.drawings is not None and isinstance(drawing, LayersDrawing) and shown.framing.plain:
            place = where(drawing, self.background.size, shown.framing)
            head = {"number": shown.number, "at": round(1000 * shown.at, 1), **place}
            yield from guest.drawings.messages(drawing, head)
            return
        rgba = shown.picture(self.background)
        yield picture(rgba, shown.number) if guest.versed else _bare(rgba, shown.number)


class _Guest:
    """A page that is connected."""

    def __init__(self) -> None:
        self.number = 0
        """Of the last frame it got."""
        self.versed = False
        """It has said hello: it understands what page_messages.py says; pages of older versions take bare pictures."""
        self.drawings: Drawings | None = None
        """For a page that draws by itself."""

    def wish(self, words: Sequence[str]) -> bool:
        """From now on as the page wishes: ["draw"], or ["pictures", why]. False for what is no wish."""
        match words:
            case ["draw"]:
                self.drawings = Drawings()
            case ["pictures", why] if why in WHY:
                self.drawings = None
            case _:
                return False
        self.number = 0
        return True


class _Shown:
    """One frame that was sent."""

    def __init__(self, frame: AvatarFrame, framing: Framing, number: int, at: float) -> None:
        """at: when, seconds on the clock."""
        self.frame, self.framing, self.number, self.at = frame, framing, number, at
        self._lock = threading.Lock()
        self._picture: np.ndarray | None = None

    def picture(self, background: Background) -> np.ndarray:
        """(H, W, 4) uint8 premultiplied RGBA of the output's size; made once, in whatever thread asks first."""
        with self._lock:
            if self._picture is None:
                self._picture = background.composite_rgba(self.frame)
            return self._picture


def _bare(rgba: np.ndarray, number: int) -> bytes:
    """Width, height (uint16), number (uint32), little-endian, and the rows."""
    height, width = rgba.shape[:2]
    return struct.pack("<HHI", width, height, number & 0xFFFFFFFF) + rgba.tobytes()


def _port(target: str) -> int:
    _, colon, text = target.partition(":")
    if not colon:
        return PORT
    if not text.isdigit() or int(text) > 65535:
        raise OutputError(
            tr(
                f"{text!r} is no port. Give --output browser:PORT with a number up to 65535.",
                f"{text!r} 不是端口号。请使用 --output browser:端口，数字不超过 65535。",
            )
        )
    return int(text)
