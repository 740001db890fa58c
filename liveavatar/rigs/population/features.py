"""Noses, brows and mouths: families, and what lies between them."""

from dataclasses import dataclass, replace

import numpy as np

from liveavatar.rigs.drawn.identity import Mouth
from liveavatar.rigs.drawn.noses import Nose, NoseMark
from liveavatar.rigs.drawn.templates import BROW_ARCH, BROW_SOFT, BROW_STRAIGHT, BrowTemplate
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.mixing import Family, mixed


@dataclass(frozen=True)
class _NoseShape:
    """A nose in numbers: lengths in head units, strengths 0..1."""

    bridge: float = 0.0
    """Strength of a line along the bridge."""
    long: float = 50.0
    """Length of the bridge."""
    shade: float = 0.0
    """Strength of the shade beside the bridge."""
    tip: float = 0.0
    """Strength of the hook below the tip, seen from aside."""
    under: float = 0.0
    """Strength of the line below."""
    half: float = 8.0
    """Half its width."""
    nostrils: float = 0.0
    wings: float = 0.0
    below: float = 0.0
    """Strength of the soft shade on the lip's side."""
    light: float = 0.7
    flush: float = 0.3


_NOSES = (
    Family(_NoseShape(tip=0.62), 0.75, 0.35),
    Family(_NoseShape(tip=0.3, below=0.35, light=0.9, flush=0.45), 0.7, 0.3),
    Family(_NoseShape(nostrils=0.5, flush=0.6, half=7.0, light=0.6), 0.5, 0.05, 0.8),
    Family(_NoseShape(bridge=0.5, long=22.0, tip=0.5, light=0.5), 0.6, 0.5),
    Family(_NoseShape(under=0.65, half=8.0, shade=0.3, long=36.0, wings=0.35), 0.75, 0.8),
    Family(_NoseShape(bridge=0.62, long=58.0, shade=0.5, under=0.7, half=9.0), 0.15, 0.65),
    Family(_NoseShape(bridge=0.7, long=48.0, tip=0.6, light=0.3, flush=0.15), 0.2, 0.5),
    Family(
        _NoseShape(shade=0.55, long=56.0, under=0.4, half=9.0, nostrils=0.6, wings=0.4, below=0.3, light=0.5),
        0.6, 1.0, 1.2,
    ),
    Family(
        _NoseShape(bridge=0.35, long=60.0, shade=0.6, under=0.6, half=11.0, nostrils=0.5, wings=0.5, light=0.35),
        0.1, 0.95,
    ),
)  # fmt: skip


def nose(who: Cast, random: np.random.Generator) -> Nose:
    """One character's nose."""
    s = mixed(_NOSES, who, random, 0.6)
    long, half = s.long * random.uniform(0.85, 1.12), s.half * random.uniform(0.9, 1.15)
    bow = random.normal(0.0, 2.5)
    marks = (
        NoseMark(
            ((9.0, -0.86 * long), (14.0 + bow, -0.45 * long), (17.0, -5.0), (9.0, 3.0)),
            12.0, 0.7, 105.0, s.shade, shade=True, blur=1.2,
        ),
        NoseMark(((-8.0, 10.0), (1.0, 14.0), (10.0, 9.0)), 9.0, 0.5, 98.0, s.below, shade=True, blur=1.6),
        NoseMark(
            ((5.0, -long), (8.0 + bow, -0.58 * long), (12.0, -9.0), (6.5, 1.0)), 3.4, 0.85, 108.0, s.bridge
        ),
        NoseMark(((1.0, -9.0), (4.5, -1.0), (-2.5, 2.5)), 5.0, 0.6, 104.0, s.tip),
        NoseMark(((-half, 3.0), (0.0, 7.0), (half, 2.0)), 4.4, 0.5, 107.0, s.under),
        *(
            NoseMark(((e * 0.9 * half, 3.0), (e * 0.55 * half, 5.0), (e * 0.3 * half, 4.0)), 4.4, 0.4, 104.0, s.nostrils)
            for e in (-1, 1)
        ),
        *(
            NoseMark(
                ((e * 1.9 * half, -7.0), (e * 2.2 * half, -1.0), (e * 1.7 * half, 4.0)), 2.8, 0.6, 103.0, s.wings
            )
            for e in (-1, 1)
        ),
    )  # fmt: skip
    return Nose(tuple(m for m in marks if m.strength > 0.1), s.light, s.flush)


