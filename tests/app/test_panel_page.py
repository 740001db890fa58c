"""The panel in a real Chromium: every control changes what it says, two panels agree, nothing is cut."""

import http.client
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import platformdirs
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from liveavatar.app.actions import Actions
from liveavatar.app.camera_desk import COMMANDS
from liveavatar.app.microphone_desk import MicrophoneDesk
from liveavatar.app.panel.errands import Errands
from liveavatar.app.panel.gallery import Gallery, cut_out
from liveavatar.app.panel.panel import Panel
from liveavatar.app.panel.preview import Preview
from liveavatar.app.panel.remembered import Remembered
from liveavatar.app.panel.show import Show
from liveavatar.errors import AvatarError, CameraError
from liveavatar.live.report import Report
from liveavatar.media.compositing import Background, Framing
from liveavatar.retargeting.reactions import Reactions
from liveavatar.types import AvatarFrame
from tests.helpers.chromium import Page
from tests.helpers.running import GENEROUS, wait_until

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-tests"


class Cameras:
    """A camera desk without cameras."""

    def __init__(self) -> None:
        self.camera, self.changeable, self.mirror = "0", True, False
        self.calibration = SimpleNamespace(state=None)
        self.asked: list[dict[str, Any]] = []

    def handle(self, command: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(command)
        match command["command"]:
            case "cameras":
                return {"cameras": ["Logitech C925e", "OBS Virtual Camera"]}
            case "camera":
                if "OBS" in command["name"]:
                    raise CameraError("that one is its own output")
                self.camera = command["name"]
                return {"camera": self.camera}
            case "mirror":
                self.mirror = command["on"]
            case "calibrate":
                running = {"text": "Open your mouth wide", "done": 0.4, "seen": True}
                self.calibration.state = None if command.get("stop") else running
        return {}


class Way:
    """What a voice's way is to the desk."""

    level, monitored = None, False

    def change(self, chosen: Any) -> None:
        self.chosen = chosen


class Stage:
    """A show of one still picture, on a panel."""

    def __init__(self) -> None:
        self.report, self.reactions = Report(provider="cpu", fps=30.0), Reactions()
        self.report.ages.add(0.038)
        self.background, self.gallery = Background("white", (256, 256)), Gallery()
        self.recentered, self.asked = 0, [{"name": "Stream Deck", "developer": "Elgato", "origin": ""}]
        self.allowed: list[dict[str, str]] = []
        self.closed = False
        image = np.zeros((256, 256, 4), np.uint8)
        cv2.circle(image, (128, 128), 60, (200, 30, 60, 255), cv2.FILLED)
        self.frame = AvatarFrame(image, 0.0)
        self.actions = Actions(
            swap=self.swap, recenter=self.recenter, emote=self.reactions.perform, panic=self.panic,
            background=self.background, avatars=lambda: list(self.gallery.listed()), current="hoshi", failed=print,
        )  # fmt: skip
        self.cameras: Any = Cameras()
        self.microphones = MicrophoneDesk(
            lambda name, voice: SimpleNamespace(
                name=f"Heard {name}", level=0.62, close=print, voice=Way() if voice else None
            ),  # type: ignore[arg-type,return-value]
            lambda: self.actions.current,
        )
        self.said: list[tuple[str, bytes]] = []
        self.show = Show(
            actions=self.actions, reactions=self.reactions, report=self.report, size=self.background.size, fps=30.0,
            output="null", avatars=self.gallery.listed, cameras=self.cameras, microphones=self.microphones,
            remembered=Remembered(), handle=self.handle,
        )  # fmt: skip
        self.panel = self.served()

    def served(self, port: int = 0) -> Panel:
        return Panel(self.show, Preview(self.background), lambda: self.frame, self.gallery, TOKEN, port=port)

    def handle(self, command: dict[str, Any]) -> dict[str, Any]:
        if command.get("command") == "plugins":
            return self.plugins(command["do"], command.get("name"))
        if command.get("command") in COMMANDS:
            return self.cameras.handle(command)  # type: ignore[no-any-return]
        if command.get("command") == "microphones":
            return {"microphones": ["Yeti"]}
        if command.get("command") == "microphone":
            self.microphones.take(command["name"])
            return {"microphone": self.microphones.wanted}
        if command.get("command") in ("voice", "monitor"):
            return self.microphones.handle(command)
        if command.get("command") == "speak":
            self.said.append((command["emotion"], Path(command["path"]).read_bytes()))
            return {"id": "1"}
        return self.actions.handle(command)

    def plugins(self, do: str, name: str | None) -> dict[str, Any]:
        if do in ("open", "shut"):
            self.closed = do == "shut"
            return {"closed": self.closed}
        if self.closed:
            return {"closed": True}
        if do == "list":
            return {
                "asking": self.asked,
                "allowed": self.allowed,
                "denied": [],
                "connected": [],
                "port": 8001,
            }
        one = next(one for one in [*self.asked, *self.allowed] if one["name"] == name)
        self.asked, self.allowed = [], [one] if do == "allow" else []
        return {"plugin": name}

    def swap(self, name: str) -> dict[str, Any]:
        if name == "pico":
            raise AvatarError("pico is broken today")
        return {"avatar": name, "seconds": 0.1}

    def recenter(self) -> None:
        self.recentered += 1

    def panic(self) -> bool:
        self.report.card = not self.report.card
        return self.report.card


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path / "config"))
    stage = Stage()
    yield stage
    stage.panel.close()


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Any]:
    opened: list[Page] = []

    def open_page(stage: Stage, size: tuple[int, int] = (1280, 900)) -> Page:
        opened.append(Page(stage.panel.address, tmp_path / f"profile{len(opened)}", size))
        opened[-1].resize(*size)
        opened[-1].wait("window.liveavatar && liveavatar.pictures && liveavatar.state")
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()


