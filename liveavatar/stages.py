"""The five contracts of the live line. Structural: implementations do not inherit from them.

tests/contracts/ holds one test per contract, parametrised over every implementation: a new one joins the list there.
"""

from collections.abc import Iterator
from typing import Protocol

from liveavatar.types import AvatarFrame, Expression, Face, Frame


class Camera(Protocol):
    """A source of pictures."""

    size: tuple[int, int]
    """(width, height) in pixels."""
    fps: float
    """Nominal frames per second."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames with strictly increasing index and time until the source ends.

        Must raise CameraError when the source fails. Called once."""
        ...

    def close(self) -> None:
        """Release the device. May be called twice, and from another thread than the one iterating."""
        ...


class Tracker(Protocol):
    """Finds the face in a picture."""

    def track(self, frame: Frame) -> Face | None:
        """The face, or None where none is seen. Frames come with strictly increasing times."""
        ...

    def close(self) -> None:
        """Release the model. May be called twice."""
        ...


class Retargeter(Protocol):
    """Turns one person's face into a person-independent expression. Holds state; reads no clock."""

    def retarget(self, face: Face | None, time: float) -> Expression:
        """The expression at `time` (seconds, strictly increasing). With None the avatar idles back to neutral."""
        ...


class Renderer(Protocol):
    """Draws the avatar. Pure: the same expression gives the same picture."""

    size: tuple[int, int]
    """(width, height) in pixels of what render() returns."""

    def render(self, expression: Expression) -> AvatarFrame:
        """The picture for this expression, with the expression's time."""
        ...

    def close(self) -> None:
        """Release the session. May be called twice, and from another thread: a render() that hangs should end then."""
        ...


class Output(Protocol):
    """Takes finished frames. Must refuse anything but AvatarFrame with TypeError."""

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Deliver one frame. Does not pace: the caller owns the clock. Raises OutputError on failure.

        at: seconds since the run began, on the output's own clock; None is one period after the last frame. What is
        shown at once may ignore it; what keeps the frames, as files do, must not: missed periods stay missing."""
        ...

    def close(self) -> None:
        """Finish the file, release the device. May be called twice."""
        ...
