"""A web page on this machine: served on 127.0.0.1 only, to those who know the token, with a WebSocket to talk through.

Refuses other names for the address (DNS rebinding), other pages' scripts (Origin) and whoever does not know the token. The
page may run and load nothing but what stands in it. Knows nothing of what the page shows.
"""

import base64
import hashlib
import hmac
import html
import http
import re
import secrets
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection
from websockets.typing import Origin

from liveavatar.base.files import asset, user_folder, write_whole
from liveavatar.base.server import HOST, Listener
from liveavatar.language import tr


@contextmanager
def doorway(address: str) -> Iterator[str]:
    """The address of a page in a file that only this user can read, which leads on to `address`: what a browser is started
    with can be read by every user of the machine. Raises OSError."""
    target = html.escape(address)
    page = (
        '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">liveavatar</a>\n'
    )
    with tempfile.TemporaryDirectory(
        prefix="liveavatar-", ignore_cleanup_errors=True
    ) as folder:  # for this user only
        path = Path(folder, "open.html")
        path.write_text(page, encoding="utf-8")
        yield path.as_uri()


def kept_token(name: str, notes: list[str]) -> str:
    """The secret in a page's address; kept in the user's folder, so that OBS need be told only once. Where it cannot be kept,
    one for this run, with a note."""
    path = user_folder("config") / f"{name}-token"
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


def open_page(address: str, doors: ExitStack) -> bool:
    """Start the user's browser on a page by a doorway() that stands as long as `doors`; False where none starts."""
    with suppress(webbrowser.Error, OSError):
        return webbrowser.open(doors.enter_context(doorway(address)))
    return False


def _whole(name: str) -> str:
    """A page of liveavatar/assets with the scripts that lie beside it put in their places."""

    def text(file: str) -> str:
        return asset(file).read_text(encoding="utf-8")

    return re.sub(r'<script\ssrc="(\w+\.js)">', lambda tag: f"<script>\n{text(tag[1])}", text(name))


class LocalPage:
    """Serves one page of liveavatar/assets, with its scripts, and the files it shows, until close()."""

    def __init__(
        self,
        name: str,
        token: str,
        talk: Callable[[ServerConnection], None],
        *,
        port: int = 0,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> None:
        """name: the page's file. talk: called in a thread of its own with each open WebSocket. port: 0: any free one.
        files: path -> (content type, content).

        Raises OSError if the port is taken."""
        self._listener = Listener(talk, self._answer, name.partition(".")[0], port=port)
        self.port = self._listener.port
        self.address = f"http://{HOST}:{self.port}/?token={token}"
        self._token = token
        self._hosts = {f"{HOST}:{self.port}", f"localhost:{self.port}"}
        page = _whole(name)
        self._files = {"/": ("text/html; charset=utf-8", page.encode()), **(files or {})}
        self._headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": self._policy(page),
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        self._listener.start([Origin(f"http://{host}") for host in self._hosts])

    def close(self) -> None:
        """Disconnect all pages and stop listening. May be called twice."""
        self._listener.close()

    def _policy(self, page: str) -> str:
        """Content-Security-Policy: the page's own script and style by their hashes, its own pictures and WebSocket."""

        def hashes(tag: str) -> str:
            blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
            digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in blocks)
            return " ".join(f"'sha256-{digest}'" for digest in digests)

        sockets = " ".join(f"ws://{host}" for host in sorted(self._hosts))
        return (
            f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')}; img-src 'self'; "
            f"connect-src {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Before the handshake: a file, a refusal, or None to go on to the WebSocket."""
        address = urlsplit(request.path)
        token = parse_qs(address.query).get("token", [""])[0]
        if request.headers.get("Host") not in self._hosts:
            return connection.respond(http.HTTPStatus.FORBIDDEN, "wrong host\n")
        if address.path not in self._files:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "nothing here\n")
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return connection.respond(
                http.HTTPStatus.FORBIDDEN, "wrong token: use the address the program printed\n"
            )
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        kind, content = self._files[address.path]
        response = connection.respond(http.HTTPStatus.OK, "")
        for header in ("Content-Type", "Content-Length"):
            del response.headers[header]
        response.headers.update({"Content-Type": kind, "Content-Length": str(len(content)), **self._headers})
        response.body = content
        return response
