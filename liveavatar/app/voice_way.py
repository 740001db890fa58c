"""A voice's way through a run: from the microphone that moves the lips to what others hear, as late as the picture is."""

import logging
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from liveavatar.audio.cable import (
    CABLE,
    LinuxCable,
    aimed_at_cable,
    far_end,
    find_cable,
    is_cable,
    is_far_end,
    pulse_device,
)
from liveavatar.audio.delay_line import DelayLine
from liveavatar.audio.devices import find_device
from liveavatar.audio.loudspeaker import Device
from liveavatar.audio.meter import Meter
from liveavatar.audio.suppressor import Suppressor
from liveavatar.audio.voice_chain import VoiceChain
from liveavatar.audio.voices import open_voice
from liveavatar.errors import SoundError
from liveavatar.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from liveavatar.audio.microphone import Block
    from liveavatar.live.report import Report

log = logging.getLogger(__name__)

LATER = 0.015
"""Seconds behind the picture that a voice aims at: the middle of what nobody minds, 15 ms early to 45 late (EBU R37)."""
PICTURES = 60
"""By whose age it goes, the newest ones."""
AGAIN_S, ANEW_S = 2.0, 10.0
"""Seconds until an output that is away is opened again; and until devices are looked for anew, the microphone being shut."""
GONE_S = 1.5
"""Seconds in which an output asked for nothing, after which it is gone."""
BUFFER_S = 0.03
"""Seconds that the output holds: a busy program makes no gaps."""
LOOKED_S = 0.25


