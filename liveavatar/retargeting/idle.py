"""What the avatar does when nobody drives it: blinks, breath, slow drift, small looks.

Pure functions of time, so that the avatar never freezes, and a test can ask for any moment.
"""

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import both, gaze, vector

BLINK_SLOT = 3.6
"""Seconds; one blink lies in each slot, so blinks come 0.6 to 6.6 s apart, about 17 a minute."""
CLOSING, SHUT, OPENING = 0.08, 0.05, 0.17
"""Seconds a blink takes to close, stays shut, takes to open."""
BREATH = 4.2
"""Seconds per breath."""


def idle(time: float, seed: int = 0) -> np.ndarray:
    """(len(CONTROLS),) float32: rest at `time` seconds: blinks, breath, slow head drift, small looks.

    The same time and seed give the same controls, on every machine."""
    smile = 0.06 + 0.03 * _wander(time, seed + 5, 11.0)
    return vector(
        **both(eyeBlink=blinking(time, seed), mouthSmile=smile),
        **gaze(*_glance(time, seed)),
        headYaw=0.045 * _wander(time, seed + 1, 7.3),
        headPitch=0.025 * _wander(time, seed + 2, 5.9),
        headRoll=0.030 * _wander(time, seed + 3, 8.7),
        sway=0.12 * _wander(time, seed + 4, 6.7),
        breath=breathing(time),
    )


def breathing(time: float) -> float:
    """The control "breath" at `time` seconds: 0 exhaled .. 1 inhaled; breathing in is a little quicker than out."""
    phase = 2 * np.pi * time / BREATH
    return float(0.5 - 0.5 * np.cos(phase - 0.35 * np.sin(phase)))


def blinking(time: float, seed: int = 0) -> float:
    """The control eyeBlink of both eyes at `time` seconds, 0 open .. 1 shut."""
    slot = int(np.floor(time / BLINK_SLOT))
    closed = 0.0
    for k in (slot - 1, slot):
        start = k * BLINK_SLOT + 0.3 + 3.0 * _noise(k, seed)
        closed = max(closed, blink_at(time - start))
        if _noise(k, seed + 77) < 0.12:  # now and then twice
            closed = max(closed, blink_at(time - start - 0.36))
    return closed


def blink_at(t: float) -> float:
    """One blink, 0 open .. 1 shut, t seconds after it began."""
    if t <= 0 or t >= CLOSING + SHUT + OPENING:
        return 0.0
    if t < CLOSING:
        return smoothstep(t / CLOSING)
    if t < CLOSING + SHUT:
        return 1.0
    return 1.0 - smoothstep((t - CLOSING - SHUT) / OPENING)


def _glance(time: float, seed: int) -> tuple[float, float]:
    """Where the eyes look: (across, up), rests on one point and jumps to the next like real eyes."""
    length = 2.7
    slot = int(np.floor(time / length))
    before, after = (
        np.array([0.22 * (2 * _noise(k, seed + 11) - 1), 0.12 * (2 * _noise(k, seed + 12) - 1)])
        for k in (slot - 1, slot)
    )
    at = slot * length + 0.6 * _noise(slot, seed + 13)
    share = smoothstep((time - at) / 0.09)
    across, up = before + (after - before) * share
    return float(across), float(up)


def _wander(time: float, seed: int, period: float) -> float:
    """A slow wave in about [-1, 1] that does not repeat soon: three sines whose periods share no factor."""
    phases = [2 * np.pi * _noise(k, seed) for k in range(3)]
    waves = [
        0.5 * np.sin(2 * np.pi * time / period + phases[0]),
        0.3 * np.sin(2 * np.pi * time / (period * 1.618) + phases[1]),
        0.2 * np.sin(2 * np.pi * time / (period * 0.577) + phases[2]),
    ]
    return float(sum(waves))


def _noise(k: int, seed: int) -> float:
    """A number in [0, 1) for this slot: an integer hash (splitmix64's finaliser), equal everywhere."""
    mask = (1 << 64) - 1
    x = (k * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & mask
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
    return float((x ^ (x >> 31)) >> 11) / float(1 << 53)
