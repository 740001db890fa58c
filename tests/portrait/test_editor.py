"""The page for setting points: who gets it, what it makes of points, first over the wire, then in a real Chromium."""

import http.client
import json
import os
import re
import stat
import struct
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from liveavatar.avatar.library import load_avatar
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.cli import main
from liveavatar.controls import vector
from liveavatar.errors import AvatarError, Cancelled
from liveavatar.landmarks.points import NAMES
from liveavatar.media.picture import Picture
from liveavatar.media.png import encode_png
from liveavatar.portrait import create as creating
from liveavatar.portrait import editor as editing
from liveavatar.portrait import photo
from liveavatar.portrait.drawn_points import check_drawn, listed, usual_face
from liveavatar.portrait.editor import Editor
from liveavatar.portrait.editor_points import DRAWN, PHOTO, PointKind
from liveavatar.portrait.figure import build_from_points
from liveavatar.portrait.package import write_package
from liveavatar.portrait.photo import Photo
from liveavatar.portrait.points import OPTIONAL, REQUIRED, Points, check_points, read_points
from liveavatar.portrait.request import Request
from liveavatar.portrait.ways import Way
from liveavatar.renderers import open_renderer
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.retargeting.performance import performance
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import AvatarFrame, Expression
from tests.helpers.chromium import Page
from tests.helpers.running import GENEROUS

ROOT = Path(__file__).parents[2]
PERSON = next(iter(open_camera(str(SYNTHETIC), paced=False))).image
"""A synthetic person, (512, 512, 3) uint8."""
POINTS: Points = {
    "rightEyeOuter": [203, 228], "rightEyeInner": [237, 232], "rightEyeUpper": [217, 223], "rightEyeLower": [218, 235],
    "leftEyeInner": [275, 232], "leftEyeOuter": [309, 228], "leftEyeUpper": [295, 222], "leftEyeLower": [294, 235],
    "rightBrow": [203, 197], "leftBrow": [308, 197], "mouthRight": [227, 308], "mouthLeft": [285, 309],
    "mouthTop": [256, 307], "mouthBottom": [257, 310], "chin": [256, 356], "nose": [256, 267], "forehead": [256, 166],
    "rightIris": [219, 229, 7], "leftIris": [292, 228, 7],
}  # fmt: skip
"""Of their face."""
PICTURE = Picture(np.dstack([PERSON, np.full((512, 512), 255, np.uint8)]), has_alpha=False)
POSE = vector(eyeLookOutLeft=0.8, eyeLookInRight=0.8, jawOpen=0.5)
"""Held still where a test compares pictures: then only points change them."""


@pytest.fixture
def editor(model: Path) -> Iterator[Editor]:
    with closing(FaceFinder(model)) as finder:
        way = Photo(PICTURE, finder.find(PERSON)[0], finder, Request(Path("p.png"), "x", ""), print, None)
    with closing(Editor(way, PICTURE, dict(POINTS), dict(POINTS), "someone")) as opened:
        yield opened


def get(editor: Editor, path: str, host: str | None = None) -> tuple[int, bytes, Any]:
    with closing(http.client.HTTPConnection(urlsplit(editor.address).netloc, timeout=GENEROUS)) as connection:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers


def join(editor: Editor, **changes: Any) -> ClientConnection:
    options = {
        "origin": f"http://{urlsplit(editor.address).netloc}",
        "max_size": None,
        "open_timeout": GENEROUS,
        **changes,
    }
    return connect(editor.address.replace("http", "ws", 1), **options)


def tell(page: ClientConnection, **message: Any) -> None:
    page.send(json.dumps(message))


def news(
    page: ClientConnection, until: Callable[[dict[str, Any]], bool]
) -> tuple[dict[str, Any], np.ndarray]:
    """What the page is told, and the avatar's picture, once the news are as asked."""
    deadline = time.monotonic() + GENEROUS
    while time.monotonic() < deadline:
        tell(page, do="next")
        message = page.recv(timeout=GENEROUS)
        assert isinstance(message, bytes)
        (length,) = struct.unpack_from("<I", message)
        told = json.loads(message[4 : 4 + length])
        if until(told):
            return told, np.frombuffer(message, np.uint8, offset=4 + length)
        time.sleep(0.02)
    raise AssertionError("the news did not come")


