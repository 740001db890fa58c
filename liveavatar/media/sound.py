"""The sound of a clip, carried in step into a file made from its pictures: copied where the container takes it, else encoded."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.language import tr
from liveavatar.media.libav import av

COPIED = {".mp4": {"aac", "mp3", "mp3float", "ac3", "eac3"}, ".webm": {"opus", "vorbis"}}
"""Codecs that players expect in the container; others are encoded anew."""
ENCODERS = {".mp4": ("aac", 192_000), ".webm": ("libopus", 128_000)}
"""Codec, bits per second."""
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Samples per second that stay; others become 48000, as all do for Opus."""
SEAM_S = 0.03
"""Seconds; a smaller gap between two pieces is jitter of their time stamps, a larger one is filled with silence."""
LOST_S = 2.0
"""Seconds; what comes so much too late is left out."""


def has_sound(clip: Path) -> bool:
    """Whether there is a sound track, readable or not."""
    try:
        with av.open(str(clip.absolute()), metadata_errors="ignore") as container:
            return bool(container.streams.audio)
    except (OSError, av.FFmpegError):
        return False  # the camera says what is wrong


class Sound:
    """One clip's sound on the way into one file."""

    def __init__(self, clip: Path, offset: Callable[[], float]) -> None:
        """offset: position minus time stamp of the camera's newest picture, seconds: sound goes where the pictures go."""
        self.damaged = 0
        """Packets passed over."""
        self.missing = ""
        """Why there is no sound from some place on; empty where there is all."""
        self._offset = offset
        self._offsets: list[float] = []
        self._next = 0.0
        self._held: Any = None
        self._input: Any = None
        self._track: Any = None
        try:
            self._input = av.open(str(clip.absolute()), metadata_errors="ignore")
            tracks = [s for s in self._input.streams.audio if s.codec_context is not None and s.rate]
            self._track = next((s for s in tracks if s.disposition.value & 1), tracks[0] if tracks else None)
            if self._input.streams.audio and self._track is None:
                self.missing = tr("its codec is not known here", "不支持其编码格式")
            if self._track is not None:
                self._packets = self._input.demux(self._track)
        except (OSError, av.FFmpegError) as error:
            self.missing = getattr(error, "strerror", "") or str(error)

    def add_to(self, container: Any, suffix: str) -> None:
        """Add a track to the file, ending in .mp4 or .webm, before its first frame."""
        if self._track is None:
            return
        known = self._track.codec_context
        # Without a head the packets are a stream's (ADTS), one damaged of which would fail the file.
        if known.name in COPIED[suffix] and (known.extradata or known.name not in ("aac", "vorbis")):
            self._out = container.add_stream_from_template(self._track)
            self._convert = self._copied
            return
        name, bits = ENCODERS[suffix]
        self._rate = known.rate if known.rate in RATES and suffix == ".mp4" else 48000
        layout = "mono" if known.channels == 1 else "stereo"
        self._out = container.add_stream(name, rate=self._rate, layout=layout)
        self._out.bit_rate = bits
        self._channels = 1 if known.channels == 1 else 2
        self._resampler = av.AudioResampler("fltp", layout, self._rate)
        self._written = 0
        self._convert = self._encoded

    def until(self, position: float) -> Iterator[Any]:
        """The packets of the file's track that belong before a position, seconds."""
        if self._track is None or self.missing:
            return
        offset = self._offset()
        if not self._offsets or offset != self._offsets[-1]:
            self._offsets.append(offset)
        while (packet := self._held or self._read()) is not None:
            at = self._place(packet)
            self._held = packet if at > position or (at < self._next - LOST_S) else None
            if at > position or (at < self._next - LOST_S and position < self._next + LOST_S):
                return  # its turn comes, or the pictures have yet to jump as the sound does
            if self._held is not None:
                self.damaged += 1
                self._held = None
                continue
            self._next = at + float((packet.duration or 0) * packet.time_base)
            yield from self._convert(packet, at)

    def end(self) -> Iterator[Any]:
        """What is left in the encoder."""
        if self._track is not None and self._convert == self._encoded:
            yield from self._packets_of(None)

    def close(self) -> None:
        """Let the clip go. May be called twice."""
        if self._input is not None:
            self._input.close()

    @property
    def notes(self) -> list[str]:
        """What the user should know; empty where all is in the file."""
        notes = []
        if self.damaged:
            notes.append(
                tr(
                    f"damaged packets of the sound passed over: {self.damaged}",
                    f"跳过了 {self.damaged} 个损坏的声音数据包",
                )
            )
        if self.missing:
            notes.append(tr(f"the sound is missing: {self.missing}", f"没有声音：{self.missing}"))
        return notes

    def _read(self) -> Any:
        """The next packet that has a time, None at the end."""
        try:
            for packet in self._packets:
                if packet.pts is not None and packet.size:
                    if not packet.is_corrupt:
                        return packet
                    self.damaged += 1
        except av.FFmpegError:
            self.damaged += 1  # cut off within a packet
        return None

    def _place(self, packet: Any) -> float:
        """The packet's position in seconds; where the pictures' time stamps have jumped, after the jump if that fits."""
        stamp = float(packet.pts * packet.time_base)
        near = min(range(len(self._offsets[:2])), key=lambda i: abs(stamp + self._offsets[i] - self._next))
        self._offsets = self._offsets[near:]
        return stamp + self._offsets[0]

    def _copied(self, packet: Any, at: float) -> Iterator[Any]:
        if at < -0.001:  # before the first picture
            return
        packet.pts = packet.dts = round(max(at, 0.0) / packet.time_base)
        packet.stream = self._out
        yield packet

    def _encoded(self, packet: Any, at: float) -> Iterator[Any]:
        try:
            frames = packet.decode()
            pieces = [piece for frame in frames for piece in self._resampler.resample(frame)]
        except (av.FFmpegError, ValueError):  # ValueError: the layout changes on the way
            self.damaged += 1
            return
        if not pieces:
            return
        if frames[0].time is not None:  # decoders cut what only leads in, and some are a packet late
            at = float(frames[0].time) + self._offsets[0]
        samples = np.concatenate([piece.to_ndarray() for piece in pieces], axis=1)
        gap = round(at * self._rate) - self._written
        seam = SEAM_S * self._rate if self._written else 0  # the beginning is met exactly
        if gap > seam:
            samples = np.concatenate([np.zeros((self._channels, gap), np.float32), samples], axis=1)
        elif gap < -seam:
            samples = samples[:, -gap:]
        if not samples.shape[1]:
            return
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), "fltp", "mono" if self._channels == 1 else "stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._written, Fraction(1, self._rate)
        self._written += samples.shape[1]
        yield from self._packets_of(frame)

    def _packets_of(self, frame: Any) -> Iterator[Any]:
        for packet in self._out.encode(frame):
            # AAC leads in with a packet before 0; a fragmented file, which has no edit list, would begin with it.
            if packet.pts >= 0 or self._out.codec_context.name != "aac":
                yield packet
