"""Hair that hangs: beside the face and down the back, from a crop to the waist."""

from dataclasses import dataclass, field, replace

import numpy as np

from liveavatar.rigs.drawn.identity import Mass, Strand
from liveavatar.rigs.population.hairlocks import (
    Cut,
    Line,
    Piece,
    Random,
    Skull,
    Wave,
    comb,
    hanging,
    hooked,
    over_skull,
    pick,
    strand,
    waved,
)

EAR = 30.0
"""y where hair leaves the skull and hangs."""


@dataclass(frozen=True)
class Fall:
    """How far and in what shape hair hangs."""

    length: float
    """y of its ends: 130 at the nape, 230 at the chin, 500 on the chest."""
    flare: float = 10.0
    """How far its ends stand outside of where it leaves the skull; negative for ends that turn in."""
    cut: Cut = field(default=Cut(0.6, 0.14, 1.5, 0.7, 0.35))
    wave: Wave = field(default=Wave())
    layers: float = 0.3
    """How many shorter locks leave the silhouette, 0..1."""
    count: int = 6
    lean: float = 0.0
    """How far all of it is blown to the right, in head units."""
    inner: bool = False
    """Whether the side that lies against the neck has the inner colour."""


def _side_line(
    skull: Skull, side: float, inset: float, root: float, end: tuple[float, float], bend: float
) -> Line:
    """From the parting over the skull, down beside the face; root is how far below the top of the hair it begins."""
    ear = (side * (skull.half - inset), EAR)
    arc = over_skull((skull.part - 5.0 * side, skull.top + root), ear, 10.0, 6)
    return np.concatenate([arc[:-1], hanging(ear, end, side * bend, 6)])


def sides(random: Random, skull: Skull, side: float, length: float, flare: float, how: Cut, wave: Wave, count: int = 3,
          bend: float = 12.0, tress: float = 0.0) -> tuple[Mass, ...]:  # fmt: skip
    """One side of the hair in front of the ear: a sheet that makes the silhouette, locks on it, and a thin one before the ear
    as long as tress, if that is not 0."""
    shade = 1 if side < 0 else -1
    hang = 60.0 if length > 130.0 else 0.0
    below = max(length - EAR, 0.0)
    wave = Wave(wave.height, wave.length, wave.phase, wave.loose, 420.0 / (below + 420.0))
    width = 54.0 + 0.02 * below
    edge = skull.half - 0.62 * width
    outer = _side_line(skull, side, 0.62 * width, 0.45 * width, (side * (edge + flare), length), bend)
    sheet = [
        strand(
            hooked(waved(outer, wave), how.hook),
            width,
            0.45,
            0.3,
            shade,
            0.8,
            max(how.blunt, 3.0),
            how.round_end,
        )
    ]
    inner = skull.temple + 4.0
    guides = [
        _side_line(skull, side, 14.0, 10.0, (side * (skull.half + flare - 6.0), length * 0.93), bend),
        _side_line(skull, side, 36.0, 18.0, (side * (skull.half + flare - 38.0), length * 0.96), 0.7 * bend),
        _side_line(
            skull,
            side,
            skull.half - inner,
            24.0,
            (side * (inner + 0.6 * flare - 8.0), 0.84 * length),
            0.3 * bend,
        ),
    ]
    locks = comb(random, guides, count, replace(how, start=min(how.start, 0.16)), wave, shade)
    masses = [
        Mass(tuple(sheet), lift=2.0, swing=0.6 if hang else 0.25, hang=hang, gloss=0.9),
        Mass(locks, lift=6.0, swing=0.6 if hang else 0.25, hang=hang, gloss=0.8),
    ]
    if tress:
        end = (side * (skull.temple - 22.0 + 0.1 * flare), tress)
        line = _side_line(skull, side, skull.half - inner + 4.0, 40.0, end, -10.0)
        own = Wave(max(0.7 * wave.height, 6.0), 190.0, wave.phase, 0.6, 0.4)
        lock = strand(waved(line[2:], own), pick(random, 16, 25), 0.2, 0.45, shade)
        masses.append(Mass((lock,), lift=9.0, swing=0.5, hang=60.0 if tress > 150 else 0.0))
    return tuple(masses)


