"""A stage with an avatar that is numbers only, and sessions on it without sockets."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from websockets.sync.client import connect

from liveavatar.app.actions import Actions
from liveavatar.app.feed import Feed
from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.vts import door, protocol
from liveavatar.app.vts.consent import Plugin
from liveavatar.app.vts.door import Session
from liveavatar.app.vts.events import Happenings
from liveavatar.app.vts.stage import Stage
from liveavatar.app.vts.ways import Ways
from liveavatar.audio.loudspeaker import OFF
from liveavatar.errors import AvatarError
from liveavatar.live.report import Report
from liveavatar.media.compositing import Background
from liveavatar.media.outline import shown_outline
from liveavatar.retargeting.mixer import Mixer
from liveavatar.types import AvatarFrame, Expression
from tests.helpers.fakes import FakeRetargeter
from tests.helpers.running import GENEROUS, wait_until

FPS = 60


class Puppet(door.Door):
    """Everything behind the door, and a clock that the test turns."""

    def __init__(self) -> None:
        from liveavatar.app.vts.consent import Consent

        self.swapped: list[str] = []
        self.complaints: list[str] = []
        """What the user was told."""
        self.broken = False
        self.swap = self._swap
        self.frame: AvatarFrame | None = None
        """What is shown."""
        self.time, self.port = 100.0, 8001
        self.clock = lambda: self.time
        self.mixer, self.background = Mixer(FakeRetargeter()), Background("white", (64, 64))
        actions = Actions(
            swap=lambda name: self.swap(name), recenter=lambda: None, emote=self.mixer.reactions.perform, panic=lambda: True,
            background=self.background, avatars=lambda: ["tiny", "星"], current="tiny", failed=self.complaints.append,
        )  # fmt: skip
        self.stage = Stage(
            actions=actions,
            mixer=self.mixer,
            report=Report(),
            size=(64, 64),
            outline=lambda: shown_outline(self.frame, self.background),
        )
        self.consent = Consent()
        self.restore()
        self.entered: list[Offline] = []
        self._happenings = Happenings(self.stage, self.time)
        feed = Feed(self.mixer, Report(), lambda: actions.current)
        self._ways = Ways(Speaker(self.mixer, OFF), feed, lambda function, *arguments: None, self.clock)

    def _swap(self, name: str) -> dict[str, Any]:
        if self.broken:
            raise AvatarError(f"{name} is damaged")
        self.swapped.append(name)
        return {"avatar": name, "seconds": 0.1}

    def all(self) -> "list[Session]":
        return [*self.entered]

    def session(self, plugin: Plugin | None, origin: str = "") -> "Offline":
        """One that was let in as this plugin; None: a stranger."""
        session = Offline(self, origin)
        session.plugin = plugin
        self.entered.append(session)
        return session

    def shown(self) -> Expression:
        """What is drawn once everything has been eased in."""
        for i in range(30):
            expression = self.mixer.retarget(None, self.time + i / FPS)
        return expression

    def tick(self, seconds: float) -> None:
        """Time goes on; what has happened is told."""
        self.time += seconds
        self.consent.tick(self.time)
        wanted = {event for session in self.all() for event in session.wanted}
        for name, data in self._happenings.since(self.time, wanted):
            for session in self.all():
                session.tell(name, data)


class Offline(Session):
    """A connection without a socket."""

    def __init__(self, puppet: Puppet, origin: str) -> None:
        super().__init__(puppet, SimpleNamespace(origin=origin))  # type: ignore[arg-type]
        self._puppet = puppet
        self.told: list[dict[str, Any]] = []
        """What came without having been asked for."""

    def raw(self, frame: str | bytes) -> dict[str, Any]:
        """The answer to a frame."""
        self._request_id, request = protocol.read(frame)
        reply = self._answer(request)
        return {} if reply is None else json.loads(reply)

    def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        """The answer to a request as it should be."""
        envelope = {
            "apiName": "VTubeStudioPublicAPI",
            "apiVersion": "1.0",
            "requestID": "r",
            "messageType": f"{kind}Request",
        }
        return self.raw(json.dumps({**envelope, "data": data}))

    def _push(self, message: str) -> None:
        self.told.append(json.loads(message))


class Client:
    """A plugin with a socket, which waits for each answer; events that come meanwhile are kept."""

    def __init__(self, port: int, name: str = "A deck", origin: str | None = None) -> None:
        self.name, self.told = name, []  # type: ignore[var-annotated]
        self._connection = connect(f"ws://localhost:{port}/", origin=origin, proxy=None).__enter__()  # type: ignore[arg-type]
        self._count = 0

    def send(self, kind: str, **data: Any) -> str:
        """Ask, and wait for nothing; the request's id."""
        self._count += 1
        request = f"{self.name[:8]}-{self._count}".replace(" ", "_")
        envelope = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": request}
        self._connection.send(json.dumps({**envelope, "messageType": f"{kind}Request", "data": data}))
        return request

    def receive(self, request: str) -> dict[str, Any]:
        """The answer to a request: its data, with messageType beside."""
        while True:
            said = json.loads(self._connection.recv(timeout=GENEROUS))
            if said["requestID"] == request:
                return {**said["data"], "messageType": said["messageType"]}
            self.told.append(said)

    def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        return self.receive(self.send(kind, **data))

    def enter(self, allow: Callable[[], object]) -> str:
        """Be let in by a user who says yes; the token."""
        who = {"pluginName": self.name, "pluginDeveloper": "Somebody"}
        asked = self.send("AuthenticationToken", **who)
        wait_until(allow)
        token = str(self.receive(asked)["authenticationToken"])
        assert self.ask("Authentication", **who, authenticationToken=token)["authenticated"]
        return token

    def close(self) -> None:
        self._connection.close()
