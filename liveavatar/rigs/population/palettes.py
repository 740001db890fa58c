"""Palettes: schemes that go together, then moved a little as one; colours that would run into each other are moved apart."""

from dataclasses import replace
from math import cos, radians, sin
from typing import TypeVar

import numpy as np

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.identity import Identity, Palette
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.schemes import CLOTHES, EYES, HAIR, ClothScheme, EyeScheme, HairScheme

_SPECIES_HAIR = {
    "elf": (100.0, 0.7),
    "fox": (58.0, 0.9),
    "spirit": (250.0, 0.8),
    "demon": (10.0, 0.6),
    "angel": (85.0, 0.6),
}
"""Hue of hair that suits a species, and how much that counts."""


def palettes(record: Identity, cast: Cast, random: np.random.Generator) -> Identity:
    """Colour a character; the skin stays as it is."""
    hair = _chosen(HAIR, [_suits(one, cast) for one in HAIR], random)
    worn = _chosen(
        CLOTHES[cast.genre], [_wears(one, hair, record.palette.skin) for one in CLOTHES[cast.genre]], random
    )
    eyes = _chosen(EYES, [_looks(one, hair, worn) for one in EYES], random)

    turn, vivid = (
        float(random.normal(0, 7)),
        float((0.84 + 0.3 * cast.energy) * np.exp(random.normal(0, 0.07))),
    )
    shift = float(random.normal(0, 0.018))

    def moved(tone: Tone, own: float = 1.0) -> Tone:
        return tone.to(shift if 0.25 < tone.light < 0.9 else 0.0, 1 + (vivid - 1) * own, turn * own)

    grown = 0.35 if hair.natural else 1.0
    colour, tips, inner = (moved(tone, grown) for tone in (hair.hair, hair.tips, hair.inner))
    # dyed ends that speak to the clothes
    if random.random() < 0.16 + (0.0 if hair.natural else 0.16 * cast.energy):
        tips = mix(tips, moved(worn.accent), float(random.uniform(0.75, 0.95)))
    if random.random() < 0.5:
        inner = moved(worn.accent)
    palette = replace(
        record.palette,
        hair=colour,
        tips=tips,
        inner=inner,
        iris_top=moved(eyes.top, 0.6),
        iris_middle=moved(eyes.middle, 0.6),
        iris_bottom=moved(eyes.bottom, 0.6),
        dress=moved(worn.main),
        knit=moved(worn.second, 0.5),
        ribbon=moved(worn.accent),
        gold=worn.metal,
    )
    return replace(record, palette=settled(palette))


def settled(palette: Palette) -> Palette:
    """The palette with what lies side by side set off from each other: hair from skin, clothes from both and among themselves."""
    skin = palette.skin
    hair = apart(palette.hair, (skin, 0.10 if 20 < skin.hue % 360 < 95 else 0.17))
    main = apart(palette.dress, (skin, 0.13), (hair, 0.12))
    return replace(
        palette,
        hair=hair,
        dress=main,
        knit=apart(palette.knit, (main, 0.12)),
        ribbon=apart(palette.ribbon, (main, 0.16)),
        gold=apart(palette.gold, (main, 0.10)),
    )


def apart(tone: Tone, *others: tuple[Tone, float]) -> Tone:
    """The tone, as little lighter or darker as sets it off from each of the others by its distance in OKLab."""
    near = [
        (other.light, max(least**2 - _chroma_distance(tone, other) ** 2, 0.0) ** 0.5)
        for other, least in others
    ]
    for step in range(60):
        for sign in (1, -1):
            light = tone.light + sign * 0.012 * step
            if 0.18 <= light <= 0.97 and all(abs(light - other) >= gap for other, gap in near):
                return tone._replace(light=light)
    return tone


def _chroma_distance(first: Tone, second: Tone) -> float:
    a = first.chroma * cos(radians(first.hue)) - second.chroma * cos(radians(second.hue))
    b = first.chroma * sin(radians(first.hue)) - second.chroma * sin(radians(second.hue))
    return float(np.hypot(a, b))


def _turn(first: float, second: float) -> float:
    """Degrees between two hues, 0..180."""
    return abs((first - second + 180.0) % 360.0 - 180.0)


_T = TypeVar("_T")


def _chosen(schemes: tuple[_T, ...], scores: list[float], random: np.random.Generator) -> _T:
    weight = np.maximum(np.array(scores), 1e-6)
    return schemes[int(random.choice(len(schemes), p=weight / weight.sum()))]


def _suits(hair: HairScheme, cast: Cast) -> float:
    """Human and formal people have hair that grows; others, and lively ones, what they like."""
    wild = {"formal": 0.55, "school": 0.85, "cosy": 0.8}.get(cast.genre, 1.15) * (0.6 + 0.8 * cast.energy)
    score = hair.share * ((1.5 if cast.species == "human" else 0.8) if hair.natural else wild)
    if cast.species in _SPECIES_HAIR:
        hue, counts = _SPECIES_HAIR[cast.species]
        score *= 1 + 2 * counts * np.exp(-((_turn(hair.hair.hue, hue) / 40.0) ** 2))
    if cast.femininity < 0.4 and _turn(hair.hair.hue, 0.0) < 30 and hair.hair.light > 0.75:
        score *= 0.35
    return float(score)


def _wears(worn: ClothScheme, hair: HairScheme, skin: Tone) -> float:
    """Clothes stand off from hair and skin in value, and echo or answer the hair in hue."""
    value = min(abs(worn.main.light - hair.hair.light) / 0.3, 1.0)
    answer = 0.0
    for tone, weight in ((worn.main, 0.5), (worn.accent, 0.8)):
        if min(tone.chroma, hair.hair.chroma) > 0.04:
            turn = _turn(tone.hue, hair.hair.hue)
            answer += weight * (np.exp(-((turn / 25.0) ** 2)) + np.exp(-(((turn - 180.0) / 35.0) ** 2)))
    bare = 0.3 if abs(worn.main.light - skin.light) < 0.1 and _turn(worn.main.hue, skin.hue) < 30 else 1.0
    return float((0.35 + value + 0.8 * answer) * bare)


def _looks(eyes: EyeScheme, hair: HairScheme, worn: ClothScheme) -> float:
    """Eyes take up the accent, or the hair's own or opposite hue; natural ones go with natural hair."""
    score = 0.25 + (0.55 if eyes.natural and hair.natural else 0.0)
    for tone, weight in ((worn.accent, 0.9), (hair.inner, 0.5), (hair.tips, 0.4)):
        if tone.chroma > 0.05 and eyes.middle.chroma > 0.05:
            score += weight * np.exp(-((_turn(tone.hue, eyes.middle.hue) / 25.0) ** 2))
    if hair.hair.chroma > 0.04:
        score += 0.8 * np.exp(-(((_turn(hair.hair.hue, eyes.middle.hue) - 170.0) / 35.0) ** 2))
    return float(score)
