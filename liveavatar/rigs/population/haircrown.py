"""The hair on the skull: its cap, light, parting, tufts and hairs that stand up."""

import numpy as np

from liveavatar.rigs.drawn.identity import Mass
from liveavatar.rigs.population.hairfringe import hairline
from liveavatar.rigs.population.hairlocks import Piece, Random, Skull, Wave, pick, strand, waved

Spindle = tuple[float, float, float, float, float]


def cap(
    skull: Skull, open_ears: bool, peak: float = 0.0, tight: float = 0.0
) -> tuple[tuple[float, float], ...]:
    """The outline of the hair on the skull: thirteen points of its rim, eight of the hairline.

    peak is how far the hairline comes down at the parting, negative where it opens; tight 1 fills the whole silhouette."""
    half, top = skull.half - 6.0 * (1.0 - tight), skull.top + 8.0 * (1.0 - tight)
    low = 26.0 if open_ears else 54.0
    foot = skull.temple - 2.0 if open_ears else half - 18.0
    lift = skull.part * 0.06
    rim = [
        (-foot, low), (-half, -40), (-half + 4, -136), (-0.82 * half, -214), (-0.52 * half, top + 20 - lift),
        (-0.2 * half, top + 3), (0.0, top - 1), (0.2 * half, top + 3), (0.52 * half, top + 20 + lift),
        (0.82 * half, -214), (half - 4, -136), (half, -40), (foot, low),
    ]  # fmt: skip
    inner = skull.temple - (18.0 if open_ears else 8.0)
    across = [
        (x, hairline(x) + peak * max(1.0 - abs(x - skull.part) / 66.0, 0.0))
        for x in (112.0, skull.part + 8.0, skull.part - 8.0, -112.0)
    ]
    hair = [(inner, -6.0), (inner - 6, -76.0), *across, (-inner + 6, -76.0), (-inner, -6.0)]
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in (*rim, *hair))


def ring(random: Random, skull: Skull, rough: float, height: float) -> tuple[Spindle, ...]:
    """A band of light round the crown; rough is how far its teeth differ, 0..1, height the y of its middle."""
    result: list[Spindle] = []
    wide, tall = pick(random, 5.0, 10.0), pick(random, 26.0, 50.0)
    reach = 0.82 * skull.half * float(np.sqrt(1.0 - (height / (1.15 * skull.top)) ** 2))
    gap = skull.part + pick(random, -20.0, 20.0)
    x = -reach
    while x < reach:
        half = wide * pick(random, 0.7, 1.3)
        size = tall * (1.0 + rough * pick(random, -0.6, 0.9))
        fade = max(1.0 - (x / reach) ** 2, 0.05) ** 0.5
        if abs(x - gap) > 14.0:
            y = height + 66.0 * (x / 200.0) ** 2
            lean = 0.16 * (x - skull.part) / 100.0
            up, down = 0.34 * size * fade + 8.0, size * fade
            x0, y0, x1, y1, width = (
                round(v, 1) for v in (x - lean * up, y - up, x + lean * down, y + down, 0.72 * half)
            )
            result.append((x0, y0, x1, y1, width))
        x += 0.80 * half
    return tuple(result)


def seams(random: Random, skull: Skull) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The parting, seen from the front."""
    x = skull.part
    bend = pick(random, -8, 8)
    return (
        (
            (x, skull.top + 2.0),
            (x + bend, skull.top + 24.0),
            (x - 0.4 * bend, skull.top + 52.0),
            (x, skull.top + 84.0),
        ),
    )


def tufts(random: Random, skull: Skull, amount: float, lift: float) -> Piece:
    """Locks that leave the skull against the fall of the others; amount 0..1, lift in head units."""
    strands = []
    count = round(4 + 5 * amount)
    for i in range(count):
        angle = np.pi * (0.5 + 0.46 * (2.0 * (i + 0.5 + 0.3 * float(random.normal())) / count - 1.0))
        if abs(-np.cos(angle) * skull.half - skull.part) < 30.0:
            continue  # hair lies flat at the parting
        side = -1.0 if np.cos(angle) > -skull.part / skull.half else 1.0
        away = np.array([-np.cos(angle), -np.sin(angle)])
        rim = away * (skull.half, -skull.top)
        along = np.array([-away[1] * side, away[0] * side])  # down the skull, from the parting
        long = lift * pick(random, 0.6, 1.25)
        line = np.array(
            [
                rim * 0.66 - along * 0.9 * long,
                rim * 0.90 - along * 0.35 * long,
                rim * 0.99 + along * 0.35 * long,
                rim + away * 0.42 * long + along * 1.1 * long,
            ]
        )
        strands.append(strand(line, pick(random, 26.0, 44.0), 0.9, 0.3, 1 if side < 0 else -1))
    if not strands:
        return Piece()
    return Piece(back=(Mass(tuple(strands), depth=-4.0, swing=0.2, perk=24.0, dark=0.18),))


def strays(random: Random, skull: Skull, count: int) -> Piece:
    """Fine hairs that leave the silhouette."""
    strands = []
    for _ in range(count):
        side = float(random.choice([-1.0, 1.0]))
        angle = pick(random, 0.05, 0.95)
        ray = np.array([side * np.cos(angle) * skull.half, np.sin(angle) * skull.top])
        tangent = np.array([side * np.sin(angle), np.cos(angle)]) * pick(random, 40, 80)
        out = ray / np.hypot(*ray)
        line = np.array(
            [
                ray * 0.90 - tangent * 0.9,
                ray * 0.97 - tangent * 0.1,
                ray + out * 9.0 + tangent * 0.5,
                ray + out * pick(random, 12, 34) + tangent,
            ]
        )
        strands.append(strand(line, pick(random, 4.0, 8.0), 0.04, 0.55, 0, 0.0))
    return (
        Piece(over=(Mass(tuple(strands), depth=0.0, swing=0.6, perk=10.0, gloss=0.0),))
        if strands
        else Piece()
    )


def ahoge(random: Random, skull: Skull, height: float) -> Piece:
    """A lock that stands up from the parting and falls to one side; perks with the ears."""
    side = float(random.choice([-1.0, 1.0]))
    x, top = skull.part * 0.6, skull.top
    reach = height * pick(random, 0.5, 1.1) * side
    first = np.array(
        [
            (x, top + 26),
            (x - 0.12 * reach, top - 0.55 * height),
            (x + 0.35 * reach, top - height),
            (x + 0.95 * reach, top - 0.78 * height),
            (x + 1.15 * reach, top - 0.30 * height),
        ]
    )
    strands = [strand(first, pick(random, 9.0, 15.0), 0.8, 0.45, -1 if side > 0 else 1)]
    if random.random() < 0.5:
        second = np.array(
            [
                (x, top + 26),
                (x - 0.1 * reach, top - 0.3 * height),
                (x - 0.4 * reach, top - 0.5 * height),
                (x - 0.8 * reach, top - 0.36 * height),
            ]
        )
        strands.append(strand(waved(second, Wave()), 7.0, 0.8, 0.4, 1 if side > 0 else -1, 0.6))
    return Piece(over=(Mass(tuple(strands), depth=20.0, swing=0.8, perk=26.0),))
