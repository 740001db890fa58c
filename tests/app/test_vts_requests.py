"""What plugins send, frame by frame: the quirks of their libraries, what is wrong, what an avatar has not."""

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from liveavatar.app.vts import requests, stage
from liveavatar.app.vts.consent import Plugin
from liveavatar.app.vts.parameters import DEFAULTS
from liveavatar.app.vts.protocol import identity
from liveavatar.controls import INDEX
from liveavatar.media.compositing import Framing
from liveavatar.types import AvatarFrame
from tests.helpers.plugins import Puppet
from tests.helpers.running import GENEROUS, wait_until

Ask = Callable[..., dict[str, Any]]
ME = Plugin("A deck", "Somebody")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))
    return tmp_path


@pytest.fixture
def puppet(home: Path) -> Puppet:
    return Puppet()


@pytest.fixture
def ask(puppet: Puppet) -> Ask:
    """Of a plugin that was let in: (the message's type, its data) -> the answer's data."""
    return puppet.session(ME).ask


def error_of(answer: dict[str, Any]) -> int:
    assert answer["messageType"] == "APIError" and answer["data"]["message"]
    return int(answer["data"]["errorID"])


FRAMES: list[tuple[str | bytes, int]] = [
    ("", 2), ("{", 2), ("[]", 2), ("null", 2), (b"\xff\xfe\x00", 2), ('{"apiName": NaN}', 2), ("[" * 5000, 2),
    ("{}", 3), ('{"apiName": "Other", "apiVersion": "1.0"}', 3),
    ('{"apiName": "VTubeStudioPublicAPI", "apiVersion": "2.0"}', 4),
    ('{"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": "汉"}', 5),
    ('{"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": 7}', 5),
    (json.dumps({"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": "x" * 65}), 5),
    ('{"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0"}', 6),
    ('{"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "LoadModelRequest"}', 7),
    ('{"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "APIState"}', 7),
    ('{"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "CurrentModelRequest"}', 8),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "number"), FRAMES)
def test_what_is_wrong_has_vtube_studios_number(puppet: Puppet, frame: str | bytes, number: int) -> None:
    assert error_of(puppet.session(None).raw(frame)) == number


def test_the_envelopes_of_the_libraries(puppet: Puppet) -> None:
    """pyvts: data null, one id for everything; PyTubeStudio: "requestId"; npm: timestamp, ids with - and _; binary frames."""
    session = puppet.session(None)
    frame = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "APIStateRequest"}
    for extra, expected in (
        ({"requestID": "SomeID", "data": None}, "SomeID"),
        ({"requestID": "-_aB09xyZ-_aB09x", "timestamp": 1, "data": {}}, "-_aB09xyZ-_aB09x"),
        ({"requestId": "theirs"}, None),
        ({"requestID": None, "more": [1]}, None),
    ):
        for raw in (json.dumps(frame | extra), json.dumps(frame | extra).encode()):
            answer = session.raw(raw)
            assert answer["messageType"] == "APIStateResponse" and answer["data"]["active"]
            assert answer["requestID"] == expected or (expected is None and len(answer["requestID"]) == 32)
            assert isinstance(answer["timestamp"], int) and not answer["data"]["currentSessionAuthenticated"]


def test_every_request_of_the_core_and_every_stub_answers(ask: Ask) -> None:
    refused = {"ItemLoad": 753, "ItemPin": 1050, "SetCurrentModelPhysics": 701, "ArtMeshSelection": 1001,
               "PostProcessingUpdate": 1200, "ModelLoad": 150, "HotkeyTrigger": 202, "ExpressionActivation": 650,
               "ParameterValue": 500, "ParameterCreation": 350, "ParameterDeletion": 400, "InjectParameterData": 450,
               "Authentication": 100, "AuthenticationToken": 52, "ColorTint": 251}  # fmt: skip
    assert len(requests.REQUESTS) > 35
    for kind in requests.REQUESTS:
        answer = ask(kind)
        assert (error_of(answer) if kind in refused else 0) == refused.get(kind, 0), answer
        if kind not in refused:
            assert answer["messageType"] == f"{kind}Response" and isinstance(answer["data"], dict)


