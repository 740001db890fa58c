"""The data types that travel along the line. RGB everywhere; time in seconds on the monotonic clock.

Camera -> Frame -> Tracker -> Face -> Retargeter -> Expression -> Renderer -> AvatarFrame -> Output
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from liveavatar.controls import BLENDSHAPES, CONTROLS


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
    """(478, 3) float32, pixels of the frame; z in the same unit, smaller is nearer. (0, 3) where the tracker gives none."""
    blendshapes: np.ndarray
    """(51,) float32 in [0, 1], in the order of controls.BLENDSHAPES."""
    pose: np.ndarray
    """(4, 4) float32, canonical head (cm, y up, z to the camera) to camera space, from MediaPipe."""
    size: tuple[int, int]
    """(width, height) of the frame in pixels."""
    time: float
    """Capture time of the frame, seconds."""
    tongue: float = 0.0
    """How far it is out, 0..1; MediaPipe does not say."""

    @property
    def sound(self) -> bool:
        """Whether these numbers can be a face: all finite, of the right shapes, and of a head before the camera.

        A tracker may give anything; whoever keeps state asks first, for one NaN in a filter stays for ever."""
        points, shapes, pose = self.landmarks, self.blendshapes, self.pose
        if (shapes.shape, pose.shape) != ((len(BLENDSHAPES),), (4, 4)) or points.shape not in (
            (478, 3),
            (0, 3),
        ):
            return False
        width, height = self.size
        if not (width > 0 and height > 0 and math.isfinite(self.time)):
            return False
        # A NaN is never below a limit, so these refuse it too.
        if not (np.abs(points).max(initial=0) < 10 * max(width, height) and np.abs(shapes - 0.5).max() < 1):
            return False
        turn = pose[:3, :3].astype(np.float64)
        return bool(np.abs(pose).max() < 1e4 and 0.1 < np.linalg.det(turn) < 10 and pose[2, 3] < 0)


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
        if not (np.isfinite(self.controls).all() and math.isfinite(self.x + self.y + self.scale)):
            raise ValueError("an expression holds finite numbers only")


class Drawing(Protocol):
    """What a renderer found out for a frame, of which the picture is composed: the avatar's numbers. Made by renderers alone."""

    def compose(self) -> np.ndarray:
        """The picture, as AvatarFrame.image. From any thread."""
        ...


@dataclass(frozen=True)
class AvatarFrame:
    """A rendered avatar: the only thing outputs accept."""

    source: np.ndarray | Drawing
    """The picture itself, as `image`, or what it is composed of where somebody looks at it."""
    time: float
    """Still the capture time: age = now - time at the output. Seconds."""
    whole: bool = False
    """It fills the output, whatever the framing: no avatar, but what is shown in its place."""

    def __post_init__(self) -> None:
        if isinstance(self.source, np.ndarray):
            _require_picture(self.source)

    @cached_property
    def image(self) -> np.ndarray:
        """(H, W, 4) uint8 RGBA, premultiplied alpha. Composed when it is first asked for: takes milliseconds then."""
        if isinstance(self.source, np.ndarray):
            return self.source
        picture = self.source.compose()
        _require_picture(picture)
        return picture

    @property
    def drawing(self) -> Drawing | None:
        """What its picture is composed of, for who draws it himself; None where there is the picture alone."""
        return None if isinstance(self.source, np.ndarray) else self.source

    def composed(self) -> "AvatarFrame":
        """This frame, its picture made here and now."""
        _ = self.image
        return self


def _require_picture(image: np.ndarray) -> None:
    if image.ndim != 3 or image.shape[2] != 4 or image.dtype != np.uint8:
        raise ValueError(f"image must be (H, W, 4) uint8 premultiplied RGBA, got {image.shape} {image.dtype}")
