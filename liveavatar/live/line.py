"""The threads of a run: capture -> one slot -> track and retarget -> one slot -> render -> one slot.

Every thread works on the newest thing there is. One that hangs is left behind, and another does its work.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from liveavatar.base.heap import give_back
from liveavatar.base.mailbox import Closed, Mailbox
from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import now
from liveavatar.controls import neutral
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.live.cues import Cues, Tracked
from liveavatar.live.governor import Effort
from liveavatar.live.performer import Performer
from liveavatar.live.report import Report, message_of
from liveavatar.live.tracking import Tracking
from liveavatar.live.watchdog import Attempt, PartOpener, Stage
from liveavatar.stages import Camera, Renderer, Retargeter, Tracker
from liveavatar.types import AvatarFrame, Expression, Frame

log = logging.getLogger(__name__)

REOPEN_EVERY = 2.0
"""Seconds between attempts to get a lost camera back."""
GIVE_UP = 2.0
"""Seconds in which a part gives nothing, or nothing but errors, until another takes its place."""
CAMERA_GIVE_UP = 5.0
"""The same for a camera: drivers have time limits of their own."""
OPENING = 10.0
"""Seconds a part may take to open until the user is told."""
ENDING = 0.7
"""Seconds that all threads together have to end."""

QUICKER = 1.5
"""Frames sent for each of the camera's, from which on those between are worth drawing."""

Work = Callable[[Attempt[Any]], None]


@dataclass(frozen=True)
class Picture:
    """What the line makes."""

    frame: AvatarFrame
    driven: bool
    """From the camera, not from idling."""
    ready: float
    """Seconds, when it was rendered."""


