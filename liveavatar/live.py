"""The live loop: capture -> one slot -> track and retarget -> one slot -> render -> one slot -> paced send.

Every thread works on the newest thing there is. The sender owns the clock: in each period it sends the newest
picture, whatever the camera does. Knows stages and types, no implementation.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from liveavatar.errors import CameraError, LiveAvatarError, TrackerError
from liveavatar.language import tr
from liveavatar.mailbox import Closed, Mailbox, worker
from liveavatar.stages import Camera, Output, Renderer, Retargeter, Tracker
from liveavatar.timing import Ages, Pacer, PhaseLock, Rate, now
from liveavatar.types import AvatarFrame, Expression, Face, Frame

IDLE_AFTER = 0.3
"""Seconds without anything from the camera until the avatar idles by itself, where pictures come quickly."""
SLOWEST = 2.0
"""Seconds between two pictures of a machine so slow that the avatar had better idle in between."""
REOPEN_EVERY = 2.0
"""Seconds between attempts to get a lost camera back."""
GIVE_UP = 2.0
"""Seconds a renderer may fail without one good picture."""
STATUS_EVERY = 0.5
"""Seconds between two status reports."""


@dataclass
class Report:
    """What happened so far. Written by the loop, read by the status line and the summary."""

    seconds: float = 0.0
    sent: int = 0
    """Frames the output accepted."""
    driven: int = 0
    """Different pictures among them that came from the camera."""
    idle: int = 0
    """Frames sent while the avatar idled for want of a camera picture."""
    repeated: int = 0
    """Frames sent again because no newer one was ready."""
    stalls: int = 0
    """Gaps between sends of more than two periods."""
    fps: float = 0.0
    """Frames sent per second, over the last two seconds."""
    first_driven: float | None = None
    """Seconds from the start until the first picture from the camera was accepted."""
    provider: str = ""
    """What the renderer runs on; empty while it loads."""
    troubles: dict[str, str] = field(default_factory=dict)
    """What is wrong at the moment: stage -> message; empty when all is well."""
    drops: dict[str, int] = field(default_factory=dict)
    """Pictures replaced by newer ones before the next stage took them, by stage."""
    ages: Ages = field(default_factory=Ages)
    """Capture to acceptance by the output, of the camera's pictures, each at its first showing."""
    intervals: Ages = field(default_factory=Ages)
    """Between one send and the next."""


