"""Headphones, goggles, a mask."""

from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.bands import arch_of, contact
from liveavatar.rigs.population.ornaments.pieces import at, darker, ellipse, laid, lighter, panel, patch, pen
from liveavatar.rigs.population.ornaments.trinkets import symbol


def headphones(
    half: float, top: float, cup: float, cat: float, main: Shade, pad: Shade, glow: Shade
) -> Ornament:
    """A band over the head and two cups; cat: how tall the ears on its band are, 0 for none."""
    arch = arch_of(half + 6.0, top - 12.0, 30.0, 15)
    line = darker(main, 0.26)
    out = arch / np.hypot(*arch.T)[:, None]
    wide = np.interp(np.abs(np.linspace(-1, 1, 15)), [0, 0.6, 1], [13.0, 11.0, 7.0])[:, None]
    band = np.concatenate([arch + out * wide, (arch - out * wide)[::-1]])
    cushion = np.concatenate([arch[4:-4] + out[4:-4] * 2, (arch[4:-4] - out[4:-4] * 20)[::-1]])
    panels: list[Panel] = []
    for s in (-1, 1):
        if cat:
            foot = arch[7 + 3 * s]
            ear = np.array(
                [(-40, 6), (-34, -0.5 * cat), (-6, -cat), (-6, -cat), (26, -0.6 * cat), (40, 6)], float
            )
            inner = ear * (0.56, 0.62) + (0.0, -4.0)
            panels += laid(
                [
                    panel(ear, (lighter(main, 0.05), main), line=line, weight=3.2),
                    panel(inner, (glow, darker(glow, 0.08))),
                ],
                at(float(foot[0]), float(foot[1]), 0.0, angle=0.42 * s, mirror=s < 0),
            )
    panels += [
        panel(cushion, (darker(pad, 0.04), pad), line=darker(pad), weight=2.6),
        panel(
            band,
            (lighter(main, 0.07), main, darker(main, 0.05)),
            line=line,
            weight=3.2,
            marks=(pen((arch + out * 4)[3:9], replace(lighter(main, 0.25), alpha=0.7), 4.0, 0.5),),
        ),
    ]
    for s in (-1, 1):
        disc, rim, face = (ellipse(0, 0, k * 0.72 * cup, k * cup, 14) for k in (1.0, 0.80, 0.52))
        soft = ellipse(-0.30 * cup, 0, 0.58 * cup, 0.96 * cup, 14)
        shade = patch(
            np.concatenate([disc[0:8], disc[0:8][::-1] * 0.86]), replace(darker(main, 0.12), alpha=0.7)
        )
        shine = pen(
            [(-0.36 * cup, -0.52 * cup), (-0.1 * cup, -0.74 * cup), (0.2 * cup, -0.72 * cup)],
            replace(lighter(main, 0.3), alpha=0.8),
            5.0,
            0.5,
        )
        cups = [
            panel(soft, (pad, darker(pad, 0.08)), line=darker(pad), weight=3.0),
            panel(
                disc,
                (lighter(main, 0.06), main, darker(main, 0.07)),
                line=line,
                weight=3.2,
                marks=(shade, shine),
            ),
            panel(rim, (glow, darker(glow, 0.1)), line=replace(line, alpha=0.8), hole=face),
            panel(face, (darker(main, 0.04), lighter(main, 0.04))),
        ]
        panels += laid(cups, at(s * (half + 2.0), 52.0, 38.0, mirror=s < 0))
    return Ornament("headphones", "over", laid(panels, at(0.0, 0.0, -8.0)), Joint((0.0, 0.0), keep=0.72))


