"""A scripted show: speech, blinks, glances and turns, for a page that shows what an avatar can do."""

import math

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import gaze, vector
from liveavatar.retargeting.idle import breathing

LOOP = 10.0
"""Seconds after which it begins again."""


def performance(time: float) -> np.ndarray:
    """(len(CONTROLS),) float32: speech, blinks, gaze and small turns of the head at `time` seconds; again after LOOP."""
    t = time % LOOP
    speech = _between(t, 0.2, 3.6)
    syllable = max(0.0, math.sin(2 * math.pi * 2.7 * t)) * (0.6 + 0.4 * math.sin(2 * math.pi * 0.7 * t))
    narrow = max(0.0, math.sin(2 * math.pi * 0.9 * t + 1.0))
    blink = max(_between(t, start, start + 0.16, 0.09) for start in (1.3, 4.0, 6.1, 9.0))
    aside = _between(t, 4.3, 5.0, 0.12) - _between(t, 5.2, 5.9, 0.12)
    up = _between(t, 6.4, 7.0, 0.12)
    turn = _between(t, 6.8, 7.3, 0.6) - _between(t, 8.3, 8.9, 0.6)
    return vector(
        jawOpen=0.6 * speech * syllable,
        mouthFunnel=0.35 * speech * syllable * narrow,
        mouthPucker=0.5 * speech * narrow * (1 - syllable),
        mouthSmileLeft=0.15 + 0.35 * _between(t, 4.2, 9.2, 0.5),
        mouthSmileRight=0.15 + 0.35 * _between(t, 4.2, 9.2, 0.5),
        browInnerUp=0.5 * up,
        browOuterUpLeft=0.5 * up,
        browOuterUpRight=0.5 * up,
        eyeBlinkLeft=blink,
        eyeBlinkRight=blink,
        **gaze(0.8 * aside, 0.7 * up),
        headYaw=0.2 * turn + 0.03 * math.sin(2 * math.pi * t / LOOP),
        headPitch=0.06 * up + 0.03 * speech * math.sin(2 * math.pi * 0.8 * t),
        headRoll=0.05 * turn,
        breath=breathing(time),
    )


def _between(t: float, start: float, end: float, ramp: float = 0.2) -> float:
    """1 from start to end, 0 outside, smooth over `ramp` seconds before and after."""
    return smoothstep(min(t - start + ramp, end + ramp - t) / ramp)
