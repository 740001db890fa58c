"""Draws characters by seed: who they are, then each part with random numbers of its own, so that a change to one part leaves the
others of a seed as they are."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.roster import IDENTITIES
from liveavatar.rigs.population.cast import Cast, cast
from liveavatar.rigs.population.faces import face
from liveavatar.rigs.population.finishing import finished
from liveavatar.rigs.population.hair import hair
from liveavatar.rigs.population.outfits import outfits
from liveavatar.rigs.population.palettes import palettes
from liveavatar.rigs.population.styles import styles
from liveavatar.rigs.population.worn import worn

GRAMMARS: tuple[Callable[[Identity, Cast, np.random.Generator], Identity], ...] = (
    face,
    palettes,
    hair,
    outfits,
    worn,
    styles,
)
"""Each puts its part into the record. Their order is the order in which they are numbered: only ever append."""


def character(seed: int) -> Identity:
    """The character of a seed, 0 or more: the same on any machine."""
    random = np.random.default_rng([seed, 0])
    who = cast(random)
    record = replace(IDENTITIES["hoshi"], name=f"seed-{seed}", worn=())
    for number, part in enumerate(GRAMMARS, 1):
        record = part(record, who, np.random.default_rng([seed, number]))
    return finished(record)
