"""What the avatar does, sent by VMC: read back by the reader of the same protocol, and by its format."""

import socket
from contextlib import closing

import numpy as np
import pytest

from liveavatar.app.vmc_out import HERE, PORT, Performing, datagrams, expressions, parse_target
from liveavatar.controls import BLENDSHAPES, CONTROLS, INDEX, gaze, neutral, vector
from liveavatar.errors import TrackerError
from liveavatar.retargeting.landmarks import angles
from liveavatar.retargeting.reactions import EMOTES
from liveavatar.trackers.senders.osc import messages
from liveavatar.trackers.senders.vmc import VMC
from liveavatar.types import Expression
from tests.helpers.running import GENEROUS


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (20.0, 10.0, -15.0), (-25.0, -5.0, 8.0)])
@pytest.mark.parametrize("emote", ["joy", "anger", "surprise", "wink", "tongue", None])
def test_what_is_sent_is_read_back(turn: tuple[float, float, float], emote: str | None) -> None:
    controls = np.random.default_rng(3).random(len(CONTROLS)).astype(np.float32)
    if emote is not None:
        controls = vector(**EMOTES[emote], **{} if "eyeLookUpLeft" in EMOTES[emote] else gaze(0.4, -0.2))
    for name, degrees in zip(("headYaw", "headPitch", "headRoll"), turn, strict=True):
        controls[INDEX[name]] = np.radians(degrees)
    sent = datagrams(Expression(controls, 5.0), 1.0)
    assert max(map(len, sent)) <= 1400  # a network carries it whole
    reader = VMC()
    (*_, reading) = [reader.read(datagram) for datagram in sent]
    assert reading is not None and reading.found
    assert np.degrees(angles(reading.rotation)) == pytest.approx(turn, abs=1e-3)
    for name in (*BLENDSHAPES, "tongueOut"):  # what VRM's expressions say beside them adds nothing
        assert reading.shapes[name] == pytest.approx(max(0.0, float(controls[INDEX[name]])), abs=1e-5), name


def test_the_eyes_bones_look_where_the_eyes_look() -> None:
    sent = datagrams(Expression(vector(**gaze(0.5, -0.3)), 5.0), 1.0)[0]
    reader = VMC()
    for message in messages(sent):
        reader._take(message)
    shapes = reader._reading().shapes  # no blendshape has come: of the bones alone
    assert shapes["eyeLookOutLeft"] == pytest.approx(0.5, abs=0.02) == shapes["eyeLookInRight"]
    assert shapes["eyeLookDownLeft"] == pytest.approx(0.3, abs=0.02) and shapes["eyeLookUpLeft"] == 0


def test_a_moment_is_as_the_protocol_has_it() -> None:
    sent = [
        list(messages(data)) for data in datagrams(Expression(vector(jawOpen=0.75), 5.0, tracked=False), 2.5)
    ]
    assert [(one.address, one.values) for one in sent[0][:2]] == [
        ("/VMC/Ext/OK", [1, 3, 0, 0]), ("/VMC/Ext/T", [2.5]),
    ]  # fmt: skip
    assert [one.values[0] for one in sent[0][2:]] == ["root", "Neck", "Head", "LeftEye", "RightEye"]
    assert all(len(one.values) == 8 for one in sent[0][2:])
    shapes = [one for part in sent[1:] for one in part]
    assert shapes[-1].address == "/VMC/Ext/Blend/Apply" and not shapes[-1].values
    assert {one.address for one in shapes[:-1]} == {"/VMC/Ext/Blend/Val"}
    values = dict(one.values for one in shapes[:-1])  # type: ignore[misc]
    assert values["JawOpen"] == values["A"] * 0.75 == 0.75 and values["Blink_L"] == 0
    assert len(values) == 52 + 12


def test_vrms_expressions_are_those_that_are_in_the_face() -> None:
    def found(**values: float) -> dict[str, float]:
        amounts = expressions(dict(zip(CONTROLS, vector(**values).tolist(), strict=True)))
        return {name: round(amount, 3) for name, amount in amounts.items() if amount > 0.001}

    assert found(eyeBlinkLeft=1.0) == {"blink_l": 1.0}
    assert found(eyeBlinkLeft=1.0, eyeBlinkRight=0.5) == {"blink": 0.5, "blink_l": 1.0, "blink_r": 0.5}
    assert found(jawOpen=0.45, mouthFunnel=0.6) == {"o": 1.0}
    assert found(mouthSmileLeft=0.7, mouthSmileRight=0.7) == {"fun": 1.0}
    assert not found() and not found(mouthSmileLeft=1.0)


def test_it_is_sent_at_a_steady_rate_until_it_is_closed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.bind((HERE, 0))
        program.settimeout(GENEROUS)
        with closing(Performing(program.getsockname(), lambda: Expression(neutral(), 0.0), 60.0)):
            times = [
                message.values[0]
                for _ in range(12)
                for message in messages(program.recv(2000))
                if message.address == "/VMC/Ext/T"
            ]
        assert len(times) == 3 and times == sorted(times)
        program.settimeout(0.2)
        with pytest.raises(TimeoutError):
            while True:
                program.recv(2000)


def test_targets() -> None:
    for text, expected in (
        ("", (HERE, PORT)), ("39540", (HERE, 39540)), (":39540", (HERE, 39540)),
        ("192.168.1.30", ("192.168.1.30", PORT)), ("10.0.0.2:5", ("10.0.0.2", 5)),
    ):  # fmt: skip
        assert parse_target(text) == expected
    for wrong in ("8.8.8.8", "0.0.0.0", "host", "127.0.0.1:0", "127.0.0.1:70000", "1.2.3", ":x"):
        with pytest.raises(TrackerError, match=r"such as"):
            parse_target(wrong)
