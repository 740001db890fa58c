"""Drawing styles: a few that were designed, and what lies between two of them."""

from dataclasses import fields, replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.style import Style
from liveavatar.rigs.population.cast import Cast

STYLES: dict[str, Style] = {
    "clean": Style(),
    "cel": Style(weight=1.4, ink=0.45, flat=0.9, crisp=1.0, shade=1.35, air=0.15, gleam=1.35),
    "airy": Style(weight=0.75, line=0.85, soft=3.0, pale=0.06, air=1.5, iris=1.1),
    "painted": Style(
        weight=0.8, line=0.0, soft=4.5, form=1.0, bristle=0.35, air=1.4, gleam=0.8, gloss=0.75, chroma=0.92
    ),
    "cutout": Style(
        line=0.0, flat=0.9, crisp=1.0, air=0.2, gleam=0.0, shade=0.8, iris=0.45, gloss=0.85, lash=0.85
    ),
    "pencil": Style(
        weight=1.15, ink=0.7, pale=0.42, chroma=0.75, flat=0.5, hatch=0.6, grain=0.7, air=0.3, gleam=0.6
    ),
    "watercolour": Style(
        weight=0.85,
        line=0.7,
        ink=0.15,
        pale=0.2,
        chroma=1.15,
        wash=0.55,
        grain=0.3,
        soft=2.5,
        flat=0.3,
        air=1.3,
    ),
    "inked": Style(weight=1.7, ink=0.9, flat=0.7, crisp=0.9, air=0.2, gleam=0.9, shade=1.2, lash=1.15),
}
_SHARE = {
    "clean": 0.24, "cel": 0.14, "airy": 0.14, "painted": 0.12, "cutout": 0.08, "pencil": 0.08, "watercolour": 0.1,
    "inked": 0.1,
}  # fmt: skip


def styles(record: Identity, cast: Cast, random: np.random.Generator) -> Identity:
    """Choose how a character is drawn: near one style, often some way towards another."""
    weight = np.array([_SHARE[name] * _suits(name, cast) for name in STYLES])
    first, second = random.choice(list(STYLES), size=2, replace=False, p=weight / weight.sum())
    way = float(random.uniform(0, 0.35)) if random.random() < 0.6 else 0.0
    style = between(STYLES[str(first)], STYLES[str(second)], way)
    ink = mix(style.ink_tone, record.palette.hair._replace(light=0.24), 0.5)
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
