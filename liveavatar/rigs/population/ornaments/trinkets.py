"""Small things in the hair: flowers, bows, pins."""

from collections.abc import Sequence
from dataclasses import replace
from math import cos, pi, sin

import numpy as np

from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.axes import leafed, spine
from liveavatar.rigs.population.ornaments.pieces import (
    at,
    corners,
    darker,
    ellipse,
    laid,
    lighter,
    panel,
    patch,
    pen,
)

SYMBOLS: dict[str, np.ndarray] = {
    "heart": np.array(
        [
            (0, 26),
            (0, 26),
            (-24, 4),
            (-28, -14),
            (-15, -26),
            (0, -14),
            (0, -14),
            (15, -26),
            (28, -14),
            (24, 4),
        ],
        float,
    ),
    "moon": np.array(
        [
            (8, -28),
            (8, -28),
            (-18, -20),
            (-26, 2),
            (-14, 24),
            (14, 26),
            (14, 26),
            (-4, 14),
            (-8, -2),
            (-4, -18),
        ],
        float,
    ),
    "drop": np.array([(0, -30), (0, -30), (14, -4), (18, 12), (0, 28), (-18, 12), (-14, -4)], float),
    "diamond": corners([(0, -30), (18, 0), (0, 30), (-18, 0)]),
    "star": corners(
        [(r * sin(i * pi / 5), -r * cos(i * pi / 5)) for i in range(10) for r in ((28.0, 14.0)[i % 2],)]
    ),
    "spark": np.array(
        [
            (0, -32),
            (0, -32),
            (5, -6),
            (28, 0),
            (28, 0),
            (5, 6),
            (0, 32),
            (0, 32),
            (-5, 6),
            (-28, 0),
            (-28, 0),
            (-5, -6),
        ],
        float,
    ),
    "clover": np.array(
        [
            (r * sin(a), -r * cos(a))
            for i in range(16)
            for a in (i * pi / 8,)
            for r in ((9.0, 22.0, 24.0, 22.0)[i % 4],)
        ]
    ),
    "paw": np.array(
        [
            (0, 25),
            (-17, 21),
            (-20, 6),
            (-29, -4),
            (-24, -15),
            (-14, -9),
            (-12, -23),
            (0, -13),
            (12, -23),
            (14, -9),
            (24, -15),
            (29, -4),
            (20, 6),
            (17, 21),
        ],
        float,
    ),
    "bolt": corners([(6, -32), (-20, 4), (-3, 4), (-8, 32), (20, -8), (3, -8)]),
    "flower": np.array(
        [
            (r * sin(a), -r * cos(a))
            for i in range(20)
            for a in (i * pi / 10,)
            for r in ((25.0, 27.0, 25.0, 13.0)[i % 4],)
        ]
    ),
}
"""Outlines about 56 units high round (0, 0)."""


def symbol(name: str, main: Shade, size: float = 1.0) -> list[Panel]:
    """A flat sign with a bevel: glass or enamel."""
    outline = SYMBOLS[name] * size
    shine = ellipse(-7.0 * size, -9.0 * size, 8.0 * size, 5.0 * size, tilt=-0.6)
    low = np.concatenate([outline, (outline * 0.74 + (-2.0, -4.0))[::-1]])
    marks = (patch(low, replace(darker(main, 0.12), alpha=0.55)), patch(shine, Shade("white", alpha=0.6)))
    return [
        panel(
            outline,
            (lighter(main), main, darker(main, 0.06)),
            line=darker(main),
            weight=3.2,
            marks=marks,
            cast=1.0,
        )
    ]


