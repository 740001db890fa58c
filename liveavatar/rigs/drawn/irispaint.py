"""Painting an iris, once for all frames: ring, gradient, rays, pupil, the lid's shade and the lights."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.geometry import cornered
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.ink import SCREEN, draw, fade, glow, paint, record, shape, still
from liveavatar.rigs.drawn.style import PLAIN, Style
from liveavatar.rigs.drawn.templates import Line

_FINE = 2.0
"""Pixels of a layered iris to a canvas unit: its blurs cost too much a frame."""


class IrisPainter:
    """One iris in its own units, its middle at the origin."""

    def __init__(
        self, tones: tuple[Tone, Tone, Tone], face: FaceShape, style: Style = PLAIN, layers: float = 0.0
    ) -> None:
        top, middle, bottom = tones
        own = self.own = face.iris
        self.gloss, self.layers = style.gloss, layers
        if own.dark:
            deep = top.to(-0.13, 0.9)
            top, middle, bottom = (mix(tone, deep, own.dark) for tone in tones)
        self.starred = face.eye.star
        self.ring = top.to(-0.08)
        rx, ry = face.eye.iris
        self.rx, self.ry = rx, ry
        self.gradient = fade(
            np.array([0, -ry]),
            np.array([0, ry]),
            [
                top.to(-0.02),
                mix(top, middle, 0.6),
                middle,
                mix(middle, bottom, 0.55),
                bottom,
                bottom.to(0.06),
            ],
            [0.0, 0.28, 0.48, 0.68, 0.86, 1.0],
        )
        self.glow = glow(
            np.array([0, ry * 0.62]),
            ry * 0.62,
            [bottom.to(0.08).faded(0.75 * own.glow), bottom.faded(0.35 * own.glow), bottom.faded(0.0)],
            [0, 0.5, 1],
        )
        rim = own.rim
        self.disc = skia.Path.Oval(skia.Rect.MakeLTRB(-rx + rim, -ry + rim, rx - rim, ry - (rim - 0.4)))
        self.rays = self._rays(rx, ry)
        self.ray_tone = bottom.to(0.08).faded(own.rays)
        self.pupil = top.to(-0.13, 0.9)
        self.tones = top, middle, bottom
        self.band = self._band(rx, ry)
        self.arc = mix(middle, Tone(0.7, 0.16, 330), 0.5).to(0.1).faded(own.arc)
        self.star = _star(0.0, 0.0, 10.0)
        self.picture = record(self._iris, ry + 4)
        self.image = still(self.picture, ry + 4, _FINE) if layers else None

    def draw(self, canvas: skia.Canvas) -> None:
        """Paint it around the origin."""
        if self.image is None:
            canvas.drawPicture(self.picture)
            return
        canvas.scale(1 / _FINE, 1 / _FINE)
        half = self.image.width() / 2
        canvas.drawImage(self.image, -half, -half, skia.SamplingOptions(skia.FilterMode.kLinear))

    def _outline(self, line: Line) -> skia.Path:
        return shape(cornered(np.array(line, float) * (self.rx, self.ry), 6, True))

    @staticmethod
    def _rays(rx: float, ry: float) -> skia.Path:
        path = skia.Path()
        for i, angle in enumerate(np.linspace(0.06, np.pi - 0.06, 15)):
            inner, outer = 0.46, 0.72 + 0.13 * ((i * 7) % 5) / 4
            direction = np.array([np.cos(angle) * rx, np.sin(angle) * ry])
            across = np.array([-np.sin(angle), np.cos(angle)]) * (1.2 + (i % 3) * 0.5)
            path.addPath(
                shape(np.stack([direction * inner + across, direction * outer, direction * inner - across]))
            )
        return path

    @staticmethod
    def _band(rx: float, ry: float) -> skia.Path:
        x = np.linspace(-rx, rx, 21) * 0.99
        top = -ry * np.sqrt(np.maximum(1 - (x / rx) ** 2, 0))
        low = -ry * 0.34 + 11 * np.cos(x / rx * 1.5) - 8
        return shape(np.concatenate([np.stack([x, top], 1), np.stack([x, np.maximum(low, top)], 1)[::-1]]))

    def _iris(self, canvas: skia.Canvas) -> None:
        rx, ry = self.rx, self.ry
        oval = skia.Rect.MakeLTRB(-rx, -ry, rx, ry)
        canvas.drawOval(oval, paint(self.ring))
        draw(canvas, self.disc, paint(self.gradient))
        draw(canvas, self.rays, paint(self.ray_tone))
        canvas.drawOval(
            skia.Rect.MakeLTRB(-rx * 0.8, ry * 0.05, rx * 0.8, ry * 0.95), paint(self.glow, blend=SCREEN)
        )
        if self.own.well:
            deep = self.ring.faded(self.own.well)
            canvas.drawOval(
                skia.Rect.MakeLTRB(-rx * 0.52, -ry * 0.56, rx * 0.52, ry * 0.46), paint(deep, blur=rx * 0.16)
            )
        if self.own.pupil:
            draw(canvas, self._outline(self.own.pupil), paint(self.pupil))
        else:
            w, h = self.own.size
            canvas.drawOval(skia.Rect.MakeLTRB(-rx * w, -ry * h, rx * w, ry * h), paint(self.pupil))
        if self.layers:
            self._deepen(canvas)
        arc = skia.Rect.MakeLTRB(-rx * 0.62, -ry * 0.5, rx * 0.62, ry * 0.6)
        canvas.drawArc(arc, 25, 130, False, paint(self.arc, line=3.2))
        draw(canvas, self.band, paint(self.ring.faded(self.own.band)))
        self._lights(canvas)

    def _deepen(self, canvas: skia.Canvas) -> None:
        """Over gradient and pupil: fibres, a dark crown that runs down the sides, light that gathers below, sky above."""
        (top, middle, bottom), rx, ry = self.tones, self.rx, self.ry
        amount = self.layers
        canvas.save()
        canvas.clipPath(self.disc, skia.ClipOp.kIntersect, True)
        dark = top.to(-0.10, 1.1).faded(0.5 * amount)
        draw(canvas, self._fibres(0.40, 0.97, 46, 0.9), paint(dark))
        draw(canvas, self._fibres(0.34, 0.80, 31, 1.3, 0.5), paint(bottom.to(0.05, 1.1).faded(0.5 * amount)))
        # the crown: all but an oval below is shaded, softly
        crown = skia.Path.Oval(skia.Rect.MakeLTRB(-rx * 0.92, -ry * 0.18, rx * 0.92, ry * 1.12))
        crown.setFillType(skia.PathFillType.kInverseWinding)
        draw(canvas, crown, paint(top.to(-0.12, 1.05).faded(0.62 * amount), blur=rx * 0.16))
        # light that comes in above gathers below, in a crescent of the purest colour
        vivid = Tone(max(bottom.light, 0.74), max(bottom.chroma * 1.15, 0.09), bottom.hue)
        bowl = skia.Op(
            skia.Path.Oval(skia.Rect.MakeLTRB(-rx * 0.78, ry * 0.10, rx * 0.78, ry * 0.93)),
            skia.Path.Oval(skia.Rect.MakeLTRB(-rx * 0.66, -ry * 0.30, rx * 0.66, ry * 0.66)),
            skia.PathOp.kDifference_PathOp,
        )
        draw(canvas, bowl, paint(vivid.to(0.04).faded(0.8 * amount), blur=rx * 0.055))
        sky = Tone(0.80, 0.09, 262 if 20 < middle.hue % 360 < 180 else 320)
        arch = skia.Op(
            skia.Path.Oval(skia.Rect.MakeLTRB(-rx * 0.9, -ry * 0.93, rx * 0.9, ry * 0.6)),
            skia.Path.Oval(skia.Rect.MakeLTRB(-rx * 0.9, -ry * 0.70, rx * 0.9, ry * 0.85)),
            skia.PathOp.kDifference_PathOp,
        )
        draw(canvas, arch, paint(sky.faded(0.34 * amount), blur=rx * 0.06))
        canvas.restore()

    def _fibres(self, inner: float, outer: float, count: int, wide: float, shift: float = 0.0) -> skia.Path:
        """Thin rays all round, none as long as its neighbours."""
        path = skia.Path()
        for i in range(count):
            angle = 2 * np.pi * (i + shift) / count
            reach = outer - 0.30 * (outer - inner) * ((i * 5) % 7) / 6
            start = inner + 0.16 * ((i * 3) % 4) / 3
            way = np.array([np.cos(angle) * self.rx, np.sin(angle) * self.ry])
            across = np.array([-np.sin(angle), np.cos(angle)]) * wide * (0.6 + 0.4 * (i % 3) / 2)
            path.addPath(shape(np.stack([way * start, way * reach + across, way * reach - across])))
        return path

    def _lights(self, canvas: skia.Canvas) -> None:
        if self.own.lights is not None:
            for light in self.own.lights:
                draw(
                    canvas, self._outline(light.outline), paint(light.tone.faded(self.gloss), blur=light.blur)
                )
            return
        rx, ry = self.rx, self.ry
        white = Tone(1, 0, 0).faded(self.gloss)
        canvas.save()
        canvas.translate(-rx * 0.36, -ry * 0.40)
        canvas.rotate(-18)
        canvas.scale(rx / 47, ry / 56)
        canvas.drawOval(skia.Rect.MakeLTRB(-12, -14.5, 12, 14.5), paint(white))
        canvas.restore()
        canvas.drawOval(
            skia.Rect.MakeLTRB(rx * 0.30, ry * 0.30, rx * 0.30 + 12, ry * 0.30 + 13), paint(white.faded(0.92))
        )
        canvas.drawOval(
            skia.Rect.MakeLTRB(-rx * 0.52, ry * 0.16, -rx * 0.52 + 6, ry * 0.16 + 7), paint(white.faded(0.7))
        )
        if not self.starred:
            return
        canvas.save()
        canvas.translate(rx * 0.40, -ry * 0.22)
        draw(canvas, self.star, paint(Tone(0.97, 0.06, 90, 0.95)))
        canvas.restore()


def _star(x: float, y: float, size: float) -> skia.Path:
    angle = np.arange(8) * np.pi / 4
    radius = np.where(np.arange(8) % 2 == 0, size, size * 0.3)
    return shape(np.stack([x + radius * np.sin(angle), y - radius * np.cos(angle)], 1))
