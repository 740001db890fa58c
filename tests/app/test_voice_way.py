"""A voice's way with outputs that come and go, and a cable that is made by a sound server of the test's own words."""

import subprocess
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from liveavatar.app import outlet
from liveavatar.app.console import status_text
from liveavatar.app.voice_way import LATER, SHOWN, VoiceWay
from liveavatar.audio import cable
from liveavatar.audio.devices import Device
from liveavatar.audio.microphone import Block
from liveavatar.audio.sliders import Sliders
from liveavatar.audio.voices import PRESETS, Chosen
from liveavatar.base.timing import Ages
from liveavatar.errors import SoundError
from liveavatar.live.report import Report
from tests.app.test_hearing import RATE, buzz


class Output:
    """A card that is asked by the test."""

    there: ClassVar[bool] = True
    opened: ClassVar[list["Output"]] = []

    def __init__(self, device: Any, buffer: float) -> None:
        if not self.there:
            raise SoundError("it is unplugged")
        self.name, self.rate, self.buffer, self.closed, self.gaps = device.name, 48000, buffer, False, 0
        self.asked = 0
        self.opened.append(self)

    def play(self, sound: Any) -> None:
        self.sound = sound

    def step(self, time: float) -> None:
        if not self.there:
            raise SoundError("it is gone")

    def close(self) -> None:
        self.closed = True


