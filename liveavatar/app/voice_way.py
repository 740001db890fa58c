"""A voice's way through a run: from the microphone that moves the lips to what others hear, as late as the picture is."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from liveavatar.app.outlet import Outlet
from liveavatar.app.revoice import open_changer
from liveavatar.audio.delay_line import DelayLine
from liveavatar.audio.meter import Meter
from liveavatar.audio.suppressor import HOP, RATE, Suppressor
from liveavatar.audio.voice_chain import VoiceChain
from liveavatar.audio.voices import open_voice
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.audio.microphone import Block
    from liveavatar.live.report import Report

LATER = 0.015
"""Seconds behind the picture that a voice aims at: the middle of what nobody minds, 15 ms early to 45 late (EBU R37)."""
PICTURES = 60
"""By whose age it goes, the newest ones."""
LOOKED_S = 0.25


class VoiceWay:
    """Used by the thread that hears the microphone; reads no clock but the microphone's."""

    def __init__(self, voice: str, speaker: str, report: "Report", tell: Callable[[str], None]) -> None:
        """voice: of audio.voices.NAMES. speaker: see Outlet. tell: says something to the user."""
        self._name, self._report, self._tell = voice, report, tell
        self._outlet = Outlet(speaker, tell)
        self._chain: VoiceChain | None = None
        self._line: DelayLine | None = None
        self._meter = Meter()
        self._next_look = -1e9
        self._told_bad = False
        self._late = 0
        """Blocks of lines before this one."""
        self.rest()

    def hear(self, block: "Block", microphone: str) -> None:
        """A block of the microphone of this name."""
        if self._chain is None:
            self._chain = VoiceChain(open_voice(self._name, partial(open_changer, RATE)), Suppressor())
        if (rate := self._outlet.ready(block.time, microphone)) is not None:
            self._late += 0 if self._line is None else self._line.late
            self._line = DelayLine(rate)
            self._outlet.play(self._line)
        self._outlet.watch(block.time)
        for hop in self._chain.hear(block):
            self._meter.hear(hop.samples, HOP / RATE)
            if self._line is not None:
                self._line.add(hop.samples, hop.time, hop.quiet)
        if block.time >= self._next_look:
            self._next_look = block.time + LOOKED_S
            self._follow()
            self._tell_of(self._chain)

    def wants_anew(self, time: float) -> bool:
        """See Outlet."""
        return self._outlet.wants_anew(time)

    def rest(self) -> None:
        """The microphone is away: nothing is played, nothing held open."""
        self._outlet.release()
        self._report.voice, self._report.voice_delay = tr("voice away", "声音断开"), None

    def close(self) -> None:
        """Be heard no more."""
        self._outlet.close()
        self._report.voice, self._report.voice_delay = "", None

    def _follow(self) -> None:
        """Be as late as the picture, and report it."""
        report, line, ages = self._report, self._line, self._report.delayed
        if line is None or not self._outlet.open:
            report.voice, report.voice_delay = tr("voice away", "声音断开"), None
            return
        if ages.count:
            line.wanted = ages.ms(50, last=PICTURES) / 1000 + LATER
            if line.delay is not None:
                report.voice_apart.add(line.delay - line.wanted + LATER)
        line.muted = report.card
        report.voice_late, report.voice_delay = self._late + line.late, line.delay
        if report.card:
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
                    f"the voice {self._name!r} failed ({chain.failure}): nothing was sent meanwhile; it begins anew.",
                    f"声音 {self._name!r} 出错（{chain.failure}）：期间未发送任何声音，正在重新开始。",
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
