"""What tied hair is made of: sheaves, braids, drills, knots, and what ties them."""

import numpy as np

from liveavatar.rigs.drawn.geometry import normals
from liveavatar.rigs.drawn.identity import Mass, Strand
from liveavatar.rigs.population.hairlocks import (
    Cut,
    Line,
    Random,
    Wave,
    cut,
    pick,
    resample,
    sizes,
    strand,
    waved,
)


def sheaf(random: Random, line: Line, width: float, count: int, how: Cut, wave: Wave, depth: float, dark: float = 0.0,
          spread: float = 1.0, swing: float = 0.8) -> tuple[Mass, ...]:  # fmt: skip
    """Locks gathered at the root of a line, that part towards its end; width is half of the whole."""
    even = resample(line, 10)
    side = normals(even)
    s = np.linspace(0.0, 1.0, 10)
    body = 0.30 + 0.70 * np.clip(s / 0.38, 0, 1) ** 0.8
    core = strand(
        waved(cut(line, 0.97), Wave(wave.height * 0.8, wave.length, wave.phase)),
        width * 0.96,
        0.32,
        0.4,
        0,
        0.7,
        3.4,
    )
    strands = []
    shares = sizes(random, count, how.contrast)
    places = 2.0 * (np.cumsum(shares) - shares / 2) - 1.0
    # from the edges to the middle, so that the middle lies on top
    for i in np.argsort(-np.abs(places)):
        room = float(shares[i]) * width * 1.3 * how.overlap
        offset = float(places[i]) * (width - 0.4 * room) * body * (1.0 + 0.3 * spread * s**2 - 0.5 * s**4)
        path = cut(even + side * offset[:, None], 1.0 - how.ragged * float(random.random()) * 1.3)
        path = waved(
            path,
            Wave(wave.height, wave.length, wave.phase, wave.loose, 0.12),
            float(random.normal(0, wave.loose)),
        )
        strands.append(strand(path, room, 0.34, 0.45, 1, how.ink, how.blunt, how.round_end))
    end = even[-1] - even[-3]
    tips = []
    for sign in (-1.0, 1.0):
        at = pick(random, 0.4, 0.75)
        k = int(at * 9)
        start = even[k] + side[k] * sign * width * 0.8
        tip = start + 0.9 * end + side[k] * sign * width * pick(random, 0.5, 0.95)
        tips.append(
            strand(
                np.array(
                    [
                        even[k - 2] + side[k - 2] * sign * width * 0.6,
                        start,
                        0.5 * (start + tip) + side[k] * sign * width * 0.22,
                        tip,
                    ]
                ),
                pick(random, 8, 15),
                0.7,
                0.4,
                1,
                0.6,
            )
        )
    hang = -160.0 if line[0, 1] < 0 else 60.0
    return (
        Mass((core,), depth=depth, dark=min(dark + 0.4, 1.0), swing=swing, hang=hang),
        Mass((*tips, *strands), depth=depth + 4.0, dark=dark, swing=swing, hang=hang),
    )


def tie(at: tuple[float, float], along: tuple[float, float], width: float, depth: float | None = None, lift: float = 20.0,
        dye: str = "ribbon") -> Mass:  # fmt: skip
    """A band round a sheaf that leaves in the direction `along`."""
    way = np.array(along) / np.hypot(*along)
    across = np.array([way[1], -way[0]])
    middle = np.array(at)
    rows = []
    for k in (-0.42, 0.42):
        line = np.array(
            [
                middle + across * width * u + way * (k * 15.0 + 4.0 * (1 - u * u))
                for u in (-1.1, -0.4, 0.4, 1.1)
            ]
        )
        rows.append(strand(line, 10.0, 0.75, 0.4, 1, 0.6, 8.0, 0.6))
    return Mass(
        tuple(rows), depth=depth, lift=lift, swing=0.0, apart=True, dye=dye, gloss=0.0, cast=(2.0, 4.0)
    )