def test_only_this_machine_with_the_token_gets_page_and_picture(editor: Editor) -> None:
    query = urlsplit(editor.address).query
    assert urlsplit(editor.address).hostname == "127.0.0.1" and len(query) > 20
    status, page, headers = get(editor, f"/?{query}")
    assert status == 200 and b"<svg" in page
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "sha256-" in policy
    status, picture, headers = get(editor, f"/picture?{query}")
    assert status == 200 and picture[1:4] == b"PNG" and headers["Content-Type"] == "image/png"
    for path in ("/", "/picture", "/?token=guess", "/picture?token=guess"):
        assert get(editor, path)[0] == 403
        assert get(editor, f"{path.partition('?')[0]}?{query}", host="evil.example")[0] == 403
    assert get(editor, f"/else?{query}")[0] == 404


def test_other_pages_cannot_open_the_socket(editor: Editor) -> None:
    for wrong in ("http://evil.example", None):
        with pytest.raises(InvalidStatus, match="403"):
            join(editor, origin=wrong)
    with pytest.raises(InvalidStatus, match="403"):
        connect(
            re.sub("token=.*", "token=guess", editor.address.replace("http", "ws", 1)),
            origin=f"http://{urlsplit(editor.address).netloc}",  # type: ignore[arg-type]
        )


def test_the_page_loads_nothing_from_elsewhere() -> None:
    page = (ROOT / "liveavatar" / "assets" / "edit.html").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"']+", page)) == {
        "http://www.w3.org/2000/svg"
    }  # a name, not an address
    assert "innerHTML" not in page


@pytest.mark.parametrize(
    ("kind", "known"), [(PHOTO, {*REQUIRED, *OPTIONAL, "rightIris", "leftIris"}), (DRAWN, set(NAMES))]
)
def test_every_point_has_a_name_and_a_colour(kind: PointKind, known: set[str]) -> None:
    assert set(kind.labels) == known
    assert sorted(n for names in kind.groups.values() for n in names) == sorted(known)
    joined = {n for line in kind.lines for n in (*line["points"], *line["middle"])} - {"~"}
    assert joined | {n for iris in kind.ellipses for n in iris} <= known


def test_crossed_points_give_the_reason_and_keep_the_last_good_avatar(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "performance", lambda time: POSE)
    with join(editor) as page:
        hello = json.loads(page.recv(timeout=GENEROUS))
        assert hello["points"] == POINTS and hello["size"] == [512, 512]
        _, good = news(page, lambda told: told["built"] == 0)
        assert good.size == 512 * 512 * 4
        crossed = {
            **POINTS,
            "rightEyeUpper": POINTS["rightEyeLower"],
            "rightEyeLower": POINTS["rightEyeUpper"],
        }
        for number, points, words in (
            (1, crossed, "rightEyeUpper and rightEyeLower are crossed"),
            (2, {**POINTS, "chin": [256, 900]}, "chin lies outside the picture"),
            (3, {**POINTS, "forehead": [256, 300]}, "forehead and rightBrow are crossed"),
            (4, "nonsense", "must be a JSON object"),
        ):
            tell(page, do="build", number=number, points=points)
            told, kept = news(page, lambda told, number=number: told["seen"] == number)  # type: ignore[misc]
            assert words in told["error"] and told["built"] == 0
            np.testing.assert_array_equal(kept, good)
        assert told["names"] == []
        tell(page, do="done", number=5, points=crossed)  # cannot be done with
        told, _ = news(page, lambda told: told["seen"] == 5)
        assert told["names"] == ["rightEyeUpper", "rightEyeLower"] and not editor._dialog._over.is_set()
        tell(page, do="build", number=6, points={**POINTS, "leftIris": [292, 228, 14]})
        told, other = news(page, lambda told: told["built"] == 6)
        assert told["error"] == "" and np.abs(other.astype(int) - good).max() > 30


