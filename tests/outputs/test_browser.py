"""The page for OBS over the wire: who gets what. What a real Chromium shows: test_browser_page.py."""

import http.client
import re
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import platformdirs
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from liveavatar.app import checks
from liveavatar.app.console import announce
from liveavatar.app.live_session import tell_of_another
from liveavatar.app.remote import Control
from liveavatar.avatar.library import load_avatar
from liveavatar.controls import vector
from liveavatar.errors import OutputError
from liveavatar.live.neutral_card import neutral_card
from liveavatar.media.compositing import Framing
from liveavatar.outputs import open_output
from liveavatar.outputs.preview import Previewed
from liveavatar.renderers import open_renderer
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression
from tests.helpers.page import parsed
from tests.helpers.running import GENEROUS, wait_until

TINY = Path(__file__).parent.parent / "data" / "tiny"
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
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=GENEROUS)) as connection:
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
        message = page.recv(timeout=GENEROUS)
        assert struct.unpack_from("<HHI", message) == (64, 48, 3)
        shown = np.frombuffer(message, np.uint8, offset=8).reshape(48, 64, 4)
        np.testing.assert_array_equal(shown, picture(30).image)
        page.send("next")
        with pytest.raises(TimeoutError):
            page.recv(timeout=0.1)  # nothing newer yet
        browser.send(picture(40))
        assert struct.unpack_from("<HHI", page.recv(timeout=GENEROUS))[2] == 4


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
            page.recv(timeout=GENEROUS)
    with pytest.raises(OutputError, match="closed"):
        browser.send(picture())
    open_output(f"browser:{port}", size=SIZE, fps=30).close()


def talk(output: Any) -> Any:
    return connect(socket_address(output), origin=Origin(origin(output)), max_size=None)


def kind_of(message: Any) -> str:
    return str(parsed(message)[0]["kind"])


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return open_renderer(load_avatar(TINY), "cpu")


def sketch(renderer: Renderer, jaw: float = 0.0) -> AvatarFrame:
    return renderer.sketch(Expression(vector(jawOpen=jaw), 0.0))


def composed(frame: AvatarFrame) -> bool:
    return "image" in vars(frame)


def test_pictures_are_composed_only_while_a_page_takes_them(browser: Any, renderer: Renderer) -> None:
    frames = [sketch(renderer, i / 10) for i in range(6)]
    browser.send(frames[0])
    assert not browser.needs_pictures and not composed(frames[0])  # nobody looks
    with talk(browser) as drawing, talk(browser) as looking:
        for said in ("hello 3 draw", "next"):
            drawing.send(said)
        assert [kind_of(drawing.recv(timeout=GENEROUS)) for _ in range(3)] == ["hello", "avatar", "frame"]
        assert not browser.needs_pictures and not composed(frames[0])
        looking.send("next")
        assert len(looking.recv(timeout=GENEROUS)) == 8 + 64 * 48 * 4  # of the page before this version
        assert browser.needs_pictures
        browser.send(frames[1])
        assert composed(frames[1])
        drawing.send("next")
        assert kind_of(drawing.recv(timeout=GENEROUS)) == "frame"
        looking.close()
        wait_until(lambda: not browser.needs_pictures)
        browser.send(frames[2])
        assert not composed(frames[2])
        for said in ("pictures lost", "next"):
            drawing.send(said)
        assert kind_of(drawing.recv(timeout=GENEROUS)) == "picture" and browser.needs_pictures
        for said in ("draw", "next"):
            drawing.send(said)
        assert [kind_of(drawing.recv(timeout=GENEROUS)) for _ in range(2)] == [
            "avatar",
            "frame",
        ]  # it lost everything
    wait_until(lambda: not browser._guests)


def test_what_has_no_drawing_comes_as_a_picture_and_the_avatar_is_kept(
    browser: Any, renderer: Renderer
) -> None:
    with talk(browser) as page:
        page.send("hello 3 draw")
        page.recv(timeout=GENEROUS)
        kinds = []
        for frame, count in ((sketch(renderer), 2), (neutral_card(SIZE), 1), (sketch(renderer, 0.4), 1)):
            browser.send(frame)
            page.send("next")
            kinds += [kind_of(page.recv(timeout=GENEROUS)) for _ in range(count)]
        assert kinds == ["avatar", "frame", "picture", "frame"]
        for framing, kind in (
            (Framing(rotation=10), "picture"),
            (Framing(), "frame"),
        ):  # no page turns or tints
            browser.background.framing = framing
            assert browser.needs_pictures == (kind == "picture")
            browser.send(sketch(renderer))
            page.send("next")
            assert kind_of(page.recv(timeout=GENEROUS)) == kind


def test_a_page_that_leaves_while_nothing_new_is_shown_is_no_page_any_more(browser: Any) -> None:
    browser.send(picture(70))
    with talk(browser) as page:
        page.send("next")
        page.recv(timeout=GENEROUS)
        page.send("next")
        wait_until(lambda: browser.needs_pictures)
    wait_until(lambda: not browser.needs_pictures)


def test_a_frame_that_is_shown_on_is_not_sent_again(browser: Any) -> None:
    card = picture(70)
    with talk(browser) as page:
        browser.send(card)
        page.send("next")
        page.recv(timeout=GENEROUS)
        page.send("next")
        browser.send(card)
        with pytest.raises(TimeoutError):
            page.recv(timeout=0.1)
        browser.background.framing = Framing(zoom=1.5)
        browser.send(card)
        assert len(page.recv(timeout=GENEROUS)) == 8 + 64 * 48 * 4


@pytest.mark.parametrize(
    "said", ["hello", "hello 3", "hello 3 draw twice", "pictures because", "draw me", b"next", "a " * 9000]
)
def test_a_page_that_says_anything_else_is_hung_up_on(browser: Any, said: Any) -> None:
    browser.send(picture())
    with talk(browser) as page:
        page.send(said)
        with pytest.raises(ConnectionClosed):
            page.recv(timeout=GENEROUS)
    with talk(browser) as page:
        page.send("next")
        assert page.recv(timeout=GENEROUS)