def test_models_are_avatars_with_lasting_ids(ask: Ask, puppet: Puppet) -> None:
    models = ask("AvailableModels")["data"]
    assert [model["modelName"] for model in models["availableModels"]] == ["tiny", "星"]
    now, other = models["availableModels"]
    assert now["modelLoaded"] and len(now["modelID"]) == 32 and now["modelID"] == identity("avatar tiny")
    assert ask("ModelLoad", modelID="0" * 32)["data"]["errorID"] == 152
    assert ask("ModelLoad", modelID="")["data"]["errorID"] == 154
    assert ask("ModelLoad", modelID=other["modelID"])["data"] == {"modelID": other["modelID"]}
    assert ask("CurrentModel")["data"]["modelName"] == "星" and puppet.swapped == ["星"]
    assert ask("ModelLoad", modelID=now["modelID"])["data"]["errorID"] == 153  # one in two seconds


def test_a_swap_that_fails_says_so(ask: Ask, puppet: Puppet) -> None:
    puppet.broken = True
    answer = ask("ModelLoad", modelID=identity("avatar 星"))
    assert error_of(answer) == 154 and "damaged" in answer["data"]["message"]


def test_a_swap_that_fails_in_whatever_way_or_too_late_says_so(
    ask: Ask, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap(name: str) -> dict[str, Any]:
        assert puppet.over.wait(GENEROUS)
        raise MemoryError("no room")

    puppet.swap, puppet.over = swap, threading.Event()
    puppet.over.set()
    answer = ask("ModelLoad", modelID=identity("avatar 星"))
    assert error_of(answer) == 154 and "no room" in answer["data"]["message"] and not puppet.complaints
    puppet.over.clear()
    monkeypatch.setattr(stage, "ANSWER", 0.01)
    puppet.time += 3
    assert ask("ModelLoad", modelID=identity("avatar 星"))["messageType"] == "ModelLoadResponse"
    puppet.over.set()
    wait_until(lambda: puppet.complaints)
    assert "no room" in puppet.complaints[0]  # the user's: the plugin has its answer


def test_hotkeys_of_any_model_by_id_and_by_name(ask: Ask, puppet: Puppet) -> None:
    keys = ask("HotkeysInCurrentModel", modelID=identity("avatar 星"))["data"]
    assert not keys["modelLoaded"] and keys["modelName"] == "星"
    by_name = {key["name"]: key for key in keys["availableHotkeys"]}
    assert by_name["joy"]["type"] == "ToggleExpression" and by_name["joy"]["file"] == "joy.exp3.json"
    assert {"none", "nod", "recenter", "panic", "mirror", "avatar 星"} < set(by_name)
    assert ask("HotkeyTrigger", hotkeyID="JOY")["data"] == {"hotkeyID": by_name["joy"]["hotkeyID"]}
    assert puppet.mixer.reactions.active == "joy"
    assert ask("HotkeyTrigger", hotkeyID="joy")["data"]["errorID"] == 203
    assert ask("HotkeyTrigger", hotkeyID=by_name["anger"]["hotkeyID"])["data"]["hotkeyID"]
    assert puppet.mixer.reactions.active == "anger"
    ask("HotkeyTrigger", hotkeyName="mirror")
    assert puppet.background.framing.mirror
    assert ask("HotkeyTrigger", hotkeyID="", itemInstanceID="x")["data"]["errorID"] == 202
    assert ask("HotkeysInCurrentModel", modelID="f" * 32)["data"]["errorID"] == 152


def test_expressions_are_emotes_one_at_a_time(ask: Ask) -> None:
    for _ in range(2):  # twice is once
        assert ask("ExpressionActivation", expressionFile="joy.exp3.json", active=True)["data"] == {}
    ask("ExpressionActivation", expressionFile="Anger.exp3.json", active=True, fadeTime=0.5)
    states = ask("ExpressionState", details=True, expressionFile=None)["data"]["expressions"]
    assert [one["name"] for one in states if one["active"]] == ["anger"]
    assert states[0]["parameters"] and states[0]["usedInHotkeys"][0]["name"] == states[0]["name"]
    assert ask("ExpressionState", expressionFile="x.json")["data"]["errorID"] == 600
    assert ask("ExpressionState", expressionFile="x.exp3.json")["data"]["errorID"] == 601
    ask("ExpressionActivation", expressionFile="anger.exp3.json", active=False)
    assert not any(one["active"] for one in ask("ExpressionState")["data"]["expressions"])


def test_a_model_is_moved_as_vtube_studio_moves_one(ask: Ask, puppet: Puppet) -> None:
    """The Stream Deck's plugin leaves valuesAreRelativeToModel out and sends a time of null."""
    assert ask("MoveModel", timeInSeconds=None, positionX=0.4, positionY=-0.2, size=50)["data"] == {}
    framing = puppet.background.framing
    assert (framing.x, framing.y, framing.zoom) == pytest.approx((0.2, 0.1, 2.0))
    place = ask("CurrentModel")["data"]["modelPosition"]
    assert place == {"positionX": 0.4, "positionY": -0.2, "rotation": 0, "size": 50.0}
    ask("MoveModel", timeInSeconds=0, valuesAreRelativeToModel=True, positionX=-0.4)
    assert puppet.background.framing.x == pytest.approx(
        0
    ) and puppet.background.framing.zoom == pytest.approx(2)
    ask("MoveModel", timeInSeconds=1, positionX=1000)
    puppet.stage.placement.step(puppet.time + 0.5)
    assert 0.4 < puppet.background.framing.x < 0.6
    puppet.stage.placement.step(puppet.time + 1)
    assert puppet.background.framing.x == 1.0  # as far as it goes
    ask("MoveModel", timeInSeconds=1, rotation=-90)
    puppet.stage.placement.step(puppet.time + 0.5)
    assert puppet.background.framing.rotation == pytest.approx(-45)
    puppet.stage.placement.step(puppet.time + 1)
    assert ask("CurrentModel")["data"]["modelPosition"]["rotation"] == 270
    ask("MoveModel", timeInSeconds=0, valuesAreRelativeToModel=True, rotation=360)
    assert puppet.background.framing.rotation == pytest.approx(270)
    assert ask("MoveModel", timeInSeconds=0, rotation=361)["data"]["errorID"] == 302
    assert ask("MoveModel", timeInSeconds=3)["data"]["errorID"] == 302
    assert ask("MoveModel", timeInSeconds=0, size=101)["data"]["errorID"] == 302
    assert ask("MoveModel", timeInSeconds="soon")["data"]["errorID"] == 301


def test_default_parameters_keep_their_places(ask: Ask) -> None:
    """Some plugins index them by position."""
    listed = ask("InputParameterList")["data"]["defaultParameters"]
    names = [one["name"] for one in listed]
    assert names[:9] == ["FacePositionX", "FacePositionY", "FacePositionZ", "FaceAngleX", "FaceAngleY", "FaceAngleZ",
                         "MouthSmile", "MouthOpen", "Brows"]  # fmt: skip
    assert names[22:27] == [
        "VoiceVolume",
        "VoiceFrequency",
        "VoiceVolumePlusMouthOpen",
        "VoiceFrequencyPlusMouthSmile",
        "MouthX",
    ]
    assert names[-6:] == ["VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO", "VoiceSilence"] and len(
        names
    ) == len(DEFAULTS)
    assert all(
        one["min"] <= one["value"] <= one["max"] and one["addedBy"] == "VTube Studio" for one in listed
    )


INJECTED = [
    ("FaceAngleX", 15, "headYaw", 0.2618), ("FaceAngleY", -10, "headPitch", -0.1745), ("FaceAngleZ", 10, "headRoll", 0.1745),
    ("MouthOpen", 0.7, "jawOpen", 0.7), ("MouthSmile", 1, "mouthSmileLeft", 1.0), ("MouthSmile", 0, "mouthFrownRight", 1.0),
    ("EyeOpenLeft", 0, "eyeBlinkLeft", 1.0), ("EyeOpenRight", 1, "eyeWideRight", 1.0), ("Brows", 1, "browInnerUp", 1.0),
    ("EyeRightX", 0.5, "eyeLookOutLeft", 0.5), ("EyeRightX", -0.5, "eyeLookOutRight", 0.5), ("VoiceO", 1, "mouthFunnel", 0.6),
    ("EyeBlinkLeft", 0.8, "eyeBlinkLeft", 0.8), ("jawopen", 0.3, "jawOpen", 0.3),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "control", "expected"), INJECTED)
