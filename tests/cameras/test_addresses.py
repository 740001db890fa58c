"""Cameras at an address: what came in place of a picture is said, and no word of plugs."""

import socket
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from liveavatar.cameras import open_camera
from liveavatar.cameras.webcam import Webcam
from liveavatar.errors import CameraError

Serve = Callable[[bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server on loopback that answers everything with these bytes; gives its host:port."""
    sockets = []

    def start(answer: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)

        def run() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                    with peer:
                        peer.recv(4096)
                        peer.sendall(answer)
                except OSError:
                    return

        threading.Thread(target=run, daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in sockets:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\nConnection: close\r\n\r\n<html></html>\n"
LOCKED = b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n"


def refused(address: str) -> str:
    with pytest.raises(CameraError) as caught:
        open_camera(address)
    message = str(caught.value)
    assert "plug" not in message and "group" not in message
    return message


@pytest.mark.parametrize(
    ("scheme", "answer", "said"),
    [
        ("http", NOT_FOUND, "404 Not Found"),
        ("http", PAGE, "what comes is no video"),
        ("rtsp", LOCKED, "401 Unauthorized"),
    ],
)
def test_what_came_is_said(
    scheme: str, answer: bytes, said: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    assert said in refused(f"{scheme}://{serve(answer)}/video")


def test_a_closed_door_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    assert "refused" in refused("http://127.0.0.1:1/video")
    assert "Protocol not found" in refused("camera://127.0.0.1/")


def test_a_proxy_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(NOT_FOUND)
    monkeypatch.setenv("http_proxy", f"http://me:secret@{proxy}")
    monkeypatch.delenv("no_proxy", raising=False)
    message = refused("http://192.0.2.7/video")
    assert "404" in message and proxy in message and "no_proxy" in message
    assert "secret" not in message


def test_a_password_in_the_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    message = refused("rtsp://user:secret@127.0.0.1:1/stream")
    assert "secret" not in message and "127.0.0.1:1/stream" in message


def test_a_stream_that_ends_has_no_plug(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ending:
        """cv2.VideoCapture of a stream of three pictures."""

        left = 3

        def isOpened(self) -> bool:
            return True

        def set(self, key: int, value: float) -> bool:
            return True

        def get(self, key: int) -> float:
            return 30.0

        def read(self) -> tuple[bool, np.ndarray | None]:
            self.left -= 1
            return (True, np.zeros((48, 64, 3), np.uint8)) if self.left >= 0 else (False, None)

        def release(self) -> None:
            pass

    monkeypatch.setattr("cv2.VideoCapture", lambda device: Ending())
    monkeypatch.setattr("liveavatar.cameras.webcam.GONE_S", 0.1)
    with pytest.raises(CameraError, match="stream ended or the connection was lost"):
        list(Webcam("rtsp://camera/stream"))
