"""What keys and commands change in a running program, and what a preview shows."""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import platformdirs
import pytest

from liveavatar.app.actions import KEYS, Actions
from liveavatar.app.hotkeys import listen
from liveavatar.app.remote import Control
from liveavatar.base.mailbox import Closed
from liveavatar.cli import main
from liveavatar.errors import AvatarError, LiveAvatarError, OutputError
from liveavatar.media.compositing import Background, Framing
from liveavatar.outputs import open_output
from liveavatar.outputs.preview import Previewed, with_landmarks, with_progress
from liveavatar.retargeting.reactions import Reactions
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame, Face
from tests.helpers.running import GENEROUS

NAMES = ["hoshi", "yuki"]


class Show:
    """Actions on nothing: remembers."""

    def __init__(self) -> None:
        self.swapped: list[str] = []
        self.said: list[str] = []
        self.recentered = 0
        self.card = False
        self.swaps = threading.Event()
        self.background = Background("white", (64, 64))
        self.emoting = Reactions()
        self.actions = Actions(
            swap=self.swap, recenter=self.recenter, emote=self.emoting.perform, panic=self.panic,
            background=self.background, avatars=lambda: NAMES, current="hoshi", failed=self.fail,
        )  # fmt: skip

    def swap(self, name: str) -> dict[str, Any]:
        if name not in NAMES:
            raise AvatarError(f"no avatar named {name!r}")
        self.swapped.append(name)
        self.swaps.set()
        return {"avatar": name, "seconds": 0.1}

    def recenter(self) -> None:
        self.recentered += 1

    def panic(self) -> bool:
        self.card = not self.card
        return self.card

    def fail(self, text: str) -> None:
        self.said.append(text)
        self.swaps.set()


@pytest.fixture
def show() -> Show:
    return Show()


def test_keys(show: Show) -> None:
    for key in ("r", "M", "+", "=", "-", "x"):
        show.actions.press(key)
    assert show.recentered == 1 and show.emoting.active == ""
    show.actions.press("2")
    assert show.emoting.active == "anger"
    show.actions.press("2")
    assert show.emoting.active == ""
    show.actions.press("P")
    assert show.card
    assert show.background.framing.mirror and show.background.framing.zoom == pytest.approx(1.1)
    for _ in range(100):
        show.actions.press("-")
    assert show.background.framing.zoom == 0.3  # and not an error


def test_the_next_avatar_comes_round(show: Show) -> None:
    for expected in (["yuki"], ["yuki", "hoshi"]):
        show.swaps.clear()
        show.actions.press("n")
        assert show.swaps.wait(GENEROUS)
        time.sleep(0.05)
        assert show.swapped == expected


def test_a_next_avatar_that_is_broken_is_told(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "NAMES", ["hoshi"])
    show.actions.avatars = lambda: ["hoshi", "broken"]
    show.actions.press("n")
    assert show.swaps.wait(GENEROUS) and show.said == ["no avatar named 'broken'"]


def test_commands_from_another_process(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))
    assert main(["recenter"]) == 1 and "liveavatar run" in capsys.readouterr().err
    control = Control(show.actions.handle)
    try:
        assert main(["recenter"]) == 0 and show.recentered == 1
        assert main(["panic"]) == 0 and show.card and "card is shown" in capsys.readouterr().out
        assert main(["panic"]) == 0 and not show.card and "avatar is shown" in capsys.readouterr().out
        assert main(["framing", "--zoom", "1.5", "--position", "0.1,-0.2"]) == 0
        assert main(["framing", "--mirror"]) == 0
        assert show.background.framing == Framing(1.5, 0.1, -0.2, True)
        assert "--zoom 1.5 --position 0.1,-0.2 --mirror output" in capsys.readouterr().out
        assert main(["emote", "joy"]) == 0 and show.emoting.active == "joy"
        assert main(["emote", "none"]) == 0 and show.emoting.active == ""
        assert main(["emote", "ennui"]) == 1 and "there are: joy" in capsys.readouterr().err
        assert main(["framing", "--zoom", "99"]) == 1
        assert "zoom must be from" in capsys.readouterr().err
        assert main(["framing", "--position", "left"]) == 2
        assert show.background.framing.zoom == 1.5
    finally:
        control.close()


