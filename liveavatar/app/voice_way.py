"""A voice's way through a run: from the microphone that moves the lips to what others hear, as late as the picture is."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from liveavatar.app.outlet import Outlet
from liveavatar.app.revoice import open_changer
from liveavatar.audio.delay_line import DelayLine
from liveavatar.audio.meter import Meter
from liveavatar.audio.suppressor import HOP, RATE, Suppressor
from liveavatar.audio.vocoder import VoiceChanger
from liveavatar.audio.voice_chain import VoiceChain
from liveavatar.audio.voices import Chosen, Voice, open_voice
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.audio.microphone import Block
    from liveavatar.live.report import Report

LATER = 0.015
"""Seconds behind the picture that a voice aims at: the middle of what nobody minds, 15 ms early to 45 late (EBU R37)."""
PICTURES = 20
"""By whose age it goes, the newest ones."""
SHOWN = 10
"""Pictures that have to be shown before the voice is heard: until then nobody is there to speak."""
LOOKED_S = 0.25


class VoiceWay:
    """Used by the thread that hears the microphone; reads no clock but the microphone's."""

    def __init__(
        self,
        chosen: Chosen,
        speaker: str,
        report: "Report",
        tell: Callable[[str], None],
        monitor: str = "default",
    ) -> None:
        """speaker, monitor: where others hear it, and oneself; see Outlet. tell: says something to the user."""
        self._chosen, self._sounding, self._report, self._tell = chosen, chosen, report, tell
        self._outlet, self._monitor_spec = Outlet(speaker, tell), monitor
        self._monitor: Outlet | None = None
        self.monitored = False
        """One hears oneself; may be changed from any thread."""
        self._chain: VoiceChain | None = None
        self._voice: Voice | None = None
        self._line: DelayLine | None = None
        self._near: DelayLine | None = None
        """What oneself hears, as soon as can be."""
        self._meter = Meter()
        self._next_look = -1e9
        self._told_bad = self._shown = False
        self._late = 0
        """Blocks of lines before this one."""
        self.level: float | None = None
        """How loud others hear it: 0 at -60 dB of full scale or less .. 1 at full scale; None where the gate is shut."""
        self.rest()

    def change(self, chosen: Chosen) -> None:
        """Speak so from the next block on; from any thread. What is on its way is still heard as it was."""
        self._chosen = chosen

    def hear(self, block: "Block", microphone: str) -> None:
        """A block of the microphone of this name."""
        chain = self._chain_now()
        if (rate := self._outlet.ready(block.time, microphone)) is not None:
            self._late += 0 if self._line is None else self._line.late
            self._line = DelayLine(rate)
            self._outlet.play(self._line)
        self._outlet.watch(block.time)
        self._hear_oneself(block.time, microphone)
        for hop in chain.hear(block):
            self._meter.hear(hop.samples, HOP / RATE)
            for line in (self._line, self._near):
                if line is not None:
                    line.add(hop.samples, hop.time, hop.quiet)
        self.level = None if chain.shut else min(max(1 + self._meter.level / 60, 0.0), 1.0)
        if block.time >= self._next_look:
            self._next_look = block.time + LOOKED_S
            self._follow()
            self._tell_of(chain)

    def _chain_now(self) -> VoiceChain:
        """What makes the voice that is chosen; other sliders alone move it on the way."""
        chosen = self._chosen
        if self._chain is None or (chosen.sliders is None) != (self._sounding.sliders is None):
            self._voice = open_voice(chosen.sliders, partial(open_changer, RATE))
            self._chain = VoiceChain(self._voice, Suppressor())
        elif isinstance(self._voice, VoiceChanger) and chosen.sliders is not None:
            self._voice.sliders = chosen.sliders
        self._sounding = chosen
        return self._chain

    def _hear_oneself(self, time: float, microphone: str) -> None:
        if not self.monitored:
            if self._monitor is not None:
                self._monitor.close()
            self._monitor = self._near = None
            return
        if self._monitor is None:
            self._monitor = Outlet(self._monitor_spec, self._tell)
        if (rate := self._monitor.ready(time, microphone)) is not None:
            self._near = DelayLine(rate)
            self._near.wanted = 0.0
            self._monitor.play(self._near)
        self._monitor.watch(time)

    def wants_anew(self, time: float) -> bool:
        """See Outlet."""
        return self._outlet.wants_anew(time)

    def rest(self) -> None:
        """The microphone is away: nothing is played, nothing held open."""
        for outlet in (self._outlet, self._monitor):
            if outlet is not None:
                outlet.release()
        self.level = None
        self._report.voice, self._report.voice_delay = tr("voice away", "声音断开"), None

    def close(self) -> None:
        """Be heard no more."""
        for outlet in (self._outlet, self._monitor):
            if outlet is not None:
                outlet.close()
        self._report.voice, self._report.voice_delay = "", None

    def _follow(self) -> None:
        """Be as late as the picture, and report it."""
        report, line, ages = self._report, self._line, self._report.delayed
        if line is None or not self._outlet.open:
            report.voice, report.voice_delay = tr("voice away", "声音断开"), None
            return
        if ages.count:
            line.wanted = ages.ms(50, last=PICTURES) / 1000 + LATER
            if self._shown and line.delay is not None:
                report.voice_apart.add(line.delay - line.wanted + LATER)
        if not self._shown and ages.count >= SHOWN:  # loading an avatar made blocks late, which is over
            self._shown = True
            line.begin()
        line.muted = report.card or not self._shown
        report.voice_late, report.voice_delay = self._late + line.late, line.delay
        if line.muted:
            report.voice = tr("voice muted", "声音静音")
        else:
            late = "-" if line.delay is None else f"{1000 * line.delay:.0f}"
            report.voice = tr(f"voice {late} ms {self._level}", f"声音 {late} 毫秒 {self._level}")

    @property
    def _level(self) -> str:
        return f"{self._meter.level:.0f} dB"

    def _tell_of(self, chain: VoiceChain) -> None:
        """What went wrong on the way."""
        if chain.failure:
            self._tell(
                tr(
                    f"the voice {self._sounding.name!r} failed ({chain.failure}): nothing was sent meanwhile; it begins anew.",
                    f"声音 {self._sounding.name!r} 出错（{chain.failure}）：期间未发送任何声音，正在重新开始。",
                )
            )
            self._chain = None
        if chain.bad and not self._told_bad:
            self._told_bad = True
            self._tell(
                tr(
                    "the microphone gives what is no sound (NaN): silence is sent in its place.",
                    "麦克风给出了无效数据（NaN）：以静音代替。",
                )
            )
