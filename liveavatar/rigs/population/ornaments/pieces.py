"""Drafting ornaments: flat pieces in units of their own, laid on the head."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import cos, sin

import numpy as np

from liveavatar.rigs.drawn.geometry import face_depth, hair_depth
from liveavatar.rigs.drawn.ornament import Mark, Outline, Panel, Shade

Flat = Sequence[tuple[float, float]] | np.ndarray


TOP = -416.0
"""y of the highest that is seen, in head units."""
Lay = Callable[[np.ndarray], np.ndarray]
"""Points (n, 3) in units of their own -> (n, 3) in head units."""


def flat(points: Flat, z: float = 0.0) -> Outline:
    """Points of one depth."""
    return tuple((float(x), float(y), z) for x, y in np.asarray(points, float).tolist())


def solid(points: np.ndarray) -> Outline:
    """Points (n, 3) as a record."""
    return tuple((float(x), float(y), float(z)) for x, y, z in points.tolist())


def panel(
    outline: Flat,
    fill: Sequence[Shade],
    along: tuple[tuple[float, float], tuple[float, float]] | None = None,
    line: Shade | None = None,
    weight: float = 2.4,
    marks: Sequence[Mark] = (),
    hole: Flat = (),
    cast: float = 0.0,
    blur: float = 0.0,
) -> Panel:
    """A flat piece; its gradient runs from top to bottom unless told."""
    xy = np.asarray(outline, float)
    if along is None:
        middle = float(xy[:, 0].mean())
        along = ((middle, float(xy[:, 1].min())), (middle, float(xy[:, 1].max())))
    start, end = flat(along)
    return Panel(
        flat(xy),
        tuple(fill),
        (start, end),
        line,
        weight,
        flat(hole) if len(hole) else (),
        tuple(marks),
        cast,
        blur,
    )


def patch(points: Flat, shade: Shade, blur: float = 0.0) -> Mark:
    """A patch on a panel."""
    return Mark(flat(points), shade, blur=blur)


def pen(points: Flat, shade: Shade, width: float, swell: float = 0.5) -> Mark:
    """A stroke on a panel."""
    return Mark(flat(points), shade, width, swell)


def ellipse(x: float, y: float, rx: float, ry: float, count: int = 10, tilt: float = 0.0) -> np.ndarray:
    """Points (count, 2) round an ellipse, clockwise from its right end."""
    angle = np.linspace(0.0, 2 * np.pi, count + 1)[:-1]
    across, down = rx * np.cos(angle), ry * np.sin(angle)
    c, s = cos(tilt), sin(tilt)
    return np.stack([x + across * c - down * s, y + across * s + down * c], 1)


def corners(points: Flat) -> np.ndarray:
    """The same points as corners."""
    return np.repeat(np.asarray(points, float), 2, axis=0)


def laid(panels: Sequence[Panel], lay: Lay) -> tuple[Panel, ...]:
    """Panels with all their points where `lay` puts them."""

    def moved(points: Outline) -> Outline:
        return solid(lay(np.array(points))) if points else ()

    def one(piece: Panel) -> Panel:
        start, end = moved(piece.along)
        marks = tuple(replace(mark, points=moved(mark.points)) for mark in piece.marks)
        return replace(
            piece, outline=moved(piece.outline), along=(start, end), hole=moved(piece.hole), marks=marks
        )

    return tuple(one(piece) for piece in panels)


def at(
    x: float,
    y: float,
    depth: float | str = "hair",
    size: float = 1.0,
    angle: float = 0.0,
    mirror: bool = False,
    lift: float = 0.0,
) -> Lay:
    """Lays flat pieces round (x, y), turned clockwise by `angle` radians. depth: a constant z, or on "hair" or "face"."""
    c, s = size * cos(angle), size * sin(angle)

    def lay(points: np.ndarray) -> np.ndarray:
        across = -points[:, 0] if mirror else points[:, 0]
        xy = np.stack([x + across * c - points[:, 1] * s, y + across * s + points[:, 1] * c], 1)
        if depth == "hair":
            z = hair_depth(xy, lift)
        elif depth == "face":
            z = face_depth(xy) + lift
        else:
            z = np.full(len(xy), float(depth) + lift)
        return np.column_stack([xy, z + points[:, 2]])

    return lay


def darker(shade: Shade, by: float = 0.30) -> Shade:
    """The line round a piece of this colour."""
    return replace(shade, light=shade.light - by, chroma=0.8 * shade.chroma, hue=shade.hue - 12, alpha=1.0)


def lighter(shade: Shade, by: float = 0.08) -> Shade:
    """Where light falls on a piece of this colour."""
    return replace(shade, light=shade.light + by, chroma=0.9 * shade.chroma)
