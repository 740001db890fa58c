"""Fringes: how locks fall from the parting over the forehead, or rise from it."""

from dataclasses import dataclass, field, replace

import numpy as np

from liveavatar.rigs.drawn.identity import Mass
from liveavatar.rigs.population.hairlocks import (
    CROWN,
    Cut,
    Line,
    Piece,
    Random,
    Skull,
    Wave,
    comb,
    cut,
    over_skull,
    pick,
    resample,
    strand,
    waved,
)

_ACROSS = np.array([-180.0, -120.0, -60.0, 0.0, 60.0, 120.0, 180.0])


@dataclass(frozen=True)
class Fringe:
    """One kind of fringe as numbers."""

    tips: tuple[float, ...]
    """Where locks end under x = -180, -120 .. 180: head units below the upper lashes."""
    count: int = 7
    cut: Cut = field(default=Cut())
    gap: float = 0.0
    """Half the width of bare forehead at the parting."""
    wave: Wave = field(default=Wave())
    bulge: float = 6.0
    """How far it stands out from the forehead at the sides."""
    fill: float = 1.0
    """How densely it covers the forehead: below 0.5 skin shows between the locks."""
    accents: int = 2
    """Thin locks that cross the others."""
    aside: tuple[float, float] = (-50.0, 50.0)
    """Where it may part."""
    sweep: float = 0.0
    """How far all tips go to the right."""

    @property
    def forehead(self) -> bool:
        """Whether the forehead is seen."""
        return self.gap > 14.0 or self.fill < 0.5 or min(self.tips[2:5]) < -40.0


_POINTED = Cut(1.0, 0.12, 1.4, hook=12)
FRINGES: dict[str, Fringe] = {
    "full": Fringe((46, 14, 2, -6, 2, 14, 46), 6, _POINTED),
    "heart": Fringe((44, 8, -8, 40, -10, 6, 46), 6, _POINTED, aside=(-30, 30)),
    "nose": Fringe((50, 6, -24, 74, -26, 2, 50), 5, Cut(1.0, 0.08, 1.35, hook=10), aside=(-20, 20)),
    "swept": Fringe((20, -44, -44, -20, 6, 30, 74), 6, Cut(0.9, 0.08, 1.5, hook=22), aside=(-112, -76),
                    accents=3, sweep=26),
    "spiky": Fringe((40, -10, 22, -34, 26, -20, 44), 5, Cut(1.0, 0.18, 1.3, blunt=1.7, hook=16), accents=2, bulge=16),
    "blunt": Fringe((4, 0, -3, -4, -3, 0, 4), 8, Cut(0.45, 0.015, 1.2, 0.2, 0.4, 11.0, 0.75), accents=1, aside=(-12, 12)),
    "curtain": Fringe((112, 78, 16, -24, 16, 78, 112), 5, Cut(0.8, 0.06, 1.6, hook=26), gap=82, accents=2, bulge=22),
    "parted": Fringe((66, 32, 4, -26, 4, 30, 66), 6, Cut(0.9, 0.10, 1.5, hook=16), gap=46, accents=2, aside=(-80, 80)),
    "veil": Fringe((34, -24, -36, 0, 50, 104, 138), 6, Cut(0.9, 0.06, 1.6, hook=20), aside=(-98, -64),
                   accents=3, sweep=18, bulge=14),
    "micro": Fringe((30, -64, -78, -72, -80, -62, 30), 9, Cut(0.8, 0.10, 1.1, 0.2, 0.5, 3.2), accents=0, aside=(-20, 20)),
    "wispy": Fringe((44, 8, -4, 6, -2, 10, 46), 6, Cut(1.0, 0.18, 1.3, 0.3, 0.22, 1.15, hook=14), fill=0.4, accents=3),
    "choppy": Fringe((30, 6, -16, 4, -14, 10, 34), 8, Cut(1.0, 0.12, 1.25, 0.2, 0.5, 5.0, 0.9, hook=4), accents=2),
    "curly": Fringe((34, 4, -12, -8, -10, 6, 36), 7, Cut(0.5, 0.10, 1.3, 0.3, 0.5, 3.5, 0.7, hook=10),
                    wave=Wave(13, 120, 0, 1.6, 0.3), bulge=16, accents=3),
    "arch": Fringe((66, 24, -18, -34, -18, 24, 66), 7, Cut(0.6, 0.04, 1.35, 0.16, 0.4, 4.0, hook=8), aside=(-25, 25)),
    "slant": Fringe((-44, -34, -22, -8, 8, 30, 58), 6, Cut(0.7, 0.04, 1.5, 0.14, 0.4, 4.5, 0.9, hook=8),
                    aside=(-90, -40), sweep=10),
}  # fmt: skip
"""The corners of the space; a character's fringe lies near one of them, some way to another."""