class VoiceWay:
    """Used by the thread that hears the microphone; it opens and closes nothing of it."""

    def __init__(self, voice: str, speaker: str, report: "Report", tell: "Callable[[str], None]") -> None:
        """voice: of audio.voices.NAMES. speaker: CABLE, or as for audio.devices.find_device. tell: says something to the user."""
        self._name, self._speaker, self._report, self._tell = voice, speaker, report, tell
        self._chain: VoiceChain | None = None
        self._line: DelayLine | None = None
        self._output: Device | None = None
        self._meter = Meter()
        self._trouble = ""
        self._next_try = self._next_look = -1e9
        self._away_since: float | None = None
        self._blocks, self._asked_at = 0, 0.0
        self._bad = self._late = 0
        self._cable: LinuxCable | None = None
        report.voice = tr("voice away", "声音断开")

    @property
    def level(self) -> float:
        """dB of full scale of what is sent."""
        return self._meter.level

    def hear(self, block: "Block", microphone: str) -> None:
        """A block of the microphone of this name."""
        time = block.time
        if self._chain is None:
            self._chain = VoiceChain(open_voice(self._name), Suppressor())
        if self._output is None and time >= self._next_try:
            self._next_try = time + AGAIN_S
            self._open(time, microphone)
        self._watch(time)
        for hop in self._chain.hear(block):
            self._meter.hear(hop.samples, 0.01)
            if self._line is not None:
                self._line.add(hop.samples, hop.time, hop.quiet)
        if time >= self._next_look:
            self._next_look = time + LOOKED_S
            self._follow()

    def wants_anew(self, time: float) -> bool:
        """The output is away for so long that devices should be looked for anew, which no open microphone allows."""
        if self._away_since is None or time - self._away_since < ANEW_S:
            return False
        self._away_since = time
        return True

    def close(self) -> None:
        """Be heard no more."""
        self._shut()
        if self._cable is not None:
            self._cable.remove()
        self._report.voice, self._report.voice_delay = "", None

    def _open(self, time: float, microphone: str) -> None:
        try:
            self._output = output = self._opened(microphone)
        except SoundError as error:
            self._away(str(error), time)
            return
        late = 0 if self._line is None else self._line.late
        self._line = DelayLine(output.rate)
        self._late += late
        self._blocks, self._asked_at, self._away_since = 0, time, None
        output.play(self._line)
        if self._trouble:
            self._tell(tr("the voice is heard again.", "声音已恢复。"))
        self._trouble = ""

    def _opened(self, microphone: str) -> Device:
        """The output. Raises SoundError."""
        cable = self._speaker.strip().lower() == CABLE
        ours = cable and sys.platform.startswith("linux")
        if ours:
            self._cable = LinuxCable()
        device = pulse_device() if ours else find_cable() if cable else find_device(self._speaker, "output")
        if (ours or is_cable(device.name)) and is_far_end(microphone):
            raise SoundError(
                tr(
                    f"the microphone {microphone!r} is the cable's other end: the voice would hear itself. Name your microphone: "
                    "--microphone NAME",
                    f"麦克风 {microphone!r} 是虚拟声卡的另一端，声音会循环。请指定你的麦克风：--microphone 名称",
                )
            )
        with aimed_at_cable() if ours else nullcontext():
            output = Device(device, BUFFER_S)
        if not self._trouble:
            self._say_where(far_end(device.name) if ours or is_cable(device.name) else "", device.name)
        return output

    def _say_where(self, end: str, name: str) -> None:
        if end:
            self._tell(
                tr(
                    f"Your voice: in OBS and others choose the microphone {end!r}; no sync offset is needed.",
                    f"声音：在 OBS 等程序中选择麦克风 {end!r}；无需设置同步偏移。",
                )
            )
        else:
            self._tell(
                tr(
                    f"Your voice is played by {name!r}, which is no virtual cable: with an open microphone near a loudspeaker it "
                    "howls. Wear headphones.",
                    f"声音将由 {name!r} 播放，它不是虚拟声卡：麦克风靠近扬声器会啸叫，请戴耳机。",
                )
            )

    def _watch(self, time: float) -> None:
        """Whether the output still plays."""
        if self._output is None or self._line is None:
            return
        if self._line.blocks != self._blocks:
            self._blocks, self._asked_at = self._line.blocks, time
        try:
            self._output.step(time)
            if time - self._asked_at > GONE_S:
                raise SoundError(tr("it takes nothing any more", "不再接收声音"))
        except SoundError as error:
            name = self._output.name
            self._shut()
            self._away(tr(f"the output {name!r}: {error}", f"输出 {name!r}：{error}"), time)

    def _away(self, why: str, time: float) -> None:
        if self._away_since is None:
            self._away_since = time
        if why != self._trouble:
            self._trouble = why
            self._tell(
                tr(
                    f"{why}\nNobody hears your voice until it is there.",
                    f"{why}\n恢复之前，别人听不到你的声音。",
                )
            )

    def _shut(self) -> None:
        if self._output is not None:
            self._output.close()
        self._output = None

    def _follow(self) -> None:
        """Be as late as the picture, and tell how it goes."""
        report, line, chain = self._report, self._line, self._chain
        assert chain is not None
        ages = report.delayed
        if line is not None:
            if ages.count:
                line.wanted = ages.ms(50, last=PICTURES) / 1000 + LATER
            line.muted = report.card
            report.voice_late = self._late + line.late
            report.voice_delay = line.delay
            if ages.count and line.delay is not None:
                report.voice_apart.add(line.delay - line.wanted + LATER)
        if chain.failure:
            self._tell(
                tr(
                    f"the voice {self._name!r} failed ({chain.failure}): nothing was sent meanwhile; it begins anew.",
                    f"声音 {self._name!r} 出错（{chain.failure}）：期间未发送任何声音，正在重新开始。",
                )
            )
            self._chain = None
        if chain.bad and not self._bad:
            self._tell(
                tr(
                    "the microphone gives what is no sound (NaN): silence is sent in its place.",
                    "麦克风给出了无效数据（NaN）：以静音代替。",
                )
            )
        self._bad = chain.bad
        report.voice = self._state()

    def _state(self) -> str:
        if self._output is None:
            return tr("voice away", "声音断开")
        if self._report.card:
            return tr("voice muted", "声音静音")
        delay = self._report.voice_delay
        return (
            tr("voice -", "声音 -")
            if delay is None
            else tr(f"voice {1000 * delay:.0f} ms", f"声音 {1000 * delay:.0f} 毫秒")
        )
