"""The parts that `run` uses, for measuring."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from liveavatar.avatar.card import Avatar
from liveavatar.base.timing import Pacer, now
from liveavatar.cameras import open_camera
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
        return open_output("null", size=self.avatar.size, fps=fps)


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
