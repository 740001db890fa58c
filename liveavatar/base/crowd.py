"""A WebSocket server on this machine for many programs that talk a lot, beside a show that must not wait.

One thread serves all of them, in turns with a rest between: what came meanwhile is answered at one go. With a thread for each,
the interpreter would change hands with every message, and whoever draws would stand in the same queue. For the same reason
websockets only reads and writes the frames here; its own asyncio server takes twice as long for a message. Connections that
say nothing are dropped, as in server.py. Knows nothing of what is served.
"""

import asyncio
import contextlib
import http
import logging
import selectors
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from websockets.exceptions import InvalidMessage
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import SEND_EOF, State
from websockets.server import ServerProtocol

from liveavatar.base.server import BAD_REQUEST, HANDSHAKE, GuardedSocket

REST = 0.002
"""Seconds between two turns. An answer takes as long, at least."""
WAITING = 4
"""Messages of a guest that may wait to be looked at; no more are read then."""
BACKLOG = 1 << 20
"""Bytes that may wait for a guest that does not read; it is disconnected then."""
_PARTING = 1.0
"""Seconds for parting politely."""

log = logging.getLogger(__name__)
_quiet = logging.Logger("crowd", logging.CRITICAL + 1)
"""What clients send wrong is theirs to know."""


class _Turns(selectors.DefaultSelector):
    """Gathers what comes during a rest into one turn."""

    def __init__(self) -> None:
        super().__init__()
        self._resting = threading.Event()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout)
        if ready and timeout != 0:
            self._resting.wait(REST)
            ready = super().select(0)
        return ready


class Crowd:
    """Listens from start() to close()."""

    def __init__(
        self,
        talk: Callable[["Guest"], Awaitable[None]],
        check: Callable[["Guest", Request], Response | None],
        tick: Callable[[], None],
        name: str,
        *,
        port: int,
        hosts: Sequence[str],
        largest: int,
        ticks: float,
    ) -> None:
        """talk: awaited with each open WebSocket. check: before the handshake, a response or None to go on. tick: called `ticks`
        times a second. All of them in the one thread, so none may wait. name: for the user. port: 0: any free one.
        hosts: addresses of this machine; those after the first may fail. largest: bytes of a message.

        Raises OSError if the port is taken."""
        self._talk, self._check, self._on_tick = talk, check, tick
        self.largest, self._ticks = largest, ticks
        self._sockets = [GuardedSocket(name, hosts[0], port)]
        self.port: int = self._sockets[0].getsockname()[1]
        for host in hosts[1:]:
            with contextlib.suppress(OSError):
                self._sockets.append(GuardedSocket(name, host, self.port))
        for one in self._sockets:
            one.setblocking(False)
        self._loop = asyncio.SelectorEventLoop(_Turns())
        self._loop.set_exception_handler(lambda loop, context: log.info("crowd: %s", context["message"]))
        self._over = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()
        self.guests: set[Guest] = set()
        """Who is connected, strangers too."""
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Disconnect everyone and stop listening. Within two seconds; may be called twice."""
        for one in self._sockets:
            one.over.set()
        self.call(self._over.set)
        self._thread.join(timeout=2 * _PARTING)
        for one in self._sockets:
            one.close()

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Do this in the one thread, soon; from any thread."""
        with contextlib.suppress(RuntimeError):  # it is over
            self._loop.call_soon_threadsafe(function, *arguments)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        servers = [await self._loop.create_server(lambda: Guest(self), sock=one) for one in self._sockets]
        while not self._over.is_set():
            self._on_tick()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._over.wait(), 1 / self._ticks)
        for server in servers:
            server.close()
        end = self._loop.time() + _PARTING
        for guest in [*self.guests]:
            guest.close(CloseCode.GOING_AWAY)
        while self.guests and self._loop.time() < end:
            await asyncio.sleep(0.01)
        for guest in [*self.guests]:
            guest.abort()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, asyncio.sleep(0.01), return_exceptions=True)

    def answer(self, guest: "Guest", request: Request) -> Response | None:
        """What is said before the handshake."""
        try:
            return self._check(guest, request)
        except Exception:  # a header twice, one outside ASCII
            return guest.respond(http.HTTPStatus.BAD_REQUEST, "bad request\n")

    def welcome(self, guest: "Guest", number: int) -> None:
        """Talk with a guest. number: its connection's descriptor."""
        if not any(one.welcome_number(number) for one in self._sockets):
            guest.close(CloseCode.TRY_AGAIN_LATER)
            return
        task = self._loop.create_task(self._host(guest))
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def _host(self, guest: "Guest") -> None:
        try:
            await self._talk(guest)
        finally:
            guest.close(CloseCode.NORMAL_CLOSURE)


