"""Plugins over sockets, the whole way: who is let in, and from a request to the avatar's pixels."""

import json
import socket
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
from websockets.sync.client import connect

from liveavatar.app.actions import Actions
from liveavatar.app.feed import Feed
from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.vts import door as doors
from liveavatar.app.vts.door import Door
from liveavatar.app.vts.stage import Stage
from liveavatar.audio.loudspeaker import OFF
from liveavatar.avatar.card import Avatar
from liveavatar.controls import neutral
from liveavatar.errors import LiveAvatarError
from liveavatar.live import line
from liveavatar.live.loop import Live
from liveavatar.outputs import open_output
from liveavatar.renderers import open_renderer
from liveavatar.retargeting.mixer import Mixer
from liveavatar.types import Expression, Face
from tests.helpers.fakes import FakeCamera, FakeRetargeter, FakeTracker
from tests.helpers.plugins import Client
from tests.helpers.running import GENEROUS, wait_until

FPS = 30.0


class Still(FakeRetargeter):
    """A face that never moves."""

    def retarget(self, face: Face | None, time: float) -> Expression:
        return Expression(neutral(), time, tracked=face is not None)


class Show:
    """A run with the tests' avatar, and its door."""

    def __init__(self, avatar: Avatar) -> None:
        self.output: Any = open_output("memory", size=avatar.size, fps=FPS)
        mixer = Mixer(Still())
        self.live = Live(
            open_camera=lambda: FakeCamera(None, FPS), open_tracker=FakeTracker, retargeter=mixer,
            open_renderer=lambda: open_renderer(avatar, "cpu"), output=self.output, size=avatar.size, fps=FPS,
        )  # fmt: skip

        def swap(name: str) -> dict[str, Any]:
            self.live.swap(lambda: open_renderer(avatar, "cpu"))
            return {"avatar": name, "seconds": 0.0}

        actions = Actions(
            swap=swap, recenter=lambda: None, emote=mixer.reactions.perform, panic=self.live.panic,
            background=self.output.background, avatars=lambda: ["tiny", "twin"], current="tiny", failed=print,
        )  # fmt: skip
        stage = Stage(actions=actions, mixer=mixer, report=self.live.report, size=avatar.size)
        self.feed = Feed(mixer, self.live.report, lambda: actions.current)
        self.speaker = Speaker(mixer, OFF, self.feed.speech)
        self.door = Door(stage, self.speaker, self.feed, 0)
        self._thread = threading.Thread(target=self.live.run)
        self._thread.start()
        wait_until(lambda: self.live.report.driven > 2)
        self.rest = self.picture()

    def picture(self) -> np.ndarray:
        """What the output shows."""
        return self.output.background.composite(self.output.frames[-1]).astype(int)

    def changed(self) -> float:
        """Mean difference to the avatar at rest, levels."""
        return float(np.abs(self.picture() - self.rest).mean())

    def close(self) -> None:
        self.door.close()
        self.speaker.close()
        self.live.stop()
        self._thread.join()

    @contextmanager
    def plugin(self, name: str) -> Iterator[Client]:
        """One that the user has let in."""
        with closing(Client(self.door.port, name)) as client:
            client.enter(lambda: self.allow(name))
            yield client

    def allow(self, name: str) -> bool:
        """Say yes; False while nobody of this name asks."""
        with suppress(LiveAvatarError):
            self.door.handle({"do": "allow", "name": name})
            return True
        return False


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))
    monkeypatch.setattr(doors, "DISCOVERY", 9)  # nobody is to hear of it
    monkeypatch.setattr(line, "GIVE_UP", GENEROUS)  # a busy machine is no reason to give the avatar up
    return tmp_path


@pytest.fixture
def show(tiny: Avatar) -> Iterator[Show]:
    with closing(Show(tiny)) as running:
        yield running


def test_a_deck_lights_its_keys_and_presses_them(show: Show) -> None:
    with show.plugin("A deck") as deck:
        for event in (
            "ModelMovedEvent",
            "ModelConfigChangedEvent",
            "HotkeyTriggeredEvent",
            "ModelLoadedEvent",
        ):
            deck.ask("EventSubscription", eventName=event, subscribe=True, config=None)
        model = deck.ask("CurrentModel")
        assert model["modelName"] == "tiny" and deck.ask("FaceFound")["found"]
        keys = deck.ask("HotkeysInCurrentModel", modelID=model["modelID"])["availableHotkeys"]
        surprise = next(key for key in keys if key["name"] == "surprise")
        deck.ask("HotkeyTrigger", hotkeyID=surprise["hotkeyID"])
        wait_until(lambda: show.changed() > 0.4)
        lit = [one["name"] for one in deck.ask("ExpressionState")["expressions"] if one["active"]]
        assert lit == ["surprise"]
        time.sleep(0.2)
        deck.ask("HotkeyTrigger", hotkeyID=surprise["hotkeyID"])
        wait_until(lambda: show.changed() == 0)
        other = next(one for one in deck.ask("AvailableModels")["availableModels"] if not one["modelLoaded"])
        assert deck.ask("ModelLoad", modelID=other["modelID"])["modelID"] == other["modelID"]
        deck.ask("MoveModel", timeInSeconds=None, positionX=0.6)
        wait_until(lambda: show.changed() > 1)

        def told() -> list[str]:
            deck.ask("APIState")
            loaded = [one["data"] for one in deck.told if one["messageType"] == "ModelLoadedEvent"]
            return [one["modelName"] for one in loaded if one["modelLoaded"]]

        wait_until(told)
        assert told() == ["twin"]
        assert {"HotkeyTriggeredEvent", "ModelMovedEvent"} < {one["messageType"] for one in deck.told}