def test_a_parameter_that_is_set_moves_the_avatar(
    ask: Ask, puppet: Puppet, name: str, value: float, control: str, expected: float
) -> None:
    """pyvts always sends faceFound false: it does not mean that the face is lost."""
    given = [{"id": name, "value": value, "weight": 1}]
    assert ask("InjectParameterData", faceFound=False, mode="Set", parameterValues=given)["data"] == {}
    assert puppet.shown().controls[INDEX[control]] == pytest.approx(expected, abs=1e-3)
    assert ask("ParameterValue", name=name)["data"]["value"] == pytest.approx(value)


def test_injecting_is_all_or_nothing_and_numbers_are_checked(ask: Ask, puppet: Puppet) -> None:
    good = {"id": "FaceAngleX", "value": 20}
    for bad, number in (
        ({"id": "Tail", "value": 1}, 453), ({"id": "MouthOpen", "value": 2e6}, 451), ({"id": "MouthOpen", "value": "1"}, 451),
        ({"id": "MouthOpen", "value": 1, "weight": 2}, 452), ("MouthOpen", 450),
    ):  # fmt: skip
        assert error_of(ask("InjectParameterData", parameterValues=[good, bad])) == number
    assert error_of(ask("InjectParameterData", mode="mul", parameterValues=[good])) == 455
    assert puppet.shown().controls[INDEX["headYaw"]] == 0


