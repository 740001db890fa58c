"""What is heard of a voice, and the mouth that goes with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveavatar.controls import VOWELS, both

HELD: tuple[str, ...] = (
    "jawOpen", "mouthFunnel", "mouthPucker", "mouthClose", *both(mouthStretch=0, mouthLowerDown=0, mouthUpperUp=0),
)  # fmt: skip
"""Controls that a voice holds: jaw and lips. What smiles and frowns is the camera's."""


@dataclass(frozen=True)
class Mouth:
    """What is heard at one moment, smoothed as lips move."""

    volume: float = 0.0
    """0 the room .. 1 as loud as this voice gets."""
    vowels: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(VOWELS, 0.0))
    """By name of controls.VOWELS, 0..1: with silence, sibilant and what shuts the mouth otherwise they make 1."""
    silence: float = 1.0
    """0..1: nobody speaks."""
    sibilant: float = 0.0
    """0..1: s, sh, f and the like: teeth near each other."""
    sure: float = 0.0
    """0..1: how far the vowels can be trusted; where they cannot, the volume opens the mouth."""
    speaking: float = 0.0
    """0..1: a voice is heard, or was a moment ago: whose the mouth is."""


def controls_of(mouth: Mouth) -> dict[str, tuple[float, float]]:
    """Control -> (value, weight) of all that are HELD; weights are those of liveavatar.retargeting.mixer."""
    opened = sum(mouth.vowels.values())
    shape = dict.fromkeys(HELD, 0.0)
    for name, share in mouth.vowels.items():
        for control, value in VOWELS[name].items():
            if control in shape:
                shape[control] += mouth.sure * share * value
    shape["jawOpen"] += (1 - mouth.sure) * opened * 0.5
    loud = 0.65 + 0.35 * mouth.volume
    return {name: (value * loud, mouth.speaking) for name, value in shape.items()}
