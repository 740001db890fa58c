"""Painting eyes: the ball that lies behind the face, the opening in the face, lashes and brows."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.eyes import EyeLines
from liveavatar.rigs.drawn.finish import ROUGH, Finish
from liveavatar.rigs.drawn.identity import FaceShape, Palette
from liveavatar.rigs.drawn.ink import ATOP, draw, fade, paint, pen, shape, shapes
from liveavatar.rigs.drawn.irispaint import IrisPainter
from liveavatar.rigs.drawn.style import PLAIN, Style

_CARUNCLE = Tone(0.72, 0.11, 18)


def brow_tone(palette: Palette, face: FaceShape) -> Tone:
    """Colour of brows and beards."""
    turn = -22 if 55 < palette.hair.hue % 360 < 145 else 22  # darker blond is brown, not green
    return face.brow_tone or palette.hair.to(-0.17, 0.85, turn)


class EyePainter:
    """Draws eyes with one palette."""

    def __init__(
        self, palette: Palette, face: FaceShape, style: Style = PLAIN, finish: Finish = ROUGH
    ) -> None:
        self.face = face
        hair = palette.hair.to(-0.2, 1.1)
        self.lash = mix(face.lash_tone, hair, face.lash_tint) if face.lash_tint else face.lash_tone
        self.lash_end = face.lash_end
        self.brow = brow_tone(palette, face)
        self.white = face.white_tone or Tone(0.99, 0.006, 300)
        self.white_low = face.white_tone.to(-0.07) if face.white_tone else Tone(0.93, 0.02, 330)
        self.lid_shadow = mix(Tone(0.55, 0.09, 310), Tone(0.27, 0.09, 300), finish.lid)
        if finish.lid and not face.white_tone:
            self.white_low = mix(self.white_low, Tone(0.79, 0.045, 300), finish.lid)
        self.skin_line = face.line.to(0.12)
        tones = (palette.iris_top, palette.iris_middle, palette.iris_bottom)
        right = IrisPainter(tones, face, style, finish.iris)
        left = IrisPainter(palette.other_iris, face, style, finish.iris) if palette.other_iris else right
        self.iris = {-1: right, 1: left}

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
        self.iris[lines.side].draw(canvas)
        canvas.restore()

    def opening(self, canvas: skia.Canvas, lines: EyeLines) -> None:
        """Cut the hole between the lids into the skin, with the upper lid's shadow in it, crease and lower lid."""
        for tone, skin in ((self.face.lid_tone, lines.lid), (self.face.bag_tone, lines.bag)):
            if tone:
                draw(canvas, shape(skin), paint(tone, blend=ATOP, blur=4.0))
        hole = shape(lines.opening)
        draw(canvas, hole, paint(Tone(0, 0, 0), blend=skia.BlendMode.kDstOut))
        canvas.save()
        canvas.clipPath(hole, skia.ClipOp.kIntersect, True)
        # what is left between closing lids lies in the lashes' shade
        deep = 1 - min(lines.open / 0.6, 1.0)
        shade = mix(self.lid_shadow, self.lash, deep)
        draw(canvas, shape(lines.shadow), paint(shade.faded(0.42 + 0.38 * deep)))
        canvas.restore()
        if self.face.eye.caruncle:
            corner = np.concatenate([lines.opening[:4], lines.opening[-4:]])
            draw(canvas, shape(corner), paint(_CARUNCLE.faded(self.face.eye.caruncle)))
        draw(canvas, shape(lines.crease), pen(self.skin_line.faded(0.75)))
        draw(canvas, shapes([lines.lower, *lines.under]), pen(mix(self.lash, self.skin_line, 0.45)))

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
        inner = 1.0 - self.face.brow.fade
        if inner == 1.0:
            draw(canvas, shape(lines.brow), paint(self.brow, alpha=alpha))
            return
        along = fade(
            lines.brow[0],
            lines.brow[len(lines.brow) // 2],
            [self.brow.faded(alpha * inner), self.brow.faded(alpha)],
            [0, 0.5],
        )
        draw(canvas, shape(lines.brow), paint(along))
