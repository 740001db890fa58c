"""`run --camera none` and `--tracker NAME`: an avatar without a camera."""

import socket
import threading
from contextlib import suppress
from itertools import count
from typing import Any

import numpy as np
import pytest

from liveavatar.app import live_session
from liveavatar.app.live_session import DesktopOptions, play_live
from liveavatar.app.parts import LineOptions
from liveavatar.app.sink import Sink
from liveavatar.avatar.card import Avatar
from liveavatar.base.mailbox import Closed
from liveavatar.media.compositing import Background, Framing
from liveavatar.outputs.memory import Memory
from liveavatar.retargeting import open_bare_retargeter, open_retargeter
from liveavatar.trackers import model_files
from liveavatar.trackers.senders import Sender
from liveavatar.trackers.senders.vmc import VMC
from tests.helpers.senders import PACKETS, free_port


class Watched(Memory):
    """Closed by its user after so many frames."""

    def send(self, frame: Any, at: float | None = None) -> None:
        if len(self.frames) == 120:
            raise Closed
        super().send(frame, at)


@pytest.fixture
def output(tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Of a run in which whoever opens a camera or looks for a face model fails."""

    def never(*a: object, **k: object) -> None:
        raise AssertionError("neither a face model nor a camera is needed")

    monkeypatch.setattr(model_files, "find_model", never)
    monkeypatch.setattr("liveavatar.cameras.open_camera", never)
    monkeypatch.setattr(live_session, "tell_of_another", lambda: None)
    output = Watched("memory", size=tiny.size, fps=30.0, background=Background("white", tiny.size))
    monkeypatch.setattr(Sink, "open_live", lambda *a: output)
    return output


def test_the_avatar_idles_without_a_camera_and_without_a_face_model(tiny: Avatar, output: Watched) -> None:
    line = LineOptions("none", tiny, "cpu", "cpu", None, open_retargeter(tiny))
    assert play_live(
        line, Sink("null", None, "bt709", None, Framing()), None, DesktopOptions(False, False, False)
    )
    pictures = np.array(output.pictures[10:], np.int16)
    assert np.abs(np.diff(pictures, axis=0)).max() > 0, "it breathes and blinks"


def test_a_tracker_elsewhere_drives_it_and_other_programs_without_a_camera(
    tiny: Avatar, output: Watched
) -> None:
    """VMC in, VMC out: what comes is drawn, and sent on."""
    jaws: list[float] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.bind(("127.0.0.1", 0))
        program.settimeout(0.1)
        sender = Sender("vmc", port=free_port())
        line = LineOptions("0", tiny, "cpu", "cpu", None, open_bare_retargeter(tiny), sender)
        desktop = DesktopOptions(False, False, False, vmc_out=program.getsockname())
        over = threading.Event()
        others = [
            threading.Thread(target=perform, args=(sender.port, over)),
            threading.Thread(target=listen, args=(program, jaws, over)),
        ]
        for other in others:
            other.start()
        try:
            assert play_live(line, Sink("null", None, "bt709", None, Framing()), None, desktop)
        finally:
            over.set()
            for other in others:
                other.join()
    assert max(jaws) > 0.5
    pictures = np.array(output.pictures, np.int16)
    assert np.abs(pictures - pictures[5]).mean(axis=(1, 2, 3)).max() > 0.5


def perform(port: int, over: threading.Event) -> None:
    """Look straight, then open the mouth, as another program would."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for i in count():
            for packet in PACKETS["vmc"]((0.0, 0.0, 0.0), {"jawOpen": float(i > 60)}):
                out.sendto(packet, ("127.0.0.1", port))
            if over.wait(1 / 60):
                return


def listen(program: socket.socket, jaws: list[float], over: threading.Event) -> None:
    """Take what is sent: how far the jaw is open at each moment."""
    reader = VMC()
    while not over.is_set():
        with suppress(TimeoutError):
            if (reading := reader.read(program.recv(2000))) is not None and reading.found:
                jaws.append(reading.shapes.get("jawOpen", 0.0))
