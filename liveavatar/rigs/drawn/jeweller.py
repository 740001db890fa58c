"""Paints ornaments: all their points are placed in one go per frame, all their paints are mixed once."""

from typing import NamedTuple

import cv2
import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, skin_shadow
from liveavatar.rigs.drawn.finish import ROUGH
from liveavatar.rigs.drawn.geometry import HeadPose, cornered, ribbon
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import ATOP, Brush, draw, paint, pen, ramp, shape, shapes
from liveavatar.rigs.drawn.ornament import Joint, Mark, Outline, Panel, Shade

_STEPS = 6
_CLOTH = 0.93
"""Lightest cloth of a drawing that is worked out: its lights are to be seen."""
_FINE = 4.4
"""A stroke up to this wide at its widest is a line; wider ones are bands and lights."""
_CAST = np.array([4.0, 8.0])
_WEIGHT = np.array([0.9, 1.2])
"""How far a line's second stroke is moved: it is heavier below."""


class _Ink(NamedTuple):
    """A mark's paint and place."""

    paint: skia.Paint
    part: slice
    clipped: bool
    """Whether it may reach out of its panel."""


class _Built(NamedTuple):
    """One panel's places in the batch and its paints."""

    outline: slice
    hole: slice
    ends: slice
    fill: skia.Paint | None
    line: skia.Paint | None
    thin: skia.Paint | None
    cast: skia.Paint | None
    marks: tuple[_Ink, ...]


class Jeweller:
    """All ornaments of one character."""

    def __init__(self, identity: Identity) -> None:
        self._colours = _colours(identity)
        self._points: list[np.ndarray] = []
        self._moves: list[np.ndarray] = []
        self._length = 0
        self._panels: dict[str, list[_Built]] = {}
        self._pressed: list[slice] = []
        self.hidden = {one.hides for one in identity.ornaments}
        for one in identity.ornaments:
            built = [self._build(panel, one.joint) for panel in one.panels]
            self._panels.setdefault(one.place, []).extend(built)
            if one.presses:
                self._pressed.append(self._add(_bent(one.presses), one.joint))
        self._rest = np.concatenate([np.empty((0, 3)), *self._points])
        self._move = np.concatenate([np.empty((0, 11)), *self._moves])

    def has(self, place: str) -> bool:
        """Whether anything is worn there."""
        return place in self._panels

    def place(self, head: HeadPose, v: dict[str, float]) -> np.ndarray:
        """All points (n, 2) on the canvas with this frame's controls."""
        droop, perk = max(-v["ears"], 0.0), max(v["ears"], 0.0)
        m, points = self._move, self._rest.copy()
        angle = m[:, 2:6] @ np.array([droop, perk, v["hairX"], -head.roll])
        c, s = np.cos(angle), np.sin(angle)
        away = points[:, :2] - m[:, :2] + m[:, 6:8] * (perk - droop)
        points[:, 0] = m[:, 0] + away[:, 0] * c - away[:, 1] * s + m[:, 8] * 44.0 * v["hairX"]
        points[:, 1] = m[:, 1] + away[:, 0] * s + away[:, 1] * c - m[:, 8] * 34.0 * v["hairY"]
        points[:, 1] -= m[:, 9] * v["breath"]
        return head.place(points, keep=m[:, 10])

    def outlines(self, at: np.ndarray, place: str) -> list[np.ndarray]:
        """Points (n, 2) on the canvas round what is worn there."""
        return [at[panel.outline] for panel in self._panels.get(place, ())]

    def press(self, canvas: skia.Canvas, at: np.ndarray) -> None:
        """Take away the hair that a hat has no room for."""
        for part in self._pressed:
            room = shape(at[part])
            draw(canvas, room, paint(Tone(0, 0, 0), blend=skia.BlendMode.kDstOut))
            draw(canvas, room, paint(self._tone(Shade("hair", -0.24, 0.85, 12, 0.7)), blend=ATOP, line=4.0))

    def draw(self, canvas: skia.Canvas, at: np.ndarray, place: str) -> None:
        """Paint what is worn there."""
        for panel in self._panels.get(place, ()):
            self._draw(canvas, at, panel)

    def _draw(self, canvas: skia.Canvas, at: np.ndarray, panel: _Built) -> None:
        outline = at[panel.outline]
        path = shape(outline)
        if panel.hole.stop > panel.hole.start:
            path = shapes([outline, at[panel.hole]])
            path.setFillType(skia.PathFillType.kEvenOdd)
        if panel.cast is not None:
            draw(canvas, shape(outline + _CAST), panel.cast)
        if panel.line is not None and panel.thin is not None:
            draw(canvas, path, panel.line)
            draw(canvas, shape(outline + _WEIGHT), panel.thin)
        if panel.fill is not None:
            start, end = at[panel.ends].tolist()
            brush = panel.fill if start == end else Brush(panel.fill, start, end)
            draw(canvas, path, brush)
        if any(mark.clipped for mark in panel.marks):
            canvas.save()
            canvas.clipPath(path, skia.ClipOp.kIntersect, True)
            for mark in panel.marks:
                if mark.clipped:
                    draw(canvas, shape(at[mark.part]), mark.paint)
            canvas.restore()
        for mark in panel.marks:
            if not mark.clipped:
                draw(canvas, shape(at[mark.part]), mark.paint)

    # building --------------------------------------------------------------------------------------------

    def _build(self, panel: Panel, joint: Joint) -> _Built:
        start, end = panel.along
        tones = [self._tone(shade) for shade in panel.fill]
        fill: skia.Paint | None = None
        if len(tones) > 1 and start != end:
            fill = ramp(tones, np.linspace(0.0, 1.0, len(tones)).tolist())
        elif tones:
            fill, end = paint(tones[0]), start
        if fill is not None and panel.blur:
            fill = skia.Paint(fill)
            fill.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, panel.blur))
        line = None if panel.line is None else self._tone(panel.line)
        shadow = self._tone(Shade("hair", -0.2, 1.0, 8, 0.6 * panel.cast))
        return _Built(
            outline=self._add(_bent(panel.outline), joint),
            hole=self._add(_bent(panel.hole), joint) if panel.hole else slice(0, 0),
            ends=self._add(np.array([start, end]), joint),
            fill=fill,
            line=None if line is None else paint(line, line=panel.weight),
            thin=None if line is None else paint(line, line=0.7 * panel.weight),
            cast=paint(shadow, blend=ATOP) if panel.cast else None,
            marks=tuple(self._mark(mark, panel, joint) for mark in panel.marks),
        )

    def _mark(self, mark: Mark, panel: Panel, joint: Joint) -> _Ink:
        tone = self._tone(mark.shade)
        if not mark.width:
            patch, edge = _bent(mark.points), _bent(panel.outline)[:, :2].astype(np.float32)
            inside = all(cv2.pointPolygonTest(edge, (x, y), True) > -0.6 for x, y in patch[:, :2].tolist())
            clipped = not inside or bool(panel.hole) or mark.blur > 0
            return _Ink(paint(tone, blur=mark.blur), self._add(patch, joint), clipped)
        ink = pen(tone) if mark.width <= _FINE else paint(tone)
        return _Ink(ink, self._add(_inked(mark), joint), False)

    def _tone(self, shade: Shade) -> Tone:
        base = shade.of if isinstance(shade.of, Tone) else self._colours[shade.of]
        return base.to(shade.light, shade.chroma, shade.hue).faded(shade.alpha)

    def _add(self, points: np.ndarray, joint: Joint) -> slice:
        """Keep points (n, 3) with what they do on a joint."""
        move = np.zeros((len(points), 11))
        move[:, :2] = joint.pivot
        along = (points[:, :2] - joint.pivot) @ np.array(joint.axis)
        turns = np.clip(along / joint.reach, 0.0, 1.0)
        move[:, 2:6] = turns[:, None] * (joint.droop, joint.perk, joint.swing, joint.hang)
        move[:, 6:8] = np.maximum(along, 0.0)[:, None] * joint.axis * joint.grow
        move[:, 8], move[:, 9], move[:, 10] = joint.shift, joint.bob, joint.keep
        self._points.append(points)
        self._moves.append(move)
        self._length += len(points)
        return slice(self._length - len(points), self._length)


