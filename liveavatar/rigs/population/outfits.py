"""Bodies and clothes: proportions from a child's to a grown one's, and an outfit that fits genre and wearer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from liveavatar.rigs.drawn.garment import Build, Garment
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.wear import (
    cosy,
    fantasy,
    formal,
    future,
    gothic,
    idol,
    school,
    street,
    traditional,
)
from liveavatar.rigs.population.wear.wearer import Wearer


@dataclass(frozen=True)
class _Cut:
    """One kind of outfit."""

    make: Callable[[Wearer], Garment]
    lean: float = 0.5
    """For whom it is: 0 masculine .. 1 feminine."""
    wide: float = 2.0
    """How far others wear it too."""
    bare: bool = False
    """Whether it shows the shoulders."""


_CUTS: dict[str, tuple[_Cut, ...]] = {
    "school": (
        _Cut(school.sailor, 0.9, 0.5), _Cut(school.blazer), _Cut(school.cardigan, 0.6), _Cut(school.tunic, 0.1, 0.6),
    ),
    "street": (
        _Cut(street.tee), _Cut(street.hoodie), _Cut(street.varsity), _Cut(street.track),
        _Cut(street.slipped, 1.0, 0.4, bare=True), _Cut(street.dungarees, 0.7),
    ),
    "formal": (
        _Cut(formal.suit, 0.1, 0.7), _Cut(formal.waistcoat, 0.3), _Cut(formal.evening, 1.0, 0.35, bare=True),
        _Cut(formal.blouse, 0.9, 0.5), _Cut(formal.lab_coat),
    ),
    "traditional": (
        _Cut(traditional.kimono), _Cut(traditional.haori, 0.3), _Cut(traditional.mandarin), _Cut(traditional.robe),
    ),
    "fantasy": (
        _Cut(fantasy.armour), _Cut(fantasy.mantle), _Cut(fantasy.ranger, 0.4), _Cut(fantasy.stole), _Cut(fantasy.noble, 0.3),
    ),
    "gothic": (
        _Cut(gothic.lolita, 1.0, 0.4), _Cut(gothic.vampire, 0.2, 0.7), _Cut(gothic.corset, 1.0, 0.4, bare=True),
        _Cut(gothic.maid, 0.95, 0.35), _Cut(gothic.mourning, 0.3), _Cut(gothic.ringmaster, 0.2, 0.9),
    ),
    "idol": (
        _Cut(idol.prince, 0.2, 0.9), _Cut(idol.bolero, 0.9, 0.45), _Cut(idol.stage, 1.0, 0.4, bare=True), _Cut(idol.rocker, 0.4),
    ),
    "future": (_Cut(future.pilot), _Cut(future.technical), _Cut(future.plates), _Cut(future.courier)),
    "cosy": (
        _Cut(cosy.turtleneck), _Cut(cosy.jumper), _Cut(cosy.winter), _Cut(cosy.shawl_cardigan), _Cut(cosy.night),
    ),
}  # fmt: skip


def outfits(record: Identity, who: Cast, random: np.random.Generator) -> Identity:
    """Give a character a body and something to wear."""
    record = replace(record, build=build(who, random))
    return sewn(record, who, random, choose(random, who))


def sewn(record: Identity, who: Cast, random: np.random.Generator, name: str) -> Identity:
    """The record in a garment by name."""
    return replace(record, outfit=CUTS[name].make(Wearer(who, record.palette, random, record.build.bust)))


def choose(random: np.random.Generator, who: Cast) -> str:
    """A garment that fits who wears it, by name."""
    names = fitting(who)
    fits = np.array(
        [np.exp(-(((who.femininity - CUTS[name].lean) / CUTS[name].wide) ** 2)) for name in names]
    )
    return names[int(random.choice(len(names), p=fits / fits.sum()))]


def fitting(who: Cast) -> list[str]:
    """Names of the garments a character can wear."""
    own = _CUTS[who.genre]
    return [_name(cut) for cut in own if not (cut.bare and (who.species == "robot" or who.age < 0.2))]


def _name(cut: _Cut) -> str:
    return cut.make.__name__


CUTS: dict[str, _Cut] = {_name(cut): cut for cuts in _CUTS.values() for cut in cuts}


def build(who: Cast, random: np.random.Generator) -> Build:
    """A body by age and femininity."""
    masculine, grown = 1.0 - who.femininity, who.age

    def about(value: float, spread: float, low: float, high: float) -> float:
        return round(float(np.clip(random.normal(value, spread), low, high)), 3)

    return Build(
        head=about(1.0 - 0.13 * max(grown - 0.15, 0.0) / 0.85, 0.008, 0.86, 1.0),
        breadth=about(0.72 + 0.30 * grown + masculine * (0.04 + 0.30 * grown**1.2), 0.03, 0.70, 1.24),
        slope=about(10 * who.femininity + 4 - 6 * masculine * grown, 3.0, -12.0, 18.0),
        neck=about(0.79 + 0.14 * grown + masculine * (0.06 + 0.22 * grown), 0.02, 0.76, 1.20),
        length=about(-6 + 14 * grown + 4 * who.femininity * grown, 2.5, -12.0, 18.0),
        tilt=about(float(random.choice([-1, 1])) * 0.019, 0.006, -0.032, 0.032),
        shift=about(0.0, 4.0, -9.0, 9.0),
        bust=about(0.3 + 0.4 * grown, 0.15, 0.1, 1.0) if who.femininity > 0.5 and grown > 0.25 else 0.0,
    )
