"""The microphone of a run: opened, heard, opened again when it was away; its lips go into the mixer, its voice on its way."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from liveavatar.audio.devices import rescan
from liveavatar.audio.lips import DELAY_S, Lips
from liveavatar.audio.meter import Meter
from liveavatar.audio.microphone import Microphone
from liveavatar.audio.mouth import controls_of
from liveavatar.audio.own_vowels import fitted, load_voice
from liveavatar.audio.pitch import GRAPH
from liveavatar.audio.vowels import Network, load
from liveavatar.base.files import asset
from liveavatar.base.shutdown import Detached
from liveavatar.errors import ProfileError, SoundError
from liveavatar.language import tr
from liveavatar.renderers.sessions import open_session
from liveavatar.retargeting.mixer import Layer, Mixer

if TYPE_CHECKING:
    from liveavatar.app.voice_way import VoiceWay
    from liveavatar.live.report import Report

log = logging.getLogger(__name__)

SOURCE = "microphone"
AGAIN_S = 2.0
"""Seconds until it is opened again."""
STATUS_S = 0.25
ENDING = 0.6
"""Seconds that it has to end."""
ENDING_VOICE = 1.2
"""And with a voice, whose cable has to be removed."""


def network_for(name: str, tell: Callable[[str], None]) -> Network:
    """What hears vowels: fitted to the voice of this name where there is one that can be used."""
    try:
        voice = load_voice(name)
    except ProfileError as error:
        tell(str(error))  # the one for everybody will do
        voice = None
    return load() if voice is None else fitted(load(), voice)


class Hearing:
    """From begin() to close() in a thread of its own. Sound is heard and forgotten."""

    def __init__(
        self,
        spec: str,
        mixer: Mixer,
        report: "Report",
        tell: Callable[[str], None],
        network: Network,
        voice: "VoiceWay | None" = None,
    ) -> None:
        """spec: as for audio.devices.find_device. tell: says something to the user. network: as of network_for().
        voice: closed with it; None: what is said goes nowhere."""
        self._spec, self._mixer, self._report, self._tell, self._network = spec, mixer, report, tell, network
        self.voice = voice
        self.name = ""
        """The microphone's; empty while there is none."""
        self.level = 0.0
        """How loud it is: 0 at -60 dB of full scale or less .. 1 at full scale."""
        self._microphone: Microphone | None = None
        self._closed = threading.Event()
        self._thread = Detached(self._work, name="microphone")

    def close(self) -> None:
        """No more lips of it."""
        self._closed.set()
        if (microphone := self._microphone) is not None:
            microphone.close()
        self._thread.join(ENDING if self.voice is None else ENDING_VOICE)

    def _work(self) -> None:
        try:
            self._hear()
        finally:
            if self.voice is not None:
                self.voice.close()

    def _hear(self) -> None:
        trouble = ""
        pitch = open_session(asset(GRAPH), "cpu", 1)[0]  # before the microphone: no sound waits for it
        while not self._closed.is_set():
            try:
                with closing(Microphone(self._spec)) as microphone:
                    self._microphone, self.name = microphone, microphone.name
                    log.info("microphone: open, %s, %d Hz", microphone.name, microphone.rate)
                    if trouble:
                        self._tell(
                            tr(
                                f"microphone {microphone.name!r} is heard again.",
                                f"麦克风 {microphone.name!r} 已恢复。",
                            )
                        )
                    trouble = ""
                    self._listen(microphone, pitch)
            except SoundError as error:
                if str(error) != trouble:
                    trouble = str(error)
                    self._tell(
                        tr(
                            f"{trouble}\nThe avatar goes on without it.",
                            f"{trouble}\n形象继续运行，但不使用麦克风。",
                        )
                    )
                self._report.microphone = tr("mic away", "麦克风断开")
                self._report.lips_lag = None
                self._mixer.clear(SOURCE)
                if self.voice is not None:
                    self.voice.rest()
                self._closed.wait(AGAIN_S)
            self._microphone, self.name, self.level = None, "", 0.0
            if self._closed.is_set():
                break
            try:
                rescan()
            except SoundError:
                return  # PortAudio is not there: nothing can come back
        self._mixer.clear(SOURCE)
        self._report.microphone, self._report.lips_lag = "", None

    def _listen(self, microphone: Microphone, pitch: Any) -> None:
        """Until it is closed, or has to be opened anew. pitch: see Lips. Raises SoundError when it is gone."""
        lips, meter = Lips(microphone.rate, self._network, pitch), Meter()
        told, held, shown, status = "", False, -1.0, 0.0
        heard: float | None = None
        for block in microphone:
            if self.voice is not None:
                self.voice.hear(block, microphone.name)
                if self.voice.wants_anew(block.time):
                    return
            mouth = lips.hear(block.samples)
            meter.hear(block.samples, len(block.samples) / block.rate)
            self.level = min(max(1 + meter.level / 60, 0.0), 1.0)
            if heard is not None and (latest := self._mixer.latest) is not None and latest.time != shown:
                shown = latest.time
                self._lag(latest.time - heard)
            heard = block.time - DELAY_S
            if mouth.speaking > 0:
                said = controls_of(mouth)
                values = {name: value for name, (value, _) in said.items()}
                self._mixer.write(
                    Layer.MOUTH, SOURCE, values, {name: weight for name, (_, weight) in said.items()}
                )
            elif held:
                self._mixer.clear(SOURCE)
            held = mouth.speaking > 0
            if meter.trouble != told:
                told = meter.trouble
                if told:
                    self._tell(
                        tr(f"microphone {microphone.name!r}: {told}", f"麦克风 {microphone.name!r}：{told}")
                    )
            status += len(block.samples) / block.rate
            if status > STATUS_S:
                status = 0.0
                self._report.microphone = tr(f"mic {meter.level:.0f} dB", f"麦克风 {meter.level:.0f} dB")

    def _lag(self, seconds: float) -> None:
        before = self._report.lips_lag
        self._report.lips_lag = seconds if before is None else before + 0.1 * (seconds - before)
