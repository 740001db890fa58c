"""Writes video files. Nothing half-written stays under the file's name: it appears there when complete."""

import os
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.libav import av

BT709 = 1
"""FFmpeg's number for BT.709, the same for matrix, primaries and transfer."""

SUFFIXES = (".mp4", ".webm")
SHORTEST = Fraction(1, 1000)
"""Seconds between two frames at least: .webm counts milliseconds."""


class VideoEncoder:
    """One video file: .mp4 is H.264, .webm is VP9 and may carry alpha."""

    def __init__(self, path: str | Path, size: tuple[int, int], fps: float, alpha: bool = False) -> None:
        """size: (width, height) in pixels, even. alpha: frames are RGBA (.webm only). Raises OutputError."""
        self.path = Path(path).expanduser()
        self.size = size
        self.alpha = alpha
        self.frames = 0
        suffix = self.path.suffix.lower()
        if suffix not in SUFFIXES or (alpha and suffix != ".webm"):
            wanted = [".webm"] if alpha else SUFFIXES
            raise OutputError(
                tr(
                    f"cannot write {self.path}: the file name must end in {' or '.join(wanted)}.",
                    f"无法写入 {self.path}：文件名须以 {' 或 '.join(wanted)} 结尾。",
                )
            )
        if size[0] % 2 or size[1] % 2:
            raise OutputError(
                tr(
                    f"cannot write {self.path}: width and height must be even, got {size[0]}x{size[1]}.",
                    f"无法写入 {self.path}：宽和高须为偶数，实际为 {size[0]}x{size[1]}。",
                )
            )
        if self.path.is_dir():
            raise OutputError(
                tr(f"{self.path} is a folder; name a file.", f"{self.path} 是文件夹；请给出文件名。")
            )
        self._temporary = self.path.with_name(f".{self.path.stem}.{os.getpid()}{suffix}")
        self._container: Any = None
        try:
            self._temporary.touch()  # PyAV opens the file at the first frame only: too late to complain
            self._container = av.open(str(self._temporary), "w", options=_muxer_options(suffix))
            self._container.metadata["comment"] = "synthetic: an avatar, made with liveavatar"
            self._stream = self._open_stream(suffix, fps)
            self._ticks = -self._period
        except (OSError, av.FFmpegError) as error:
            self.abort()
            raise self._failed(error) from error

    def write(self, image: np.ndarray, at: float | None = None) -> None:
        """Append a frame: (H, W, 3) uint8 RGB, with alpha (H, W, 4) uint8 RGBA not premultiplied.

        at: when it is shown, seconds from the file's start; None: one period after the last.

        Raises OutputError; the file is then given up."""
        kind = "rgba" if self.alpha else "rgb24"
        expected = (self.size[1], self.size[0], 4 if self.alpha else 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise ValueError(f"expected a {expected} uint8 picture, got {image.shape} {image.dtype}")
        if self._container is None:
            raise OutputError(tr(f"{self.path} is closed already.", f"{self.path} 已经关闭。"))
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format=kind)
        frame = frame.reformat(format=self._stream.pix_fmt, dst_colorspace="ITU709")
        frame.time_base = self._stream.codec_context.time_base
        frame.pts = self._ticks = self._tick_of(at)
        frame.duration = self._period
        try:
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.FFmpegError) as error:
            self.abort()
            raise self._failed(error) from error
        self.frames += 1

    def close(self) -> None:
        """Complete the file and give it its name; without frames there is no file. May be called twice."""
        if self._container is None:
            return
        if not self.frames:
            return self.abort()
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._container = None
            os.replace(self._temporary, self.path)
        except (OSError, av.FFmpegError) as error:
            self.abort()
            raise self._failed(error) from error

    def abort(self) -> None:
        """Give up: what was written is removed, an older file of that name stays. May be called twice."""
        container, self._container = self._container, None
        try:
            if container is not None:
                container.close()
        except (OSError, av.FFmpegError):
            pass  # the disk may be full: what matters is that the rest goes away
        finally:
            self._temporary.unlink(missing_ok=True)

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
            options = {"crf": "18", "preset": "veryfast"}
            stream = self._container.add_stream("libx264", rate=rate, options=options)
            stream.pix_fmt = "yuv420p"
        else:
            options = {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
            options["auto-alt-ref"] = "0"  # VP9 with alpha refuses alternate reference frames
            stream = self._container.add_stream("libvpx-vp9", rate=rate, options=options)
            stream.pix_fmt = "yuva420p" if self.alpha else "yuv420p"
        stream.width, stream.height = self.size
        context = stream.codec_context
        # The file's own clock: a whole number of ticks is a period, and a frame's own time is met by 11 microseconds.
        context.time_base = tick = Fraction(1, rate.numerator * ceil(90_000 / rate.numerator))
        self._period = int(1 / rate / tick)
        self._shortest = ceil(SHORTEST / tick)
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = 1  # limited, what players assume
        return stream

    def _failed(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or error
        return OutputError(
            tr(
                f"cannot write {self.path}: {reason}. Choose another folder or free some space.",
                f"无法写入 {self.path}：{reason}。请换一个文件夹或释放磁盘空间。",
            )
        )


def straight_alpha(image: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 premultiplied RGBA -> not premultiplied, as video players expect it."""
    alpha = image[..., 3:4]
    divisor = np.maximum(alpha, 1).repeat(3, axis=2)
    colour = cv2.divide(image[..., :3], divisor, scale=255)  # saturates, rounds
    return np.concatenate((colour, alpha), axis=2)


def _muxer_options(suffix: str) -> dict[str, str]:
    return {"movflags": "+faststart"} if suffix == ".mp4" else {}
