"""The data types that travel along the line. RGB everywhere; time in seconds on the monotonic clock.

Camera -> Frame -> Tracker -> Face -> Retargeter -> Expression -> Renderer -> AvatarFrame -> Output
"""

from dataclasses import dataclass

import numpy as np

from liveavatar.controls import CONTROLS


@dataclass(frozen=True)
class Frame:
    """A camera picture. Never reaches an output: outputs accept AvatarFrame only."""

    image: np.ndarray
    """(H, W, 3) uint8 RGB."""
    time: float
    """Seconds, monotonic clock at capture (for files: position in the clip)."""
    index: int
    """Counts from 0, strictly increasing."""


@dataclass(frozen=True)
class Face:
    """What the tracker saw."""

    landmarks: np.ndarray
    """(478, 3) float32, pixels of the frame; z in the same unit, smaller is nearer."""
    blendshapes: np.ndarray
    """(51,) float32 in [0, 1], in the order of controls.BLENDSHAPES."""
    pose: np.ndarray
    """(4, 4) float32, canonical head (cm, y up, z to the camera) to camera space, from MediaPipe."""
    size: tuple[int, int]
    """(width, height) of the frame in pixels."""
    time: float
    """Capture time of the frame, seconds."""


@dataclass(frozen=True)
class Expression:
    """What the avatar should do, independent of the person."""

    controls: np.ndarray
    """(len(CONTROLS),) float32, in the order of controls.CONTROLS."""
    time: float
    """Capture time, seconds."""
    x: float = 0.0
    """Head moved right, in fractions of the frame's width, 0 at neutral."""
    y: float = 0.0
    """Head moved down, in fractions of the frame's height, 0 at neutral."""
    scale: float = 1.0
    """Size of the head against neutral."""
    tracked: bool = True
    """False while the avatar idles because no face is seen."""
    motion: np.ndarray | None = None
    """(478, 3) float32, pose-normalised landmark motion against neutral, in face heights, if the source has landmarks."""

    def __post_init__(self) -> None:
        if self.controls.shape != (len(CONTROLS),):
            raise ValueError(f"controls must have shape ({len(CONTROLS)},), got {self.controls.shape}")


@dataclass(frozen=True)
class AvatarFrame:
    """A rendered avatar: the only thing outputs accept."""

    image: np.ndarray
    """(H, W, 4) uint8 RGBA, premultiplied alpha."""
    time: float
    """Still the capture time: age = now - time at the output. Seconds."""

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 4 or self.image.dtype != np.uint8:
            raise ValueError(
                f"image must be (H, W, 4) uint8 premultiplied RGBA, got {self.image.shape} {self.image.dtype}"
            )
