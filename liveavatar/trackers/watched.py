"""A tracker under watch: what it gave last, and whether it ever gave a face: an avatar that only idles is a mistake."""

from collections.abc import Callable

from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.stages import Tracker
from liveavatar.types import Face, Frame


class FaceRecord:
    """What the trackers of one run gave: a tracker may be opened anew meanwhile."""

    def __init__(self) -> None:
        self.last: Face | None = None
        """Of the newest frame."""
        self.any = False
        """There was a face in some frame."""
        self.notes: tuple[str, ...] = ()
        """What the tracker said last about how the face is seen."""

    def require(self, clip: str, give_up: Callable[[], None]) -> None:
        """Raise TrackerError where there was no face in the whole clip, after calling give_up()."""
        if self.any:
            return
        give_up()
        message = tr(
            f"no face was found in any frame of {clip}. Give a clip in which one face is well lit and large.",
            f"在 {clip} 的所有帧中都没有找到人脸。请提供人脸清晰、光线充足的视频。",
        )
        raise TrackerError("\n".join([message, *self.notes]))


class Watched(Tracker):
    """Tracks with another tracker and keeps the record."""

    def __init__(self, tracker: Tracker, record: FaceRecord) -> None:
        self._tracker = tracker
        self._record = record

    @property
    def note(self) -> str:
        """The tracker's."""
        return self._tracker.note

    def track(self, frame: Frame) -> Face | None:
        """The tracker's face, written down."""
        face = self._tracker.track(frame)
        self._record.last = face
        self._record.any = self._record.any or face is not None
        if note := self._tracker.note:
            self._record.notes = (note,)
        return face

    def close(self) -> None:
        """Close the tracker."""
        self._tracker.close()
