"""A cable between programs: what is played into one end is a microphone to OBS, games and calls at the other.

On Linux it is made here, two modules of PulseAudio (or of PipeWire, which understands them), and removed; elsewhere it is a
driver that the user installs, known by its name.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from liveavatar.audio.devices import Device, find_device, list_devices, portaudio
from liveavatar.errors import SoundError
from liveavatar.language import tr

CABLE = "cable"
"""The name of whichever cable there is."""
DRIVERS = ("CABLE Input", "BlackHole", "VB-Cable")
"""Parts of the names of outputs that are cables."""
FAR_ENDS = ("CABLE Output", "BlackHole", "VB-Cable", "liveavatar")
"""Parts of the names of microphones that are a cable's other end."""
SINK, SOURCE = "liveavatar", "liveavatar_mic"
FAR_END = "liveavatar microphone"
"""What other programs call the microphone made here."""
_MODULES = (
    ("module-null-sink", f"sink_name={SINK}", "rate=48000", "channels=1",
     "sink_properties=\"device.description='liveavatar cable'\""),
    ("module-remap-source", f"master={SINK}.monitor", f"source_name={SOURCE}",
     f"source_properties=\"device.description='{FAR_END}'\""),
)  # fmt: skip
_PROMPT = "norewinds=1"
"""Of the first module: without it PulseAudio's sink takes two seconds at once after a rest, and the first words wait for that.
Servers that do not know it refuse it."""
_PATIENCE = 5.0
"""Seconds that a sound server has to answer."""


def is_cable(name: str) -> bool:
    """Whether an output of this name is one."""
    return any(part.lower() in name.lower() for part in DRIVERS)


def is_far_end(name: str) -> bool:
    """Whether a microphone of this name is the other end of one."""
    return any(part.lower() in name.lower() for part in FAR_ENDS)


def far_end(name: str) -> str:
    """What other programs have to choose as their microphone, for the output of this name."""
    return name.replace("CABLE Input", "CABLE Output") if is_cable(name) else FAR_END


def find_cable() -> Device:
    """The first output that is a cable, where the user installs one. Raises SoundError with what to install."""
    for device in list_devices("output"):
        if is_cable(device.name):
            return device
    what = {
        "win32": tr(
            "Install VB-CABLE once (vb-audio.com/Cable), then start the computer anew",
            "请安装一次 VB-CABLE（vb-audio.com/Cable），然后重启电脑",
        ),
        "darwin": tr(
            "Install BlackHole 2ch once: brew install blackhole-2ch",
            "请安装一次 BlackHole 2ch：brew install blackhole-2ch",
        ),
    }.get(sys.platform, tr("Name an output: --speaker NAME", "请指定输出设备：--speaker 名称"))
    raise SoundError(
        tr(
            f"there is no virtual cable, by which other programs could hear the voice. {what}.",
            f"没有虚拟声卡（cable），其他程序听不到变换后的声音。{what}。",
        )
    )


@contextmanager
def aimed_at_cable() -> Iterator[None]:
    """On Linux: streams that are opened here through PulseAudio play into the cable."""
    before = os.environ.get("PULSE_SINK")
    os.environ["PULSE_SINK"] = SINK
    try:
        yield
    finally:
        if before is None:
            del os.environ["PULSE_SINK"]
        else:
            os.environ["PULSE_SINK"] = before


def pulse_device() -> Device:
    """The output through which PulseAudio is reached. Raises SoundError."""
    try:
        return find_device("pulse", "output")
    except SoundError as error:
        raise SoundError(
            tr(
                f"{error}\nPulseAudio's own device is missing. Install it: sudo apt install libasound2-plugins",
                f"{error}\n缺少 PulseAudio 设备。请安装：sudo apt install libasound2-plugins",
            )
        ) from error


def made_when_wanted() -> bool:
    """Whether this system's is made here; its sound server answers then. Raises SoundError where it should and does not."""
    if not sys.platform.startswith("linux"):
        return False
    portaudio()
    _pactl("info")
    return True


class LinuxCable:
    """The one that is made here."""

    def __init__(self) -> None:
        """Be there, whoever made it; a half that was left over is made whole. What is the system's microphone and loudspeaker
        stays so. Raises SoundError."""
        there = _ours()
        if len(there) != len(_MODULES):
            for number in there:
                _pactl("unload-module", number)
            usual = {what: _pactl(f"get-default-{what}").strip() for what in ("source", "sink")}
            there = []
            try:
                there.append(_sink())
                there.append(_pactl("load-module", *_MODULES[1]).strip())
            except SoundError:
                for number in there:
                    _pactl("unload-module", number)
                raise
            for what, name in usual.items():
                if name and not name.startswith(SINK) and _pactl(f"get-default-{what}").strip() != name:
                    _pactl(f"set-default-{what}", name)
        self._modules = there
        self._sink = next((row[0] for row in _listed("sinks") if row[1] == SINK), "")
        self.gone = False
        """Somebody took it away; what played into it goes on at the user's loudspeaker. As of the last look()."""

    def look(self) -> None:
        """Ask the server, which may take its time, whether it is still there."""
        with suppress(SoundError):
            self.gone = not any(row[0] == self._sink for row in _listed("sinks"))

    def remove(self) -> None:
        """Away with it, unless another program plays into it. What cannot be removed stays, and is used again. A program that
        ends has little time: the source goes with its sink."""
        try:
            if not any(row[1] == self._sink for row in _listed("sink-inputs")):
                _pactl("unload-module", self._modules[0])
        except SoundError:
            return


def _sink() -> str:
    """The number of the first half, loaded."""
    with suppress(SoundError):
        return _pactl("load-module", *_MODULES[0], _PROMPT).strip()
    return _pactl("load-module", *_MODULES[0]).strip()


def _ours() -> list[str]:
    """The numbers of the modules that are halves of the cable, in the order of _MODULES."""
    marks = (f"sink_name={SINK}", f"source_name={SOURCE}")
    rows = [row for row in _listed("modules") if len(row) > 2]
    return [row[0] for mark in marks for row in rows if mark in row[2].split()]


def _listed(what: str) -> list[list[str]]:
    return [line.split("\t") for line in _pactl("list", "short", what).splitlines() if line]


def _pactl(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["pactl", *arguments], capture_output=True, text=True, errors="replace", timeout=_PATIENCE,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except FileNotFoundError as error:
        raise SoundError(
            tr(
                "the virtual cable is made with pactl, which is not there. Install it: sudo apt install pulseaudio-utils",
                "创建虚拟声卡需要 pactl。请安装：sudo apt install pulseaudio-utils",
            )
        ) from error
    except (OSError, subprocess.SubprocessError) as error:
        raise SoundError(tr(f"pactl does not answer: {error}", f"pactl 没有响应：{error}")) from error
    if done.returncode:
        raise SoundError(
            tr(
                f"no virtual cable: pactl {arguments[0]}: {done.stderr.strip()}. Is PulseAudio or PipeWire running?",
                f"无法创建虚拟声卡：pactl {arguments[0]}：{done.stderr.strip()}。PulseAudio 或 PipeWire 是否在运行？",
            )
        )
    return done.stdout
