"""What a live run did so far, and what is wrong with it."""

import logging
import sys
from dataclasses import dataclass, field

from liveavatar.base.timing import Ages, Rate
from liveavatar.errors import LiveAvatarError
from liveavatar.live.governor import Governor

log = logging.getLogger(__name__)


@dataclass
class Report:
    """Written by the loop, read by the status line and the summary."""

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
    card: bool = False
    """The neutral card is shown in place of the avatar."""
    governor: Governor = field(default_factory=Governor)
    """What is left undone at the moment, and was so far."""
    troubles: dict[str, str] = field(default_factory=dict)
    """What is wrong at the moment: stage -> message; empty when all is well."""
    notes: dict[str, str] = field(default_factory=dict)
    """What the user should know while all goes on: stage -> message, as of the camera's picture."""
    drops: dict[str, int] = field(default_factory=dict)
    """Pictures replaced by newer ones before the next stage took them, by stage."""
    ages: Ages = field(default_factory=Ages)
    """Capture to acceptance by the output, of the camera's pictures, each at its first showing."""
    lips: Ages = field(default_factory=Ages)
    """From a sound to acceptance by the output of the picture whose mouth says it; of pictures while a microphone is heard."""
    lips_lag: float | None = None
    """Seconds that the sound in a picture is older than the picture's time; None: no microphone."""
    microphone: str = ""
    """The microphone's level or state for the status line; empty where there is none."""
    voice: str = ""
    """The voice's delay or state for the status line; empty where none is sent."""
    voice_delay: float | None = None
    """Seconds from a sound to its being heard by others; None while it is not."""
    voice_late: int = 0
    """Blocks of the voice that were not there in time."""
    voice_apart: Ages = field(default_factory=Ages)
    """Seconds that the voice was heard after the picture that goes with it, below 0 before; four times a second."""
    intervals: Ages = field(default_factory=Ages)
    """Between one send and the next."""
    _recovered: set[str] = field(default_factory=set)
    _rate: Rate = field(default_factory=Rate)
    _last: float | None = None

    def accept(self, at: float, start: float, period: float) -> None:
        """The output accepted a frame. at, start of the run, period: seconds."""
        self.sent += 1
        if self._last is not None:
            self.intervals.add(at - self._last)
            self.stalls += at - self._last > 2 * period
        self._last = at
        self._rate.add(at)
        self.seconds, self.fps = at - start, self._rate.fps

    def show(self, at: float, start: float, time: float, driven: bool, fresh: bool) -> None:
        """The accepted frame showed the avatar. time: of what it shows, of the camera's picture where that drives it (driven), of
        idling else. fresh: it was not shown before. All in seconds."""
        if fresh and self.lips_lag is not None:
            self.lips.add(at - time + self.lips_lag)
        if not driven:
            self.idle += 1
        elif not fresh:
            self.repeated += 1
        else:
            self.driven += 1
            self.ages.add(at - time)
            if self.first_driven is None:
                self.first_driven = at - start

    @property
    def delayed(self) -> Ages:
        """What the user's voice has to be delayed by: as the lips are where a microphone moves them, else as the face is."""
        return self.lips if self.lips.count else self.ages

    def trouble(self, stage: str, message: str) -> None:
        """Something is wrong with this stage."""
        if self.troubles.get(stage) != message:
            raised = log.isEnabledFor(logging.DEBUG) and sys.exc_info()[0] is not None
            log.warning("%s: %s", stage, message, exc_info=raised)
        self._recovered.discard(stage)
        self.troubles[stage] = message

    def well(self, stage: str) -> None:
        """Nothing is wrong with this stage; its trouble stands until it was told."""
        if stage in self.troubles:
            self._recovered.add(stage)

    def note(self, stage: str, note: str) -> None:
        """What the user should know of this stage while all goes on; empty for nothing."""
        if note:
            self.notes[stage] = note
        else:
            self.notes.pop(stage, None)

    def acknowledge(self, troubles: dict[str, str]) -> None:
        """These troubles were told; what is over of them goes."""
        for stage, message in troubles.items():
            if stage in self._recovered and self.troubles.get(stage) == message:
                self._recovered.discard(stage)
                self.troubles.pop(stage, None)
                log.info("%s: well again", stage)


def message_of(error: BaseException) -> str:
    """The error for the user; with its type where it was not written for users."""
    return str(error) if isinstance(error, LiveAvatarError) else f"{type(error).__name__}: {error}"
