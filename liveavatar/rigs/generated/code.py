"""The identity code: a record as a vector of fixed length, and back.

Faces, colours, style and body are stored as what they are (numbers.py). Hair, clothes and what is worn are made by grammars
of numbers: of these the code has what was chosen, by name, and what the grammar drew after that, as shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.roster import IDENTITIES
from liveavatar.rigs.generated.numbers import PARTS, leaves, measure, rebuild
from liveavatar.rigs.population.cast import GENRES, SPECIES, Cast, cast
from liveavatar.rigs.population.character import GRAMMARS
from liveavatar.rigs.population.draws import recorder, replay, streams
from liveavatar.rigs.population.eyes import seated
from liveavatar.rigs.population.faces import face, marked, unmarked
from liveavatar.rigs.population.finishing import finished
from liveavatar.rigs.population.hair import choose as choose_hair
from liveavatar.rigs.population.hair import dressed, hair
from liveavatar.rigs.population.haircuts import HAIRCUTS
from liveavatar.rigs.population.outfits import CUTS, build, outfits, sewn
from liveavatar.rigs.population.outfits import choose as choose_garment
from liveavatar.rigs.population.palettes import palettes
from liveavatar.rigs.population.styles import styles
from liveavatar.rigs.population.worn import wearing, worn

_Grammar = Callable[[Identity, Cast, np.random.Generator], Identity]
_KNOWN = (face, palettes, hair, outfits, styles)
_OTHERS: tuple[_Grammar, ...] = tuple(part for part in GRAMMARS if part not in _KNOWN)
"""Grammars without a choice of their own that the code names."""
SHARES = {"face": 128, "marks": 96, "hair": 320, "outfits": 288, **{part.__name__: 192 for part in _OTHERS}}
"""How many draws of each the code keeps; further ones follow from these."""


@dataclass(frozen=True)
class Code:
    """One character."""

    who: Cast
    haircut: str
    garment: str
    numbers: dict[str, np.ndarray]
    """By part; NaN where something is absent."""
    bits: dict[str, np.ndarray]
    shares: dict[str, np.ndarray] = field(default_factory=dict)

    def vector(self) -> np.ndarray:
        """(code_length(),) float32; 0 where something is absent."""
        names = [_one(GENRES, self.who.genre), _one(SPECIES, self.who.species)]
        names += [_one(tuple(HAIRCUTS), self.haircut), _one(tuple(CUTS), self.garment)]
        who = np.array([self.who.femininity, self.who.age, self.who.energy])
        parts = [x for part in PARTS for x in (np.nan_to_num(self.numbers[part]), self.bits[part])]
        return np.concatenate([who, *names, *parts, *(self.shares[key] for key in SHARES)]).astype(np.float32)


def code_length() -> int:
    """Numbers of a code's vector."""
    names = len(GENRES) + len(SPECIES) + len(HAIRCUTS) + len(CUTS)
    return 3 + names + sum(leaf.size + leaf.bits for leaf in leaves()) + sum(SHARES.values())


def from_vector(vector: np.ndarray) -> Code:
    """The code of a vector."""
    places = iter(np.split(vector.astype(np.float64), np.cumsum(_sizes())[:-1]))
    who = next(places)
    genre, species = (kinds[int(next(places).argmax())] for kinds in (GENRES, SPECIES))
    haircut, garment = (list(kinds)[int(next(places).argmax())] for kinds in (HAIRCUTS, CUTS))
    found = [(part, next(places), next(places)) for part in PARTS]
    return Code(
        Cast(float(who[0]), float(who[1]), species, genre, float(who[2])),
        haircut,
        garment,
        numbers={part: numbers for part, numbers, _ in found},
        bits={part: bits for part, _, bits in found},
        shares={key: next(places) for key in SHARES},
    )


