"""All that makes one character from noise: a seed, what is asked beside it, and sliders; as a record, a short code, a drawing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import numpy as np

import liveavatar.rigs.generated.seedcode as seedcode
from liveavatar.errors import TrainingError
from liveavatar.language import Text, tr
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.generated.attributes import ATTRIBUTES, perhaps
from liveavatar.rigs.generated.code import Code, decode
from liveavatar.rigs.generated.colours import hex_of, painted, relit
from liveavatar.rigs.generated.luck import Luck, mixed
from liveavatar.rigs.generated.network import STYLED, Generator, cast_of, luck, open_generator
from liveavatar.rigs.generated.sliders import SLIDERS, STEP, finished, moved, slid
from liveavatar.rigs.population.cast import Cast

PREFIX = "generated-"
"""Of a rig's name, before the recipe's number or code."""
MOST = 10**9
"""Largest seed."""
PARTS: dict[str, tuple[str, ...]] = {
    "face": ("noise.face", "share.face", "share.marks"),
    "colour": ("noise.colour",),
    "hair": ("lot.haircut", "share.hair"),
    "outfit": ("lot.garment", "share.outfits"),
    "worn": ("share.worn",),
    "style": ("lot.style", "noise.style"),
    "body": ("build", "noise.body"),
}
"""What can be taken from another seed, and which chances that is."""
_SIZES = (2**7, 2**14, 2**20, MOST + 1)
"""Seeds are written with as many digits as they need."""
_WAYS = 100
_POSITIONS = round(1 / STEP)


@dataclass(frozen=True)
class Recipe:
    """One character. Raises TrainingError for what cannot be."""

    seed: int
    toward: int | None = None
    """Another seed, if the character lies between two."""
    way: float = 0.0
    """How far towards it, 0..1."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """Of ATTRIBUTES: name -> value."""
    sliders: Mapping[str, float] = field(default_factory=dict)
    """Of SLIDERS: name -> -1..1."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Of PARTS: name -> the seed it is taken from."""

    def __post_init__(self) -> None:
        for seed in (self.seed, *([] if self.toward is None else [self.toward]), *self.parts.values()):
            if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MOST:
                raise _no_seed(repr(seed))
        if not 0.0 <= self.way <= 1.0:
            raise TrainingError(
                tr(
                    f"the way between two seeds is 0 to 1, got {self.way}",
                    f"两个种子之间的位置应为 0 到 1，得到 {self.way}",
                )
            )
        for given, known, kind in (
            (self.asked, ATTRIBUTES, Text("attribute", "属性")),
            (self.sliders, SLIDERS, Text("slider", "滑块")),
            (self.parts, PARTS, Text("part", "部分")),
        ):
            for name in sorted(set(given) - set(known)):
                what, near = tr(kind.en, kind.zh), perhaps(get_close_matches(name, list(known), 1, 0.6))
                raise TrainingError(
                    tr(
                        f"no {what} {name!r}{near}; there are {', '.join(known)}",
                        f"没有{what} {name!r}{near}；可选 {', '.join(known)}",
                    )
                )
        for name, amount in self.sliders.items():
            if not -1.0 <= amount <= 1.0:
                raise TrainingError(
                    tr(
                        f"slider {name} goes from -1 to 1, got {amount:g}",
                        f"滑块 {name} 的范围是 -1 到 1，得到 {amount:g}",
                    )
                )
        way = round(_WAYS * self.way) / _WAYS
        if self.toward is None or way == 0.0 or self.toward == self.seed:
            object.__setattr__(self, "toward", None)
            way = 0.0
        sliders = {
            name: round(self.sliders[name] / STEP) / _POSITIONS for name in SLIDERS if name in self.sliders
        }
        object.__setattr__(self, "way", way)
        object.__setattr__(
            self,
            "asked",
            {name: of.read(self.asked[name]) for name, of in ATTRIBUTES.items() if name in self.asked},
        )
        object.__setattr__(self, "sliders", {name: amount for name, amount in sliders.items() if amount})
        object.__setattr__(self, "parts", {name: self.parts[name] for name in PARTS if name in self.parts})
        if self.asked.get("species") == "robot":
            for name in {"cut", "skin", "wear"} & set(self.asked):
                label = ATTRIBUTES[name].label
                what = tr(label.en, label.zh)
                raise TrainingError(
                    tr(
                        f"a robot has no {what}: leave it out, or choose another species",
                        f"机器人没有{what}：请去掉它，或换一个种族",
                    )
                )