class Show:
    """A run in which somebody says "ah, ah, ah"."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, speaker: str, outputs: list[str], voice: str = "natural"
    ) -> None:
        devices = [Device(k, name, 2, 48000, k == 0) for k, name in enumerate(outputs)]
        monkeypatch.setattr(outlet, "Device", Output)
        monkeypatch.setattr(outlet.sys, "platform", "win32")
        monkeypatch.setattr(cable, "list_devices", lambda kind: devices)
        monkeypatch.setattr(
            outlet, "find_device", lambda spec, kind: next(d for d in devices if spec in d.name)
        )
        Output.there, Output.opened = True, []
        self.report, self.told, self.time = Report(), list[str](), 100.0
        for _ in range(SHOWN):
            self.report.ages.add(0.06)
        self.way = VoiceWay(Chosen(voice, PRESETS.get(voice)), speaker, self.report, self.told.append)
        word = np.concatenate([buzz((750, 1250, 2550, 3500), 0.4), np.zeros(RATE // 5, np.float32)])
        self.speech = np.tile(word, 30)

    def run(self, seconds: float, microphone: str = "USB Mikrofon", asked: bool = True) -> np.ndarray:
        heard = []
        for k in range(round(seconds * 100)):
            self.time += 0.01
            at = k * RATE // 100
            self.way.hear(Block(self.speech[at : at + RATE // 100], RATE, self.time), microphone)
            out = np.zeros(480, np.float32)
            for output in Output.opened if asked else []:  # what is opened last is listened to
                if not output.closed:
                    output.asked += 1
                    output.sound.fill(out, self.time + 0.03)
            if Output.opened and asked and not Output.opened[-1].closed:
                heard.append(out)
        return np.concatenate(heard) if heard else np.zeros(1, np.float32)


def test_the_voice_is_as_late_as_the_picture_and_muted_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Show(monkeypatch, "cable", ["Lautsprecher", "CABLE Input (VB-Audio Virtual Cable)"])
    for _ in range(100):
        show.report.ages.add(0.12)
    assert np.abs(show.run(5)[-48000:]).max() > 0.05
    assert "'CABLE Output (VB-Audio Virtual Cable)'" in show.told[0] and len(show.told) == 1
    assert show.report.voice_delay == pytest.approx(0.12 + LATER, abs=0.01)
    assert show.report.voice_apart.ms(50) == pytest.approx(15, abs=10)
    assert "voice 13" in status_text(show.report, "hoshi") and "OBS sync" not in status_text(
        show.report, "hoshi"
    )
    show.report.card = True
    assert not show.run(1)[-24000:].any() and show.report.voice == "voice muted"
    show.report.card = False
    assert np.abs(show.run(1)[-48000:]).max() > 0.05
    show.way.close()
    assert Output.opened[0].closed and show.report.voice == ""


def test_until_the_avatar_is_shown_nothing_is_heard_and_then_it_is_as_late_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    show = Show(monkeypatch, "cable", ["CABLE Input (VB-Audio Virtual Cable)"])
    show.report.ages = Ages()
    hear = show.way.hear
    while_loading: list[Block] = []

    def late(block: Block, microphone: str) -> None:
        while_loading.append(block)
        if len(while_loading) == 12:  # an avatar loads: blocks wait until there is time
            for one in while_loading:
                hear(one, microphone)
            while_loading.clear()

    monkeypatch.setattr(show.way, "hear", late)
    assert not show.run(1.2).any() and show.report.voice == "voice muted"
    monkeypatch.setattr(show.way, "hear", hear)
    for _ in range(SHOWN):
        show.report.ages.add(0.06)
    assert np.abs(show.run(1)).max() > 0.05
    assert show.report.voice_apart.ms(95) < 45


def test_another_voice_is_spoken_on_the_way_and_as_late_as_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    show = Show(monkeypatch, "Laut", ["Lautsprecher"], "lighter")
    for _ in range(100):
        show.report.ages.add(0.12)
    assert np.abs(show.run(3)[-48000:]).max() > 0.03
    assert show.report.voice_apart.ms(50) == pytest.approx(15, abs=15)
    show.way.change(Chosen("lighter", Sliders(breath=1)))
    breathed = show.run(2)[-48000:]
    show.way.change(Chosen("natural", None))
    assert np.abs(show.run(2)[-48000:]).max() > 0.05 and np.abs(breathed).max() > 0.01
    assert len(Output.opened) == 1 and len(show.told) == 1, "neither opens anything anew"
    assert show.way.level is not None and 0 < show.way.level <= 1


def test_who_wants_to_hear_oneself_does_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Show(monkeypatch, "cable", ["default", "CABLE Input (VB-Audio Virtual Cable)"])
    show.run(1)
    assert len(Output.opened) == 1
    show.way.monitored = True
    assert np.abs(show.run(2)[-24000:]).max() > 0.05, "the one opened last is the monitor"
    assert Output.opened[1].name == "default" and "Wear headphones" in show.told[-1]
    assert Output.opened[1].sound.delay < 0.1
    show.way.monitored = False
    show.run(0.1)
    assert Output.opened[1].closed and not Output.opened[0].closed


def test_an_output_that_is_away_is_told_once_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Show(monkeypatch, "Laut", ["Lautsprecher"])
    show.run(1)
    assert "Wear headphones" in show.told[0]
    Output.there = False
    show.run(7)
    assert "it is gone" in show.told[1] and "it is unplugged" in show.told[2] and len(show.told) == 3
    assert show.report.voice == "voice away" and not show.way.wants_anew(show.time)
    show.run(5)
    assert show.way.wants_anew(show.time) and not show.way.wants_anew(show.time)
    Output.there = True
    assert np.abs(show.run(5)[-48000:]).max() > 0.05 and "is heard again" in show.told[3]
    show.run(2, asked=False)
    assert "takes nothing any more" in show.told[4], "nor does one that hangs"


def test_gaps_of_a_busy_machine_make_the_output_hold_more(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Show(monkeypatch, "Laut", ["Lautsprecher"])
    for _ in range(10):
        show.run(1)
        Output.opened[-1].gaps += 1
    assert len(Output.opened) == 2 and Output.opened[0].closed, "one a second is too many"
    assert Output.opened[1].buffer == 2 * Output.opened[0].buffer and len(show.told) == 1
    for _ in range(4):
        show.run(3)
        Output.opened[-1].gaps += 1
    assert len(Output.opened) == 2, "now and then one is not"


def test_the_cables_own_end_is_no_microphone_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Show(monkeypatch, "cable", ["BlackHole 2ch"])
    show.run(1, microphone="BlackHole 2ch")
    assert "would hear itself" in show.told[0] and not Output.opened


def test_without_a_cable_one_learns_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Show(monkeypatch, "cable", ["Lautsprecher"])
    show.run(1)
    assert "VB-CABLE" in show.told[0]


class Server:
    """pactl's answers."""

    def __init__(self) -> None:
        self.modules: dict[str, list[str]] = {"0": ["module-native-protocol-unix"]}
        self.playing: list[str] = []
        self.source = "alsa_input"

    def __call__(self, command: list[str], **_: Any) -> Any:
        match command[1:]:
            case ["load-module", *module]:
                out = str(1 + max(map(int, self.modules)))
                self.modules[out] = module
                if any("source_name" in part for part in module):
                    self.source = "liveavatar_mic"  # as PulseAudio does where it has no better
            case ["unload-module", number]:
                if "module-null-sink" in self.modules.pop(number):  # its source goes with it
                    self.modules = {n: m for n, m in self.modules.items() if "module-remap-source" not in m}
                out = ""
            case ["list", "short", "modules"]:
                out = "".join(f"{n}\t{m[0]}\t{' '.join(m[1:])}\t\n" for n, m in self.modules.items())
            case ["list", "short", "sinks"]:
                out = "7\tliveavatar\tmodule-null-sink.c\n"
            case ["list", "short", "sink-inputs"]:
                out = "".join(f"3\t{sink}\t9\tprotocol-native.c\n" for sink in self.playing)
            case ["get-default-source"]:
                out = self.source
            case ["set-default-source", name]:
                self.source, out = name, ""
            case _:
                out = "alsa_output"
        return SimpleNamespace(returncode=0, stdout=out, stderr="")


def test_the_cable_is_made_once_found_again_and_removed_when_nobody_plays_into_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Server()
    monkeypatch.setattr(subprocess, "run", server)
    there = cable.LinuxCable()
    made = dict(server.modules)
    assert len(made) == 3 and server.source == "alsa_input", "the user's microphone stays theirs"
    cable.LinuxCable()
    assert server.modules == made
    del server.modules["1"]  # half of it was lost
    there = cable.LinuxCable()
    assert sorted(m[0] for m in server.modules.values()) == sorted(m[0] for m in made.values())
    server.playing = ["7"]
    there.remove()
    assert len(server.modules) == 3, "another liveavatar plays into it"
    server.playing = ["2"]
    there.remove()
    assert list(server.modules) == ["0"]


def test_without_a_sound_server_one_learns_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    with pytest.raises(SoundError, match="apt install pulseaudio-utils"):
        cable.LinuxCable()
    refused = SimpleNamespace(returncode=1, stdout="", stderr="Connection refused")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: refused)
    with pytest.raises(SoundError, match=r"Connection refused\. Is PulseAudio or PipeWire running"):
        cable.LinuxCable()