class Line:
    """From the camera to the newest picture. watch() and end() belong to one thread, swap() to any."""

    def __init__(
        self,
        *,
        open_camera: Callable[[], Camera],
        open_tracker: Callable[[], Tracker],
        retargeter: Retargeter,
        open_renderer: Callable[[], Renderer],
        package: str,
        reopen: bool,
        size: tuple[int, int],
        period: float,
        needs_pictures: Callable[[], bool],
        smooth: bool,
        report: Report,
    ) -> None:
        """See Live. period: seconds between the frames that are sent. needs_pictures: the output's. report: where troubles and
        drops are written."""
        self._report = report
        self._open_camera = open_camera
        self._performer = Performer(retargeter, report)
        self._open_renderer, self._package = open_renderer, package
        self._reopen = reopen
        self._period, self._smooth = period, smooth
        self._camera_period = 0.0
        self._effort = Effort()
        self.between = False
        """Pictures between tracked ones are drawn."""
        self._needs_pictures = needs_pictures
        self._frames: Mailbox[Frame] = Mailbox()
        self._expressions: Mailbox[Tracked] = Mailbox()
        self.pictures: Mailbox[Picture] = Mailbox()
        """Closed when the source ended, with the error if a part failed for good."""
        self._capturing = Stage("camera", self._frames, patience=CAMERA_GIVE_UP, opening=OPENING, final=True)
        self._tracking = Stage("tracker", self._expressions, patience=GIVE_UP, opening=OPENING)
        self._rendering = Stage("renderer", self.pictures, patience=GIVE_UP, opening=OPENING)
        self._stages: tuple[Stage[Any], ...] = (self._capturing, self._tracking, self._rendering)
        self._tracks = Tracking(self._tracking, self._frames, open_tracker, self._performer, GIVE_UP, report)
        self._opener = PartOpener()
        self._changing = threading.Lock()
        """Held to put one attempt of a stage in place of another."""
        self._ended = threading.Event()
        self._failures: Counter[str] = Counter()
        """How often the tracker, and each package, gave nothing."""
        self.neutral = AvatarFrame(np.zeros((size[1], size[0], 4), np.uint8), 0.0)
        """The avatar at rest, for when nothing draws; empty while it loads."""

    def take_on(self, effort: Effort) -> None:
        """Do so much from the next picture on; from any thread."""
        self._effort = effort
        self._tracks.rest = (effort.every - 0.5) * self._camera_period if effort.every > 1 else 0.0

    @property
    def sparse(self) -> bool:
        """Not every picture of the camera is tracked."""
        return self._tracks.rest > 0

    def begin(self) -> None:
        """Start the threads."""
        self._capturing.begin(partial(self._capture, None))
        self._tracking.begin(self._tracks.work)
        self._rendering.begin(partial(self._render, None))

    def end(self) -> None:
        """Stop the threads and close their parts; leave behind who hangs. Takes ENDING seconds at most."""
        with self._changing:
            self._ended.set()
        self._opener.end()
        for stage in self._stages:
            stage.box.close()
        end = now() + ENDING
        closing = self._capturing.close_part()  # a read that blocks ends
        for stage in self._stages:
            stage.join(end - ENDING / 2 - now())
        if not self._rendering.join(0):
            self._rendering.close_part()
        for stage in self._stages:
            stage.join(end - now())
        closing.join(max(0.0, end - now()))
        for stage in self._stages:
            if not stage.join(0):
                log.warning("%s: hangs, left behind", stage.name)
        self.count_drops()

    def count_drops(self) -> None:
        """Bring the report's up to date."""
        drops = (stage.box.drops for stage in self._stages)
        self._report.drops = dict(zip(("capture", "track", "render"), drops, strict=True))

    def swap(self, open_renderer: Callable[[], Renderer], package: str = "") -> None:
        """Go on with another renderer, between two frames. From any thread; returns when it draws.

        It is opened here, beside the running one, which goes on when that fails; the error is raised here.
        package: of the new avatar; AvatarError for one that gave nothing twice."""
        if package and self._failures[package] > 1:
            raise AvatarError(
                tr(
                    "this avatar gave no picture for too long, twice: start liveavatar anew to use it again.",
                    "该形象已两次长时间没有画面：请重新启动 liveavatar 后再使用。",
                )
            )
        renderer = self._opener.open(open_renderer, self._ended)
        with self._changing:
            if self._ended.is_set():
                renderer.close()
                raise Closed
            self._open_renderer, self._package = open_renderer, package
            self._rendering.begin(partial(self._render, renderer))
        log.info("renderer: swapped, on %s", renderer.provider)

    def change_camera(self, open_camera: Callable[[], Camera]) -> None:
        """Go on with another camera. From any thread; returns when it is open. It is opened beside the one that runs, which goes
        on when that fails; the error is raised here."""
        camera = self._opener.open(open_camera, self._ended)
        with self._changing:
            if self._ended.is_set():
                camera.close()
                raise Closed
            self._open_camera, before = open_camera, self._capturing.attempt.part
            self._capturing.begin(partial(self._capture, camera))
        if before is not None:  # a read that hangs ends
            Detached(before.close, name="closing")
        self._report.well("camera")
        log.info("camera: changed")

    def _capture(self, camera: Camera | None, attempt: Attempt[Frame]) -> None:
        while not self._ended.is_set():
            attempt.check()
            try:
                opened, camera = camera or self._open_camera(), None
                return self._read_camera(opened, attempt)
            except Closed:
                raise
            except Exception as error:
                attempt.check()
                if not self._capturing.proven or not self._reopen:
                    raise
                self._report.trouble("camera", message_of(error))
                with attempt.waiting():
                    self._ended.wait(REOPEN_EVERY)
            give_back()

    def _read_camera(self, camera: Camera, attempt: Attempt[Frame]) -> None:
        attempt.part = camera
        log.info("camera: open, %dx%d, %.1f fps", *camera.size, camera.fps)
        self._camera_period = 1 / max(camera.fps, 1.0)
        try:
            for frame in camera:
                attempt.put(frame)
                self._report.well("camera")
        finally:
            camera.close()
            attempt.part = None
            self._report.note("camera", "\n".join(camera.notes))

    def _render(self, renderer: Renderer | None, attempt: Attempt["Picture"]) -> None:
        attempt.part = renderer = renderer or self._open_renderer()
        self._report.provider = renderer.provider
        log.info("renderer: open, on %s", renderer.provider)
        if not self._rendering.proven:
            self._expressions.drops = 0
        cues, failing = Cues(self._expressions, self._performer, self._period), None
        try:
            picture = renderer.render(Expression(neutral(), now(), tracked=False))
            with self._changing:
                if attempt is self._rendering.attempt:
                    self.neutral = picture
            while True:
                self.between = self._draws_between(cues.quick)
                with attempt.waiting():
                    cue = cues.next(self.between)
                if cue is None:
                    continue
                draw = renderer.render if self._needs_pictures() else renderer.sketch
                try:
                    if self._effort.still or not cues.unmoved(cue):
                        began = now()
                        picture = draw(cue.expression)
                        cues.drew(cue, now() - began)
                except Exception as error:
                    # One bad frame is no reason to go off the air; a broken renderer is of no use.
                    attempt.check()
                    failing = failing or now()
                    if now() - failing > GIVE_UP:
                        raise
                    self._report.trouble("renderer", message_of(error))
                    continue
                failing = None
                attempt.put(Picture(picture, cue.driven, now()))
                self._report.well("renderer")
        finally:
            renderer.close()
            give_back()

    def _draws_between(self, quick: bool | None) -> bool:
        """Whether pictures between tracked ones are drawn: the camera is slow enough, the renderer quick enough, and it is not
        too much work."""
        wanted = self._smooth and self._camera_period >= QUICKER * self._period
        slow = tr(
            f"it takes too long for {1 / self._period:.0f} pictures a second: only the camera's are drawn",
            f"绘制耗时过长，达不到每秒 {1 / self._period:.0f} 幅：只绘制摄像头的画面",
        )
        self._report.note("renderer", slow if wanted and quick is False else "")
        return wanted and quick is True and self._effort.between

    def watch(self, seconds: float) -> None:
        """Find who gives nothing, and let another do its work. seconds: since the last time, while the process ran."""
        with self._changing:
            act = self._camera_lost, self._tracker_lost, self._renderer_lost
            for stage, lost in zip(self._stages, act, strict=True):
                if (what := stage.watch(seconds)) is None:
                    continue
                if stage.proven:
                    lost(what)
                else:
                    self._report.trouble(stage.name, what)

    def _camera_lost(self, what: str) -> None:
        if not self._reopen:
            self._report.trouble("camera", what)
            return
        self._report.trouble("camera", tr(f"{what}; opening it anew", f"{what}；正在重新打开"))
        self._capturing.close_part()
        self._capturing.begin(partial(self._capture, None))

    def _tracker_lost(self, what: str) -> None:
        advice = tr(
            " again; the avatar idles until liveavatar is started anew",
            "（再次发生）；重新启动 liveavatar 之前形象保持待机",
        )
        self._restart_once(
            self._tracking, "tracker", what, advice, self._tracks.work, partial(_discard, self._frames)
        )

    def _renderer_lost(self, what: str) -> None:
        advice = tr(
            " again; this avatar is used no more. Take another: liveavatar swap NAME",
            "（再次发生）；不再使用该形象。请换一个：liveavatar swap 名称",
        )
        again, without = partial(self._render, None), partial(_discard, self._expressions)
        self._rendering.close_part()
        self._restart_once(self._rendering, self._package, what, advice, again, without)
        self.pictures.put(Picture(self.neutral, False, now()))

    def _restart_once(
        self, stage: Stage[Any], part: str, what: str, advice: str, again: Work, without: Work
    ) -> None:
        """The first time the part gives nothing its work is begun again; then the stage does without."""
        self._failures[part] += 1
        if self._failures[part] < 2:
            self._report.trouble(stage.name, what + tr("; started anew", "；已重新启动"))
            stage.begin(again)
        else:
            self._report.trouble(stage.name, what + advice)
            stage.begin(without)


def _discard(box: Mailbox[Any], attempt: Attempt[Any]) -> None:
    """A stage without its part: take what comes, until the source ends."""
    while True:
        with attempt.waiting():
            box.take()
