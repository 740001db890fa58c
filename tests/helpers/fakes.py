"""Stages that need no hardware, with delays and failures on request; contracts as in liveavatar.stages."""

import threading
import time
from collections.abc import Iterator
from itertools import count

import numpy as np

from liveavatar.controls import BLENDSHAPES, INDEX, neutral
from liveavatar.stages import Camera, Renderer, Retargeter, Tracker
from liveavatar.types import AvatarFrame, Expression, Face, Frame

SIZE = (64, 48)
LANDMARKS = np.random.default_rng(0).normal((32, 24, 0), 8, (478, 3)).astype(np.float32)
"""No face, but as many points."""
POSE = np.eye(4, dtype=np.float32)
POSE[2, 3] = -45  # cm from the camera


class Hang:
    """A call that does not come back until `over` is set, at the given count."""

    def __init__(self, at: int | None) -> None:
        self.at, self.over = at, threading.Event()

    def __call__(self, count: int) -> None:
        if count == self.at:
            self.over.wait(60)


class FakeCamera(Camera):
    """`frames` pictures (None: without end), each one grey level: its index. Paced when fps is given."""

    def __init__(
        self,
        frames: int | None = 10,
        fps: float | None = None,
        fail_at: int | None = None,
        error: Exception | None = None,
        hang_at: int | None = None,
    ) -> None:
        self.size, self.fps = SIZE, fps or 30.0
        self.closed = 0
        self.hang = Hang(hang_at)
        self._frames, self._paced, self._fail_at, self._error = frames, fps is not None, fail_at, error

    def __iter__(self) -> Iterator[Frame]:
        for index in count() if self._frames is None else range(self._frames):
            if self.closed:
                return
            if index == self._fail_at:
                assert self._error is not None
                raise self._error
            self.hang(index)
            if self._paced:
                time.sleep(1 / self.fps)
            image = np.full((SIZE[1], SIZE[0], 3), index % 256, np.uint8)
            yield Frame(image, time.perf_counter() if self._paced else index / self.fps, index)

    def close(self) -> None:
        self.closed += 1


class FakeTracker(Tracker):
    """Sees a face in every picture; its jaw opens with the grey level."""

    def __init__(
        self, seconds: float = 0.0, error: Exception | None = None, hang_at: int | None = None
    ) -> None:
        self.closed = 0
        self.hang = Hang(hang_at)
        self.tracked: list[int] = []
        self._seconds, self._error = seconds, error

    def track(self, frame: Frame) -> Face | None:
        time.sleep(self._seconds)
        if self._error is not None:
            raise self._error
        self.hang(len(self.tracked))
        self.tracked.append(frame.index)
        shapes = np.zeros(len(BLENDSHAPES), np.float32)
        shapes[BLENDSHAPES.index("jawOpen")] = frame.image.mean() / 255
        return Face(LANDMARKS, shapes, POSE, SIZE, frame.time)

    def close(self) -> None:
        self.closed += 1


class FakeRetargeter(Retargeter):
    """Passes the jaw on; remembers the times it was given."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def retarget(self, face: Face | None, time: float) -> Expression:
        self.times.append(time)
        controls = neutral()
        if face is not None:
            controls[INDEX["jawOpen"]] = face.blendshapes[BLENDSHAPES.index("jawOpen")]
        return Expression(controls, time, tracked=face is not None)


class FakeRenderer(Renderer):
    """An opaque picture: red is the jaw, green says whether a face drives it."""

    def __init__(
        self,
        seconds: float = 0.0,
        fail: set[int] | None = None,
        always: bool = False,
        hang_at: int | None = None,
    ) -> None:
        self.size, self.provider = (32, 32), "fake"
        self.hang = Hang(hang_at)
        self.closed = 0
        self.rendered = 0
        self._seconds, self._fail, self._always = seconds, fail or set(), always

    def render(self, expression: Expression) -> AvatarFrame:
        time.sleep(self._seconds)
        self.rendered += 1
        if self._always or self.rendered in self._fail:
            raise RuntimeError("the card fell off the bus")
        self.hang(self.rendered)
        image = np.zeros((32, 32, 4), np.uint8)
        image[..., 0] = round(255 * float(expression.controls[INDEX["jawOpen"]]))
        image[..., 1] = 255 * expression.tracked
        image[..., 3] = 255
        return AvatarFrame(image, expression.time)

    def close(self) -> None:
        self.closed += 1
