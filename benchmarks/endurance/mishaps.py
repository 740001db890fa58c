"""Stages in which something goes wrong on request: the parts that `run` uses, each with a wrapper round it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from liveavatar import stages
from liveavatar.errors import CameraError, TrackerError
from liveavatar.types import AvatarFrame, Expression, Face, Frame

LASTING = (
    "empty room", "camera hangs", "camera unplugged", "face lost", "NaN face", "stray face",
    "tracker raises", "renderer raises",
)  # fmt: skip
"""Mishaps that go on until they are ended."""
CLOCK = "times restart"
"""Another of these; no picture has an age meanwhile."""
HANGING = ("tracker hangs", "renderer hangs")
"""Mishaps that one call meets, which does not return before they are ended."""


class Mishaps:
    """What is wrong at the moment. Safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now: set[str] = set()
        self._met: set[str] = set()
        self._closed = False

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """While the block runs. name: one of those above."""
        if name not in (*LASTING, CLOCK, *HANGING):
            raise KeyError(name)
        self._change(name, True)
        try:
            yield
        finally:
            self._change(name, False)

    def __contains__(self, name: str) -> bool:
        return name in self._now

    def hang(self, name: str) -> None:
        """Wait until the mishap ends; of HANGING only who comes first has to."""
        with self._changed:
            if name in HANGING:
                if name not in self._now or name in self._met:
                    return
                self._met.add(name)
            self._changed.wait_for(lambda: self._closed or name not in self._now)

    def close(self) -> None:
        """End them all: whoever hangs goes on."""
        with self._changed:
            self._now.clear()
            self._closed = True
            self._changed.notify_all()

    def _change(self, name: str, on: bool) -> None:
        with self._changed:
            self._met.discard(name)
            (self._now.add if on else self._now.discard)(name)
            self._changed.notify_all()


class Camera(stages.Camera):
    """A camera that shows an empty room, hangs, or is unplugged."""

    def __init__(self, camera: Any, mishaps: Mishaps) -> None:
        """Raises CameraError while the camera is unplugged."""
        _plugged(mishaps)
        self.size, self.fps = camera.size, camera.fps
        self._camera, self._mishaps = camera, mishaps

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._camera:
            self._mishaps.hang("camera hangs")
            _plugged(self._mishaps)
            if "empty room" in self._mishaps:
                frame = replace(frame, image=np.full_like(frame.image, 90))
            if CLOCK in self._mishaps:
                frame = replace(frame, time=frame.time - 3600)
            yield frame

    def close(self) -> None:
        self._camera.close()


def _plugged(mishaps: Mishaps) -> None:
    if "camera unplugged" in mishaps:
        raise CameraError("the camera is unplugged")


class Tracker(stages.Tracker):
    """A tracker that loses the face, finds nonsense or somebody else's, raises, or hangs."""

    def __init__(self, tracker: Any, mishaps: Mishaps) -> None:
        self._tracker, self._mishaps = tracker, mishaps

    def track(self, frame: Frame) -> Face | None:
        self._mishaps.hang("tracker hangs")
        if "tracker raises" in self._mishaps:
            raise TrackerError("the tracker failed")
        face: Face | None = self._tracker.track(frame)
        if face is None or "face lost" in self._mishaps:
            return None
        if "NaN face" in self._mishaps:
            return replace(face, blendshapes=face.blendshapes * np.nan, pose=face.pose * np.nan)
        if "stray face" in self._mishaps:
            aside = np.array([0.4 * face.size[0], 0, 0], np.float32)
            pose = face.pose.copy()
            pose[0, 3] += 30  # cm
            return replace(face, landmarks=face.landmarks * np.float32(0.6) + aside, pose=pose)
        return face

    def close(self) -> None:
        self._tracker.close()


class Renderer(stages.Renderer):
    """A renderer that raises or hangs."""

    def __init__(self, renderer: Any, mishaps: Mishaps) -> None:
        self.size, self.provider = renderer.size, renderer.provider
        self._renderer, self._mishaps = renderer, mishaps

    def render(self, expression: Expression) -> AvatarFrame:
        self._mishaps.hang("renderer hangs")
        if "renderer raises" in self._mishaps:
            raise RuntimeError("the renderer failed")
        picture: AvatarFrame = self._renderer.render(expression)
        return picture

    def close(self) -> None:
        self._renderer.close()
