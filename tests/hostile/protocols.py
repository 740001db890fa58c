"""The kinds of messages: to the control channel, the page for OBS, the editor's page, and raw bytes to all their ports.

A case of messages is one connection; between its messages stands SEPARATOR, in place of the token TOKEN.
"""

import base64
import contextlib
import json
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .kinds import TINY, Fault, Kind, _drawing, _points
from .mutating import WORDS, mutate_bytes, mutate_json

SEPARATOR = b"\x1e"
TOKEN = b"@TOKEN@"
PORT = b"@PORT@"
ALIVE = 60.0
"""Seconds until a server that does not answer a valid page is taken for dead: the machine may be busy."""


class Refused(Exception):
    """Answered with an error, or hung up."""


@cache
def _home() -> str:
    return tempfile.mkdtemp(prefix="hostile-config-")


def _at_home() -> None:
    """Where notes and tokens are kept; other kinds of cases have other places. The cache lies there too: servers outlive a case,
    and one that still builds would write into a folder that is being removed."""
    os.environ["XDG_CONFIG_HOME"] = _home()
    os.environ["XDG_CACHE_HOME"] = str(Path(_home()) / "cache")


@cache
def _control() -> Any:
    from liveavatar.app import remote
    from liveavatar.app.actions import Actions
    from liveavatar.app.remote import Control
    from liveavatar.errors import AvatarError, LiveAvatarError
    from liveavatar.media.compositing import Background
    from liveavatar.retargeting.reactions import EMOTES

    _at_home()
    remote.SAYS_WHO = ALIVE

    def swap(name: str) -> dict[str, Any]:
        if name not in ("tiny", "hoshi"):
            raise AvatarError("no such avatar")
        return {"avatar": name, "seconds": 0.1}

    def emote(name: str, seconds: float | None) -> str:
        if name not in EMOTES:
            raise LiveAvatarError("no such emote")
        return name

    actions = Actions(
        swap=swap, recenter=lambda: None, emote=emote, background=Background("#000000", (64, 64)),
        avatars=lambda: ["tiny"], current="tiny", failed=lambda text: None, **_more_actions(Actions),
    )  # fmt: skip
    return Control(actions.handle, "tests")


def _more_actions(actions: Any) -> dict[str, Any]:
    """Callables for what else this version's Actions want."""
    import inspect

    known = {"swap", "recenter", "emote", "background", "avatars", "current", "failed"}
    wanted = inspect.signature(actions).parameters.values()
    return {p.name: lambda *a, **k: None for p in wanted if p.name not in known and p.default is p.empty}


@cache
def _browser() -> Any:
    from liveavatar.avatar.library import load_avatar
    from liveavatar.controls import neutral
    from liveavatar.outputs import open_output
    from liveavatar.renderers import make_renderer
    from liveavatar.types import Expression

    _at_home()
    output = open_output("browser:0", size=(64, 48), fps=30)
    with contextlib.closing(make_renderer(load_avatar(TINY), "cpu", 1)) as renderer:
        output.send(renderer.sketch(Expression(neutral(), 0.0)))
    return output


@cache
def _editor() -> Any:
    from liveavatar.portrait.editor import Editor
    from liveavatar.portrait.photo import Photo
    from liveavatar.portrait.request import Request

    way = Photo(_drawing(), None, None, Request(Path("picture.png"), "tests", ""), print, None)  # type: ignore[arg-type]
    points = json.loads(_points()[0])
    return Editor(way, _drawing(), points, points, "tests")