class Live:
    """One run. The parts are opened by their threads, so frames flow while they load."""

    def __init__(
        self,
        *,
        open_camera: Callable[[], Camera],
        open_tracker: Callable[[], Tracker],
        retargeter: Retargeter,
        open_renderer: Callable[[], Renderer],
        output: Output,
        size: tuple[int, int],
        fps: float = 30.0,
        reopen: bool = True,
        follow: bool = True,
        on_status: Callable[[Report], None] | None = None,
    ) -> None:
        """size: the avatar's (width, height), for the empty picture while it loads.

        reopen: a camera that fails after its first picture is tried again and again (not for files).
        follow: shift the send times to just after the pictures are ready; off where the number of frames is
        the time, as in video files.
        """
        self.report = Report()
        self._open_camera = open_camera
        self._open_tracker = open_tracker
        self._motion = _Motion(retargeter)
        self._open_renderer = open_renderer
        self._output = output
        self._pacer = Pacer(fps)
        self._lock = PhaseLock(self._pacer.period) if follow else None
        self._reopen = reopen
        self._on_status = on_status
        self._blank = AvatarFrame(np.zeros((size[1], size[0], 4), np.uint8), 0.0)
        self._stop = threading.Event()
        self._camera: Camera | None = None
        self._frames: Mailbox[Frame] = Mailbox()
        self._expressions: Mailbox[Expression] = Mailbox()
        self._pictures: Mailbox[_Picture] = Mailbox()
        self._next: Mailbox[_Swap] = Mailbox()
        self._loader = ThreadPoolExecutor(1, "swap")
        self._boxes: dict[str, Mailbox[Any]] = {
            "capture": self._frames,
            "track": self._expressions,
            "render": self._pictures,
        }

    def stop(self) -> None:
        """End the run soon. From any thread."""
        self._stop.set()

    def swap(self, open_renderer: Callable[[], Renderer]) -> None:
        """Go on with another renderer, between two frames. From any thread; returns when it draws.

        It is opened here, beside the running one, which goes on when that fails; the error is raised here."""
        # One thread for all: each thread has an arena of its own to leave holes in.
        self._loader.submit(self._swap, open_renderer).result()

    def _swap(self, open_renderer: Callable[[], Renderer]) -> None:
        swap = _Swap(open_renderer())
        try:
            self._next.put(swap)
        except Closed:
            swap.renderer.close()
            raise
        while not swap.done.wait(0.1):
            if self._stop.is_set():
                raise Closed

    def run(self) -> Report:
        """Send frames until the source ends, stop() is called, the output's window is closed or Ctrl-C comes.

        Must be called in the main thread for outputs with a window. Raises the error of a part that cannot be
        opened, or that failed for good. Does not close the output."""
        workers = [
            worker(self._capture, self._frames, "capture"),
            worker(self._track, self._expressions, "track"),
            worker(self._render, self._pictures, "render"),
        ]
        try:
            self._send()
        except (Closed, KeyboardInterrupt):
            pass
        finally:
            self._stop.set()
            for box in (*self._boxes.values(), self._next):
                box.close()
            if self._camera is not None:
                self._camera.close()  # a read that blocks ends
            for thread in workers:
                thread.join(timeout=2)
            self._loader.shutdown(wait=False, cancel_futures=True)
            self._count_drops()
        return self.report

    def _capture(self) -> None:
        seen = False
        while not self._stop.is_set():
            try:
                self._camera = self._open_camera()
                try:
                    for frame in self._camera:
                        seen = True
                        self.report.troubles.pop("camera", None)
                        self._frames.put(frame)
                finally:
                    self._camera.close()
                return
            except CameraError as error:
                if not seen or not self._reopen:
                    raise
                self.report.troubles["camera"] = str(error)
                self._stop.wait(REOPEN_EVERY)

    def _track(self) -> None:
        tracker = self._open_tracker()
        self._frames.drops = 0  # what came while the model loaded is not lost
        try:
            for frame in self._frames:
                try:
                    face = tracker.track(frame)
                    if face is not None and not face.sound:
                        raise TrackerError(
                            tr("what the tracker gave is no face (NaN?)", "跟踪器给出的不是人脸（NaN？）")
                        )
                    expression = self._motion.driven(face, frame.time)
                    self.report.troubles.pop("tracker", None)
                except Exception as error:  # one bad frame is no reason to go off the air
                    self.report.troubles["tracker"] = _told(error)
                    expression = self._motion.driven(None, frame.time)
                self._expressions.put(expression)
        finally:
            tracker.close()

    def _render(self) -> None:
        renderer = self._open_renderer()
        self.report.provider = getattr(renderer, "provider", "")
        self._expressions.drops = 0
        driven_at = good_at = -np.inf
        patience = IDLE_AFTER
        try:
            while True:
                if (swap := self._next.take(0)) is not None:
                    renderer, old = swap.renderer, renderer
                    old.close()
                    self.report.provider = getattr(renderer, "provider", "")
                    swap.done.set()
                expression = self._expressions.take(self._pacer.period)
                driven = expression is not None
                if driven:
                    # A tracker that needs half a second a picture is slow, not gone.
                    gap = now() - driven_at
                    if gap < SLOWEST:
                        patience = max(IDLE_AFTER, 2 * gap)
                    driven_at = now()
                elif now() - driven_at < patience:
                    continue
                try:
                    picture = renderer.render(expression or self._motion.idle(now()))
                except Exception as error:
                    # One bad frame is no reason to go off the air; a broken renderer is.
                    if now() - good_at > GIVE_UP:
                        raise
                    self.report.troubles["renderer"] = _told(error)
                    continue
                good_at = now()
                self.report.troubles.pop("renderer", None)
                self._pictures.put(_Picture(picture, driven, good_at))
        finally:
            renderer.close()

    def _send(self) -> None:
        report, period = self.report, self._pacer.period
        rate, start = Rate(), now()
        frame, driven, last, status_at = self._blank, False, None, start
        began: float | None = None
        while not self._stop.is_set():
            due = self._pacer.wait()
            began = due if began is None else began
            taken_at = now()
            picture = self._pictures.take(timeout=0)
            if picture is not None:
                frame, driven = picture.frame, picture.driven
            self._output.send(frame, due - began)
            accepted = now()

            report.sent += 1
            if last is not None:
                report.intervals.add(accepted - last)
                report.stalls += accepted - last > 2 * period
            last = accepted
            rate.add(accepted)
            if not driven:
                report.idle += 1
            elif picture is None:
                report.repeated += 1
            else:
                report.driven += 1
                report.ages.add(accepted - frame.time)
                if report.first_driven is None:
                    report.first_driven = accepted - start
            if self._lock is not None and driven:
                self._pacer.shift(
                    self._lock.missed() if picture is None else self._lock.ready(taken_at - picture.ready)
                )
            report.seconds, report.fps = accepted - start, rate.fps
            if self._on_status is not None and accepted - status_at >= STATUS_EVERY:
                status_at = accepted
                self._count_drops()
                self._on_status(report)

    def _count_drops(self) -> None:
        self.report.drops = {name: box.drops for name, box in self._boxes.items()}


def _told(error: Exception) -> str:
    """The error for the user; with its type where it was not written for users."""
    return str(error) if isinstance(error, LiveAvatarError) else f"{type(error).__name__}: {error}"


@dataclass(frozen=True)
class _Picture:
    frame: AvatarFrame
    driven: bool
    """From the camera, not from idling."""
    ready: float
    """Seconds, when it was rendered."""


@dataclass(frozen=True)
class _Swap:
    renderer: Renderer
    done: threading.Event = field(default_factory=threading.Event)


class _Motion:
    """One retargeter for two threads: the tracker drives it, the renderer idles it while nothing comes."""

    def __init__(self, retargeter: Retargeter) -> None:
        self._retargeter = retargeter
        self._lock = threading.Lock()
        self._last = -np.inf

    def driven(self, face: Face | None, time: float) -> Expression:
        """The expression for a camera picture taken at `time`, which stays the expression's time."""
        return self._step(face, time)

    def idle(self, time: float) -> Expression:
        """The expression when there is no camera picture."""
        return self._step(None, time)

    def _step(self, face: Face | None, time: float) -> Expression:
        with self._lock:
            # A picture captured before the last idle step comes after it: time must not run backwards.
            self._last = max(time, self._last + 1e-4)
            return replace(self._retargeter.retarget(face, self._last), time=time)