def vary(random: Random, kind: str, towards: str | None = None, mirror: bool = False) -> Fringe:
    """A fringe near a kind, some way to another."""
    fringe = FRINGES[kind]
    tips = np.array(fringe.tips)
    if towards is not None:
        tips = tips + (np.array(FRINGES[towards].tips) - tips) * random.uniform(0.0, 0.3)
    tips = tips + random.normal(0.0, 5.0) + random.normal(0.0, 4.0, len(tips))
    part = pick(random, *fringe.aside)
    sweep = fringe.sweep * random.uniform(0.5, 1.5) + random.normal(0.0, 10.0)
    if mirror:
        tips, part, sweep = tips[::-1], -part, -sweep
    return replace(
        fringe,
        tips=tuple(round(float(tip), 1) for tip in tips),
        count=max(fringe.count + int(random.integers(-1, 2)), 4),
        gap=fringe.gap * random.uniform(0.7, 1.3),
        aside=(part, part),
        sweep=float(sweep),
    )


def fringe_piece(random: Random, fringe: Fringe, skull: Skull, streak: float = 0.0) -> Piece:
    """The masses of a fringe; streak is the half-width of a lock of the inner colour, 0 for none."""
    wide = skull.temple / 175.0
    split = 0.75 * skull.part + 0.5 * fringe.sweep

    def guide(x: float, shorter: float = 0.0) -> Line:
        tip = float(np.interp(x, _ACROSS, fringe.tips)) + skull.eye - shorter
        away = np.sign(x - split) * fringe.gap * max(1.0 - abs(x - split) / 150.0, 0.0)
        end = (x * wide + away + fringe.sweep * (1 - abs(x) / 180.0), tip)
        return over_skull((skull.part + 0.09 * (x - skull.part), CROWN), end, fringe.bulge)

    left, right = np.linspace(-180.0, split - 12.0, 5), np.linspace(split + 12.0, 180.0, 5)
    masses = []
    if fringe.fill > 0.5:
        deep = Cut(0.2, 0.03, 1.7, 0.14, 0.4, fringe.cut.blunt, fringe.cut.round_end, ink=0.6)
        under = [
            s
            for xs in (left, right)
            for s in comb(random, [guide(x, 26.0) for x in xs], 3, deep, fringe.wave)
        ]
        masses.append(Mass(tuple(under), lift=4.0, swing=0.25, dark=0.22, gloss=0.0))
    sides = []
    for xs in (left, right):
        share = (xs[-1] - xs[0]) / 360.0
        count = max(round(fringe.count * share), 2)
        sides.append(
            (share, comb(random, [guide(x) for x in xs], count, fringe.cut, fringe.wave, middle=split))
        )
    # the larger side lies over the other
    for i, (_, strands) in enumerate(sorted(sides, key=lambda side: side[0])):
        masses.append(Mass(tuple(strands), lift=8.0 + 5.0 * i, swing=0.32, gloss=0.9))
    if streak:
        x = float(random.choice([-1.0, 1.0]) * random.uniform(30.0, 130.0))
        x += np.sign(x - split) * fringe.gap
        lock = strand(waved(guide(x, -14.0), fringe.wave), streak, 0.12, 0.42, ink=0.8)
        masses.append(Mass((lock,), lift=15.0, swing=0.33, inside=True))
    accents = []
    for _ in range(fringe.accents):
        x = pick(random, -150.0, 150.0)
        if abs(x - split) < fringe.gap:
            continue
        line = resample(guide(x, -12.0 - 10.0 * float(random.random())), 16)[int(random.integers(3, 8)) :]
        line = waved(
            resample(line, 5) + np.array([random.normal(0, 5), 0.0]),
            Wave(5.0, 160.0, pick(random, 0, 6)),
        )
        accents.append(strand(line, pick(random, 8.0, 15.0), 0.05, 0.5, ink=0.6))
    if accents:
        masses.append(Mass(tuple(accents), lift=17.0, swing=0.4, cast=(3.0, 6.0)))
    return Piece(fringe=tuple(masses))


