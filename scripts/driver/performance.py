"""The script: who does what when. Pure arithmetic, so the ground truth is exact and always the same.

A gesture rises, holds and falls along minimum-jerk curves; gestures add up and are clipped to the control's
range. A name without side, as "eyeBlink", means both sides. Head angles are written in degrees.
"""

import math
from dataclasses import dataclass

import numpy as np

from liveavatar.controls import CONTROLS, HEAD, INDEX, RANGES

FPS = 30
SECONDS = 24.0
STILL = ((0.0, 1.35), (23.0, 24.0))
"""Seconds in which nothing moves and every control is zero."""


@dataclass(frozen=True)
class Gesture:
    """Controls at their peak, reached `rise` seconds after `start`, kept for `hold`, gone after `fall`."""

    start: float
    rise: float
    hold: float
    fall: float
    controls: dict[str, float]


def smooth(x: np.ndarray) -> np.ndarray:
    """Minimum-jerk step from 0 to 1 over x in [0, 1] (Flash and Hogan 1985)."""
    x = np.clip(x, 0, 1)
    return x**3 * (10 + x * (6 * x - 15))


def sides(name: str) -> tuple[str, ...]:
    return (name,) if name in INDEX else (f"{name}Left", f"{name}Right")


def blink(at: float, strength: float = 1.0) -> Gesture:
    return Gesture(at, 0.10, 0.04, 0.16, {"eyeBlink": strength})


def look(start: float, hold: float, across: float = 0.0, up: float = 0.0, quick: float = 0.14) -> Gesture:
    """Both eyes turn; across > 0 is the subject's own left, up > 0 is up; lids follow as eyeLook* does."""
    c: dict[str, float] = {}
    if across:
        first, second = ("Left", "Right") if across > 0 else ("Right", "Left")
        c[f"eyeLookOut{first}"] = c[f"eyeLookIn{second}"] = abs(across)
    if up:
        c["eyeLookUp" if up > 0 else "eyeLookDown"] = abs(up)
    return Gesture(start, quick, hold, quick, c)


VISEMES: dict[str, dict[str, float]] = {
    "a": {"jawOpen": 0.58, "mouthLowerDown": 0.25, "mouthUpperUp": 0.12},
    "i": {
        "jawOpen": 0.12,
        "mouthStretch": 0.35,
        "mouthSmile": 0.40,
        "mouthUpperUp": 0.15,
        "mouthLowerDown": 0.25,
    },
    "u": {"jawOpen": 0.08, "mouthPucker": 0.85, "mouthFunnel": 0.15},
    "e": {"jawOpen": 0.30, "mouthSmile": 0.35, "mouthStretch": 0.25, "mouthLowerDown": 0.30},
    "o": {"jawOpen": 0.38, "mouthFunnel": 0.80, "mouthPucker": 0.20},
    "m": {"mouthPress": 0.55, "mouthRollLower": 0.25, "mouthRollUpper": 0.2},
}


def speech(start: float, text: str, beat: float) -> list[Gesture]:
    """Visemes that flow into one another, one per `beat`; a space is a rest."""
    shapes = [(start + i * beat, letter) for i, letter in enumerate(text) if letter != " "]
    return [Gesture(t - 0.4 * beat, 0.75 * beat, 0.05 * beat, 0.75 * beat, VISEMES[v]) for t, v in shapes]