def test_set_belongs_to_one_plugin_and_add_to_all(puppet: Puppet) -> None:
    one, two = puppet.session(ME).ask, puppet.session(Plugin("Another", "Somebody")).ask
    given = [{"id": "FaceAngleX", "value": 6}]
    assert one("InjectParameterData", parameterValues=given)["data"] == {}
    assert error_of(two("InjectParameterData", parameterValues=given)) == 454
    for ask in (one, two):
        assert ask("InjectParameterData", mode="add", parameterValues=given)["data"] == {}
    assert puppet.shown().controls[INDEX["headYaw"]] == pytest.approx(3 * 6 * 0.01745, abs=1e-3)
    puppet.time += 1.1
    assert two("InjectParameterData", parameterValues=given)["data"] == {}


def test_custom_parameters_belong_to_their_plugin(puppet: Puppet) -> None:
    mine, other = puppet.session(ME).ask, puppet.session(Plugin("Another", "Somebody")).ask
    pulse = {"parameterName": "HeartRate", "explanation": "beats", "min": 0, "max": 255, "defaultValue": 60}
    assert mine("ParameterCreation", **pulse)["data"] == {"parameterName": "HeartRate"}
    assert mine("ParameterCreation", **pulse)["data"] == {"parameterName": "HeartRate"}
    assert error_of(other("ParameterCreation", **pulse)) == 352
    assert error_of(other("ParameterDeletion", parameterName="HeartRate")) == 402
    for name in ("a b", "abc", "x" * 33, "心跳HeartRate"):
        assert error_of(mine("ParameterCreation", **{**pulse, "parameterName": name})) == 350
    assert error_of(mine("ParameterCreation", **{**pulse, "parameterName": "MouthOpen"})) == 354
    assert error_of(mine("ParameterCreation", **{**pulse, "max": None})) == 351
    mine("InjectParameterData", parameterValues=[{"id": "HeartRate", "value": 88}])
    told = mine("InputParameterList")["data"]["customParameters"]
    assert [(one["name"], one["value"], one["addedBy"]) for one in told] == [("HeartRate", 88, "A deck")]
    puppet.time += 1.1
    assert mine("ParameterValue", name="HeartRate")["data"]["value"] == 60
    assert mine("ParameterDeletion", parameterName="HeartRate")["data"] == {"parameterName": "HeartRate"}
    assert error_of(mine("ParameterDeletion", parameterName="HeartRate")) == 401