def back(random: Random, skull: Skull, fall: Fall) -> Piece:
    """What hangs behind the neck and shoulders."""
    half, end = skull.half, fall.length
    behind = [_filler(skull, 180.0)]
    base = strand(
        hanging((0, -200), (fall.lean * 0.6, end - 40.0), 0.0, 5),
        half - 16.0 + 0.15 * fall.flare - (12.0 if fall.inner else 0.0),
        0.3,
        0.42,
        0,
        0,
        6.0,
        0.8,
    )
    masses = [Mass((base,), depth=-70.0, dark=0.85, plain=True, swing=0.7, hang=60.0, inside=fall.inner)]
    deep = [
        np.concatenate(
            [
                [(0.55 * half * x, -170.0), (0.84 * half * x, -50.0)],
                hanging((0.92 * half * x, 60.0), ((half - 30.0 + fall.flare) * x + 0.8 * fall.lean, end)),
            ]
        )
        for x in (-0.9, -0.45, 0.0, 0.45, 0.9)
    ]
    wave = Wave(fall.wave.height, fall.wave.length, fall.wave.phase + 1.0, fall.wave.loose, 0.15)
    low = replace(fall.cut, contrast=fall.cut.contrast + 0.2, start=0.2, swell=0.42, hook=0.0, ink=0.7)
    masses.append(
        Mass(
            comb(random, deep, fall.count, low, wave),
            depth=-68.0,
            dark=0.6,
            swing=0.7,
            hang=60.0,
            inside=fall.inner,
        )
    )
    for side in (-1.0, 1.0):
        guides = [
            np.concatenate(
                [
                    [(side * (100 - inset), -214.0), (side * (half - 24 - inset), -80.0)],
                    hanging(
                        (side * (half - 4 - inset), EAR),
                        (
                            side * (half - 4 - 1.1 * inset + fall.flare) + fall.lean,
                            end * (1 - 0.0012 * inset),
                        ),
                    ),
                ]
            )
            for inset in (0.0, 34.0, 80.0)
        ]
        shade = 1 if side < 0 else -1
        outer = Wave(fall.wave.height, fall.wave.length, fall.wave.phase + side, fall.wave.loose, 0.3)
        locks = comb(random, guides, max(fall.count // 2, 2), low, outer, shade)
        masses.append(Mass(locks, depth=-64.0, dark=0.3, swing=0.75, hang=60.0))
    flips = _flips(random, skull, fall)
    if flips:
        masses.append(Mass(flips, depth=-60.0, dark=0.25, swing=0.8, hang=40.0))
    return Piece(back=(*behind, *masses))


def _filler(skull: Skull, low: float) -> Mass:
    """What shows between a turned face and the hair behind it."""
    half = skull.temple + 10.0
    return Mass(
        (
            Strand(((0, -246), (0, -110), (0, 20), (0, low)), half, 0.36, 0.38, 0, 0),
            Strand(((-110, -200), (-half + 4, -90), (-half + 6, 20), (-half + 10, low + 10)), 34, 0.3, 0.4, 0, 0),
            Strand(((110, -200), (half - 4, -90), (half - 6, 20), (half - 10, low + 10)), 34, 0.3, 0.4, 0, 0),
        ),
        depth=20.0, dark=0.85, plain=True,
    )  # fmt: skip


def _flips(random: Random, skull: Skull, fall: Fall) -> tuple[Strand, ...]:
    """Shorter locks that turn out of the silhouette."""
    result = []
    for side in (-1.0, 1.0):
        for i in range(round(4 * fall.layers)):
            share = (i + 0.8 + 0.4 * float(random.random())) / (4 * fall.layers + 0.6)
            y = 10.0 + (fall.length - 90.0) * share
            x = side * (skull.half - 16.0 + fall.flare * share**1.6) + fall.lean * share
            long = pick(random, 70.0, 130.0) * (0.7 + 0.5 * share)
            out = pick(random, 30.0, 64.0)
            line = np.array(
                [
                    (x - side * 44, y - 1.1 * long),
                    (x - side * 14, y - 0.3 * long),
                    (x + side * 0.30 * out, y + 0.30 * long),
                    (x + side * out, y + 0.55 * long),
                ]
            )
            result.append(strand(line, pick(random, 15.0, 30.0), 0.05, 0.45, 1 if side < 0 else -1))
    return tuple(result)


def gathered(skull: Skull) -> Piece:
    """The back of hair that is tied up: the round of the skull, and a bare nape."""
    base = strand(
        np.array([(0, -160), (0, 0), (0, 100), (0, 206)]), skull.half - 6.0, 0.5, 0.35, 0, 0, 2.6, 0.7
    )
    return Piece(back=(_filler(skull, 60.0), Mass((base,), depth=-72.0, dark=0.65, plain=True)))


def crop(random: Random, skull: Skull, nape: float = 236.0, rough: float = 0.5) -> Piece:
    """The back of a short cut: a round skull that runs into the nape; rough is how far locks stand out, 0..1."""
    base = strand(
        np.array([(0, -110), (0, 30), (0, 150), (0, nape + 60.0)]), skull.half + 14.0, 0.3, 0.32, 0, 0
    )
    strands = []
    for side in (-1.0, 1.0):
        for x, y, width in (
            (150, 120, 26),
            (134, nape - 24.0, 30),
            (96, nape - 4.0, 30),
            (60, nape + 26.0, 32),
        ):
            dx = pick(random, 4, 14) + 26.0 * rough * float(random.random())
            dy = pick(random, -16, 16)
            line = np.array(
                [
                    (side * x * 0.8, y - 200.0),
                    (side * (x + 30), y - 90.0),
                    (side * (x + 24), y - 34.0),
                    (side * (x + 30 + dx), y + dy),
                ]
            )
            strands.append(strand(line, width, 0.25, 0.45, 1 if side < 0 else -1))
    return Piece(
        back=(
            _filler(skull, 60.0),
            Mass((base,), depth=-72.0, dark=0.65, plain=True),
            Mass(tuple(strands), depth=-74.0, dark=0.45, swing=0.3),
        )
    )
