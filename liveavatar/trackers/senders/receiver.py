"""The socket that another tracker sends to: a camera without pictures, whose frames carry faces that were tracked elsewhere.

Takes one sender, a limited number of datagrams of a limited size, and asks those that send only to who asks.
"""

import logging
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from liveavatar.base.timing import now
from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.stages import Camera, Tracker
from liveavatar.trackers.senders import Sender
from liveavatar.trackers.senders.reading import SIZE, Malformed, face_of
from liveavatar.types import Face, Frame

log = logging.getLogger(__name__)

ASK_EVERY = 1.0
QUIET = 0.25
"""Seconds without a face after which none is seen."""
SILENT = 3.0
"""Seconds after which the user is told, and another sender is listened to."""
MOST = 1000
"""Datagrams a second that are read; one moment of a face may take ten."""
_ANY = 65_535
_POLL = 1 / 30
_NOTHING = np.zeros((0, 0, 3), np.uint8)
HERE = "127.0.0.1"


@dataclass(frozen=True)
class Message(Frame):
    """A frame without a picture: what came from the sender until then."""

    face: Face | None = None
    note: str = ""
    """For the user."""


class Told(Tracker):
    """Hands on the faces of a receiver's messages."""

    def __init__(self) -> None:
        self._note = ""

    @property
    def note(self) -> str:
        """See stages.Tracker."""
        return self._note

    def track(self, frame: Frame) -> Face | None:
        """See stages.Tracker."""
        assert isinstance(frame, Message)
        self._note = frame.note
        return frame.face


class Receiver(Camera):
    """Yields a message for each moment of a face, and where nothing comes one without a face, 30 a second."""

    def __init__(self, sender: Sender, fps: float = 30.0) -> None:
        """fps: moments a second that are of use. Raises CameraError where the port cannot be opened."""
        self.size, self.fps = SIZE, fps
        self._sender, self._reader = sender, sender.reader()
        self._port = sender.port or self._reader.port
        self._closed = threading.Event()
        self._socket = _opened(sender.host, self._reader.own_port(self._port))
        self.port: int = self._socket.getsockname()[1]
        """That it listens on."""
        self._asked = -np.inf
        self._from: tuple[str, int] | None = None
        """The sender; None as long as each datagram comes from a port of its own, as some programs send them."""
        self._ports: deque[tuple[str, int]] = deque(maxlen=64)
        """That something well-formed came from."""
        self._heard, self._began = -np.inf, now()
        """When something well-formed came last; seconds."""
        self._second, self._count = 0.0, 0
        self._why = ""
        """What is wrong with what came, if it is."""
        log.info("listening on %s:%d for %s", *self._socket.getsockname(), sender.host or "this machine")

    def __iter__(self) -> Iterator[Message]:
        """See stages.Camera."""
        index, shown, seen = 0, -np.inf, -np.inf
        face: Face | None = None
        while not self._closed.is_set():
            self._ask()
            fresh = self._receive()
            time = now()
            face, seen = (face, seen) if fresh is None else (fresh, time)
            if time - shown < 0.75 / self.fps or (face is None and time - seen < QUIET):
                continue  # more than are drawn; or the next one is on its way
            shown = time
            yield Message(_NOTHING, time, index, face, self._note(time))
            index, face = index + 1, None

    def close(self) -> None:
        """See stages.Camera."""
        self._closed.set()
        self._socket.close()

    def _ask(self) -> None:
        time = now()
        if not self._reader.asked or time - self._asked < ASK_EVERY:
            return
        self._asked = time
        try:
            self._socket.sendto(self._reader.ask(self.port), (self._sender.host, self._port))
        except OSError as error:
            if self._closed.is_set():
                return
            self._why = error.strerror or str(error)

    def _receive(self) -> Face | None:
        """The face in the next datagram; None where there is none, or none came in a while."""
        try:
            data, sender = self._socket.recvfrom(_ANY)
        except TimeoutError:
            return None
        except OSError:  # closed; or the phone's port is shut, which Windows says here
            self._closed.wait(_POLL)
            return None
        time = now()
        if time - self._second >= 1:
            self._second, self._count = time, 0
        self._count += 1
        if self._count > MOST:
            self._closed.wait(0.02)
            return None
        if not self._listens_to(sender, time):
            return None
        try:
            if len(data) > self._reader.largest:
                raise Malformed(f"{len(data)} bytes")
            reading = self._reader.read(data)
        except Malformed as wrong:
            log.debug("from %s: %s", sender[0], wrong)
            self._why = tr(
                f"what comes from {sender[0]} is not what {self._sender.name} sends",
                f"{sender[0]} 发来的不是 {self._sender.name} 的数据",
            )
            return None
        if sender in self._ports:
            self._from = sender
        self._ports.append(sender)
        self._heard, self._why = time, ""
        return None if reading is None else face_of(reading, time)

    def _listens_to(self, sender: tuple[str, int], time: float) -> bool:
        if sender[0] != (self._sender.host or HERE):
            return False
        if time - self._heard > SILENT:
            self._from = None
            self._ports.clear()
        return self._from in (None, sender)

    def _note(self, time: float) -> str:
        if time - max(self._heard, self._began) < SILENT:
            return ""
        who = self._sender.host or tr("this machine", "本机")
        steps = self._reader.steps + (f" ({self._why})" if self._why else "")
        return tr(
            f"nothing comes from {self._sender.name} ({who}, port {self.port}): {steps}",
            f"没有收到 {self._sender.name} 的数据（{who}，端口 {self.port}）：{steps}",
        )


def _opened(host: str, port: int) -> socket.socket:
    """A socket on the one address of this machine that the host can reach. Raises CameraError."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.bind((_own_address(host), port))
    except OSError as error:
        opened.close()
        raise CameraError(
            tr(
                f"cannot listen on port {port} for {host or 'this machine'}: {error.strerror or error}. Another program "
                "may listen there; else look whether this computer and the phone are in one network.",
                f"无法在端口 {port} 接收 {host or '本机'} 的数据：{error.strerror or error}。可能有其他程序占用该端口；"
                "否则请检查电脑与手机是否在同一网络。",
            )
        ) from error
    opened.settimeout(_POLL)
    with suppress(OSError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
    return opened


def _own_address(host: str) -> str:
    """This machine's address in the host's network; sends nothing."""
    if not host:
        return HERE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        return str(probe.getsockname()[0])
