"""Across the hair: bands, frills, wreaths, crowns."""

from collections.abc import Sequence
from dataclasses import replace
from math import pi

import numpy as np

from liveavatar.rigs.drawn.geometry import curve
from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
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
from liveavatar.rigs.population.ornaments.trinkets import flower, symbol


def arch_of(half: float, top: float, low: float, count: int = 13) -> np.ndarray:
    """Points (count, 2) of an arch over the head from left to right."""
    a = np.linspace(-pi / 2, pi / 2, count)
    return np.stack([half * np.sin(a), low + (top - low) * np.cos(a) ** 0.9], 1)


def band(points: np.ndarray, width: float) -> np.ndarray:
    """The outline of a band round points (n, 2), narrower at its ends."""
    t = np.linspace(-1.0, 1.0, len(points))
    wide = width * (1.0 - 0.35 * t**4)[:, None] * [[0.0, 0.5]] + width * np.stack(
        [0.4 * t, np.zeros(len(t))], 1
    )
    return np.concatenate([points - wide, (points + wide)[::-1]])


def contact(points: np.ndarray, drop: float) -> Panel:
    """The shadow a band or brim throws on the hair below."""
    return panel(
        np.concatenate([points, np.add(points, (0.0, drop))[::-1]]),
        (Shade("hair", -0.25, 1.0, 8, 0.5), Shade("hair", -0.25, 1.0, 8, 0.0)),
    )


def hairband(half: float, top: float, width: float, main: Shade, extra: Sequence[Panel] = ()) -> Ornament:
    """A band over the hair from ear to ear, `top` at its highest."""
    arch = arch_of(half, top, -4.0)
    shine = pen(
        np.add(arch[3:7], (0.0, -0.1 * width)), replace(lighter(main, 0.18), alpha=0.8), 0.2 * width, 0.5
    )
    panels = [
        contact(np.add(arch, (0.0, 0.4 * width)), 16.0),
        panel(band(arch, width), (lighter(main, 0.03), main), line=darker(main), weight=3.0, marks=(shine,)),
        *extra,
    ]
    return Ornament("hairband", "over", laid(panels, at(0.0, 0.0, "hair", lift=14.0)), Joint(shift=0.02))


def frills(half: float, top: float, tall: float, main: Shade, trim: Shade) -> Ornament:
    """A maid's band: frills along the upper edge of a narrow strip."""
    arch = arch_of(0.70 * half, top, -150.0, 19)
    middle = np.array([0.0, 0.0])
    out = arch - middle
    out /= np.hypot(*out.T)[:, None]
    count = len(arch)
    long = tall * (0.55 + 0.45 * np.cos(np.linspace(-1, 1, count) * 1.3))
    rim: list[np.ndarray] = []
    for i in range(count - 1):
        for t, reach in ((0.0, 0.80), (0.28, 1.04), (0.72, 1.04)):
            p = arch[i] + (arch[i + 1] - arch[i]) * t
            rim.append(p + (out[i] * (1 - t) + out[i + 1] * t) * long[i] * reach)
    outline = np.concatenate([np.array(rim), arch[::-1]])
    pleats = [
        pen(
            [arch[i] + out[i] * 3, arch[i] + out[i] * long[i] * 0.74],
            replace(darker(main, 0.22), alpha=0.6),
            2.8,
            0.2,
        )
        for i in range(1, count - 1)
    ]
    under = patch(np.concatenate([arch, (arch + out * 10)[::-1]]), replace(darker(main, 0.10), alpha=0.6))
    panels = [
        contact(np.add(arch, (0.0, 8.0)), 18.0),
        panel(
            outline, (main, darker(main, 0.03)), line=darker(main, 0.34), weight=3.0, marks=(under, *pleats)
        ),
        panel(band(arch, 18.0), (trim, darker(trim, 0.06)), line=darker(trim), weight=2.6),
    ]
    return Ornament("frills", "over", laid(panels, at(0.0, 0.0, "hair", lift=16.0)), Joint(shift=0.02))


