"""Painting eyes: the ball that lies behind the face, the opening in the face, lashes and brows."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.eyes import EyeLines
from liveavatar.rigs.drawn.identity import FaceShape, Palette
from liveavatar.rigs.drawn.ink import SCREEN, draw, fade, glow, paint, pen, record, shape
from liveavatar.rigs.drawn.style import PLAIN, Style


class EyePainter:
    """Draws eyes with one palette."""

    def __init__(self, palette: Palette, face: FaceShape, style: Style = PLAIN) -> None:
        self.face, self.style = face, style
        self.lash = face.lash_tone
        self.lash_end = face.lash_end
        self.brow = face.brow_tone or palette.hair.to(-0.17, 0.85, 22)
        self.white = Tone(0.99, 0.006, 300)
        self.white_low = Tone(0.93, 0.02, 330)
        self.lid_shadow = Tone(0.55, 0.09, 310)
        self.skin_line = face.line.to(0.12)
        top, middle, bottom = palette.iris_top, palette.iris_middle, palette.iris_bottom
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
            [bottom.to(0.08).faded(0.75), bottom.faded(0.35), bottom.faded(0.0)],
            [0, 0.5, 1],
        )
        self.disc = skia.Path.Oval(skia.Rect.MakeLTRB(-rx + 3, -ry + 3, rx - 3, ry - 2.6))
        self.rays = self._rays(rx, ry)
        self.ray_tone = bottom.to(0.08).faded(0.34)
        self.pupil = top.to(-0.13, 0.9)
        self.band = self._band(rx, ry)
        self.arc = mix(middle, Tone(0.7, 0.16, 330), 0.5).to(0.1).faded(0.35)
        self.star = _star(0.0, 0.0, 10.0)
        self.iris = record(self._iris, ry + 4)

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

    def ball(self, canvas: skia.Canvas, lines: EyeLines) -> None:
        """White, iris and lights, wider than the lids ever open."""
        middle = lines.white.mean(axis=0)
        top, bottom = lines.white[:, 1].min(), lines.white[:, 1].max()
        white = fade(
            np.array([middle[0], top]),
            np.array([middle[0], bottom]),
            [self.white_low, self.white],
            [0.25, 0.62],
        )
        draw(canvas, shape(lines.white), paint(self.white))
        canvas.save()  # the gradient only where it is one
        canvas.clipRect(skia.Rect.MakeLTRB(0, 0, 1024, float(0.37 * top + 0.63 * bottom)))
        draw(canvas, shape(lines.white), paint(white))
        canvas.restore()
        xx, xy, tx, yx, yy, ty = lines.iris
        scale = self.face.eye_scale
        canvas.save()
        canvas.concat(skia.Matrix.MakeAll(xx * scale, xy * scale, tx, yx * scale, yy * scale, ty, 0, 0, 1))
        canvas.drawPicture(self.iris)
        canvas.restore()

    def opening(self, canvas: skia.Canvas, lines: EyeLines) -> None:
        """Cut the hole between the lids into the skin, with the upper lid's shadow in it, crease and lower lid."""
        hole = shape(lines.opening)
        draw(canvas, hole, paint(Tone(0, 0, 0), blend=skia.BlendMode.kDstOut))
        canvas.save()
        canvas.clipPath(hole, skia.ClipOp.kIntersect, True)
        # what is left between closing lids lies in the lashes' shade
        deep = 1 - min(lines.open / 0.6, 1.0)
        shade = mix(self.lid_shadow, self.lash, deep)
        draw(canvas, shape(lines.shadow), paint(shade.faded(0.42 + 0.38 * deep)))
        canvas.restore()
        draw(canvas, shape(lines.crease), pen(self.skin_line.faded(0.75)))
        draw(canvas, shape(lines.lower), pen(mix(self.lash, self.skin_line, 0.45)))

    def _iris(self, canvas: skia.Canvas) -> None:
        rx, ry = self.rx, self.ry
        oval = skia.Rect.MakeLTRB(-rx, -ry, rx, ry)
        canvas.drawOval(oval, paint(self.ring))
        draw(canvas, self.disc, paint(self.gradient))
        draw(canvas, self.rays, paint(self.ray_tone))
        canvas.drawOval(
            skia.Rect.MakeLTRB(-rx * 0.8, ry * 0.05, rx * 0.8, ry * 0.95), paint(self.glow, blend=SCREEN)
        )
        canvas.drawOval(skia.Rect.MakeLTRB(-rx * 0.37, -ry * 0.36, rx * 0.37, ry * 0.36), paint(self.pupil))
        arc = skia.Rect.MakeLTRB(-rx * 0.62, -ry * 0.5, rx * 0.62, ry * 0.6)
        canvas.drawArc(arc, 25, 130, False, paint(self.arc, line=3.2))
        draw(canvas, self.band, paint(self.ring.faded(0.62)))
        self._lights(canvas)

    def _lights(self, canvas: skia.Canvas) -> None:
        rx, ry = self.rx, self.ry
        white = Tone(1, 0, 0).faded(self.style.gloss)
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
        if not self.face.eye.star:
            return
        canvas.save()
        canvas.translate(rx * 0.40, -ry * 0.22)
        draw(canvas, self.star, paint(Tone(0.97, 0.06, 90, 0.95)))
        canvas.restore()

    def lashes(self, canvas: skia.Canvas, lines: EyeLines, alpha: float) -> None:
        """The upper lash: dark in the middle, reddish at both ends."""
        path = shape(lines.lash)
        for wing in lines.wings:
            path.addPath(shape(wing))
        first, last = lines.upper[0], lines.upper[-1]
        across = fade(
            first,
            last + (last - first) * 0.12,
            [tone.faded(alpha) for tone in (self.lash_end, self.lash, self.lash, self.lash_end)],
            [0, 0.22, 0.78, 1],
        )
        path.setFillType(skia.PathFillType.kWinding)
        draw(canvas, path, paint(across))

    def brow_line(self, canvas: skia.Canvas, lines: EyeLines, alpha: float) -> None:
        """The brow."""
        draw(canvas, shape(lines.brow), paint(self.brow, alpha=alpha))


def _star(x: float, y: float, size: float) -> skia.Path:
    angle = np.arange(8) * np.pi / 4
    radius = np.where(np.arange(8) % 2 == 0, size, size * 0.3)
    return shape(np.stack([x + radius * np.sin(angle), y - radius * np.cos(angle)], 1))
