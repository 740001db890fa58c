"""A page with true alpha for the Browser source of OBS, or any browser on this machine. No driver needed.

Served on 127.0.0.1 only, to those who know the token; the page is liveavatar/assets/browser.html.
"""

import secrets
import struct
import threading

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from liveavatar.base.files import user_folder, write_whole
from liveavatar.base.local_page import LocalPage
from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.media.compositing import Background
from liveavatar.outputs import require_avatar_frame
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

PORT = 8787


class Browser(Output):
    """Hands the newest picture to every page that asks for one: slow pages miss pictures, they never lag."""

    def __init__(self, target: str, *, size: tuple[int, int], fps: float, background: Background) -> None:
        """target: "browser" or "browser:PORT" (0: any free one). Raises OutputError if the port is taken."""
        self.background = background
        self._fresh = threading.Condition()
        self._number, self._message, self._closed = 0, b"", False
        self.notes: list[str] = []
        """What to tell the user, the address first: whoever knows it sees the avatar, so it stands in no label or report."""
        port, token = _port(target), _token(self.notes)
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

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Make this the newest picture. Raises OutputError after close()."""
        require_avatar_frame(frame)
        if self._closed:
            raise OutputError(tr("the browser output is closed already.", "浏览器输出已经关闭。"))
        picture = self.background.composite_rgba(frame)
        height, width = picture.shape[:2]
        with self._fresh:
            self._number += 1
            self._message = struct.pack("<HHI", width, height, self._number & 0xFFFFFFFF) + picture.tobytes()
            self._fresh.notify_all()

    def close(self) -> None:
        """Disconnect all pages and stop listening. May be called twice."""
        with self._fresh:
            self._closed = True
            self._fresh.notify_all()
        self._page.close()

    def _feed(self, connection: ServerConnection) -> None:
        sent = 0
        try:
            for _ in connection:  # every message asks for the next picture
                with self._fresh:
                    while self._number == sent and not self._closed:
                        self._fresh.wait()
                    sent, message = self._number, self._message
                if self._closed:
                    return
                connection.send(message)
        except ConnectionClosed:
            pass


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


def _token(notes: list[str]) -> str:
    """The secret in the page's address; kept in the user's folder, so that OBS need be told only once. Where it cannot be
    kept, one for this run, with a note."""
    path = user_folder("config") / "browser-token"
    try:
        if path.is_file() and len(token := path.read_text(encoding="ascii").strip()) >= 16:
            return token
        token = secrets.token_urlsafe(16)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, token.encode(), private=True)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else tr("damaged", "已损坏")
        notes.append(
            tr(
                f"The address cannot be kept in {path} ({reason}): it is for this run only.",
                f"无法在 {path} 保存地址（{reason}）：该地址仅在本次运行有效。",
            )
        )
        return secrets.token_urlsafe(16)
    return token
