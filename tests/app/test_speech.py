"""`speak`, the whole way: from a request to the avatar's pixels, and what becomes of what cannot be said."""

import base64
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from liveavatar.app.actions import Actions
from liveavatar.app.feed import Feed
from liveavatar.app.remote import SPEECH, Control, connected
from liveavatar.app.speech import speaker as speakers
from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.speech.talk import Talk, serve, speak_file
from liveavatar.app.speech.utterance import Stream, Utterance, Whole
from liveavatar.app.vts import door as doors
from liveavatar.app.vts.door import Door
from liveavatar.app.vts.stage import Stage
from liveavatar.audio.clips import Clip
from liveavatar.audio.loudspeaker import OFF, Nowhere
from liveavatar.avatar.card import Avatar
from liveavatar.cameras.blank import Blank
from liveavatar.controls import INDEX, neutral
from liveavatar.errors import LiveAvatarError, SoundError
from liveavatar.live.loop import Live
from liveavatar.outputs import open_output
from liveavatar.renderers import open_renderer
from liveavatar.retargeting import open_retargeter
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers.blank import NoTracker
from liveavatar.types import Expression, Face
from tests.helpers.fakes import FakeRetargeter
from tests.helpers.plugins import Client
from tests.helpers.running import GENEROUS, wait_until
from tests.helpers.spoken import RATE, SECONDS, WORDS, pcm_of, spoken, wav_of

Event = dict[str, Any]


class Still(FakeRetargeter):
    """A face that never moves."""

    def retarget(self, face: Face | None, time: float) -> Expression:
        return Expression(neutral(), time, tracked=True)


BARE = Face(
    np.zeros((0, 3), np.float32), np.zeros(51, np.float32), np.eye(4, dtype=np.float32), (64, 48), 0.0
)


class Show:
    """A run without a camera, with the tests' avatar, and all that speech needs."""

    def __init__(self, avatar: Avatar) -> None:
        self.output: Any = open_output("memory", size=avatar.size, fps=30.0)
        self.mixer = mixer = Mixer(open_retargeter(avatar))
        self.jaw: list[tuple[float, float]] = []
        """When a picture was mixed, and how far its mouth was open."""
        self.live = Live(
            open_camera=Blank, open_tracker=NoTracker, retargeter=mixer,
            open_renderer=lambda: open_renderer(avatar, "cpu"), output=self.output, size=avatar.size,
        )  # fmt: skip
        actions = Actions(
            swap=lambda name: {"avatar": name}, recenter=lambda: None, emote=mixer.reactions.perform, panic=self.live.panic,
            background=self.output.background, avatars=lambda: ["tiny"], current="tiny", failed=print,
        )  # fmt: skip
        self.actions = actions
        self.feed = Feed(mixer, self.live.report, lambda: actions.current)
        self.speaker = Speaker(mixer, OFF, self.feed.speech)
        stage = Stage(actions=actions, mixer=mixer, report=self.live.report, size=avatar.size)
        self.door = Door(stage, self.speaker, self.feed, 0)
        self._thread = threading.Thread(target=self.live.run)
        self._thread.start()
        wait_until(lambda: self.live.report.driven > 2)

    def close(self) -> None:
        self.door.close()
        self.speaker.close()
        self.live.stop()
        self._thread.join()

    def address(self, name: str) -> str:
        """Of a way, with its token, as `plugins allow` prints it."""
        return str(self.door.handle({"do": "allow", "name": name})["address"])

    @contextmanager
    def way(self, name: str, **options: Any) -> Iterator[ClientConnection]:
        with connect(self.address(name), proxy=None, **options) as connection:
            yield connection


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))
    monkeypatch.setattr(doors, "DISCOVERY", 9)  # nobody is to hear of it
    return tmp_path


@pytest.fixture
def show(tiny: Avatar) -> Iterator[Show]:
    with closing(Show(tiny)) as running:
        yield running


def until(connection: ClientConnection, *events: str) -> list[Event]:
    """What is told until one of these events."""
    told: list[Event] = []
    while not told or told[-1]["event"] not in events:
        told.append(json.loads(connection.recv(timeout=GENEROUS)))
    return told


