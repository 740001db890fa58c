"""The door that plugins come in by: a WebSocket on this machine's own addresses, a connection a plugin, and what they may cost.

Web pages are plugins, too, so an origin is no reason to refuse; what admits is the user's yes (consent.py). No camera picture and
nothing made of one but the avatar's controls is in reach here.
"""

import asyncio
import http
import json
import logging
import socket
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from liveavatar.app.feed import Feed
from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.vts import protocol
from liveavatar.app.vts.consent import HOOKS, OWN, SPEAK, Consent, Plugin, introduced
from liveavatar.app.vts.events import MOVED, Happenings, Subscriptions
from liveavatar.app.vts.kept import load_made, save_made
from liveavatar.app.vts.protocol import Data, Refused, Wrong, text
from liveavatar.app.vts.requests import answer, check_icon
from liveavatar.app.vts.stage import Stage
from liveavatar.app.vts.ways import INTERRUPT, WAYS, Ways
from liveavatar.base.crowd import Crowd, Guest
from liveavatar.base.server import HOST
from liveavatar.base.timing import now, wall_clock
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

log = logging.getLogger(__name__)

PORT = 8001
HOOK = "/do/emote/"
"""Before an emote's name in the address that a button opens."""
DISCOVERY = 47779
"""The port on which plugins wait to be told where to connect; told on this machine only."""
TOLD_EVERY = 2.0
TICKS = 30.0
"""A second: how often it is looked what has happened, and moves go on."""
LARGEST = 1 << 20
"""Bytes of a message from a plugin."""
RATE, STRANGERS_RATE = 120.0, 20.0
"""Messages a second of a plugin and of who is none yet; who sends more waits."""
BURST = 0.5
"""Seconds' worth of messages that may come at once."""
SLOW = ("ModelLoad", "HotkeyTrigger")
"""Requests that may take tenths of a second: the others do not wait for them."""
WRONG = 50
"""Messages that were none, after which a connection is closed."""


