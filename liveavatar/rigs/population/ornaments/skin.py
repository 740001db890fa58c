"""At the ears and on the skin: earrings, plasters, painted signs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.pieces import (
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


def earring(design: str, side: int, x: float, y: float, long: float, main: Shade, gem: Shade) -> Ornament:
    """One earring that hangs from (x, y)."""
    panels: list[Panel] = []
    if design == "hoop":
        panels.append(
            panel(
                ellipse(0, long / 2, 0.42 * long, long / 2, 16),
                (lighter(main), main, darker(main, 0.12)),
                line=darker(main),
                weight=2.6,
                hole=ellipse(0, long / 2, 0.42 * long - 5.5, long / 2 - 5.5, 16),
            )
        )
    elif design == "tassel":
        fringe = np.array(
            [
                (-5, 0.3 * long),
                (5, 0.3 * long),
                (12, long),
                (12, long),
                (4, 0.97 * long),
                (-4, 1.02 * long),
                (-12, long),
                (-12, long),
            ]
        )
        hairs = [
            pen(
                [(0.3 * k, 0.36 * long), (k, 0.94 * long)],
                replace(darker(gem, 0.18), alpha=0.7),
                2.0,
                0.7,
            )
            for k in (-7, -2, 3, 8)
        ]
        panels.append(panel(fringe, (darker(gem, 0.06), gem, lighter(gem)), line=darker(gem), marks=hairs))
        panels.append(panel(ellipse(0, 0.26 * long, 8, 7), (lighter(main), main), line=darker(main)))
    elif design == "stud":
        panels.append(
            panel(
                ellipse(0, 0, 0.22 * long, 0.22 * long),
                (lighter(gem), gem, darker(gem, 0.1)),
                line=darker(gem),
                marks=(patch(ellipse(-2, -3, 3, 2.4, 6), Shade("white", alpha=0.8)),),
            )
        )
    else:
        chain = np.array([(0.0, 2.0), (0.6, 0.25 * long), (0.0, 0.5 * long)])
        panels.append(
            panel(
                ellipse(0, 0, 4.5, 4.5, 8),
                (lighter(main), main),
                line=darker(main),
                weight=2.0,
                marks=(pen(chain, darker(main, 0.14), 3.0, -1),),
            )
        )
        panels += laid(symbol(design, gem, 0.022 * long), at(0.0, 0.78 * long, 0.0))
    placed = laid(panels, at(x, y, -6.0, mirror=side < 0))
    return Ornament("earring", "side", placed, Joint((x, y), (0.0, 1.0), 6.0, swing=0.30, hang=1.0))


def plaster(x: float, y: float, angle: float, tone: Shade) -> Ornament:
    """A plaster on the skin."""
    outline = np.array(
        [
            (-26, -9),
            (-22, -11),
            (22, -11),
            (26, -9),
            (27, 0),
            (26, 9),
            (22, 11),
            (-22, 11),
            (-26, 9),
            (-27, 0),
        ],
        float,
    )
    pad = patch(corners([(-10, -11), (10, -11), (10, 11), (-10, 11)]), replace(lighter(tone, 0.1), alpha=0.9))
    holes = [
        patch(ellipse(dx, dy, 1.5, 1.5, 6), replace(darker(tone, 0.2), alpha=0.7))
        for dx in (-19, 19)
        for dy in (-4, 4)
    ]
    piece = panel(
        outline, (lighter(tone, 0.03), tone), line=darker(tone, 0.26), weight=2.4, marks=(pad, *holes)
    )
    return Ornament("plaster", "skin", laid([piece], at(x, y, "face", 0.9, angle, lift=2.0)))


def skin_signs(kind: str, shapes: Sequence[Flat], tone: Shade) -> Ornament:
    """Flat shapes on both cheeks, drafted on the right one."""
    panels = [panel(points, (tone,)) for points in shapes]
    placed = [
        *laid(panels, at(0.0, 0.0, "face", lift=1.0)),
        *laid(panels, at(0.0, 0.0, "face", mirror=True, lift=1.0)),
    ]
    return Ornament(kind, "skin", tuple(placed))


def forehead_mark(points: Flat, y: float, size: float, tone: Shade) -> Ornament:
    """A sign on the skin."""
    piece = panel(points, (tone, replace(tone, light=tone.light + 0.1)))
    return Ornament("sign", "skin", laid([piece], at(0.0, y, "face", size, lift=1.0)))
