"""How a voice is moved: its pitch, its body and its manner, as numbers that sliders have. All zero: as it is."""

from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from liveavatar.audio.features import BANDS, Features, centres
from liveavatar.audio.mel import from_mel, mel
from liveavatar.language import tr

LOWEST, HIGHEST = 50.0, 1000.0
"""Hz that a voice can have."""
_OCTAVES = 0.5
"""By how much formants fall where body is 1."""
_SLOPE = 1.382
"""6 dB an octave, natural logarithm of power, over two octaves: what brightness 1 adds above 1 kHz, and a whisper lacks
below 1.5 kHz (Ito, Takeda and Itakura 2005)."""
_MEMORY = 200.0
"""Voiced frames whose mean a robot's pitch is."""


@dataclass(frozen=True)
class Sliders:
    """Each from -1 to 1, but pitch; breath, robot and growl from 0."""

    pitch: float = 0.0
    """Semitones, -24 to 24."""
    body: float = 0.0
    """1: a tract as of a giant, resonances half an octave lower; -1: of a small child."""
    brightness: float = 0.0
    """1: 6 dB an octave more above 1 kHz, up to 12."""
    breath: float = 0.0
    """1: whispered."""
    robot: float = 0.0
    """1: the pitch stays where it is."""
    growl: float = 0.0
    """1: each second pulse is weak."""

    def __post_init__(self) -> None:
        for field in fields(self):
            low, high = limits(field.name)
            if not low <= getattr(self, field.name) <= high:
                value = repr(getattr(self, field.name))[:20]
                raise ValueError(
                    tr(
                        f"{field.name} is from {low:g} to {high:g}, not {value}",
                        f"{field.name} 应在 {low:g} 到 {high:g} 之间，实际为 {value}",
                    )
                )


def limits(name: str) -> tuple[float, float]:
    """Of a slider."""
    if name == "pitch":
        return -24.0, 24.0
    return (-1.0 if name in ("body", "brightness") else 0.0), 1.0


class Mover:
    """Features as sliders want them. Goes on from frame to frame: a robot's pitch is the mean of what was heard."""

    def __init__(self) -> None:
        self._usual = float(np.log2(160.0))
        self._heard = 1.0
        """Voiced frames, up to _MEMORY."""

    def move(self, features: Features, sliders: Sliders) -> Features:
        """The same frames, moved."""
        octaves = np.log2(features.pitch)
        flat = np.empty_like(octaves)
        for k, (octave, voiced) in enumerate(zip(octaves, features.voiced, strict=True)):
            self._heard = min(self._heard + float(voiced), _MEMORY)
            self._usual += float(voiced) / self._heard * (float(octave) - self._usual)
            flat[k] = self._usual
        octaves = octaves + sliders.robot * (flat - octaves) + sliders.pitch / 12
        pitch = (2**octaves).clip(LOWEST, HIGHEST).astype(np.float32)
        envelope = features.envelope
        if sliders.body:
            envelope = warped(envelope, 2 ** (-_OCTAVES * sliders.body))
        if sliders.brightness:
            octaves_up = np.log2(from_mel(centres()) / 1000).clip(0, 2)
            envelope = envelope + (sliders.brightness * _SLOPE * octaves_up).astype(np.float32)
        if sliders.breath:
            octaves_down = np.log2(1500 / from_mel(centres())).clip(0, 2)
            envelope = envelope - (sliders.breath * _SLOPE * octaves_down).astype(np.float32)
        voiced, periodic = features.voiced, features.periodic
        if sliders.breath:
            # Air is heard above first: there is little of it below.
            kept = (1 - sliders.breath ** np.array([2.0, 1.0, 0.7, 0.5], np.float32)) ** 5
            periodic, voiced = periodic * kept, voiced * (1 - sliders.breath**2)
        moved = Features(pitch, voiced.astype(np.float32), envelope, periodic.astype(np.float32))
        if envelope is features.envelope:
            return moved
        return moved._replace(envelope=envelope + (loudness(features) - loudness(moved))[:, None])


def a_weighting(hertz: np.ndarray) -> np.ndarray:
    """How loud these frequencies are heard, as amplitudes (IEC 61672-1, annex E, but for a constant)."""
    square = hertz**2
    curve = 12_194.0**2 * square**2 / ((square + 20.6**2) * (square + 12_194.0**2))
    found: np.ndarray = curve / np.sqrt((square + 107.7**2) * (square + 737.9**2))
    return found


@cache
def _audible() -> np.ndarray:
    """(BANDS,) float32: how much of the power about each centre is heard."""
    hertz = from_mel(centres())
    weights: np.ndarray = (a_weighting(hertz) ** 2 * np.gradient(hertz)).astype(np.float32)
    return weights


def loudness(features: Features) -> np.ndarray:
    """(T,) float32: the natural logarithm of what is heard of these colours."""
    found: np.ndarray = np.log(np.exp(features.envelope) @ _audible())
    return found


def warped(envelope: np.ndarray, scale: float) -> np.ndarray:
    """(T, BANDS) whose resonances lie `scale` times as high."""
    at = (mel(from_mel(centres()) / scale) - centres()[0]) / (centres()[1] - centres()[0])
    at = at.clip(0, BANDS - 1.001)
    low = at.astype(int)
    share = (at - low).astype(np.float32)
    moved: np.ndarray = envelope[:, low] * (1 - share) + envelope[:, low + 1] * share
    return moved