def hairline(x: float, height: float = -140.0, peak: float = 0.0) -> float:
    """y of the hairline over x; peak is how far it comes down in the middle."""
    return height - 18.0 + 42.0 * (abs(x) / 160.0) ** 2.4 + peak * max(1.0 - abs(x) / 70.0, 0.0)


def combed_back(random: Random, skull: Skull, count: int = 15, peak: float = 0.0) -> Piece:
    """Hair combed from the forehead over the crown."""

    def guide(x: float) -> Line:
        y = hairline(x, peak=peak)
        top = skull.top + 26.0
        root = (skull.part + 0.62 * (x - skull.part), top + 40.0 * (x / 160.0) ** 2)
        middle = (skull.part + 0.92 * (x - skull.part) + 8 * np.sign(x), 0.45 * y + 0.55 * root[1])
        return np.array([root, middle, (x * 1.0, y + 9.0)])

    xs = np.linspace(-156.0, 156.0, 7)
    how = Cut(0.9, 0.07, 2.4, 0.5, 0.3, 1.5, ink=0.8)
    main = comb(random, [guide(x) for x in xs], count, how, Wave(3.0, 140.0))
    fine = []
    for x in random.uniform(-120, 120, int(random.integers(0, 3))):
        y = hairline(float(x), peak=peak)
        low = pick(random, 60, 130)
        line = np.array([(x, y - 30.0), (1.04 * x, y + 0.1 * low), (1.16 * x, y + 0.6 * low), (x, y + low)])
        fine.append(strand(line, pick(random, 9, 14), 0.1, 0.4, 1, 0.5))
    loose = (Mass(tuple(fine), lift=8.0, swing=0.3, cast=(2.0, 4.0)),) if fine else ()
    return Piece(fringe=(Mass(main, lift=6.0, swing=0.1, cast=(2.0, 5.0)), *loose))


def quiff(random: Random, skull: Skull, side: float, height: float) -> Piece:
    """Hair that rises from the forehead and falls to one side; height is how far above the skull, in head units."""
    strands = []
    for i, (at, width) in enumerate(
        ((-120.0, 40.0), (-70.0, 56.0), (-16.0, 48.0), (44.0, 40.0), (92.0, 30.0))
    ):
        x = side * at
        rise = height * (1.0 - 0.13 * i) * random.uniform(0.85, 1.15)
        y = hairline(x)
        line = np.array(
            [
                (x - side * 4, y + 14.0),
                (x - side * 24, y - 62.0),
                (x + side * 30, skull.top - rise * 0.9),
                (x + side * 104, skull.top - rise * 0.75 + 24.0 * i),
                (x + side * 150, skull.top + 20.0 + 34.0 * i),
            ]
        )
        strands.append(
            strand(
                waved(cut(line, 1.0 - 0.1 * float(random.random())), Wave(5.0, 180.0)),
                width,
                0.04,
                0.45,
                -1 if side > 0 else 1,
            )
        )
    back = combed_back(random, skull, 14)
    return Piece(fringe=(*back.fringe, Mass(tuple(strands[::-1]), lift=14.0, swing=0.25, perk=8.0)))
