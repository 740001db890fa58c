"""Composites and forgets: for measuring without a device."""

from liveavatar.media.compositing import Background
from liveavatar.outputs import require_avatar_frame
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame


class Null(Output):
    """Does the work of an output, the background included, and keeps nothing."""

    def __init__(self, target: str, *, size: tuple[int, int], fps: float, background: Background) -> None:
        self.label = target
        self.background = background

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Composite one frame."""
        require_avatar_frame(frame)
        self.background.composite(frame)

    def close(self) -> None:
        """Nothing to release."""
