"""The page for OBS: what it shows to whom, first over the wire, then in a real Chromium."""

import http.client
import re
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import platformdirs
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from liveavatar.app import checks
from liveavatar.app.console import announce
from liveavatar.app.live_session import tell_of_another
from liveavatar.app.remote import Control
from liveavatar.errors import OutputError
from liveavatar.outputs import open_output
from liveavatar.outputs.preview import Previewed
from liveavatar.types import AvatarFrame
from tests.helpers.chromium import Page

SIZE = (64, 48)


def picture(level: int = 200) -> AvatarFrame:
    """Left half transparent, then a half-transparent stripe, right half opaque."""
    image = np.zeros((48, 64, 4), np.uint8)
    image[:, 32:] = (level, 30, 60, 255)
    image[:, 28:32] = (level // 2, 15, 30, 128)
    return AvatarFrame(image, 0.0)


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path / "配置"))
    output = open_output("browser:0", size=SIZE, fps=30)
    yield output
    output.close()


def get(address: str, path: str, host: str | None = None) -> tuple[int, str, Any]:
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)) as connection:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers


def socket_address(output: Any) -> str:
    return str(output.address).replace("http", "ws", 1)


def origin(output: Any) -> str:
    return f"http://{urlsplit(output.address).netloc}"


def test_only_this_machine_with_the_token_gets_the_page(browser: Any) -> None:
    address = urlsplit(browser.address)
    assert address.hostname == "127.0.0.1"
    status, page, headers = get(browser.address, f"/?{address.query}")
    assert status == 200 and "<canvas" in page
    assert headers["Content-Type"].startswith("text/html") and headers["Cache-Control"] == "no-store"
    assert get(browser.address, "/")[0] == 403
    assert get(browser.address, "/?token=guess")[0] == 403
    assert get(browser.address, f"/else?{address.query}")[0] == 404
    assert get(browser.address, f"/?{address.query}", host="evil.example")[0] == 403


def test_the_token_is_told_once_and_stands_in_nothing_that_is_listed_or_pasted(
    browser: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    token = parse_qs(urlsplit(browser.address).query)["token"][0]
    assert token not in browser.label and str(urlsplit(browser.address).port) in browser.label
    assert token not in repr(browser) and token not in repr(browser._page)
    shown = Previewed(browser, None, browser.background, lambda: None)
    announce("hoshi", shown)
    assert capsys.readouterr().err.count(token) == 1
    with closing(Control(lambda command: {}, f"hoshi -> {shown.label}")):
        tell_of_another()
        assert browser.label in capsys.readouterr().err
        (found,) = checks._running()
        assert token not in found.text and browser.label in found.text


def test_other_pages_cannot_open_the_socket(browser: Any) -> None:
    for wrong in ("http://evil.example", None):
        with pytest.raises(InvalidStatus, match="403"):
            connect(socket_address(browser), origin=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidStatus, match="403"):
        connect(re.sub("token=.*", "token=guess", socket_address(browser)), origin=origin(browser))  # type: ignore[arg-type]


def test_a_slow_page_gets_the_newest_picture_with_its_alpha(browser: Any) -> None:
    with connect(socket_address(browser), origin=origin(browser)) as page:
        for level in (10, 20, 30):
            browser.send(picture(level))
        page.send("next")
        message = page.recv(timeout=5)
        assert struct.unpack_from("<HHI", message) == (64, 48, 3)
        shown = np.frombuffer(message, np.uint8, offset=8).reshape(48, 64, 4)
        np.testing.assert_array_equal(shown, picture(30).image)
        page.send("next")
        with pytest.raises(TimeoutError):
            page.recv(timeout=0.1)  # nothing newer yet
        browser.send(picture(40))
        assert struct.unpack_from("<HHI", page.recv(timeout=5))[2] == 4


def test_the_address_stays_the_same_from_run_to_run(browser: Any) -> None:
    other = open_output("browser:0", size=SIZE, fps=30)
    assert urlsplit(other.address).query == urlsplit(browser.address).query
    other.close()


def test_a_taken_port_and_a_silly_one_are_named(browser: Any) -> None:
    port = urlsplit(browser.address).port
    with pytest.raises(OutputError, match=f"port {port} cannot be used"):
        open_output(f"browser:{port}", size=SIZE, fps=30)
    for silly in ("browser:x", "browser:70000", "browser:"):
        with pytest.raises(OutputError, match="no port"):
            open_output(silly, size=SIZE, fps=30)


def test_closing_ends_pages_and_frees_the_port(browser: Any) -> None:
    port = urlsplit(browser.address).port
    with connect(socket_address(browser), origin=origin(browser)) as page:
        page.send("next")
        browser.close()
        browser.close()
        with pytest.raises(Exception):  # noqa: B017 - closed in whatever way
            page.recv(timeout=5)
    with pytest.raises(OutputError, match="closed"):
        browser.send(picture())
    open_output(f"browser:{port}", size=SIZE, fps=30).close()


def test_chromium_shows_transparent_pixels_transparent_and_comes_back(browser: Any, tmp_path: Path) -> None:
    page = Page(browser.address, tmp_path / "profile")
    stop = threading.Event()

    def feed(output: Any) -> None:
        while not stop.wait(1 / 30):
            output.send(picture())

    feeder = threading.Thread(target=feed, args=(browser,))
    feeder.start()
    try:
        page.wait("window.liveavatar && window.liveavatar.pictures > 3")
        pixel = (
            "Array.from(document.querySelector('canvas').getContext('2d').getImageData({}, 20, 1, 1).data)"
        )
        assert page.run(pixel.format(5)) == [0, 0, 0, 0]
        assert page.run(pixel.format(50)) == [200, 30, 60, 255]
        half = page.run(pixel.format(30))
        assert half[3] == 128 and np.abs(np.array(half[:3]) - (200, 30, 60)).max() <= 2
        assert page.run("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"

        before = page.run("window.liveavatar.pictures")
        time.sleep(2)
        assert page.run("window.liveavatar.pictures") - before > 20  # of 60: machines of tests are busy

        stop.set()
        feeder.join()
        port = urlsplit(browser.address).port
        browser.close()
        page.wait(
            "document.querySelector('canvas').getContext('2d').getImageData(50, 20, 1, 1).data[3] === 0"
        )
        again = open_output(f"browser:{port}", size=SIZE, fps=30)
        try:
            again.send(picture(90))
            page.wait("window.liveavatar.connections === 2")
            page.wait(
                "document.querySelector('canvas').getContext('2d').getImageData(50, 20, 1, 1).data[0] === 90"
            )
        finally:
            again.close()
    finally:
        stop.set()
        feeder.join()
        page.close()
