"""Hairdos: what hangs or is tied, and which fringes go with it."""

from collections.abc import Callable
from dataclasses import dataclass

import liveavatar.rigs.population.hairbound as bound
import liveavatar.rigs.population.hairloose as loose
import liveavatar.rigs.population.hairshort as brief
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.hairlocks import Piece, Random, Skull


@dataclass(frozen=True)
class Haircut:
    """One kind of hairdo."""

    feminine: tuple[float, float]
    """Where on the scale of femininity it is at home."""
    genres: tuple[str, ...]
    fringes: tuple[str, ...]
    build: Callable[[Random, Cast, Skull], Piece]
    ears: bool = False
    """Whether it leaves human ears free."""
    crown: bool = False
    """Whether it takes the place on the head where animals' ears and horns are."""
    weight: float = 1.0
    tufts: float = 0.25
    """How far locks leave the crown, 0..1."""


_SOFT = ("full", "heart", "swept", "swept", "arch", "choppy", "slant", "parted")
_BOYISH = ("spiky", "swept", "nose", "choppy", "parted", "veil", "curtain")
_ALL = ("full", "heart", "swept", "swept", "parted", "curtain", "wispy", "nose", "slant", "veil")

HAIRCUTS: dict[str, Haircut] = {
    "crop": Haircut(
        (0.0, 0.55), ("school", "street", "future", "formal"),
        _BOYISH,
        brief.short, True, tufts=0.8, weight=2.2,
    ),
    "spikes": Haircut(
        (0.0, 0.6), ("street", "fantasy", "future", "idol"),
        ("spiky", "nose", "veil", "choppy"),
        brief.spikes, True, True, tufts=0.0, weight=1.3,
    ),
    "slick": Haircut(
        (0.0, 0.4), ("formal", "gothic"),
        ("back", "quiff"),
        brief.tight, True, weight=0.8, tufts=0.0,
    ),
    "quiff": Haircut(
        (0.0, 0.5), ("street", "idol", "formal"),
        ("quiff",),
        brief.short, True, weight=0.9, tufts=0.2,
    ),
    "mop": Haircut(
        (0.0, 0.8), ("cosy", "school", "street"),
        ("curly", "full", "choppy"),
        brief.mop, tufts=0.9, weight=1.3,
    ),
    "afro": Haircut(
        (0.0, 1.0), ("street", "idol", "cosy"),
        ("back",),
        brief.afro, True, True, weight=0.45, tufts=0.0,
    ),
    "buzz": Haircut(
        (0.0, 0.5), ("street", "future"),
        ("none",),
        brief.tight, True, weight=0.35, tufts=0.0,
    ),
    "bald": Haircut(
        (0.0, 0.3), ("traditional", "future"),
        ("none",),
        brief.tight, True, weight=0.12, tufts=0.0,
    ),
    "wolf": Haircut(
        (0.0, 0.9), ("street", "fantasy", "future"),
        _BOYISH,
        loose.wolf, tufts=0.9, weight=1.6,
    ),
    "undercut": Haircut(
        (0.0, 1.0), ("street", "future", "gothic"),
        ("swept", "veil", "quiff"),
        brief.undercut, True, weight=0.7, tufts=0.2,
    ),
    "bob": Haircut(
        (0.35, 1.0), ("school", "cosy", "formal"),
        _SOFT,
        loose.bob, weight=1.3,
    ),
    "blunt_bob": Haircut(
        (0.3, 1.0), ("school", "future", "traditional", "gothic"),
        ("blunt", "arch", "micro", "slant"),
        loose.blunt_bob, weight=0.9, tufts=0.0,
    ),
    "flipped": Haircut(
        (0.3, 1.0), ("idol", "school", "cosy"),
        _ALL,
        loose.flipped, weight=1.1, tufts=0.4,
    ),
    "uneven_bob": Haircut(
        (0.1, 1.0), ("future", "street"),
        ("swept", "veil", "choppy"),
        loose.uneven_bob, weight=0.7,
    ),
    "long_straight": Haircut(
        (0.35, 1.0), ("formal", "school", "fantasy"),
        _ALL,
        loose.long_straight, weight=1.7,
    ),
    "long_wavy": Haircut(
        (0.4, 1.0), ("fantasy", "formal", "idol"),
        ("curtain", "parted", "swept", "wispy", "full"),
        loose.long_wavy, weight=1.2,
    ),
    "long_layered": Haircut(
        (0.25, 1.0), ("fantasy", "street", "idol"),
        _ALL,
        loose.long_layered, weight=1.1, tufts=0.6,
    ),
    "long_curly": Haircut(
        (0.4, 1.0), ("fantasy", "gothic", "cosy"),
        ("curly", "wispy", "parted"),
        loose.long_curly, weight=0.8, tufts=0.4,
    ),
    "princess": Haircut(
        (0.5, 1.0), ("traditional", "gothic"),
        ("blunt", "arch"),
        loose.princess, weight=1.0, tufts=0.0,
    ),
    "twin_high": Haircut(
        (0.6, 1.0), ("idol", "school", "gothic"),
        _SOFT,
        bound.twin_high, True, True, weight=1.2,
    ),
    "twin_low": Haircut(
        (0.5, 1.0), ("school", "cosy", "traditional"),
        _SOFT,
        bound.twin_low, True, weight=0.8,
    ),
    "drills": Haircut(
        (0.6, 1.0), ("gothic", "fantasy", "idol"),
        ("full", "arch", "heart", "parted"),
        bound.drills, True, True, weight=0.6,
    ),
    "two_braids": Haircut(
        (0.5, 1.0), ("school", "cosy", "traditional", "fantasy"),
        ("full", "wispy", "arch", "parted", "curtain"),
        bound.two_braids, weight=0.8,
    ),
    "side_tail": Haircut(
        (0.35, 1.0), ("cosy", "formal", "traditional", "fantasy"),
        ("swept", "parted", "curtain", "heart"),
        bound.side_tail, weight=1.1,
    ),
    "pony": Haircut(
        (0.35, 1.0), ("school", "idol", "traditional", "future"),
        ("full", "parted", "curtain", "heart", "back", "wispy"),
        bound.pony, True, True, weight=1.2,
    ),
    "samurai": Haircut(
        (0.0, 0.6), ("traditional", "fantasy"),
        ("parted", "spiky", "curtain"),
        bound.samurai, True, True, weight=0.8, tufts=0.5,
    ),
    "bun": Haircut(
        (0.3, 1.0), ("cosy", "formal", "traditional"),
        ("wispy", "curtain", "parted", "back", "heart"),
        bound.bun, True, True, weight=0.8,
    ),
    "two_buns": Haircut(
        (0.55, 1.0), ("idol", "traditional", "street"),
        ("full", "blunt", "heart", "wispy"),
        bound.two_buns, True, True, weight=0.9,
    ),
    "two_side_up": Haircut(
        (0.6, 1.0), ("idol", "school", "gothic"),
        ("full", "heart", "arch"),
        bound.two_side_up, False, True, weight=0.7,
    ),
}  # fmt: skip
