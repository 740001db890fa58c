"""A server in one thread: many at once, those who say nothing, those who do not read, and an end in time."""

import http
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.sync.client import connect

from liveavatar.base.crowd import Crowd, Guest
from liveavatar.base.server import GUESTS
from tests.helpers.running import GENEROUS, wait_until


class Echo:
    """Says everything again, and counts ticks."""

    def __init__(self) -> None:
        self.ticks = 0
        self.crowd = Crowd(
            self.talk,
            self.check,
            self.tick,
            "test",
            port=0,
            hosts=("127.0.0.1", "::1"),
            largest=1000,
            ticks=100,
        )
        self.crowd.start()
        self.address = f"ws://localhost:{self.crowd.port}"
        self.close = self.crowd.close

    async def talk(self, guest: Guest) -> None:
        async for message in guest:
            for _ in range(100 if message == "flood" else 1):
                guest.send("x" * 100_000 if message == "flood" else str(message))

    def check(self, guest: Guest, request: Request) -> Response | None:
        if request.path == "/no":
            return guest.respond(http.HTTPStatus.FORBIDDEN, "no\n")
        if request.path == "/error":
            raise ValueError
        return None

    def tick(self) -> None:
        self.ticks += 1


@pytest.fixture
def echo() -> Iterator[Echo]:
    with closing(Echo()) as server:
        yield server


def test_many_are_answered_by_one_thread(echo: Echo) -> None:
    with connect(echo.address, proxy=None) as one, connect(echo.address, proxy=None) as two:
        for i in range(50):
            for each in (one, two):
                each.send(str(i))
        for i in range(50):
            assert one.recv(timeout=GENEROUS) == two.recv(timeout=GENEROUS) == str(i)
        assert [thread.name for thread in threading.enumerate()].count("crowd") == 1
    wait_until(lambda: echo.ticks > 3)


@pytest.mark.parametrize(("path", "status"), [("/no", 403), ("/error", 400)])
def test_who_is_not_welcome_is_told(echo: Echo, path: str, status: int) -> None:
    with pytest.raises(InvalidStatus, match=str(status)):
        connect(echo.address + path, proxy=None).__enter__()


def test_what_is_no_http_is_told_so_and_a_message_may_come_in_parts(echo: Echo) -> None:
    with socket.create_connection(("127.0.0.1", echo.crowd.port)) as plain:
        plain.sendall(b"\x00\x01\r\n\r\n")
        plain.settimeout(GENEROUS)
        assert plain.recv(1000).startswith(b"HTTP/1.1 400 ")
    with connect(echo.address, proxy=None) as client:
        client.send(["爱", "whole", " story"])
        assert client.recv(timeout=GENEROUS) == "爱whole story"
        assert client.ping().wait(GENEROUS)
        client.send(b"bytes")
        assert client.recv(timeout=GENEROUS) == "b'bytes'"
        with pytest.raises(ConnectionClosed):
            client.send(["a" * 600, "b" * 600])  # too long together
            client.recv(timeout=GENEROUS)


def test_who_does_not_read_is_disconnected(echo: Echo) -> None:
    with connect(echo.address, proxy=None, max_queue=1) as client:
        client.send("flood")
        wait_until(lambda: not echo.crowd.guests)


def test_too_long_a_message_and_too_many_guests(echo: Echo) -> None:
    with connect(echo.address, proxy=None) as client, pytest.raises(ConnectionClosed):
        client.send("x" * 1001)
        client.recv(timeout=GENEROUS)
    guests = [connect(echo.address, proxy=None).__enter__() for _ in range(GUESTS)]
    with connect(echo.address, proxy=None) as one_more, pytest.raises(ConnectionClosed):
        one_more.recv(timeout=GENEROUS)
    for guest in guests:
        guest.close()


def test_who_says_nothing_is_dropped_and_the_rest_is_served(echo: Echo) -> None:
    silent = [socket.create_connection(("127.0.0.1", echo.crowd.port)) for _ in range(30)]
    with connect(echo.address, proxy=None) as client:
        client.send("still there")
        assert client.recv(timeout=GENEROUS) == "still there"
    for one in silent:
        one.close()


def test_it_ends_in_time_and_frees_the_port(echo: Echo) -> None:
    with connect(echo.address, proxy=None):
        began = time.perf_counter()
        echo.close()
        echo.close()
        assert time.perf_counter() - began < GENEROUS / 10
    with socket.create_server(("127.0.0.1", echo.crowd.port)):
        pass
    echo.crowd.call(print)  # too late: nothing happens
