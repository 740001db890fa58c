"""Lids and gaze: read from one face against its neutral, and kept steady over time. Reads no clock."""

from typing import NamedTuple

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import INDEX
from liveavatar.retargeting.adaptation import Reach
from liveavatar.retargeting.features import GAPS, Deviation
from liveavatar.retargeting.landmarks import M
from liveavatar.retargeting.profile import Profile

_LOOKS_ACROSS = [M["lookXLeft"], M["lookXRight"]]
_LOOKS_UP = [M["lookYLeft"], M["lookYRight"]]
_OUT = [INDEX["eyeLookOutLeft"], INDEX["eyeLookInRight"]]
"""Both eyes to the right of the picture."""
_IN = [INDEX["eyeLookInLeft"], INDEX["eyeLookOutRight"]]
_DOWN = [INDEX["eyeLookDownLeft"], INDEX["eyeLookDownRight"]]


def blinks(closed: np.ndarray, reach: float) -> np.ndarray:
    """(2,) blink in [0, 1] of the left and right eye, from how far they are shut (Deviation.closed): none for lids that
    hang a little, full a little before shut. reach: what shut eyes of this person read as."""
    return smoothstep((closed / reach - 0.22) / 0.66)


def look(face: Deviation, blink: np.ndarray) -> np.ndarray:
    """(2,) where both eyes look: right in the picture, up; about -1..1, not fitted to the person's reach.

    blink (2,) in [0, 1]: each eye is trusted by how open it is."""
    openness = (1 - blink).clip(0.02, 1) ** 2
    trust = openness / max(float(openness.sum()), 1e-6)
    across = trust @ face.measures[_LOOKS_ACROSS] / 0.24
    up = trust @ face.measures[_LOOKS_UP] / 0.10
    blendshapes = trust @ (face.shapes[_OUT] - face.shapes[_IN])
    # The iris hardly sinks when it looks down, as the lid covers it. The blendshape sees that, but takes shut
    # and wide eyes for a look down too.
    down = trust @ face.shapes[_DOWN]
    wide = np.clip(face.measures[GAPS].max() / 0.1, 0, 1)
    sunk = 1.8 * max(down - 0.05, 0.0) * float(openness.min()) * (1 - wide)
    return np.array([0.6 * across + 0.4 * blendshapes, up - sunk])


class Look(NamedTuple):
    """What both eyes do."""

    blink: np.ndarray
    """(2,) float64 in [0, 1]: how far the left and right eye blink, as read."""
    lids: np.ndarray
    """(2,) float64 in [0, 1]: the blink as shown."""
    gaze: np.ndarray
    """(2,) float64: right in the picture, up; about -1..1, 1 for this person's full look."""


class Eyes:
    """The eyes of one person over time."""

    def __init__(self, profile: Profile | None = None) -> None:
        if profile is None:
            self._reach = Reach(1, 0.8, 1.05)
        else:
            self._reach = Reach(1, min(0.8, profile.blink), max(1.05, profile.blink), profile.blink, 0.2)
        full = profile.gaze if profile else {}
        self._across, self._up, self._down = (full.get(way, 1.0) for way in ("across", "up", "down"))
        self._gaze = np.zeros(2)
        self._closed = np.zeros(2)
        self._wink = 0.0
        """How far, in [0, 1], each eye goes its own way."""
        self._shut = np.zeros(2, bool)
        self._lids = np.zeros(2)

    def update(self, face: Deviation, dt: float) -> Look:
        """What the eyes do in this face, dt seconds after the last one."""
        self._reach.update(face.closed.max(keepdims=True), dt)
        blink = self._link(blinks(face.closed, float(self._reach.value[0])), float(face.head[0]), dt)
        gaze = look(face, blink)
        gaze /= (self._across, self._up if gaze[1] > 0 else self._down)
        # Closed eyes look nowhere, and moving lids drag the iris landmarks: the gaze eases along meanwhile.
        speed = float(np.abs(face.closed - self._closed).max()) / dt if dt > 0 else 0.0
        self._closed = face.closed
        steady = 1 / (1 + (speed / 3.0) ** 2)
        self._gaze = self._gaze + (gaze - self._gaze) * (1 - blink.min()) ** 2 * steady
        lids = np.array([self._lid(side, float(blink[side]), dt) for side in range(2)])
        return Look(blink, lids, self._gaze)

    def _link(self, blink: np.ndarray, yaw: float, dt: float) -> np.ndarray:
        """Both eyes together unless clearly one winks; the nearer eye counts more in a turned head."""
        apart = abs(float(blink[0] - blink[1]))
        clear = apart > 0.45 and blink.min() < 0.5 and abs(yaw) < 0.45
        self._wink += ((1.0 if clear else 0.0) - self._wink) * (1 - np.exp(-dt / 0.05))
        nearer = np.clip(0.5 - yaw, 0.2, 0.8)  # the subject's left eye turns away when yaw > 0
        both = float(np.array([nearer, 1 - nearer]) @ blink)
        both = max(both, 0.8 * float(blink.max())) if apart < 0.45 else both
        return self._wink * blink + (1 - self._wink) * both

    def _lid(self, side: int, blink: float, dt: float) -> float:
        """The blink as shown: shuts at once and fully, stays shut until clearly open, opens smoothly."""
        self._shut[side] = blink > (0.5 if self._shut[side] else 0.75)
        target = 1.0 if self._shut[side] else blink
        before = float(self._lids[side])
        seconds = 0.0 if target > before + 0.1 else 0.03 if abs(target - before) > 0.05 else 0.15
        share = 1.0 if seconds == 0 else 1 - float(np.exp(-dt / seconds))
        self._lids[side] = before + (target - before) * share
        return float(self._lids[side])
