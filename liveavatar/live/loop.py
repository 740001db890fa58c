"""The live loop: the line's newest picture is sent in each period.

The sender owns the clock: whatever camera, tracker and renderer do, a frame is sent. Knows stages and types, no
implementation.
"""

import math
import threading
from collections import deque
from collections.abc import Callable

from liveavatar.base.mailbox import Closed
from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import Pacer, PhaseLock, now, process_seconds
from liveavatar.errors import LiveAvatarError, OutputAway
from liveavatar.language import tr
from liveavatar.live.governor import Governor, Sample
from liveavatar.live.line import GIVE_UP, Line, Picture
from liveavatar.live.neutral_card import neutral_card
from liveavatar.live.report import Report, message_of
from liveavatar.stages import Camera, Output, Renderer, Retargeter, Tracker
from liveavatar.types import AvatarFrame

STATUS_EVERY = 0.5
"""Seconds between two status reports."""
LOOKS = 2
"""Of the governor, for each status report."""


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
        smooth: bool = False,
        governor: Governor | None = None,
        package: str = "",
        card: AvatarFrame | None = None,
        on_status: Callable[[Report], None] | None = None,
    ) -> None:
        """size: the avatar's (width, height), for the empty picture while it loads.

        reopen: a camera that fails after its first picture is tried again and again (not for files).
        follow: shift the send times to just after the pictures are ready; off where the number of frames is
        the time, as in video files.
        smooth: where frames are sent at a higher rate than the camera's, draw what lies between the camera's, see interpolation.
        governor: does less where the machine is busy; None: all is always done.
        package: tells open_renderer's avatar from others, see swap().
        card: what panic() shows; None for the usual card in the avatar's size.
        on_status: called in a thread of its own.
        """
        self.report = Report()
        self._output = output
        self._card = card or neutral_card(size)
        self._pacer = Pacer(fps)
        self._lock = PhaseLock(self._pacer.period) if follow else None
        self._on_status = on_status
        self._governor = governor
        if governor is not None:
            self.report.governor = governor
        self._looks: deque[tuple[int, int, int]] = deque(maxlen=2 * LOOKS + 1)
        """Of the last second: ages taken, frames sent for which a picture between tracked ones was due, and that lacked it."""
        self._due = self._lacked = 0
        self._stop = threading.Event()
        self._turns = 0
        """Of the sender."""
        self._failing: float | None = None
        """Since when the output takes nothing, seconds."""
        self._line = Line(
            open_camera=open_camera,
            open_tracker=open_tracker,
            retargeter=retargeter,
            open_renderer=open_renderer,
            package=package,
            reopen=reopen,
            size=size,
            period=self._pacer.period,
            needs_pictures=lambda: output.needs_pictures,
            smooth=smooth,
            report=self.report,
        )

    def stop(self) -> None:
        """End the run soon. From any thread."""
        self._stop.set()

    def panic(self) -> bool:
        """Show the neutral card from the next frame on, or, when it is shown, the avatar again. From any thread; returns
        whether the card is shown now."""
        self.report.card = not self.report.card
        return self.report.card

    def swap(self, open_renderer: Callable[[], Renderer], package: str = "") -> None:
        """Go on with another renderer, see Line.swap(). LiveAvatarError when the run ends first."""
        try:
            self._line.swap(open_renderer, package)
        except Closed as closed:
            message = tr("liveavatar ended before the avatar was there.", "形象尚未就绪，liveavatar 已结束。")
            raise LiveAvatarError(message) from closed

    def change_camera(self, open_camera: Callable[[], Camera]) -> None:
        """Go on with another camera, see Line.change_camera(). LiveAvatarError when the run ends first."""
        try:
            self._line.change_camera(open_camera)
        except Closed as closed:
            message = tr(
                "liveavatar ended before the camera was there.", "摄像头尚未就绪，liveavatar 已结束。"
            )
            raise LiveAvatarError(message) from closed

    def run(self) -> Report:
        """Send frames until the source ends, stop() is called, the output's window is closed or Ctrl-C comes.

        Must be called in the main thread for outputs with a window. Raises the error of a part that cannot be
        opened, or of the source or the output. Does not close the output."""
        self._line.begin()
        status = Detached(self._report_status, name="status")
        try:
            self._send()
        except (Closed, KeyboardInterrupt):
            pass
        finally:
            self._stop.set()
            self._line.end()
            status.join(STATUS_EVERY)
            self.report.acknowledge(dict(self.report.troubles))
        return self.report

    def _send(self) -> None:
        period = self._pacer.period
        start = turn = now()
        shown, began = Picture(self._line.neutral, False, start), None
        while not self._stop.is_set():
            due = self._pacer.wait()
            began = due if began is None else began
            turn, before = now(), turn
            self._turns += 1
            self._line.watch(min(turn - before, 2 * period))  # a process that stood still waits for nobody
            picture = self._line.pictures.take(timeout=0)
            fresh = picture is not None and picture.frame is not shown.frame
            shown = picture or shown
            card = self.report.card
            if not self._deliver(self._card if card else shown.frame, due - began):
                continue
            accepted = now()
            self.report.accept(accepted, start, period)
            if self._line.between and shown.driven:
                self._due += 1
                self._lacked += not fresh
            if not card:
                self.report.show(accepted, start, shown.frame.time, shown.driven, fresh)
            if self._lock is not None and shown.driven:
                if picture is not None:
                    self._pacer.shift(self._lock.ready(turn - picture.ready))
                elif not self._line.sparse:  # else none was due
                    self._pacer.shift(self._lock.missed())

    def _deliver(self, frame: AvatarFrame, at: float) -> bool:
        """Send one frame; whether the output took it. Raises what is a reason to go off the air."""
        try:
            self._output.send(frame, at)
        except OutputAway as away:
            self.report.trouble("output", str(away))
            return False
        except (Closed, LiveAvatarError):
            raise
        except Exception as error:  # one frame that cannot be shown is none
            self._failing = self._failing or now()
            if now() - self._failing > GIVE_UP:
                raise
            self.report.trouble("output", message_of(error))
            return False
        self._failing = None
        self.report.well("output")
        return True

    def _sample(self) -> Sample:
        report = self.report
        self._looks.append((report.ages.count, self._due, self._lacked))
        recent = list(self._looks)[-LOOKS - 1 :]
        ages = recent[-1][0] - recent[0][0]
        _, due, lacked = (b - a for a, b in zip(self._looks[0], self._looks[-1], strict=True))
        age = report.ages.ms(80, ages) / 1000 if ages else math.nan
        return Sample(now(), process_seconds(), report.sent, age, lacked / due if due else 0.0)

    def _report_status(self) -> None:
        """The status, from a thread of its own: a terminal that blocks holds nothing up."""
        turns, waited, looks = -1, 0.0, 0
        while not self._stop.wait(STATUS_EVERY / LOOKS):
            if self._governor is not None and self.report.first_driven is not None:
                self._governor.look(self._sample())
                self._line.take_on(self._governor.effort)
            looks += 1
            if looks % LOOKS:
                continue
            waited = waited + STATUS_EVERY if turns == self._turns else 0.0
            turns = self._turns
            if waited >= GIVE_UP:
                what = tr(f"has taken nothing for {GIVE_UP:g} s", f"{GIVE_UP:g} 秒没有接收画面")
                self.report.trouble("output", what)
            self._line.count_drops()
            troubles = dict(self.report.troubles)
            if self._on_status is not None:
                self._on_status(self.report)
            self.report.acknowledge(troubles)