def test_a_page_that_is_loaded_again_goes_on(editor: Editor) -> None:
    moved = {**POINTS, "chin": [256.0, 350.0]}
    with join(editor) as page:
        page.recv(timeout=GENEROUS)
        tell(page, do="build", number=7, points=moved)
        news(page, lambda told: told["built"] == 7)
    with join(editor) as page:
        hello = json.loads(page.recv(timeout=GENEROUS))
        assert hello["points"] == moved and hello["number"] == 7 and hello["suggested"] == POINTS


def test_nonsense_ends_the_connection_and_nothing_else(editor: Editor) -> None:
    for text in ("no json", "[]", "{}", '{"do": "build"}', '{"do": "build", "number": "x", "points": {}}'):
        with join(editor) as page:
            page.recv(timeout=GENEROUS)
            page.send(text)
            with pytest.raises(Exception):  # noqa: B017 - closed in whatever way
                page.recv(timeout=GENEROUS)
    with join(editor) as page:
        page.recv(timeout=GENEROUS)
        news(page, lambda told: told["built"] == 0)


def test_a_page_that_stays_closed_means_no(editor: Editor) -> None:
    with join(editor) as page:
        page.recv(timeout=GENEROUS)
    assert editor.wait(closed_for=0.3) is None


class Creating:
    """`create --edit` in a thread, with the address that it opens."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, model: Path, **request: Any) -> None:
        opened: list[str] = []
        monkeypatch.setattr(webbrowser, "open", opened.append)
        monkeypatch.setattr(creating, "find_model", lambda **k: None)
        self.folder, self.said = folder / "形象", []  # type: ignore[var-annotated]
        self.end: Any = None
        picture, points = folder / "person.png", folder / "points.json"
        picture.write_bytes(encode_png(PICTURE.rgba))
        points.write_text(json.dumps(POINTS))
        wanted = Request(picture, "drawn", "", self.folder, points, edit=True, **request)

        def make() -> None:
            try:
                self.end = creating.create(wanted, model, self.said.append)
            except Exception as error:
                self.end = error

        self.thread = threading.Thread(target=make, daemon=True)
        self.thread.start()
        until = time.monotonic() + GENEROUS
        while not opened and time.monotonic() < until and self.thread.is_alive():
            time.sleep(0.02)
        assert opened, self.end
        assert "token" not in opened[0]  # every user can read what a browser is started with
        door = Path(url2pathname(urlsplit(opened[0]).path))
        found = re.search(r'href="(\S+?)"', door.read_text(encoding="utf-8"))
        assert found is not None
        self.address = found[1]
        assert self.address in self.said[-1] and f"url={self.address}" in door.read_text(encoding="utf-8")
        if os.name == "posix":
            assert stat.S_IMODE(door.parent.stat().st_mode) == 0o700
        self.door = door

    def join(self) -> Any:
        self.thread.join(timeout=GENEROUS)
        assert not self.thread.is_alive() and not self.door.exists()
        return self.end


def test_chromium_drags_a_point_and_done_writes_the_package(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "performance", lambda time: POSE)
    work = Creating(tmp_path, monkeypatch, model)
    page = None
    try:
        page = Page(work.address, tmp_path / "profile", (1280, 800))
        page.wait("window.liveavatar && liveavatar.built === 0 && liveavatar.pictures > 2")
        canvas = "document.querySelector('#avatar').toDataURL()"
        before = page.run(canvas)
        page.drag('[data-name="leftIris"] .dot', 18, 8)
        page.wait("liveavatar.number > 0 && liveavatar.built === liveavatar.number")
        x, y, _ = page.run("liveavatar.points.leftIris")
        assert x > POINTS["leftIris"][0] + 4 and y > POINTS["leftIris"][1] + 1
        page.wait(f"{canvas} !== {json.dumps(before)}")

        page.drag('[data-name="leftIris:rim"] .dot', -6, -6)
        assert page.run("liveavatar.points.leftIris[2]") < POINTS["leftIris"][2] - 1
        page.click("#undo")
        assert page.run("liveavatar.points.leftIris") == [x, y, POINTS["leftIris"][2]]

        page.drag('[data-name="rightEyeLower"] .dot', 0, -150)  # above the upper lid
        page.wait("liveavatar.error !== ''")
        text = page.run("document.querySelector('#message').textContent")
        assert "“right eye, upper lid (lash line)” and “right eye, lower lid” are crossed" in text
        assert page.run("document.querySelectorAll('.wrong').length") == 2
        assert page.run("document.querySelector('#done').disabled") is True
        page.click("#undo")
        page.wait("liveavatar.error === '' && !document.querySelector('#done').disabled")

        page.click("#done")
        page.wait("document.querySelector('#end').textContent.includes('drawn is made')")
    finally:
        if page is not None:
            page.close()
    avatar = work.join()
    assert load_avatar(work.folder).name == "drawn" == avatar.name
    kept = read_points(work.folder / "points.json", (512, 512), check_points)
    assert kept["leftIris"] == [x, y, POINTS["leftIris"][2]] and kept["chin"] == POINTS["chin"]


def test_chromium_reset_and_cancel_write_nothing(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEAVATAR_LANG", "zh")
    work = Creating(tmp_path, monkeypatch, model)
    page = None
    try:
        page = Page(work.address, tmp_path / "profile", (1280, 800))
        page.wait("window.liveavatar && liveavatar.pictures > 1")
        assert page.run("document.documentElement.lang") == "zh-CN"
        assert page.run("document.querySelector('#cancel').textContent") == "取消"
        page.click("#reset")  # from the points given to the suggested ones
        page.wait("document.querySelector('#reset').disabled && liveavatar.built === liveavatar.number")
        assert page.run("document.querySelectorAll('.handle').length") == 29  # 27 points, two rims
        page.click("#cancel")  # changes are not thrown away by one click
        assert page.run("document.querySelector('#end').hidden") is True
        page.click("#cancel")
        page.wait("!document.querySelector('#end').hidden")
        assert "没有制作" in page.run("document.querySelector('#end').textContent")
    finally:
        if page is not None:
            page.close()
    assert isinstance(work.join(), Cancelled)
    assert not work.folder.exists() and not [p for p in tmp_path.iterdir() if p.name.startswith(".new")]


def test_a_full_disk_loses_no_points(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, failures = write_package, [AvatarError("the disk is full")]

    def failing(*given: Any) -> Any:
        if failures:
            raise failures.pop()
        return write(*given)

    monkeypatch.setattr(photo, "write_package", failing)
    work = Creating(tmp_path, monkeypatch, model)
    host = urlsplit(work.address).netloc
    with connect(
        work.address.replace("http", "ws", 1),
        origin=f"http://{host}",
        max_size=None,  # type: ignore[arg-type]
    ) as page:
        page.recv(timeout=GENEROUS)
        tell(page, do="done", number=1, points=POINTS)
        news(page, lambda told: told["error"] == "the disk is full")
        tell(page, do="done", number=2, points=POINTS)
        told, _ = news(page, lambda told: told["end"] != "")
        assert "is made" in told["end"]
    assert work.join().name == "drawn" and "the disk is full" in work.said


@pytest.mark.parametrize(("end", "status"), [(None, 1), (KeyboardInterrupt, 130)])
def test_the_exit_status_of_an_edit_that_is_not_done(
    end: Any,
    status: int,
    tmp_path: Path,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def wait(self: Editor) -> None:
        if end is not None:
            raise end

    monkeypatch.setattr(creating, "find_model", lambda **k: None)
    monkeypatch.setattr(webbrowser, "open", lambda address: True)
    monkeypatch.setattr(Editor, "wait", wait)
    out, picture = tmp_path / "out", tmp_path / "person.png"
    picture.write_bytes(encode_png(PICTURE.rgba))
    command = [
        "create",
        str(picture),
        "--name",
        "x",
        "--output",
        str(out),
        "--edit",
        "--yes",
        "--model",
        str(model),
    ]
    assert main(command) == status
    told = capsys.readouterr()
    assert "http://127.0.0.1:" in told.err and not told.out
    assert ("Nothing was made" in told.err) == (status == 1)
    assert list(tmp_path.iterdir()) == [picture]


def test_a_puppet_draws_as_its_package_does(tmp_path: Path) -> None:
    rig, sheet, *_ = build_from_points(PICTURE, dict(POINTS), None)
    avatar = write_package(rig, sheet, tmp_path / "a", Request(Path("a.png"), "a", ""), dict(POINTS))
    expression = Expression(performance(1.5), 0.0)
    with closing(open_renderer(avatar)) as renderer:
        expected = renderer.render(expression).image
    puppet = Puppet(rig, sheet)
    np.testing.assert_array_equal(puppet.render(expression).image, expected)


class Still(Way):
    """A drawing's way whose avatar is a coloured square."""

    kind = DRAWN
    hidden = ("rightBrow", "leftIris")

    def suggested(self) -> Points:
        return listed(usual_face() * 200 + (256, 150))

    def puppet(self, points: Points) -> "Still":
        check_drawn(points, (512, 512))
        return self

    def render(self, expression: Expression) -> AvatarFrame:
        return AvatarFrame(np.full((512, 512, 4), 255, np.uint8), expression.time)

    def make(self, points: Points | None) -> Any:
        raise NotImplementedError


