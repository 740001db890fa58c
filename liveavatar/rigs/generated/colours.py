"""Colours that are asked for: set exactly, in a palette that goes with them.

The network draws many palettes; the one whose own hair is nearest to what was asked gives hair and clothes, and is moved the
rest of the way. So with eyes. What lies on the skin follows it as it does in the population."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.identity import FaceShape, Identity
from liveavatar.rigs.drawn.style import Style
from liveavatar.rigs.generated.code import Code
from liveavatar.rigs.generated.luck import stream
from liveavatar.rigs.generated.network import NOISE, SPREAD, Generator, columns, describe
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.draws import replay
from liveavatar.rigs.population.skin import with_skin
from liveavatar.rigs.population.styles import nearest

PALETTES = 384
"""How many the network draws to choose from."""
_HAIR = ("palette.hair", "palette.tips", "palette.inner")
_EYES = ("palette.iris_middle", "palette.iris_top", "palette.iris_bottom")
_CLOTHES = ("palette.dress", "palette.knit", "palette.ribbon", "palette.gold")
_FOLLOWS = {
    "face.line": "line",
    "face.blush_tone": "blush",
    "face.lid_tone": "blush",
    "face.bag_tone": "blush",
    "face.mouth.line": "lip_line",
    "face.mouth.lip": "lip",
    "face.mouth.pout": "lip",
    "face.mouth.crease": "crease",
}
"""What follows the skin, and as what."""


def tone_of(colour: str) -> Tone:
    """#rrggbb in OKLCH."""
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    red, green, blue = light.tolist()
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return tone_at(
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def tone_at(light: float, a: float, b: float) -> Tone:
    """A place in OKLab."""
    return Tone(light, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360.0)


def place(tone: Tone) -> np.ndarray:
    """(3,) in OKLab."""
    turn = math.radians(tone.hue)
    return np.array([tone.light, tone.chroma * math.cos(turn), tone.chroma * math.sin(turn)])


def hex_of(tone: Tone) -> str:
    """#rrggbb."""
    return f"#{tone.argb & 0xFFFFFF:06x}"


def unfilled(tone: Tone, style: Style) -> Tone:
    """The tone that a style's fills turn into this one, as near as can be."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if style.fill(Tone(middle, 0.0, 0.0)).light < tone.light else (low, middle)
    gain = style.fill(Tone(0.5, 1.0, 0.0)).chroma
    return tone._replace(light=0.5 * (low + high), chroma=min(tone.chroma / max(gain, 0.2), 0.37))


def painted(code: Code, asked: Mapping[str, str], of: Generator, seed: int) -> Code:
    """The code in the colours that are asked for."""
    if not {"hair", "eyes", "skin"} & set(asked):
        return code
    style = _style(code)
    numbers, bits = code.numbers["colour"].copy(), code.bits["colour"].copy()
    own, flags = columns("colour")
    at = {name: np.flatnonzero([column.startswith(name + ":") for column in own])[:3] for name in _names()}
    before, face = numbers.copy(), code.numbers["face"].copy()
    if {"hair", "eyes"} & set(asked):
        drawn = _palettes(code, of, seed)
        known = of.columns["colour"]
        there = {name: [known.index(f"{name}:{i}") for i in range(3)] for name in _names()}

        def far(name: str, goal: np.ndarray) -> np.ndarray:
            return np.asarray(((drawn[:, there[name]] - goal) ** 2).sum(-1))

        def give(names: tuple[str, ...], row: int, by: np.ndarray) -> None:
            for name in names:
                numbers[at[name]] = _inside(drawn[row, there[name]] + by)

        if "hair" in asked:
            goal = place(unfilled(tone_of(asked["hair"]), style))
            kept = [far(name, before[at[name]]) for name in ("palette.skin", "palette.iris_middle")]
            row = int((far("palette.hair", goal) + 0.12 * sum(kept)).round(6).argmin())
            give(_CLOTHES, row, np.zeros(3))
            give(_HAIR, row, goal - drawn[row, there["palette.hair"]])
        if "eyes" in asked:
            goal = place(unfilled(tone_of(asked["eyes"]), style.of("eyes")))
            row = int(far("palette.iris_middle", goal).round(6).argmin())
            irises = [drawn[row, there[name]] for name in _EYES]
            by = goal - irises[0]
            for _ in range(3):  # light stops at white
                by = by + (goal - _seen([_inside(tone + by) for tone in irises], style.iris)) / 0.9
            give(_EYES, row, by)
            bits[flags.index("palette.other_iris?0")] = 0.0
            face[columns("face")[0].index("face.iris.dark:0")] = 0.0
    if "skin" in asked:
        skin = unfilled(tone_of(asked["skin"]), style)
        old, new = (_on_skin(tone, code.who) for tone in (tone_at(*before[at["palette.skin"]]), skin))
        numbers[at["palette.skin"]] = place(skin)
        for name, role in _FOLLOWS.items():
            numbers[at[name]] = _inside(numbers[at[name]] + new[role] - old[role])
    return replace(
        code,
        numbers={**code.numbers, "face": face, "colour": numbers.round(4)},
        bits={**code.bits, "colour": bits},
    )


def relit(record: Identity, asked: Mapping[str, str]) -> Identity:
    """A robot's shell takes the colour that is asked for hair, its lights that of eyes."""
    if record.head != "robot":
        return record
    palette, style = record.palette, record.style
    if "hair" in asked:
        palette = replace(palette, hair=unfilled(tone_of(asked["hair"]), style))
    if "eyes" in asked:
        light = unfilled(tone_of(asked["eyes"]), style.of("eyes"))
        palette = replace(
            palette,
            iris_top=light.to(0.07, 0.7, -4),
            iris_middle=light,
            iris_bottom=light.to(-0.10, 1.05, 13),
        )
    return replace(record, palette=palette)


def _seen(iris: list[np.ndarray], contrast: float) -> np.ndarray:
    """What an iris of middle, top and bottom looks like as a whole, in OKLab: measured (benchmarks/training/attributes.py)."""
    middle, top, bottom = iris
    top, bottom = middle + contrast * (top - middle), middle + contrast * (bottom - middle)
    light = 0.52 * top[0] + 0.41 * bottom[0] + 0.075
    return np.array([light, *(0.8 * (top + middle + bottom)[1:] / 3)])


def _names() -> tuple[str, ...]:
    return (*_HAIR, *_EYES, *_CLOTHES, "palette.skin", *_FOLLOWS)


def _palettes(code: Code, of: Generator, seed: int) -> np.ndarray:
    """(PALETTES, n): numbers and bits of palettes for a character."""
    noise = stream(seed, "palettes", PALETTES * NOISE["colour"]).reshape(PALETTES, -1)
    given = np.concatenate([describe(code.who), of.label(nearest(_style(code)))])
    return of.numbers(
        "colour",
        np.concatenate([SPREAD["colour"] * noise, np.broadcast_to(given, (PALETTES, len(given)))], 1),
    )


def _style(code: Code) -> Style:
    names = [column.partition(".")[2].rpartition(":")[0] for column in columns("style")[0]]
    return Style(**dict(zip(names, code.numbers["style"].tolist(), strict=True)))


def _on_skin(skin: Tone, who: Cast) -> dict[str, np.ndarray]:
    """Lines, blush and lips that the population has on a skin, in OKLab."""
    face = with_skin(FaceShape(), skin, who, replay([0.5] * 12))
    mouth = face.mouth
    blush = face.blush_tone or skin
    tones = {
        "line": face.line,
        "blush": blush,
        "lip_line": mouth.line,
        "lip": mouth.pout,
        "crease": mouth.crease,
    }
    return {role: place(tone) for role, tone in tones.items()}


def _inside(numbers: np.ndarray) -> np.ndarray:
    """Light within what can be seen."""
    return np.concatenate([np.clip(numbers[:1], 0.03, 0.995), numbers[1:]])