def bow(at: tuple[float, float], size: float, turn: float, depth: float | None = None, lift: float = 24.0,
        dye: str = "ribbon") -> Mass:  # fmt: skip
    """A bow; turn is its angle in radians."""
    c, s = np.cos(turn), np.sin(turn)
    matrix = np.array([[c, -s], [s, c]])

    def place(points: list[tuple[float, float]]) -> Line:
        return np.array(points) @ matrix.T * size + at

    parts: list[Strand] = []
    for side in (-1.0, 1.0):
        tail = place([(0, 0.05), (side * 0.22, 0.5), (side * 0.30, 0.9), (side * 0.52, 1.35)])
        parts.append(strand(tail, 0.17 * size, 0.5, 0.6, -int(side), 0.6, 9.0, 0.7))
    for side in (-1.0, 1.0):
        loop = place([(0, 0), (side * 0.42, -0.22), (side * 0.80, -0.26), (side * 1.12, -0.02)])
        parts.append(strand(loop, 0.36 * size, 0.24, 0.62, 1 if side < 0 else -1, 1.0, 7.0, 0.6))
        fold = place([(0.05 * side, 0), (side * 0.3, -0.08), (side * 0.55, -0.10), (side * 0.74, -0.06)])
        parts.append(strand(fold, 0.09 * size, 0.6, 0.4, 0, 0.5, 3.0))
    parts.append(
        strand(
            place([(0, -0.2), (0.01, -0.06), (0.01, 0.08), (0, 0.22)]),
            0.17 * size,
            0.6,
            0.4,
            1,
            0.5,
            5.0,
            0.5,
        )
    )
    return Mass(
        tuple(parts), depth=depth, lift=lift, swing=0.15, apart=True, dye=dye, gloss=0.0, cast=(2.0, 5.0)
    )


def plait(
    random: Random,
    line: Line,
    width: float,
    depth: float | None,
    dark: float = 0.0,
    hang: float = 0.0,
    thin: float = 0.36,
) -> Mass:
    """Two rows of locks that cross along a line; it gets narrower by thin, as a share."""
    length = float(np.hypot(*np.diff(resample(line, 30), axis=0).T).sum())
    count = max(round(length / (0.60 * width)), 6)
    even = resample(line, 4 * (count + 1) + 1)
    side = normals(even)
    strands = []
    for i in range(count):
        sign = 1.0 if i % 2 else -1.0
        taper = width * (1.0 - thin * i / count) * pick(random, 0.95, 1.05)
        # from the outer edge over to the other half, under the one that follows
        points = [
            even[4 * i + k] + side[4 * i + k] * sign * share * taper
            for k, share in ((0, 0.10), (2, 0.50), (5, 0.44), (8, -0.22))
        ]
        strands.append(strand(np.array(points), 0.50 * taper, 0.45, 0.42, int(sign), 1.0, 2.4, 0.8))
    return Mass(
        tuple(strands), depth=depth, lift=14.0, dark=dark, swing=0.7 if hang else 0.0, hang=hang, apart=True, gloss=0.0,
        cast=(2.0, 4.0),
    )  # fmt: skip


def braid(
    random: Random, line: Line, width: float, depth: float | None, dark: float = 0.0, hang: float = 60.0
) -> tuple[Mass, ...]:
    """A plait along a line, then a band and the loose end."""
    upper = cut(line, 0.86)
    end, way = upper[-1], upper[-1] - resample(upper, 20)[-3]
    rest = np.stack([end - way, end + way * 0.6, line[-1], line[-1] + way * 0.8])
    tail = sheaf(random, rest, 0.62 * width, 3, Cut(0.5, 0.2, 1.4), Wave(), depth or 0.0, dark)
    knot = tie((end[0], end[1]), (way[0], way[1]), 0.36 * width, depth if depth is None else depth + 6.0)
    return (*tail, plait(random, upper, width, depth, dark, hang), knot)


