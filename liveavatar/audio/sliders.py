"""How a voice is moved: its pitch, its body and its manner, as numbers that sliders have. All zero: as it is."""

from dataclasses import dataclass, fields

import numpy as np

from liveavatar.audio.features import BANDS, Features, centres
from liveavatar.audio.mel import from_mel, mel
from liveavatar.language import tr

LOWEST, HIGHEST = 50.0, 1000.0
"""Hz that a voice can have."""
_OCTAVES = 0.5
"""By how much formants fall where body is 1."""


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

    def move(self, features: Features, sliders: Sliders) -> Features:
        """The same frames, moved."""
        octaves = np.log2(features.pitch)
        flat = np.empty_like(octaves)
        for k, (octave, voiced) in enumerate(zip(octaves, features.voiced, strict=True)):
            self._usual += 0.01 * float(voiced) * (float(octave) - self._usual)
            flat[k] = self._usual
        octaves = octaves + sliders.robot * (flat - octaves) + sliders.pitch / 12
        pitch = (2**octaves).clip(LOWEST, HIGHEST).astype(np.float32)
        envelope = (
            warped(features.envelope, 2 ** (-_OCTAVES * sliders.body)) if sliders.body else features.envelope
        )
        if sliders.brightness:
            octaves_up = np.log2(from_mel(centres()) / 1000).clip(0, 2)
            envelope = envelope + (sliders.brightness * 1.382 * octaves_up).astype(np.float32)
        periodic = features.periodic
        if sliders.breath:
            # Air is heard above first: there is little of it below.
            kept = (1 - sliders.breath ** np.array([2.0, 1.0, 0.7, 0.5], np.float32)) ** 5
            periodic = periodic * kept
        return Features(pitch, features.voiced, envelope, periodic.astype(np.float32))


def warped(envelope: np.ndarray, scale: float) -> np.ndarray:
    """(T, BANDS) whose resonances lie `scale` times as high."""
    at = (mel(from_mel(centres()) / scale) - centres()[0]) / (centres()[1] - centres()[0])
    at = at.clip(0, BANDS - 1.001)
    low = at.astype(int)
    share = (at - low).astype(np.float32)
    moved: np.ndarray = envelope[:, low] * (1 - share) + envelope[:, low + 1] * share
    return moved