def _talk(
    address: str,
    headers: dict[str, str],
    origin: str | None,
    data: bytes,
    patience: float = 0.3,
    first: float | None = None,
) -> tuple[int, list[Any]]:
    """Send the case's messages over one connection: how many were sent, and the answers until it was quiet or closed.

    patience, first: seconds for an answer, which not all messages have, and for the first one where one must come."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    answers: list[Any] = []
    sent = 0
    with connect(address, additional_headers=headers, origin=origin, proxy=None, compression=None, max_size=None,
                 close_timeout=1, open_timeout=ALIVE) as connection:  # type: ignore[arg-type]  # fmt: skip
        try:
            for message in data.split(SEPARATOR)[:8]:
                try:
                    connection.send(message.decode())
                except UnicodeDecodeError:
                    connection.send(message)
                sent += 1
                with contextlib.suppress(TimeoutError):
                    answers.append(
                        connection.recv(timeout=max(0.1, patience / 3) if answers else first or patience)
                    )
        except ConnectionClosed:
            answers.append(None)
    return sent, answers


def _mutate_messages(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    messages = [
        mutate_json(rng, [rng.choice(rng.choice(seeds).split(SEPARATOR))])
        for _ in range(rng.choice((1, 1, 2, 3)))
    ]
    if rng.random() < 0.05:
        messages.append(b"[" * rng.choice((70_000, 60_000)))
    return SEPARATOR.join(messages)


def _refuse(why: str) -> None:
    from liveavatar.errors import LiveAvatarError

    raise LiveAvatarError(why)


def _close() -> None:
    """What was opened once for all cases; it is opened anew where another kind wants it, too."""
    for opened in (_control, _browser, _editor):
        if opened.cache_info().currsize:
            _at_home()
            opened().close()
            opened.cache_clear()
    shutil.rmtree(_home(), ignore_errors=True)


def use_control(data: bytes, folder: Path) -> None:
    """Each message is answered with an object, or hung up on, and the channel lives on."""
    from liveavatar.app.remote import ask, running

    _at_home()
    note = _control()._note
    _, answers = _talk(
        f"ws://127.0.0.1:{note['port']}", {"Authorization": f"Bearer {note['token']}"}, None, data, ALIVE
    )
    if not running() or not ask({"command": "recenter"}, ALIVE) == {}:
        raise Fault("it no longer answers")
    if not answers:
        raise Fault("no answer")
    told = [json.loads(a) for a in answers if isinstance(a, str)]
    if not all(isinstance(a, dict) for a in told):
        raise Fault(f"answered {told}")
    if any("Traceback" in str(a) for a in told):
        raise Fault(f"answered {told}")
    if all("error" in a for a in told):
        _refuse(told[0]["error"] if told else "hung up")


def _socket(address: str) -> tuple[str, str]:
    return address.replace("http", "ws", 1), f"http://{urlsplit(address).netloc}"


def use_browser(data: bytes, folder: Path) -> None:
    """Whatever a page says, the next ones get picture and drawing."""
    address, origin = _socket(_browser().address)
    _, answers = _talk(address, {}, origin, data, first=ALIVE if data in _asking() else None)
    _, again = _talk(address, {}, origin, b"next", ALIVE)
    if not again or not isinstance(again[0], bytes) or len(again[0]) != 8 + 64 * 48 * 4:
        raise Fault("no picture any more")
    _, again = _talk(address, {}, origin, SEPARATOR.join((b"hello 3 draw", b"next")), ALIVE)
    if [b'"kind":"hello"' in again[0], b'"kind":"avatar"' in again[-1]] != [True, True]:
        raise Fault("no drawing any more")
    if not any(isinstance(a, bytes) for a in answers):
        _refuse("hung up")


def use_editor(data: bytes, folder: Path) -> None:
    """Whatever the page says, the next one is served."""
    _at_home()
    address, origin = _socket(_editor().address)
    _, answers = _talk(address, {}, origin, data)
    _, again = _talk(address, {}, origin, b'{"do":"next"}' + SEPARATOR + b'{"do":"next"}', ALIVE)
    pictures = [a for a in again if isinstance(a, bytes)]
    if not pictures or not isinstance(again[0], str):
        raise Fault("the page is no longer served")
    length = int.from_bytes(pictures[-1][:4], "little")
    news = json.loads(pictures[-1][4 : 4 + length])
    if "Traceback" in news["error"]:
        raise Fault(news["error"])
    if None in answers:
        _refuse("hung up")


def _requests() -> list[bytes]:
    key = base64.b64encode(bytes(16))
    upgrade = (
        b"GET /?token="
        + TOKEN
        + b" HTTP/1.1\r\nHost: 127.0.0.1:"
        + PORT
        + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: " + key + b"\r\nSec-WebSocket-Version: 13\r\n"
    )
    frame = b"\x81\x84\0\0\0\0next"
    get = b"GET /?token=" + TOKEN + b" HTTP/1.1\r\nHost: 127.0.0.1:" + PORT + b"\r\n\r\n"
    page = upgrade + b"Origin: http://127.0.0.1:" + PORT + b"\r\n\r\n" + frame
    bearer = b"Authorization: Bearer " + TOKEN + b"\r\n\r\n"
    channel = upgrade.replace(b"/?token=" + TOKEN, b"/") + bearer + frame
    return [b"0" + channel, b"1" + get, b"1" + page, b"2" + get, b"2" + page]


def _mutate_request(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    data = rng.choice(seeds)
    where, data = data[:1], data[1:]
    if rng.random() < 0.5:
        lines = data.split(b"\r\n")
        i = rng.randrange(len(lines))
        word = rng.choice(WORDS).encode("utf-8", "surrogatepass")
        lines[i] = rng.choice(
            (
                word, lines[i] * 3, lines[i].replace(b":", b""), lines[i].replace(b" ", b"  "), lines[i][: len(lines[i]) // 2],
                lines[i] + word, b"X-" + word + b": " + word, b" " + lines[i], b"Content-Length: " + word,
                b"Transfer-Encoding: chunked", b"Host: evil.example", b"POST / HTTP/1.1", b"GET " + word,
                b"Sec-WebSocket-Extensions: permessage-deflate; " + word, b"\r\n".join([b"A: b"] * 300),
                lines[i].replace(b"HTTP/1.1", b"HTTP/9.9"),
            )
        )  # fmt: skip
        data = b"\r\n".join(lines)
    if rng.random() < 0.5:
        data = mutate_bytes(rng, [data], 3)
    return where + data


def use_request(data: bytes, folder: Path) -> None:
    """Raw bytes to each of the ports in turn; then the server is asked for what it is there for."""
    _at_home()
    where, data = data[0] % 3 if data else 0, data[1:]
    if where == 0:
        note = _control()._note
        port, token = note["port"], note["token"]
    else:
        address = urlsplit((_browser().address, _editor().address)[where - 1])
        port, token = address.port, parse_qs(address.query)["token"][0]
    sent = data.replace(TOKEN, token.encode()).replace(PORT, str(port).encode())
    answer = b""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        valid = bytes([48 + where]) + data in _requests()
        connection.settimeout(ALIVE if valid else 1.0)  # not all is answered
        connection.sendall(sent)
        while len(answer) < 1 << 16 and (more := connection.recv(1 << 16)):
            answer += more
            connection.settimeout(0.1)
    if b"Traceback" in answer:
        raise Fault("a traceback for a stranger")
    alive = ({"command": "recenter"}, b"next", b'{"do":"next"}')[where]
    if where == 0:
        from liveavatar.app.remote import running

        if not running():
            raise Fault("it no longer answers")
    else:
        address, origin = _socket((_browser().address, _editor().address)[where - 1])
        _, again = _talk(address, {}, origin, alive, ALIVE)  # type: ignore[arg-type]
        if not again or again[0] is None:
            raise Fault("it no longer answers")
    if not answer.startswith((b"HTTP/1.1 101", b"HTTP/1.1 200")):
        _refuse(answer[:60].decode("latin-1") or "hung up")


def _commands() -> list[bytes]:
    commands: list[dict[str, Any]] = [
        {"command": "who"}, {"command": "swap", "avatar": "tiny"}, {"command": "emote", "emote": "wave"}, {"command": "recenter"},
        {"command": "framing", "zoom": 1.2, "x": 0.1, "y": 0.0, "mirror": True},
    ]  # fmt: skip
    return [json.dumps(c).encode() for c in commands if c.get("emote") is None] + [
        SEPARATOR.join(json.dumps(c).encode() for c in commands)
    ]


def _asking() -> list[bytes]:
    said = b"hello 3 draw", b"next", b"pictures lost", b"next", b"draw", b"next"
    return [b"next", b"hello 3 pictures software", SEPARATOR.join(said)]


def _editing() -> list[bytes]:
    points = json.loads(_points()[0])
    said: list[dict[str, Any]] = [
        {"do": "next"},
        {"do": "build", "number": 1, "points": points},
        {"do": "next"},
    ]
    return [SEPARATOR.join(json.dumps(m).encode() for m in said)]


PROTOCOLS: dict[str, Kind] = {
    "control": Kind("commands to a running program", 700, _commands, _mutate_messages, use_control,
                    closing=_close),
    "page": Kind("messages of the page for OBS", 200, _asking, mutate_bytes, use_browser,
                 closing=_close),
    "editor": Kind("messages of the editor's page", 300, _editing, _mutate_messages, use_editor,
                   closing=_close),
    "http": Kind("raw bytes to their ports", 500, _requests, _mutate_request, use_request,
                 closing=_close),
}  # fmt: skip