def _no_seed(given: str) -> TrainingError:
    return TrainingError(
        tr(
            f"a seed is a whole number from 0 to {MOST}, got {given}",
            f"种子应为 0 到 {MOST} 的整数，得到 {given}",
        )
    )


def parse(text: str) -> Recipe:
    """The recipe of a number or a seed code. Raises TrainingError."""
    plain = text.strip()
    if re.fullmatch("[-+]?[0-9]+([.,][0-9]*)?", plain) and not re.fullmatch("[0-9]{1,10}", plain):
        raise _no_seed(plain[:40])
    if plain.isascii() and plain.isdigit():
        return Recipe(int(plain))
    found = seedcode.Reader(plain)
    seed, toward, way = _read_seed(found), None, 0
    asked: dict[str, str] = {}
    sliders: dict[str, float] = {}
    parts: dict[str, int] = {}
    if found.next(2):
        if found.next(2):
            toward, way = _read_seed(found), found.next(_WAYS + 1)
        for name, attribute in ATTRIBUTES.items():
            if found.next(2):
                asked[name] = _read_asked(found, list(attribute.values or {}), attribute.many)
        for _ in range(found.next(32)):
            name = _row(found, list(SLIDERS), 64)
            sliders[name] = (found.next(2 * _POSITIONS + 1) - _POSITIONS) / _POSITIONS
        for _ in range(found.next(16)):
            name = _row(found, list(PARTS), 16)
            parts[name] = _read_seed(found)
    found.end()
    return Recipe(seed, toward, way / _WAYS, asked, sliders, parts)


def code(recipe: Recipe) -> str:
    """The seed code of a recipe."""
    numbers = _seed(recipe.seed)
    if recipe.toward is not None or recipe.asked or recipe.sliders or recipe.parts:
        numbers += [(1, 2), (int(recipe.toward is not None), 2)]
        if recipe.toward is not None:
            numbers += [*_seed(recipe.toward), (round(_WAYS * recipe.way), _WAYS + 1)]
        for name, attribute in ATTRIBUTES.items():
            numbers.append((int(name in recipe.asked), 2))
            if name in recipe.asked:
                numbers += _asked(recipe.asked[name], list(attribute.values or {}), attribute.many)
        numbers.append((len(recipe.sliders), 32))
        for name, amount in recipe.sliders.items():
            numbers += [
                (list(SLIDERS).index(name), 64),
                (round(_POSITIONS * amount) + _POSITIONS, 2 * _POSITIONS + 1),
            ]
        numbers.append((len(recipe.parts), 16))
        for name, seed in recipe.parts.items():
            numbers += [(list(PARTS).index(name), 16), *_seed(seed)]
    return seedcode.write(numbers)


def rig_name(recipe: Recipe) -> str:
    """The name by which open_rig() draws a recipe."""
    plain = recipe == Recipe(recipe.seed)
    return f"{PREFIX}{recipe.seed if plain else code(recipe)}"


def draw(recipe: Recipe, of: Generator | None = None) -> Identity:
    """The character: the same on any machine. Raises TrainingError for what contradicts itself."""
    whole = coded(recipe, of or open_generator())
    things = recipe.asked.get("wear")
    record = decode(
        whole,
        rig_name(recipe),
        None if things is None else tuple(t for t in things.split(",") if t != "none"),
    )
    return relit(finished(record, recipe.sliders), recipe.asked)


def traits(recipe: Recipe, record: Identity) -> dict[str, str]:
    """What a character has of ATTRIBUTES, asked or not, but for what it wears; record: what draw() made of the recipe."""
    who, _, names, _ = _chances(recipe, open_generator())
    style, palette = record.style, record.palette
    fill = style.of("eyes").fill
    return {
        "hair": hex_of(style.fill(palette.hair)),
        "eyes": hex_of(fill(palette.iris_middle)),
        "skin": hex_of(style.fill(palette.skin)),
        **{option: names[kind] for option, kind in _KINDS.items()},
        "species": who.species,
        **recipe.asked,
    }