_BROWS = (
    Family(BROW_SOFT, 0.75, 0.35),
    Family(BROW_ARCH, 0.85, 0.8),
    Family(BROW_STRAIGHT, 0.15, 0.6),
    Family(
        BrowTemplate(
            points=((-46, 0), (-20, -3), (12, -5), (42, -3), (66, 5)),
            width=((0, 1.6), (0.1, 5.4), (0.35, 5.8), (0.65, 4.8), (1, 0.8)),
            fade=0.5,
        ),
        0.7, 0.75,
    ),
    Family(
        BrowTemplate(
            points=((-44, 2), (-20, -6), (12, -11), (40, -8), (60, 3)),
            width=((0, 0.6), (0.1, 1.8), (0.3, 2.2), (0.6, 2.0), (1, 0.6)),
        ),
        0.85, 0.45,
    ),
    Family(
        BrowTemplate(
            points=((-52, 12), (-24, 1), (14, -12), (46, -18), (74, -8)),
            width=((0, 2.4), (0.08, 6.8), (0.35, 8.0), (0.65, 6.4), (1, 0.7)),
            travel=1.15,
        ),
        0.25, 0.7, 0.8,
    ),
    Family(
        BrowTemplate(
            points=((-40, -6), (-18, -8), (12, -7), (40, 1), (58, 13)),
            width=((0, 1.2), (0.1, 3.6), (0.25, 4.6), (0.6, 4.2), (1, 0.8)),
        ),
        0.65, 0.3, 0.7,
    ),
    Family(
        BrowTemplate(
            points=((-24, 0), (-12, -6), (4, -8), (20, -6), (30, 0)),
            width=((0, 1.6), (0.2, 6.4), (0.5, 7.4), (0.8, 6.0), (1, 1.4)),
        ),
        0.7, 0.2, 0.35,
    ),
    Family(
        BrowTemplate(
            points=((-50, 3), (-24, -4), (10, -10), (44, -8), (70, 6)),
            width=((0, 3.6), (0.08, 8.6), (0.3, 10.0), (0.65, 7.6), (1, 1.0)),
            travel=1.1, fade=0.3,
        ),
        0.1, 0.8, 0.7,
    ),
)  # fmt: skip


def brow(who: Cast, random: np.random.Generator) -> BrowTemplate:
    """One character's brows."""
    shape = mixed(_BROWS, who, random, 0.7)
    thick, tilt, long = random.lognormal(0, 0.15), random.normal(0, 0.03), 1 + random.normal(0, 0.05)
    return replace(
        shape,
        points=tuple((u * long, v - tilt * u) for u, v in shape.points),
        width=tuple((t, w * thick) for t, w in shape.width),
    )


@dataclass(frozen=True)
class MouthShape:
    """A mouth and half its width in head units."""

    style: Mouth
    half: float


_MOUTHS = (
    Family(MouthShape(Mouth(), 35.0), 0.7, 0.4),
    Family(MouthShape(Mouth(sag=5.5, dip=(1.0, 0.4), weight=0.9, under=0.25), 23.0), 0.75, 0.3),
    Family(MouthShape(Mouth(sag=11.0, dip=(10.0, 0.24), turn=3.0, weight=0.9, under=0.15), 32.0), 0.7, 0.25, 0.7),
    Family(MouthShape(Mouth(sag=15.0, dip=(0.5, 0.3), turn=6.0, corner=1.1, under=0.3), 41.0), 0.55, 0.3),
    Family(MouthShape(Mouth(sag=12.0, dip=(2.0, 0.3), turn=7.0, arch=0.2, under=0.4), 46.0), 0.4, 0.6, 0.8),
    Family(MouthShape(Mouth(sag=4.5, dip=(2.0, 0.22), arch=0.16, purse=0.65, under=0.6), 42.0), 0.15, 0.65),
    Family(MouthShape(Mouth(sag=1.5, dip=(1.0, 0.3), turn=-2.0, arch=0.2, weight=1.1, under=0.6), 37.0), 0.25, 0.8, 0.8),
    Family(MouthShape(Mouth(sag=5.0, dip=(2.0, 0.3), lean=8.0, turn=2.0, arch=0.2), 40.0), 0.35, 0.6, 0.7),
    Family(MouthShape(Mouth(sag=6.0, dip=(4.5, 0.26), arch=0.2, purse=0.6, under=0.5), 33.0), 0.8, 0.8),
    Family(MouthShape(Mouth(sag=9.0, dip=(3.5, 0.3), arch=0.18, purse=0.65, under=0.45, turn=3.5), 40.0), 0.7, 0.95),
    Family(MouthShape(Mouth(sag=1.0, dip=(0.5, 0.5), turn=-2.5, weight=1.05, under=0.7), 21.0), 0.6, 0.2, 0.6),
)  # fmt: skip


def mouth(who: Cast, random: np.random.Generator) -> MouthShape:
    """One character's mouth, its colours still those of light skin."""
    shape = mixed(_MOUTHS, who, random, 0.5)
    fanged = 0.6 if who.species in ("cat", "demon", "dragon", "wolf") else 0.28 * (1.1 - who.age)
    style = replace(
        shape.style,
        fang=bool(random.random() < fanged),
        pair=bool(random.random() < 0.5),
        scale=shape.style.scale * random.uniform(0.92, 1.12),
        turn=shape.style.turn + 5.0 * (who.energy - 0.5) + random.normal(0, 1.2),
        peek=random.uniform(6.0, 10.0) if random.random() < 0.3 * fanged else 0.0,
        lean=random.choice([-1, 1]) * (shape.style.lean + abs(random.normal(0, 1.2))),
        weight=shape.style.weight * random.uniform(0.85, 1.1),
    )
    return MouthShape(style, shape.half * random.uniform(0.92, 1.08))