def test_the_mouth_is_open_while_the_sound_is_loud(show: Show) -> None:
    """A wav in, pixels out: where the mouth is, pictures differ from rest during the words and not in the pauses."""
    pictures: list[tuple[float, np.ndarray]] = []
    with show.way("speak") as program:
        program.send(
            json.dumps({"type": "speak", "id": "1", "wav": base64.b64encode(wav_of(spoken())).decode()})
        )
        assert until(program, "started")[-1] == {
            "event": "started",
            "id": "1",
            "seconds": pytest.approx(SECONDS, abs=0.01),
        }
        began, count = time.perf_counter(), 0
        jaws = []
        while time.perf_counter() - began < SECONDS:
            shown = show.mixer.latest
            assert shown is not None
            jaws.append((time.perf_counter() - began, float(shown.controls[INDEX["jawOpen"]])))
            if len(show.output.pictures) > count:
                count = len(show.output.pictures)
                pictures.append((time.perf_counter() - began, show.output.pictures[-1].astype(int)))
            time.sleep(0.01)
        assert until(program, "finished")[-1]["id"] == "1"
    loud = np.array([any(start + 0.1 < t < end - 0.05 for start, end in WORDS) for t, _ in jaws])
    quiet = np.array(
        [
            any(start + 0.25 < t < end - 0.1 for start, end in ((-0.2, 0.4), (1.7, 2.2), (2.9, 3.4)))
            for t, _ in jaws
        ]
    )
    opened = np.array([jaw for _, jaw in jaws])
    assert opened[loud].mean() > 5 * opened[quiet].mean() + 0.05
    height, width = pictures[0][1].shape[:2]
    mouth = [(t, picture[height // 2 :, width // 4 : -width // 4]) for t, picture in pictures]
    rest = mouth[0][1]
    changes = {t: np.abs(picture - rest).mean() for t, picture in mouth}
    speaking = [c for t, c in changes.items() if any(start + 0.1 < t < end - 0.05 for start, end in WORDS)]
    assert np.mean(speaking) > 1.0


def test_the_head_moves_meanwhile_and_rests_afterwards(show: Show) -> None:
    with show.way("speak") as program:
        program.send(
            json.dumps(
                {"type": "speak", "wav": base64.b64encode(wav_of(spoken())).decode(), "emotion": "happy"}
            )
        )
        until(program, "started")
        pitch, smile = [], []
        for _ in range(60):
            time.sleep(0.05)
            shown = show.mixer.latest
            assert shown is not None
            pitch.append(float(shown.controls[INDEX["headPitch"]]))
            smile.append(float(shown.controls[INDEX["mouthSmileLeft"]]))
        until(program, "finished")
    assert np.std(pitch) > 0.015
    assert max(smile) > 0.5
    wait_until(
        lambda: show.mixer.latest is not None and show.mixer.latest.controls[INDEX["mouthSmileLeft"]] < 0.15
    )


def test_a_stream_is_said_as_it_comes_and_can_be_interrupted(show: Show) -> None:
    data = pcm_of(spoken())
    with show.way("speak") as program:
        program.send(json.dumps({"type": "speak", "id": "a", "rate": RATE, "silent": True}))
        for i in range(0, RATE, 4801):  # half a second, in odd pieces
            program.send(data[i : i + 4801])
        assert until(program, "started")[-1]["seconds"] is None, "before all of it is there"
        for i in range(RATE // 4801 * 4801 + 4801, len(data), 4801):
            program.send(data[i : i + 4801])
        program.send(json.dumps({"type": "end"}))
        assert until(program, "finished")[-1]["id"] == "a"
        for id_ in ("b", "c"):
            program.send(json.dumps({"type": "speak", "id": id_}))
            program.send(wav_of(spoken()))
            program.send(json.dumps({"type": "end"}))
        until(program, "started")
        program.send(json.dumps({"type": "interrupt"}))
        told = [until(program, "interrupted")[-1], until(program, "interrupted")[-1]]
    assert {one["id"] for one in told} == {"b", "c"}
    wait_until(lambda: not show.speaker.speaking)


def test_a_stream_that_breaks_off_is_told_and_the_avatar_goes_on(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speakers, "CUT_AFTER", 0.3)
    with show.way("speak") as program:
        program.send(json.dumps({"type": "speak", "id": "cut", "rate": RATE}))
        program.send(pcm_of(spoken()[: RATE // 2]))
        assert "cut" in until(program, "error")[-1]["message"]
    with show.way("events") as overlay:
        until(overlay, "now")
        with show.way("speak") as program:
            program.send(json.dumps({"type": "speak", "id": "gone", "rate": RATE}))
            program.send(pcm_of(spoken()[: RATE // 2]))
            until(program, "started")
        told: list[Event] = []
        while not told or told[-1]["id"] != "gone" or told[-1]["state"] == "started":
            told.append(until(overlay, "speaking")[-1])
        assert told[-1]["state"] == "interrupted", "its program went away"
    sent = show.live.report.sent
    wait_until(lambda: show.live.report.sent > sent + 5)


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("{", "JSON"),
        ('{"type": "sing"}', "type speak"),
        ('{"type": "speak", "wav": "????"}', "base64"),
        ('{"type": "speak", "wav": "AAAA"}', "no sound file"),
        ('{"type": "speak", "rate": 3}', "rate"),
        ('{"type": "speak", "rate": true}', "rate"),
        ('{"type": "speak", "rate": 24000, "emotion": "fury"}', "emotion"),
        ('{"type": "speak", "rate": 24000, "loud": 1}', "unknown"),
        ('{"type": "speak", "rate": 24000, "wav": ""}', "one of them"),
        ('{"type": "speak", "rate": 24000, "visemes": [{"time": 1, "viseme": "zz"}]}', "viseme"),
        (
            '{"type": "speak", "rate": 24000, "visemes": [{"time": 2, "viseme": "a"}, {"time": 1, "viseme": "a"}]}',
            "rising",
        ),
        ('{"type": "speak", "id": 7}', "id"),
        ('{"type": "end"}', "nothing to end"),
        (b"\0\0", "bytes"),
    ],
)
def test_what_cannot_be_said_is_told(message: str | bytes, what: str) -> None:
    told: list[Event] = []
    with closing(Speaker(Mixer(FaceRetargeter()), OFF)) as speaker:
        Talk(speaker, told.append, files=True).message(message)
        assert [one["event"] for one in told] == ["error"]
        assert what in told[0]["message"]
        assert not speaker.speaking


def test_who_may_name_files(show: Show, home: Path) -> None:
    """The program that has the token may, a web page with it may not; the hooks' token opens neither way."""
    path = home / "声音.wav"
    path.write_bytes(wav_of(spoken()[: RATE // 4]))
    asked = json.dumps({"type": "speak", "path": str(path)})
    with show.way("speak") as program:
        program.send(asked)
        assert until(program, "finished", "error")[-1]["event"] == "finished"
        program.send(json.dumps({"type": "speak", "path": str(home / "none.wav")}))
        assert "none.wav" in until(program, "error")[-1]["message"]
    with show.way("speak", origin="http://localhost:9") as page:
        page.send(asked)
        assert "no files" in until(page, "error")[-1]["message"]
    hooks = show.address("hooks").partition("token=")[2]
    for path_of in ("speak", "events"):
        with (
            pytest.raises(InvalidStatus),
            connect(f"ws://127.0.0.1:{show.door.port}/{path_of}?token={hooks}", proxy=None),
        ):
            pass
    events = show.address("events").partition("token=")[2]
    with (
        pytest.raises(InvalidStatus),
        connect(f"ws://127.0.0.1:{show.door.port}/speak?token={events}", proxy=None),
    ):
        pass


def test_a_button_can_interrupt(show: Show) -> None:
    address = show.address("speak").replace("ws://", "http://").replace("/speak?", "/do/interrupt?")
    show.speaker.say(Utterance(Whole(Clip(spoken(), RATE))))
    with urllib.request.urlopen(address, timeout=GENEROUS) as answer:
        assert json.loads(answer.read()) == {"stopped": 1}
    wait_until(lambda: not show.speaker.speaking)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address[:-3] + "abc", timeout=GENEROUS)


def test_a_token_that_is_taken_back_ends_the_conversation(show: Show) -> None:
    with show.way("speak") as program:
        show.door.handle({"do": "revoke", "name": "speak"})
        with pytest.raises(ConnectionClosed):
            program.recv(timeout=GENEROUS)


def test_what_happens_is_told_to_whoever_wants_to_know(show: Show) -> None:
    with show.way("events") as overlay:
        assert json.loads(overlay.recv(timeout=GENEROUS)) == {
            "event": "now", "face": False, "avatar": "tiny", "emote": "", "speaking": False,
        }  # fmt: skip
        show.mixer.reactions.perform("joy")
        assert until(overlay, "emote")[-1] == {"event": "emote", "name": "joy"}
        show.actions.current = "twin"
        assert until(overlay, "avatar")[-1] == {"event": "avatar", "name": "twin"}
        show.live.report.stalls += 2
        assert until(overlay, "stalled")[-1]["count"] >= 2
        show.speaker.say(Utterance(Whole(Clip(spoken()[: RATE // 4], RATE)), id="hello"))
        assert until(overlay, "speaking")[-1] == {"event": "speaking", "state": "started", "id": "hello"}
        assert until(overlay, "speaking")[-1] == {"event": "speaking", "state": "finished", "id": "hello"}


def test_a_program_of_the_users_own_needs_no_door(show: Show, home: Path) -> None:
    """`liveavatar speak`, and what `liveavatar connect` starts, come by the control channel."""
    path = home / "a.wav"
    path.write_bytes(wav_of(spoken()[: RATE // 4]))
    control = Control(
        lambda command: speak_file(show.speaker, command), talks={SPEECH: lambda c: serve(show.speaker, c)}
    )
    with closing(control), connected(SPEECH) as program:
        program.send(json.dumps({"type": "speak", "id": "x", "path": str(path)}))
        assert [one["event"] for one in until(program, "finished")] == ["started", "finished"]
    assert speak_file(show.speaker, {"path": str(path)})["seconds"] == 0.25
    assert speak_file(show.speaker, {"stop": True})["stopped"] == 1
    with pytest.raises(SoundError, match="visemes"):
        speak_file(show.speaker, {"path": str(path), "visemes": str(path)})


def test_a_queue_has_an_end_and_a_loudspeaker_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixer = Mixer(FaceRetargeter())

    def missing(name: str) -> Nowhere:
        raise SoundError(f"no loudspeaker {name}")

    with closing(Speaker(mixer, "desk", opens=missing)) as speaker:
        with pytest.raises(SoundError, match="no loudspeaker desk"):
            speaker.check(silent=False)
        told: list[Event] = []
        speaker.say(Utterance(Whole(Clip(spoken(), RATE)), tell=told.append))
        wait_until(lambda: told)
        assert told[0]["event"] == "error" and "no loudspeaker desk" in told[0]["message"]
        speaker.say(Utterance(Stream(RATE), silent=True))
        wait_until(lambda: not speaker._waiting)
        for _ in range(speakers.WAITING):
            speaker.say(Utterance(Stream(RATE), silent=True))
        with pytest.raises(SoundError, match="wait already"):
            speaker.say(Utterance(Stream(RATE), silent=True))


def test_a_program_that_drives_vtube_studio_finds_a_body_without_a_camera(show: Show) -> None:
    """Neuro-style: hotkeys by name, and the mouth by MouthOpen, a message for each moment."""

    def jaw() -> float:
        shown = show.mixer.latest
        return 0.0 if shown is None else float(shown.controls[INDEX["jawOpen"]])

    with closing(Client(show.door.port, "Neuro")) as program:

        def allowed() -> bool:
            with suppress(LiveAvatarError):
                return bool(show.door.handle({"do": "allow", "name": "Neuro"}))
            return False

        program.enter(allowed)
        assert "errorID" not in program.ask("HotkeyTrigger", hotkeyID="Joy")
        for opened in (0.9, 0.1):
            end = time.perf_counter() + 0.6
            while time.perf_counter() < end:
                value = {"id": "MouthOpen", "value": opened, "weight": 1}
                program.ask("InjectParameterData", faceFound=False, mode="set", parameterValues=[value])
                time.sleep(0.03)
            assert (jaw() > 0.4) == (opened > 0.5)
    assert show.mixer.reactions.active == "joy"


def test_a_loudspeaker_that_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(Nowhere):
        def step(self, time: float) -> None:
            pass

    monkeypatch.setattr(speakers, "CUT_AFTER", 0.2)
    told: list[Event] = []
    with closing(Speaker(Mixer(FaceRetargeter()), "desk", opens=lambda name: Hanging())) as speaker:
        speaker.say(Utterance(Whole(Clip(spoken(), RATE)), tell=told.append))
        wait_until(lambda: told)
        assert "taken nothing" in told[0]["message"]


def test_with_a_face_only_the_lips_are_the_sounds() -> None:
    """Somebody types, a voice speaks: head and eyes stay those of whoever sits there."""
    mixer, shown = Mixer(Still()), []
    with closing(Speaker(mixer, OFF)) as speaker:
        mixer.retarget(BARE, time.perf_counter())
        speaker.say(Utterance(Whole(Clip(spoken(), RATE))))
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            shown.append(mixer.retarget(BARE, time.perf_counter()).controls)
            time.sleep(0.02)
    tracks = np.array(shown)
    assert tracks[:, INDEX["jawOpen"]].max() > 0.3
    still = [
        INDEX[name]
        for name in ("headPitch", "headYaw", "headRoll", "browInnerUp", "eyeBlinkLeft", "eyeLookOutLeft")
    ]
    assert not tracks[:, still].any()


def test_nonsense_ends_nothing() -> None:
    chance, told = random.Random(7), []
    kinds = ("speak", "end", "interrupt", "sing", None, 3)
    odd = (None, True, -1, 1e300, "", "x" * 100, [], {}, [1], "UklGRg==", RATE)
    names = ("id", "wav", "path", "voice", "rate", "emotion", "silent", "visemes", "other")
    with closing(Speaker(Mixer(FaceRetargeter()), OFF)) as speaker:
        talk = Talk(speaker, told.append, files=False)
        for _ in range(2000):
            if chance.random() < 0.3:
                talk.message(chance.randbytes(chance.randrange(40)))
                continue
            message = {"type": chance.choice(kinds)}
            message |= {name: chance.choice(odd) for name in chance.sample(names, chance.randrange(4))}
            text = json.dumps(message)
            talk.message(text[: chance.randrange(len(text))] if chance.random() < 0.2 else text)
        talk.close()
        speaker.interrupt()
        wait_until(lambda: not speaker.speaking)
        before = len(told)
        speaker.say(Utterance(Whole(Clip(spoken()[: RATE // 10], RATE)), tell=told.append))
        wait_until(lambda: told[-1]["event"] == "finished")
        assert before > 1000


def test_the_pages_example_prints_what_happens(
    show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "speaking.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    monkeypatch.setattr("sys.argv", ["events", show.address("events")])

    def run() -> None:
        with suppress(ConnectionClosed):
            exec(code, {})

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.3)
    show.speaker.say(Utterance(Whole(Clip(spoken()[: RATE // 4], RATE)), id="hello"))
    said: list[str] = []
    wait_until(lambda: said.append(capsys.readouterr().out) or "speaking hello finished" in "".join(said))
    show.door.handle({"do": "revoke", "name": "events"})
    thread.join()
    assert "'avatar': 'tiny'" in "".join(said)


def test_what_is_about_to_be_said_can_be_interrupted() -> None:
    told: list[Event] = []
    opening, opened = threading.Event(), threading.Event()

    def slow(name: str) -> Nowhere:
        opening.set()
        opened.wait(GENEROUS)
        return Nowhere()

    with closing(Speaker(Mixer(FaceRetargeter()), "desk", opens=slow)) as speaker:
        speaker.say(Utterance(Whole(Clip(spoken(), RATE)), tell=told.append))
        assert opening.wait(GENEROUS)
        assert speaker.speaking
        assert speaker.interrupt() == 1
        opened.set()
        wait_until(lambda: not speaker.speaking)
    assert [event["event"] for event in told] == ["interrupted"]
