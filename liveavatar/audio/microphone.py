"""A microphone: blocks of sound as they come, the newest ones. Keeps none and sends none."""

import sys
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from liveavatar.audio.devices import closed, find_device, opened, portaudio
from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import now
from liveavatar.errors import SoundError
from liveavatar.language import tr

BLOCK_S = 0.01
"""Seconds of a block that is asked for; systems give what they like."""
HELD_S = 0.5
"""Seconds of sound that wait for a busy program; older ones are dropped."""
GONE_S = 1.5
"""No sound for this long, not even silence: the microphone is gone."""
CLOSING = 0.5
"""Seconds that closing may take."""


@dataclass(frozen=True)
class Block:
    """A moment of sound."""

    samples: np.ndarray
    """(n,) float32, full scale 1, one channel."""
    rate: int
    """Samples a second."""
    time: float
    """When the last of them was heard, seconds on the clock of base.timing."""


class Microphone:
    """Iterate over it, in one thread; close() may be called from any."""

    def __init__(self, spec: str = "default") -> None:
        """spec: as for devices.find_device. Raises SoundError when it is not there or cannot be opened."""
        sounds, device = portaudio(), find_device(spec, "input")
        self.name, self.rate = device.name, device.rate
        self.lost = 0
        """Blocks that were dropped, by this program or before."""
        self._blocks: deque[Block] = deque(maxlen=round(HELD_S / BLOCK_S))
        self._came = threading.Event()
        self._closed = False
        self._delay = 0.0
        options: dict[str, Any] = {}
        if sys.platform == "win32":
            options["extra_settings"] = sounds.WasapiSettings(auto_convert=True)
        try:
            self._stream = opened(
                lambda: sounds.InputStream(
                    device=device.index,
                    samplerate=device.rate,
                    channels=min(device.channels, 2),
                    dtype="float32",
                    blocksize=round(BLOCK_S * device.rate),
                    latency="low",
                    callback=self._take,
                    **options,
                )
            )
        except (sounds.PortAudioError, ValueError) as error:
            raise SoundError(_why_not(device.name, str(error))) from error

    def _take(self, samples: np.ndarray, count: int, time: Any, flags: Any) -> None:
        """PortAudio's own thread: copies and leaves."""
        at = now()
        if time.currentTime > time.inputBufferAdcTime > 0:
            self._delay = min(time.currentTime - time.inputBufferAdcTime, 1.0)
        heard = at - max(self._delay - count / self.rate, 0.0)
        self.lost += bool(flags.input_overflow) + (len(self._blocks) == self._blocks.maxlen)
        self._blocks.append(Block(samples.mean(axis=1), self.rate, heard))
        self._came.set()

    def __iter__(self) -> Iterator[Block]:
        """Blocks in their order until close(). Raises SoundError when no more come."""
        last = now()
        while not self._closed:
            self._came.wait(0.1)
            self._came.clear()
            while self._blocks and not self._closed:
                last = now()
                yield self._blocks.popleft()
            if now() - last > GONE_S and not self._closed:
                raise SoundError(
                    tr(
                        f"microphone {self.name!r} stopped giving sound: unplugged, switched off, or taken by another program.",
                        f"麦克风 {self.name!r} 不再有声音：可能被拔出、关闭，或被其他程序占用。",
                    )
                )

    def close(self) -> None:
        """Release the device; a driver that hangs is not waited for. May be called twice."""
        if not self._closed:
            self._closed = True
            self._came.set()
            Detached(closed, self._stream, name="close microphone").join(CLOSING)


def _why_not(name: str, reason: str) -> str:
    allowed = {
        "win32": tr(
            " Is it used by another program alone, or blocked in Settings > Privacy > Microphone?",
            "是否被其他程序独占，或在“设置 > 隐私 > 麦克风”中被禁止？",
        ),
        "darwin": tr(
            " Is the terminal allowed in System Settings > Privacy & Security > Microphone?",
            "终端是否在“系统设置 > 隐私与安全性 > 麦克风”中获得许可？",
        ),
    }.get(sys.platform, tr(" Is it used by another program?", "是否被其他程序占用？"))
    return tr(
        f"microphone {name!r} cannot be opened ({reason}).{allowed}",
        f"麦克风 {name!r} 无法打开（{reason}）。{allowed}",
    )