def drill(
    random: Random, line: Line, width: float, depth: float | None, dark: float = 0.0, hang: float = 60.0
) -> Mass:
    """A ringlet: turns that lie on one another and get smaller."""
    length = float(np.hypot(*np.diff(resample(line, 30), axis=0).T).sum())
    count = max(round(length / (0.72 * width)), 4)
    even = resample(line, count + 2)
    side = normals(even)
    lean = float(np.sign(even[-1, 0]) or 1.0)
    strands = []
    for i in range(count)[::-1]:
        s = i / count
        half = width * (0.72 + 0.5 * np.sin(np.pi * min(0.15 + s, 1.0) ** 0.8)) * (1.0 - 0.55 * s**1.5)
        step = even[i + 1] - even[i]
        out = side[i] * lean * half
        points = np.array(
            [
                even[i] - out - 0.25 * step,
                even[i] - 0.5 * out + 0.4 * step,
                even[i] + 0.5 * out + 0.95 * step,
                even[i] + out + 0.75 * step,
            ]
        )
        strands.append(strand(points, 0.74 * float(np.hypot(*step)), 0.5, 0.45, int(lean), 1.0, 3.0, 0.55))
    tip = np.array(
        [
            even[-2] - side[-2] * width * 0.2,
            even[-1],
            even[-1] + (even[-1] - even[-2]) * 0.8 + side[-1] * lean * width * 0.3,
        ]
    )
    strands.insert(0, strand(tip, 0.26 * width, 0.8, 0.3, 1, 0.6))
    return Mass(
        tuple(strands),
        depth=depth,
        lift=4.0,
        dark=dark,
        swing=0.75,
        hang=hang,
        apart=True,
        gloss=0.0,
        cast=(2.0, 5.0),
    )


def bun(
    random: Random,
    at: tuple[float, float],
    radius: float,
    depth: float,
    dark: float = 0.0,
    messy: float = 0.0,
) -> tuple[Mass, ...]:
    """A knot of hair: a ball, coils round it, and ends that stick out of it if messy."""
    middle = np.array(at)
    ball = [
        strand(
            middle + np.outer(np.linspace(0.0, 1.0, 4), (0.0, way * radius)),
            radius,
            1.0,
            0.1,
            0,
            0.0,
            2.0,
            0.5,
        )
        for way in (-1.0, 1.0)
    ]
    lean = pick(random, -0.35, 0.35)
    coils = []
    for share, width in ((0.78, 0.25), (0.46, 0.24), (0.16, 0.20)):
        angles = np.linspace(-1.22 * np.pi, 0.14 * np.pi, 7) + lean
        path = middle + radius * share * np.stack([np.cos(angles), np.sin(angles)], 1) + (0.0, 0.06 * radius)
        coils.append(strand(path, width * radius, 0.35, 0.4, 1, 1.0, 2.6, 0.8))
    ends = []
    for _ in range(round(6 * messy)):
        angle = pick(random, -2.9, -0.2)
        ray = np.array([np.cos(angle), np.sin(angle)]) * radius
        turn = np.array([-ray[1], ray[0]]) * float(random.choice([-1, 1])) * 0.35
        ends.append(
            strand(
                np.array([ray * 0.5, ray * 0.95, ray * 1.12 + turn * 0.6, ray * 1.2 + turn * 1.4]) + at,
                pick(random, 6, 12),
                0.8,
                0.4,
                1,
                0.5,
            )
        )
    masses = [Mass(tuple(ball), depth=depth, dark=dark + 0.25, swing=0.1)]
    if ends:
        masses.insert(0, Mass(tuple(ends), depth=depth - 2.0, dark=dark, swing=0.4, perk=10.0))
    return (*masses, Mass(tuple(coils), depth=depth + 4.0, dark=dark, apart=True, swing=0.1, cast=(2.0, 4.0)))
