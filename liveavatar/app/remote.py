"""Commands to the program that is running: `liveavatar swap NAME` finds it and talks to it.

A WebSocket on 127.0.0.1, any free port. Port and a fresh token stand in a file that only this user can read; a web page cannot
know the token, nor send it. Knows nothing of what the commands do.
"""

import contextlib
import hmac
import http
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.http11 import Request, Response
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection

from liveavatar.base.files import Unreadable, user_folder, write_whole
from liveavatar.base.server import HOST, Listener
from liveavatar.base.strict_json import parse_json, read_json
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

Command = dict[str, Any]
"""A JSON object; the answer is one too, with "error" in it when the command failed."""
_WHO: Command = {"command": "who"}
AVATAR: Command = {"command": "avatar"}
"""Asks for the folder of the avatar that is shown."""
SPEECH = "/speech"
"""The path at which a program of the user's has the avatar speak: app/speech/talk.py."""
SAYS_WHO = 2.0
"""Seconds in which a program that runs says that it does."""


def _path() -> Path:
    return user_folder("config") / "running.json"


class Control:
    """Listens while it is open. The program that started last is the one that is found; when it ends, the one before."""

    def __init__(
        self,
        handle: Callable[[Command], Command],
        about: str = "",
        talks: Mapping[str, Callable[[ServerConnection], None]] | None = None,
    ) -> None:
        """handle: called in a thread of its own for each command; a LiveAvatarError becomes the answer's error.
        about: what the program does, for people. talks: path -> called with a connection that was opened there.

        Raises OSError when no port can be had or the file cannot be written."""
        self._handle = handle
        self._about, self._talks = about, talks or {}
        self._before = _read() if running() else None
        self._token = secrets.token_hex(32)
        self._listener = Listener(self._serve, self._check, tr("commands", "控制命令"))
        self._note = {"port": self._listener.port, "token": self._token}
        try:
            _write(self._note)
        except OSError:
            self._listener.close()
            raise
        self._listener.start()

    def close(self) -> None:
        """Stop listening; the file, if it is still this program's, goes back to the one before. May be called twice."""
        if _read() == self._note:
            with contextlib.suppress(OSError):
                _path().unlink(missing_ok=True)
                if self._before is not None:
                    _write(self._before)
                    if running() is None:  # it has ended meanwhile
                        _path().unlink(missing_ok=True)
        self._listener.close()

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        given = request.headers.get("Authorization", "")
        if request.headers.get("Origin") or not hmac.compare_digest(
            given.encode(), f"Bearer {self._token}".encode()
        ):
            return connection.respond(http.HTTPStatus.FORBIDDEN, "not for you\n")
        return None

    def _serve(self, connection: ServerConnection) -> None:
        talk = self._talks.get(connection.request.path) if connection.request is not None else None
        try:
            if talk is not None:
                talk(connection)
                return
            for message in connection:
                connection.send(json.dumps(self._answer(message), ensure_ascii=False))
        except ConnectionClosed:
            pass

    def _answer(self, message: str | bytes) -> Command:
        try:
            command = parse_json(message)
            if not isinstance(command, dict):
                raise LiveAvatarError(tr("expected a JSON object", "应为 JSON 对象"))
            if command == _WHO:
                return {"pid": os.getpid(), "about": self._about}
            return self._handle(command)
        except (LiveAvatarError, Unreadable) as error:
            return {"error": str(error)}
        except Exception as error:  # a broken command must not end the show
            return {"error": f"{type(error).__name__}: {error}"}


def ask(command: Command, timeout: float = 60.0) -> Command:
    """Send a command to the running program and return its answer.

    Raises LiveAvatarError when none runs, it does not answer within `timeout` seconds, or it answers with an error."""
    with connected() as connection:
        try:
            connection.send(json.dumps(command, ensure_ascii=False))
            answer = json.loads(connection.recv(timeout=timeout))
        except TimeoutError as error:
            raise _silent(timeout) from error
    if "error" in answer:
        raise LiveAvatarError(answer["error"])
    return dict(answer)


@contextlib.contextmanager
def connected(path: str = "/") -> Iterator[ClientConnection]:
    """A WebSocket to the running program, at one of its `talks`. Raises LiveAvatarError when none runs, or it ends meanwhile."""
    note = _read()
    missing = LiveAvatarError(
        tr("no liveavatar is running. Start one with: liveavatar run", "没有正在运行的 liveavatar。请先启动：liveavatar run")
    )  # fmt: skip
    if note is None:
        raise missing
    try:
        connection = connect(
            f"ws://{HOST}:{note['port']}{path}",
            additional_headers={"Authorization": f"Bearer {note['token']}"},
            proxy=None,
            compression=None,
        )
    except TimeoutError as error:
        raise _silent(10.0) from error
    except (OSError, InvalidHandshake, ConnectionClosed) as error:
        raise missing from error  # it crashed, or its port is another program's now
    with connection:
        try:
            yield connection
        except ConnectionClosed as error:
            raise missing from error


def _silent(seconds: float) -> LiveAvatarError:
    return LiveAvatarError(
        tr(
            f"the running liveavatar did not answer within {seconds:.0f} s.",
            f"正在运行的 liveavatar 在 {seconds:.0f} 秒内没有回应。",
        )
    )


def running() -> Command | None:
    """{"pid", "about"} of the liveavatar that runs and is found; None when there is none. A crashed one's file is none."""
    try:
        return ask(_WHO, timeout=SAYS_WHO)
    except LiveAvatarError:
        return None


def renew(folder: Path) -> Command | None:
    """Have the running program load the avatar in this folder again, if that is the one it shows: what it answers, or None where
    none runs or another one is shown. Raises LiveAvatarError where it cannot."""
    if running() is None or ask(AVATAR)["folder"] != str(folder.resolve()):
        return None
    return ask({"command": "swap", "avatar": str(folder.resolve())})


def _write(note: Command) -> None:
    """For this user's eyes only, in one step. Raises OSError."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(note).encode("ascii"), private=True)


def _read() -> Command | None:
    try:
        note = read_json(_path())
        port, token = note["port"], note["token"]
        return note if isinstance(port, int) and 0 < port < 65536 and isinstance(token, str) else None
    except (Unreadable, KeyError, TypeError):
        return None
