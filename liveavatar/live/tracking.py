"""The tracker's thread: of camera pictures, all or one in so many, expressions."""

import logging
from collections.abc import Callable

import numpy as np

from liveavatar.base.heap import give_back
from liveavatar.base.mailbox import Mailbox
from liveavatar.base.timing import now
from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.live.cues import Tracked
from liveavatar.live.performer import Performer
from liveavatar.live.report import Report, message_of
from liveavatar.live.watchdog import Attempt, Stage
from liveavatar.stages import Tracker
from liveavatar.types import Frame

log = logging.getLogger(__name__)


class Tracking:
    """What the stage does; begun anew with another tracker where one hangs."""

    def __init__(
        self,
        stage: Stage[Tracked],
        frames: Mailbox[Frame],
        open_tracker: Callable[[], Tracker],
        performer: Performer,
        patience: float,
        report: Report,
    ) -> None:
        """patience: seconds of nothing but errors until another tracker is opened."""
        self._stage, self._frames = stage, frames
        self._open_tracker, self._performer = open_tracker, performer
        self._patience = patience
        self._report = report
        self.rest = 0.0
        """Seconds without tracking after the capture of a tracked picture; 0: all are."""

    def work(self, attempt: Attempt[Tracked]) -> None:
        """Until the camera's pictures end."""
        attempt.part = tracker = self._open_tracker()
        log.info("tracker: open")
        if not self._stage.proven:
            self._frames.drops = 0  # what came while the model loaded is not lost
        failing, patience, tracked = None, self._patience, -np.inf
        try:
            while True:
                with attempt.waiting():
                    frame = self._frames.take()
                assert frame is not None
                if 0 < frame.time - tracked < self.rest:
                    continue
                tracked = frame.time
                try:
                    face = tracker.track(frame)
                    if face is not None and not face.sound:
                        what = tr("what the tracker gave is no face (NaN?)", "跟踪器给出的不是人脸（NaN？）")
                        raise TrackerError(what)
                    failing, patience = None, self._patience
                    self._report.well("tracker")
                except Exception as error:  # one bad frame is no reason to go off the air
                    attempt.check()
                    face = None
                    self._report.trouble("tracker", message_of(error))
                    failing = failing or now()
                self._report.note("tracker", tracker.note)
                attempt.put(Tracked(self._performer.follow(face, frame.time), now()))
                if failing and now() - failing > patience:  # nothing but errors: a new one may do better
                    failing, patience = None, 2 * patience
                    attempt.part = tracker = self._another(tracker)
        finally:
            tracker.close()
            give_back()

    def _another(self, tracker: Tracker) -> Tracker:
        """Another tracker; the same one where none can be opened."""
        try:
            fresh = self._open_tracker()
        except Exception as error:
            self._report.trouble("tracker", message_of(error))
            return tracker
        log.info("tracker: opened anew")
        tracker.close()
        give_back()
        return fresh
