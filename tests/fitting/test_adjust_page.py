"""The page that changes a character from noise: who gets it, what its controls do, in a real Chromium, and what is saved."""

import http.client
import json
import re
import shutil
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

pytest.importorskip("skia")

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import load_avatar
from liveavatar.cli import main
from liveavatar.controls import neutral
from liveavatar.errors import AvatarError
from liveavatar.fitting import create as creating
from liveavatar.fitting import preview as previewing
from liveavatar.fitting.adjust import recipe_of
from liveavatar.fitting.create import Told, create
from liveavatar.fitting.editor import Editor
from liveavatar.fitting.editor_texts import SECTIONS
from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.generated.attributes import ATTRIBUTES
from liveavatar.rigs.generated.recipe import PARTS, Recipe, code, draw, parse
from liveavatar.rigs.generated.sliders import SLIDERS
from tests.helpers.chromium import Page
from tests.helpers.running import GENEROUS, wait_until

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(12, asked={"hair": "#8fe0c0"})
SIDE = 128
FITTED = 5 * GENEROUS
"""Seconds until a package that is being made is taken never to come."""
DRAWN = f"liveavatar.drawn >= liveavatar.number && liveavatar.size === {SIDE}"
"""The picture is of what stands on the page, and at full size."""


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Editor]:
    for name in ("idle", "performance"):  # it holds still: only what is changed changes the picture
        monkeypatch.setattr(previewing, name, lambda time: neutral())
    monkeypatch.setattr(previewing, "SIZES", (SIDE, SIDE))
    monkeypatch.setattr(previewing, "ROUGH", SIDE // 2)
    with closing(Editor("nova", RECIPE)) as opened:
        yield opened


@pytest.fixture
def page(editor: Editor, tmp_path: Path) -> Iterator[Page]:
    opened = Page(editor.address, tmp_path / "profile", (1280, 900))
    opened.wait(f"window.liveavatar && liveavatar.pictures && {DRAWN}")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an avatar of RECIPE; meanwhile packages are made small, and quickly."""
    patch = pytest.MonkeyPatch()
    for name, value in (("SIZE", 128), ("POINTS", 240), ("STILLS", 120)):
        patch.setattr(creating, name, value)
    patch.setenv("PYTHONPATH", str(ROOT))
    folder = tmp_path_factory.mktemp("made") / "nova"
    create(f"generated-{code(RECIPE)}", "nova", folder, 2, Told(), licence="mine")
    yield folder
    patch.undo()


@pytest.fixture
def avatar(made: Path, tmp_path: Path) -> Avatar:
    return load_avatar(Path(shutil.copytree(made, tmp_path / "nova")))


PIXELS = f"""Array.from(document.querySelector("#avatar").getContext("2d").getImageData(0, 0, {SIDE}, {SIDE}).data)"""


def shown(page: Page) -> np.ndarray:
    """The character on the page, (SIDE, SIDE, 4) float32, premultiplied, once it is drawn."""
    page.wait(DRAWN)
    pixels = np.array(page.run(PIXELS), np.float32).reshape(SIDE, SIDE, 4)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return pixels


def truth(recipe: Recipe) -> np.ndarray:
    """What should be shown."""
    return DrawnRig(draw(recipe)).render(neutral(), SIDE).astype(np.float32)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean, in levels of 255."""
    return float(np.abs(a - b).mean())


def asked(page: Page) -> Recipe:
    """The page's recipe."""
    return Recipe(**page.run("liveavatar.recipe"))


def into_view(page: Page, selector: str) -> None:
    page.run(
        f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})"
    )


def click(page: Page, selector: str) -> None:
    into_view(page, selector)
    page.click(selector)


def test_every_slider_attribute_and_part_is_on_the_page() -> None:
    rows = [row for section in SECTIONS.values() for row in section.rows]
    assert sorted(rows) == sorted([*SLIDERS, *ATTRIBUTES])
    assert {section.part for section in SECTIONS.values()} - {""} == set(PARTS)


