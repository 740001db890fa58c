"""Horns, antlers and small wings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liveavatar.rigs.drawn.geometry import normals
from liveavatar.rigs.drawn.ornament import Joint, Mark, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.axes import leafed, spine, tapered
from liveavatar.rigs.population.ornaments.pieces import at, laid, panel, patch, pen


@dataclass(frozen=True)
class HornShape:
    """A horn by the course of its axis; angles in radians, outward from upright."""

    angle: float
    curl: float
    long: float
    half: float
    """Half-width at the root."""
    rings: int
    late: float = 1.0


def horn_panels(shape: HornShape, tones: Sequence[Shade], dark: Shade) -> list[Panel]:
    """A horn with its root at (0, 0), on the right of the picture. tones: from root to tip."""
    axis = spine(shape.angle, shape.curl, shape.long, 12 if abs(shape.curl) > 2 else 8, shape.late)
    outline = tapered(axis, shape.half, power=1.25)
    away = normals(axis)
    t = np.linspace(0.0, 1.0, len(axis))
    wide = (shape.half * (1 - t**1.25))[:, None]
    # normals point to the right of something that runs down, so left of what runs up
    shade = np.concatenate([axis - away * wide, (axis - away * wide * 0.1)[::-1]])
    marks: list[Mark] = [patch(shade, Shade(dark.of, dark.light, dark.chroma, dark.hue, 0.5))]
    marks.append(pen((axis + away * wide * 0.5)[1:-2], Shade("white", alpha=0.45), 0.26 * shape.half, 0.3))
    for i in range(shape.rings):
        share = (i + 0.7) / (shape.rings + 1.6)
        k = share * (len(axis) - 1)
        low = min(int(k), len(axis) - 2)
        f = k - low
        middle, side = (values[low] * (1 - f) + values[low + 1] * f for values in (axis, away * wide))
        sag = (axis[low] - axis[low + 1]) * 0.22
        marks.append(pen([middle + side * 0.98, middle + sag, middle - side * 0.98], dark, 2.8, 0.7))
    ends = (tuple(axis[0].tolist()), tuple(axis[-1].tolist()))
    return [panel(outline, tones, ends, dark, 3.2, marks)]


def hair_tuft(width: float, tall: float) -> Panel:
    """Hair that hides a root: spikes up, faded below."""
    w, h = width, tall
    outline = np.array(
        [
            (-w, 0.5 * h),
            (-1.05 * w, -0.1 * h),
            (-0.78 * w, -0.9 * h),
            (-0.78 * w, -0.9 * h),
            (-0.55 * w, -0.2 * h),
            (-0.55 * w, -0.2 * h),
            (-0.12 * w, -1.15 * h),
            (-0.12 * w, -1.15 * h),
            (0.1 * w, -0.2 * h),
            (0.1 * w, -0.2 * h),
            (0.6 * w, -0.85 * h),
            (0.6 * w, -0.85 * h),
            (0.75 * w, -0.1 * h),
            (w, 0.5 * h),
        ]
    )
    hair = (Shade("hair", 0.03), Shade("hair", 0.0), Shade("hair", -0.02), Shade("hair", -0.03, alpha=0.0))
    lines = [
        pen(outline[a:b], Shade("hair", -0.24, 0.8, 12, 0.8), 2.6, s)
        for a, b, s in ((1, 5, 0.6), (4, 9, 0.5), (8, 13, 0.4))
    ]
    return panel(outline, hair, ((0.0, -1.1 * h), (0.0, 0.5 * h)), marks=lines)


def horn(
    kind: str, side: int, root: tuple[float, float], shape: HornShape, tones: Sequence[Shade], dark: Shade
) -> Ornament:
    """One horn, with the hair round its root."""
    panels = [*horn_panels(shape, tones, dark), hair_tuft(1.35 * shape.half + 4.0, 0.55 * shape.half + 6.0)]
    placed = laid(panels, at(side * root[0], root[1], 6.0, mirror=side < 0))
    return Ornament(kind, "over", placed, Joint((side * root[0], root[1]), keep=0.3))


def antler(
    side: int,
    root: tuple[float, float],
    shape: HornShape,
    tines: Sequence[tuple[float, float, float]],
    tones: Sequence[Shade],
    dark: Shade,
) -> Ornament:
    """A horn with branches (where along it 0..1, turn in radians, length as a share)."""
    axis = spine(shape.angle, shape.curl, shape.long, 12, shape.late)
    panels: list[Panel] = []
    for where, turn, long in tines:
        k = round(where * (len(axis) - 1))
        branch = HornShape(
            shape.angle + shape.curl * where + turn,
            -0.7 * turn,
            shape.long * long,
            shape.half * (1 - 0.55 * where) * 0.8,
            0,
        )
        panels += laid(horn_panels(branch, tones[1:], dark), at(float(axis[k, 0]), float(axis[k, 1]), 0.0))
    panels += [*horn_panels(shape, tones, dark), hair_tuft(1.3 * shape.half + 8.0, 0.6 * shape.half + 8.0)]
    placed = laid(panels, at(side * root[0], root[1], 0.0, mirror=side < 0))
    return Ornament("antlers", "over", placed, Joint((side * root[0], root[1]), keep=0.3))


def wing(
    side: int, root: tuple[float, float], long: float, spread: float, feathers: int, main: Shade, dark: Shade
) -> Ornament:
    """A small wing: feathers over one another, the longest on top."""
    panels = []
    order = np.linspace(1.0, 0.0, feathers)
    for share in order:  # the lowest first
        axis = spine(0.35 + spread * share, 0.55, long * (1.0 - 0.45 * share), 7)
        outline = leafed(axis, 0.15 * long * (1 - 0.2 * share), 0.55)
        k = len(axis) - 1
        marks = (
            patch(
                np.concatenate([axis, outline[len(axis) :]]),
                Shade(main.of, main.light - 0.09, 1.5, main.hue - 10, 0.75),
            ),
            pen(axis[: k - 1], Shade(dark.of, dark.light + 0.12, dark.chroma, dark.hue, 0.7), 2.0, 0.3),
        )
        panels.append(
            panel(
                outline,
                (Shade(main.of, main.light - 0.05, 1.2), main, main),
                (tuple(axis[0].tolist()), tuple(axis[-1].tolist())),
                dark,
                2.8,
                marks,
            )
        )
    for share in np.linspace(1.0, 0.0, feathers):
        axis = spine(0.55 + 0.8 * spread * share, 0.3, 0.42 * long, 5)
        panels.append(panel(leafed(axis, 0.11 * long, 0.55), (main, main), line=dark, weight=2.4))
    placed = laid(panels, at(side * root[0], root[1], 14.0, mirror=side < 0))
    return Ornament(
        "wings",
        "over",
        placed,
        Joint((side * root[0], root[1]), (0.6 * side, -0.8), 60.0, side * 0.45, -side * 0.3, 0.04, 0.03),
    )
