"""What other trackers say of a face, whatever their format: blendshapes by name, the head's turn and place. As a Face without
landmarks it goes the way of every face."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from liveavatar.controls import BLENDSHAPES
from liveavatar.types import Face

Vector = tuple[float, float, float]

AWAY: Vector = (0.0, 0.0, -45.0)
"""Where the head is of those who do not say: cm; right in the picture, up, towards the camera."""
NEAR, FAR, ASIDE = -10.0, -400.0, 200.0
"""cm within which a head is."""
SIZE = (640, 480)
"""Pixels of the picture that a camera in the sender's place would take."""

_NAMES = {name.lower(): name for name in (*BLENDSHAPES, "tongueOut")}


class Malformed(ValueError):
    """A datagram that the format does not allow."""


@dataclass(frozen=True)
class Reading:
    """One moment of a face."""

    shapes: Mapping[str, float]
    """Control -> value, of those that were sent."""
    rotation: np.ndarray = field(default_factory=lambda: np.eye(3))
    """(3, 3) of the head, axes as of AWAY."""
    place: Vector = AWAY
    found: bool = True
    """The sender sees a face."""


class Reader(Protocol):
    """One format. Holds state where a moment comes in several datagrams."""

    port: int
    """The usual one."""
    asked: bool
    """It sends to who asked for it, and must be asked again and again."""
    largest: int
    """Bytes of a datagram."""

    @property
    def steps(self) -> str:
        """What the user sees to where nothing comes."""
        ...

    def own_port(self, port: int) -> int:
        """Where it sends to, when its own port is this one; 0: where it was asked from."""
        return port

    def ask(self, port: int) -> bytes:
        """The question. port: where the answers should go."""
        return b""

    def read(self, data: bytes) -> Reading | None:
        """What a datagram completes; None where more must come. Raises Malformed."""
        ...


def control(name: str) -> str | None:
    """The control that a sender's name stands for: ARKit's names in any case, _L and _R for Left and Right; None: unknown."""
    name = name.lower()
    for short, side in (("_l", "left"), ("_r", "right")):
        if name.endswith(short):
            name = name.removesuffix(short) + side
    return _NAMES.get(name)


def number(value: object) -> float:
    """A finite number of a reasonable size. Raises Malformed."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
        raise Malformed("a number is missing, or is none")
    return float(value)


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """(3, 3) rotation of a head, from radians in the conventions of liveavatar.controls."""
    (cy, sy), (cp, sp), (cr, sr) = ((math.cos(a), math.sin(a)) for a in (yaw, -pitch, -roll))
    about_up = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_right = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_nose = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(about_up @ about_right @ about_nose)


def from_quaternion(x: float, y: float, z: float, w: float) -> np.ndarray:
    """(3, 3) rotation of a quaternion of about length 1. Raises Malformed for others."""
    length = math.hypot(x, y, z, w)
    if not 0.5 < length < 2:
        raise Malformed("a rotation has the length 1")
    x, y, z, w = x / length, y / length, z / length, w / length
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def face_of(reading: Reading, time: float) -> Face | None:
    """The face at `time` (seconds), without landmarks; None where none was seen."""
    if not reading.found:
        return None
    shapes = np.array([reading.shapes.get(name, 0.0) for name in BLENDSHAPES], np.float32)
    x, y, z = reading.place
    pose = np.eye(4, dtype=np.float32)
    pose[:3, :3] = reading.rotation
    pose[:3, 3] = min(max(x, -ASIDE), ASIDE), min(max(y, -ASIDE), ASIDE), min(max(z, FAR), NEAR)
    tongue = min(max(reading.shapes.get("tongueOut", 0.0), 0.0), 1.0)
    return Face(np.zeros((0, 3), np.float32), shapes.clip(0, 1), pose, SIZE, time, tongue)
