"""What stands on a robot: aerials, ears of plate, a crest, a propeller, knobs."""

from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.axes import leafed, spine, tapered
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

RUBBER, STEEL = Shade("gold", -0.40, 1.4, 10), Shade("gold", -0.08)


SHELL, POD = Shade("hair"), Shade("inner")


def antenna(
    x: float, foot: float, long: float, angle: float, curl: float, knob: float, lit: bool
) -> Ornament:
    axis = spine(angle, curl, long, 7)
    across, high = axis[-1].tolist()
    rod = tapered(axis, 6.5, 0.55)
    tone = Shade("iris_middle") if lit else POD
    panels = [
        panel(ellipse(0, 4, 26, 12), (lighter(RUBBER, 0.1), RUBBER), line=darker(RUBBER, 0.14)),
        panel(
            rod,
            (lighter(STEEL), STEEL, darker(STEEL, 0.1)),
            ((-7.0, 0.0), (7.0, 0.0)),
            darker(STEEL, 0.36),
            3.0,
        ),
    ]
    if lit:
        panels.append(
            panel(ellipse(across, high, 2.1 * knob, 2.1 * knob), (replace(tone, alpha=0.5),), blur=12.0)
        )
    shine = patch(
        ellipse(across - 0.3 * knob, high - 0.35 * knob, 0.3 * knob, 0.22 * knob, 8),
        Shade("white", alpha=0.8),
    )
    panels.append(
        panel(
            ellipse(across, high, knob, knob),
            (lighter(tone, 0.1), tone, darker(tone, 0.08)),
            line=darker(tone, 0.3),
            weight=3.0,
            marks=(shine,),
        )
    )
    joint = Joint(
        (x, foot),
        (0.0, -1.0),
        0.8 * long,
        droop=0.55 * (1 if x >= 0 else -1),
        perk=-0.18 * (1 if x >= 0 else -1),
        swing=0.2,
        keep=0.3,
    )
    return Ornament("antenna", "front", laid(panels, at(x, foot, 8.0)), joint)


def shell_ear(side: int, x: float, y: float, wide: float, tall: float, lean: float) -> Ornament:
    """A plate like an animal's ear."""
    outline = np.array(
        [
            (-wide, 24),
            (-wide, 24),
            (-0.86 * wide, -0.5 * tall),
            (-0.2 * wide, -tall),
            (-0.2 * wide, -tall),
            (0.2 * wide, -0.98 * tall),
            (0.95 * wide, -0.4 * tall),
            (1.1 * wide, 24),
            (1.1 * wide, 24),
        ]
    )
    inner = outline[2:-2] * (0.6, 0.7) + (0.0, -6.0)
    inner = np.concatenate([[(-0.5 * wide, 4.0)], inner, [(0.6 * wide, 4.0)]])
    dim = patch(
        np.array(
            [
                (0.3 * wide, -tall),
                (1.3 * wide, -0.4 * tall),
                (1.3 * wide, 40),
                (0.7 * wide, 40),
                (0.7 * wide, -0.3 * tall),
            ]
        ),
        replace(darker(SHELL, 0.1), alpha=0.6),
    )
    panels = [
        panel(outline, (lighter(SHELL, 0.03), SHELL), line=darker(SHELL, 0.42), weight=3.2, marks=(dim,)),
        panel(inner, (lighter(POD, 0.04), darker(POD, 0.04)), line=darker(POD, 0.22)),
    ]
    placed = laid(panels, at(side * x, y, 0.0, angle=side * lean, mirror=side < 0))
    joint = Joint((side * x, y), (0.0, -1.0), 50.0, side * 0.7, -side * 0.18, 0.06, keep=0.3)
    return Ornament("shell_ears", "back", placed, joint)


def crest(y: float, wide: float, tall: float) -> Ornament:
    """A fin along the middle of the skull, seen from the front."""
    outline = np.array(
        [
            (-wide, 30),
            (-0.9 * wide, -0.5 * tall),
            (-0.4 * wide, -tall),
            (-0.4 * wide, -tall),
            (0.4 * wide, -tall),
            (0.4 * wide, -tall),
            (0.9 * wide, -0.5 * tall),
            (wide, 30),
        ]
    )
    light = np.array(
        [(-0.3 * wide, -0.8 * tall), (0.3 * wide, -0.8 * tall), (0.22 * wide, 6), (-0.22 * wide, 6)]
    )
    panels = [
        panel(outline, (lighter(POD, 0.05), POD, darker(POD, 0.1)), line=darker(POD, 0.28), weight=3.2),
        panel(corners(light), (Shade("iris_top"), Shade("iris_middle"))),
    ]
    return Ornament("crest", "front", laid(panels, at(0.0, y, 40.0)), Joint(keep=0.2))


def propeller(y: float, long: float) -> Ornament:
    stem = np.array([(-6, 10), (-5, -44), (5, -44), (6, 10)], float)
    panels: list[Panel] = [
        panel(corners(stem), (STEEL, darker(STEEL, 0.1)), line=darker(STEEL, 0.36), weight=3.0)
    ]
    for s, tone in ((-1, POD), (1, Shade("ribbon"))):
        blade = np.add(leafed(spine(s * 1.45, s * 0.25, long, 7), 17.0, 0.62), (0.0, -46.0))
        panels.append(panel(blade, (lighter(tone), tone), line=darker(tone), weight=3.0))
    panels.append(
        panel(ellipse(0, -46, 13, 11), (lighter(STEEL), STEEL), line=darker(STEEL, 0.36), weight=3.0)
    )
    return Ornament(
        "propeller",
        "front",
        laid(panels, at(0.0, y, 8.0)),
        Joint((0.0, y), (0.0, -1.0), 60.0, 0.35, -0.1, 0.05, 0.15, keep=0.3),
    )


def knobs(x: float, y: float) -> Ornament:
    """Two dials and a grille on the shell below the screen."""
    panels: list[Panel] = []
    for k in (0, 1):
        dx = x - 46.0 * k
        turn = pen(np.array([(dx, y), (dx + 7.0, y - 9.0)]), darker(POD, 0.3), 4.0, -1)
        panels.append(
            panel(
                ellipse(dx, y, 15, 15), (lighter(POD), POD), line=darker(POD, 0.28), weight=3.0, marks=(turn,)
            )
        )
    panels += [
        panel(
            corners(
                [
                    (-x - 34 + 18 * k, y - 13),
                    (-x - 27 + 18 * k, y - 13),
                    (-x - 27 + 18 * k, y + 13),
                    (-x - 34 + 18 * k, y + 13),
                ]
            ),
            (darker(SHELL, 0.34),),
        )
        for k in range(4)
    ]
    return Ornament("knobs", "front", laid(panels, at(0.0, 0.0, 52.0)), Joint(keep=0.3))
