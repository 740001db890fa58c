"""Sound files that others made, as samples: wav, mp3, flac and ogg. Also the way from one rate to another."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from liveavatar.errors import SoundError
from liveavatar.language import tr
from liveavatar.media.libav import av

LONGEST = 600.0
"""Seconds of one sound."""
LARGEST = 128 << 20
"""Bytes of one file."""
RATES = 8000, 192_000
"""Samples a second."""
KINDS: dict[bytes, str] = {
    b"RIFF": "wav", b"RF64": "wav", b"ID3": "mp3", b"\xff\xfb": "mp3", b"\xff\xf3": "mp3", b"\xff\xf2": "mp3",
    b"\xff\xfa": "mp3", b"fLaC": "flac", b"OggS": "ogg",
}  # fmt: skip
"""First bytes -> libav's reader. No other is tried: some read further files, and addresses."""


@dataclass(frozen=True)
class Clip:
    """One sound."""

    samples: np.ndarray
    """(n,) float32 in [-1, 1], one channel."""
    rate: int
    """Samples a second."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


def check_rate(rate: object) -> int:
    """The rate, where it is one. Raises SoundError."""
    low, high = RATES
    if not isinstance(rate, int) or isinstance(rate, bool) or not low <= rate <= high:
        raise SoundError(
            tr(
                f"the rate is a whole number of samples a second, {low} to {high}, not {str(rate)[:20]}",
                f"采样率应为 {low} 到 {high} 之间的整数（每秒采样数），实际为 {str(rate)[:20]}",
            )
        )
    return rate


def too_long() -> SoundError:
    """The error about what is longer than LONGEST."""
    return SoundError(
        tr(
            f"the sound is longer than {LONGEST / 60:.0f} minutes: give it in parts",
            f"声音超过 {LONGEST / 60:.0f} 分钟：请分段提供",
        )
    )


def read_clip(data: bytes) -> Clip:
    """The sound in a file's content; channels are mixed. Raises SoundError for what is none, damaged, or too long."""
    kind = next((kind for head, kind in KINDS.items() if data.startswith(head)), None)
    if kind is None:
        raise SoundError(
            tr(
                "this is no sound file that is read here: give wav, mp3, flac or ogg",
                "不是可读取的声音文件：请提供 wav、mp3、flac 或 ogg",
            )
        )
    if len(data) > LARGEST:
        raise too_long()
    try:
        with av.open(io.BytesIO(data), format=kind, metadata_errors="ignore") as container:
            track = container.streams.audio[0]
            rate = check_rate(track.rate)
            pieces, count = [], 0
            for piece in _decoded(container, track, rate):
                pieces.append(piece)
                count += len(piece)
                if count > LONGEST * rate:
                    raise too_long()
    except (OSError, IndexError, ValueError, TypeError, av.FFmpegError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise SoundError(tr(f"the {kind} file is damaged: {what}", f"{kind} 文件已损坏：{what}")) from error
    if not count:
        raise SoundError(tr(f"the {kind} file holds no sound", f"{kind} 文件中没有声音"))
    return Clip(_finite(np.concatenate(pieces)), rate)


def samples_of(data: bytes) -> np.ndarray:
    """(n,) float32 of PCM as programs stream it: 16 bits, little-endian, one channel. An odd byte at the end is left out."""
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768


def _decoded(container: Any, track: Any, rate: int) -> Iterator[np.ndarray]:
    """Samples of one channel. A damaged end is the end."""
    mix, some = av.AudioResampler(format="flt", layout="mono", rate=rate), False
    try:
        for frame in container.decode(track):
            frame.pts = None
            for piece in mix.resample(frame):
                some = True
                yield piece.to_ndarray()[0]
    except av.FFmpegError:
        if not some:
            raise


def _finite(samples: np.ndarray) -> np.ndarray:
    """What is no finite number is silence; what is too loud is cut off."""
    clean: np.ndarray = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1).astype(np.float32)
    return clean


def resampled(samples: np.ndarray, rate: int, to: int) -> np.ndarray:
    """(m,) float32: a whole sound (n,) float32 of `rate` samples a second at `to`."""
    way = Resampler(rate, to)
    return np.concatenate([way.take(samples), way.end()])


class Resampler:
    """One sound at another rate, piece by piece."""

    def __init__(self, rate: int, to: int) -> None:
        """Samples a second, before and after."""
        self._rate, self._same = rate, rate == to
        self._way = av.AudioResampler(format="flt", layout="mono", rate=to)

    def take(self, samples: np.ndarray) -> np.ndarray:
        """(m,) float32: what these (n,) float32 complete."""
        if self._same or not len(samples):
            return samples
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), "flt", "mono")
        frame.sample_rate = self._rate
        return self._joined(self._way.resample(frame))

    def end(self) -> np.ndarray:
        """(m,) float32: the rest."""
        return np.zeros(0, np.float32) if self._same else self._joined(self._way.resample(None))

    @staticmethod
    def _joined(frames: list[Any]) -> np.ndarray:
        return np.concatenate([np.zeros(0, np.float32), *(frame.to_ndarray()[0] for frame in frames)])
