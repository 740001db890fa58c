"""Hairdos that hang loose, from a bob to the waist."""

from dataclasses import replace

from liveavatar.rigs.drawn.identity import Mass
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.hairfall import Fall, back, crop, sides
from liveavatar.rigs.population.hairlocks import (
    Cut,
    Piece,
    Random,
    Skull,
    Wave,
    join,
    pick,
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
    how: Cut = STRAIGHT,
) -> Piece:
    wave = some_wave(random, height, 360.0 if height < 14.0 else 220.0)
    length = pick(random, 400, 590)
    lean = float(random.normal(0, 26))
    fall = Fall(
        length,
        flare + 16.0 + 0.8 * height,
        replace(how, start=0.7),
        wave,
        layers,
        6,
        lean,
        bool(random.random() < 0.18),
    )
    tress = pick(random, 210, 350) if random.random() < 0.5 else 0.0
    # over both shoulders, over one, or behind them
    lengths = random.choice(
        [[500.0, 500.0], [500.0, 200.0], [200.0, 500.0], [200.0, 200.0]], p=[0.3, 0.2, 0.2, 0.3]
    )
    fronts: list[Mass] = []
    for side, own in zip((-1.0, 1.0), lengths, strict=True):
        end, out = float(own) * pick(random, 0.8, 1.12), 0.5 * flare + float(random.normal(0, 6))
        fronts += sides(
            random, skull, side, end, out, how, replace(wave, phase=wave.phase * side), 3, 12.0, tress
        )
    return join([back(random, skull, fall), Piece(sides=tuple(fronts))])


def long_straight(random: Random, cast: Cast, skull: Skull) -> Piece:
    return long(random, cast, skull, 12.0, pick(random, 10, 70), 0.25)


def long_wavy(random: Random, cast: Cast, skull: Skull) -> Piece:
    return long(random, cast, skull, pick(random, 16, 26), pick(random, 20, 70), 0.4)


def long_layered(random: Random, cast: Cast, skull: Skull) -> Piece:
    how = Cut(0.8, 0.2, 1.4, 0.14, 0.38, 2.0, hook=18)
    return long(random, cast, skull, 11.0, pick(random, 40, 90), 1.0, how)


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
        pick(random, 10, 60),
        Cut(0.8, 0.1, 1.5, 0.7, 0.4, 4.0, 0.9),
        some_wave(random, 7.0, 380.0),
        0.1,
        5,
    )
    long = (
        both(random, skull, pick(random, 300, 400), -6.0, STRAIGHT, Wave(), 3)
        if random.random() < 0.4
        else Piece()
    )
    return join(
        [back(random, skull, fall), long, both(random, skull, cheek, -26.0, BLUNT, Wave(), 2, uneven=3.0)]
    )
