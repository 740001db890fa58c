"""Which microphone is heard and in what voice it is sent on, and the voice that an avatar has."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from liveavatar.app.microphone_desk import OFF, MicrophoneDesk
from liveavatar.audio.kept_voices import keep_voice, kept_voice
from liveavatar.audio.sliders import Sliders
from liveavatar.audio.voices import PRESETS, Chosen
from liveavatar.errors import ProfileError, SoundError


class Desk:
    """A desk whose microphones are made here."""

    def __init__(self) -> None:
        self.avatar, self.listened = "hoshi", list[tuple[str, Any]]()
        self.desk = MicrophoneDesk(self.listen, lambda: self.avatar)  # type: ignore[arg-type]

    def listen(self, name: str, chosen: Chosen | None) -> Any:
        self.listened.append((name, chosen))
        self.way = None if chosen is None else SimpleNamespace(monitored=False, level=0.4, change=self.change)
        return SimpleNamespace(name=name, level=0.5, voice=self.way, close=lambda: None)

    def change(self, chosen: Chosen) -> None:
        self.changed = chosen


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    for name in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return Desk()


def test_another_voice_does_not_open_the_microphone_anew(desk: Desk) -> None:
    desk.desk.take("usb", "giant")
    assert desk.listened == [("usb", Chosen("giant", PRESETS["giant"]))] and desk.desk.sent == 0.4
    answer = desk.desk.handle({"command": "voice", "name": "robot", "sliders": {"pitch": 2}})
    assert answer["voice"] == "robot" and desk.changed.sliders == Sliders(pitch=2, robot=1, brightness=0.2)
    assert len(desk.listened) == 1
    desk.desk.handle({"command": "voice", "name": "off"})
    assert desk.listened[1:] == [("usb", None)] and desk.desk.voice == OFF and desk.desk.sliders is None
    desk.desk.handle({"command": "monitor", "on": True})
    desk.desk.speak_as("natural")
    assert desk.way is not None and desk.way.monitored


def test_each_avatar_has_its_own_voice(desk: Desk) -> None:
    desk.desk.take("usb", "giant")
    desk.desk.handle({"command": "voice", "name": "giant", "sliders": {"pitch": -3.0}, "keep": True})
    assert desk.desk.voice == "own" and kept_voice("hoshi") == Sliders(pitch=-3, body=0.8, growl=0.2)
    desk.avatar = "ren"
    desk.desk.swapped()
    assert desk.changed == Chosen("own", None), "natural: none was kept"
    keep_voice("ren", PRESETS["whisper"])
    desk.desk.swapped()
    assert desk.changed.sliders == PRESETS["whisper"]


def test_what_is_no_voice_changes_nothing(desk: Desk) -> None:
    desk.desk.take("usb", "giant")
    with pytest.raises(SoundError, match="There are: off, natural"):
        desk.desk.speak_as("darth")
    with pytest.raises(ValueError, match="pitch"):
        desk.desk.speak_as("giant", {"pitch": 900.0})
    with pytest.raises(TypeError):
        desk.desk.speak_as("giant", {"volume": 1.0})
    assert desk.desk.voice == "giant" and desk.desk.sliders is not None and desk.desk.sliders["pitch"] == -9


def test_a_damaged_voice_is_named(desk: Desk) -> None:
    path = keep_voice("hoshi", PRESETS["giant"])
    for content in ("", "[]", '{"format": 1, "sliders": {"pitch": 99}}', '{"format": 2}'):
        path.write_text(content)
        with pytest.raises(ProfileError, match="damaged"):
            desk.desk.take("usb", "own")
