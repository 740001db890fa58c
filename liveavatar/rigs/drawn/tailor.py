"""Tailoring: panels, folds and seams of clothes on a Cloth, and the neck that comes out of them."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, skin_shadow
from liveavatar.rigs.drawn.geometry import BodyPose, Cloth, HeadPose, Points, curve, ribbon
from liveavatar.rigs.drawn.ink import ATOP, Fade, draw, fade, paint, shape, shapes

Corner = tuple[float, float] | tuple[float, float, int]


class Outfit(Protocol):
    """What a figure wears, with the neck."""

    def draw(
        self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose, chin: np.ndarray, locks: skia.Path | None
    ) -> None:
        """Paint it; `chin` is where the head's shadow falls, `locks` the hair's outline, which throws one."""
        ...


def cut(*points: Corner) -> Points:
    """A line through points; one with a third number is a corner."""
    result: list[tuple[float, float]] = []
    for point in points:
        result += [(point[0], point[1])] * (2 if len(point) > 2 else 1)
    return tuple(result)


class Tailor:
    """Draws on the canvas with one cloth; `fit` alters the shapes it is given to the wearer."""

    def __init__(
        self, canvas: skia.Canvas, cloth: Cloth, fit: Callable[[Points], Points] = lambda points: points
    ) -> None:
        self.canvas, self.cloth, self.fit = canvas, cloth, fit

    def path(self, points: Points, closed: bool = True) -> skia.Path:
        """A curve through points."""
        return shape(self.cloth.curve(self.fit(points), 7, closed), closed)

    def panel(
        self,
        points: Points,
        fill: Tone | Fade,
        line: Tone | None = None,
        width: float = 2.2,
        cast: Tone | None = None,
        by: tuple[float, float] = (5, 10),
    ) -> None:
        """A closed piece: its shadow on what lies below, its outline (heavier below), itself."""
        outline = self.cloth.curve(self.fit(points), 7, True)
        path = shape(outline)
        if cast is not None:
            draw(self.canvas, shape(np.add(outline, by)), paint(cast, blend=ATOP))
        if line is not None:
            draw(self.canvas, path, paint(line, line=width))
            draw(self.canvas, shape(np.add(outline, (0.9, 1.2))), paint(line, line=width * 0.7))
        draw(self.canvas, path, paint(fill))

    def shade(self, tone: Tone, *pieces: Points, blur: float = 0.0) -> None:
        """Closed pieces of one shadow or light, on what is there."""
        path = shapes([self.cloth.curve(self.fit(points), 7, True) for points in pieces])
        draw(self.canvas, path, paint(tone, blend=ATOP, blur=blur))

    def folds(self, tone: Tone, *strokes: tuple[Points, float, float], blur: float = 0.0) -> None:
        """Pen strokes of one tone: (points, width, swell)."""
        path = shapes(
            [self.cloth.stroke(self.fit(points), width, 7, swell) for points, width, swell in strokes]
        )
        draw(self.canvas, path, paint(tone, blend=ATOP, blur=blur))

    def trim(self, points: Points, tone: Tone, width: float) -> None:
        """A line of even width."""
        draw(self.canvas, self.path(points, False), paint(tone, line=width))

    def across(self, start: tuple[float, float], end: tuple[float, float], *tones: Tone) -> Fade:
        """An even gradient between two points of the body."""
        ends = self.cloth.points(*self.fit((start, end)))
        return fade(ends[0], ends[1], tones, tuple(np.linspace(0, 1, len(tones)).tolist()))

    def dots(self, centres: Points, radius: float, tone: Tone, line: Tone | None = None) -> None:
        """Buttons or spots."""
        around = np.linspace(0, 2 * np.pi, 17)[:-1]
        ring = radius * np.stack([np.cos(around), np.sin(around)], 1)
        path = shapes([at + ring for at in self.cloth.points(*self.fit(centres))])
        draw(self.canvas, path, paint(tone))
        if line is not None:
            draw(self.canvas, path, paint(line, line=1.8))


def neck(
    tailor: Tailor,
    head: HeadPose,
    chin: np.ndarray,
    skin: Tone,
    line: Tone,
    roots: Points,
    half: float = 50.0,
    within: Callable[[], None] | None = None,
) -> None:
    """A neck between head and body: `roots` are three points down its left side and three down its right one.

    `chin` is the head's shadow on it; `within` may draw what is clipped by it."""
    canvas = tailor.canvas
    shadow = skin_shadow(skin)
    top = head.place(np.array([[s * half, y, -6.0] for s in (-1, 1) for y in (140.0, 196.0)]))
    root = tailor.cloth.points(*roots)
    sides = [curve(np.concatenate([top[:2], root[:3]]), 8), curve(np.concatenate([top[2:], root[3:]]), 8)]
    path = shape(np.concatenate([sides[0], tailor.cloth.points((512, 880)), sides[1][::-1]]))
    draw(canvas, path, paint(skin))
    canvas.save()
    canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    draw(canvas, shape(sides[1] + [4, 0], False), paint(shadow.faded(0.7), line=26, blur=7))
    canvas.save()
    draw(canvas, shape(chin), paint(shadow))
    canvas.translate(-2, -16)
    draw(canvas, shape(chin), paint(shadow.to(-0.05, 1.1).faded(0.6), blur=6))
    canvas.restore()
    if within is not None:
        within()
    canvas.restore()
    for side in sides:
        width = np.interp(np.linspace(0, 1, len(side)), [0, 0.5, 0.8, 1], [0.9, 1.2, 1.4, 0.2])
        draw(canvas, shape(ribbon(side, width)), paint(line.faded(0.9)))


def hair_on_clothes(canvas: skia.Canvas, locks: skia.Path | None, tone: Tone) -> None:
    """The shadow that hair in front throws on the body."""
    if locks is not None:
        canvas.save()
        canvas.translate(8, 20)
        draw(canvas, locks, paint(tone, blend=ATOP))
        canvas.restore()
