"""The page on which a character is chosen: in a real Chromium, and what comes of it; and the sheet where there is no browser."""

import http.client
import json
import re
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pytest

pytest.importorskip("skia")

from liveavatar.cli import main, making
from liveavatar.errors import AvatarError, Cancelled, TrainingError
from liveavatar.fitting import choosing
from liveavatar.fitting.choosing import SMALL, Chooser, alike, choose, picture, series, sketches
from liveavatar.media.picture import read_picture
from liveavatar.rigs.generated import Recipe, parse, seed_code
from tests.helpers.chromium import Page
from tests.helpers.running import GENEROUS, wait_until

FIRST = [Recipe(seed, asked={"hair": "#8fd"}) for seed in (3, 4, 5)]
CUT = """[...document.querySelectorAll("body, dialog, dialog *")].filter(
  (e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1).map((e) => e.id || e.tagName)"""
CODES = [seed_code(one) for one in FIRST]


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return {seed_code(one): picture(one, SMALL) for one in FIRST}


class Choosing:
    """choose() in a thread, with the address that it opens."""

    def __init__(self, drawn: dict[str, np.ndarray], save: Callable[..., Any], monkeypatch: Any) -> None:
        opened: list[str] = []
        monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
        self.end: Any = None

        def work() -> None:
            try:
                self.end = choose("", FIRST, drawn, save, lambda text: None)
            except BaseException as error:
                self.end = error

        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()
        wait_until(lambda: bool(opened))
        door = Path(url2pathname(urlsplit(opened[0]).path)).read_text(encoding="utf-8")
        found = re.search(r'href="(\S+?)"', door)
        assert found is not None
        self.address = found[1]

    def join(self) -> Any:
        self.thread.join(timeout=GENEROUS)
        return self.end


