"""Where an expression moves the vertices of a rig."""

import math
from functools import cache

import numpy as np

from liveavatar.base.files import asset
from liveavatar.controls import BLENDSHAPES, INDEX, RANGES
from liveavatar.renderers.portrait.rig import LANDMARKS, SIZE, PortraitRig
from liveavatar.renderers.portrait.topology import INNER_LIP_BOTTOM, INNER_LIP_TOP, MOUTH_CORNERS, OVAL
from liveavatar.types import Expression

BASIS = asset("portrait_basis.npz")
MIX = 0.5
"""Share of the source's own landmark motion where it has any; the rest is the basis."""
STRENGTH = {
    "jawOpen": 1.25, "browInnerUp": 2.0, "browOuterUpLeft": 2.0, "browOuterUpRight": 2.0,
    "mouthSmileLeft": 1.15, "mouthSmileRight": 1.15, "browDownLeft": 1.2, "browDownRight": 1.2,
}  # fmt: skip
"""MediaPipe's landmarks follow these less than the skin moves: what was put in came out of a tracked avatar as .6 to .8."""
PITCH = 0.85
"""Likewise a nod came out as 1.3 of itself."""
PUCKER = 1.2
"""Narrowing lips narrow further by this share: seen through the landmarks, a pout is less than half of itself."""
_FLIP = np.array([1.0, -1.0, -1.0], np.float32)
"""Head and camera axes have y up and z to the camera, pictures y down and z away."""


@cache
def basis() -> np.ndarray:
    """(51, 478 * 3) float32: landmark motion at full strength of each blendshape, in face heights, head axes."""
    with np.load(BASIS, allow_pickle=False) as data:
        deltas = data["deltas"].astype(np.float32) * data["scale"]
    for name, strength in STRENGTH.items():
        deltas[INDEX[name]] *= strength
    return deltas.reshape(len(BLENDSHAPES), -1)


@cache
def rest_face() -> np.ndarray:
    """(478, 3) float32: the synthetic person's face at rest, in face heights, head axes."""
    with np.load(BASIS, allow_pickle=False) as data:
        face: np.ndarray = data["rest"]
    return face


def clipped(controls: np.ndarray) -> np.ndarray:
    """The controls (len(CONTROLS),) float32 within their ranges."""
    low, high = _limits()
    return np.clip(controls, low, high)


@cache
def _limits() -> tuple[np.ndarray, np.ndarray]:
    limits = np.array([RANGES[name] for name in INDEX], np.float32)
    return limits[:, 0], limits[:, 1]


def expressed(rig: PortraitRig, expression: Expression, controls: np.ndarray) -> np.ndarray:
    """(V, 3) float32: the vertices with the expression, the head not yet turned."""
    deltas = (controls[: len(BLENDSHAPES)] @ basis()).reshape(LANDMARKS, 3)
    narrowed = _narrowed(deltas)
    if expression.motion is not None:
        motion = np.clip(expression.motion, -0.5, 0.5)
        narrowed = max(narrowed, _narrowed(motion))
        deltas = MIX * motion + (1 - MIX) * deltas
    deltas = deltas * rig.gain
    if narrowed > 0:
        deltas[:, :2] += (PUCKER * narrowed) * rig.pout
    return displaced(rig, deltas)


def displaced(rig: PortraitRig, deltas: np.ndarray) -> np.ndarray:
    """(V, 3) float32: the vertices with the landmarks moved by deltas (478, 3), head axes and face heights."""
    moved = deltas @ rig.rotation.T * (_FLIP * rig.height)
    out = rig.vertices.copy()
    out[:LANDMARKS] += moved
    out[LANDMARKS:] += rig.spread @ moved[OVAL]
    return out


def _narrowed(deltas: np.ndarray) -> float:
    """How much the mouth has narrowed, face heights; an open jaw narrows it too, which is no pout."""
    right, left = deltas[MOUTH_CORNERS, 0]
    opened = max(0.0, float(deltas[INNER_LIP_TOP, 1] - deltas[INNER_LIP_BOTTOM, 1]))
    return float(right - left) - 0.35 * opened


def turned(rig: PortraitRig, points: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """(V, 3) float32: the points after the head's turn, its breath and sway."""
    yaw, pitch, roll = (float(controls[INDEX[n]]) for n in ("headYaw", "headPitch", "headRoll"))
    arm = (points - rig.pivot) * _FLIP
    turn = rig.turn[:, None]
    arm += turn * (arm @ (rotation(yaw, PITCH * pitch, 0.0).T - np.eye(3, dtype=np.float32)))
    arm = arm @ rotation(0.0, 0.0, roll).T
    moved = arm * _FLIP + rig.pivot
    carried = rig.carried[:, None]
    out = points + carried * (moved - points)
    # The body breathes and sways from the bottom edge, which stays.
    lever = np.clip((SIZE - points[:, 1]) / SIZE, 0, 1)
    breath, sway = float(controls[INDEX["breath"]]), float(controls[INDEX["sway"]])
    out[:, 1] -= breath * 0.012 * rig.height * np.minimum(lever * 4, 1)
    out[:, 0] += sway * 0.05 * rig.height * lever
    return out


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """(3, 3) float32 in camera axes, yaw applied last; radians, signs as in liveavatar.controls."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, -pitch, -roll) for f in (math.cos, math.sin))
    around_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    around_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    around_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (around_y @ around_x @ around_z).astype(np.float32)
