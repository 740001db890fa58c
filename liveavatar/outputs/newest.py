"""An output that keeps the newest frame, for who looks at it now and then: the avatar as it is sent, never a camera picture."""

from collections.abc import Callable
from pathlib import Path

from liveavatar.stages import Output
from liveavatar.types import AvatarFrame


class Newest(Output):
    """Another output, and what was sent to it last."""

    def __init__(self, output: Output) -> None:
        """output: closed with this one."""
        self.output = output
        self.label, self.notes = output.label, output.notes
        self.frame: AvatarFrame | None = None
        """What the output was given last."""

    @property
    def needs_pictures(self) -> bool:
        """The output's: who looks here composes the picture by himself."""
        return self.output.needs_pictures

    @property
    def left_out(self) -> int:
        """Of the output."""
        return self.output.left_out

    def on_key(self, press: Callable[[str], None]) -> None:
        """Of the output's window."""
        self.output.on_key(press)

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Keep it and deliver it."""
        self.frame = frame
        self.output.send(frame, at)

    def keep(self) -> Path | None:
        """Of the output."""
        return self.output.keep()

    def abort(self) -> None:
        """Give up what the output writes."""
        self.output.abort()

    def close(self) -> None:
        """Close the output. May be called twice."""
        self.output.close()
