"""A video file as a camera, decoded by PyAV."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.libav import av
from liveavatar.timing import now
from liveavatar.types import Frame

BEHIND_S = 0.5
"""A paced clip that is this late (a sleeping laptop) starts its timetable anew instead of racing."""


class VideoFile:
    """Frames of a video file. See open_camera for `paced` and `loop`."""

    def __init__(self, path: Path | str, *, paced: bool = True, loop: bool = False) -> None:
        self.path = Path(path)
        self.paced = paced
        self.loop = loop
        self._closed = threading.Event()
        with self._open() as container:
            stream = container.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate or Fraction(30)
            self.fps = float(rate)
            try:
                first = next(container.decode(video=0))
            except (StopIteration, av.FFmpegError) as error:
                raise self._unreadable(str(error) or tr("it has no pictures", "其中没有画面")) from error
            self.size = _upright(first).shape[1::-1]

    def __iter__(self) -> Iterator[Frame]:
        """The frames. Paced ones wait for their moment; none is left out."""
        start, last = now(), -1.0
        for index, (position, image) in enumerate(self._pictures()):
            if not self.paced:
                last = max(position, last + 1e-4)
                yield Frame(image, last, index)
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
        offset = 0.0
        while not self._closed.is_set():
            # Opened in the thread that decodes: close() from another thread only sets the flag.
            with self._open() as container:
                container.streams.video[0].thread_type = "AUTO"
                first: float | None = None
                position = 0.0
                try:
                    for count, picture in enumerate(container.decode(video=0)):
                        at = picture.time if picture.time is not None else count / self.fps
                        first = at if first is None else first
                        position = at - first
                        if self._closed.is_set():
                            return
                        yield offset + position, _upright(picture)
                except av.FFmpegError as error:
                    raise self._unreadable(error.strerror or str(error)) from error
            if not self.loop:
                return
            offset += position + 1 / self.fps

    def _open(self) -> "av.container.InputContainer":
        try:
            container = av.open(str(self.path), metadata_errors="ignore")
        except (OSError, av.FFmpegError) as error:
            raise self._unreadable(error.strerror or str(error)) from error
        # FFmpeg also "plays" text files and single pictures.
        kind = container.format.name
        if kind == "tty" or "image2" in kind or kind.endswith("_pipe") or not container.streams.video:
            container.close()
            raise self._unreadable(tr("it is not a video", "它不是视频"))
        return container

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


def _upright(picture: "av.VideoFrame") -> np.ndarray:
    """(H, W, 3) uint8 RGB, turned as the file asks (phones store portrait videos lying down)."""
    image = picture.to_ndarray(format="rgb24")
    quarter_turns = round(getattr(picture, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image