def coded(recipe: Recipe, of: Generator) -> Code:
    """The code of a recipe's character, with all that was asked but what is worn."""
    who, chance, names, labels = _chances(recipe, of)
    asked = recipe.asked
    whole = of.code(who, chance, names, slid(who, recipe.sliders), labels)
    whole = painted(moved(whole, recipe.sliders), asked, of, recipe.seed)
    return replace(whole, who=replace(who, species=asked.get("species", who.species)))


def _chances(recipe: Recipe, of: Generator) -> tuple[Cast, Luck, dict[str, str], dict[str, np.ndarray]]:
    """Who a character is, its chances, the names of style, haircut and garment, and by part weights of the styles: another style
    leaves the colours as they are."""
    chance = luck(recipe.seed)
    who = cast_of(chance)
    names = of.choices(who, chance)
    labels = of.label(names["style"])
    if recipe.toward is not None:
        other = luck(recipe.toward)
        they = cast_of(other)
        theirs = of.choices(they, other)
        labels = (1 - recipe.way) * labels + recipe.way * of.label(theirs["style"])
        if recipe.way >= 0.5:
            names = theirs
        who, chance = _between(who, they, recipe.way), mixed(chance, other, recipe.way)
    own = labels
    for part, seed in recipe.parts.items():
        donor = luck(seed)
        if kind := {"hair": "haircut", "outfit": "garment", "style": "style"}.get(part):
            chosen = of.choices(who, donor)[kind]
            names = {**names, kind: chosen}
            labels = of.label(chosen) if kind == "style" else labels
        chance = {**chance, **{name: donor[name] for name in PARTS[part]}}
    names |= {kind: recipe.asked[option] for option, kind in _KINDS.items() if option in recipe.asked}
    if "style" in recipe.asked:
        labels = of.label(names["style"])
    return who, chance, names, {**dict.fromkeys(STYLED, own), "style": labels}


_KINDS = {"cut": "haircut", "outfit": "garment", "style": "style"}


def _between(first: Cast, second: Cast, way: float) -> Cast:
    nearer = first if way < 0.5 else second
    sizes = {
        name: getattr(first, name) + (getattr(second, name) - getattr(first, name)) * way
        for name in ("femininity", "age", "energy")
    }
    return replace(nearer, **sizes)


def _seed(seed: int) -> list[tuple[int, int]]:
    size = next(i for i, most in enumerate(_SIZES) if seed < most)
    return [(size, len(_SIZES)), (seed, _SIZES[size])]


def _read_seed(found: seedcode.Reader) -> int:
    return found.next(_SIZES[found.next(len(_SIZES))])


def _asked(value: str, names: list[str], many: bool) -> list[tuple[int, int]]:
    if not names:  # a colour; half as many digits where each comes twice
        number = int(value[1:], 16)
        short = [number >> shift & 0xF for shift in (16, 8, 0)]
        if all(number >> shift & 0xFF == 17 * digit for shift, digit in zip((16, 8, 0), short, strict=True)):
            return [(1, 2), (256 * short[0] + 16 * short[1] + short[2], 2**12)]
        return [(0, 2), (number, 2**24)]
    if not many:
        return [(names.index(value), 128)]
    chosen = [names.index(name) for name in value.split(",") if name != "none"]
    return [(len(chosen), 32), *((index, 128) for index in chosen)]


def _read_asked(found: seedcode.Reader, names: list[str], many: bool) -> str:
    if not names:
        if found.next(2):
            number = found.next(2**12)
            return "#" + "".join(2 * f"{number >> shift & 0xF:x}" for shift in (8, 4, 0))
        return f"#{found.next(2**24):06x}"
    if not many:
        return _row(found, names, 128)
    return ",".join(_row(found, names, 128) for _ in range(found.next(32))) or "none"


def _row(found: seedcode.Reader, names: list[str], count: int) -> str:
    index = found.next(count)
    if index >= len(names):
        raise seedcode.damaged(found.text)
    return names[index]
