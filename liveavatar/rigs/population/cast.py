"""What all parts of one character agree on."""

from dataclasses import dataclass

import numpy as np

SPECIES = ("human", "cat", "fox", "rabbit", "wolf", "elf", "demon", "angel", "dragon", "spirit", "robot")
_SPECIES_SHARE = (0.44, 0.09, 0.06, 0.06, 0.05, 0.07, 0.06, 0.05, 0.04, 0.04, 0.04)
GENRES = ("school", "street", "formal", "traditional", "fantasy", "gothic", "idol", "future", "cosy")


@dataclass(frozen=True)
class Cast:
    """Who a character is, before anything is drawn."""

    femininity: float
    """0 masculine .. 1 feminine; neither in between."""
    age: float
    """0 small and round, a chibi's proportions .. 0.5 a youth .. 1 grown."""
    species: str
    """One of SPECIES."""
    genre: str
    """One of GENRES: what kind of clothes and things fit."""
    energy: float
    """0 calm .. 1 lively: how far hair stands out, how wide eyes are open, how strong colours are."""


def cast(random: np.random.Generator) -> Cast:
    """Draw one."""
    femininity = float(
        np.clip(random.choice([0.18, 0.5, 0.82], p=[0.3, 0.18, 0.52]) + random.normal(0, 0.1), 0, 1)
    )
    return Cast(
        femininity=femininity,
        age=float(np.clip(random.normal(0.52, 0.24), 0, 1)),
        species=str(random.choice(SPECIES, p=_SPECIES_SHARE)),
        genre=str(random.choice(GENRES)),
        energy=float(random.beta(2, 2)),
    )
