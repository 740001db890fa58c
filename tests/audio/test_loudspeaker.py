"""A loudspeaker, with a stand-in for PortAudio: this test's machine has none."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from liveavatar.audio import devices, loudspeaker
from liveavatar.audio.loudspeaker import Device, Nowhere, open_loudspeaker
from liveavatar.audio.track import Track
from liveavatar.errors import SoundError


class Sounds:
    """One device of 100 ms; the callback is called by the test."""

    class PortAudioError(Exception):
        pass

    def __init__(self, works: bool = True) -> None:
        self.works = works
        self.stream: Any = None

    def OutputStream(self, **options: Any) -> Any:
        if not self.works:
            raise self.PortAudioError("Device unavailable")
        self.stream = SimpleNamespace(
            **{**options, "latency": 0.1},
            start=lambda: None,
            close=lambda ignore_errors=True: options["finished_callback"](),
        )
        return self.stream


@pytest.fixture
def sounds(monkeypatch: pytest.MonkeyPatch) -> Sounds:
    fake = Sounds()
    monkeypatch.setattr(devices, "portaudio", lambda: fake)
    monkeypatch.setattr(devices, "list_devices", lambda kind: [devices.Device(7, "Desk", 2, 44_100, True)])
    return fake


def test_a_sound_is_heard_when_the_driver_says(sounds: Sounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loudspeaker, "now", lambda: 20.0)
    device = open_loudspeaker()
    assert (device.rate, sounds.stream.device, sounds.stream.samplerate) == (44_100, 7, 44_100)
    track = Track(device.rate)
    track.add(np.full(44_100, 0.5, np.float32))
    device.play(track)
    out = np.empty((441, 2), np.float32)
    sounds.stream.callback(out, 441, SimpleNamespace(outputBufferDacTime=5.08, currentTime=5.0), None)
    assert (out == 0.5).all()
    assert track.heard(20.07) is None
    assert track.heard(20.085) == pytest.approx(0.005)
    device.close()
    device.close()


def test_a_driver_that_does_not_say_is_taken_at_its_latency(
    sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loudspeaker, "now", lambda: 20.0)
    device, track = Device(), Track(44_100)
    out = np.empty((441, 2), np.float32)
    sounds.stream.callback(out, 441, SimpleNamespace(outputBufferDacTime=0.0, currentTime=0.0), None)
    assert not out.any(), "nothing is played yet"
    track.add(np.ones(441, np.float32))
    device.play(track)
    sounds.stream.callback(out, 441, SimpleNamespace(outputBufferDacTime=0.0, currentTime=0.0), None)
    assert track.heard(20.105) == pytest.approx(0.005)


def test_one_that_is_gone_or_is_none_is_told(sounds: Sounds) -> None:
    device = Device("desk")
    sounds.stream.finished_callback()
    with pytest.raises(SoundError, match="gone"):
        device.step(0.0)
    with pytest.raises(SoundError, match="Desk"):
        Device("kitchen")
    sounds.works = False
    with pytest.raises(SoundError, match="Device unavailable"):
        Device("desk")
    assert isinstance(open_loudspeaker("OFF"), Nowhere)