def test_a_throwers_hits_push_the_head_and_it_comes_back(show: Show) -> None:
    with show.plugin("A thrower") as thrower:
        place = thrower.ask("CurrentModel")["modelPosition"]
        assert set(place) == {"positionX", "positionY", "rotation", "size"}
        most = 0.0
        for i in range(60):  # 60 a second, fading to nothing
            push = 30 * max(0.0, 1 - i / 40)
            given = [
                {"id": "FaceAngleX", "value": push},
                {"id": "FaceAngleZ", "value": -push},
                {"id": "EyeOpenLeft", "value": -1},
            ]
            thrower.ask("InjectParameterData", faceFound=False, mode="add", parameterValues=given)
            most = max(most, show.changed())
            time.sleep(1 / 60)
        assert most > 2
        wait_until(lambda: show.changed() == 0)  # and it ends by itself


def test_a_heart_beats_in_a_parameter_of_its_own(show: Show) -> None:
    with show.plugin("A heart") as heart:
        for name, most in (("VTS_Heartrate_BPM", 255), ("JawOpen", 1)):
            made = heart.ask(
                "ParameterCreation", parameterName=name, explanation="", min=0, max=most, defaultValue=0
            )
            assert made["parameterName"] == name
        flush = {"colorR": 255, "colorG": 100, "colorB": 100, "colorA": 255}
        assert (
            heart.ask("ColorTint", colorTint=flush, artMeshMatcher={"tintAll": True})["matchedArtMeshes"] == 1
        )
        shift = (show.picture() - show.rest).reshape(-1, 3).mean(axis=0)
        assert shift[0] == 0 and shift[1] < -5 and shift[2] < -5  # green and blue are gone
        white = dict.fromkeys(flush, 255)
        heart.ask("ColorTint", colorTint=white, artMeshMatcher={"tintAll": True})
        assert show.changed() == 0
        given = [
            {"id": "VTS_Heartrate_BPM", "value": 72, "weight": 1},
            {"id": "JawOpen", "value": 1, "weight": 1},
        ]
        heart.ask("InjectParameterData", faceFound=False, mode="set", parameterValues=given)
        wait_until(lambda: show.changed() > 0.5)
        listed = heart.ask("InputParameterList")["customParameters"]
        assert {one["name"]: one["value"] for one in listed} == {"VTS_Heartrate_BPM": 72, "JawOpen": 1}
        wait_until(lambda: show.changed() == 0)  # a heart that stopped holds nothing


def test_a_plugin_that_goes_leaves_nothing_behind(show: Show) -> None:
    with show.plugin("A deck") as deck:
        dark = dict.fromkeys(("colorR", "colorG", "colorB"), 50)
        deck.ask("ColorTint", colorTint={**dark, "colorA": 255}, artMeshMatcher={"tintAll": True})
        deck.ask("InjectParameterData", parameterValues=[{"id": "FaceAngleX", "value": 20}])
        wait_until(lambda: show.changed() > 1)
    wait_until(lambda: show.changed() == 0)


