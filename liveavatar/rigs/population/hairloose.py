"""Hairdos that hang loose, from a shaved side to the waist."""

from dataclasses import replace

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

STRAIGHT = Cut(0.6, 0.12, 1.5, 0.14, 0.38)
BLUNT = Cut(0.35, 0.02, 1.3, 0.2, 0.4, 10.0, 0.7)


def some_wave(random: Random, height: float, length: float = 190.0) -> Wave:
    return Wave(
        height * pick(random, 0.7, 1.3),
        length * pick(random, 0.8, 1.25),
        pick(random, 0, 6.28),
    )


def both(
    random: Random,
    skull: Skull,
    length: float,
    flare: float,
    how: Cut,
    wave: Wave,
    count: int = 3,
    tress: float = 0.0,
    uneven: float = 12.0,
    bend: float = 12.0,
) -> Piece:
    """Both sides of the face, not quite alike: as `sides`, lengths differ by `uneven`."""
    result = []
    for side in (-1.0, 1.0):
        own = length + float(random.normal(0, uneven))
        out = flare + float(random.normal(0, 5))
        lock = tress and tress + float(random.normal(0, 12))
        turned = replace(wave, phase=wave.phase * side)
        result.append(sides(random, skull, side, own, out, how, turned, count, bend, lock))
    one, other = result if skull.part > 0 else result[::-1]
    return Piece(sides=(*one, *other))


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


def wolf(random: Random, cast: Cast, skull: Skull) -> Piece:
    length = pick(random, 300, 400)
    how = Cut(0.8, 0.22, 1.3, 0.7, 0.36, 1.9)
    wave = some_wave(random, 7.0, 220.0)
    fall = Fall(length, pick(random, -26, 10), how, wave, 1.0, 7, float(random.normal(0, 12)))
    return join(
        [
            back(random, skull, fall),
            both(
                random,
                skull,
                pick(random, 140, 230),
                pick(random, -10, 14),
                replace(how, hook=14),
                wave,
                3,
            ),
        ]
    )


def bob(random: Random, cast: Cast, skull: Skull) -> Piece:
    length = pick(random, 226, 300)
    turn = pick(random, -44, -8)
    how = Cut(0.5, 0.06, 1.5, 0.14, 0.36, 3.4, 0.9)
    fall = Fall(
        length + 6, turn * 0.7, replace(how, start=0.7), Wave(), 0.12, 6, inner=bool(random.random() < 0.3)
    )
    return join(
        [
            back(random, skull, fall),
            both(random, skull, length, turn, how, Wave(), 3, bend=pick(random, 6, 22)),
        ]
    )


def blunt_bob(random: Random, cast: Cast, skull: Skull) -> Piece:
    length = pick(random, 206, 286)
    fall = Fall(
        length + 14, -6.0, replace(BLUNT, start=0.7), Wave(), 0.0, 6, inner=bool(random.random() < 0.35)
    )
    return join([back(random, skull, fall), both(random, skull, length, -8.0, BLUNT, Wave(), 3, uneven=3.0)])


def flipped(random: Random, cast: Cast, skull: Skull) -> Piece:
    length = pick(random, 250, 340)
    hook = pick(random, 26, 54)
    how = Cut(0.7, 0.12, 1.45, 0.14, 0.38, 2.2, hook=hook)
    fall = Fall(length, 4.0, replace(how, start=0.7), Wave(), 0.5, 6)
    return join([back(random, skull, fall), both(random, skull, length * 0.94, 0.0, how, Wave(), 3)])


def uneven_bob(random: Random, cast: Cast, skull: Skull) -> Piece:
    long_side = 1.0 if skull.part < 0 else -1.0
    how = Cut(0.6, 0.08, 1.5, 0.14, 0.36, 3.0)
    long = sides(random, skull, long_side, pick(random, 270, 380), -28.0, how, Wave(4, 200), 3)
    short = sides(random, skull, -long_side, pick(random, 100, 170), -10.0, how, Wave(), 3)
    return join([crop(random, skull, 246.0, 0.3), Piece(sides=(*short, *long))])