def flower_crown(
    half: float, top: float, sizes: Sequence[float], mains: Sequence[Shade], leaf: Shade, heart: Shade
) -> Ornament:
    """Blossoms and leaves along an arch."""
    arch = curve(arch_of(0.93 * half, top, -60.0, 9), 12)
    panels: list[Panel] = [contact(arch, 22.0)]
    panels.append(panel(band(arch, 9.0), (leaf,), line=darker(leaf)))
    for i in range(11):
        x, y = arch[round((i + 0.5) / 11 * (len(arch) - 1))].tolist()
        blade = np.array([(0, 6), (-9, -8), (-4, -26), (0, -34), (0, -34), (7, -22), (9, -6)], float)
        angle = x / half * 1.2 + (0.9 if i % 2 else -0.8)
        panels += laid([panel(blade, (lighter(leaf), leaf), line=darker(leaf))], at(x, y, 0.0, 1.25, angle))
    order = sorted(range(len(sizes)), key=lambda i: sizes[i])
    for i in order:
        x, y = arch[round((i + 0.5) / len(sizes) * (len(arch) - 1))].tolist()
        main = mains[i % len(mains)]
        panels += laid(
            flower(
                5 + i % 2, sizes[i], 0.56 * sizes[i], 0.1, i % 3 == 0, main, darker(main, 0.06), heart, None
            ),
            at(x, y, 0.0, angle=0.7 * i),
        )
    return Ornament("flower_crown", "over", laid(panels, at(0.0, 0.0, "hair", lift=16.0)), Joint(shift=0.02))


def crown(half: float, y: float, points: int, tall: float, tilt: float, main: Shade, gem: Shade) -> Ornament:
    """Points round a ring, seen from the front: a tiara if it is wide and low."""
    n = 2 * points + 1
    xs = np.linspace(-half, half, n)
    base = 16.0 * (1 - (xs / half) ** 2)
    upper = [
        corners(
            [
                (
                    float(x) * 1.06,
                    float(b) - (tall * (1.0 - 0.36 * abs(float(x)) / half) if i % 2 else 0.30 * tall),
                )
            ]
        )
        for i, (x, b) in enumerate(zip(xs, base, strict=True))
    ]
    lower = np.stack([xs, base + 14.0], 1)[::-1]
    outline = np.concatenate([*upper, corners(lower[:1]), lower[1:-1], corners(lower[-1:])])
    ring = np.concatenate([np.stack([xs, base - 4.0], 1), np.stack([xs, base + 14.0], 1)[::-1]])
    shade = patch(
        np.concatenate([[(0.45 * half, -tall), (1.1 * half, -tall), (1.1 * half, 30.0), (0.5 * half, 30.0)]]),
        replace(darker(main, 0.08), alpha=0.6),
    )
    gems: list[Panel] = []
    for i in range(1, n, 2):
        x, b = float(xs[i]), float(base[i])
        long = tall * (1.0 - 0.36 * abs(x) / half)
        gems += laid(
            symbol("drop" if abs(x) < 0.3 * half else "diamond", gem, 0.42),
            at(x * 1.03, b - 0.36 * long, 0.0),
        )
        gems.append(
            panel(
                ellipse(x * 1.06, b - long - 3.0, 6.5, 6.5, 8), (lighter(main, 0.1), main), line=darker(main)
            )
        )
    panels = [
        panel(
            outline,
            (lighter(main, 0.1), main, darker(main, 0.06)),
            line=darker(main),
            weight=3.2,
            marks=(shade,),
        ),
        panel(ring, (lighter(main), darker(main, 0.06)), line=darker(main), weight=2.4),
        *gems,
    ]
    return Ornament(
        "crown", "over", laid(panels, at(0.0, y, "hair", 1.0, tilt, lift=24.0)), Joint(shift=0.02)
    )