def test_nobody_is_let_in_without_the_users_yes(
    show: Show, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    who = {"pluginName": "Page", "pluginDeveloper": "Somebody"}
    with closing(Client(show.door.port, "Page", origin="https://page.example")) as page:
        assert page.ask("CurrentModel")["errorID"] == 8
        first = page.send("AuthenticationToken", **who)
        wait_until(lambda: show.door.handle({"do": "list"})["asking"])
        with closing(Client(show.door.port, "Other")) as other:
            assert (
                other.ask("AuthenticationToken", pluginName="Other", pluginDeveloper="Somebody")["errorID"]
                == 51
            )
        assert page.ask("APIState")["currentSessionAuthenticated"] is False  # it may go on meanwhile
        show.door.handle({"do": "revoke", "name": "page"})
        assert page.receive(first)["errorID"] == 50
        assert page.ask("AuthenticationToken", **who)["errorID"] == 50  # a no is remembered
        show.door.handle({"do": "allow", "name": "Page"})  # the user thought better of it
        token = page.receive(page.send("AuthenticationToken", **who))["authenticationToken"]
        assert len(token) == 64 and token not in (home / "plugins.json").read_text()
        assert page.ask("Authentication", **who, authenticationToken="x")["authenticated"] is False
        assert page.ask("Authentication", **who, authenticationToken=token)["authenticated"]
        with closing(Client(show.door.port, "Page")) as thief:  # no page of that origin
            assert not thief.ask("Authentication", **who, authenticationToken=token)["authenticated"]
        assert page.ask("CurrentModel")["modelLoaded"]
        assert show.door.handle({"do": "list"})["connected"] == ["Page (Somebody, https://page.example)"]
        show.door.handle({"do": "revoke", "name": "Page"})
        assert page.ask("CurrentModel")["errorID"] == 8
        assert not page.ask("Authentication", **who, authenticationToken=token)["authenticated"]
    assert "The plugin Page (Somebody, https://page.example) asks" in capsys.readouterr().err


def test_a_question_that_nobody_answers_is_a_no(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveavatar.app.vts.consent.PATIENCE", 0.2)
    with closing(Client(show.door.port)) as client:
        assert (
            client.ask("AuthenticationToken", pluginName="Slow", pluginDeveloper="Somebody")["errorID"] == 50
        )


def test_who_gives_another_name_for_this_machine_is_refused(show: Show) -> None:
    for host, status in (("evil.example:8001", 403), (f"0.0.0.0:{show.door.port}", 404)):
        with socket.create_connection(("127.0.0.1", show.door.port)) as plain:
            plain.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert f" {status} ".encode() in plain.recv(100)
    with pytest.raises(InvalidStatus):
        connect(
            f"ws://127.0.0.1:{show.door.port}", additional_headers={"Host": "evil.example"}, proxy=None
        ).__enter__()


def test_nonsense_ends_a_connection_and_disturbs_nothing(show: Show) -> None:
    before = show.live.report.sent
    with connect(f"ws://127.0.0.1:{show.door.port}", proxy=None) as client, pytest.raises(ConnectionClosed):
        for i in range(1000):
            client.send("{" * (i % 50) if i % 2 else b"\xff" * 100)
            assert json.loads(client.recv(timeout=GENEROUS))["data"]["errorID"] in (2, 3)
    with connect(f"ws://127.0.0.1:{show.door.port}", proxy=None) as client, pytest.raises(ConnectionClosed):
        client.send("x" * (doors.LARGEST + 1))
        client.recv(timeout=GENEROUS)
    wait_until(lambda: show.live.report.sent > before)
    with show.plugin("A deck") as deck:
        assert deck.ask("Statistics")["connectedPlugins"] == 1


def opened(address: str, data: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """(status, answer) of a button that opens an address."""
    try:
        with urllib.request.urlopen(address, data, timeout=GENEROUS) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_button_that_opens_an_address_puts_an_emote_on_and_nothing_else(show: Show) -> None:
    address = show.door.handle({"do": "allow", "name": "hooks"})["address"]
    surprise = address.replace("joy", "Surprise").replace("seconds=3", "seconds=0.5")
    assert opened(surprise) == (200, {"emote": "surprise"})
    wait_until(lambda: show.changed() > 0.4)
    wait_until(lambda: show.changed() == 0)  # by itself
    assert opened(surprise.replace("Surprise", "nod"), b"") == (200, {"emote": "nod"})  # POST
    token = address.rpartition("=")[2]
    for wrong, status in (
        (address.replace(token, "x"), 403), (address.partition("&")[0], 403), (address.replace("joy", "ennui"), 400),
        (address.replace("seconds=3", "seconds=soon"), 400), (address.replace("seconds=3", "seconds=nan"), 400),
    ):  # fmt: skip
        assert opened(wrong)[0] == status
    who = {"pluginName": "hooks", "pluginDeveloper": "liveavatar"}
    with closing(Client(show.door.port)) as client:  # the token opens no other door
        assert client.ask("AuthenticationToken", **who)["errorID"] == 52
        client.ask("Authentication", **who, authenticationToken=token)
        assert client.ask("CurrentModel")["errorID"] == 8
    show.door.handle({"do": "revoke", "name": "hooks"})
    assert opened(address)[0] == 403


def test_it_is_told_on_this_machine_where_to_connect(tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(GENEROUS)
        monkeypatch.setattr(doors, "DISCOVERY", listener.getsockname()[1])
        with closing(Show(tiny)) as show:
            said = json.loads(listener.recv(4096))
            assert said["messageType"] == "VTubeStudioAPIStateBroadcast"
            assert said["data"]["port"] == show.door.port and len(said["data"]["instanceID"]) == 32
