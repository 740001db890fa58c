"""The five contracts of the live line, whole: nobody asks a part for more than stands here.

Structural: an implementation need not inherit from them. One that does gets what has a default here, so it says only what it
must (examples/). tests/contracts/ holds one test per contract, parametrised over every implementation: a new one joins the
list there.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from liveavatar.types import AvatarFrame, Expression, Face, Frame


class Camera(Protocol):
    """A source of pictures."""

    size: tuple[int, int]
    """(width, height) in pixels."""
    fps: float
    """Nominal frames per second."""

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know about the source as read so far."""
        return ()

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames with strictly increasing index and time until the source ends.

        Must raise CameraError when the source fails. Called once."""
        ...

    def close(self) -> None:
        """Release the device. May be called twice, and from another thread than the one iterating."""
        return


class Tracker(Protocol):
    """Finds the face in a picture."""

    @property
    def note(self) -> str:
        """What the user should know about how their face is seen; empty when it is well seen."""
        return ""

    def track(self, frame: Frame) -> Face | None:
        """The face, or None where none is seen. Frames come with strictly increasing times."""
        ...

    def close(self) -> None:
        """Release the model. May be called twice."""
        return


class Retargeter(Protocol):
    """Turns one person's face into a person-independent expression. Holds state; reads no clock.

    In two halves where more is drawn than tracked: retarget() is finish(read())."""

    def retarget(self, face: Face | None, time: float) -> Expression:
        """The expression at `time` (seconds, strictly increasing). With None the avatar idles back to neutral."""
        ...

    def read(self, face: Face | None, time: float) -> Expression:
        """The same without what moves at the output's rate; between two of these one may be interpolated."""
        return self.retarget(face, time)

    def finish(self, expression: Expression) -> Expression:
        """What was read, or lies between two that were, with what moves at the output's rate: hair, ears, body, what other
        sources than the tracker say.

        Times rise as a rule; may be called from another thread than read(), never at the same time."""
        return expression


class Renderer(Protocol):
    """Draws the avatar. Pure: the same expression gives the same picture."""

    size: tuple[int, int]
    """(width, height) in pixels of what render() returns."""
    provider: str = ""
    """What it runs on, for the user: cpu, cuda, ..."""
    fallback: str = ""
    """Why it does not run on the GPU that there is; empty where it runs on what was asked for."""
    draw: str = "cpu"
    """What puts the picture together at the moment: cpu or gpu."""
    gpu: str = ""
    """The name of the GPU that does, as its driver gives it; empty for none."""

    def render(self, expression: Expression) -> AvatarFrame:
        """The picture for this expression, with the expression's time."""
        ...

    def sketch(self, expression: Expression) -> AvatarFrame:
        """The same where it is not sure that anybody looks at the picture: composed later, on demand, if that saves work."""
        return self.render(expression)

    def close(self) -> None:
        """Release the session. May be called twice, and from another thread: a render() that hangs should end then."""
        return


class Output(Protocol):
    """Takes finished frames. Must refuse anything but AvatarFrame with TypeError."""

    label: str = "output"
    """For the user: the file's path, the device, the kind."""
    notes: Sequence[str] = ()
    """What to tell the user once it is open."""

    @property
    def left_out(self) -> int:
        """Frames it had no time to keep."""
        return 0

    @property
    def needs_pictures(self) -> bool:
        """Whether the pictures of the next frames are looked at. False: what they are composed of is enough at the moment; one
        that has no picture yet composes it here. May change at any time."""
        return True

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Deliver one frame. Does not pace: the caller owns the clock. Raises OutputError on failure, and Closed
        (base.mailbox) once the user closed it.

        at: seconds since the run began, on the output's own clock; None is one period after the last frame. What is
        shown at once may ignore it; what keeps the frames, as files do, must not: missed periods stay missing."""
        ...

    def on_key(self, press: Callable[[str], None]) -> None:
        """From now on call `press` with every key, a character, that is pressed in the output's own window."""
        return

    def keep(self) -> Path | None:
        """Leave what was written so far under the name it has until it is whole; returned, None where nothing is kept."""
        return None

    def abort(self) -> None:
        """Give up what is being written: no file, and an older one of that name as it was."""
        return

    def close(self) -> None:
        """Finish the file, release the device. May be called twice."""
        return
