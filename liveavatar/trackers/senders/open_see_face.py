"""OpenSeeFace: each face as 1785 bytes, little-endian, by UDP; several behind one another. The first one counts.

Its camera's axes are down, right, away from the camera; those of its head the subject's right, up, towards the camera. The turn
is sent as the quaternion of the inverse rotation. Sides are the subject's.
"""

import math
import struct

import numpy as np

from liveavatar.controls import gaze
from liveavatar.language import tr
from liveavatar.trackers.senders.reading import Malformed, Reader, Reading, from_quaternion, number

BYTES = 1785
FACES = 16
_HEAD = struct.Struct("<d i 2f 2f ? f 4f 3f 3f")
"""Time, number, picture's size, eyes open (right, left), success, error, quaternion, Euler angles, place."""
_POINTS = struct.Struct("<12f")
"""The last four of the points in space: right and left pupil, right and left eye's middle."""
_FEATURES = struct.Struct("<14f")
LARGEST_ERROR = 100.0
UNIT = 15.0
"""cm of a unit of its head."""
_TO_PICTURE = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
"""Its camera's axes to ours."""
_AHEAD = np.array([[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
"""The rotation of a head that looks into the camera."""
_FULL_LOOK = math.sin(math.radians(25))


class OpenSeeFace(Reader):
    """One datagram, one moment."""

    port = 11573
    asked = False
    largest = BYTES * FACES

    @property
    def steps(self) -> str:
        """See Reader."""
        return tr(
            "start OpenSeeFace's facetracker, with this computer and port as its target",
            "请启动 OpenSeeFace 的 facetracker，目标设为本机的该端口",
        )

    def read(self, data: bytes) -> Reading:
        """See Reader."""
        if not data or len(data) % BYTES:
            raise Malformed(f"{len(data)} bytes")
        _, _, _, _, right, left, success, error, *pose = _HEAD.unpack_from(data)
        features = [number(value) for value in _FEATURES.unpack_from(data, BYTES - _FEATURES.size)]
        points = [number(v) for v in _POINTS.unpack_from(data, BYTES - _FEATURES.size - _POINTS.size)]
        pose = [number(value) for value in pose]
        if not success or not error <= LARGEST_ERROR:
            return Reading({}, found=False)
        turn = from_quaternion(*pose[:4]).T @ _AHEAD.T
        down, across, away = pose[7:]
        place = (UNIT * across, -UNIT * down, -UNIT * away)
        shapes = _shapes(features) | _look(np.array(points).reshape(4, 3))
        shapes["eyeBlinkRight"], shapes["eyeBlinkLeft"] = 1 - number(right), 1 - number(left)
        return Reading(shapes, _TO_PICTURE @ turn @ _TO_PICTURE.T, place)


def _shapes(features: list[float]) -> dict[str, float]:
    """Of features from -1 to 1 about the person's own average."""
    _, _, _, brow_l, _, _, brow_r, _, corner_l, _, corner_r, _, opened, wide = features
    up = max(0.0, (brow_l + brow_r) / 2)
    return {
        "browOuterUpLeft": max(0.0, brow_l), "browOuterUpRight": max(0.0, brow_r), "browInnerUp": up,
        "browDownLeft": max(0.0, -brow_l), "browDownRight": max(0.0, -brow_r),
        "mouthSmileLeft": max(0.0, corner_l), "mouthSmileRight": max(0.0, corner_r),
        "mouthFrownLeft": max(0.0, -corner_l), "mouthFrownRight": max(0.0, -corner_r),
        "jawOpen": max(0.0, opened), "mouthPucker": max(0.0, -wide),
        "mouthStretchLeft": 0.5 * max(0.0, wide), "mouthStretchRight": 0.5 * max(0.0, wide),
    }  # fmt: skip


def _look(points: np.ndarray) -> dict[str, float]:
    """Of (4, 3) points, see _POINTS, in the head's axes."""
    ahead = points[:2] - points[2:]
    lengths = np.linalg.norm(ahead, axis=1, keepdims=True)
    if not lengths.min() > 1e-6:
        return {}
    right, up, _ = (ahead / lengths).mean(axis=0)
    return gaze(-right / _FULL_LOOK, up / _FULL_LOOK)
