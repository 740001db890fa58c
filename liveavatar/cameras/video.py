"""A video file as a camera, decoded by PyAV."""

import struct
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from liveavatar.base.timing import now
from liveavatar.cameras.timeline import Timeline
from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.media.libav import av
from liveavatar.stages import Camera
from liveavatar.types import Frame

BEHIND_S = 0.5
"""A paced clip that is this late (a sleeping laptop) starts its timetable anew instead of racing."""
SHORT_S = 1.0
"""A file that ends so many seconds before the end that its header names is cut short."""
PROBED = 60
"""Packets whose time stamps tell the usual rate where the header's is in doubt."""
_STILL = 0x400 | 0x800  # AV_DISPOSITION_ATTACHED_PIC, AV_DISPOSITION_TIMED_THUMBNAILS


class VideoFile(Camera):
    """Frames of a video file. See open_camera for `paced` and `loop`.

    Every frame has the first one's size, and true shapes: turned, mirrored and stretched as the file asks."""

    def __init__(self, path: Path | str, *, paced: bool = True, loop: bool = False) -> None:
        self.path = Path(path)
        self.paced = paced
        self.loop = loop
        self.damaged = 0
        """Packets so far that could not be decoded and were passed over."""
        self._missing = 0.0
        """Seconds between the last picture and the end that the header names."""
        self._closed = threading.Event()
        with self._open() as container:
            stream = self._stream(container)
            rate = _rate(container, stream)
        with self._open() as container:
            first = next(self._decoded(container), None)
            if first is None:
                reason = tr("it has no pictures", "其中没有画面")
                if self.damaged:
                    reason = tr("none of its pictures can be decoded", "其中没有一帧能够解码")
                raise self._unreadable(reason)
            self.size: tuple[int, int] = first[1].shape[1::-1]
        self.fps = rate
        self.damaged = 0
        self._timeline = Timeline(1 / rate)

    @property
    def offset(self) -> float:
        """Position minus time stamp of the newest picture, seconds: where its sound belongs."""
        return self._timeline.offset

    @property
    def notes(self) -> list[str]:
        """What the user should know about the file as read so far, each once; empty when it is in order."""
        notes = []
        if self.damaged:
            notes.append(
                tr(
                    f"{self.path.name}: damaged packets passed over: {self.damaged}",
                    f"{self.path.name}：跳过了 {self.damaged} 个损坏的数据包",
                )
            )
        if self._missing:
            notes.append(
                tr(
                    f"{self.path.name} ends {self._missing:.1f} s early: the file is cut short",
                    f"{self.path.name} 提前 {self._missing:.1f} 秒结束：文件不完整",
                )
            )
        if self._timeline.repaired:
            notes.append(
                tr(
                    f"{self.path.name}: its time stamps jump or start again (places: {self._timeline.repaired}); "
                    "played on without gaps",
                    f"{self.path.name}：时间戳跳跃或重新开始（{self._timeline.repaired} 次），已连续播放",
                )
            )
        return notes

    def __iter__(self) -> Iterator[Frame]:
        """The frames. Paced ones wait for their moment; none is left out."""
        start, last = now(), -1.0
        for index, (position, image) in enumerate(self._pictures()):
            if not self.paced:
                yield Frame(image, position, index)
            else:
                wait = start + position - now()
                if wait > 0:
                    self._closed.wait(wait)
                elif wait < -BEHIND_S:
                    start -= wait
                if self._closed.is_set():
                    return
                last = max(now(), last + 1e-6)  # the clock may be coarse
                yield Frame(image, last, index)

    def _pictures(self) -> Iterator[tuple[float, np.ndarray]]:
        """(position in seconds since the first frame, counting on over loops; RGB picture)."""
        while not self._closed.is_set():
            stamp: float | None = None
            count = 0
            # Opened in the thread that decodes: close() from another thread only sets the flag.
            with self._open() as container:
                stream = self._stream(container)
                stream.thread_type = "AUTO"
                for stamp, image in self._decoded(container):
                    if self._closed.is_set():
                        return
                    count += 1
                    yield self._timeline.position_of(stamp), self._fitted(image)
                self._missing = 0.0 if self._timeline.repaired else _missing(container, stream, stamp)
            if not self.loop or not count:
                return
            self._timeline.restart()

    def _decoded(self, container: "av.container.InputContainer") -> Iterator[tuple[float | None, np.ndarray]]:
        """(time stamp in seconds or None, RGB picture) of all that can be decoded; counts the rest."""
        stream = self._stream(container)
        packets = container.demux(stream)
        converter = av.video.reformatter.VideoReformatter()
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
            except av.FFmpegError:
                self.damaged += 1  # cut off within a packet
                return
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                self.damaged += 1
                continue
            for picture in pictures:
                yield picture.time, _upright(picture, stream.sample_aspect_ratio, converter)

    def _fitted(self, image: np.ndarray) -> np.ndarray:
        """The picture at the first one's size: a stream may change its resolution on the way."""
        width, height = self.size
        if image.shape[1::-1] == self.size:
            return image
        scale = min(width / image.shape[1], height / image.shape[0])
        across, down = max(1, round(scale * image.shape[1])), max(1, round(scale * image.shape[0]))
        x, y = (width - across) // 2, (height - down) // 2
        fitted = np.zeros((height, width, 3), np.uint8)
        fitted[y : y + down, x : x + across] = cv2.resize(image, (across, down), interpolation=cv2.INTER_AREA)
        return fitted

    def _open(self) -> "av.container.InputContainer":
        try:
            # An absolute path: FFmpeg takes "a:b.mp4" for a protocol named a.
            container = av.open(str(self.path.absolute()), metadata_errors="ignore")
        except (OSError, av.FFmpegError) as error:
            if isinstance(error, av.InvalidDataError):
                raise self._unreadable(
                    tr("it is damaged, not finished, or no video", "文件损坏、未录制完成，或不是视频")
                ) from error
            raise self._unreadable(error.strerror or str(error)) from error
        # FFmpeg also "plays" text files and single pictures.
        kind = container.format.name
        if kind == "tty" or "image2" in kind or kind.endswith("_pipe"):
            container.close()
            raise self._unreadable(tr("it is not a video", "它不是视频"))
        try:
            self._stream(container)
        except CameraError:
            container.close()
            raise
        return container

    def _stream(self, container: "av.container.InputContainer") -> "av.VideoStream":
        """The stream of moving pictures: not the cover that music and films carry as a video of one picture."""
        moving = [s for s in container.streams.video if not s.disposition.value & _STILL]
        if not moving:
            if container.streams.video or container.streams.audio:
                raise self._unreadable(
                    tr("it holds sound and no moving pictures", "其中只有声音，没有视频画面")
                )
            raise self._unreadable(tr("it is not a video", "它不是视频"))
        stream = next((s for s in moving if s.disposition.value & 1), moving[0])  # AV_DISPOSITION_DEFAULT
        if stream.codec_context is None:
            raise self._unreadable(tr("its codec is not known here", "不支持其编码格式"))
        return stream

    def _unreadable(self, reason: str) -> CameraError:
        return CameraError(
            tr(
                f"cannot read {self.path} as a video: {reason}. Give a video file such as an .mp4.",
                f"无法把 {self.path} 作为视频读取：{reason}。请给出视频文件，例如 .mp4。",
            )
        )

    def close(self) -> None:
        """End the iteration at the next frame."""
        self._closed.set()


