"""The servers on this machine against whoever connects: silence, floods, nonsense, a process without descriptors."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from liveavatar.base import server
from liveavatar.base.local_page import LocalPage
from tests.helpers.running import GENEROUS, ChildClock, Running, wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page() -> Iterator[LocalPage]:
    def talk(connection: Any) -> None:
        for message in connection:
            connection.send(message)

    served = LocalPage("browser.html", "secret", talk)
    yield served
    served.close()


def half_open(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=GENEROUS)


def get(address: str) -> int:
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=300)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().status


def echo(page: LocalPage) -> Any:
    origin = f"http://127.0.0.1:{page.port}"
    return connect(page.address.replace("http", "ws"), origin=origin, open_timeout=GENEROUS)  # type: ignore[arg-type]


def test_silent_connections_give_way_and_open_pages_stay(
    page: LocalPage, capsys: pytest.CaptureFixture[str]
) -> None:
    with echo(page) as first, ExitStack() as opened:
        silent = [opened.enter_context(half_open(page.port)) for _ in range(4 * server.STRANGERS)]
        assert get(page.address) == 200
        with echo(page) as second:
            for connection in (first, second):
                connection.send("still here")
                assert connection.recv(timeout=GENEROUS) == "still here"
        told = capsys.readouterr().err
        assert told.count("too many connections") == 1
        silent[0].settimeout(GENEROUS)
        with suppress(ConnectionResetError):  # hung up, too
            assert silent[0].recv(100) in (b"", server.BAD_REQUEST)


def test_whoever_says_nothing_is_dropped_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HANDSHAKE", 0.2)
    with closing(LocalPage("browser.html", "secret", lambda _: None)) as hasty:
        with Running() as running, half_open(hasty.port) as silent, half_open(hasty.port) as slow:
            slow.send(b"GET / HT")
            for one in (silent, slow):
                while one.recv(100):
                    pass
        assert running.seconds < 3  # and not HANDSHAKE as it is


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\r\n\r\n",  # TLS
        b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /?token=secret HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /?token=secret HTTP/1.1\r\nHost: HERE\r\nHost: HERE\r\n\r\n",
        b"GET /?token=secret HTTP/1.1\r\nHost: HERE\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n\r\n",
        b"GET //[x/?token=secret HTTP/1.1\r\nHost: HERE\r\n\r\n",
        b"GET /?token=secret HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
        b"GET /?token=\xff HTTP/1.1\r\nHost: HERE\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n",
    ],
    ids=range(11),
)
def test_nonsense_gets_a_refusal_and_the_terminal_nothing(
    request_: bytes, page: LocalPage, capfd: pytest.CaptureFixture[str]
) -> None:
    with half_open(page.port) as client:
        client.sendall(request_.replace(b"HERE", f"127.0.0.1:{page.port}".encode()))
        answer = b""
        with suppress(ConnectionResetError):  # what it did not read is thrown away
            while part := client.recv(4096):
                answer += part
    assert not answer or re.match(rb"HTTP/1.1 4\d\d ", answer), answer
    assert answer or len(request_) > 4000
    assert get(page.address) == 200
    assert capfd.readouterr().err == ""


def test_closing_waits_for_nobody() -> None:
    """Neither for silent ones nor for one who does not read what is sent; the threads that served them end."""
    threads = threading.active_count()
    sending = threading.Event()

    def send(connection: Any) -> None:
        sending.set()
        connection.send(bytes(64 << 20))

    stuck = LocalPage("browser.html", "secret", send)
    silent = [half_open(stuck.port) for _ in range(3)]
    viewer = echo(stuck)
    assert sending.wait(GENEROUS)
    time.sleep(0.2)
    with Running() as running:
        stuck.close()
    assert running.seconds < 2.5
    for one in silent:
        one.close()
    viewer.close_socket()
    wait_until(lambda: threading.active_count() == threads)


LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
sys.path.insert(0, {str(ROOT)!r})
from liveavatar.cli import main
from tests.helpers.running import tick_to
tick_to(int(sys.argv[1]))
sys.argv = ["liveavatar", "run", "--test-card", "--output", "browser:0"]
sys.exit(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit of descriptors")
def test_a_run_with_few_descriptors_outlives_a_flood(tmp_path: Path) -> None:
    """More half-open connections than the process may have files: the page is there meanwhile, and Ctrl-C ends it."""
    moved = dict.fromkeys(("HOME", "XDG_CONFIG_HOME"), str(tmp_path))
    clock = ChildClock()
    child = subprocess.Popen(
        [sys.executable, "-c", LIMITED, str(clock.descriptor)], pass_fds=[clock.descriptor],
        env={**os.environ, **moved}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    silent = []
    try:
        assert child.stderr is not None
        address = ""
        while not (found := re.search(r"http://\S+", address)):
            address = child.stderr.readline()
            assert address, "ended before it began"
        port = urlsplit(found[0]).port or 0
        silent = [half_open(port) for _ in range(161)]
        assert get(found[0]) == 200
        with connect(
            found[0].replace("http", "ws"),
            origin=f"http://127.0.0.1:{port}",
            max_size=None,
            open_timeout=GENEROUS,
        ) as viewer:  # type: ignore[arg-type]
            for _ in range(3):
                viewer.send("next")
                assert len(viewer.recv(timeout=300)) > 1000
            clock.seconds()
            child.send_signal(signal.SIGINT)
            _, told = child.communicate(timeout=300)
        assert clock.seconds() < 4
        assert child.returncode == 0 and told.count("too many connections") == 1 and "Traceback" not in told
    finally:
        for one in silent:
            one.close()
        child.kill()
        child.communicate()
        clock.__exit__()


@pytest.mark.skipif(os.name != "posix", reason="needs a limit of descriptors")
def test_without_descriptors_it_waits_for_some() -> None:
    code = f"""
import os, resource, socket, sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from liveavatar.base.local_page import LocalPage
page = LocalPage("browser.html", "secret", lambda connection: None)
client = socket.create_connection(("127.0.0.1", page.port))
taken = []
resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
later = socket.socket()
try:
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
later.connect(("127.0.0.1", page.port))
time.sleep(2)
for one in taken:
    os.close(one)
later.close()
last = socket.create_connection(("127.0.0.1", page.port))
last.sendall(b"GET /?token=secret HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\n\\r\\n" % page.port)
print(last.recv(15))
page.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout == "b'HTTP/1.1 200 OK'\n", done.stderr
    assert done.stderr.count("Too many open files") == 1 and "Traceback" not in done.stderr
