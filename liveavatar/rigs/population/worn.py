"""What a character wears on the head: what fits the species, the genre and the hair, and goes together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

import liveavatar.rigs.population.things as things
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs.drawn.geometry import smoothstep
from liveavatar.rigs.drawn.identity import GroupedHair, Identity
from liveavatar.rigs.drawn.ornament import Ornament
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.fit import fit
from liveavatar.rigs.population.robots import robot
from liveavatar.rigs.population.species import HUMAN_EARS, grown
from liveavatar.rigs.population.wearer import Wearer


@dataclass(frozen=True)
class Thing:
    """One row of the table."""

    make: Callable[[Wearer], tuple[Ornament, ...]]
    takes: frozenset[str]
    """Spots on the head; no two things share one."""
    weight: float
    genres: frozenset[str]
    """Where it belongs: five times as likely there."""
    feminine: float = 0.0
    """-1 for the masculine .. 0 for all .. 1 for the feminine."""


def _row(
    make: Callable[[Wearer], tuple[Ornament, ...]],
    takes: str,
    weight: float,
    genres: str,
    feminine: float = 0.0,
) -> Thing:
    return Thing(make, frozenset(takes.split("+")), weight, frozenset(genres.split("+")), feminine)


_HAT = "brim+crown+tops+band+air+left+right"
"""A hat sits on everything but eyes and ears."""


# fmt: off
THINGS: dict[str, Thing] = {
    #               made by                   takes                        weight, belongs to                           feminine
    "beret":        _row(things.beret,        _HAT,                        0.90, "school+formal+gothic+cosy",             0.3),
    "cap":          _row(things.cap,          _HAT,                        0.90, "street+future",                         -0.2),
    "beanie":       _row(things.beanie,       _HAT + "+ears+lobes",        0.85, "street+cosy",                           -0.1),
    "witch_hat":    _row(things.witch,        _HAT,                        0.65, "fantasy+gothic",                        0.3),
    "sun_hat":      _row(things.sun,          _HAT,                        0.65, "cosy+traditional",                      0.7),
    "little_hat":   _row(things.little_hat,   "tops+brim+side+crown",      0.35, "gothic+idol+formal",                    0.6),
    "hairband":     _row(things.hairband,     "band+brim+crown",           0.80, "school+cosy+idol",                      0.9),
    "frills":       _row(things.frills,       "band+brim+crown",           0.45, "gothic",                                1.0),
    "flower_crown": _row(things.flower_crown, "band+brim+crown+left+right",0.40, "fantasy+traditional",                   0.8),
    "crown":        _row(things.crown,        "crown+brim",                0.35, "fantasy+idol+gothic",                   0.2),
    "headphones":   _row(things.headphones,   "band+tops+brim+ears+lobes", 0.80, "street+future+idol",                    0.0),
    "goggles":      _row(things.goggles,      "brim+band+left+right+eyes", 0.30, "future+fantasy",                        -0.2),
    "side_mask":    _row(things.side_mask,    "tops+side+brim+band",       0.30, "traditional",                           0.0),
    "flower":       _row(things.flower,       "side",                      1.10, "traditional+fantasy+cosy",              0.9),
    "bow":          _row(things.bow,          "side",                      1.00, "school+idol+gothic",                    1.0),
    "bows":         _row(things.bows,         "left+right",                0.60, "idol+school+gothic",                    1.0),
    "pins":         _row(things.pins,         "side",                      1.30, "school+street+idol+cosy",               0.5),
    "earrings":     _row(things.earrings,     "lobes",                     1.30, "street+formal+gothic+idol+traditional", 0.3),
    "glasses":      _row(things.glasses,      "eyes",                      0.38, "school+formal+future+cosy",             0.0),
    "monocle":      _row(things.monocle,      "eyes",                      0.12, "formal+gothic+fantasy",                 -0.4),
    "eye_patch":    _row(things.eye_patch,    "eyes",                      0.08, "gothic+fantasy+street",                 0.0),
    "plaster":      _row(things.plaster,      "cheeks",                    0.25, "street",                                -0.2),
    "cheek_signs":  _row(things.cheek_signs,  "cheeks",                    0.30, "idol+fantasy+future",                   0.5),
}
# fmt: on
""""side" is whichever of left and right is free."""


SPECIES_TAKE: dict[str, frozenset[str]] = {
    "cat": frozenset(("tops", "ears", "lobes")),
    "fox": frozenset(("tops", "ears", "lobes")),
    "wolf": frozenset(("tops", "ears", "lobes")),
    "rabbit": frozenset(("tops", "ears", "lobes", "crown")),
    "elf": frozenset(("ears", "lobes")),
    "demon": frozenset(("tops", "ears", "lobes", "crown")),
    "dragon": frozenset(("tops", "ears", "lobes", "cheeks")),
    "angel": frozenset(("air", "tops", "left", "right", "crown")),
    "spirit": frozenset(("tops", "ears", "lobes")),
}
"""Spots that what grows on a head takes."""


def _chosen(w: Wearer, count: int) -> list[Ornament]:
    """Things one after the other, each where there is room."""
    chosen: list[Ornament] = []
    taken = w.taken
    for _ in range(count):
        open_to = {name: weight for name in THINGS if (weight := _wish(w, name, taken)) > 0}
        if not open_to:
            break
        weights = np.array(list(open_to.values()))
        name = list(open_to)[w.random.choice(len(weights), p=weights / weights.sum())]
        made = THINGS[name].make(replace(w, taken=taken))
        chosen += made
        taken = taken | _spots(name, made)
    return chosen


def _wish(w: Wearer, name: str, taken: frozenset[str]) -> float:
    """How much a character would like to wear something: 0 if it has no room."""
    thing = THINGS[name]
    if not _fits(replace(w, taken=taken), name):
        return 0.0
    lean = thing.feminine * (2.0 * w.cast.femininity - 1.0)
    return (
        thing.weight * (1.0 if w.cast.genre in thing.genres else 0.2) * float(smoothstep(-0.75, 0.45, lean))
    )


def _fits(w: Wearer, name: str) -> bool:
    """Whether a character has room for something."""
    thing = THINGS[name]
    takes = thing.takes - {"side"}
    if takes & w.taken or ("side" in thing.takes and {"left", "right"} <= w.taken):
        return False
    if "tops" in takes and "brim" in takes and w.fit.stands_out > 45.0:  # hair tied high
        return False
    if {"side", "left"} & thing.takes and w.fit.covers(150.0, -110.0, 70.0) < 20:  # no hair to pin it to
        return False
    # earrings under hair
    return not ("lobes" in thing.takes and len(thing.takes) == 1 and not w.record.face.ears)


def _spots(name: str, made: tuple[Ornament, ...]) -> frozenset[str]:
    thing = THINGS[name]
    if "side" not in thing.takes:
        return thing.takes
    pivot = made[-1].joint.pivot[0] or made[-1].panels[-1].outline[0][0]
    return thing.takes - {"side"} | {"right" if pivot > 0 else "left"}


def worn(record: Identity, cast: Cast, random: np.random.Generator) -> Identity:
    """Put on what grows and what is worn."""
    if cast.species == "robot":
        return robot(record, cast, random)
    room = fit(record)
    ornaments = [*grown(record, cast, room, random)]
    taken = SPECIES_TAKE.get(cast.species, frozenset())
    count = int(
        random.choice(4, p=(0.12, 0.40, 0.34, 0.14) if cast.species == "human" else (0.36, 0.42, 0.18, 0.04))
    )
    ornaments += _chosen(Wearer(record, cast, room, random, taken), count)
    return _with(record, cast, random, ornaments)


def wearing(record: Identity, cast: Cast, random: np.random.Generator, names: Sequence[str]) -> Identity:
    """Put on what grows, and things of THINGS by name. Raises TrainingError for one that has no room."""
    if cast.species == "robot":
        return robot(record, cast, random)
    room = fit(record)
    ornaments = [*grown(record, cast, room, random)]
    w = Wearer(record, cast, room, random, SPECIES_TAKE.get(cast.species, frozenset()))
    for name in sorted(names, key=list(THINGS).index):
        if not _fits(w, name):
            label = name.replace("_", " ")
            raise TrainingError(
                tr(
                    f"there is no room for {label} on this head: something else is there, hair is tied high, or there is none "
                    "to pin it to. Leave it out, or choose another cut, species or thing.",
                    f"这个头上放不下 {label}：位置已被占用、头发束得太高，或没有头发可别。请去掉它，或换发型、种族、饰物。",
                )
            )
        made = THINGS[name].make(w)
        ornaments += made
        w = replace(w, taken=w.taken | _spots(name, made))
    return _with(record, cast, random, ornaments)


def _with(record: Identity, cast: Cast, random: np.random.Generator, ornaments: list[Ornament]) -> Identity:
    """The record with ornaments, and without what they hide."""
    if any(one.kind == "glasses" for one in ornaments):
        ornaments = [one for one in ornaments if one.kind != "whiskers"]
    face = record.face
    if cast.species not in HUMAN_EARS or any(one.kind == "headphones" for one in ornaments):
        face = replace(face, ears=False, stud=None)
    if cast.species in ("cat", "wolf", "demon", "dragon"):
        face = replace(face, mouth=replace(face.mouth, fang=bool(random.random() < 0.8)))
    hair = record.hair
    if any(
        one.presses or one.kind in ("halo", "headphones", "crown") for one in ornaments
    ) and not isinstance(hair, GroupedHair):
        hair = replace(hair, stray=())  # nothing stands up through a hat
    return replace(record, face=face, hair=hair, worn=(), ornaments=tuple(ornaments))
