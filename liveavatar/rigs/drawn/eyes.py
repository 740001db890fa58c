"""Eyes: lids, lashes, iris, brows. Local units: u outward from the eye's middle, v down."""

from dataclasses import dataclass

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.geometry import HeadPose, curve, face_depth, ribbon, smoothstep, stroke
from liveavatar.rigs.drawn.identity import FaceShape, Palette
from liveavatar.rigs.drawn.ink import SCREEN, fade, glow, paint, shape

_U = np.linspace(-56.0, 64.0, 33)


def _lid(points: list[tuple[float, float]]) -> np.ndarray:
    dense = curve(np.array(points), 12)
    return np.interp(_U, dense[:, 0], dense[:, 1])


_UPPER = _lid([(-56, 20), (-48, -8), (-26, -37), (6, -49), (36, -43), (55, -23), (64, 0)])
_LOWER = _lid([(-56, 20), (-46, 37), (-24, 49), (8, 53), (36, 45), (54, 27), (64, 0)])
_SHUT = _lid([(-56, 20), (-40, 33), (-16, 42), (8, 44), (32, 38), (50, 25), (64, 8)])
_HAPPY = _lid([(-56, 38), (-44, 16), (-22, 0), (4, -6), (28, -2), (48, 14), (64, 36)])


@dataclass(frozen=True)
class EyeState:
    """One eye's controls, all 0..1 but the gaze: look_x (to the right of the picture) and look_y (up), -1..1."""

    blink: float
    squint: float
    wide: float
    smile: float
    cheek: float
    look_x: float
    look_y: float
    brow_down: float
    brow_inner: float
    brow_outer: float


@dataclass(frozen=True)
class EyeLines:
    """One eye's geometry on the canvas."""

    opening: np.ndarray
    upper: np.ndarray
    lash: np.ndarray
    lower: np.ndarray
    crease: np.ndarray
    shadow: np.ndarray
    wings: list[np.ndarray]
    brow: np.ndarray
    iris: tuple[float, float, float, float, float, float]
    open: float