def test_custom_parameters_stay_until_their_plugin_is_revoked(puppet: Puppet, home: Path) -> None:
    pulse = {"parameterName": "HeartRate", "explanation": "心跳", "min": 0, "max": 255, "defaultValue": 60}
    (home / "plugin-parameters.json").write_text("{", encoding="utf-8")  # damaged: nobody minds
    later = []
    for allowed in (True, True, False):
        puppet.consent.ask(ME, lambda token: None, 0.0)
        puppet.consent.allow(ME.name)
        session = puppet.session(ME)
        later.append([one["name"] for one in session.ask("InputParameterList")["data"]["customParameters"]])
        session.ask("ParameterCreation", **pulse)
        if not allowed:
            puppet.handle({"do": "revoke", "name": ME.name})
        puppet.keep()
        puppet = Puppet()
    assert later == [[], ["HeartRate"], ["HeartRate"]]
    assert not puppet.session(ME).ask("InputParameterList")["data"]["customParameters"]


def test_a_tint_is_the_whole_avatars_and_goes_with_its_plugin(ask: Ask, puppet: Puppet) -> None:
    red = {"colorR": 255, "colorG": 100, "colorB": 100, "colorA": 200, "mixWithSceneLightingColor": 1}
    for which, matched in (
        ({"tintAll": False, "nameContains": ["ava"]}, 1), ({"tintAll": True}, 1), ({"nameExact": ["Avatar"]}, 1),
        ({"tintAll": False, "nameContains": ["face", ""], "tagContains": ["avatar"]}, 0), ({}, 0),
    ):  # fmt: skip
        assert ask("ColorTint", colorTint=red, artMeshMatcher=which)["data"] == {"matchedArtMeshes": matched}
        assert puppet.background.framing.tint == (255, 100, 100, 200)
    for wrong in ({}, {**red, "colorA": 256}, {**red, "colorR": "red"}):
        assert error_of(ask("ColorTint", colorTint=wrong, artMeshMatcher={"tintAll": True})) == 252
    puppet.stage.forget("somebody else")
    assert puppet.background.framing.tint == (255, 100, 100, 200)
    puppet.stage.forget(ME.key)
    assert puppet.background.framing.plain


def test_icons(ask: Ask) -> None:
    def icon(data: bytes) -> str:
        return base64.b64encode(data).decode()

    small = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (64).to_bytes(4, "big") * 2
    for wrong in ("%%%", icon(b"GIF89a"), icon(small), 7):
        assert (
            error_of(
                ask("AuthenticationToken", pluginName="Name", pluginDeveloper="Somebody", pluginIcon=wrong)
            )
            == 54
        )
    for right in (None, "", icon(small.replace((64).to_bytes(4, "big"), (128).to_bytes(4, "big")))):
        requests.check_icon(right)


