"""Who something is made for."""

from dataclasses import dataclass

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ornament import Shade
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.fit import Fit
from liveavatar.rigs.population.nearness import distance
from liveavatar.rigs.population.ornaments.hats import HALF

DARK, WHITE = Shade(Tone(0.30, 0.025, 285)), Shade(Tone(0.965, 0.012, 85))


SILVER, STRAW, LEAF = (
    Shade(Tone(0.80, 0.015, 250)),
    Shade(Tone(0.86, 0.085, 85)),
    Shade(Tone(0.60, 0.11, 140)),
)


@dataclass(frozen=True)
class Wearer:
    """Who something is made for, and the random numbers it is made with."""

    record: Identity
    cast: Cast
    fit: Fit
    random: np.random.Generator
    taken: frozenset[str]
    """Spots that something has already."""

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def tone(self, shade: Shade) -> Tone:
        """The colour a shade has on this character."""
        base = shade.of if isinstance(shade.of, Tone) else getattr(self.record.palette, shade.of)
        return base.to(shade.light, shade.chroma, shade.hue)

    def seen(self, *shades: Shade) -> Shade:
        """One of some colours that can be told from the hair."""
        hair = self.record.palette.hair
        clear = [shade for shade in shades if distance(self.tone(shade), hair) > 0.20]
        best = max(shades, key=lambda shade: distance(self.tone(shade), hair))
        return clear[self.random.integers(len(clear))] if clear else best

    @property
    def size(self) -> float:
        """Of a hat, beside its draft."""
        return float(np.clip((self.fit.half(-150.0) + 8.0) / HALF, 0.86, 1.16))

    @property
    def rise(self) -> float:
        """How far a hat sits lower than drafted, in head units."""
        return float(np.clip(self.fit.crest(0.0) + 284.0, -16.0, 30.0))

    def side(self) -> int:
        """A side of the head with nothing on it: -1 or 1."""
        free = [side for side, spot in ((-1, "left"), (1, "right")) if spot not in self.taken]
        return int(free[self.random.integers(len(free))]) if free else 1