def goggles(half: float, y: float, size: float, main: Shade, strap: Shade, glass: Shade) -> Ornament:
    """Pushed up on the hair."""
    arch = np.stack([np.linspace(-1, 1, 9) * (half - 3.0), y + 46.0 * np.linspace(-1, 1, 9) ** 2], 1)
    wide = np.column_stack([np.zeros(9), np.interp(np.abs(arch[:, 0]), [0.6 * half, half], [15.0, 10.0])])
    panels: list[Panel] = [
        contact(np.add(arch, (0.0, 14.0)), 26.0),
        panel(
            np.concatenate([arch - wide, (arch + wide)[::-1]]),
            (lighter(strap, 0.04), strap),
            line=darker(strap),
            weight=3.0,
        ),
    ]
    for s in (-1, 1):
        rim, hole = ellipse(0, 0, 62 * size, 50 * size, 14), ellipse(0, 0, 48 * size, 37 * size, 14)
        glints = (
            patch(np.array([(-34, 8), (-12, -36), (2, -38), (-18, 20)]) * size, Shade("white", alpha=0.5)),
            patch(np.array([(10, -36), (18, -34), (2, 24), (-6, 26)]) * size, Shade("white", alpha=0.35)),
        )
        lens = panel(hole, (lighter(glass, 0.12), glass, darker(glass, 0.12)), marks=glints)
        ring = panel(
            rim, (lighter(main, 0.1), main, darker(main, 0.1)), line=darker(main), weight=3.2, hole=hole
        )
        panels += laid([lens, ring], at(s * 68.0 * size, y - 2.0, 0.0, angle=0.10 * s))
    nose = np.array([(-12, y - 12), (12, y - 12), (12, y + 6), (-12, y + 6)], float)
    panels.append(panel(nose, (main, darker(main, 0.1)), line=darker(main)))
    return Ornament("goggles", "over", laid(panels, at(0.0, 0.0, "hair", lift=22.0)), Joint(shift=0.02))


def side_mask(
    x: float, y: float, size: float, angle: float, base: Shade, paint: Shade, gold: Shade
) -> Ornament:
    """A fox's mask pushed to the side of the head."""
    mirror = x < 0
    ink = Shade(Tone(0.30, 0.05, 20))
    face = np.array(
        [
            (-60, -58),
            (-60, -58),
            (-66, -110),
            (-52, -128),
            (-52, -128),
            (-16, -84),
            (16, -84),
            (52, -128),
            (52, -128),
            (66, -110),
            (60, -58),
            (60, -58),
            (72, -6),
            (48, 44),
            (12, 84),
            (0, 88),
            (-12, 84),
            (-48, 44),
            (-72, -6),
        ],
        float,
    )
    marks = []
    for s in (-1, 1):
        eye = np.array([(12, -8), (34, -26), (56, -30), (56, -30), (46, -10), (28, 0)]) * (s, 1)
        ear = np.array([(34, -84), (50, -114), (50, -114), (58, -76)]) * (s, 1)
        marks += [
            patch(ear, replace(paint, alpha=0.9)),
            patch(eye * (1.16, 1.5) + (0, 8), replace(paint, alpha=0.95)),
            patch(eye, ink),
        ]
        marks += [
            pen(np.array([(26, 26 + d), (46, 22 + d), (62, 10 + d)]) * (s, 1), paint, 4.5, 0.3)
            for d in (0.0, 15.0)
        ]
    marks += [
        patch(ellipse(0, 66, 11, 8), ink),
        patch([(0, -84), (10, -64), (0, -36), (-10, -64)], paint),
        pen([(0, 74), (0, 82)], ink, 3.0, -1),
        patch(
            [(30, -90), (90, -60), (80, 20), (10, 90), (50, 10), (56, -40)],
            replace(darker(base, 0.10), alpha=0.45),
        ),
    ]
    cord = [
        panel(
            np.array([(-56, -18), (-112, 8), (-168, 46), (-170, 51), (-115, 19), (-56, -6)], float),
            (paint, paint, replace(paint, alpha=0.0)),
            ((-56.0, -12.0), (-170.0, 49.0)),
        )
    ]
    panels = [
        *cord,
        panel(
            face,
            (lighter(base, 0.02), base, darker(base, 0.05)),
            line=darker(base, 0.4),
            weight=3.2,
            marks=marks,
            cast=1.0,
        ),
        *laid(symbol("flower", gold, 0.5), at(62.0, -12.0, 0.0)),
    ]
    return Ornament(
        "side_mask", "over", laid(panels, at(x, y, "hair", size, angle, mirror, lift=24.0)), Joint(shift=0.03)
    )