class Door:
    """Open until close()."""

    clock: Callable[[], float] = staticmethod(now)
    """Seconds."""

    def __init__(self, stage: Stage, speaker: Speaker, feed: Feed, port: int = PORT) -> None:
        """Raises OSError if the port is taken."""
        self.stage, self.consent = stage, Consent()
        self.restore()
        self._sessions: list[Session] = []
        hosts = (HOST, "::1")  # "localhost" may mean either
        self.crowd = Crowd(
            self._welcome, self._check, self._tick, tr("plugins", "插件"), port=port, hosts=hosts, largest=LARGEST, ticks=TICKS
        )  # fmt: skip
        self.port = self.crowd.port
        self._hosts = {f"{host}:{self.port}" for host in (HOST, "localhost", "[::1]", "0.0.0.0")}
        self._happenings, self._instance = Happenings(stage, self.clock()), protocol.new_id()
        self._ways = Ways(speaker, feed, self.crowd.call, self.clock)
        self._told = -TOLD_EVERY
        self._speaker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.crowd.start()

    def close(self) -> None:
        """Disconnect all plugins and stop listening. May be called twice."""
        self.crowd.close()
        self._speaker.close()
        self.keep()

    def restore(self) -> None:
        """The plugins' own parameters are those of the last run, of plugins that are still allowed."""
        self.stage.parameters.restore(load_made(), {plugin.key for plugin in self.consent.allowed()})

    def keep(self) -> None:
        """For the next run."""
        if self.stage.parameters.changed:
            try:
                save_made(self.stage.parameters.made())
            except OSError as error:  # they hold for this run
                log.warning("plugins: their parameters cannot be kept: %s", error)

    def handle(self, command: dict[str, Any]) -> dict[str, Any]:
        """Answer a command of the control channel: {"do": "list" | "allow" | "revoke", "name"}. Raises LiveAvatarError."""
        name = str(command.get("name"))
        match command.get("do"):
            case "allow" if name in OWN:
                token = self.consent.token(OWN[name])
                here = f"{HOST}:{self.port}"
                address = (
                    f"http://{here}{HOOK}joy?seconds=3&token={token}"
                    if name == HOOKS.name
                    else f"ws://{here}/{name}?token={token}"
                )
                self._ways.revoke([OWN[name]])
                return {"plugin": name, "address": address}
            case "allow":
                return {"plugin": self.consent.allow(name)}
            case "revoke":
                gone = self.consent.revoke(name)
                for session in self.all():
                    if session.plugin in gone:
                        session.plugin = None
                self._ways.revoke(gone)
                for plugin in gone:
                    self.stage.forget(plugin.key)
                    self.stage.parameters.forget(plugin.key)
                return {"plugin": ", ".join(map(str, gone))}
            case "list":
                connected = {str(session.plugin) for session in self.all() if session.plugin is not None}
                return {**self.consent.listed(), "connected": sorted(connected), "port": self.port}
        raise LiveAvatarError(tr("plugins: list, allow or revoke", "plugins：list、allow 或 revoke"))

    def all(self) -> "list[Session]":
        """Who is connected."""
        return list(self._sessions)

    def _check(self, guest: Guest, request: Request) -> Response | None:
        if request.headers.get("Host") not in self._hosts:  # a page that rebinds its name
            return guest.respond(http.HTTPStatus.FORBIDDEN, "wrong host\n")
        address = urlsplit(request.path)
        token = parse_qs(address.query).get("token", [""])[0]
        if address.path in (*WAYS, INTERRUPT):
            if not self.consent.holds(WAYS.get(address.path, SPEAK), token):
                return guest.respond(http.HTTPStatus.FORBIDDEN, "not for you\n")
            if address.path == INTERRUPT:
                return guest.respond(http.HTTPStatus.OK, f'{{"stopped": {self._ways.speaker.interrupt()}}}\n')
        if address.path.startswith(HOOK):
            status, answer = self._hook(unquote(address.path.removeprefix(HOOK)), parse_qs(address.query))
            return guest.respond(status, json.dumps(answer, ensure_ascii=False) + "\n")
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return guest.respond(http.HTTPStatus.NOT_FOUND, "a WebSocket for plugins\n")
        return None

    def _hook(self, emote: str, asked: dict[str, list[str]]) -> tuple[http.HTTPStatus, Data]:
        """What a button does that can open an address: (status, answer)."""
        if not self.consent.holds(HOOKS, asked.get("token", [""])[0]):
            what = tr(
                "wrong token; `liveavatar plugins allow hooks` gives one",
                "令牌错误；请用 `liveavatar plugins allow hooks` 获取",
            )
            return http.HTTPStatus.FORBIDDEN, {"error": what}
        try:
            seconds = float(asked["seconds"][0]) if "seconds" in asked else None
            return http.HTTPStatus.OK, {"emote": self.stage.perform(emote, seconds)}
        except (LiveAvatarError, ValueError) as error:
            return http.HTTPStatus.BAD_REQUEST, {"error": str(error)}

    async def _welcome(self, guest: Guest) -> None:
        path = urlsplit(guest.path).path
        if path in WAYS:
            await self._ways.host(guest, path)
            return
        session = Session(self, guest)
        self._sessions.append(session)
        try:
            await session.serve()
        finally:
            self._sessions.remove(session)
            session.end()

    def _tick(self) -> None:
        time = self.clock()
        try:
            self.stage.placement.step(time)
            self.consent.tick(time)
            self._ways.tell()
            sessions = self.all()
            wanted = {event for session in sessions for event in session.wanted}
            for name, data in self._happenings.since(time, wanted):
                for session in sessions:
                    session.tell(name, data)
            if time - self._told >= TOLD_EVERY:
                self._told = time
                self.keep()
                self._speaker.sendto(self._announcement(), (HOST, DISCOVERY))
        except Exception as error:  # plugins are no reason to go off the air
            log.warning("plugins: %s: %s", type(error).__name__, error)

    def _announcement(self) -> bytes:
        kind = "VTubeStudioAPIStateBroadcast"
        data = {"active": True, "port": self.port, "instanceID": self._instance, "windowTitle": "liveavatar"}
        return protocol.message(kind, kind, data, wall_clock().timestamp()).encode()


