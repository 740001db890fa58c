"""Whom an outfit is cut for, and with what luck."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from liveavatar.rigs.drawn.garment import Dye
from liveavatar.rigs.drawn.identity import Palette
from liveavatar.rigs.population.cast import Cast

T = TypeVar("T")

MAIN, SECOND, ACCENT, METAL = (Dye(base) for base in ("dress", "knit", "ribbon", "gold"))
WHITE, INK = Dye("white"), Dye("ink")
"""Dyes that nearly all outfits are of."""


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

    def apart(self, ground: Dye, *choices: Dye) -> Dye:
        """One of several dyes that is seen on the ground; the one that is seen best where none is seen well."""
        seen = [dye for dye in choices if self._distance(ground, dye) > 0.2]
        return self.pick(*seen) if seen else max(choices, key=lambda dye: self._distance(ground, dye))

    def _distance(self, first: Dye, second: Dye) -> float:
        """Between two dyes, lightness counting most."""
        a, b = first.tone(self.palette), second.tone(self.palette)
        turn = np.radians(a.hue - b.hue)
        colour = a.chroma**2 + b.chroma**2 - 2 * a.chroma * b.chroma * float(np.cos(turn))
        return float(np.hypot(a.light - b.light, np.sqrt(max(colour, 0.0))))

    def dyed(self, base: str, light: float, chroma: float = 1.0, hue: float = 0.0) -> Dye:
        """A tone of a palette's base with its lightness brought to `light`."""
        tone = getattr(self.palette, base)
        return Dye(base, round(light - tone.light, 3), chroma, hue)