class Guest(asyncio.Protocol):
    """A program that is connected. Belongs to the crowd's thread. `async for message in guest` ends when it has gone."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd, self._loop = crowd, asyncio.get_running_loop()
        self._web = ServerProtocol(max_size=crowd.largest, logger=_quiet)
        self.respond = self._web.reject
        """A plain answer, (status, text), in place of a WebSocket."""
        self.origin = ""
        """Of the web page that connects; empty for a program."""
        self.path = ""
        """That it asked for."""
        self._messages: deque[str | bytes] = deque()
        self._parts: list[Frame] = []
        """Of a message that is not whole."""
        self._waiting: asyncio.Future[None] | None = None
        self._pausing = self._full = self._gone = False
        """It is not read from; it does not read; it is not there any more."""

    def __aiter__(self) -> "Guest":
        return self

    async def __anext__(self) -> str | bytes:
        while self._full or not self._messages:
            if self._gone:
                raise StopAsyncIteration
            self._waiting = self._loop.create_future()
            await self._waiting
        message = self._messages.popleft()
        if self._pausing and len(self._messages) < WAITING:
            self._pausing = False
            self._transport.resume_reading()
        return message

    def send(self, message: str) -> None:
        """Never waits; nothing happens where it has gone."""
        if self._web.state is not State.OPEN:
            return
        self._web.send_text(message.encode())
        self._flush()
        if self._transport.get_write_buffer_size() > BACKLOG:
            self.abort()

    def close(self, code: CloseCode) -> None:
        """Part politely, and for good after _PARTING; from a stranger at once."""
        if self._web.state is State.CONNECTING:
            self.abort()
        elif self._web.state is State.OPEN:
            self._web.send_close(code)
            self._flush()
            self._loop.call_later(_PARTING, self.abort)

    def abort(self) -> None:
        """Hang up."""
        self._transport.abort()

    def _flush(self) -> None:
        for data in self._web.data_to_send():
            if data != SEND_EOF:
                self._transport.write(data)
                continue
            with contextlib.suppress(OSError, RuntimeError):
                self._transport.write_eof()
            self._leave()
            self._loop.call_later(_PARTING, self.abort)

    def _leave(self) -> None:
        self._gone = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _greet(self, request: Request) -> None:
        self.origin, self.path = request.headers.get("Origin", ""), request.path
        self._web.send_response(self._crowd.answer(self, request) or self._web.accept(request))
        if self._web.state is State.OPEN:
            self._patience.cancel()
            self._crowd.welcome(self, self._transport.get_extra_info("socket").fileno())

    def _take(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        self._parts.append(frame)
        if not frame.fin:
            return
        parts, self._parts = self._parts, []
        data = bytes(frame.data) if len(parts) == 1 else b"".join(part.data for part in parts)
        try:
            self._messages.append(data.decode() if parts[0].opcode is Opcode.TEXT else data)
        except UnicodeDecodeError:
            self.close(CloseCode.INVALID_DATA)
            return
        if len(self._messages) >= WAITING and not self._pausing:
            self._pausing = True
            self._transport.pause_reading()
        self._wake()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._crowd.guests.add(self)
        self._patience = self._loop.call_later(HANDSHAKE, transport.abort)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._web.receive_data(data)
        if isinstance(self._web.handshake_exc, InvalidMessage):  # no HTTP: websockets only hangs up
            self._transport.write(BAD_REQUEST)
        for event in self._web.events_received():
            if isinstance(event, Request):
                self._greet(event)
            elif isinstance(event, Frame):
                self._take(event)
        self._flush()

    def eof_received(self) -> None:
        """See asyncio.Protocol; the transport closes itself."""
        self._web.receive_eof()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._patience.cancel()
        self._crowd.guests.discard(self)
        self._leave()

    def pause_writing(self) -> None:
        """See asyncio.Protocol: who does not read is not listened to."""
        self._full = True

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        self._full = False
        self._wake()
