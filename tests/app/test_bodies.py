"""Bodies for other programs, by the messages that those send and wait for."""

import base64
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as serve_websocket

from liveavatar.app import remote
from liveavatar.app.bodies import easy_ai_vtuber, open_llm_vtuber
from liveavatar.app.bodies.open_llm_vtuber import Body
from liveavatar.app.remote import SPEECH, Control
from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.speech.talk import serve
from liveavatar.audio.loudspeaker import OFF
from liveavatar.errors import LiveAvatarError
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.retargeter import FaceRetargeter
from tests.helpers.running import GENEROUS, wait_until
from tests.helpers.spoken import RATE, spoken, wav_of

WAV = wav_of(spoken()[: RATE // 4])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))
    return tmp_path


class Running:
    """A show that says what it is told to, and remembers which emotes it was asked for."""

    def __init__(self) -> None:
        self.emotes: list[str] = []
        self.told: list[dict[str, Any]] = []
        self.speaker = Speaker(Mixer(FaceRetargeter()), OFF, self.told.append)
        self._control = Control(
            self._handle, talks={SPEECH: lambda connection: serve(self.speaker, connection)}
        )

    def _handle(self, command: dict[str, Any]) -> dict[str, Any]:
        self.emotes.append(str(command.get("emote")))
        return {"emote": ""}

    def close(self) -> None:
        self._control.close()
        self.speaker.close()


@pytest.fixture
def show() -> Iterator[Running]:
    with closing(Running()) as running:
        yield running


def sentence(expressions: list[Any], audio: str | None) -> dict[str, Any]:
    """As Open-LLM-VTuber sends one."""
    return {
        "type": "audio", "audio": audio, "volumes": [0.1, 1.0, 0.4], "slice_length": 20,
        "display_text": {"text": "Hello.", "name": "Mao", "avatar": ""},
        "actions": {"expressions": expressions}, "forwarded": False,
    }  # fmt: skip


def test_open_llm_vtubers_sentences_are_said_and_their_end_is_told() -> None:
    said: list[Any] = []
    replies: list[Any] = []
    body = Body(
        lambda message: said.append(message if isinstance(message, bytes) else json.loads(message)),
        lambda message: replies.append(json.loads(message)),
        silent=False,
    )
    body.hear({"type": "full-text", "text": "Connection established"})
    body.hear(
        {
            "type": "set-model-and-conf",
            "model_info": {"emotionMap": {"neutral": 0, "fear": 1, "sadness": 1, "joy": 3}},
        }
    )
    body.hear({"type": "control", "text": "conversation-chain-start"})
    body.hear(sentence([3], base64.b64encode(WAV).decode()))
    assert said[0] == {"type": "speak", "id": "1", "emotion": "joy", "silent": False}
    assert b"".join(part for part in said if isinstance(part, bytes)) == WAV
    assert said[-1] == {"type": "end"}
    body.hear(sentence(["smirk"], base64.b64encode(WAV).decode()))
    body.hear(sentence([], None))  # words without a sound
    assert [one["emotion"] for one in said if isinstance(one, dict) and one["type"] == "speak"] == [
        "joy",
        "smug",
    ]
    body.hear({"type": "backend-synth-complete"})
    body.told({"event": "finished", "id": "1"})
    assert not replies, "the second one is said yet"
    body.told({"event": "error", "id": "2", "message": "no loudspeaker"})
    assert replies == [{"type": "frontend-playback-complete"}]
    body.hear({"type": "control", "text": "interrupt"})
    assert said[-1] == {"type": "interrupt"}
    for odd in (
        None,
        [],
        {"type": "audio"},
        {"type": "audio", "audio": "?"},
        {"type": "set-model-and-conf", "model_info": None},
    ):
        body.hear(odd)
    body.hear({"type": "backend-synth-complete"})
    assert len(replies) == 2, "a turn without a sound ends at once"


def test_open_llm_vtuber_the_whole_way(show: Running) -> None:
    """A server that does as its own: it sends a sentence, and waits for the end of it."""
    ended = threading.Event()

    def converse(connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "full-text", "text": "Connection established"}))
        connection.send(json.dumps(sentence(["joy"], base64.b64encode(WAV).decode())))
        connection.send(json.dumps({"type": "backend-synth-complete"}))
        if json.loads(connection.recv(timeout=GENEROUS)) == {"type": "frontend-playback-complete"}:
            ended.set()

    with serve_websocket(converse, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/client-ws"
        said: list[str] = []

        def tell(text: str) -> None:
            said.append(text)
            if len(said) > 1:  # the server has gone: it is not tried again
                raise LiveAvatarError("enough")

        with pytest.raises(LiveAvatarError, match="enough"):
            open_llm_vtuber.run(address, False, tell)
    assert ended.is_set()
    assert "finished" in [one["event"] for one in show.told]


def post(port: int, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GENEROUS)
    connection.request("POST", "/alive", body, {"Content-Type": "application/json", **headers})
    with connection.getresponse() as answer:
        return answer.status, json.loads(answer.read())


def test_easy_ai_vtubers_requests(show: Running, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "speech_data").mkdir()
    (home / "speech_data" / "uri_speech_0.wav").write_bytes(WAV)
    monkeypatch.chdir(home)
    with easy_ai_vtuber.open_server(0, silent=False) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port

        def ask(**request: Any) -> tuple[int, dict[str, Any]]:
            return post(port, json.dumps(request).encode())

        speech = r".\speech_data\uri_speech_0.wav"
        assert ask(type="speak", speech_path=speech) == (200, {"status": "success"})
        assert [one["event"] for one in show.told] == ["started", "finished"], "answered when it was said"
        assert ask(type="rhythm", music_path=speech, beat=2)[0] == 200
        assert ask(type="sing", music_path=speech, voice_path=speech, mouth_offset=0.1, beat=2)[0] == 200
        assert ask(type="sleep")[0] == 200
        assert show.emotes[-1] == "sleepy"
        assert ask(type="speak", speech_path=speech)[0] == 200
        assert show.emotes[-1] == "none", "who speaks is awake"
        for request, what in (
            ({"type": "speak"}, "speech_path"),
            ({"type": "speak", "speech_path": "nowhere.wav"}, "nowhere.wav"),
            ({"type": "dance"}, "speak, sing, rhythm or sleep"),
        ):
            status, answer = ask(**request)
            assert status == 400 and what in answer["status"]
        good = json.dumps({"type": "sleep"}).encode()
        assert post(port, good, Origin="http://evil.example")[0] == 403
        assert post(port, good, Host="evil.example")[0] == 403
        assert post(port, good, **{"Content-Type": "text/plain"})[0] == 400
        assert post(port, b"[1]")[0] == 400
        assert post(port, b"{" + b" " * easy_ai_vtuber.LARGEST)[0] == 400
        server.shutdown()


def test_without_a_show_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "SAYS_WHO", 0.1)
    for module in (open_llm_vtuber, easy_ai_vtuber):
        with pytest.raises(LiveAvatarError, match="liveavatar run"):
            module.run(module.ADDRESS, False, print)


def test_a_port_that_is_none_is_said(show: Running) -> None:
    for port in ("x", "0", "70000", "9" * 50):
        with pytest.raises(LiveAvatarError, match="65535"):
            easy_ai_vtuber.run(port, False, print)


def test_a_song_is_played_whole_and_the_lips_follow_the_voice(home: Path, show: Running) -> None:
    request = {"type": "sing", "music_path": str(home / "song.mp3"), "voice_path": str(home / "voice.wav")}
    message = easy_ai_vtuber.speech_of(request, False)
    assert message is not None
    assert (message["path"], message["voice"]) == (str(home / "song.mp3"), str(home / "voice.wav"))
    wait_until(lambda: not show.speaker.speaking)
