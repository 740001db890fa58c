"""Keeps every frame: for tests, and for programs that take the pictures themselves."""

import numpy as np

from liveavatar.media.compositing import Background
from liveavatar.outputs import require_avatar_frame
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame


class Memory(Output):
    """`frames`: what was sent. `pictures`: on the background, (H, W, 4) uint8 premultiplied RGBA."""

    def __init__(self, target: str, *, size: tuple[int, int], fps: float, background: Background) -> None:
        self.label = target
        self.frames: list[AvatarFrame] = []
        self.pictures: list[np.ndarray] = []
        self.background = background

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Keep one frame."""
        require_avatar_frame(frame)
        self.frames.append(frame)
        self.pictures.append(self.background.composite_rgba(frame))

    def close(self) -> None:
        """Nothing to release; the frames stay."""
