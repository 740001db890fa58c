"""A WebSocket server on this machine that other programs cannot wear out: connections that say nothing are dropped, what is no
HTTP gets a plain 400, a process without descriptors waits for some. Knows nothing of what is served.
"""

import contextlib
import errno
import http
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from websockets.exceptions import InvalidMessage
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Origin

from liveavatar.base.messages import say
from liveavatar.language import tr

HOST = "127.0.0.1"
MAX_MESSAGE = 1 << 16
"""Bytes of a message from the other side."""
HANDSHAKE = 5.0
"""Seconds a connection may take to say what it wants."""
STRANGERS = 8
"""Connections that have not said yet, or not proven, what they want; the oldest gives way to a new one. Each takes four
descriptors, and whoever knows no secret gets no further."""
GUESTS = 32
"""Open WebSockets."""
_PARTING = 1.0
"""Seconds for parting politely."""
_WORN_OUT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
BAD_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n"
    b"bad request\n"
)
"""What is said to what is no HTTP."""

_quiet = logging.Logger("listening", logging.CRITICAL + 1)
"""What clients send wrong is theirs to know, not for the user's terminal; nor are addresses with tokens in them."""


class Listener:
    """Listens on HOST until close()."""

    def __init__(
        self,
        talk: Callable[[ServerConnection], None],
        check: Callable[[ServerConnection, Request], Response | None],
        name: str,
        *,
        port: int = 0,
    ) -> None:
        """talk: called in a thread of its own with each open WebSocket. check: before the handshake: a response, or None to
        go on to the WebSocket; what it raises is a bad request. name: for the user. port: 0: any free one.

        Raises OSError if the port is taken."""
        self._socket = GuardedSocket(name, HOST, port)
        self.port: int = self._socket.getsockname()[1]
        self._talk, self._check = talk, check
        self._thread: threading.Thread | None = None

    def start(self, origins: Sequence[Origin] | None = None) -> None:
        """Begin to answer. origins: of the web pages whose scripts may connect; None: programs may too."""
        self._origins = origins
        self._server = self._fresh_server()
        self._thread = threading.Thread(target=self._serve, name="listening", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Disconnect everyone and stop listening. Within two seconds; may be called twice."""
        self._socket.over.set()
        self._socket.drop(strangers_only=True)
        if self._thread is not None:
            parting = threading.Thread(target=self._server.shutdown, daemon=True)
            parting.start()
            parting.join(timeout=_PARTING)
            self._socket.drop()  # whoever does not read never parts politely
            parting.join(timeout=_PARTING / 2)
            self._thread.join(timeout=_PARTING / 2)
        self._socket.close()

    def _fresh_server(self) -> Server:
        return serve(
            self._welcome, sock=self._socket, process_request=self._answer, origins=self._origins, compression=None,
            server_header=None, open_timeout=HANDSHAKE, close_timeout=_PARTING, max_size=MAX_MESSAGE,
            logger=_quiet, create_connection=_Connection,
        )  # fmt: skip

    def _serve(self) -> None:
        while not self._socket.over.is_set():
            try:
                self._server.serve_forever()
            except (
                Exception
            ) as error:  # no descriptor, no thread to be had: a server for the same socket when there is
                self._socket.worn_out(str(error))
                with contextlib.suppress(OSError):
                    self._server = self._fresh_server()

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        try:
            return self._check(connection, request)
        except Exception:  # a header twice, an address that is none, a token outside ASCII
            return connection.respond(http.HTTPStatus.BAD_REQUEST, "bad request\n")

    def _welcome(self, connection: ServerConnection) -> None:
        if self._socket.welcome(connection.socket):
            self._talk(connection)


class GuardedSocket(socket.socket):
    """Accepts whatever happens, and knows the connections that are open."""

    def __init__(self, name: str, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__(fileno=socket.create_server((host, port), family=family).detach())
        self._name = name
        self._strangers: list[socket.socket] = []
        self._guests: list[socket.socket] = []
        self._lock = threading.Lock()
        self.over = threading.Event()
        self._told = False

    def accept(self) -> tuple[socket.socket, Any]:
        while True:
            try:
                accepted, address = super().accept()
            except OSError as error:
                if self.over.is_set() or (error.errno not in _WORN_OUT and error.errno != errno.ECONNABORTED):
                    raise
                if error.errno in _WORN_OUT:
                    self.worn_out(error.strerror or "")
                continue
            with self._lock:
                self._strangers = [one for one in self._strangers if one.fileno() != -1]
                while len(self._strangers) >= STRANGERS:
                    self._tell(tr("too many connections", "连接过多"))
                    _hang_up(self._strangers.pop(0))
                self._strangers.append(accepted)
            return accepted, address

    def welcome_number(self, number: int) -> bool:
        """See welcome(), of the connection with this descriptor. False where it did not come in here, or too many are there."""
        with self._lock:
            found = next((one for one in self._strangers if one.fileno() == number), None)
        return found is not None and self.welcome(found)

    def welcome(self, one: socket.socket) -> bool:
        """It has proven itself. False where there are too many already."""
        with self._lock:
            self._guests = [guest for guest in self._guests if guest.fileno() != -1]
            if one in self._strangers:
                self._strangers.remove(one)
            if len(self._guests) >= GUESTS:
                self._tell(tr("too many connections", "连接过多"))
                return False
            self._guests.append(one)
            return True

    def drop(self, strangers_only: bool = False) -> None:
        """Hang up on them; the threads that serve them end."""
        with self._lock:
            for one in (*self._strangers, *(() if strangers_only else self._guests)):
                _hang_up(one)
            self._strangers.clear()

    def worn_out(self, reason: str) -> None:
        """The process has nothing left to serve with: make room, and wait a little."""
        if not self.over.is_set():
            self._tell(reason)
            self.drop(strangers_only=True)
            self.over.wait(0.1)

    def _tell(self, reason: str) -> None:
        if not self._told:
            self._told = True
            say(
                tr(
                    f"{self._name}: {reason}; some program on this machine connects again and again. The oldest are dropped.",
                    f"{self._name}：{reason}；本机某个程序不断建立连接，最早的连接将被断开。",
                )
            )


def _hang_up(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)  # unlike close(), wakes whoever waits for it


class _Connection(ServerConnection):
    """Answers what is no HTTP, too: websockets only hangs up."""

    def __init__(self, sock: socket.socket, protocol: Any, *arguments: Any, **options: Any) -> None:
        end = protocol.send_eof

        def send_eof() -> None:
            if isinstance(protocol.handshake_exc, InvalidMessage):
                protocol.writes.append(BAD_REQUEST)
            end()

        protocol.send_eof = send_eof
        super().__init__(sock, protocol, *arguments, **options)  # begins to read
