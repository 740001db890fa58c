"""A body for Open-LLM-VTuber: a client of its WebSocket, as its page is one. It sends a wav a sentence, and waits for the end."""

import base64
import binascii
import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection, connect

from liveavatar.app.remote import SPEECH, connected
from liveavatar.base.files import Unreadable
from liveavatar.base.shutdown import Detached
from liveavatar.base.strict_json import parse_json
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr
from liveavatar.retargeting.reactions import ALIASES, EMOTES

ADDRESS = "ws://127.0.0.1:12393/proxy-ws"
"""Where all its clients are in one conversation; /client-ws is a conversation of one's own."""
LARGEST = 64 << 20
"""Bytes of a message."""
PIECE = 32 << 10
AGAIN = 2.0
"""Seconds until it is tried again to reach it."""
EMOTIONS = {"disgust": "anger", "fear": "surprise", "smirk": "smug"}
"""Its emotions that are no emotes, and the nearest that are."""


class Body:
    """What is done with its messages, and with what becomes of each sentence. From any thread."""

    def __init__(
        self, speak: Callable[[str | bytes], None], reply: Callable[[str], None], silent: bool
    ) -> None:
        """speak: to the show, see app/speech/talk.py. reply: to Open-LLM-VTuber."""
        self._speak, self._reply, self._silent = speak, reply, silent
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._unsaid: set[str] = set()
        self._all_sent = False
        self._named: dict[int, str] = {}
        """Its expressions by number: what its model's emotionMap says."""

    def hear(self, message: Any) -> None:
        """A message of Open-LLM-VTuber's."""
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "audio":
            self._say(message)
        elif kind == "set-model-and-conf":
            numbered = (message.get("model_info") or {}).get("emotionMap") or {}
            self._named = {n: str(name) for name, n in reversed(numbered.items()) if isinstance(n, int)}
        elif kind == "interrupt-signal" or (kind == "control" and message.get("text") == "interrupt"):
            self._speak(json.dumps({"type": "interrupt"}))
        elif kind == "backend-synth-complete":
            self._all_sent = True
            self._finish()

    def told(self, event: dict[str, Any]) -> None:
        """What became of a sentence."""
        if event.get("event") in ("finished", "interrupted", "error"):
            with self._lock:
                self._unsaid.discard(str(event.get("id")))
            self._finish()

    def _say(self, message: dict[str, Any]) -> None:
        try:
            wav = base64.b64decode(message.get("audio") or "", validate=True)
        except (binascii.Error, ValueError, TypeError):
            wav = b""
        if not wav:  # words that are only shown
            return
        id_ = str(next(self._numbers))
        with self._lock:
            self._unsaid.add(id_)
        told = {"type": "speak", "id": id_, "emotion": self._emotion(message), "silent": self._silent}
        self._speak(json.dumps(told))
        for i in range(0, len(wav), PIECE):
            self._speak(wav[i : i + PIECE])
        self._speak(json.dumps({"type": "end"}))

    def _emotion(self, message: dict[str, Any]) -> str | None:
        shown = (message.get("actions") or {}).get("expressions") or [None]
        name = self._named.get(shown[0], "") if isinstance(shown[0], int) else str(shown[0] or "")
        name = EMOTIONS.get(name.lower(), name.lower())
        return name if name in EMOTES or name in ALIASES else None

    def _finish(self) -> None:
        """Where all was said, say so: until then it waits with the next turn."""
        with self._lock:
            done = self._all_sent and not self._unsaid
            self._all_sent = self._all_sent and not done
        if done:
            self._reply(json.dumps({"type": "frontend-playback-complete"}))


def _tell(show: ClientConnection, body: Body) -> None:
    for event in show:
        body.told(json.loads(event))


def run(address: str, silent: bool, tell: Callable[[str], None]) -> None:
    """Until Ctrl-C. Raises LiveAvatarError where no show runs, or any more."""
    wait, told = threading.Event(), ""
    while True:
        try:
            with connected(SPEECH) as show, connect(address, max_size=LARGEST, proxy=None) as theirs:
                tell(tr(f"connected to {address}", f"已连接 {address}"))
                told, body = "", Body(show.send, theirs.send, silent)
                Detached(_tell, show, body, name="speech")
                for message in theirs:
                    try:
                        body.hear(parse_json(message))
                    except Unreadable:
                        continue
            reason = tr("the connection was lost", "连接中断")
        except InvalidURI as error:
            raise LiveAvatarError(
                tr(f"{address} is no ws:// address", f"{address} 不是 ws:// 地址")
            ) from error
        except (OSError, InvalidHandshake, ConnectionClosed) as error:
            reason = str(error)
        if reason != told:
            told = reason
            tell(
                tr(
                    f"no Open-LLM-VTuber at {address} ({reason}). It must run, with enable_proxy: true in its conf.yaml for "
                    "/proxy-ws. Trying again …",
                    f"{address} 处没有 Open-LLM-VTuber（{reason}）。请确认它已启动；使用 /proxy-ws 时其 conf.yaml 中需设置 "
                    "enable_proxy: true。正在重试……",
                )
            )
        wait.wait(AGAIN)