def outline(seed: int) -> tuple[Code, Identity]:
    """What is learned of the population's character of a seed, without shares, and its record so far: no hair, no clothes."""
    random = _random(seed)
    who = cast(np.random.default_rng([seed, 0]))
    record = palettes(face(_blank(f"seed-{seed}"), who, random(face)), who, random(palettes))
    haircut, tailor = choose_hair(random(hair), who), random(outfits)
    record = styles(replace(record, build=build(who, tailor)), who, random(styles))
    found = {part: measure(record, part) for part in PARTS}
    return (
        Code(
            who, haircut, choose_garment(tailor, who), *({k: v[i] for k, v in found.items()} for i in (0, 1))
        ),
        record,
    )


def encode(seed: int) -> Code:
    """The code of the population's character of a seed."""
    code, record = outline(seed)
    random, who = _random(seed), code.who
    shares: dict[str, list[float]] = {key: [] for key in SHARES}
    first = recorder(random(face), shares["face"])
    unmarked(_blank(""), who, first, streams(first, 10))
    last = random(face).integers(2**62, size=10)[9]
    marked(record, who, recorder(np.random.default_rng(last), shares["marks"]))
    barber = random(hair)
    choose_hair(barber, who)
    record = dressed(record, who, recorder(barber, shares["hair"]), code.haircut)
    tailor = random(outfits)
    build(who, tailor)
    choose_garment(tailor, who)
    record = sewn(record, who, recorder(tailor, shares["outfits"]), code.garment)
    for part in _OTHERS:
        record = part(record, who, recorder(random(part), shares[part.__name__]))
    return replace(code, shares={key: _padded(shares[key], count) for key, count in SHARES.items()})


def first_guess(who: Cast, shares: dict[str, np.ndarray], name: str = "guess") -> Identity:
    """What the grammar of faces makes of its shares."""
    random = replay(_kept(shares["face"]))
    return unmarked(_blank(name), who, random, streams(random, 10))


def decode(code: Code, name: str = "coded", things: Sequence[str] | None = None) -> Identity:
    """The record of a code; with some things on the head, by name, instead of what chance gives. Raises TrainingError where these
    have no room."""
    who = code.who
    random = {key: replay(_kept(code.shares[key])) for key in SHARES}
    record = first_guess(who, code.shares, name)
    for part in PARTS:
        record = rebuild(record, part, np.nan_to_num(code.numbers[part]), code.bits[part])
    record = replace(record, face=replace(record.face, eye=seated(record.face.eye)))
    record = marked(record, who, random["marks"])
    record = dressed(record, who, random["hair"], code.haircut)
    record = sewn(record, who, random["outfits"], code.garment)
    for other in _OTHERS:
        if other is worn and things is not None:
            record = wearing(record, who, random[other.__name__], things)
        else:
            record = other(record, who, random[other.__name__])
    return finished(record)


def _blank(name: str) -> Identity:
    return replace(IDENTITIES["hoshi"], name=name, worn=())


def _random(seed: int) -> Callable[[_Grammar], np.random.Generator]:
    """The random numbers that the population gives each of its grammars."""
    return lambda part: np.random.default_rng([seed, GRAMMARS.index(part) + 1])


@cache
def _sizes() -> tuple[int, ...]:
    own = [
        n
        for part in PARTS
        for n in (
            sum(leaf.size for leaf in leaves() if leaf.part == part),
            sum(leaf.bits for leaf in leaves() if leaf.part == part),
        )
    ]
    return (3, len(GENRES), len(SPECIES), len(HAIRCUTS), len(CUTS), *own, *SHARES.values())


def _one(kinds: tuple[str, ...], name: str) -> np.ndarray:
    return np.array([float(kind == name) for kind in kinds])


def _padded(shares: list[float], count: int) -> np.ndarray:
    return np.array((shares + [0.0] * count)[:count])


def _kept(shares: np.ndarray) -> list[float]:
    """Without the zeros behind the last one."""
    seen = np.flatnonzero(shares > 0.0)
    return [float(share) for share in shares[: seen[-1] + 1]] if len(seen) else []