def test_sliders_change_the_picture_and_undo_takes_it_back(page: Page) -> None:
    before = shown(page)
    assert difference(before, truth(RECIPE)) < 1
    into_view(page, "[data-slider=eye_size]")
    page.drag("[data-slider=eye_size]", 70, 0)
    larger = shown(page)
    recipe = asked(page)
    assert set(recipe.sliders) == {"eye_size"} and recipe.sliders["eye_size"] > 0.3
    assert difference(larger, truth(recipe)) < 1 < 3 * difference(larger, before)
    page.click("#undo")
    assert difference(shown(page), before) < 0.1 and asked(page) == RECIPE
    page.click("#redo")
    assert difference(shown(page), larger) < 0.1 and asked(page) == recipe
    click(page, "[data-reset=eye_size]")
    assert difference(shown(page), before) < 0.1 and asked(page) == RECIPE


def test_a_double_click_and_delete_put_a_slider_back(page: Page) -> None:
    for how in ("dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))", "onkeydown({key: 'Delete'})"):
        into_view(page, "[data-slider=jaw]")
        page.drag("[data-slider=jaw]", -60, 0)
        assert asked(page).sliders["jaw"] < -0.3
        page.run(f"document.querySelector('[data-slider=jaw]').{how}")
        assert asked(page) == RECIPE


def test_colours_choices_and_things_are_drawn_as_asked(page: Page) -> None:
    before = shown(page)
    click(page, '[data-preset="hair #a3152f"]')
    red = shown(page)
    assert asked(page).asked["hair"] == "#a3152f"
    hair = before[28:40, 48:80, :3].mean((0, 1)), red[28:40, 48:80, :3].mean((0, 1))
    assert hair[1][0] - hair[1][1] > 40 > hair[0][0] - hair[0][1]
    page.run(
        "(c => { c.value = '#3c6fd0'; c.oninput(); c.onchange(); })(document.querySelector('[data-colour=eyes]'))"
    )
    assert difference(shown(page), red) > 0.05
    click(page, "[data-choice=outfit] summary")
    page.wait("liveavatar.thumbs >= 3")  # pictures of this very character
    click(page, "[data-choice=outfit] [data-key=armour]")
    click(page, "[data-choice=wear] summary")
    click(page, "[data-choice=wear] [data-key=glasses]")
    recipe = asked(page)
    assert recipe.asked == {"hair": "#a3152f", "eyes": "#3c6fd0", "outfit": "armour", "wear": "glasses"}
    assert difference(shown(page), truth(recipe)) < 1
    assert page.run("document.querySelector('[data-choice=outfit] .value').textContent") == "armour"
    click(page, "[data-choice=wear] [data-key=glasses]")
    assert asked(page).asked["wear"] == "none"


def test_dice_compare_and_reset(page: Page) -> None:
    before = shown(page)
    click(page, "[data-dice=hair]")
    recipe = asked(page)
    assert recipe.seed == RECIPE.seed and set(recipe.parts) == {"hair"}
    other = shown(page)
    assert difference(other, truth(recipe)) < 1 < difference(other, before)
    page.mouse("Pressed", *page.middle("#compare"))
    assert difference(shown(page), before) < 0.1
    page.mouse("Released", *page.middle("#compare"))
    assert difference(shown(page), other) < 0.1
    page.click("#dice")
    assert asked(page).seed != RECIPE.seed and not asked(page).parts
    page.click("#reset")
    assert asked(page) == RECIPE and difference(shown(page), before) < 0.1


def test_what_it_does_is_seen(page: Page) -> None:
    before = shown(page)
    page.click("[data-act=surprise]")
    wait_until(lambda: difference(shown(page), before) > 0.3)
    page.click("[data-act=surprise]")
    wait_until(lambda: difference(shown(page), before) < 0.1)


def test_codes_are_shown_taken_and_refused(page: Page) -> None:
    assert parse(page.run("document.querySelector('#code').value")) == RECIPE
    wanted = Recipe(40, sliders={"smile": 0.5})
    damaged = code(wanted)[:-1] + ("2" if code(wanted)[-1] != "2" else "3")
    for text in (damaged, "<b>nonsense</b>"):
        page.run(f"document.querySelector('#paste').value = {json.dumps(text)}")
        click(page, "#use")
        told = "document.querySelector('#refused')"
        page.wait(f"!{told}.hidden && {told}.textContent.includes({json.dumps(text)})")
        assert asked(page) == RECIPE
    page.run(f"document.querySelector('#paste').value = {json.dumps(code(wanted).lower())}")
    click(page, "#use")
    page.wait("document.querySelector('#refused').hidden && liveavatar.recipe.seed === 40")
    assert asked(page) == wanted and difference(shown(page), truth(wanted)) < 1


