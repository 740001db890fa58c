"""Phones and other trackers: from their datagrams to the avatar's pixels, and what is no such datagram."""

import contextlib
import random
import socket
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.controls import INDEX, neutral
from liveavatar.errors import CameraError, TrackerError
from liveavatar.live.loop import Live
from liveavatar.outputs import open_output
from liveavatar.renderers import open_renderer
from liveavatar.retargeting import open_bare_retargeter
from liveavatar.retargeting.landmarks import angles
from liveavatar.retargeting.mixer import Mixer
from liveavatar.trackers.senders import SENDERS, Sender, parse_sender
from liveavatar.trackers.senders import receiver as receivers
from liveavatar.trackers.senders.reading import Malformed, Reading
from liveavatar.trackers.senders.receiver import Receiver, Told
from liveavatar.types import Expression
from tests.helpers.running import wait_until
from tests.helpers.senders import PACKETS, Turn, bundle, free_port, osc

AHEAD: Turn = (0.0, 0.0, 0.0)
FPS = 30.0


def read(name: str, packets: list[bytes]) -> Reading:
    reader = Sender(name).reader()
    (*_, last) = [reader.read(packet) for packet in packets]
    assert last is not None
    return last


@pytest.mark.parametrize("name", SENDERS)
@pytest.mark.parametrize("turn", [(20.0, 0.0, 0.0), (0.0, 12.0, 0.0), (0.0, 0.0, 15.0), (-18.0, 8.0, -10.0)])
def test_a_turn_has_the_same_signs_in_every_format(name: str, turn: Turn) -> None:
    reading = read(name, PACKETS[name](turn, {"jawOpen": 0.5, "eyeBlinkLeft": 1.0, "mouthSmileRight": 0.25}))
    assert np.degrees(angles(reading.rotation)) == pytest.approx(turn, abs=0.01)
    assert reading.shapes["jawOpen"] == pytest.approx(0.5)
    assert (reading.shapes["eyeBlinkLeft"], reading.shapes.get("eyeBlinkRight", 0.0)) == pytest.approx((1, 0))
    assert reading.shapes["mouthSmileRight"] == pytest.approx(0.25)
    assert reading.shapes.get("mouthSmileLeft", 0.0) == 0


def test_vrm_expressions_move_mouth_lids_and_gaze() -> None:
    eye = osc("/VMC/Ext/Bone/Pos", "LeftEye", 0.0, 0.0, 0.0, 0.0, -0.08, 0.0, 0.9968)
    other = osc("/VMC/Ext/Bone/Pos", "RightEye", 0.0, 0.0, 0.0, 0.0, -0.08, 0.0, 0.9968)
    shapes = [osc("/VMC/Ext/Blend/Val", name, 1.0) for name in ("A", "Blink_R", "nobody knows this")]
    reading = read("vmc", [bundle([eye, other, *shapes, osc("/VMC/Ext/Blend/Apply")])])
    assert reading.shapes["jawOpen"] == 0.75
    assert reading.shapes["eyeBlinkRight"] == 1 and "eyeBlinkLeft" not in reading.shapes
    assert (
        reading.shapes["eyeLookOutLeft"] > 0.5 and reading.shapes["eyeLookInLeft"] == 0
    )  # to the model's left


@pytest.mark.parametrize("name", SENDERS)
def test_a_thousand_damaged_datagrams_are_refused_or_read_within_limits(name: str) -> None:
    dice = random.Random(7)
    good = PACKETS[name]((10.0, 5.0, 3.0), {"jawOpen": 0.5, "mouthSmileLeft": 0.3})[-1]
    reader, refused = Sender(name).reader(), 0
    for _ in range(1000):
        data = damaged(good, dice)
        try:
            reading = reader.read(data)
        except Malformed:
            refused += 1
            continue
        if reading is not None:
            assert np.isfinite(reading.rotation).all() and np.isfinite(reading.place).all()
            assert np.isfinite(list(reading.shapes.values())).all()
    assert refused > 100


def damaged(good: bytes, dice: random.Random) -> bytes:
    data = bytearray(good)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = dice.randbytes(dice.randint(1, 40))
            case _:
                del data[at : at + dice.randint(1, 12)]
        if not data:
            data = bytearray(b"?")
    return bytes(data)


class Show:
    """A run with the tests' avatar that a sender drives."""

    def __init__(self, avatar: Avatar, sender: Sender, mirror: bool = False) -> None:
        self.output = open_output("memory", size=avatar.size, fps=FPS)
        self.retargeter = open_bare_retargeter(avatar)
        self.retargeter.mirror = mirror
        self.receiver = Receiver(sender)
        self.live = Live(
            open_camera=lambda: self.receiver, open_tracker=Told, retargeter=Mixer(self.retargeter),
            open_renderer=lambda: open_renderer(avatar, "cpu"), output=self.output, size=avatar.size, fps=FPS,
        )  # fmt: skip
        self._thread = threading.Thread(target=self.live.run)
        self._thread.start()

    def close(self) -> None:
        self.live.stop()
        self._thread.join()

    def picture(self) -> np.ndarray:
        return self.output.frames[-1].image.astype(int)  # type: ignore[attr-defined]


@contextlib.contextmanager
def show(avatar: Avatar, sender: Sender, mirror: bool = False) -> Iterator[Show]:
    running = Show(avatar, sender, mirror)
    try:
        yield running
    finally:
        running.close()


class Phone:
    """Sends what it does, 60 a second."""

    def __init__(self, name: str, to: tuple[str, int]) -> None:
        self.name, self.turn, self.shapes = name, AHEAD, dict[str, float]()
        self.sends = threading.Event()
        self.sends.set()
        self._to, self._over = to, threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(1 / 60):
            if self.sends.is_set():
                for packet in PACKETS[self.name](self.turn, self.shapes):
                    self._socket.sendto(packet, self._to)

    def __enter__(self) -> "Phone":
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()


