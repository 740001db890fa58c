"""A run with a microphone, which is made here."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from liveavatar.app import hearing
from liveavatar.app.console import status_text
from liveavatar.app.hearing import Hearing
from liveavatar.audio.microphone import Block
from liveavatar.audio.vowels import load
from liveavatar.base.timing import now
from liveavatar.controls import INDEX
from liveavatar.errors import SoundError
from liveavatar.live.report import Report
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.retargeter import FaceRetargeter
from tests.helpers.running import wait_until

RATE = 16000


def buzz(formants: tuple[float, ...], seconds: float) -> np.ndarray:
    """(n,) float32: a vowel with these formants: pulses through resonances."""
    count = round(seconds * RATE)
    pulses = np.zeros(count)
    pulses[:: RATE // 120] = 1.0
    for centre, width in zip(formants, (70, 90, 120, 150), strict=True):
        r, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * centre / RATE
        one = two = 0.0
        out = np.zeros(count)
        for n, x in enumerate(pulses):
            one, two = x + 2 * r * np.cos(angle) * one - r * r * two, one
            out[n] = one
        pulses = out * (1 - 2 * r * np.cos(angle) + r * r)
    return (0.3 * pulses / np.abs(pulses).max()).astype(np.float32)


class Scripted:
    """Says "ah" for a while and is then unplugged."""

    opened = 0
    name, rate = "USB Mikrofon", RATE

    def __init__(self, spec: str) -> None:
        type(self).opened += 1
        if type(self).opened == 2:
            raise SoundError("it is not there")

    def __iter__(self) -> Iterator[Block]:
        sound = np.concatenate([np.zeros(RATE // 4, np.float32), buzz((750, 1250, 2550, 3500), 0.5)])
        for k in range(0, len(sound), 160):
            yield Block(sound[k : k + 160], RATE, now())
            time.sleep(0.001)  # whoever looks at the mouth gets a turn
        raise SoundError("it was unplugged")

    def close(self) -> None:
        pass


def test_the_avatar_speaks_and_goes_on_when_the_microphone_is_lost_until_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hearing, "Microphone", Scripted)
    monkeypatch.setattr(hearing, "rescan", lambda: None)
    monkeypatch.setattr(hearing, "AGAIN_S", 0.01)
    Scripted.opened = 0
    mixer, report, told = Mixer(FaceRetargeter()), Report(), list[str]()
    jaws = []
    listening = Hearing("usb", mixer, report, told.append, load())
    wait_until(
        lambda: (
            jaws.append(mixer.retarget(None, now()).controls[INDEX["jawOpen"]])
            or (Scripted.opened >= 4 and max(jaws) > 0.05)
        )
    )
    shown = report.microphone
    listening.close()
    assert told[0].startswith("it was unplugged") and "goes on without" in told[0]
    assert told[1].startswith("it is not there") and "'USB Mikrofon' is heard again" in told[2]
    assert shown.startswith("mic ") and report.microphone == ""
    report.microphone = shown
    assert shown in status_text(report, "hoshi")


def test_lips_tell_how_much_the_voice_has_to_be_delayed() -> None:
    report = Report()
    report.show(at=10.0, start=0.0, time=9.94, driven=True, fresh=True)
    assert report.delayed.ms(50) == pytest.approx(60)
    report.lips_lag = 0.05
    report.show(at=11.0, start=0.0, time=10.94, driven=True, fresh=True)
    assert report.delayed.ms(50) == pytest.approx(110)