def test_what_contradicts_itself_is_told_and_cannot_be_saved(page: Page) -> None:
    before = shown(page)
    for name, key in (("cut", "bob"), ("species", "robot")):
        click(page, f"[data-choice={name}] summary")
        click(page, f"[data-choice={name}] [data-key={key}]")
    page.wait("liveavatar.error !== ''")
    assert "a robot has no haircut" in page.run("document.querySelector('#message').textContent")
    assert page.run("document.querySelector('#save').disabled") is True
    page.click("#undo")
    page.click("#undo")
    page.wait("liveavatar.error === '' && !document.querySelector('#save').disabled")
    assert difference(shown(page), before) < 0.1


CUT = """[...document.querySelectorAll("body *")].filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1
  && getComputedStyle(e).overflowX === "visible" && !e.closest("svg, summary")).map((e) => e.outerHTML.slice(0, 80))"""
UNNAMED = """[...document.querySelectorAll("button, input")].filter((e) =>
  !(e.textContent.trim() || e.ariaLabel || e.labels?.[0]?.textContent)).map((e) => e.outerHTML)"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut_or_unnamed(
    language: str, editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEAVATAR_LANG", language)
    with closing(Page(editor.address, tmp_path / "profile", (1280, 800))) as page:
        page.wait("window.liveavatar && liveavatar.pictures")
        for width in (360, 1280):
            page.resize(width, 740)
            assert page.run("document.documentElement.scrollWidth") <= width
            assert page.run(CUT) == []
        assert page.run(UNNAMED) == []


def get(editor: Editor, path: str, host: str | None = None) -> int:
    with closing(http.client.HTTPConnection(urlsplit(editor.address).netloc, timeout=GENEROUS)) as connection:
        connection.request("GET", path, headers={"Host": host} if host else {})
        return connection.getresponse().status


def join(editor: Editor, origin: str | None = None) -> ClientConnection:
    own = f"http://{urlsplit(editor.address).netloc}"
    address = editor.address.replace("http", "ws", 1)
    return connect(address, origin=origin or own, max_size=None, open_timeout=GENEROUS)  # type: ignore[arg-type]


def test_strangers_are_refused(editor: Editor) -> None:
    query = urlsplit(editor.address).query
    assert get(editor, f"/?{query}") == 200
    assert get(editor, "/?token=guess") == get(editor, f"/?{query}", host="evil.example") == 403
    with pytest.raises(InvalidStatus, match="403"):
        join(editor, origin="http://evil.example")
    text = (ROOT / "liveavatar" / "assets" / "adjust.html").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"']+", text)) == {
        "http://www.w3.org/2000/svg"
    }  # a name, not an address
    assert "innerHTML" not in text


@pytest.mark.parametrize(
    "message",
    [
        "no json", "[]", "{}", '{"do": "next"}', '{"do": "act", "act": "fly"}', '{"do": "save", "number": 1, "recipe": []}',
        '{"do": "show", "number": 1, "recipe": {"seed": 1, "colour": 2}, "rough": false, "original": false}',
        '{"do": "offer", "of": "cut", "recipe": {"seed": -1}}',
        '{"do": "show", "number": 1, "recipe": {"seed": 1, "asked": {"hair": 3}}, "rough": false, "original": false}',
    ],
)  # fmt: skip
def test_nonsense_ends_the_connection_and_nothing_else(editor: Editor, message: str) -> None:
    with join(editor) as wire:
        wire.recv(timeout=GENEROUS)
        wire.send(message)
        with pytest.raises(Exception):  # noqa: B017 - closed in whatever way
            wire.recv(timeout=GENEROUS)
    with join(editor) as wire:
        assert json.loads(wire.recv(timeout=GENEROUS))["recipe"]["seed"] == 12
    assert editor.wait(closed_for=0.2) is None  # a page that stays closed means no


class Adjusting:
    """`adjust --edit` in a thread, with the page that it opens."""

    def __init__(self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[str] = []
        monkeypatch.setattr(webbrowser, "open", opened.append)
        self.status: int | None = None
        self.thread = threading.Thread(target=self._run, args=(folder,), daemon=True)
        self.thread.start()
        until = time.monotonic() + FITTED
        while not opened and time.monotonic() < until and self.thread.is_alive():
            time.sleep(0.02)
        door = Path(url2pathname(urlsplit(opened[0]).path))
        found = re.search(r'href="(\S+?)"', door.read_text(encoding="utf-8"))
        assert found is not None
        self.page = Page(found[1], tmp_path / "profile", (1280, 800))
        self.page.wait("window.liveavatar && liveavatar.pictures", FITTED)

    def _run(self, folder: Path) -> None:
        self.status = main(["adjust", str(folder), "--edit", "--workers", "2"])

    def join(self) -> int | None:
        self.thread.join(timeout=FITTED)
        assert not self.thread.is_alive()
        return self.status


def test_save_makes_the_package_of_what_the_page_shows(
    avatar: Avatar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert avatar.folder is not None and recipe_of(avatar) == RECIPE
    work = Adjusting(avatar.folder, tmp_path, monkeypatch)
    with closing(work.page) as page:
        click(page, '[data-preset="eyes #c8283a"]')
        wanted = asked(page)
        monkeypatch.setattr(creating, "write_parts", _full_disk(creating.write_parts))
        page.click("#save")
        page.wait(
            "document.querySelector('#over').hidden && liveavatar.error !== ''", FITTED
        )  # the work is not lost
        assert "No space left" in page.run("liveavatar.error") and asked(page) == wanted
        assert load_avatar(avatar.folder).digest == avatar.digest
        page.click("#save")
        page.wait("document.querySelectorAll('#bars progress')[1].value > 0.02", FITTED)
        page.click("#stop")
        page.wait("document.querySelector('#over').hidden", FITTED)
        assert load_avatar(avatar.folder).digest == avatar.digest
        page.click("#save")
        page.wait("!document.querySelector('#over').hidden && document.querySelector('#bars').hidden", FITTED)
        assert "nova is saved" in page.run("document.querySelector('#words').textContent")
    assert work.join() == 0
    saved = load_avatar(avatar.folder)
    assert recipe_of(saved) == wanted == Recipe(12, asked={"hair": "#8fe0c0", "eyes": "#c8283a"})
    assert (saved.name, saved.licence) == ("nova", "mine")
    assert [path.name for path in avatar.folder.parent.iterdir() if path.name.startswith(".")] == []


def _full_disk(write: Any) -> Any:
    failures = [OSError(28, "No space left on device")]

    def failing(*given: Any) -> Any:
        if failures:
            raise failures.pop()
        return write(*given)

    return failing


def test_cancel_asks_once_and_changes_nothing(
    avatar: Avatar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Adjusting(avatar.folder, tmp_path, monkeypatch)
    with closing(work.page) as page:
        page.click("#dice")
        page.click("#cancel")
        assert page.run("document.querySelector('#over').hidden") is True
        page.click("#cancel")
        page.wait("!document.querySelector('#over').hidden")
    assert work.join() == 1 and "Nothing was changed" in capsys.readouterr().err
    assert load_avatar(avatar.folder).digest == avatar.digest


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rig": "hoshi"}, "no character from noise"),
        ({"rig": ["generated-1"]}, "no character from noise"),
        ("generated-1", "no character from noise"),
        ({"rig": "generated-A03W-4Z"}, "cannot be read"),
        ({"rig": "generated-" + "9" * 5000}, "cannot be read"),
        ({"rig": "generated-../../etc"}, "cannot be read"),
    ],
)
def test_a_card_that_names_no_recipe_is_refused(options: Any, words: str, avatar: Avatar) -> None:
    avatar.made_with["options"] = options
    with pytest.raises(AvatarError, match=words) as error:
        recipe_of(avatar)
    assert len(str(error.value)) < 700