@pytest.mark.parametrize("name", SENDERS)
@pytest.mark.parametrize("mirror", [False, True])
def test_a_head_that_turns_turns_the_avatar(name: str, mirror: bool, tiny: Avatar) -> None:
    renderer = open_renderer(tiny, "cpu")

    def turned(radians: float) -> np.ndarray:
        controls = neutral()
        controls[INDEX["headYaw"]] = radians
        return renderer.render(Expression(controls, 0.0)).image.astype(int)

    right, left = turned(0.3), turned(-0.3)
    sender = Sender(name, "127.0.0.1", free_port())
    with show(tiny, sender, mirror) as running, Phone(name, ("127.0.0.1", running.receiver.port)) as phone:
        wait_until(lambda: running.live.report.driven > 10)
        for turn, near, far in ((20.0, right, left), (-20.0, left, right)):
            phone.turn = (turn, 0.0, 0.0)
            if mirror:
                near, far = far, near
            wait_until(
                lambda near=near, far=far: (
                    np.abs(running.picture() - near).mean() < 0.6 * np.abs(running.picture() - far).mean()
                )
            )


def test_a_sender_that_stops_lets_the_avatar_idle_and_goes_on(
    tiny: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "SILENT", 0.5)
    with show(tiny, Sender("vmc", port=free_port())) as running:
        note = running.live.report.notes
        wait_until(lambda: "nothing comes from vmc" in note.get("tracker", ""))
        with Phone("vmc", ("127.0.0.1", running.receiver.port)) as phone:
            phone.shapes = {"jawOpen": 1.0}
            wait_until(lambda: "tracker" not in note and latest(running).tracked)
            phone.sends.clear()
            wait_until(lambda: "tracker" in note and not latest(running).tracked)
            phone.sends.set()
            wait_until(lambda: "tracker" not in note and latest(running).tracked)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            good = PACKETS["vmc"]((9.0, 0.0, 0.0), {"jawOpen": 1.0})[-1]
            dice, sent = random.Random(3), running.live.report.sent
            for _ in range(1000):
                stranger.sendto(damaged(good, dice), ("127.0.0.1", running.receiver.port))
                time.sleep(0.001)
            assert running.live.report.sent > sent
        assert not running.live.report.troubles


def latest(running: Show) -> Expression:
    mixer = running.live._line._performer._retargeter
    return mixer.latest or Expression(neutral(), 0.0, tracked=False)  # type: ignore[attr-defined, no-any-return]


def test_a_sender_with_a_new_port_for_each_datagram_is_heard_and_a_second_one_is_not() -> None:
    receiver = Receiver(Sender("vmc", port=free_port()))
    (*_, good) = PACKETS["vmc"](AHEAD, {"jawOpen": 1.0})
    for _ in range(5):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
            once.sendto(good, ("127.0.0.1", receiver.port))
            assert receiver._receive() is not None
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        heard = []
        for _ in range(4):
            for who in (one, other):
                who.sendto(good, ("127.0.0.1", receiver.port))
                heard.append(receiver._receive() is not None)
        assert heard == [True, True, True, False, True, False, True, False]
    receiver.close()


def test_a_value_of_a_type_that_vmc_has_not_costs_its_message_alone() -> None:
    def strange(types: str, data: bytes) -> bytes:
        return b"/a\0\0" + types.encode() + b"\0" * (4 - len(types) % 4) + data

    eye = osc("/VMC/Ext/Blend/Val", "JawOpen", 0.5)
    for odd in (
        strange(",hdtc", bytes(28)), strange(",b", b"\0\0\0\5" + bytes(8)), strange(",[i]I", bytes(4)),
        strange(",ZZ", bytes(4)), strange(",Sf", b"text\0\0\0\0" + bytes(4)),
    ):  # fmt: skip
        assert read("vmc", [bundle([odd, eye, odd, osc("/VMC/Ext/Blend/Apply")])]).shapes["jawOpen"] == 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is this machine on Linux alone")
@pytest.mark.parametrize("name", ["vts-phone", "ifacialmocap", "facemotion3d"])
def test_a_phone_is_asked_and_asked_again_and_nobody_else_is_heard(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "ASK_EVERY", 0.05)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        phone.bind(("127.0.0.2", 0))
        phone.settimeout(10)
        other.bind(("127.0.0.3", 0))
        receiver = Receiver(Sender(name, "127.0.0.2", phone.getsockname()[1]))
        frames = iter(receiver)
        assert not any(next(frames).face for _ in range(10))
        question, asker = phone.recvfrom(4096)
        assert question == phone.recvfrom(4096)[0] == Sender(name).reader().ask(asker[1])
        (datagram,) = PACKETS[name](AHEAD, {"jawOpen": 1.0})
        other.sendto(datagram, ("127.0.0.1", receiver.port))
        assert not any(next(frames).face for _ in range(5))
        phone.sendto(datagram, ("127.0.0.1", receiver.port))
        assert any(next(frames).face for _ in range(5))
        receiver.close()


@pytest.mark.parametrize(
    "text", ["vts-phone", "webcam", "vmc@", "vmc@8.8.8.8", "vmc@phone", "vmc:99999", "vmc@10.0.0.1:x", ""]
)
def test_what_names_no_sender_is_said(text: str) -> None:
    with pytest.raises(TrackerError, match=r"such as|address"):
        parse_sender(text)
    assert parse_sender("ifacialmocap@192.168.1.20:5000") == Sender("ifacialmocap", "192.168.1.20", 5000)


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CameraError, match="cannot listen on port"):
            Receiver(Sender("vmc", port=taken.getsockname()[1]))