def test_events_are_subscribed_to_and_told(puppet: Puppet) -> None:
    session = puppet.session(ME)
    answer = session.ask(
        "EventSubscription", eventName="HotkeyTriggeredEvent", subscribe=True, config={"0": 0}
    )
    assert answer["data"] == {"subscribedEventCount": 1, "subscribedEvents": ["HotkeyTriggeredEvent"]}
    for name in (
        "ModelLoadedEvent",
        "TestEvent",
        "TrackingStatusChangedEvent",
        "ModelMovedEvent",
        "ItemEvent",
    ):
        session.ask("EventSubscription", eventName=name, subscribe=True, config={})
    assert [one["messageType"] for one in session.told] == ["ModelMovedEvent"]  # at once
    session.ask("HotkeyTrigger", hotkeyID="wink")
    session.ask("ModelLoad", modelID=identity("avatar 星"))
    session.ask("MoveModel", positionX=0.5)
    puppet.mixer.reactions.perform("joy")
    puppet.tick(1.05)
    told = [(one["messageType"], one["data"]) for one in session.told[1:]]
    assert [kind for kind, _ in told] == ["TestEvent", "ModelLoadedEvent", "ModelLoadedEvent", "ModelMovedEvent",
                                          "HotkeyTriggeredEvent"]  # fmt: skip
    assert [data["modelLoaded"] for kind, data in told[1:3]] == [False, True] and told[2][1][
        "modelName"
    ] == "星"
    assert told[-1][1]["hotkeyName"] == "wink" and told[-1][1]["hotkeyTriggeredByAPI"]
    puppet.mixer.reactions.perform("joy")  # by key: off again
    puppet.tick(0.1)
    assert (
        session.told[-1]["data"]["hotkeyName"] == "joy"
        and not session.told[-1]["data"]["hotkeyTriggeredByAPI"]
    )
    assert session.ask("EventSubscription", subscribe=False)["data"]["subscribedEventCount"] == 0
    count = len(session.told)
    puppet.tick(2.0)
    assert len(session.told) == count


def test_a_hotkey_that_is_pressed_while_events_are_told_is_told_once(puppet: Puppet) -> None:
    session = puppet.session(ME)
    session.ask("EventSubscription", eventName="HotkeyTriggeredEvent", subscribe=True)
    over = threading.Event()

    def tell() -> None:
        while not over.is_set():
            puppet.tick(0.0)

    teller = threading.Thread(target=tell)
    teller.start()
    for _ in range(300):
        puppet.time += 0.1
        session.ask("HotkeyTrigger", hotkeyID="wink")
    over.set()
    teller.join()
    puppet.tick(0.0)
    assert [one["data"]["hotkeyTriggeredByAPI"] for one in session.told] == [True] * 300


def test_the_outline_is_told_fifteen_times_a_second_to_who_wants_it(puppet: Puppet) -> None:
    picture = np.zeros((100, 200, 4), np.uint8)
    picture[50:, 100:] = 255
    puppet.frame = AvatarFrame(picture, 0.0)
    puppet.background.framing = Framing()
    puppet.tick(1.0)
    session = puppet.session(ME)
    session.ask("EventSubscription", eventName="ModelOutlineEvent", subscribe=True, config={"draw": False})
    for _ in range(60):
        puppet.tick(1 / 30)
    told = [one["data"] for one in session.told if one["messageType"] == "ModelOutlineEvent"]
    assert len(told) == pytest.approx(30, abs=1)
    hull = np.array([[point["x"], point["y"]] for point in told[-1]["convexHull"]])
    # 64 x 64 pixels: the picture is 64 x 32 at the bottom, its lower right quarter is seen.
    assert np.abs(hull.min(axis=0) - [0, -1]).max() < 0.1 and np.abs(hull.max(axis=0) - [1, -0.5]).max() < 0.1
    assert told[-1]["windowSize"] == {"x": 64, "y": 64}
    middle = told[-1]["convexHullCenter"]
    assert (middle["x"], middle["y"]) == pytest.approx(tuple(hull.mean(axis=0)), abs=1e-4)


SUBSCRIPTIONS: list[tuple[str, dict[str, Any], int]] = [
    ("NoEvent", {}, 950),
    ("TestEvent", {"testMessageForEvent": "x" * 33}, 100_000),
    ("ModelLoadedEvent", {"modelID": ["x"]}, 100_050),
    ("HotkeyTriggeredEvent", {"onlyForAction": "x" * 65}, 100_100),
]


@pytest.mark.parametrize(("name", "config", "number"), SUBSCRIPTIONS)
def test_wrong_subscriptions(ask: Ask, name: str, config: dict[str, Any], number: int) -> None:
    assert error_of(ask("EventSubscription", eventName=name, subscribe=True, config=config)) == number
