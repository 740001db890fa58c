"""Hair that is tied: where tails, braids, drills and knots sit on a head."""

import numpy as np

from liveavatar.rigs.drawn.identity import Mass
from liveavatar.rigs.population.hairlocks import Cut, Piece, Random, Skull, Wave, pick
from liveavatar.rigs.population.hairtied import bow, braid, bun, drill, plait, sheaf, tie


def _band(adorn: str) -> str:
    return "gold" if adorn == "gold" else "ribbon"


def twin_tails(random: Random, skull: Skull, height: float, length: float, width: float, how: Cut, wave: Wave, kind: str,
               adorn: str) -> Piece:  # fmt: skip
    """Two tails; height 1 sits at the top of the head, 0 behind the ears; kind is tail, braid or drill."""
    back: list[Mass] = []
    over: list[Mass] = []
    for side in (-1.0, 1.0):
        own = length * pick(random, 0.94, 1.06)
        tilt = pick(random, -12, 12)
        x, y = side * (skull.half - 20.0 - 46.0 * height), 84.0 - 300.0 * height + tilt
        out = 46.0 + 46.0 * height
        line = np.array(
            [
                (x - side * 10, y + 6),
                (x + side * 0.7 * out, y - 26.0 * height + 8),
                (x + side * (out + 30), y + 0.22 * own),
                (x + side * (out + 20), y + 0.46 * own),
                (x + side * (out - 16), y + 0.74 * own),
                (x + side * (out + 22), y + own),
            ]
        )
        way = (side * 1.0, -0.1 - 0.25 * height + (1 - height) * 0.9)
        if kind == "braid":
            back += braid(random, line, width * 0.8, -30.0, 0.05, -160.0 if height > 0.4 else 40.0)
        elif kind == "drill":
            back.append(drill(random, line, width * 0.92, -30.0, 0.05, -160.0 if height > 0.4 else 40.0))
        else:
            back += sheaf(random, line, width, 5, how, wave, -30.0, 0.08)
        knot = (side * (skull.half + 6.0 - 22.0 * height), y - 14.0 * height)
        if adorn == "bow":
            over.append(bow((knot[0], knot[1] - 4), 46.0, side * 0.5, 30.0))
        else:
            over.append(tie(knot, way, 24.0, 26.0, dye=_band(adorn)))
    return Piece(back=tuple(back), over=tuple(over))


def pony_tail(random: Random, skull: Skull, side: float, height: float, length: float, width: float, how: Cut, wave: Wave,
              kind: str, adorn: str) -> Piece:  # fmt: skip
    """One tail that leaves the top of the head to a side, rises and falls behind the shoulder."""
    x, y = side * (40.0 + 30.0 * (1 - height)), skull.top + 34.0 + 60.0 * (1 - height)
    far = skull.half + 62.0
    line = np.array(
        [
            (x, y),
            (x + side * 62, y - 62.0 * (0.5 + height)),
            (side * (far - 46), y - 10.0),
            (side * far, y + 0.28 * length),
            (side * (far + 4), y + 0.52 * length),
            (side * (far - 26), y + 0.78 * length),
            (side * (far + 4), y + length),
        ]
    )
    if kind == "braid":
        masses = braid(random, line, width * 0.8, -40.0, 0.05, -160.0)
    else:
        masses = sheaf(random, line, width, 6, how, wave, -40.0, 0.08)
    knot = (x + side * 16, y - 14.0)
    way = (side * 0.8, -0.8)
    on = (
        bow((knot[0], knot[1] - 8), 50.0, side * 0.35, -20.0)
        if adorn == "bow"
        else tie(knot, way, 26.0, -20.0, dye=_band(adorn))
    )
    return Piece(back=(*masses, on))


def over_shoulder(random: Random, skull: Skull, side: float, length: float, width: float, how: Cut, wave: Wave, kind: str,
                  adorn: str) -> Piece:  # fmt: skip
    """One tail gathered low behind an ear, that lies in front of the shoulder."""
    x, y = side * (skull.temple + 12.0), 160.0
    line = np.array(
        [
            (x - side * 8, y - 60),
            (x + side * 8, y - 6),
            (x + side * 16, y + 0.22 * length),
            (x - side * 4, y + 0.5 * length),
            (x - side * 26, y + 0.76 * length),
            (x - side * 14, y + length),
        ]
    )
    if kind == "braid":
        masses = braid(random, line, width * 0.92, 30.0, 0.0, 100.0)
    elif kind == "drill":
        masses = (drill(random, line, width, 30.0, 0.0, 100.0),)
    else:
        masses = sheaf(random, line, width, 5, how, wave, 30.0)
    knot = (x + side * 6, y + 14.0)
    if kind != "braid" or adorn == "bow":
        on = (
            bow(knot, 40.0, side * -0.2, 60.0)
            if adorn == "bow"
            else tie(knot, (side * 0.3, 1.0), 0.42 * width + 6, 50.0)
        )
        masses = (*masses, on)
    return Piece(under=tuple(masses))


def buns(random: Random, skull: Skull, two: bool, radius: float, messy: float, adorn: str) -> Piece:
    """A knot on the crown, or one on either side of it."""
    back: list[Mass] = []
    over: list[Mass] = []
    places = [(-1.0, -0.62), (1.0, 0.62)] if two else [(1.0, pick(random, -0.18, 0.18))]
    for side, share in places:
        size = radius * pick(random, 0.96, 1.04)
        x = share * skull.half + 0.12 * skull.half * (side if two else 0.0)
        y = skull.top * (0.86 if two else 1.0) - 0.24 * size
        back += bun(random, (x, y), size, -30.0, 0.05, messy)
        foot = np.array([x, y]) * (1.0 - 0.3 * size / float(np.hypot(x, y)))
        if adorn == "bow":
            over.append(
                bow((foot[0] + (0.0 if two else 0.5 * size), foot[1] + 14.0), 42.0, 0.35 * share, 0.0)
            )
        else:
            back.append(tie((foot[0], foot[1]), (share, -1.0), 0.7 * size, -6.0, dye=_band(adorn)))
    return Piece(back=tuple(back), over=tuple(over))


def crown_plait(random: Random, skull: Skull, width: float) -> Piece:
    """A plait over the head from ear to ear, behind the fringe's parting."""
    low = pick(random, -30, 10)
    top = skull.top + pick(random, 58, 84)
    half = skull.half - 6.0
    line = np.array(
        [
            (-half, low),
            (-0.93 * half, -120),
            (-0.62 * half, top + 38),
            (0, top),
            (0.62 * half, top + 38),
            (0.93 * half, -120),
            (half, low),
        ]
    )
    return Piece(over=(plait(random, line, width, None, thin=0.0),))
