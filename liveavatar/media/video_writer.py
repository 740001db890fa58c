"""Writes video files that can be played however the writing ends, see media/recording.py.

While it grows an .mp4 is fragmented and a .webm is made of short clusters. At the end an .mp4 gets an index that makes it an
ordinary one (FFmpeg calls that hybrid): nothing is copied, so it takes no time, however long the file is.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.base.files import expanded
from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.media.libav import av
from liveavatar.media.recording import Recording, require_writable
from liveavatar.media.sound import Sound

BT709 = 1
"""FFmpeg's number for BT.709, the same for matrix, primaries and transfer."""

SHORTEST = Fraction(1, 1000)
"""Seconds between two frames at least: .webm counts milliseconds."""
FRAGMENT_S = 0.4
"""Seconds that are written at once. With the frames inside the encoder and before it, a kill takes less than a second."""
KEY_S = 2
"""Seconds between two pictures that stand for themselves: where editors can jump to."""
WAITING = 8
"""Frames that may wait for the encoder: a quarter of a second of a slow disk or a slow picture holds nobody up."""
BUFFER = 1 << 20
"""Bytes: a fragment is written in one piece, which a kill does not tear."""
END_S = 10.0
"""Seconds after which an end that does not come is given up."""


class VideoEncoder:
    """One video file: .mp4 is H.264, .webm is VP9 and may carry alpha.

    A thread encodes: Ctrl-C, which Python raises in the main thread, cannot tear a picture or the file's end."""

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        fps: float,
        alpha: bool = False,
        sound: Sound | None = None,
        live: bool = False,
    ) -> None:
        """size: (width, height) in pixels, even. alpha: frames are RGBA (.webm only). sound: goes along, and is closed with
        the file. live: write() never waits; a frame for which there is no time is left out, and the one before stands longer.
        Raises OutputError."""
        self.path = expanded(path)
        self.size = size
        self.alpha = alpha
        self.frames = 0
        """Written, or on their way."""
        self.left_out = 0
        self._live = live
        require_writable(self.path, size, alpha)
        suffix = self.path.suffix.lower()
        self._failure: BaseException | None = None
        self._part: Path | None = None
        self._frames: queue.Queue[Any] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._told = False
        try:
            self._recording = Recording(self.path)
        except OSError as error:
            raise self._failed(error) from error
        try:
            self._container: Any = av.open(
                self._recording, "w", suffix[1:], options=_muxer_options(suffix), buffer_size=BUFFER
            )
            self._container.metadata["comment"] = "synthetic: an avatar, made with liveavatar"
            self._stream = self._open_stream(suffix, fps)
            if sound is not None:
                sound.add_to(self._container, suffix)
        except (OSError, av.FFmpegError) as error:
            self._recording.discard()
            raise self._failed(error) from error
        self._ticks = -self._period
        # Kept: a frame's own one starts threads anew for each frame, which takes three times as long.
        self._converter: Any = av.video.reformatter.VideoReformatter()
        self._sound = sound
        self._thread = threading.Thread(target=self._encode, name="encode", daemon=True)
        self._thread.start()

    def write(self, image: np.ndarray, at: float | None = None) -> None:
        """Append a frame: (H, W, 3) uint8 RGB, with alpha (H, W, 4) uint8 RGBA not premultiplied.

        at: when it is shown, seconds from the file's start; None: one period after the last.

        Raises OutputError, for the frames before too; what was written then stays, see keep()."""
        kind = "rgba" if self.alpha else "rgb24"
        expected = (self.size[1], self.size[0], 4 if self.alpha else 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise ValueError(f"expected a {expected} uint8 picture, got {image.shape} {image.dtype}")
        if self._thread is None:
            raise OutputError(tr(f"{self.path} is closed already.", f"{self.path} 已经关闭。"))
        if self._live and self._frames.full():
            self.left_out += 1
        else:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format=kind)
            frame = self._converter.reformat(frame, format=self._stream.pix_fmt, dst_colorspace="ITU709")
            frame.time_base = self._stream.codec_context.time_base
            frame.pts = self._ticks = self._tick_of(at)
            self.frames += 1
            self._frames.put(frame)
        if self._failure is not None:
            self.keep()
            raise self._failed(self._failure) from self._failure

    def close(self) -> None:
        """Complete the file and give it its name; without frames there is no file. May be called twice.

        Raises OutputError; what was written then stays, see keep()."""
        if self._thread is None:
            return
        self._end(self._complete if self.frames else self._recording.discard)
        if self._failure is not None:
            raise self._failed(self._failure) from self._failure

    def keep(self) -> Path | None:
        """End, but leave what was written under the name it has, which is returned; None where nothing can be played. An
        older file of the wanted name stays. May be called twice."""
        if self._thread is not None:
            self._end(self._leave)
        return self._part

    def abort(self) -> None:
        """Give up: what was written is removed, an older file of that name stays. May be called twice."""
        if self._thread is not None:
            self._end(self._recording.discard)

    def _encode(self) -> None:
        """The thread: frames, then the function that ends the file."""
        item = self._frames.get()
        try:
            while isinstance(item, av.VideoFrame):
                self._mux(item)
                item = self._frames.get()
            if item != self._recording.discard and self.frames:
                self._mux(None)
        except Exception as error:
            self._failure = error
        while isinstance(item, av.VideoFrame):  # whoever sends must not wait for ever
            item = self._frames.get()
        try:
            self._container.close()
        except Exception as error:
            self._failure = self._failure or error
        if self._sound is not None:
            self._sound.close()
        if self._failure is not None and item == self._complete:
            item = self._leave
        try:
            item()
        except Exception as error:
            self._failure = self._failure or error

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = (
                self._period
            )  # x264 tells none, and the length of the file depends on the last one's
            self._container.mux(packet)
        if self._sound is not None:
            if frame is None:
                self._mux_sound(self._sound.end())
            else:
                self._mux_sound(self._sound.until(float((frame.pts + self._period) * frame.time_base)))
        self._recording.mark()

    def _mux_sound(self, packets: Iterator[Any]) -> None:
        """Errors of the clip's sound are told by the sound; those of the file are raised."""
        try:
            for packet in packets:
                self._container.mux(packet)
        except (OSError, ValueError, av.FFmpegError) as error:
            if self._recording.failure is not None or self._sound is None:
                raise
            self._sound.missing = getattr(error, "strerror", "") or str(error)

    def _end(self, how: Callable[[], None]) -> None:
        while True:
            try:
                return self._tell(how)
            except KeyboardInterrupt:
                pass  # it ends soon anyway

    def _tell(self, how: Callable[[], None]) -> None:
        """Hand the end to the thread and wait for it. May be called again when it was interrupted."""
        thread = self._thread
        while thread is not None and thread.is_alive():
            if self._told:
                thread.join(END_S)
                break
            with contextlib.suppress(queue.Full):
                self._frames.put(how, timeout=0.1)
                self._told = True
        if thread is not None and thread.is_alive():
            self._failure = TimeoutError(tr("the disk does not answer", "磁盘没有响应"))
            self._part = self._recording.path
        self._thread = None

    def _complete(self) -> None:
        try:
            self._recording.finish()
        except OSError:
            self._part = self._recording.path
            raise

    def _leave(self) -> None:
        part = self._recording.keep()
        if _can_be_played(part):
            self._part = part
        else:
            self._recording.discard()

    def _tick_of(self, at: float | None) -> int:
        """The file's ticks for a time in seconds, later than the last frame's.

        Within SHORTEST of a whole number of periods it is that one: a steady rate stays exactly steady."""
        if at is None:
            return self._ticks + self._period
        tick = round(at / self._stream.codec_context.time_base)
        whole = round(tick / self._period) * self._period
        if abs(tick - whole) <= self._shortest:
            tick = whole
        return max(tick, self._ticks + self._shortest)

    def _open_stream(self, suffix: str, fps: float) -> Any:
        rate = Fraction(fps).limit_denominator(1001)
        if suffix == ".mp4":
            # No frame stays inside the encoder: by default it keeps a second's, which a kill would take. Nor are there
            # B-frames: where a fragment ends between frames that change places, FFmpeg's index loses the file's last one.
            # Large pictures in a third less time, in larger files: two cores have a face and an avatar to do beside.
            preset = "superfast" if self.size[0] * self.size[1] > 1280 * 720 else "veryfast"
            options = {"crf": "18", "preset": preset, "tune": "zerolatency", "g": str(ceil(KEY_S * rate))}
            stream = self._container.add_stream("libx264", rate=rate, options=options)
            stream.pix_fmt = "yuv420p"
        else:
            options = {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
            options["auto-alt-ref"] = "0"  # VP9 with alpha refuses alternate reference frames
            options["lag-in-frames"] = "0"
            stream = self._container.add_stream("libvpx-vp9", rate=rate, options=options)
            stream.pix_fmt = "yuva420p" if self.alpha else "yuv420p"
        stream.width, stream.height = self.size
        context = stream.codec_context
        # The file's own clock: a whole number of ticks is a period, and a frame's own time is met by 6 microseconds.
        context.time_base = tick = Fraction(1, rate.numerator * ceil(90_000 / rate.numerator))
        self._period = int(1 / rate / tick)
        self._shortest = ceil(SHORTEST / tick)
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = 1  # limited, what players assume
        return stream

    def _failed(self, error: BaseException) -> OutputError:
        reason = getattr(error, "strerror", None) or error
        part = ""
        if self._part is not None:
            part = tr(
                f" What was written until then can be played: {self._part}",
                f"此前已写入的部分可以播放：{self._part}",
            )
        return OutputError(
            tr(
                f"cannot write {self.path}: {reason}. Choose another folder or free some space.{part}",
                f"无法写入 {self.path}：{reason}。请换一个文件夹或释放磁盘空间。{part}",
            )
        )


def _muxer_options(suffix: str) -> dict[str, str]:
    options = {"flush_packets": "1"}
    if suffix == ".mp4":
        options["movflags"] = (
            "hybrid_fragmented"  # with delay_moov FFmpeg up to 8.0 loses the decoder's configuration
        )
        options["frag_duration"] = str(round(1e6 * FRAGMENT_S))
    else:
        options["cluster_time_limit"] = str(round(1e3 * FRAGMENT_S))
    return options


def _can_be_played(path: Path) -> bool:
    try:
        with av.open(str(path)) as container:
            return next(container.decode(video=0), None) is not None
    except (OSError, IndexError, av.FFmpegError):
        return False
