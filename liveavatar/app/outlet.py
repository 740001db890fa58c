"""Where others hear a voice: a cable or a loudspeaker, opened, watched, and opened again when it was away."""

import logging
import sys
from collections.abc import Callable
from contextlib import nullcontext

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
from liveavatar.audio.devices import find_device
from liveavatar.audio.loudspeaker import Device, Sound
from liveavatar.base.shutdown import Detached
from liveavatar.errors import SoundError
from liveavatar.language import tr

log = logging.getLogger(__name__)

AGAIN_S, ANEW_S = 2.0, 10.0
"""Seconds until it is opened again; and until devices should be looked for anew, the microphone being shut."""
GONE_S = 1.5
"""Seconds in which it asked for nothing, after which it is gone."""
LOOKS_S = 2.0
"""Seconds from one look at the cable made here to the next."""
BUFFERS_S = 0.03, 0.06, 0.12
"""Seconds that the system holds; where GAPS in GAPS_S come of the first, because the machine is busy, the next."""
GAPS, GAPS_S, SETTLES_S = 5, 10.0, 3.0
"""Those of the first SETTLES_S do not count: an avatar is loading."""


class Outlet:
    """Used by one thread; time is an argument."""

    def __init__(self, spec: str, tell: Callable[[str], None]) -> None:
        """spec: CABLE, or as for audio.devices.find_device. tell: says something to the user."""
        self._spec, self._tell = spec.strip(), tell
        self._device: Device | None = None
        self._cable: LinuxCable | None = None
        self._trouble = ""
        self._said = False
        """Where the voice goes."""
        self._next_try = -1e9
        self._away_since: float | None = None
        self._asked, self._asked_at = 0, 0.0
        """How often it had asked for sound when that was last seen to grow, and when."""
        self._buffer, self._gaps, self._counted_at = 0, 0, 0.0
        self._next_look = -1e9

    @property
    def open(self) -> bool:
        """Whether it plays."""
        return self._device is not None

    def ready(self, time: float, microphone: str) -> int | None:
        """Samples a second where it has just been opened and waits for play(); it is tried every AGAIN_S. None else.

        microphone: the name of the one whose voice it is."""
        if self._device is not None or time < self._next_try:
            return None
        self._next_try = time + AGAIN_S
        try:
            self._device = self._opened(microphone)
        except SoundError as error:
            self._away(str(error), time)
            return None
        self._away_since, self._asked, self._asked_at = None, -1, time
        self._gaps, self._counted_at = 0, time + SETTLES_S
        if self._trouble:
            self._tell(tr("the voice is heard again.", "声音已恢复。"))
        self._trouble = ""
        return self._device.rate

    def play(self, sound: Sound) -> None:
        """From now on."""
        assert self._device is not None
        self._device.play(sound)

    def watch(self, time: float) -> None:
        """Look whether it still plays, and often enough."""
        device = self._device
        if device is None:
            return
        if device.asked != self._asked:
            self._asked, self._asked_at = device.asked, time
        if self._cable is not None and time >= self._next_look:
            self._next_look = time + LOOKS_S
            Detached(self._cable.look, name="cable")
        try:
            device.step(time)
            if self._cable is not None and self._cable.gone:
                raise SoundError(tr("the virtual cable was taken away", "虚拟声卡已被移除"))
            if time - self._asked_at > GONE_S:
                raise SoundError(tr("it takes nothing any more", "不再接收声音"))
        except SoundError as error:
            self.release()
            self._away(tr(f"the output {device.name!r}: {error}", f"输出 {device.name!r}：{error}"), time)
            return
        if not 0 <= time - self._counted_at <= GAPS_S:
            self._gaps, self._counted_at = device.gaps, max(time, self._counted_at)
        if device.gaps - self._gaps >= GAPS and self._buffer + 1 < len(BUFFERS_S):
            self._buffer += 1
            log.info("voice: the output holds %.0f ms now", 1000 * BUFFERS_S[self._buffer])
            self.release()
            self._next_try = time

    def wants_anew(self, time: float) -> bool:
        """It is away for so long that devices should be looked for anew, which no open microphone allows."""
        if self._away_since is None or time - self._away_since < ANEW_S:
            return False
        self._away_since = time
        return True

    def release(self) -> None:
        """Close the device; the next ready() opens it again."""
        if self._device is not None:
            self._device.close()
        self._device = None

    def close(self) -> None:
        """Close it for good, and take away what was made for it."""
        self.release()
        if self._cable is not None:
            self._cable.remove()

    def _opened(self, microphone: str) -> Device:
        cable = self._spec.lower() == CABLE
        made = cable and sys.platform.startswith("linux")
        if made:
            self._cable = LinuxCable()
        device = pulse_device() if made else find_cable() if cable else find_device(self._spec, "output")
        cable = made or is_cable(device.name)
        if cable and is_far_end(microphone):
            raise SoundError(
                tr(
                    f"the microphone {microphone!r} is the cable's other end: the voice would hear itself. Name your microphone: "
                    "--microphone NAME",
                    f"麦克风 {microphone!r} 是虚拟声卡的另一端，声音会循环。请指定你的麦克风：--microphone 名称",
                )
            )
        with aimed_at_cable() if made else nullcontext():
            opened = Device(device, BUFFERS_S[self._buffer])
        if not self._said:
            self._said = True
            self._tell(_where(far_end(device.name) if cable else "", device.name))
        return opened

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


def _where(end: str, name: str) -> str:
    """What the user has to know of it; end: what others choose as microphone, empty where it is no cable."""
    if end:
        return tr(
            f"Your voice: in OBS and others choose the microphone {end!r}; no sync offset is needed.",
            f"声音：在 OBS 等程序中选择麦克风 {end!r}；无需设置同步偏移。",
        )
    return tr(
        f"Your voice is played by {name!r}, which is no virtual cable: with an open microphone near a loudspeaker it howls. "
        "Wear headphones.",
        f"声音将由 {name!r} 播放，它不是虚拟声卡：麦克风靠近扬声器会啸叫，请戴耳机。",
    )