def text(page: Page, selector: str) -> str:
    return str(page.run(f"document.querySelector({json.dumps(selector)}).textContent"))


def pressed(page: Page, selector: str) -> bool:
    return bool(
        page.run(f"document.querySelector({json.dumps(selector)}).getAttribute('aria-pressed') === 'true'")
    )


def test_every_control_changes_what_it_says(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    assert text(page, "#who") == "hoshi" and "38" in text(page, "#delay")
    page.click("[data-emote=joy]")
    wait_until(lambda: stage.reactions.active == "joy" and not stage.reactions.remaining)
    page.wait("document.querySelector('[data-emote=joy]').getAttribute('aria-pressed') === 'true'")
    page.click("[data-seconds='3']")
    page.click("[data-emote=wink]")
    wait_until(lambda: stage.reactions.active == "wink" and stage.reactions.remaining == 3)
    page.run("document.activeElement.blur()")
    page.click("#panic")
    wait_until(lambda: stage.report.card)
    page.wait("document.querySelector('#panic').textContent.trim() === 'Back on air'")
    page.click("#panic")
    wait_until(lambda: not stage.report.card)
    page.click("#recenter")
    wait_until(lambda: stage.recentered == 1)
    page.click("#mirror")
    wait_until(lambda: stage.background.framing.mirror)
    page.click("[data-avatar=yuki]")
    page.wait("document.querySelector('#who').textContent === 'yuki'")
    assert pressed(page, "[data-avatar=yuki]") and not pressed(page, "[data-avatar=hoshi]")
    page.click("[data-avatar=pico]")
    page.wait("liveavatar.errors.length === 1")
    assert "broken today" in text(page, "#toasts") and text(page, "#who") == "yuki"


def test_framing_by_slider_box_picture_and_double_click(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    page.drag("#f-x", 40, 0)
    wait_until(lambda: stage.background.framing.x > 0.1)
    page.run("(b => { b.value = 150; b.onchange(); })(document.querySelector('#n-zoom'))")
    wait_until(lambda: stage.background.framing.zoom == 1.5)
    page.run("(b => { b.value = 20; b.onchange(); })(document.querySelector('#n-y'))")
    wait_until(lambda: stage.background.framing.y == -0.2)  # up
    page.run("document.querySelector('#f-zoom').ondblclick()")
    wait_until(lambda: stage.background.framing.zoom == 1.0)
    before = stage.background.framing.x
    page.drag("#picture", -60, 30)
    wait_until(lambda: stage.background.framing.x < before and stage.background.framing.y > -0.2)
    page.run("document.querySelector('#picture').ondblclick()")
    wait_until(lambda: stage.background.framing == Framing())
    page.run("(b => { b.value = 9999; b.onchange(); })(document.querySelector('#n-zoom'))")
    wait_until(lambda: stage.background.framing.zoom == 4.0)  # as far as it goes
    assert page.run("document.querySelector('#n-zoom').value") == "400"


def test_keys(stage: Stage, pages: Any) -> None:
    page = pages(stage)

    def press(key: str) -> None:
        page.run(
            f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{key: {key!r}, bubbles: true}}))"
        )

    press("2")
    wait_until(lambda: stage.reactions.active == "anger")
    press("0")
    wait_until(lambda: not stage.reactions.active)
    press("+")
    wait_until(lambda: stage.background.framing.zoom > 1.05)
    press("P")
    wait_until(lambda: stage.report.card)
    press("n")
    page.wait("document.querySelector('#who').textContent === 'liora'")


