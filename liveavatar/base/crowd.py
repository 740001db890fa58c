"""A WebSocket server on this machine for many programs that talk a lot, beside a show that must not wait.

One thread serves all of them, in turns with a rest between: what came meanwhile is answered at one go. With a thread for each,
the interpreter would change hands with every message, and whoever draws would stand in the same queue. Connections that say
nothing are dropped, as in server.py. Knows nothing of what is served.
"""

import asyncio
import contextlib
import http
import logging
import selectors
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from liveavatar.base.server import HANDSHAKE, GuardedSocket

REST = 0.002
"""Seconds between two turns. An answer takes as long, at least."""
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
        talk: Callable[[ServerConnection], Awaitable[None]],
        check: Callable[[ServerConnection, Request], Response | None],
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
        self._largest, self._ticks = largest, ticks
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
        async with contextlib.AsyncExitStack() as open_ones:
            for one in self._sockets:
                server = serve(
                    self._welcome, sock=one, process_request=self._answer, compression=None, server_header=None,
                    open_timeout=HANDSHAKE, close_timeout=_PARTING, ping_interval=None, max_size=self._largest, logger=_quiet,
                )  # fmt: skip
                await open_ones.enter_async_context(server)
            while not self._over.is_set():
                self._on_tick()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._over.wait(), 1 / self._ticks)

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        try:
            return self._check(connection, request)
        except Exception:  # a header twice, one outside ASCII
            return connection.respond(http.HTTPStatus.BAD_REQUEST, "bad request\n")

    async def _welcome(self, connection: ServerConnection) -> None:
        number = connection.transport.get_extra_info("socket").fileno()
        if any(one.welcome_number(number) for one in self._sockets):
            await self._talk(connection)
