"""Hairdos that are tied up."""

from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.hairfall import Fall, back, gathered
from liveavatar.rigs.population.hairlocks import Cut, Piece, Random, Skull, Wave, join, pick
from liveavatar.rigs.population.hairloose import STRAIGHT, both, long_straight, some_wave
from liveavatar.rigs.population.hairtails import buns, over_shoulder, pony_tail, twin_tails


def _short_sides(random: Random, skull: Skull, tress: float) -> Piece:
    """The sides of hair that is tied."""
    return both(random, skull, pick(random, 34, 60), -14.0, Cut(0.6, 0.14, 1.4, 0.3, 0.38), Wave(), 3, tress)


def _down_to_the_tie(random: Random, skull: Skull, tress: float) -> Piece:
    """The sides of hair that is tied behind the ears: they cover them."""
    how = Cut(0.6, 0.08, 1.45, 0.3, 0.38)
    return both(
        random, skull, pick(random, 138, 164), skull.temple - skull.half + 18.0, how, Wave(), 3, tress, 6.0
    )


def _adorn(random: Random, cast: Cast) -> str:
    bow = 0.5 * cast.femininity + (0.2 if cast.genre in ("gothic", "idol") else 0.0)
    return "bow" if random.random() < bow else str(random.choice(["band", "gold"]))


def _twins(random: Random, cast: Cast, skull: Skull, kind: str, high: tuple[float, float]) -> Piece:
    length = pick(random, 420, 700) if kind == "tail" else pick(random, 340, 500)
    wave = some_wave(random, float(random.choice([5.0, 14.0])), 200.0)
    tress = pick(random, 140, 290) if random.random() < 0.6 else 0.0
    tails = twin_tails(
        random,
        skull,
        pick(random, *high),
        length,
        pick(random, 48, 76),
        Cut(0.7, 0.2, 1.5),
        wave,
        kind,
        _adorn(random, cast),
    )
    return join([gathered(skull), tails, _short_sides(random, skull, tress)])


def twin_high(random: Random, cast: Cast, skull: Skull) -> Piece:
    return _twins(random, cast, skull, "tail", (0.72, 0.95))


def twin_low(random: Random, cast: Cast, skull: Skull) -> Piece:
    return _twins(random, cast, skull, "tail", (0.0, 0.3))


def drills(random: Random, cast: Cast, skull: Skull) -> Piece:
    return _twins(random, cast, skull, "drill", (0.5, 0.9))


def two_braids(random: Random, cast: Cast, skull: Skull) -> Piece:
    front = [
        over_shoulder(random, skull, s, pick(random, 270, 330), 50.0, Cut(), Wave(), "braid", "band")
        for s in (-1.0, 1.0)
    ]
    tress = pick(random, 110, 180) if random.random() < 0.4 else 0.0
    return join([gathered(skull), *front, _down_to_the_tie(random, skull, tress)])


def side_tail(random: Random, cast: Cast, skull: Skull) -> Piece:
    side = 1.0 if random.random() < 0.5 else -1.0
    kind = str(random.choice(["tail", "braid", "tail", "drill"]))
    tail = over_shoulder(
        random,
        skull,
        side,
        pick(random, 270, 380),
        58.0,
        Cut(0.7, 0.16, 1.5),
        some_wave(random, 11.0),
        kind,
        _adorn(random, cast),
    )
    tress = pick(random, 130, 240) if random.random() < 0.7 else 0.0
    return join([gathered(skull), tail, _down_to_the_tie(random, skull, tress)])


def pony(random: Random, cast: Cast, skull: Skull) -> Piece:
    side = 1.0 if skull.part < 0 else -1.0
    kind = "braid" if random.random() < 0.2 else "tail"
    wave = some_wave(random, float(random.choice([6.0, 14.0])), 220.0)
    tail = pony_tail(
        random,
        skull,
        side,
        pick(random, 0.5, 1.0),
        pick(random, 420, 640),
        pick(random, 52, 76),
        Cut(0.7, 0.16, 1.5),
        wave,
        kind,
        _adorn(random, cast),
    )
    tress = pick(random, 130, 260) if random.random() < 0.6 else 0.0
    return join([gathered(skull), tail, _short_sides(random, skull, tress)])


def samurai(random: Random, cast: Cast, skull: Skull) -> Piece:
    """A short tail tied high that fans out."""
    side = 1.0 if skull.part < 0 else -1.0
    tail = pony_tail(
        random,
        skull,
        side,
        0.9,
        pick(random, 150, 240),
        pick(random, 46, 60),
        Cut(0.8, 0.3, 1.3, blunt=1.8),
        Wave(5.0, 160.0),
        "tail",
        "band",
    )
    return join([gathered(skull), tail, _short_sides(random, skull, pick(random, 90, 150))])


def bun(random: Random, cast: Cast, skull: Skull) -> Piece:
    knot = buns(
        random,
        skull,
        False,
        pick(random, 76, 98),
        pick(random, 0.0, 0.9) * cast.energy + 0.1,
        _adorn(random, cast),
    )
    tress = pick(random, 120, 230) if random.random() < 0.7 else 0.0
    return join([gathered(skull), knot, _short_sides(random, skull, tress)])


def two_buns(random: Random, cast: Cast, skull: Skull) -> Piece:
    knots = buns(random, skull, True, pick(random, 64, 84), 0.3 * cast.energy, _adorn(random, cast))
    tress = pick(random, 150, 320) if random.random() < 0.6 else 0.0
    below = (
        back(
            random,
            skull,
            Fall(pick(random, 380, 540), 20.0, STRAIGHT, some_wave(random, 8.0), 0.2, 6),
        )
        if random.random() < 0.4
        else gathered(skull)
    )
    return join([below, knots, _short_sides(random, skull, tress)])


def two_side_up(random: Random, cast: Cast, skull: Skull) -> Piece:
    tails = twin_tails(
        random,
        skull,
        0.85,
        pick(random, 220, 300),
        pick(random, 32, 44),
        Cut(0.7, 0.2, 1.4),
        some_wave(random, 8.0),
        "tail",
        _adorn(random, cast),
    )
    return join([long_straight(random, cast, skull), tails])