def _bent(points: Outline) -> np.ndarray:
    return cornered(np.array(points), _STEPS, closed=True)


def _inked(mark: Mark) -> np.ndarray:
    """The outline (n, 3) of a pen stroke through points."""
    spine = cornered(np.array(mark.points), _STEPS)
    across = spine[:, :2]
    if mark.swell < 0:
        edge = ribbon(across, np.full(len(across), mark.width / 2))
    else:
        t = np.linspace(0.0, 1.0, len(across))
        rise = np.minimum(t / max(mark.swell, 1e-3), (1 - t) / max(1 - mark.swell, 1e-3))
        edge = ribbon(across, mark.width * 0.5 * (0.1 + 0.9 * np.sin(np.clip(rise, 0, 1) * np.pi / 2)))
    return np.column_stack([edge, np.concatenate([spine[:, 2], spine[::-1, 2]])])


def _colours(identity: Identity) -> dict[str, Tone]:
    p = identity.palette
    named = {name: getattr(p, name) for name in p.__dataclass_fields__}
    if identity.finish != ROUGH:
        for cloth in ("dress", "knit", "ribbon"):
            named[cloth] = named[cloth]._replace(light=min(named[cloth].light, _CLOTH))
    blush = Tone(0.77 - 0.6 * max(0.93 - p.skin.light, 0.0), 0.135, 22)
    face = {"skin_shadow": skin_shadow(p.skin), "skin_line": identity.face.line, "blush": blush}
    return {**named, **face, "white": Tone(1, 0, 0)}