def test_two_panels_agree_with_each_other_and_the_terminal(stage: Stage, pages: Any) -> None:
    one, other = pages(stage), pages(stage, (300, 900))
    one.click("[data-emote=joy]")
    other.wait("document.querySelector('[data-emote=joy]').getAttribute('aria-pressed') === 'true'")
    stage.handle({"command": "framing", "zoom": 2.0, "mirror": True})
    for page in (one, other):
        page.wait("document.querySelector('#n-zoom').value === '200'")
        page.wait("document.querySelector('#mirror').getAttribute('aria-pressed') === 'true'")


def test_the_preview_shows_what_is_sent(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    middle = "[...document.querySelector('#picture').getContext('2d').getImageData(w / 2, h / 2, 1, 1).data]"
    seen = f"(({{ width: w, height: h }}) => {middle})(document.querySelector('#picture'))"
    assert page.run(seen) == [200, 30, 60, 255]
    stage.handle({"command": "framing", "x": 0.4})
    page.wait(f"({seen})[1] === 255")
    pictures = page.run("liveavatar.pictures")
    time.sleep(0.5)
    assert page.run("liveavatar.pictures") == pictures  # nothing new: nothing is sent


def test_it_waits_for_a_program_that_starts_anew(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    port = stage.panel.port
    stage.panel.close()
    page.wait("document.body.classList.contains('gone')")
    assert "liveavatar panel" in text(page, "#alerts")
    stage.panel = stage.served(port)
    page.wait("liveavatar.connections === 2 && !document.body.classList.contains('gone')")
    page.click("[data-emote=joy]")
    wait_until(lambda: stage.reactions.active == "joy")


def test_camera_mirror_and_calibration(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    page.run("document.querySelector('#camera').focus()")
    page.wait("document.querySelectorAll('#camera option').length === 3")
    choose = "(c => {{ c.value = {!r}; c.onchange(); }})(document.querySelector('#camera'))"
    page.run(choose.format("Logitech C925e"))
    wait_until(lambda: stage.cameras.camera == "Logitech C925e")
    page.wait(
        "document.querySelector('#camera').value === 'Logitech C925e' && !document.querySelector('#camera').disabled"
    )
    page.run(choose.format("OBS Virtual Camera"))
    page.wait("liveavatar.errors.length === 1")
    page.wait("document.querySelector('#camera').value === 'Logitech C925e'")
    page.click("#like-mirror")
    wait_until(lambda: stage.cameras.mirror)
    page.click("#glasses")
    page.click("#calibrate")
    page.wait("document.querySelector('#calibration p')?.textContent === 'Open your mouth wide'")
    assert stage.cameras.asked[-1] == {"command": "calibrate", "glasses": True}
    page.click("#calibration button")
    page.wait("document.querySelector('#calibrate') !== null")
    stage.cameras.calibration.state = {"missed": ["Open your mouth wide"]}
    page.wait("document.querySelector('#calibration').textContent.includes('average: Open your mouth wide')")


def test_microphone_meter_and_speech(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    assert page.run("document.querySelector('#meter').hidden")
    page.run("document.querySelector('#microphone').focus()")
    page.wait("document.querySelectorAll('#microphone option').length === 3")
    page.run("(c => { c.value = 'Yeti'; c.onchange(); })(document.querySelector('#microphone'))")
    page.wait("liveavatar.level === 0.62 && document.querySelector('#heard').textContent === 'Heard Yeti'")
    assert page.run("document.querySelector('#meter').getAttribute('aria-valuenow')") == "62"
    page.run("(c => { c.value = 'natural'; c.onchange(); })(document.querySelector('#voice'))")
    wait_until(lambda: stage.show.state()["voice"] == "natural" and stage.microphones.name == "Heard Yeti")
    stage.report.voice = "voice 62 ms -12 dB"
    page.wait(
        "document.querySelector('#delay').textContent.replaceAll('\\u00a0', ' ').includes('Others hear: voice 62 ms')"
    )
    assert page.run("document.querySelector('#voice-sliders').hidden"), "natural has none"
    page.run("(c => { c.value = 'giant'; c.onchange(); })(document.querySelector('#voice'))")
    page.wait(
        "document.querySelector('#v-growl')?.value === '0.2' && !document.querySelector('#voice-sliders').hidden"
    )
    page.run("(r => { r.value = -6; r.oninput(); })(document.querySelector('#v-pitch'))")
    wait_until(lambda: (stage.show.state()["sliders"] or {}).get("pitch") == -6)
    assert stage.microphones._hearing.voice.chosen.sliders.body == 0.8  # type: ignore[union-attr]
    page.click("#monitor")
    wait_until(lambda: stage.microphones._hearing.voice.monitored)  # type: ignore[union-attr]
    page.click("#keep-voice")
    page.wait("liveavatar.errors.length || document.querySelector('#voice').value === 'own'")
    assert page.run("liveavatar.errors") == []
    wait_until(lambda: stage.show.state()["voice"] == "own" and stage.show.state()["sliders"]["pitch"] == -6)
    page.wait("document.querySelector('#sent').classList.contains('shut')")
    page.run(
        "(async () => { const files = new DataTransfer(); files.items.add(new File(['RIFF'], 'Hello.WAV'));"
        " document.querySelector('#mood').value = 'joy'; const sound = document.querySelector('#sound');"
        " sound.files = files.files; await sound.onchange(); })()"
    )
    wait_until(lambda: stage.said == [("joy", b"RIFF")])
    page.run("(c => { c.value = 'off'; c.onchange(); })(document.querySelector('#microphone'))")
    page.wait("document.querySelector('#meter').hidden")
    assert stage.show.state()["microphone"] == "off"


def test_who_asks_is_answered_there(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    assert "Stream Deck (Elgato) asks" in text(page, "#alerts")
    page.click("#alerts .main")
    page.wait("document.querySelector('#alerts').textContent === ''")
    assert [one["name"] for one in stage.allowed] == ["Stream Deck"]
    page.run("document.querySelector('#s-plugins').open = true")
    page.run("document.querySelector('#plugins button').scrollIntoView()")
    page.click("#plugins button")
    wait_until(lambda: not stage.allowed)
    page.click("#door")
    wait_until(lambda: stage.closed)
    page.wait("document.querySelector('#plugins').textContent.includes('each asks you first')")
    page.click("#door")
    wait_until(lambda: not stage.closed)


def test_settings_are_remembered_and_a_damaged_file_is_none(stage: Stage, pages: Any) -> None:
    page = pages(stage)
    page.click("[data-seconds='5']")
    stage.handle({"command": "framing", "zoom": 1.7})
    kept = Path(platformdirs.user_config_dir("liveavatar")) / "panel.json"
    wait_until(lambda: kept.is_file() and '"hoshi"' in kept.read_text())
    again = Remembered()
    assert (
        again.choice("seconds") == 5
        and again.framing("hoshi") == Framing(1.7)
        and again.framing("yuki") is None
    )
    page.run("location.reload()")
    page.wait("document.querySelector(\"[data-seconds='5'][aria-checked=true]\") !== null")
    for wrong in (
        "{",
        '{"framing": {"hoshi": {"zoom": 99, "x": 0, "y": 0, "mirror": false}}}',
        '{"framing": 3, "seconds": "x"}',
    ):
        kept.write_text(wrong)
        assert Remembered().framing("hoshi") is None


MAKER = r"""
import sys
if sys.argv[1] == "doctor":
    print('[{"part": "gpu", "state": "ok", "text": "fine"}, {"part": "camera", "state": "failure", "text": "none here"}]')
    sys.exit(1)
print("An avatar may show only yourself\nWho? : Agreed? [y/N]:finding the face", file=sys.stderr, flush=True)
import os, time
while "--name=mine" in sys.argv and not os.path.exists(sys.argv[0] + ".seen"):
    time.sleep(0.02)
whose, agreed = sys.stdin.readline().strip(), sys.stdin.readline().strip()
size = len(open(sys.argv[2], "rb").read())
if "--name=taken" in sys.argv:
    print("Error: there is an avatar 'taken' already", file=sys.stderr)
    sys.exit(1)
open(sys.argv[0] + ".made", "w").write(f"{whose} {agreed} {size} {sys.argv[3]}")
"""


def test_an_avatar_is_made_of_a_picture_that_is_dropped(stage: Stage, pages: Any, tmp_path: Path) -> None:
    program = tmp_path / "maker.py"
    program.write_text(MAKER)
    stage.show.errands = Errands((sys.executable, str(program)))
    page = pages(stage)
    page.run("document.querySelector('#s-create').open = true")
    page.run(
        "(async () => { const canvas = new OffscreenCanvas(600, 600); canvas.getContext('2d').fillRect(9, 9, 99, 99);"
        " const noise = crypto.getRandomValues(new Uint8Array(65536));"
        " const blob = await canvas.convertToBlob(); const files = new DataTransfer();"
        " files.items.add(new File([blob, noise, noise], 'My Girl (2).png', {type: 'image/png'}));"
        " dispatchEvent(Object.assign(new Event('drop'), {dataTransfer: files})); })()"
    )
    page.wait("!document.querySelector('#about').hidden")
    assert page.run("document.querySelector('#name').value") == "My-Girl-2"
    assert page.run("document.querySelector('#make').disabled") is True  # nobody has agreed yet
    page.run("(n => { n.value = 'taken'; })(document.querySelector('#name'))")
    for box in ("#agreed", "#make"):
        page.run(f"document.querySelector('{box}').scrollIntoView({{block: 'center'}})")
        page.click(box)
    page.wait("liveavatar.errors.length === 1")
    assert page.run("liveavatar.errors[0]") == "there is an avatar 'taken' already"
    page.run("(n => { n.value = 'mine'; n.form.oninput(); })(document.querySelector('#name'))")
    page.click("#make")
    page.wait("document.querySelector('#making p').textContent === 'finding the face'")
    (tmp_path / "maker.py.seen").touch()
    made = tmp_path / "maker.py.made"
    wait_until(made.is_file)
    wait_until(lambda: len(made.read_text().split()) == 4)
    whose, agreed, size, name = made.read_text().split()
    assert (whose, agreed, name) == ("me", "y", "--name=mine") and int(size) > 2 * 65536
    page.wait("document.querySelector('#toasts').textContent.includes('mine is there')")
    page.run("document.querySelector('#s-doctor').open = true")
    page.run("document.querySelector('#examine').scrollIntoView({block: 'center'})")
    page.click("#examine")
    page.wait("document.querySelector('#findings li')?.className === 'failure'")
    assert "none here" in text(page, "#findings")


CUT = """[...document.querySelectorAll("body *")].filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1
  && getComputedStyle(e).overflowX === "visible" && !e.closest("svg")).map((e) => e.outerHTML.slice(0, 80))"""
UNNAMED = """[...document.querySelectorAll("button, input")].filter((e) =>
  !(e.textContent.trim() || e.ariaLabel || e.labels?.[0]?.textContent)).map((e) => e.outerHTML)"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut_or_unnamed(
    language: str, stage: Stage, pages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEAVATAR_LANG", language)
    stage.report.troubles["camera"] = "the camera /dev/v4l/by-id/usb-046d_Logitech_Webcam_C925e is away"
    page = pages(stage)
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.run("for (const id of ['about', 'making', 'other-row']) document.getElementById(id).hidden = false")
    for width in (300, 480, 800, 1280):
        page.resize(width, 900)
        assert page.run("document.documentElement.scrollWidth") <= width
        assert page.run(CUT) == []
    assert page.run(UNNAMED) == []


def get(panel: Panel, path: str, host: str | None = None) -> int:
    with closing(http.client.HTTPConnection(urlsplit(panel.address).netloc, timeout=GENEROUS)) as connection:
        connection.request("GET", path, headers={"Host": host} if host else {})
        return connection.getresponse().status


def join(panel: Panel, origin: str | None = None) -> ClientConnection:
    own = f"http://{urlsplit(panel.address).netloc}"
    address = panel.address.replace("http", "ws", 1)
    return connect(address, origin=origin or own, max_size=None, open_timeout=GENEROUS)  # type: ignore[arg-type]


def test_strangers_are_refused(stage: Stage) -> None:
    query = urlsplit(stage.panel.address).query
    assert get(stage.panel, f"/?{query}") == 200
    assert get(stage.panel, "/?token=guess") == get(stage.panel, f"/?{query}", host="evil.example") == 403
    with pytest.raises(InvalidStatus, match="403"):
        join(stage.panel, origin="http://evil.example")
    for name in ("panel.html", "panel.js"):
        source = (ROOT / "liveavatar" / "assets" / name).read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[^\s\"']+", source)) <= {"http://www.w3.org/2000/svg"}
        assert "innerHTML" not in source


@pytest.mark.parametrize(
    "message", ["no json", "[]", "{}", '{"do": "fly"}', '{"do": "next", "width": "a", "small": []}', '{"do": "command", "id": 1}']
)  # fmt: skip
def test_nonsense_ends_the_connection_and_nothing_else(stage: Stage, message: str) -> None:
    with join(stage.panel) as wire:
        wire.recv(timeout=GENEROUS)
        wire.send(message)
        with pytest.raises(Exception):  # noqa: B017 - closed in whatever way
            wire.recv(timeout=GENEROUS)
    with join(stage.panel) as wire:
        assert json.loads(wire.recv(timeout=GENEROUS))["texts"]


def test_who_asks_too_much_waits_and_a_broken_command_is_an_answer(stage: Stage) -> None:
    with join(stage.panel) as wire:
        wire.recv(timeout=GENEROUS)
        wire.send(json.dumps({"do": "command", "id": 7, "command": {"command": "framing", "zoom": [1]}}))
        started, answers = time.perf_counter(), []
        for _ in range(90):  # half as many again as one second's
            wire.send(json.dumps({"do": "next", "width": 99999, "small": ["../../etc", "hoshi"]}))
            news, pixels = unpadded(wire.recv(timeout=GENEROUS))
            answers += news.get("answers", [])
        assert time.perf_counter() - started > 0.4
    assert len(pixels) < 1 << 22 and answers[0]["id"] == 7 and "TypeError" in answers[0]["error"]


def unpadded(message: Any) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def test_a_plain_background_is_cut_out_and_a_busy_one_stays() -> None:
    plain = np.full((40, 40, 3), 128, np.uint8)
    plain[10:, 15:25] = (200, 40, 40)
    plain[20:25, 18:22] = 128  # inside: not reached from the border
    alpha = cut_out(plain)[..., 3]
    assert not alpha[:10].any() and alpha[10:, 15:25].all() and not alpha[30:, :15].any()
    busy = plain.copy()
    busy[0, 0] = 0
    assert cut_out(busy)[..., 3].all()