class Session:
    """One connection; its requests are answered one after the other."""

    def __init__(self, door: Door, guest: Guest) -> None:
        self._door, self._guest = door, guest
        self.stage = door.stage
        self.plugin: Plugin | None = None
        self._subscriptions = Subscriptions()
        self._request_id = ""
        """Of the request that is answered at the moment."""
        self._asked_as = ""
        """Of the one that waits for the user."""
        self._free_at = 0.0
        self._wrong = 0

    @property
    def key(self) -> str:
        """See Asker."""
        return self.plugin.key if self.plugin is not None else ""

    async def serve(self) -> None:
        """Until the plugin goes."""
        async for frame in self._guest:
            await self._pace()
            self._request_id, request = protocol.read(frame)
            if isinstance(request, protocol.Request) and request.kind in SLOW:
                reply = await asyncio.to_thread(self._answer, request)
            else:
                reply = self._answer(request)
            if self._wrong > WRONG:
                self._guest.close(CloseCode.POLICY_VIOLATION)
                return
            if reply is not None:
                self._guest.send(reply)

    def end(self) -> None:
        """The plugin has gone."""
        self._door.consent.withdraw(self._answered)
        key, self.plugin = self.key, None
        if key and not any(other.key == key for other in self._door.all()):
            self.stage.forget(key)

    async def _pace(self) -> None:
        """Wait where too much came."""
        time = self._door.clock()
        rate = STRANGERS_RATE if self.plugin is None else RATE
        self._free_at = max(self._free_at + 1 / rate, time - BURST)
        if self._free_at > time:
            await asyncio.sleep(self._free_at - time)

    def _answer(self, request: "protocol.Request | Refused") -> str | None:
        try:
            if isinstance(request, Refused):
                raise request
            data = answer(request.kind, self, request.data, self._door.clock())
        except Refused as error:
            self._wrong += Wrong.JSON <= error.number <= Wrong.TYPE_MISSING
            return protocol.refusal(error, self._request_id, wall_clock().timestamp())
        except Exception as error:  # a plugin's request is no reason to go off the air
            log.warning("plugins: %s: %s", type(error).__name__, error, exc_info=True)
            wrong = Refused(Wrong.INTERNAL, "Something went wrong in liveavatar.")
            return protocol.refusal(wrong, self._request_id, wall_clock().timestamp())
        return None if data is None else self._message(f"{request.kind}Response", self._request_id, data)

    def _message(self, kind: str, request_id: str, data: Data) -> str:
        return protocol.message(kind, request_id, data, wall_clock().timestamp())

    # What its requests need of it: requests.Asker

    def ask_user(self, data: Data) -> None:
        """See Asker."""
        plugin = introduced(data.get("pluginName"), data.get("pluginDeveloper"), self._guest.origin)
        check_icon(data.get("pluginIcon"))
        self._asked_as = self._request_id
        self._door.consent.ask(plugin, self._answered, self._door.clock())

    def _answered(self, token: str | None) -> None:
        if token is None:
            denied = Refused(Wrong.DENIED, "The user has denied access.")
            self._push(protocol.refusal(denied, self._asked_as, wall_clock().timestamp()))
        else:
            self._push(
                self._message("AuthenticationTokenResponse", self._asked_as, {"authenticationToken": token})
            )

    def authenticate(self, data: Data) -> Data:
        """See Asker."""
        for name, number in (
            ("authenticationToken", Wrong.TOKEN_MISSING),
            ("pluginName", Wrong.TOKEN_NAME),
            ("pluginDeveloper", Wrong.TOKEN_DEVELOPER),
        ):
            if not text(data.get(name)):
                raise Refused(number, f"{name} is missing.")
        plugin = Plugin(data["pluginName"], data["pluginDeveloper"], self._guest.origin[:200])
        if plugin in OWN.values() or not self._door.consent.holds(plugin, data["authenticationToken"]):
            return {"authenticated": False, "reason": "Token invalid or revoked: ask for a new one."}
        self.plugin = plugin
        return {"authenticated": True, "reason": "Token valid."}

    def subscribe(self, data: Data) -> Data:
        """See Asker."""
        answer = self._subscriptions.change(data)
        if text(data.get("eventName")) == MOVED and MOVED in self._subscriptions.wanted:
            self.tell(MOVED, self.stage.moved())
        return answer

    @property
    def wanted(self) -> Collection[str]:
        """The events that it wants to know."""
        return self._subscriptions.wanted

    def plugins(self) -> tuple[int, int]:
        """See Asker."""
        connected = sum(session.plugin is not None for session in self._door.all())
        return len(self._door.consent.listed()["allowed"]), connected

    def tell(self, event: str, data: Data) -> None:
        """Send the event if the plugin wants to know; never waits."""
        if self.plugin is not None and (own := self._subscriptions.wants(event, data)) is not None:
            self._push(self._message(event, protocol.new_id(), own))

    def _push(self, message: str) -> None:
        self._door.crowd.call(self._guest.send, message)