def eye_lines(face: FaceShape, pose: HeadPose, side: int, e: EyeState) -> EyeLines:
    """Place one eye; side +1 is the right one in the picture (the subject's left)."""
    scale = face.eye_scale

    def place(u: np.ndarray, v: np.ndarray, lift: float = 0.0) -> np.ndarray:
        xy = np.stack([side * (face.eye_x + u * scale), face.eye_y + v * scale - face.eye_tilt * u * 0.01], 1)
        return pose.place(np.column_stack([xy, face_depth(xy) + lift]))

    happy = float(smoothstep(0.15, 0.85, e.smile * max(e.squint, 0.8 * e.cheek * e.squint)))
    happy = max(happy, float(smoothstep(0.2, 0.9, e.blink * e.smile * e.squint)))
    close = 1.0 - (1.0 - e.blink) * (1.0 - 0.34 * e.squint) * (1.0 - 0.94 * happy)
    shut = _SHUT + (_HAPPY - _SHUT) * happy
    lifted = (0.5 * e.squint + 0.25 * e.cheek) * (1 - happy)
    lower = _LOWER + (_SHUT - _LOWER) * (0.30 * close) - 16 * lifted * np.cos((_U - 2) / 60 * 1.45)
    wide = _UPPER - 13 * e.wide * np.cos((_U - 2) / 60 * 1.4) + 5 * max(-e.look_y, 0) - 3 * max(e.look_y, 0)
    # sorrow lifts the inner end of the lid and lowers the outer one, anger the other way round
    wide = wide + (_U / 60) * (7 * e.brow_inner - 6 * e.brow_down) * (1 - 0.5 * e.wide) + 3 * e.brow_down
    # The lid stays an arch while it falls: a straight edge half way down would look smug.
    arch = -20.0 * np.sin(np.pi * close) * np.cos((_U + 6) / 62 * 1.4) + 5.0 * np.sin(np.pi * close) * (_U / 60)
    upper = wide + (shut - wide) * close + arch
    upper = np.minimum(upper, shut)
    lower = np.maximum(lower + (shut - lower) * smoothstep(0.55, 1.0, close), upper)
    opened = 1.0 - close

    thickness = np.interp(_U, [-56, -44, -10, 30, 52, 64], [1.0, 5.0, 11.5, 15.5, 16.0, 15.0])
    thickness = thickness * (0.66 + 0.34 * opened)
    top = upper - thickness
    droop = (1.0 - opened) * (1.0 - 0.5 * happy)
    end = float(upper[-1])
    tip = (86.0 - 3 * droop, end - 25.0 + 33.0 * droop)
    under = curve(np.array([(64.0, end + 2.5), (76.0, end - 9 + 14 * droop), tip]), 6)
    over = curve(np.array([(64.0, float(top[-1])), (76.0, float(top[-1]) - 3.5 + 11 * droop), tip]), 6)
    rim = np.concatenate(
        [np.stack([_U, top], 1), over[1:], under[::-1][1:], np.stack([_U, upper + 1.5], 1)[::-1]]
    )
    lash = place(rim[:, 0], rim[:, 1], 3)
    wings = []
    for u, reach, rise in ((47.0, 13.0, -11.0),):
        v = [float(np.interp(at, _U, top)) for at in (u - 13, u, u + 6)]
        rise = rise * (1 - 0.75 * droop)
        spike = curve(
            np.array([(u - 13, v[0] + 3), (u + reach * 0.2, v[1] + rise * 0.35), (u + reach, v[1] + rise)]), 4
        )
        spike = np.concatenate([spike, [(u + reach * 0.55 + 3, v[1] + rise * 0.2 + 2), (u + 6, v[2] + 5)]])
        wings.append(place(spike[:, 0], spike[:, 1], 3))
    fold = upper - thickness - 9 - 3 * opened - 4 * e.wide
    part = slice(7, 31)
    crease = ribbon(np.stack([_U[part], fold[part]], 1), 1.5 * np.sin(np.linspace(0.1, 3.05, 24)))
    low = ribbon(
        np.stack([_U[10:], lower[10:]], 1), np.interp(_U[10:], [-20, 30, 62], [0.3, 1.5, 2.6]) * (0.35 + 0.65 * opened)
    )
    shade = upper + 13.0 * min(opened * 1.6, 1.0)
    shadow = np.concatenate([place(_U, upper), place(_U, shade)[::-1]])

    gaze_x, gaze_y = e.look_x * 21.0, -e.look_y * 17.0
    down = 5.0 * close
    iris_x = side * (face.eye_x + 1.0 * scale) + gaze_x * scale
    iris_y = face.eye_y + (4.0 + gaze_y + down) * scale
    iris_z = float(face_depth(np.array([[iris_x, iris_y]]))[0])
    iris = pose.frame(iris_x, iris_y, iris_z)
    size = 1.0 - 0.14 * e.wide
    iris = tuple(a * (1.0 if i in (2, 5) else size) for i, a in enumerate(iris))  # type: ignore[assignment]

    brow = _brow(face, pose, side, e)
    return EyeLines(
        opening=np.concatenate([place(_U, upper), place(_U, lower)[::-1]]),
        upper=place(_U, upper),
        lash=lash,
        lower=place(low[:, 0], low[:, 1], 2),
        crease=place(crease[:, 0], crease[:, 1], 2),
        shadow=shadow,
        wings=wings,
        brow=brow,
        iris=iris,
        open=opened,
    )


def _brow(face: FaceShape, pose: HeadPose, side: int, e: EyeState) -> np.ndarray:
    u = np.array([-44.0, -20.0, 12.0, 42.0, 62.0])
    v = np.array([4.0, -5.0, -9.0, -3.0, 9.0])
    v = v + e.brow_down * np.array([30.0, 22.0, 9.0, -5.0, -7.0])
    v = v + e.brow_inner * np.array([-34.0, -22.0, -4.0, 8.0, 12.0])
    v = v + e.brow_outer * np.array([-6.0, -14.0, -24.0, -26.0, -18.0])
    v = v - e.wide * 7.0 + e.blink * 3.5 + e.squint * 3.0
    u = u - e.brow_down * np.array([9.0, 6.0, 3.0, 1.0, 0.0])
    spine = curve(np.stack([u, v], 1), 6)
    t = np.linspace(0, 1, len(spine))
    width = np.interp(t, [0, 0.08, 0.2, 0.5, 1], [0.8, 3.4, 4.8, 4.6, 0.6])
    outline = ribbon(spine, width)
    xy = np.stack([side * (face.eye_x + outline[:, 0]), face.brow_y + outline[:, 1]], 1)
    return pose.place(np.column_stack([xy, face_depth(xy) + 2]))


