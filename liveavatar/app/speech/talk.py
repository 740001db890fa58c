"""The messages by which a program has the avatar speak: JSON objects and, for sound in pieces, bytes. One Talk a connection.

    {"type": "speak", "id": "1", "wav": "UklGR..."}      a whole file in base64: wav, mp3, flac or ogg
    {"type": "speak", "id": "2", "path": "/tmp/a.wav"}   a file of this computer's, for those who may; "voice": the file that the
                                                         lips follow, where that is another one (a song)
    {"type": "speak", "id": "3"}                         the file's bytes come as binary messages, then {"type": "end"}
    {"type": "speak", "id": "4", "rate": 24000}          PCM comes so and is said meanwhile: 16 bits, little-endian, one channel
    {"type": "interrupt"}

"emotion", "silent" and "visemes" may stand beside each. What becomes of it is told, as {"event": "started", "id": "1", ...}.
"""

import base64
import binascii
import contextlib
import itertools
import json
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.speech.utterance import Event, Source, Stream, Utterance, Whole, emotion_of
from liveavatar.audio.clips import LARGEST, check_rate, read_clip
from liveavatar.audio.lip_track import read_visemes
from liveavatar.base.files import Unreadable, read_whole
from liveavatar.base.shutdown import Detached
from liveavatar.base.strict_json import parse_json, read_json
from liveavatar.errors import LiveAvatarError, SoundError
from liveavatar.language import tr

LARGEST_SENT = 32 << 20
"""Bytes of a file that comes over a socket."""
LONGEST_ID = 64
OUTBOX = 256
"""Events that may wait for a program that does not read; it is disconnected then."""
FIELDS = ("type", "id", "wav", "path", "voice", "rate", "emotion", "silent", "visemes")

_connections = itertools.count(1)


def utterance_of(
    told: dict[str, Any], source: Source, tell: Callable[[Event], None], id_: str | None = None
) -> Utterance:
    """What is to be said, out of the fields that stand beside the sound. Raises SoundError."""
    silent, visemes = told.get("silent", False), told.get("visemes")
    if not isinstance(silent, bool):
        raise SoundError(tr("silent is true or false", "silent 应为 true 或 false"))
    more = {} if id_ is None else {"id": id_}
    return Utterance(
        source,
        emotion_of(told.get("emotion")),
        silent,
        None if visemes is None else read_visemes(visemes),
        tell,
        **more,
    )


def speak_file(speaker: Speaker, told: dict[str, Any]) -> dict[str, Any]:
    """What `liveavatar speak` asks of a program that runs: {"path", "emotion", "silent", "visemes": a file's path}, or {"stop"}.

    Raises LiveAvatarError."""
    if told.get("stop") is True:
        return {"stopped": speaker.interrupt()}
    timeline = told.get("visemes")
    if timeline is not None:
        try:
            told = {**told, "visemes": read_json(Path(str(timeline)))}
        except Unreadable as error:
            raise SoundError(tr(f"visemes {timeline}: {error}", f"口型文件 {timeline}：{error}")) from error
    source = Whole(read_clip(_file(str(told.get("path")))))
    utterance = utterance_of(told, source, lambda event: None)
    speaker.check(utterance.silent)
    speaker.say(utterance)
    return {"id": utterance.id, "seconds": round(source.seconds or 0.0, 3)}


