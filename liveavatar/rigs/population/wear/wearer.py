"""Whom an outfit is cut for, and with what luck."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from liveavatar.rigs.drawn.garment import Dye
from liveavatar.rigs.drawn.identity import Palette
from liveavatar.rigs.population.cast import Cast

T = TypeVar("T")


@dataclass(frozen=True)
class Wearer:
    """A character at the tailor's."""

    cast: Cast
    palette: Palette
    random: np.random.Generator
    bust: float

    def between(self, low: float, high: float) -> float:
        """A number."""
        return float(self.random.uniform(low, high))

    def luck(self, share: float) -> bool:
        """Whether something is so, as often as `share` says."""
        return bool(self.random.random() < share)

    def pick(self, *choices: T) -> T:
        """One of several."""
        return choices[int(self.random.integers(len(choices)))]

    def dyed(self, base: str, light: float, chroma: float = 1.0, hue: float = 0.0) -> Dye:
        """A tone of a palette's base with its lightness brought to `light`."""
        tone = getattr(self.palette, base)
        return Dye(base, round(light - tone.light, 3), chroma, hue)
