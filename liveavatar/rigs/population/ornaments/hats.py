"""Hats. Drafted for hair of half-width HALF and fitted to it."""

from collections.abc import Sequence
from dataclasses import replace
from math import pi

import numpy as np

from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.bands import contact
from liveavatar.rigs.population.ornaments.pieces import (
    TOP,
    Flat,
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
from liveavatar.rigs.population.ornaments.trinkets import symbol

HALF = 206.0


_SHOULDER = np.array(
    [
        (2.0, 0.0),
        (2.0, 0.0),
        (34.0, 16.0),
        (66.0, 56.0),
        (90.0, 116.0),
        (118.0, 190.0),
        (400.0, 300.0),
        (400.0, 300.0),
    ]
)


def seated(
    kind: str,
    panels: Sequence[Panel],
    size: float,
    rise: float,
    press: Flat,
    angle: float = 0.0,
    shift: float = 0.02,
) -> Ornament:
    """A hat on the hair, `rise` higher than drafted; `press` is where hair stays: under its crown and below its brim."""
    lay = at(0.0, rise, "hair", size, angle, lift=26.0)
    inside = np.asarray(press, float)
    # beside the brim hair comes out in a round shoulder
    left, right = (inside[k] + _SHOULDER * (sign, 1.0) for k, sign in ((0, -1.0), (-1, 1.0)))
    sky = corners([(-900.0, left[-1, 1]), (-900.0, -900.0), (900.0, -900.0), (900.0, right[-1, 1])])
    room = np.concatenate([left, sky, right[::-1], inside[::-1]])
    pressed = laid([panel(room, ())], lay)[0].outline
    placed = laid(panels, lay)
    top = min(y for piece in placed for _, y, _ in piece.outline)
    if top < TOP:  # lower its crown
        low = rise - 170.0 * size

        def fitted(points: np.ndarray) -> np.ndarray:
            y = points[:, 1]
            down = np.where(y < low, low + (y - low) * (TOP - low) / (top - low), y)
            return np.column_stack([points[:, 0], down, points[:, 2]])

        placed = laid(placed, fitted)
    return Ornament(kind, "over", placed, Joint(shift=shift), presses=pressed)


def beret(size: float, rise: float, lean: float, main: Shade, trim: Shade) -> Ornament:
    """Soft and round, pulled to one side; lean -1..1 says to which."""
    x = 34.0 * lean
    body = np.array(
        [
            (-196 + x, -170),
            (-246 + 1.6 * x, -214),
            (-222 + 2 * x, -290),
            (-120 + 2 * x, -346),
            (20 + 2 * x, -360),
            (150 + 2 * x, -340),
            (236 + 1.8 * x, -280),
            (250 + 1.6 * x, -212),
            (196 + x, -168),
            (90, -196),
            (0, -202),
            (-90, -197),
        ],
        float,
    )
    line = darker(main, 0.26)
    rim = np.array([(-200 + x, -166), (-110, -200), (0, -208), (110, -199), (200 + x, -164)], float)
    marks = (
        patch(
            [
                (120 + 2 * x, -350),
                (236 + 2 * x, -290),
                (260 + 2 * x, -210),
                (180 + x, -160),
                (60, -186),
                (170 + x, -216),
                (180 + 2 * x, -290),
            ],
            replace(darker(main, 0.09), alpha=0.75),
        ),
        patch(
            [(-206 + 2 * x, -270), (-120 + 2 * x, -330), (0 + 2 * x, -344), (-100 + 2 * x, -306)],
            replace(lighter(main, 0.09), alpha=0.7),
            6.0,
        ),
        pen(
            [(-170 + x, -186), (-206 + 1.6 * x, -216), (-196 + 2 * x, -250)],
            replace(line, alpha=0.6),
            4.0,
            0.3,
        ),
        pen([(-80 + x, -206), (-104 + x, -232), (-96 + x, -262)], replace(line, alpha=0.5), 3.6, 0.2),
        pen([(100 + x, -204), (136 + x, -226), (140 + x, -262)], replace(line, alpha=0.6), 4.0, 0.2),
    )
    stalk = np.array(
        [(8 + 2 * x, -356), (4 + 2.3 * x, -378), (14 + 2.3 * x, -380), (20 + 2 * x, -356)], float
    )
    band = np.concatenate([rim, np.add(rim, (0.0, 20.0))[::-1]])
    panels = [
        contact(np.add(rim, (0.0, 18.0)), 30.0),
        panel(stalk, (main,), line=line),
        panel(body, (lighter(main, 0.05), main, darker(main, 0.06)), line=line, weight=3.2, marks=marks),
        panel(band, (trim, darker(trim, 0.06)), line=darker(trim), weight=3.0),
    ]
    return seated(
        "beret",
        panels,
        size,
        rise,
        [
            tuple(p)
            for p in (
                np.concatenate(
                    [np.add(rim[:1], (0, 10)), body[1:8] * 0.97 + (0, -6), np.add(rim[-1:], (0, 10))]
                )
            ).tolist()
        ],
    )


def cap(
    size: float, rise: float, turn: float, peak: float, main: Shade, front: Shade, badge: str
) -> Ornament:
    """Stitched panels and a peak, `peak` long; turn -1..1 sets it askew."""
    x = 60.0 * turn
    dome = np.array(
        [
            (-214, -128),
            (-218, -200),
            (-186, -280),
            (-110, -330),
            (0, -346),
            (110, -330),
            (186, -280),
            (218, -200),
            (214, -128),
            (110, -160),
            (0, -170),
            (-110, -160),
        ],
        float,
    )
    face = np.array(
        [
            (-96 + x, -160),
            (-92 + x, -250),
            (-50 + x, -322),
            (0 + 0.7 * x, -342),
            (50 + x, -322),
            (92 + x, -250),
            (96 + x, -160),
            (0 + x, -172),
        ],
        float,
    )
    visor = np.array(
        [
            (-168 + x, -150),
            (-168 + x, -150),
            (-90 + x, -186),
            (0 + x, -196),
            (90 + x, -186),
            (168 + x, -150),
            (168 + x, -150),
            (134 + x, -128 + 0.6 * peak),
            (70 + x, -146 + peak),
            (0 + x, -150 + peak),
            (-70 + x, -146 + peak),
            (-134 + x, -128 + 0.6 * peak),
        ],
        float,
    )
    line, edge = darker(main, 0.26), darker(front, 0.24)
    seams = [
        pen(
            [(a + 0.2 * x, -166), (1.25 * a + 0.3 * x, -240), (0.6 * a + 0.2 * x, -330)],
            replace(line, alpha=0.6),
            2.6,
            -1,
        )
        for a in (-140.0, 140.0)
    ]
    shade = patch(
        [(120, -340), (230, -280), (230, -120), (120, -150), (178, -210), (170, -280)],
        replace(darker(main, 0.09), alpha=0.75),
    )
    stitch = visor[7:].copy() * (0.95, 1.0) + (0.05 * x, -8.0)
    marks = (
        pen(stitch, replace(edge, alpha=0.5), 2.2, -1),
        patch(
            [
                (60 + x, -190),
                (168 + x, -150),
                (134 + x, -100 + peak),
                (40 + x, -140 + peak),
                (90 + x, -170 + 0.5 * peak),
            ],
            replace(darker(main, 0.10), alpha=0.7),
        ),
    )
    panels = [
        panel(
            dome,
            (lighter(main, 0.04), main, darker(main, 0.05)),
            line=line,
            weight=3.2,
            marks=(*seams, shade),
        ),
        panel(face, (lighter(front, 0.04), front), line=replace(edge, alpha=0.7), weight=2.6),
        panel(ellipse(0.6 * x, -346, 15, 9), (main,), line=line),
        *laid(symbol(badge, Shade("ribbon"), 1.25), at(x, -246.0, 0.0)),
        contact(visor[[0, *range(11, 5, -1)]] + (0.0, -4.0), 34.0),
        panel(visor, (lighter(main, 0.06), main, darker(main, 0.06)), line=line, weight=3.2, marks=marks),
    ]
    inside = [(-206.0, -126.0), *(tuple(p) for p in (dome[1:8] * (0.98, 0.99)).tolist()), (206.0, -126.0)]
    return seated("cap", panels, size, rise, inside)


def beanie(size: float, rise: float, slouch: float, pompom: float, main: Shade, trim: Shade) -> Ornament:
    """Knitted, with a folded rim; slouch 0..1 heaps it up behind."""
    up = 30.0 * slouch
    dome = np.array(
        [
            (-212, -140),
            (-218, -220),
            (-176 - up, -300 - up),
            (-90, -350 - up),
            (10, -360 - up),
            (110, -344),
            (184, -290),
            (218, -214),
            (212, -140),
            (0, -190),
        ],
        float,
    )
    low = np.array([(-222, -118), (-120, -148), (0, -156), (120, -148), (222, -118)], float)
    high = np.array([(-224, -178), (-126, -212), (0, -222), (126, -212), (224, -178)], float)
    line, rib = darker(main, 0.24), darker(trim, 0.22)
    top = np.array([0.0, -350.0 - up])
    knits = []
    for a in np.linspace(-1, 1, 11):
        foot = np.array([205 * np.sin(a * 1.45), -150 - 50 * np.cos(a * 1.45)])
        knits.append(
            pen(
                np.array(
                    [foot, 0.55 * foot + 0.45 * top + (60 * np.sin(a), -40.0), np.add(top, (26 * a, 6.0))]
                ),
                replace(line, alpha=0.45),
                3.0,
                0.4,
            )
        )
    ribs = []
    for a in np.linspace(-1, 1, 17):
        x = 216 * np.sin(a * 1.4)
        y = -150 + 34 * (x / 216) ** 2
        ribs.append(pen([(1.005 * x, y - 62), (x, y - 4)], replace(rib, alpha=0.5), 3.2, 0.5))
    shade = patch(
        [(110, -360), (240, -280), (240, -120), (130, -150), (180, -230), (160, -300)],
        replace(darker(main, 0.09), alpha=0.7),
    )
    panels = [
        panel(
            dome,
            (lighter(main, 0.05), main, darker(main, 0.06)),
            line=line,
            weight=3.2,
            marks=(shade, *knits),
        ),
        contact(low - (0.0, 4.0), 30.0),
        panel(
            np.concatenate([high, low[::-1]]),
            (lighter(trim, 0.04), trim, darker(trim, 0.06)),
            line=rib,
            weight=3.2,
            marks=ribs,
        ),
    ]
    if pompom:
        turn = np.linspace(0, 2 * pi, 25)[:-1]
        fluff = (
            np.stack([np.cos(turn), np.sin(turn)], 1) * (pompom * (1 + 0.10 * (np.arange(24) % 2)))[:, None]
            + top
            - (0.0, 0.5 * pompom)
        )
        tufts = [
            pen(
                np.add(top, [(d, -0.5 * pompom), (1.4 * d + e, -0.5 * pompom + e)]),
                replace(rib, alpha=0.5),
                3.0,
                0.3,
            )
            for d, e in ((-14, -12), (10, -16), (2, 6), (-12, 10), (16, 8))
        ]
        panels.insert(
            0,
            panel(fluff, (lighter(trim, 0.06), trim, darker(trim, 0.07)), line=rib, weight=3.2, marks=tufts),
        )
    inside = [(-214.0, -120.0), *(tuple(p) for p in (dome[1:8] * (0.98, 0.99)).tolist()), (214.0, -120.0)]
    return seated("beanie", panels, size, rise, inside)
