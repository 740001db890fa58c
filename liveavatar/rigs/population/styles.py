"""Drawing styles: a few that were designed, and what lies between two of them."""

from dataclasses import fields, replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.style import Style
from liveavatar.rigs.population.cast import Cast

STYLES: dict[str, Style] = {
    "clean": Style(),
    "cel": Style(weight=1.4, ink=0.45, flat=1.0, crisp=1.0, shade=1.6, air=0.0, gleam=1.5),
    "airy": Style(
        weight=0.75,
        line=0.85,
        ink=0.4,
        ink_tone=Tone(0.5, 0.12, 25),
        soft=3.0,
        pale=0.16,
        air=2.0,
        iris=1.1,
        gleam=1.2,
    ),
    "painted": Style(
        weight=0.8, line=0.0, soft=5.0, form=1.2, bristle=0.4, air=1.8, gleam=0.7, gloss=0.75, chroma=0.9
    ),
    "cutout": Style(
        line=0.0,
        flat=1.0,
        crisp=1.0,
        air=0.0,
        gleam=0.0,
        shade=0.8,
        chroma=1.06,
        iris=0.5,
        gloss=0.85,
        lash=0.85,
    ),
    "pencil": Style(
        weight=1.25, ink=0.7, pale=0.55, chroma=0.92, flat=0.5, hatch=0.55, grain=0.3, air=0.3, gleam=0.6
    ),
    "watercolour": Style(
        weight=0.85,
        line=0.7,
        ink=0.15,
        pale=0.3,
        chroma=1.15,
        wash=0.62,
        grain=0.3,
        flat=0.3,
        air=1.3,
    ),
    "inked": Style(weight=1.8, ink=0.9, flat=0.8, crisp=0.9, air=0.1, gleam=0.9, shade=1.3, lash=1.15),
}
_SHARE = {
    "clean": 0.14, "cel": 0.16, "airy": 0.14, "painted": 0.15, "cutout": 0.09, "pencil": 0.09, "watercolour": 0.12,
    "inked": 0.11,
}  # fmt: skip


def styles(record: Identity, cast: Cast, random: np.random.Generator) -> Identity:
    """Choose how a character is drawn: near one style, often some way towards another."""
    weight = np.array([_SHARE[name] * _suits(name, cast) for name in STYLES])
    first, second = random.choice(list(STYLES), size=2, replace=False, p=weight / weight.sum())
    way = float(random.uniform(0, 0.35)) if random.random() < 0.6 else 0.0
    style = between(STYLES[str(first)], STYLES[str(second)], way)
    ink = mix(style.ink_tone, record.palette.hair._replace(light=style.ink_tone.light), 0.5)
    return replace(
        record, style=replace(style, weight=style.weight * float(np.exp(random.normal(0, 0.1))), ink_tone=ink)
    )


def between(first: Style, second: Style, way: float) -> Style:
    """A style some of the way, 0..1, from one to another."""
    values: dict[str, float | Tone] = {}
    for name in (field.name for field in fields(Style)):
        a, b = getattr(first, name), getattr(second, name)
        values[name] = mix(a, b, way) if isinstance(a, Tone) else a + (b - a) * way
    return Style(**values)  # type: ignore[arg-type]


def _suits(name: str, cast: Cast) -> float:
    grown = {"painted": 1.4, "inked": 1.1, "cutout": 0.7}
    gentle = {"watercolour": 1.5, "airy": 1.3, "pencil": 1.2, "cel": 0.8, "inked": 0.7}
    lively = {"cel": 1.4, "inked": 1.4, "clean": 1.1}
    score = grown.get(name, 1.0) ** (2 * cast.age) * lively.get(name, 1.0) ** (2 * cast.energy - 1)
    return score * (gentle.get(name, 1.0) if cast.genre in ("cosy", "traditional", "fantasy") else 1.0)


def nearest(style: Style) -> str:
    """The designed style that one is nearest to."""
    return min(STYLES, key=lambda name: float(np.sum((_sizes(STYLES[name]) - _sizes(style)) ** 2)))


def _sizes(style: Style) -> np.ndarray:
    """What tells styles apart, numbers of about 1."""
    numbers = [
        getattr(style, f.name) / (5.0 if f.name == "soft" else 1.0)
        for f in fields(Style)
        if f.name != "ink_tone"
    ]
    return np.array(numbers)