def petals(
    count: int, long: float, half: float, notch: float, twist: float, main: Shade, edge: Shade
) -> list[Panel]:
    """A ring of petals round (0, 0); notch: the depth of the dent at their ends, as a share."""
    result: list[Panel] = []
    line = darker(edge, 0.24)
    for i in [*range(0, count, 2), *range(1, count, 2)]:
        k = long * (1.0 - 0.07 * (i % 3))
        outline = np.array(
            [
                (0, 0),
                (-0.55 * half, -0.3 * k),
                (-half, -0.68 * k),
                (-0.55 * half, -k),
                (0.0, -(1 - notch) * k),
                (0.5 * half, -1.02 * k),
                (half, -0.7 * k),
                (0.55 * half, -0.3 * k),
            ]
        )
        marks = (
            patch(
                [
                    (0, 0),
                    (0.2 * half, -0.4 * k),
                    (0.5 * half, -1.02 * k),
                    (0.97 * half, -0.7 * k),
                    (0.55 * half, -0.3 * k),
                ],
                replace(darker(edge, 0.06), alpha=0.4),
            ),
            pen(
                [(0, -0.1 * k), (0.06 * half, -0.4 * k), (0.0, -0.66 * k)],
                replace(line, alpha=0.5),
                2.2,
                0.2,
            ),
        )
        piece = panel(
            outline,
            (main, main, edge),
            ((0.0, -k), (0.0, 0.0)),
            line,
            2.6,
            marks,
            cast=0.6 if i == 0 else 0.0,
        )
        result += laid([piece], at(0.0, 0.0, 0.0, angle=twist + 2 * pi * i / count))
    return result


def flower(
    count: int,
    long: float,
    half: float,
    notch: float,
    double: bool,
    main: Shade,
    edge: Shade,
    heart: Shade,
    leaf: Shade | None,
) -> list[Panel]:
    """A blossom."""
    result: list[Panel] = []
    if leaf is not None:
        for angle, size in ((2.2, 1.0), (-2.0, 0.85)):
            axis = spine(angle, 0.35, 1.5 * long * size, 6)
            vein = pen(axis[:-1], replace(darker(leaf, 0.2), alpha=0.6), 2.0, 0.2)
            result.append(
                panel(
                    leafed(axis, 0.36 * long * size, 0.5),
                    (leaf, lighter(leaf)),
                    line=darker(leaf),
                    marks=(vein,),
                    cast=0.6,
                )
            )
    result += petals(count, long, half, notch, 0.3, main, edge)
    if double:
        result += petals(count, 0.64 * long, 0.8 * half, notch, 0.3 + pi / count, lighter(main, 0.03), edge)
    dots = [
        patch(ellipse(6 * cos(a), 6 * sin(a), 2.2, 2.2, 6), darker(heart, 0.2))
        for a in np.linspace(0, 2 * pi, 6)[:-1]
    ]
    result.append(
        panel(
            ellipse(0, 0, 0.24 * long, 0.24 * long), (lighter(heart), heart), line=darker(heart), marks=dots
        )
    )
    return result