def test_an_unknown_command_is_refused(show: Show) -> None:
    with pytest.raises(LiveAvatarError, match="unknown command 'dance'"):
        show.actions.handle({"command": "dance"})


def test_a_framing_of_the_wrong_kind_changes_nothing(show: Show) -> None:
    for wrong in ({"zoom": "big"}, {"x": [1]}, {"y": 7}):
        with pytest.raises((OutputError, ValueError, TypeError)):
            show.actions.handle({"command": "framing", **wrong})
    assert show.background.framing == Framing()


def test_global_hotkeys_call_the_same_actions(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []

    class GlobalHotKeys:
        def __init__(self, keys: dict[str, Any]) -> None:
            made.append(keys)

        def start(self) -> None:
            pass

        wait = stop = start

    module, keyboard = ModuleType("pynput"), ModuleType("pynput.keyboard")
    keyboard.GlobalHotKeys = GlobalHotKeys  # type: ignore[attr-defined]
    module.keyboard = keyboard  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pynput", module)
    monkeypatch.setitem(sys.modules, "pynput.keyboard", keyboard)
    listen(KEYS, show.actions.press).stop()
    made[0]["<ctrl>+<alt>+r"]()
    made[0]["<ctrl>+<alt>+m"]()
    assert show.recentered == 1 and show.background.framing.mirror


def test_hotkeys_without_the_package_name_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynput", None)
    with pytest.raises(LiveAvatarError, match=r"liveavatar\[hotkeys\]"):
        listen(KEYS, print)


def blank() -> AvatarFrame:
    return AvatarFrame(np.zeros((128, 128, 4), np.uint8), 0.5)


def face() -> Face:
    landmarks = np.random.default_rng(0).uniform(40, 200, (478, 3)).astype(np.float32)
    return Face(landmarks, np.zeros(51, np.float32), np.eye(4, dtype=np.float32), (320, 240), 0.0)


def test_a_preview_draws_into_a_copy_and_tells_a_lost_face() -> None:
    frame = blank()
    seen, lost = with_landmarks(frame, face()), with_landmarks(frame, None)
    assert not frame.image.any() and seen.time == 0.5
    assert np.abs(seen.image.astype(int) - lost.image).sum() > 5000
    assert not seen.image[:60].any()  # only the corner
    mirror = with_landmarks(frame, face(), mirror=True)
    assert (mirror.image != seen.image).any()


def test_progress_fills_from_the_left() -> None:
    bars = [with_progress(blank(), [1, 2, 1], done).image[10, :, 2] for done in (0.0, 2.0, 4.0)]
    bright = [(row > 200).sum() for row in bars]
    assert bright[0] == 0 and abs(bright[1] / bright[2] - 0.5) < 0.05
    assert (bars[1][10:50] > 200).mean() > 0.9 and (bars[1][70:] < 100).all()


class WindowThatCloses(Output):
    def __init__(self) -> None:
        self.shown, self.closed = 0, 0
        self.background = Background("white", (128, 128))

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self.shown += 1
        if self.shown == 3:
            raise Closed

    def close(self) -> None:
        self.closed += 1


def test_a_preview_that_breaks_does_not_end_the_show(capsys: pytest.CaptureFixture[str]) -> None:
    output: Any = open_output("memory", size=(128, 128), fps=30)
    window: Any = WindowThatCloses()
    window.send = lambda frame: 1 / 0
    both = Previewed(
        output, window, output.background, lambda: replace(face(), pose=np.full((4, 4), np.nan, np.float32))
    )
    for _ in range(20):
        both.send(blank())
    both.close()
    assert len(output.frames) == 20 and capsys.readouterr().err.count("the preview is closed") == 1


def test_closing_the_preview_does_not_end_the_show() -> None:
    output: Any = open_output("memory", size=(128, 128), fps=30)
    window: Any = WindowThatCloses()
    output.background.framing = Framing(zoom=1.5, mirror=True)
    both = Previewed(output, window, output.background, lambda: None)
    for _ in range(20):
        both.send(blank())
    assert window.background.framing == Framing(mirror=True)  # as the output, but whole
    both.close()
    assert len(output.frames) == 20 and window.shown == 3 and window.closed == 1
    assert not output.frames[-1].image.any()  # no landmarks in what was sent