def _rate(container: "av.container.InputContainer", stream: "av.VideoStream") -> float:
    """Frames per second: the header's, unless the stamps of the first packets say something quite different."""
    rate = float(stream.average_rate or stream.guessed_rate or Fraction(30))
    stamps = []
    try:
        for packet in container.demux(stream):
            if packet.pts is not None and packet.time_base:
                stamps.append(float(packet.pts * packet.time_base))
            if len(stamps) >= PROBED:
                break
    except av.FFmpegError:
        pass  # the decoding counts what is damaged
    steps = [b - a for a, b in zip(sorted(stamps), sorted(stamps)[1:], strict=False) if b > a]
    usual = 1 / median(steps) if steps else rate
    return rate if usual / 4 < rate < 4 * usual and rate <= 1000 else min(usual, 1000.0)


def _missing(
    container: "av.container.InputContainer", stream: "av.VideoStream", stamp: float | None
) -> float:
    """Seconds that the header promises after the last stamp, 0.0 where that is nothing to speak of."""
    if stamp is None:
        return 0.0
    end = stamp
    if stream.duration is not None and stream.time_base is not None:
        end = float(((stream.start_time or 0) + stream.duration) * stream.time_base)
    elif "matroska" in container.format.name and container.duration and not container.streams.audio:
        end = container.duration / av.time_base  # of the whole file: sound may be longer
    return end - stamp if end - stamp > SHORT_S else 0.0


def _upright(picture: "av.VideoFrame", aspect: Fraction | None, converter: Any) -> np.ndarray:
    """(H, W, 3) uint8 RGB as it is meant to be seen: square pixels, then turned and mirrored as the file asks.

    aspect: width of a pixel by its height. Phones store portrait videos lying down, and some mirror them.
    converter: kept by the caller: a frame's own one starts threads anew for each frame, and they outlive it."""
    width, height = picture.width, picture.height
    if aspect and aspect != 1 and 0.1 < aspect < 10:
        width, height = (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))
    image: np.ndarray = converter.reformat(picture, width, height, "rgb24").to_ndarray()
    # Where a pixel goes: x' = a x + c y, y' = b x + d y.
    matrix: Any = picture.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return image
    a, b, _, c, d = struct.unpack("=5i", memoryview(matrix)[:20])
    if abs(c) > abs(a):
        image, a, d = image.transpose(1, 0, 2), c, b
    return np.ascontiguousarray(image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])
