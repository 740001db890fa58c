"""Where a track is heard: a loudspeaker of this computer, or nowhere, at the same pace."""

import logging
from typing import Any, Protocol

import numpy as np

from liveavatar.audio import devices
from liveavatar.base.timing import now
from liveavatar.errors import SoundError
from liveavatar.language import tr

log = logging.getLogger(__name__)

OFF, USUAL = "off", "default"
"""The names of no loudspeaker, and of the system's own choice."""
SILENT_RATE = 24_000
"""Samples a second of what is played nowhere."""


class Sound(Protocol):
    """What can be played."""

    def fill(self, out: np.ndarray, at: float) -> None:
        """Write the next samples into a block, (n,) float32; the first is heard at `at`, seconds."""
        ...


class Loudspeaker(Protocol):
    """Plays one sound after the other."""

    rate: int
    """Samples a second that it takes."""

    def play(self, track: Sound) -> None:
        """From now on play this one, in the place of another."""
        ...

    def step(self, time: float) -> None:
        """Called often, by whoever waits for the track. Raises SoundError where it plays no more."""
        ...

    def close(self) -> None:
        """Release the device. May be called twice."""
        ...


class Nowhere(Loudspeaker):
    """Takes a track as a loudspeaker would. For whoever plays the sound itself."""

    def __init__(self) -> None:
        self.rate = SILENT_RATE
        self._track: Sound | None = None
        self._at: float | None = None

    def play(self, track: Sound) -> None:
        """See Loudspeaker."""
        self._track, self._at = track, None

    def step(self, time: float) -> None:
        """See Loudspeaker."""
        if self._track is None:
            return
        if self._at is None:
            self._at = time
        count = int((time - self._at + 0.02) * self.rate)
        if count > 0:
            self._track.fill(np.empty(count, np.float32), self._at)
            self._at += count / self.rate

    def close(self) -> None:
        """See Loudspeaker."""
        self._track = None


class Device(Loudspeaker):
    """An output of this computer."""

    def __init__(self, name: str | devices.Device = USUAL, buffer: float | None = None) -> None:
        """name: see devices.find_device(). buffer: seconds of sound that the system holds, in blocks of
        10 ms; None for as few as it can. Raises SoundError."""
        self._track: Sound | None = None
        self._stopped = self._closed = False
        self.asked = self.gaps = 0
        """Times that the system asked for sound, and that it had none to play: this program was too late."""
        sounds = devices.portaudio()
        device = devices.find_device(name, "output") if isinstance(name, str) else name
        self.name, self.rate = device.name, device.rate
        self._latency = buffer or 0.05
        """Seconds; the system asks for sound before it says what it really is."""
        try:
            self._stream = devices.opened(
                lambda: sounds.OutputStream(
                    device=device.index, samplerate=device.rate, channels=min(2, device.channels), dtype="float32",
                    latency="low" if buffer is None else buffer, blocksize=0 if buffer is None else round(0.01 * device.rate),
                    callback=self._fill, finished_callback=self._finished,
                )
            )  # fmt: skip
        except (sounds.PortAudioError, ValueError, OSError) as error:
            raise SoundError(
                tr(
                    f"the loudspeaker {device.name} cannot be opened ({error}): does another program have it for itself alone? "
                    "Choose another one with `run --speaker NAME`.",
                    f"无法打开扬声器 {device.name}（{error}）：是否被其他程序独占？请用 `run --speaker 名称` 选择其他扬声器。",
                )
            ) from error
        self._latency = self._stream.latency
        log.info("loudspeaker: %s, %d Hz, %.0f ms", device.name, self.rate, 1000 * self._latency)

    def play(self, track: Sound) -> None:
        """See Loudspeaker."""
        self._track = track

    def step(self, time: float) -> None:
        """See Loudspeaker."""
        if self._stopped:
            raise SoundError(tr("the loudspeaker is gone", "扬声器已断开"))

    def close(self) -> None:
        """See Loudspeaker."""
        self._track = None
        if not self._closed:
            self._closed = True
            devices.closed(self._stream)

    def _fill(self, out: np.ndarray, frames: int, times: Any, status: Any) -> None:
        """For PortAudio's own thread."""
        self.asked += 1
        self.gaps += bool(status and status.output_underflow)
        track, heard_in = self._track, times.outputBufferDacTime - times.currentTime
        if not 0 < heard_in < 2:  # some drivers do not say
            heard_in = self._latency
        if track is None:
            out.fill(0)
        else:
            mono = np.empty(frames, np.float32)
            track.fill(mono, now() + heard_in)
            out[:] = mono[:, None]  # some systems play in no fewer channels than a device has

    def _finished(self) -> None:
        self._stopped = True


def open_loudspeaker(name: str = USUAL) -> Loudspeaker:
    """The output of this name, see Device; Nowhere for OFF. Raises SoundError."""
    if name.strip().lower() == OFF:
        return Nowhere()
    try:
        return Device(name.strip())
    except SoundError as error:
        raise SoundError(
            tr(
                f"{error}\nOr let another program play the sound, with --silent.",
                f"{error}\n也可以由其他程序播放声音，加 --silent。",
            )
        ) from error
