"""Sound devices of this computer, through PortAudio: sounddevice, which mediapipe brings along, holds it, but on Linux."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from liveavatar.errors import SoundError
from liveavatar.language import tr

Kind = Literal["input", "output"]
_INTERFACES = {"win32": "Windows WASAPI"}
"""Of the several through which a system shows each device, the one with the least delay that all programs can share."""
_lock = threading.RLock()
_open = 0
"""Streams of this process."""


@dataclass(frozen=True)
class Device:
    """A device as this process knows it until the next rescan()."""

    index: int
    """PortAudio's."""
    name: str
    channels: int
    rate: int
    """Samples a second, of its own."""
    usual: bool
    """What the system's settings name."""


def portaudio() -> Any:
    """The module sounddevice. Raises SoundError with what to install."""
    try:
        import sounddevice
    except ImportError as error:
        raise SoundError(
            tr(
                'sound devices need the package sounddevice. Install it: pip install "sounddevice>=0.5"',
                '使用声音设备需要 sounddevice。请安装：pip install "sounddevice>=0.5"',
            )
        ) from error
    except OSError as error:
        remedy = {
            "linux": "sudo apt install libportaudio2 libasound2-plugins",
            "darwin": "brew install portaudio",
        }.get(sys.platform, "pip install --force-reinstall sounddevice")
        raise SoundError(
            tr(
                f"PortAudio, which sound devices are opened with, is not there ({error}). Install it: {remedy}",
                f"缺少打开声音设备所需的 PortAudio（{error}）。请安装：{remedy}",
            )
        ) from error
    return sounddevice


def list_devices(kind: Kind) -> list[Device]:
    """What this computer can hear with, or play with. Raises SoundError where PortAudio is missing."""
    sounds = portaudio()
    with _lock:
        interfaces, devices = sounds.query_hostapis(), sounds.query_devices()
    named = next(
        (i for i, api in enumerate(interfaces) if api["name"] == _INTERFACES.get(sys.platform)), None
    )
    chosen = range(len(interfaces)) if named is None or not interfaces[named]["devices"] else (named,)
    usual = {interfaces[i][f"default_{kind}_device"] for i in chosen}
    return [
        Device(
            int(d["index"]),
            str(d["name"]),
            int(d[f"max_{kind}_channels"]),
            round(d["default_samplerate"]),
            d["index"] in usual,
        )
        for d in devices
        if d[f"max_{kind}_channels"] > 0 and d["hostapi"] in chosen
    ]


def describe_devices(kind: Kind, devices: list[Device]) -> str:
    """The list for a message, in the user's language."""
    if not devices:
        return (
            tr("No microphone was found on this computer.", "这台电脑上没有找到麦克风。")
            if kind == "input"
            else tr("No loudspeaker was found on this computer.", "这台电脑上没有找到扬声器。")
        )
    usual = tr("  (the system's)", "（系统默认）")
    names = "\n".join(f"  {i}: {d.name}{usual if d.usual else ''}" for i, d in enumerate(devices))
    return (
        tr(f"Microphones found:\n{names}", f"找到的麦克风：\n{names}")
        if kind == "input"
        else tr(f"Loudspeakers found:\n{names}", f"找到的扬声器：\n{names}")
    )


def find_device(spec: str, kind: Kind) -> Device:
    """spec: "default" for the system's, a number of list_devices(), or a part of a name in any case. Raises SoundError, with
    what there is."""
    devices, text = list_devices(kind), spec.strip()
    if text == "default" and devices:
        return next((d for d in devices if d.usual), devices[0])
    if text.isdecimal() and len(text) < 4 and int(text) < len(devices):
        return devices[int(text)]
    for device in devices:
        if text and text != "default" and text.lower() in device.name.lower():
            return device
    listing = describe_devices(kind, devices)
    if text == "default":
        raise SoundError(tr(f"{listing} Is it plugged in?", f"{listing}请确认已插好。"))
    raise SoundError(
        tr(
            f"no sound device named {text!r}. {listing}\nGive a number, a part of a name, or default.",
            f"没有名为 {text!r} 的声音设备。{listing}\n请给出编号、名称的一部分，或 default。",
        )
    )


def opened(make: Callable[[], Any]) -> Any:
    """A started stream of sounddevice, which make() gives; hand it to closed() once. Raises what make() and start() raise."""
    global _open
    with _lock:
        stream = make()
        try:
            stream.start()
        except Exception:
            stream.close(ignore_errors=True)
            raise
        _open += 1
        return stream


def closed(stream: Any) -> None:
    """Close it. A driver that hangs holds up whoever calls, and devices are then never listed anew."""
    global _open
    stream.close(ignore_errors=True)
    with _lock:
        _open -= 1


def rescan() -> None:
    """Devices are listed anew, which PortAudio can only where nothing is open; else nothing happens."""
    sounds = portaudio()
    with _lock:
        if not _open:
            sounds._terminate()
            sounds._initialize()
