"""The parts that `run` uses, for measuring."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from liveavatar.avatar.card import Avatar
from liveavatar.base.timing import Pacer, now, process_seconds
from liveavatar.cameras import open_camera
from liveavatar.live.report import Report
from liveavatar.outputs import open_output
from liveavatar.renderers import open_renderer
from liveavatar.retargeting import open_retargeter
from liveavatar.stages import Camera, Output, Renderer, Retargeter, Tracker
from liveavatar.trackers import open_tracker
from liveavatar.types import Frame

FPS = 30.0
"""Of the paced source, whatever the clip's own rate is."""


@dataclass(frozen=True)
class Parts:
    """What to measure."""

    clip: Path
    avatar: Avatar
    model: Path
    provider: str = "auto"
    draw: str = "auto"
    size: tuple[int, int] | None = None
    """(width, height) of the output's picture; None: the avatar's."""

    @property
    def output_size(self) -> tuple[int, int]:
        """(width, height) of the output's picture."""
        return self.size or self.avatar.size

    def camera(self) -> Camera:
        """The clip, as fast as frames are taken, over and over."""
        return open_camera(str(self.clip), paced=False, loop=True)

    def webcam(self) -> Camera:
        """The clip at 30 fps with capture times on the clock."""
        return _Webcam(self.camera())

    def tracker(self) -> Tracker:
        """MediaPipe with the model."""
        return open_tracker("mediapipe", self.model)

    def retargeter(self) -> Retargeter:
        """One that knows nobody yet, for the avatar's head range."""
        return open_retargeter(self.avatar)

    def renderer(self) -> Renderer:
        """The avatar's, on the provider, as `run` opens it."""
        return open_renderer(self.avatar, self.provider, draw=self.draw, live=True)

    def output(self, fps: float = FPS) -> Output:
        """Composites and forgets."""
        return open_output("null", size=self.output_size, fps=fps)


class Meter:
    """Looks at a live run twice a second: what it takes of the processor, from its first picture from the camera on, and when it
    was driven for long enough."""

    def __init__(self, seconds: float) -> None:
        """seconds: from the first picture from the camera on."""
        self._seconds = seconds
        self._begun: tuple[float, float] | None = None
        """The clock, and processor time, both in seconds."""
        self.cores = 0.0
        """Processor seconds a second."""

    def over(self, report: Report) -> bool:
        """Look; whether it was driven for so long."""
        if report.first_driven is None:
            return False
        at = now(), process_seconds()
        if self._begun is None:
            self._begun = at
        elif at[0] > self._begun[0]:
            self.cores = (at[1] - self._begun[1]) / (at[0] - self._begun[0])
        return report.seconds - report.first_driven >= self._seconds


class _Webcam(Camera):
    """Plays a camera's pictures at 30 fps with capture times on the clock, as a webcam does."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self.size, self.fps = camera.size, FPS

    def __iter__(self) -> Iterator[Frame]:
        pacer = Pacer(FPS)
        for frame in self._camera:
            pacer.wait()
            yield replace(frame, time=now())

    def close(self) -> None:
        self._camera.close()