def _decoded(text: object) -> bytes:
    """Of base64; a data: address, as web pages make it, is one too. Raises SoundError."""
    try:
        return base64.b64decode(str(text).rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise SoundError(
            tr(f"wav is a file in base64: {error}", f"wav 应为 base64 编码的文件：{error}")
        ) from error


def _file(path: str) -> bytes:
    """The bytes of a file. Raises SoundError."""
    try:
        return read_whole(Path(path), LARGEST)
    except (Unreadable, ValueError) as error:
        raise SoundError(tr(f"sound {path[:300]}: {error}", f"声音文件 {path[:300]}：{error}")) from error


def serve(speaker: Speaker, connection: ServerConnection) -> None:
    """A program of the user's own, until it goes; it may name files. For a thread of its own."""
    outbox: queue.Queue[str | None] = queue.Queue(OUTBOX)

    def send(event: Event) -> None:
        try:
            outbox.put_nowait(json.dumps(event, ensure_ascii=False))
        except queue.Full:  # it does not read
            connection.socket.close()

    def deliver() -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            while (text := outbox.get()) is not None:
                connection.send(text)

    Detached(deliver, name="speech")
    talk = Talk(speaker, send, files=True)
    try:
        for message in connection:
            talk.message(message)
    except ConnectionClosed:
        pass
    finally:
        talk.close()
        with contextlib.suppress(queue.Full):
            outbox.put_nowait(None)


class Talk:
    """One program. message() and close() from one thread at a time; it is told things in others."""

    def __init__(self, speaker: Speaker, send: Callable[[Event], None], files: bool) -> None:
        """send: must not wait. files: it may name files of this computer's."""
        self._speaker, self._send, self._files = speaker, send, files
        self._own = f"{next(_connections)}:"
        """Before its ids: others' are not its business."""
        self._stream: Stream | None = None
        self._open: tuple[dict[str, Any], bytearray] | None = None
        """A file that comes in pieces."""
        self._id = ""
        """Of what comes at the moment."""

    def message(self, message: str | bytes) -> None:
        """What it says."""
        told: Any = {}
        try:
            if isinstance(message, bytes):
                self._piece(message)
                return
            told = parse_json(message)
            kind = told.get("type") if isinstance(told, dict) else None
            if kind == "speak":
                self._speak(told)
            elif kind == "end":
                self._end()
            elif kind == "interrupt":
                self._drop()
                self._speaker.interrupt(self._is_own)
            else:
                raise SoundError(
                    tr(
                        "expected an object with the type speak, end or interrupt",
                        "应为 type 是 speak、end 或 interrupt 的对象",
                    )
                )
        except (LiveAvatarError, Unreadable) as error:
            named = told.get("id") if isinstance(told, dict) else None
            shown = named if isinstance(named, str) else self._id
            self._drop()
            self._send({"event": "error", "id": shown[:LONGEST_ID], "message": str(error)})

    def close(self) -> None:
        """It has gone: what is whole is still said, what is not ends."""
        if self._stream is not None:
            self._stream.end(cut=tr("the connection was lost", "连接中断"))
            self._stream = None
        self._open = None

    def _speak(self, told: dict[str, Any]) -> None:
        if self._stream is not None or self._open is not None:
            raise SoundError(tr("the sound before has not ended", "上一段声音尚未结束"))
        if unknown := set(told) - set(FIELDS):
            raise SoundError(
                tr(
                    f"unknown: {', '.join(sorted(unknown))[:100]}; there are: {', '.join(FIELDS)}",
                    f"未知字段：{', '.join(sorted(unknown))[:100]}；现有：{', '.join(FIELDS)}",
                )
            )
        id_ = told.get("id", "")
        if not isinstance(id_, str) or len(id_) > LONGEST_ID:
            raise SoundError(tr(f"an id has at most {LONGEST_ID} characters", f"id 最多 {LONGEST_ID} 个字符"))
        if sum(name in told for name in ("wav", "path", "rate")) > 1:
            raise SoundError(tr("wav, path or rate: one of them", "wav、path、rate 只能有一个"))
        self._id = id_
        if "wav" in told:
            self._say(told, Whole(read_clip(_decoded(told["wav"]))))
        elif "path" in told:
            voice = read_clip(self._named(told["voice"])) if "voice" in told else None
            self._say(told, Whole(read_clip(self._named(told["path"])), voice))
        elif "rate" in told:
            stream = Stream(check_rate(told["rate"]))
            self._say(told, stream)
            self._stream = stream
        else:
            utterance_of(told, Stream(8000), self._send)  # what is wrong is told at once
            self._open = told, bytearray()

    def _say(self, told: dict[str, Any], source: Source) -> None:
        utterance = utterance_of(told, source, self._tell, self._own + self._id)
        self._speaker.check(utterance.silent)
        self._speaker.say(utterance)

    def _piece(self, data: bytes) -> None:
        if self._stream is not None:
            self._stream.add(data)
        elif self._open is not None:
            if len(self._open[1]) + len(data) > LARGEST_SENT:
                raise SoundError(
                    tr(f"a file has at most {LARGEST_SENT >> 20} MB", f"文件最大 {LARGEST_SENT >> 20} MB")
                )
            self._open[1].extend(data)
        else:
            raise SoundError(
                tr('bytes, but no {"type": "speak"} before them', '收到字节，但之前没有 {"type": "speak"}')
            )

    def _end(self) -> None:
        if self._stream is not None:
            self._stream.end()
            self._stream = None
        elif self._open is not None:
            (told, data), self._open = self._open, None
            self._say(told, Whole(read_clip(bytes(data))))
        else:
            raise SoundError(tr("there is nothing to end", "没有可结束的内容"))

    def _drop(self) -> None:
        """What came so far is not wanted."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.end()
        self._open = None

    def _named(self, path: object) -> bytes:
        if not self._files or not isinstance(path, str):
            raise SoundError(
                tr(
                    "no files are read for you: send the sound itself, as wav or in pieces",
                    "不为你读取文件：请直接发送声音（wav 或分段）",
                )
            )
        return _file(path)

    def _tell(self, event: Event) -> None:
        self._send({**event, "id": event["id"].removeprefix(self._own)})

    def _is_own(self, utterance: Utterance) -> bool:
        return utterance.id.startswith(self._own)
