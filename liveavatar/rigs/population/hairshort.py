"""Short hairdos: crops, curls, spikes, what is shaved."""

import numpy as np

from liveavatar.rigs.drawn.identity import Mass, Strand
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.hairfall import Fall, back, crop, sides
from liveavatar.rigs.population.hairfringe import hairline
from liveavatar.rigs.population.hairlocks import (
    Cut,
    Piece,
    Random,
    Skull,
    Wave,
    join,
    over_skull,
    pick,
    strand,
)
from liveavatar.rigs.population.hairloose import both


def short(random: Random, cast: Cast, skull: Skull) -> Piece:
    how = Cut(0.7, 0.16, 1.4, 0.7, 0.4)
    rough = 0.3 + 0.6 * cast.energy
    length = pick(random, 40, 96)
    return join(
        [
            crop(random, skull, pick(random, 222, 256), rough),
            both(random, skull, length, -6.0 + 12 * rough, how, Wave(), 3),
        ]
    )


def mop(random: Random, cast: Cast, skull: Skull) -> Piece:
    wave = Wave(pick(random, 10, 17), pick(random, 90, 130), 0.0, 1.8)
    how = Cut(0.6, 0.16, 1.5, 0.5, 0.5, 3.4, 0.75, hook=8)
    length = pick(random, 84, 150)
    fall = Fall(pick(random, 220, 260), 6.0, how, wave, 0.9, 6)
    return join([back(random, skull, fall), both(random, skull, length, 8.0, how, wave, 4)])


def tight(random: Random, cast: Cast, skull: Skull) -> Piece:
    how = Cut(0.5, 0.1, 1.4, 0.8, 0.4)
    return join(
        [
            crop(random, skull, 238.0, 0.1),
            both(random, skull, pick(random, 24, 40), -20.0, how, Wave(), 2),
        ]
    )


def afro(random: Random, cast: Cast, skull: Skull) -> Piece:
    """A cloud of curls round the head."""
    big = pick(random, 20, 54)
    rings = []
    for reach, dark, count in ((1.0, 0.45, 21), (0.86, 0.25, 18)):
        curls = []
        for i in range(count):
            angle = np.pi * (-0.26 + 1.52 * (i + pick(random, 0.25, 0.75)) / count)
            ray = np.array([np.cos(angle) * (skull.half + big), np.sin(angle) * (skull.top - 0.6 * big)])
            curls.append(_curl(random, ray * reach * pick(random, 0.95, 1.03), pick(random, 30, 52)))
        rings.append(Mass(tuple(curls), depth=-20.0, dark=dark, swing=0.15, perk=8.0))
    rows = []
    for row, count in ((3, 7), (2, 9), (1, 11), (0, 12)):
        curls = []
        for share in (np.arange(count) + 0.5) / count:
            x = (2 * share - 1) * (skull.temple + 10.0 - 22.0 * row)
            y = hairline(float(x), -130.0) - 14.0 - 36.0 * row + pick(random, -8, 8)
            curls.append(_curl(random, np.array([x + pick(random, -8, 8), y]), pick(random, 24, 36)))
        rows.append(Mass(tuple(curls), lift=3.0 + 2.0 * (3 - row), swing=0.1, gloss=0.0, cast=(2.0, 5.0)))
    base = strand(
        np.array([(0, -250), (0, -120), (0, 40), (0, 190)]), skull.half + big, 0.7, 0.35, 0, 0, 4.0, 0.5
    )
    behind = Mass((base,), depth=-70.0, dark=0.8, plain=True)
    return Piece(back=(behind, *rings), over=tuple(rows))


def _curl(random: Random, at: np.ndarray, size: float) -> Strand:
    """A round curl that ends at a place."""
    out = at / np.hypot(*at)
    turn = np.array([-out[1], out[0]]) * float(random.choice([-1.0, 1.0]))
    inner = at - out * 1.5 * size
    line = np.array(
        [
            inner,
            at - out * 0.7 * size + turn * 12.0,
            at + turn * 0.2 * size,
            at + out * 0.2 * size - turn * 0.4 * size,
        ]
    )
    return strand(line, size, 0.5, 0.55, 1 if at[0] < 0 else -1, 0.8, 4.0, 0.5)


def undercut(random: Random, cast: Cast, skull: Skull) -> Piece:
    """Long on one side, shaved on the other."""
    long_side = 1.0 if skull.part < 0 else -1.0
    side = -long_side
    how = Cut(0.7, 0.14, 1.5, 0.14, 0.36, 2.2, hook=10)
    shaved = [
        strand(
            over_skull((skull.part, -250.0), (side * (skull.half - inset), 40.0 - 0.4 * inset), 10.0),
            34.0, 0.6, 0.5, 0, 0.5, 6.0, 0.7,
        )
        for inset in (14.0, 40.0)
    ]  # fmt: skip
    long = sides(
        random,
        skull,
        long_side,
        pick(random, 110, 260),
        pick(random, -20, 20),
        how,
        Wave(6.0, 190.0),
        4,
    )
    return join(
        [
            crop(random, skull, 238.0, 0.3),
            Piece(sides=(Mass(tuple(shaved), lift=0.0, swing=0.05, bare=0.2, dark=0.3, gloss=0.0), *long)),
        ]
    )


def spikes(random: Random, cast: Cast, skull: Skull) -> Piece:
    """Large locks that stand off all round the head."""
    reach = pick(random, 64, 104) * (0.7 + 0.5 * cast.energy)
    lean = pick(random, -0.12, 0.12)
    rows = []
    for row, count, reach_round in ((0, 13, 0.68), (1, 8, 0.40)):
        locks = []
        for i in range(count):
            share = (i + 0.5 + 0.25 * float(random.normal())) / count
            angle = np.pi * (0.5 + reach_round * (2.0 * share - 1.0) + lean)
            away = np.array([-np.cos(angle), -np.sin(angle)])
            side = 1.0 if away[0] > 0 else -1.0
            along = np.array([-away[1] * side, away[0] * side])
            rim = away * (skull.half, -skull.top) * (1.0 - 0.14 * row)
            far = reach * pick(random, 0.6, 1.2) * (1.0 - 0.25 * row)
            line = np.array(
                [
                    rim * 0.40 - along * 0.45 * far,
                    rim * 0.80 - along * 0.22 * far,
                    rim * 0.97 + away * 0.30 * far + along * 0.12 * far,
                    rim * 0.97 + away * 0.78 * far + along * 0.62 * far,
                ]
            )
            width = pick(random, 50, 74) * (1.0 - 0.2 * abs(away[0]))
            locks.append(strand(line, width, 0.9 if row == 0 else 0.05, 0.3, -1 if side > 0 else 1, 0.9, 1.9))
        rows.append(
            Mass(tuple(locks), depth=-12.0 + 10.0 * row, swing=0.2, perk=18.0, dark=0.24 - 0.16 * row)
        )
    length = pick(random, 60, 110)
    beside = both(random, skull, length, 6.0, Cut(0.9, 0.2, 1.4, 0.7, 0.36, 1.8, hook=16), Wave(), 3)
    upper = [mass for mass in beside.sides if max(lock.width for lock in mass.strands) < 50.0]
    return join(
        [
            crop(random, skull, pick(random, 230, 262), 1.0),
            Piece(back=(rows[0],), under=(rows[1],), sides=tuple(upper)),
        ]
    )
