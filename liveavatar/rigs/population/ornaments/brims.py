"""Hats with a wide brim, and a little one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.bands import contact
from liveavatar.rigs.population.ornaments.hats import seated
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
from liveavatar.rigs.population.ornaments.trinkets import bow


def wide_brim(
    kind: str,
    size: float,
    rise: float,
    brim: float,
    tall: float,
    tip: float,
    bend: float,
    main: Shade,
    trim: Shade,
    extra: Sequence[Panel] = (),
) -> Ornament:
    """A crown on a wide brim: a sun hat (tip 1, as wide above as below) or a witch's (tip 0, a point bent by `bend`)."""
    b, line = brim, darker(main, 0.26)
    under = np.array(
        [
            (-b, -150),
            (-0.94 * b, -172),
            (-0.5 * b, -206),
            (0, -214),
            (0.5 * b, -206),
            (0.94 * b, -174),
            (b, -152),
            (0.8 * b, -128),
            (0.4 * b, -146),
            (0, -152),
            (-0.4 * b, -146),
            (-0.8 * b, -126),
        ],
        float,
    )
    w, h = 150.0 + 42.0 * tip, tall
    x = 90.0 * bend
    crown = np.array(
        [
            (-196, -168),
            (-0.96 * w - 10, -168 - 0.4 * h),
            (-0.62 * w * tip - 40 + 0.4 * x, -168 - 0.86 * h),
            (-20 * tip + x - 12, -172 - h),
            (20 * tip + x + 14, -172 - h),
            (0.62 * w * tip + 44 + 0.3 * x, -168 - 0.82 * h),
            (0.96 * w + 10, -168 - 0.36 * h),
            (196, -168),
            (0, -186),
        ],
        float,
    )
    if tip < 0.5:
        point = np.array([(x * 1.5 + 40 * np.sign(bend), -150 - 0.93 * h)])
        crown = np.concatenate(
            [
                crown[:3],
                corners(point) if bend > 0 else crown[3:4],
                crown[4:5] if bend > 0 else corners(point),
                crown[5:],
            ]
        )
    band_low = np.array([(-199, -172), (-100, -200), (0, -207), (100, -200), (199, -172)], float)
    band = np.concatenate([band_low * (0.96, 1.0) + (0.0, -38.0), band_low[::-1]])
    shade = patch(
        [
            (40 + x, -170 - h),
            (0.8 * w + x, -168 - 0.8 * h),
            (240, -160),
            (110, -180),
            (120, -168 - 0.3 * h),
            (50 + 0.5 * x, -168 - 0.7 * h),
        ],
        replace(darker(main, 0.10), alpha=0.75),
    )
    folds = [
        pen(
            [
                (s * 0.7 * w, -190 - 0.25 * h),
                (s * 0.4 * w + 0.3 * x, -190 - 0.42 * h),
                (s * 0.1 * w + 0.5 * x, -190 - 0.40 * h),
            ],
            replace(line, alpha=0.6),
            4.4,
            0.4,
        )
        for s in (-1, 1)
    ]
    brim_marks = [
        patch(
            [(0.2 * b, -214), (0.94 * b, -176), (b, -150), (0.7 * b, -128), (0.3 * b, -160)],
            replace(darker(main, 0.08), alpha=0.7),
        ),
        pen(under[[11, 10, 9, 8, 7]] + (0.0, -7.0), replace(lighter(main, 0.13), alpha=0.7), 3.0, 0.5),
    ]
    panels = [
        contact(under[[11, 10, 9, 8, 7]] * (0.82, 1.0) - (0.0, 6.0), 44.0),
        panel(
            crown,
            (lighter(main, 0.06), main, darker(main, 0.05)),
            line=line,
            weight=3.2,
            marks=(shade, *(folds if tip < 0.5 else ())),
        ),
        panel(band, (lighter(trim, 0.05), trim, darker(trim, 0.05)), line=darker(trim), weight=3.0),
        panel(under, (main, darker(main, 0.03)), line=line, weight=3.2, marks=brim_marks),
        *extra,
    ]
    inside = [
        (-0.8 * b, -136.0),
        (-190.0, -170.0),
        *(tuple(p) for p in (crown[1:-2] * (0.97, 0.985)).tolist()),
        (190.0, -170.0),
        (0.8 * b, -136.0),
    ]
    return seated(kind, panels, size, rise, inside, shift=0.0)


def little_hat(x: float, y: float, size: float, angle: float, main: Shade, trim: Shade) -> Ornament:
    """A top hat no larger than a cup, with a bow."""
    line = darker(main, 0.26)
    brim = ellipse(0, 0, 78, 20, 12)
    body = np.array(
        [
            (-50, -4),
            (-50, -4),
            (-54, -84),
            (-54, -84),
            (0, -92),
            (54, -84),
            (54, -84),
            (50, -4),
            (50, -4),
            (0, 10),
        ],
        float,
    )
    band = np.array(
        [
            (-51, -26),
            (-51, -26),
            (0, -14),
            (51, -26),
            (51, -26),
            (50, -4),
            (50, -4),
            (0, 10),
            (-50, -4),
            (-50, -4),
        ],
        float,
    )
    shine = pen([(-36, -74), (-38, -50), (-35, -34)], replace(lighter(main, 0.25), alpha=0.7), 8.0, 0.4)
    shade = patch([(24, -100), (70, -90), (60, 10), (26, 10)], replace(darker(main, 0.10), alpha=0.7))
    panels = [
        panel(brim, (lighter(main, 0.04), darker(main, 0.04)), line=line, weight=3.2),
        panel(body, (lighter(main, 0.05), main), line=line, weight=3.2, marks=(shade, shine)),
        panel(band, (trim, darker(trim, 0.05)), line=darker(trim)),
        *laid(bow(42.0, 24.0, 34.0, 3.0, trim), at(34.0, -14.0, 0.0, angle=0.1)),
    ]
    return Ornament(
        "little_hat", "over", laid(panels, at(x, y, "hair", size, angle, lift=18.0)), Joint(shift=0.03)
    )