def bow(
    wide: float,
    tall: float,
    tails: float,
    sag: float,
    main: Shade,
    trim: Shade | None = None,
    knot: Shade | None = None,
) -> list[Panel]:
    """A ribbon tied in a bow: half-width and half-height of its loops, length of its tails, how far loops hang."""
    line, result = darker(main), []
    w, h = wide, tall
    for sign, long in ((-1, 1.0), (1, 0.88)):
        if tails:
            tail = np.array(
                [
                    (0, 0),
                    (sign * 0.18 * w, 0.4 * tails),
                    (sign * 0.30 * w, long * tails),
                    (sign * 0.30 * w, long * tails),
                    (sign * 0.46 * w, long * 0.84 * tails),
                    (sign * 0.46 * w, long * 0.84 * tails),
                    (sign * 0.66 * w, long * 0.93 * tails),
                    (sign * 0.66 * w, long * 0.93 * tails),
                    (sign * 0.42 * w, 0.36 * tails),
                    (sign * 0.14 * w, 0),
                ],
                float,
            )
            folds = (
                pen(
                    [(sign * 0.1 * w, 6), (sign * 0.30 * w, 0.42 * tails), (sign * 0.42 * w, 0.7 * tails)],
                    replace(line, alpha=0.55),
                    2.6,
                    0.3,
                ),
            )
            result.append(
                panel(
                    tail,
                    (darker(main, 0.12), main, lighter(main, 0.05)),
                    line=line,
                    weight=3.0,
                    marks=folds,
                    cast=0.6,
                )
            )
    for sign in (-1, 1):
        loop = np.array(
            [
                (0, -0.12 * h),
                (sign * 0.34 * w, -0.86 * h),
                (sign * 0.84 * w, -h + 0.4 * sag),
                (sign * w, -0.1 * h + sag),
                (sign * 0.86 * w, 0.72 * h + sag),
                (sign * 0.36 * w, 0.5 * h + 0.5 * sag),
                (0, 0.16 * h),
            ],
            float,
        )
        inside = np.array(
            [
                (sign * 0.62 * w, -0.6 * h),
                (sign * 0.86 * w, -0.74 * h + 0.4 * sag),
                (sign * 0.93 * w, -0.05 * h + sag),
                (sign * 0.8 * w, 0.5 * h + sag),
                (sign * 0.68 * w, 0.1 * h + 0.6 * sag),
            ]
        )
        marks = [patch(inside, replace(darker(main, 0.13), alpha=0.75))]
        if trim is not None:
            rim = loop[1:-1] * 0.88 + (0.0, 0.1 * sag)
            marks.append(pen(rim, trim, 3.4, -1))
        marks += [
            pen(
                [(sign * 0.1 * w, -0.05 * h), (sign * 0.34 * w, -0.24 * h), (sign * 0.58 * w, -0.36 * h)],
                replace(line, alpha=0.7),
                3.6,
                0.1,
            ),
            pen(
                [
                    (sign * 0.1 * w, 0.06 * h),
                    (sign * 0.3 * w, 0.14 * h + 0.3 * sag),
                    (sign * 0.5 * w, 0.14 * h + 0.5 * sag),
                ],
                replace(line, alpha=0.6),
                3.0,
                0.1,
            ),
        ]
        result.append(
            panel(
                loop,
                (darker(main, 0.12), main, lighter(main, 0.06)),
                ((0.0, 0.0), (sign * w, 0.0)),
                line,
                3.2,
                marks,
                cast=1.0,
            )
        )
    tied = np.array(
        [
            (-0.15 * w, -0.22 * h),
            (0.02 * w, -0.3 * h),
            (0.16 * w, -0.2 * h),
            (0.17 * w, 0.2 * h),
            (0, 0.3 * h),
            (-0.16 * w, 0.22 * h),
        ]
    )
    tone = knot or main
    result.append(panel(tied, (lighter(tone), tone, darker(tone, 0.08)), line=darker(tone), weight=3.0))
    return result


def bar(long: float, thick: float, main: Shade) -> list[Panel]:
    """A slide for the hair, lengthwise."""
    a, b = long / 2, thick / 2
    outline = np.array(
        [
            (-a, -0.6 * b),
            (-a + b, -b),
            (a - b, -b),
            (a, -0.6 * b),
            (a, 0.6 * b),
            (a - b, b),
            (-a + b, b),
            (-a, 0.6 * b),
        ]
    )
    shine = pen(
        [(-a + b, -0.35 * b), (0, -0.4 * b), (a - 2 * b, -0.35 * b)],
        Shade("white", alpha=0.6),
        0.4 * thick,
        0.3,
    )
    return [
        panel(
            outline,
            (lighter(main), main, darker(main, 0.1)),
            line=darker(main),
            weight=3.2,
            marks=(shine,),
            cast=1.0,
        )
    ]


def pinned(
    kind: str,
    panels: Sequence[Panel],
    x: float,
    y: float,
    size: float,
    angle: float,
    place: str = "front",
    swing: float = 0.05,
) -> Ornament:
    """Something that sits on the hair and goes where the hair goes."""
    placed = laid(panels, at(x, y, "hair", size, angle, lift=10.0))
    return Ornament(kind, place, placed, Joint((x, y), (0.0, 1.0), 40.0, swing=0.06, shift=swing))
