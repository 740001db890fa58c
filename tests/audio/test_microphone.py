"""Sound devices, without any."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from liveavatar.audio import devices
from liveavatar.audio.microphone import Microphone
from liveavatar.errors import SoundError


class Stream:
    """PortAudio's, as far as a microphone knows it; sound is put in by the test."""

    last: "Stream"

    def __init__(self, **options: Any) -> None:
        self.options, self.open = options, False
        Stream.last = self

    def start(self) -> None:
        self.open = True

    def close(self, ignore_errors: bool = True) -> None:
        self.open = False

    def give(self, samples: np.ndarray) -> None:
        time = SimpleNamespace(currentTime=10.0, inputBufferAdcTime=9.98)
        self.options["callback"](samples, len(samples), time, SimpleNamespace(input_overflow=False))


def device(name: str, inputs: int, outputs: int, index: int) -> dict[str, Any]:
    return {
        "index": index, "name": name, "hostapi": 0, "max_input_channels": inputs, "max_output_channels": outputs,
        "default_samplerate": 48000.0,
    }  # fmt: skip


@pytest.fixture
def sounds(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A computer with two microphones and a loudspeaker."""
    found = [device("Built-in Audio", 2, 0, 0), device("USB Mikrofon", 1, 0, 1), device("Speakers", 0, 2, 2)]
    module = SimpleNamespace(
        query_devices=lambda: found,
        query_hostapis=lambda: ({"name": "ALSA", "devices": [0, 1, 2], "default_input_device": 0, "default_output_device": 2},),
        InputStream=Stream, PortAudioError=OSError, WasapiSettings=lambda **_: None,
    )  # fmt: skip
    monkeypatch.setattr(devices, "portaudio", lambda: module)
    monkeypatch.setattr("liveavatar.audio.microphone.portaudio", lambda: module)
    return module


def test_devices_are_found_by_number_part_of_a_name_and_default(sounds: SimpleNamespace) -> None:
    assert devices.find_device("default", "input").name == "Built-in Audio"
    assert (
        devices.find_device(" 1 ", "input").name
        == devices.find_device("mikro", "input").name
        == "USB Mikrofon"
    )
    assert devices.find_device("default", "output").index == 2


def test_who_names_no_microphone_learns_which_there_are(sounds: SimpleNamespace) -> None:
    with pytest.raises(SoundError, match=r"(?s)'Speakers'.*0: Built-in Audio.*1: USB Mikrofon"):
        devices.find_device("Speakers", "input")
    sounds.query_devices = lambda: []
    with pytest.raises(SoundError, match="No microphone was found"):
        devices.find_device("default", "input")


def test_a_microphone_gives_its_newest_blocks_in_one_channel(sounds: SimpleNamespace) -> None:
    microphone = Microphone("default")
    for k in range(80):
        Stream.last.give(np.tile(np.float32([k, -k + 2]), (480, 1)))
    blocks = iter(microphone)
    first = next(blocks)
    assert first.rate == 48000 and first.samples.shape == (480,) and np.all(first.samples == 1)
    assert microphone.lost == 30, "half a second waits, older ones are dropped"
    microphone.close()
    assert not Stream.last.open and list(blocks) == []


def test_a_microphone_that_gives_nothing_any_more_says_so(
    sounds: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveavatar.audio.microphone.GONE_S", 0.05)
    with pytest.raises(SoundError, match="'USB Mikrofon' stopped giving sound"):
        list(Microphone("usb"))


def test_a_microphone_in_use_says_what_to_look_at(
    sounds: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: Stream) -> None:
        raise OSError("Device unavailable")

    monkeypatch.setattr(Stream, "start", busy)
    with pytest.raises(SoundError, match=r"'Built-in Audio' cannot be opened \(Device unavailable\)\. Is"):
        Microphone("default")


def test_without_portaudio_one_learns_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SoundError, match=r"PortAudio library not found\)\. Install it: "):
        devices.list_devices("input")