GESTURES: list[Gesture] = [
    # lids
    blink(1.45),
    blink(1.95),
    Gesture(2.45, 0.36, 0.22, 0.36, {"eyeBlink": 1.0}),
    Gesture(3.60, 0.16, 0.22, 0.20, {"eyeBlinkLeft": 1.0, "cheekSquintLeft": 0.35, "mouthSmileLeft": 0.15}),
    Gesture(4.30, 0.16, 0.22, 0.20,
            {"eyeBlinkRight": 1.0, "cheekSquintRight": 0.35, "mouthSmileRight": 0.15}),
    # jaw
    Gesture(4.95, 0.20, 0.12, 0.20, {"jawOpen": 0.35}),
    Gesture(5.50, 0.28, 0.22, 0.28, {"jawOpen": 1.0}),
    # speech with the head's natural play
    *speech(6.45, "aiueo", 0.30),
    *speech(8.05, "mao iea muo ei", 0.155),
    Gesture(6.40, 0.50, 0.30, 0.60, {"headYaw": 7, "headPitch": -3, "browInnerUp": 0.25}),
    Gesture(7.60, 0.50, 0.40, 0.60, {"headYaw": -8, "headRoll": 4, "browOuterUp": 0.25}),
    Gesture(8.90, 0.40, 0.40, 0.60, {"headPitch": 5, "headRoll": -4}),
    blink(7.35),
    blink(9.70),
    # feelings
    Gesture(10.35, 0.40, 0.45, 0.35, {"mouthSmile": 0.85, "cheekSquint": 0.3, "headRoll": 3}),
    Gesture(11.10, 0.35, 0.60, 0.40,
            {"mouthSmile": 1.0, "jawOpen": 0.55, "cheekSquint": 0.9, "eyeSquint": 0.45, "mouthUpperUp": 0.35,
             "mouthDimple": 0.3, "headPitch": 6}),
    blink(12.35),
    Gesture(12.55, 0.35, 0.40, 0.35,
            {"mouthFrown": 1.0, "browInnerUp": 0.8, "mouthShrugLower": 0.35, "headPitch": -4}),
    Gesture(13.65, 0.25, 0.45, 0.30,
            {"browInnerUp": 1.0, "browOuterUp": 1.0, "eyeWide": 1.0, "jawOpen": 0.3}),
    blink(14.58),
    Gesture(14.70, 0.30, 0.45, 0.30,
            {"browDown": 1.0, "eyeSquint": 0.4, "noseSneer": 0.5, "mouthPress": 0.6}),
    # gaze: left, right, up, down, then a circle
    look(15.80, 0.22, across=0.9),
    look(16.25, 0.22, across=-0.9),
    look(16.72, 0.22, up=0.9),
    look(17.17, 0.22, up=-0.8),
    blink(17.62, 0.9),
    # head turns with other things going on
    Gesture(19.00, 0.40, 0.10, 0.45, {"headYaw": 25}),
    Gesture(19.70, 0.45, 0.10, 0.40, {"headYaw": -25}),
    Gesture(19.75, 0.30, 0.30, 0.30, {"mouthSmile": 0.6}),
    Gesture(20.40, 0.30, 0.05, 0.32, {"headPitch": 15}),
    Gesture(20.85, 0.30, 0.05, 0.30, {"headPitch": -15}),
    Gesture(20.40, 0.20, 0.15, 0.20, {"mouthPucker": 1.0}),
    Gesture(20.90, 0.20, 0.12, 0.20, {"mouthFunnel": 1.0}),
    Gesture(21.35, 0.28, 0.08, 0.32, {"headRoll": 15}),
    Gesture(21.80, 0.32, 0.08, 0.28, {"headRoll": -15}),
    Gesture(21.35, 0.18, 0.15, 0.18, {"mouthLeft": 0.9}),
    Gesture(21.85, 0.18, 0.15, 0.18, {"mouthRight": 0.9}),
    blink(21.72),
    Gesture(18.20, 0.15, 0.10, 0.20, {"headPitch": -9}),  # a nod
    Gesture(18.52, 0.15, 0.08, 0.20, {"headPitch": -7}),
    Gesture(22.25, 0.16, 0.0, 0.18, {"headYaw": 8}),  # a shake
    Gesture(22.43, 0.16, 0.0, 0.18, {"headYaw": -8}),
    Gesture(22.61, 0.16, 0.0, 0.20, {"headYaw": 5}),
    Gesture(22.30, 0.15, 0.15, 0.20, {"mouthPress": 0.8}),
]  # fmt: skip

CIRCLE = (17.75, 18.95)
"""Seconds in which the eyes roll once round."""


def controls() -> np.ndarray:
    """(frames, len(CONTROLS)) float64: the truth; head angles in radians, signs of liveavatar.controls."""
    t = np.arange(round(SECONDS * FPS)) / FPS
    values = np.zeros((len(t), len(CONTROLS)))
    for g in GESTURES:
        level = smooth((t - g.start) / g.rise) * (1 - smooth((t - g.start - g.rise - g.hold) / g.fall))
        for name, peak in g.controls.items():
            for full in sides(name):
                values[:, INDEX[full]] += level * (math.radians(peak) if full in HEAD else peak)
    span = np.clip((t - CIRCLE[0]) / (CIRCLE[1] - CIRCLE[0]), 0, 1)
    radius = 0.8 * smooth(span * 6) * smooth((1 - span) * 6)
    across, up = radius * np.sin(2 * math.pi * span), radius * np.cos(2 * math.pi * span)
    for name, part in (
        ("eyeLookOutLeft", across), ("eyeLookInRight", across),
        ("eyeLookInLeft", -across), ("eyeLookOutRight", -across),
        ("eyeLookUpLeft", up), ("eyeLookUpRight", up), ("eyeLookDownLeft", -up), ("eyeLookDownRight", -up),
    ):  # fmt: skip
        values[:, INDEX[name]] += np.maximum(part, 0)
    awake = awakeness(t)
    for name, size, speeds in (
        ("headYaw", 1.3, (0.31, 0.83)),
        ("headPitch", 0.8, (0.23, 0.71)),
        ("headRoll", 0.7, (0.19, 0.57)),
    ):
        wave = sum(np.sin(2 * math.pi * f * t + 1.7 * i + len(name)) / (i + 1) for i, f in enumerate(speeds))
        values[:, INDEX[name]] += math.radians(size) * awake * wave
    low, high = np.array([RANGES[name] for name in CONTROLS]).T
    return np.clip(values, low, high)


def awakeness(t: np.ndarray) -> np.ndarray:
    """0 in the still ranges, 1 away from them: the strength of idle motion, (n,) for seconds (n,)."""
    result = np.ones_like(t)
    for first, last in STILL:
        result = np.minimum(result, smooth(np.maximum(first - t, t - last) / 0.7))
    return result


def body() -> np.ndarray:
    """(frames, 3) shift of the whole body in decimetres: breathing and a slight sway."""
    t = np.arange(round(SECONDS * FPS)) / FPS
    awake = awakeness(t)
    sway = 0.035 * np.sin(2 * math.pi * 0.17 * t)
    breath = 0.012 * np.sin(2 * math.pi * 0.27 * t)
    return np.stack([sway * awake, breath * awake, np.zeros_like(t)], 1)


def still_frames() -> list[list[int]]:
    """[first, last] frame of each still range, both inclusive."""
    last = round(SECONDS * FPS) - 1
    return [[math.ceil(a * FPS), min(math.floor(b * FPS), last)] for a, b in STILL]