def long(
    random: Random,
    cast: Cast,
    skull: Skull,
    height: float,
    flare: float,
    layers: float,
    front: float,
    how: Cut = STRAIGHT,
) -> Piece:
    wave = some_wave(random, height, 200.0) if height else Wave()
    length = pick(random, 400, 590)
    lean = float(random.normal(0, 26))
    fall = Fall(
        length,
        flare + 16.0 + 0.8 * height,
        replace(how, start=0.7),
        wave,
        layers,
        7,
        lean,
        bool(random.random() < 0.18),
    )
    tress = pick(random, 210, 350) if random.random() < 0.5 else 0.0
    return join(
        [
            back(random, skull, fall),
            both(
                random,
                skull,
                front * pick(random, 0.8, 1.15),
                0.5 * flare,
                how,
                wave,
                3,
                tress,
                24.0,
            ),
        ]
    )


def long_straight(random: Random, cast: Cast, skull: Skull) -> Piece:
    return long(random, cast, skull, 4.0, pick(random, 6, 40), 0.15, 190.0)


def long_front(random: Random, cast: Cast, skull: Skull) -> Piece:
    return long(random, cast, skull, 7.0, 16.0, 0.15, 420.0)


def long_wavy(random: Random, cast: Cast, skull: Skull) -> Piece:
    return long(random, cast, skull, pick(random, 14, 24), 30.0, 0.4, float(random.choice([200.0, 430.0])))


def long_layered(random: Random, cast: Cast, skull: Skull) -> Piece:
    return long(random, cast, skull, 9.0, 44.0, 1.0, 210.0, Cut(0.8, 0.2, 1.4, 0.14, 0.38, 2.0, hook=18))


def long_curly(random: Random, cast: Cast, skull: Skull) -> Piece:
    wave = Wave(pick(random, 16, 24), pick(random, 96, 140), 0.0, 1.6)
    how = Cut(0.5, 0.16, 1.5, 0.4, 0.45, 3.0, 0.8, hook=10)
    fall = Fall(pick(random, 330, 480), 46.0, how, wave, 0.9, 8)
    return join(
        [
            back(random, skull, fall),
            both(random, skull, pick(random, 210, 330), 30.0, replace(how, start=0.2), wave, 4),
        ]
    )


def princess(random: Random, cast: Cast, skull: Skull) -> Piece:
    """Long and straight, with blunt locks beside the cheeks."""
    cheek = pick(random, 176, 240)
    fall = Fall(
        pick(random, 430, 600),
        pick(random, 0, 26),
        replace(BLUNT, start=0.7),
        Wave(),
        0.0,
        7,
    )
    long = (
        both(random, skull, pick(random, 300, 400), -6.0, STRAIGHT, Wave(), 3)
        if random.random() < 0.4
        else Piece()
    )
    return join(
        [back(random, skull, fall), long, both(random, skull, cheek, -26.0, BLUNT, Wave(), 2, uneven=3.0)]
    )


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
    for reach, dark, count in ((1.0, 0.45, 17), (0.84, 0.2, 15)):
        curls = []
        for i in range(count):
            angle = np.pi * (-0.26 + 1.52 * (i + pick(random, 0.25, 0.75)) / count)
            ray = np.array([np.cos(angle) * (skull.half + big), np.sin(angle) * (skull.top - 0.6 * big)])
            curls.append(_curl(random, ray * reach, pick(random, 36, 54)))
        rings.append(Mass(tuple(curls), depth=-20.0, dark=dark, swing=0.15, perk=8.0))
    edge = []
    for x in np.linspace(-skull.temple - 4.0, skull.temple + 4.0, 13):
        y = hairline(float(x), -126.0)
        edge.append(_curl(random, np.array([1.06 * x, min(y, 10.0) - 18.0]), pick(random, 24, 34)))
    base = strand(
        np.array([(0, -250), (0, -120), (0, 40), (0, 190)]), skull.half + big, 0.7, 0.35, 0, 0, 4.0, 0.5
    )
    behind = Mass((base,), depth=-70.0, dark=0.8, plain=True)
    return Piece(back=(behind, *rings), over=(Mass(tuple(edge), lift=6.0, swing=0.1),))


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
