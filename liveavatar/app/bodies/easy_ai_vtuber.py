"""A body for programs made for EasyAIVtuber: answers POST /alive with speak, sing, rhythm and sleep, by files on this computer.

Like the original it answers when all was said. Web pages may not ask: they say where they come from, and send no JSON unasked.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from liveavatar.app.remote import SPEECH, ask, connected
from liveavatar.base.files import Unreadable
from liveavatar.base.server import HOST
from liveavatar.base.strict_json import parse_json
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

ADDRESS = "7888"
"""The port it listens on."""
LARGEST = 1 << 16
"""Bytes of a request."""
FILES = {"speak": ("speech_path",), "rhythm": ("music_path",), "sing": ("music_path", "voice_path")}
"""What it can be asked -> the files of it: what is played, what the lips follow."""


def speech_of(request: dict[str, Any], silent: bool) -> dict[str, Any] | None:
    """A request to /alive as a message to the show, see app/speech/talk.py; None for sleep. Raises LiveAvatarError."""
    kind = request.get("type")
    if kind == "sleep":
        return None
    if not isinstance(kind, str) or kind not in FILES:
        raise LiveAvatarError(
            tr("type is speak, sing, rhythm or sleep", "type 应为 speak、sing、rhythm 或 sleep")
        )
    paths = [request.get(name) for name in FILES[kind]]
    if not all(isinstance(path, str) and path for path in paths):
        raise LiveAvatarError(tr(f"need {', '.join(FILES[kind])}", f"缺少 {'、'.join(FILES[kind])}"))
    played, *voice = (str(_here(str(path))) for path in paths)
    message = {"type": "speak", "path": played, "silent": silent, "emotion": request.get("emotion")}
    if kind == "rhythm":  # to music: the head moves, the lips do not
        message["visemes"] = []
    return {**message, **({"voice": voice[0]} if voice else {})}


def _here(path: str) -> Path:
    """A path as the asker means it: perhaps with backslashes, from the folder in which this runs."""
    return next((p for p in (Path(path), Path(path.replace("\\", "/"))) if p.exists()), Path(path)).resolve()


def perform(request: dict[str, Any], silent: bool) -> None:
    """Do it, until it is done; who sleeps is awake then. Raises LiveAvatarError."""
    message = speech_of(request, silent)
    ask({"command": "emote", "emote": "none"})
    if message is None:
        ask({"command": "emote", "emote": "sleepy"})
        return
    with connected(SPEECH) as show:
        show.send(json.dumps(message))
        for event in map(json.loads, show):
            if event["event"] == "error":
                raise LiveAvatarError(event["message"])
            if event["event"] in ("finished", "interrupted"):
                return


def _no_object() -> str:
    return tr("expected a JSON object, as application/json", "应为 JSON 对象（application/json）")


class _Handler(BaseHTTPRequestHandler):
    silent = False
    timeout = 10.0

    def do_POST(self) -> None:
        """One request."""
        try:
            length = int(self.headers.get("Content-Length", "0"))
            assert isinstance(self.server, ThreadingHTTPServer)
            port = self.server.server_port
            if self.headers.get("Host") not in (f"{HOST}:{port}", f"localhost:{port}") or self.headers.get(
                "Origin"
            ):
                return self._answer(HTTPStatus.FORBIDDEN, tr("web pages may not ask", "不接受网页的请求"))
            if self.path != "/alive":
                return self._answer(HTTPStatus.NOT_FOUND, "POST /alive")
            kind = self.headers.get("Content-Type", "").partition(";")[0].strip()
            if kind != "application/json" or not 0 < length <= LARGEST:
                return self._answer(HTTPStatus.BAD_REQUEST, _no_object())
            request = parse_json(self.rfile.read(length))
            if not isinstance(request, dict):
                return self._answer(HTTPStatus.BAD_REQUEST, _no_object())
            perform(request, self.silent)
            self._answer(HTTPStatus.OK, "success")
        except (LiveAvatarError, Unreadable, ValueError) as error:
            self._answer(HTTPStatus.BAD_REQUEST, str(error))

    def _answer(self, status: HTTPStatus, what: str) -> None:
        body = json.dumps({"status": what}, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing for the terminal."""


def open_server(port: int, silent: bool) -> ThreadingHTTPServer:
    """The server, not begun yet. Raises OSError where the port is taken."""
    handler = type("Handler", (_Handler,), {"silent": silent})
    server = ThreadingHTTPServer((HOST, port), handler)
    server.daemon_threads = True
    return server


def run(address: str, silent: bool, tell: Callable[[str], None]) -> None:
    """Until Ctrl-C. Raises LiveAvatarError for a port that is none, or taken; and where no show runs."""
    with connected(SPEECH):
        pass
    if not address.isdecimal() or not 0 < int(address[:6]) < 65536:
        raise LiveAvatarError(
            tr(
                f"a port is a number up to 65535, not {address[:20]}",
                f"端口应为不超过 65535 的数字，实际为 {address[:20]}",
            )
        )
    try:
        server = open_server(int(address), silent)
    except OSError as error:
        raise LiveAvatarError(
            tr(
                f"cannot listen on port {address}: {error.strerror}",
                f"无法监听端口 {address}：{error.strerror}",
            )
        ) from error
    tell(
        tr(
            f"answers POST http://{HOST}:{server.server_port}/alive",
            f"正在等待 POST http://{HOST}:{server.server_port}/alive",
        )
    )
    with server:
        server.serve_forever()