class EyePainter:
    """Draws eyes with one palette."""

    def __init__(self, palette: Palette, face: FaceShape) -> None:
        self.face = face
        self.lash = Tone(0.26, 0.075, 310)
        self.lash_end = Tone(0.36, 0.10, 350)
        self.brow = palette.hair.to(-0.17, 0.85, 22)
        self.white = Tone(0.99, 0.006, 300)
        self.white_low = Tone(0.93, 0.02, 330)
        self.lid_shadow = Tone(0.55, 0.09, 310)
        self.skin_line = Tone(0.62, 0.11, 25)
        top, middle, bottom = palette.iris_top, palette.iris_middle, palette.iris_bottom
        self.ring = top.to(-0.08)
        rx, ry = 47.0, 56.0
        self.rx, self.ry = rx, ry
        self.gradient = fade(
            np.array([0, -ry]),
            np.array([0, ry]),
            [top.to(-0.02), mix(top, middle, 0.6), middle, mix(middle, bottom, 0.55), bottom, bottom.to(0.06)],
            [0.0, 0.28, 0.48, 0.68, 0.86, 1.0],
        )
        self.glow = glow(
            np.array([0, ry * 0.62]),
            ry * 0.62,
            [bottom.to(0.08).faded(0.75), bottom.faded(0.35), bottom.faded(0.0)],
            [0, 0.5, 1],
        )
        self.rays = self._rays(rx, ry)
        self.ray_tone = bottom.to(0.08).faded(0.34)
        self.pupil = top.to(-0.13, 0.9)
        self.band = self._band(rx, ry)
        self.arc = mix(middle, Tone(0.7, 0.16, 330), 0.5).to(0.1).faded(0.35)
        self.star = _star(0.0, 0.0, 10.0)

    @staticmethod
    def _rays(rx: float, ry: float) -> skia.Path:
        path = skia.Path()
        for i, angle in enumerate(np.linspace(0.06, np.pi - 0.06, 15)):
            inner, outer = 0.46, 0.72 + 0.13 * ((i * 7) % 5) / 4
            direction = np.array([np.cos(angle) * rx, np.sin(angle) * ry])
            across = np.array([-np.sin(angle), np.cos(angle)]) * (1.2 + (i % 3) * 0.5)
            path.addPath(shape(np.stack([direction * inner + across, direction * outer, direction * inner - across])))
        return path

    @staticmethod
    def _band(rx: float, ry: float) -> skia.Path:
        x = np.linspace(-rx, rx, 21) * 0.99
        top = -ry * np.sqrt(np.maximum(1 - (x / rx) ** 2, 0))
        low = -ry * 0.34 + 11 * np.cos(x / rx * 1.5) - 8
        return shape(np.concatenate([np.stack([x, top], 1), np.stack([x, np.maximum(low, top)], 1)[::-1]]))

    def ball(self, canvas: skia.Canvas, lines: EyeLines) -> None:
        """White, iris and lights, inside the lids."""
        opening = shape(lines.opening)
        middle = lines.opening.mean(axis=0)
        top, bottom = lines.opening[:, 1].min(), lines.opening[:, 1].max()
        canvas.save()
        canvas.clipPath(opening, skia.ClipOp.kIntersect, True)
        white = fade(
            np.array([middle[0], top]), np.array([middle[0], bottom + 1]), [self.white_low, self.white], [0.1, 0.7]
        )
        canvas.drawPath(opening, paint(white))
        xx, xy, tx, yx, yy, ty = lines.iris
        scale = self.face.eye_scale
        canvas.save()
        canvas.concat(skia.Matrix.MakeAll(xx * scale, xy * scale, tx, yx * scale, yy * scale, ty, 0, 0, 1))
        self._iris(canvas)
        canvas.restore()
        canvas.drawPath(shape(lines.shadow), paint(self.lid_shadow.faded(0.42)))
        canvas.save()
        canvas.concat(skia.Matrix.MakeAll(xx * scale, xy * scale, tx, yx * scale, yy * scale, ty, 0, 0, 1))
        self._lights(canvas)
        canvas.restore()
        canvas.restore()

    def _iris(self, canvas: skia.Canvas) -> None:
        rx, ry = self.rx, self.ry
        oval = skia.Rect.MakeLTRB(-rx, -ry, rx, ry)
        canvas.drawOval(oval, paint(self.ring))
        canvas.drawOval(skia.Rect.MakeLTRB(-rx + 3, -ry + 3, rx - 3, ry - 2.6), paint(self.gradient))
        canvas.drawPath(self.rays, paint(self.ray_tone))
        canvas.drawOval(
            skia.Rect.MakeLTRB(-rx * 0.8, ry * 0.05, rx * 0.8, ry * 0.95), paint(self.glow, blend=SCREEN)
        )
        canvas.drawOval(skia.Rect.MakeLTRB(-rx * 0.37, -ry * 0.36, rx * 0.37, ry * 0.36), paint(self.pupil))
        arc = skia.Rect.MakeLTRB(-rx * 0.62, -ry * 0.5, rx * 0.62, ry * 0.6)
        canvas.drawArc(arc, 25, 130, False, paint(self.arc, line=3.2))
        canvas.drawPath(self.band, paint(self.ring.faded(0.62)))

    def _lights(self, canvas: skia.Canvas) -> None:
        rx, ry = self.rx, self.ry
        white = Tone(1, 0, 0)
        canvas.save()
        canvas.translate(-rx * 0.36, -ry * 0.40)
        canvas.rotate(-18)
        canvas.drawOval(skia.Rect.MakeLTRB(-12, -14.5, 12, 14.5), paint(white))
        canvas.restore()
        canvas.drawOval(skia.Rect.MakeLTRB(rx * 0.30, ry * 0.30, rx * 0.30 + 12, ry * 0.30 + 13), paint(white.faded(0.92)))
        canvas.drawOval(skia.Rect.MakeLTRB(-rx * 0.52, ry * 0.16, -rx * 0.52 + 6, ry * 0.16 + 7), paint(white.faded(0.7)))
        canvas.save()
        canvas.translate(rx * 0.40, -ry * 0.22)
        canvas.drawPath(self.star, paint(Tone(0.97, 0.06, 90, 0.95)))
        canvas.restore()

    def lids(self, canvas: skia.Canvas, lines: EyeLines) -> None:
        """Lashes, crease and lower lid."""
        canvas.drawPath(shape(lines.crease), paint(self.skin_line.faded(0.75)))
        canvas.drawPath(shape(lines.lower), paint(mix(self.lash, self.skin_line, 0.45)))
        self.lashes(canvas, lines, 1.0)

    def lashes(self, canvas: skia.Canvas, lines: EyeLines, alpha: float) -> None:
        """The upper lash: dark in the middle, reddish at both ends."""
        path = shape(lines.lash)
        for wing in lines.wings:
            path.addPath(shape(wing))
        first, last = lines.upper[0], lines.upper[-1]
        across = fade(
            first, last + (last - first) * 0.12, [self.lash_end, self.lash, self.lash, self.lash_end], [0, 0.22, 0.78, 1]
        )
        path.setFillType(skia.PathFillType.kWinding)
        canvas.drawPath(path, paint(across, alpha=alpha))

    def brow_line(self, canvas: skia.Canvas, lines: EyeLines, alpha: float) -> None:
        """The brow."""
        canvas.drawPath(shape(lines.brow), paint(self.brow, alpha=alpha))


def _star(x: float, y: float, size: float) -> skia.Path:
    angle = np.arange(8) * np.pi / 4
    radius = np.where(np.arange(8) % 2 == 0, size, size * 0.3)
    return shape(np.stack([x + radius * np.sin(angle), y - radius * np.cos(angle)], 1))