def test_chromium_sets_a_drawn_face_by_mouse_and_keys(tmp_path: Path) -> None:
    way = Still()
    start = way.suggested()
    with closing(Editor(way, PICTURE, start, start, "mira")) as editor:
        page = Page(editor.address, tmp_path / "profile", (1280, 800))
        try:
            page.wait("window.liveavatar && liveavatar.built === 0 && liveavatar.pictures > 1")
            assert page.run("document.querySelectorAll('.handle').length") == 46
            hidden = page.run("[...document.querySelectorAll('.handle.hidden')].map((n) => n.dataset.name)")
            assert sorted(hidden) == sorted(way.hidden)

            def at(name: str) -> np.ndarray:
                return np.array(page.run(f"liveavatar.points.{name}"))

            page.drag('[data-name="leftIris"] .dot', 18, 8)  # an iris goes as a whole
            went = at("leftIris") - start["leftIris"]
            assert went[0] > 3
            for name in ("leftIrisOuter", "leftIrisBottom"):
                assert np.allclose(at(name) - start[name], went, atol=0.02)
            page.drag('[data-name="leftIrisOuter"] .dot', 12, 0)  # its rim alone
            assert np.allclose(at("leftIris") - start["leftIris"], went)
            radius = "+document.querySelectorAll('.iris')[1].getAttribute('%s')"
            assert page.run(radius % "rx") > 1.1 * page.run(radius % "ry") * abs(
                start["leftIrisOuter"][0] - start["leftIris"][0]
            ) / abs(start["leftIrisBottom"][1] - start["leftIris"][1])

            press = "document.querySelector('#stage').dispatchEvent(new KeyboardEvent('keydown', {key: '%s', shiftKey: %s}))"
            before = at("leftIrisOuter")
            page.run(press % ("ArrowDown", "true"))  # the one that was taken hold of last
            down = at("leftIrisOuter") - before
            assert down[0] == 0 and down[1] > 1
            page.run(press % ("ArrowUp", "false"))
            assert 0 < at("leftIrisOuter")[1] - before[1] < down[1]
            page.run(press % ("Tab", "false"))
            page.run(press % ("ArrowLeft", "true"))
            assert at("leftIrisBottom")[0] < before[0] and at("leftIrisOuter")[0] == before[0]
            page.click("#undo")
            page.wait("liveavatar.built === liveavatar.number")
            page.click("#done")
            page.wait("!document.querySelector('#end').hidden")
            assert "is being made" in page.run("document.querySelector('#end').textContent")
            result = editor.wait()
            assert result is not None and set(result) == set(NAMES)
        finally:
            page.close()
