"""Whether a new picture would differ from the last one by anything that can be seen."""

import numpy as np

from liveavatar.controls import CONTROLS
from liveavatar.types import Expression

STEPS = {
    "headYaw": 0.003, "headPitch": 0.003, "headRoll": 0.0015,
    "breath": 0.04, "sway": 0.01, "hairX": 0.015, "hairY": 0.02, "ears": 0.03,
}  # fmt: skip
"""By control: none moves a line of a picture of 512 pixels by more than a fifth of a pixel (hoshi; each alone at least 39 dB)."""
FACE_STEP = 0.02
"""Of the controls that are not named."""
PLACE_STEP = 0.0003
"""Of x, y and scale: a sixth of a pixel."""
MOTION_STEP = 0.002
"""Face heights, of landmarks."""

_STEPS = np.array([STEPS.get(name, FACE_STEP) for name in CONTROLS], np.float32)


def moved(first: Expression, second: Expression) -> bool:
    """Whether anything visible moved between two expressions."""
    if (np.abs(second.controls - first.controls) > _STEPS).any():
        return True
    places = (second.x - first.x, second.y - first.y, second.scale - first.scale)
    if max(map(abs, places)) > PLACE_STEP:
        return True
    if first.motion is None or second.motion is None:
        return first.motion is not second.motion
    return bool(np.abs(second.motion - first.motion).max() > MOTION_STEP)