def test_one_is_looked_at_varied_named_and_made(
    tmp_path: Path, drawn: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[tuple[Recipe, str]] = []
    goes = threading.Event()

    def save(recipe: Recipe, name: str, told: Callable[[str, int, int], None]) -> SimpleNamespace:
        saved.append((recipe, name))
        if len(saved) == 1:
            raise AvatarError("there is one of this name")
        for step in range(10_000):
            told("stills", step, 10_000)
            if goes.wait(0.02):
                break
        return SimpleNamespace(name=name)

    work = Choosing(drawn, save, monkeypatch)
    page = Page(work.address, tmp_path / "profile", (1100, 800))
    with closing(page):
        page.wait("window.liveavatar && liveavatar.drawn === 3")
        assert page.run("liveavatar.shown") == CODES
        assert (
            page.run(
                "document.querySelector('#grid canvas').getContext('2d').getImageData(128,128,1,1).data[3]"
            )
            > 200
        )
        page.click(f'[data-code="{CODES[1]}"]')
        page.wait(f"liveavatar.big === {json.dumps(CODES[1])}")
        assert page.run("document.querySelector('#code').textContent") == CODES[1]
        page.click("#after")
        page.wait(f"liveavatar.big === {json.dumps(CODES[2])}")
        page.click("#like")
        page.wait("liveavatar.sets === 2 && liveavatar.drawn === 3")
        shown = page.run("liveavatar.shown")
        assert [parse(key) for key in shown] == alike(FIRST[2], 3)
        page.click(f'[data-code="{shown[1]}"]')
        page.click("#make")
        assert "name" in page.run("liveavatar.error")
        page.run("document.querySelector('#name').value = 'nova'")
        page.click("#make")
        page.wait("liveavatar.error === 'there is one of this name'")
        page.click("#make")
        page.wait("document.querySelector('[data-stage=stills]')?.value > 0")
        page.click("#stop")
        page.wait("!document.querySelector('#make').hidden")
        page.click("#make")
        page.wait("!document.querySelector('#busy').hidden")
        goes.set()
        page.wait("!document.querySelector('#end').hidden")
        assert "nova is made" in page.run("document.querySelector('#end').textContent")
    assert work.join().name == "nova"
    assert saved[-1] == (parse(shown[1]), "nova")


def test_in_chinese_on_a_phone_others_back_and_cancel(
    tmp_path: Path, drawn: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEAVATAR_LANG", "zh")
    work = Choosing(drawn, lambda *_: pytest.fail("nothing was to be made"), monkeypatch)
    page = Page(work.address, tmp_path / "profile", (500, 800))
    with closing(page):
        page.wait("window.liveavatar && liveavatar.drawn === 3")
        page.resize(360, 740)
        assert page.run("document.documentElement.lang") == "zh-CN"
        assert page.run("document.querySelector('h1').textContent") == "选择角色"
        page.click(f'[data-code="{CODES[0]}"]')
        page.wait(f"liveavatar.big === {json.dumps(CODES[0])}")
        assert page.run(CUT) == []
        assert page.run("document.body.scrollWidth") <= 360
        page.run("document.querySelector('#close').scrollIntoView()")
        page.click("#close")
        page.click("#more")
        page.wait("liveavatar.sets === 2")
        assert page.run("liveavatar.shown") == [
            seed_code(one) for one in series(Recipe(6, asked={"hair": "#8fd"}), 3)
        ]
        page.click("#back")
        page.wait("liveavatar.sets === 1")
        page.click("#cancel")
        page.wait("!document.querySelector('#end').hidden")
    assert isinstance(work.join(), Cancelled)


@pytest.fixture
def chooser(drawn: dict[str, np.ndarray]) -> Iterator[Chooser]:
    with closing(Chooser("", FIRST, drawn)) as opened:
        yield opened


@pytest.mark.parametrize(("host", "token"), [("evil.example", True), ("127.0.0.1", False)])
def test_strangers_get_nothing(chooser: Chooser, host: str, token: bool) -> None:
    address = urlsplit(chooser.address)
    with closing(http.client.HTTPConnection("127.0.0.1", address.port, timeout=GENEROUS)) as connection:
        at = f"{host}:{address.port}"
        connection.request("GET", f"/?{address.query if token else ''}", headers={"Host": at})
        assert connection.getresponse().status == 403


def test_what_suits_no_seed_is_told_and_the_rest_left_out() -> None:
    with pytest.raises(TrainingError, match="no room"):
        list(sketches(Recipe(1, asked={"wear": "cap,beanie"}), 2, 2))
    found = list(sketches(Recipe(1, asked={"wear": "witch hat"}), 3, 2))
    assert len(found) == 3 and all(one.asked["wear"] == "witch_hat" for one, _ in found)


def test_without_a_browser_the_sheet_is_the_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    monkeypatch.setattr(making, "make", lambda *_: pytest.fail("nothing was to be made"))
    sheet = tmp_path / "four.png"
    assert main(["new", "--grid", "4", "--seed", "3", "--sheet", str(sheet)]) == 0
    assert read_picture(sheet).rgba.shape == (2 * SMALL, 2 * SMALL, 4)
    said = capsys.readouterr()
    assert str(sheet) in said.out and "--seed CODE" in said.err
    assert main(["new", "--grid", "4", "--sheet", str(tmp_path / "four.png" / "no.png")]) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["four.png"]
    assert main(["new", "--seed", "3"]) == 2


def test_a_full_disk_leaves_no_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("liveavatar.rigs.contact_sheet.write_whole", full)
    monkeypatch.setattr(choosing, "sketches", lambda *_: [(Recipe(3), np.zeros((8, 8, 4), np.uint8))])
    assert main(["new", "--grid", "2", "--sheet", str(tmp_path / "x.png")]) == 1
    assert "No space left" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_one_that_geometry_gives_up_on_does_not_end_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def drawing(recipe: Recipe, size: int) -> np.ndarray:
        tried.append(recipe.seed)
        if recipe.seed == 3:
            raise ArithmeticError
        return np.zeros((size, size, 4), np.uint8)

    monkeypatch.setattr(choosing, "picture", drawing)
    with closing(Chooser("", FIRST, {})):
        wait_until(lambda: tried == [3, 4, 5])
    assert isinstance(choosing.Sketch().do(FIRST[0]), TrainingError)
