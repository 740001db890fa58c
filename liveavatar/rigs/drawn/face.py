"""The face: outline, skin, shadows from the hair, nose and blush."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix, skin_shadow
from liveavatar.rigs.drawn.eyepaint import brow_tone
from liveavatar.rigs.drawn.geometry import (
    HeadPose,
    cornered,
    curve,
    face_depth,
    hair_depth,
    on_face,
    ribbon,
    stroke,
)
from liveavatar.rigs.drawn.identity import FaceShape, Palette
from liveavatar.rigs.drawn.ink import ATOP, draw, fade, glow, paint, pen, shape, shapes
from liveavatar.rigs.drawn.style import PLAIN, Style

_BLUSH = np.stack([stroke(np.array([[x + 4.0, -7], [x - 4, 7]]), 3.0, 6) for x in (-10.0, 3.0, 16.0)])
"""Three short strokes (3, n, 2) around the middle of a cheek."""

_BALL_EDGE = stroke(np.array([[72.0, 142.0], [66.0, 158.0], [72.0, 174.0], [84.0, 184.0]]), 3.8, 7, 0.5)
_BALL_SHADE = curve(
    np.array([(66, 158), (80, 184), (112, 194), (150, 176), (134, 180), (108, 181), (84, 172)], float),
    5,
    True,
)
_turn = np.linspace(0, 2 * np.pi, 17)[:-1]
_BALL_SHINE = np.stack(
    [124 + 10 * np.cos(_turn) + 2 * np.sin(_turn), 131 + 4 * np.sin(_turn) - np.cos(_turn)], 1
)
"""Parts of a cheek full of air, on the subject's left."""

_round = np.linspace(0, 2 * np.pi, 9)[:-1]
_FRECKLES = np.stack(
    [
        np.stack([x + r * np.cos(_round), y + r * np.sin(_round)], 1)
        for x, y, r in (
            (-28, -8, 1.9),
            (-12, -1, 2.2),
            (-22, 10, 1.6),
            (6, -11, 1.7),
            (14, 4, 1.9),
            (-50, -4, 1.6),
        )
    ]
)
"""Six spots (6, n, 2) around the middle of a cheek."""
_EAR = curve(
    np.array([(-12, 22), (6, 8), (26, 8), (36, 30), (32, 62), (22, 88), (8, 108), (-10, 106)], float), 5
)
_EAR_HOLLOW = curve(
    np.array([(-4, 36), (8, 24), (20, 28), (24, 44), (18, 62), (10, 78), (2, 84), (-6, 70)], float), 5
)
_EAR_FOLD = curve(np.array([(0, 34), (10, 22), (24, 24), (27, 44), (20, 66)], float), 5)

_EAR_RING = np.stack([5 + 8 * np.cos(_turn), 115 + 11 * np.sin(_turn)], 1)
_EAR_ENDS = np.cumsum([len(_EAR), len(_EAR_HOLLOW), len(_EAR_FOLD)])


def _follow_jaw(p: np.ndarray, v: dict[str, float]) -> None:
    """Move points (n, 3) with the jaw, the lower the further."""
    low = np.clip((p[:, 1] - 90.0) / 150.0, 0.0, 1.0) ** 1.4
    jaw_x = 18 * (v["jawLeft"] - v["jawRight"]) + 5 * (v["mouthLeft"] - v["mouthRight"])
    p[:, 1] += low * (17 * v["jawOpen"] + 7 * v["jawForward"] - 4 * v["mouthShrugLower"])
    p[:, 0] += low * jaw_x
    p[:, 0] *= 1 - 0.05 * low * v["jawForward"]
    p[:, 2] += low * 8 * v["jawForward"]


class FacePainter:
    """Skin with one palette."""

    def __init__(self, palette: Palette, face: FaceShape, style: Style = PLAIN) -> None:
        skin = palette.skin
        self.style = style
        self.face = face
        self.skin = skin
        self.skin_low = skin.to(-0.018, 1.0)._replace(chroma=skin.chroma + 0.018)
        # the darker the skin, the less its shadows glow
        vivid = min(max((skin.light - 0.55) / 0.38, 0.25), 1.0)
        self.shadow = skin_shadow(skin)
        self.edge = skin.to(-0.075, hue=-14)._replace(chroma=skin.chroma + 0.08 * vivid)
        self.line = face.line
        light = 0.77 - 0.6 * max(0.93 - skin.light, 0.0)
        self.blush = face.blush_tone or Tone(light, 0.135, 22)
        self.brow = brow_tone(palette, face)
        self.marks = [
            cornered(np.array(line, float), 5, True) for mark in face.marks for line in mark.outlines
        ]
        jaw = np.array(face.jaw)
        left = jaw * np.array([-1, 1, 1])
        top = np.array([(90.0, -190.0, 4.0), (0.0, -215.0, 4.0), (-90.0, -190.0, 4.0)])
        if face.forehead:  # more of it, for hair that parts when the head turns
            right = np.array([(148.0, -170.0, 4.0), (108.0, -212.0, 8.0), (56.0, -236.0, 12.0)])
            top = np.concatenate([right, [(0.0, -242.0, 14.0)], right[::-1] * [-1, 1, 1]])
        self._outline = np.concatenate([jaw[::-1], top, left])

    def outline(self, pose: HeadPose, v: dict[str, float]) -> np.ndarray:
        """The outline (n, 2) on the canvas: from the chin up the right side, over, down the left."""
        p = self._outline.copy()
        x, y = p[:, 0], p[:, 1]
        _follow_jaw(p, v)
        far_out, tall = self.face.puff
        puff = np.exp(-(((y - 158.0) / tall) ** 2))
        p[:, 0] += np.sign(x) * puff * far_out * v["cheekPuff"]
        squint = np.where(x > 0, v["cheekSquintLeft"], v["cheekSquintRight"])
        p[:, 0] += np.sign(x) * np.exp(-(((y - 110.0) / 34.0) ** 2)) * 4 * squint
        # turned away, the far side shows the hollow of the eye and the bump of the cheek
        turn = np.sin(pose.yaw)
        far = np.clip(-np.sign(x) * turn * -1, 0, 1)
        p[:, 0] += (
            np.sign(x)
            * far
            * (10 * np.exp(-(((y - 118.0) / 42.0) ** 2)) - 3 * np.exp(-(((y - 42.0) / 36.0) ** 2)))
        )
        return curve(pose.place(p, keep=0.4), 8, closed=True)

    def ears(self, canvas: skia.Canvas, ears: dict[int, np.ndarray]) -> None:
        """Both ears, behind the face."""
        for side, points in ears.items():
            outer, inner, fold = np.split(points, _EAR_ENDS)[:3]
            draw(canvas, shape(outer), paint(self.skin.to(-0.015)))
            draw(canvas, shape(inner), paint(self.shadow.faded(0.75)))
            draw(canvas, shape(outer), paint(self.line.faded(0.9), line=2.4))
            draw(canvas, shape(fold, False), paint(self.line.faded(0.6), line=1.8))
            if self.face.stud is not None and side > 0:
                ring = points[_EAR_ENDS[-1] :]
                for tone, width in ((self.face.stud.to(-0.3, 0.8), 7.5), (self.face.stud, 4.5)):
                    draw(canvas, shape(ring), paint(tone, line=width))

    def ear_points(self, pose: HeadPose) -> dict[int, np.ndarray]:
        """Outer edge, hollow, fold and ring of each ear, on the canvas; the subject's left one is 1."""
        local = np.concatenate([_EAR, _EAR_HOLLOW, _EAR_FOLD, _EAR_RING]) * self.face.ear_size
        local[:, 1] += self.face.ear_y
        depth = np.full(len(local), -14.0)
        return {
            side: pose.place(np.column_stack([side * (local[:, 0] + self.face.ear_x), local[:, 1], depth]))
            for side in (-1, 1)
        }

    def skin_base(self, canvas: skia.Canvas, outline: np.ndarray) -> None:
        """Flat skin with a slight warm fall-off to the chin."""
        top, bottom = outline[:, 1].min(), outline[:, 1].max()
        middle = outline[:, 0].mean()
        low = fade(
            np.array([middle - 30, top]),
            np.array([middle + 30, bottom]),
            [self.skin, self.skin, self.skin_low],
            [0, 0.7, 1],
        )
        draw(canvas, shape(outline), paint(self.skin))
        canvas.save()
        canvas.clipRect(skia.Rect.MakeLTRB(0, float(0.4 * top + 0.6 * bottom), 1024, 1024))
        draw(canvas, shape(outline), paint(low))
        canvas.restore()

    def soft(self, canvas: skia.Canvas, outline: np.ndarray, pose: HeadPose, v: dict[str, float]) -> None:
        """Blush, side shadow and the nose."""
        side = shape(outline)
        draw(canvas, shape(outline[::3]), paint(self.shadow.faded(0.45), blend=ATOP, line=16, blur=9))
        self._marks(canvas, side, pose, v)
        strength = 0.46 * self.face.blush + 0.30 * v["cheekPuff"]
        for sign, name in ((1, "Left"), (-1, "Right")):
            squint = v["cheekSquint" + name]
            smile = v["mouthSmile" + name]
            puff = v["cheekPuff"]
            at = np.array(
                [
                    [
                        sign * (self.face.blush_at[0] + 8 * puff),
                        self.face.blush_at[1] - 9 * squint - 4 * smile + 8 * puff,
                    ]
                ]
            )
            xx, xy, tx, yx, yy, ty = pose.frame(at[0, 0], at[0, 1], float(face_depth(at)[0]))
            canvas.save()
            canvas.clipPath(side, skia.ClipOp.kIntersect, True)
            canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
            canvas.scale(1.0, 0.60)
            amount = min(strength + 0.22 * squint + 0.12 * smile, 0.9)
            pool = glow(
                np.zeros(2),
                self.face.blush_size + 12 * puff,
                [self.blush.faded(amount), self.blush.faded(amount * 0.55), self.blush.faded(0)],
                [0, 0.5, 1],
            )
            canvas.drawCircle(0, 0, self.face.blush_size + 14, paint(pool))
            canvas.restore()
            if self.face.freckles:
                dots = pose.place(on_face((_FRECKLES * [sign, 1] + at[0]).reshape(-1, 2), 1)).reshape(
                    _FRECKLES.shape
                )
                draw(canvas, shapes(list(dots)), paint(self.line.faded(0.42), blend=ATOP))
            marks = pose.place(on_face((_BLUSH + at[0]).reshape(-1, 2), 1)).reshape(_BLUSH.shape)
            tone = self.blush.to(-0.08).faded(0.34 * self.face.blush_strokes + 0.5 * squint)
            draw(canvas, shapes(list(marks)), paint(tone, blend=ATOP))
            if puff > 0:
                self._full_cheek(canvas, pose, sign, puff)
            if squint > 0 or v["noseSneer" + name] > 0:
                self._wrinkle(canvas, pose, sign, squint, v["noseSneer" + name])

    def _marks(self, canvas: skia.Canvas, skin: skia.Path, pose: HeadPose, v: dict[str, float]) -> None:
        if not self.marks:
            return
        placed = on_face(np.concatenate(self.marks), 1)
        _follow_jaw(placed, v)
        placed = pose.place(placed)
        lines = iter(np.split(placed, np.cumsum([len(line) for line in self.marks])[:-1]))
        canvas.save()
        canvas.clipPath(skin, skia.ClipOp.kIntersect, True)
        for mark in self.face.marks:
            path = shapes([next(lines) for _ in mark.outlines])
            # what has an edge is no shading, which a style may soften
            blend = ATOP if mark.blur else None
            draw(canvas, path, paint(mark.tone or self.brow, blend=blend, blur=mark.blur))
        canvas.restore()

    def _full_cheek(self, canvas: skia.Canvas, pose: HeadPose, sign: int, puff: float) -> None:
        """A cheek full of air: its ball is shaded below, edged towards the mouth and shines on top."""
        pieces = [
            (_BALL_SHADE, self.shadow.faded(0.42 * puff)),
            (_BALL_EDGE, self.line.faded(0.6 * puff)),
            (_BALL_SHINE, Tone(1, 0, 0, 0.62 * puff)),
        ]
        for local, tone in pieces:
            # the light comes from one side for both
            xy = local * [sign, 1] + (0.0 if local is not _BALL_SHINE else -9.0, 0.0)
            placed = pose.place(np.column_stack([xy, face_depth(xy) + 8 * puff]))
            draw(canvas, shape(placed), paint(tone, blend=ATOP, blur=3.0 if local is _BALL_SHADE else 0.0))

    def _wrinkle(self, canvas: skia.Canvas, pose: HeadPose, sign: int, squint: float, sneer: float) -> None:
        marks = [
            (np.array([[sign * 58, 136.0], [sign * 92, 142.0], [sign * 130, 132.0]]), 0.26 * squint),
            (np.array([[sign * 15, 92.0], [sign * 24, 100.0], [sign * 27, 110.0]]), 0.45 * sneer),
            (np.array([[sign * 24, 88.0], [sign * 33, 97.0], [sign * 36, 108.0]]), 0.3 * sneer),
            (np.array([[sign * 34, 134.0], [sign * 46, 146.0], [sign * 52, 158.0]]), 0.2 * sneer),
        ]
        for points, strength in marks:
            if strength <= 0:
                continue
            mark = stroke(points, 4.0, 6)
            placed = pose.place(np.column_stack([mark, face_depth(mark) + 4]))
            draw(canvas, shape(placed), paint(self.line.faded(strength), blend=ATOP))

    def nose(self, canvas: skia.Canvas, pose: HeadPose, v: dict[str, float]) -> None:
        """A small shadow under the tip and a light on it."""
        lean, y = self._nose_tip(v)
        for mark in self.face.nose.marks:
            outline = stroke(np.add(mark.points, (lean, y)), mark.width, 6, mark.swell)
            placed = pose.place(np.column_stack([outline, np.full(len(outline), mark.depth)]))
            tone = self.shadow if mark.shade else self.line
            draw(canvas, shape(placed), paint(tone.faded(mark.strength), blur=mark.blur))
        xx, xy, tx, yx, yy, ty = pose.frame(lean, y - 4.0, 107.0)
        flush = glow(np.zeros(2), 26, [self.blush.faded(self.face.nose.flush), self.blush.faded(0)], [0, 1])
        canvas.save()
        canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
        canvas.drawCircle(0, 0, 26, paint(flush, blend=ATOP))
        canvas.restore()
        light = np.array([[lean - 3.0, y - 14.0, 110.0]])
        at = pose.place(light)[0]
        canvas.drawOval(
            skia.Rect.MakeXYWH(at[0] - 3, at[1] - 4, 5, 7), paint(Tone(1, 0, 0, self.face.nose.light))
        )

    def nose_points(self, pose: HeadPose, v: dict[str, float]) -> list[np.ndarray]:
        """The nose's strokes (n, 2) on the canvas."""
        lean, y = self._nose_tip(v)
        return [
            pose.place(
                np.column_stack(
                    [
                        curve(np.add(mark.points, (lean, y)), 4),
                        np.full(4 * len(mark.points) - 3, mark.depth),
                    ]
                )
            )
            for mark in self.face.nose.marks
        ]

    def _nose_tip(self, v: dict[str, float]) -> tuple[float, float]:
        lean = 4 * (v["mouthLeft"] - v["mouthRight"]) + 3 * (v["noseSneerLeft"] - v["noseSneerRight"])
        return lean, self.face.nose_y - 6 * (v["noseSneerLeft"] + v["noseSneerRight"]) / 2

    def hair_shadow(self, canvas: skia.Canvas, path: skia.Path, pose: HeadPose) -> None:
        """The fringe's shadow on skin and eyes in three passes: warm edge, crisp shadow, soft contact.

        It fades out before the rim of the face, so that it never falls beside it when the head turns."""
        at = np.array([[0.0, 30.0]])
        xx, xy, tx, yx, yy, ty = pose.frame(at[0, 0], at[0, 1], float(hair_depth(at)[0]))
        lies = skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1)
        lies.preScale(0.82 * self.face.ear_x / 100, 1.6)
        canvas.save()
        if (
            self.style is not PLAIN
        ):  # where it may be seen; the clip moves edges by a level or two, and records stay as they are
            canvas.clipRect(lies.mapRect(skia.Rect.MakeLTRB(-100, -100, 100, 100)).makeOutset(4, 4))
        canvas.saveLayer(skia.Rect.MakeLTRB(200, 160, 824, 720), None)
        for dx, dy, tone, blur in (
            (6.0, 27.0, self.edge.faded(0.34), 6.0),
            # deeper than it shall look on skin, and less dense: it falls on the white of an eye as well
            (4.0, 17.0, mix(self.skin, self.shadow, 1.6).faded(0.62), 0.0),
            (2.0, 8.0, self.shadow.to(-0.06, 1.15).faded(0.38), 4.0),
        ):
            canvas.save()
            canvas.translate(dx, dy)
            draw(canvas, path, paint(tone, blur=blur))
            canvas.restore()
        canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
        canvas.scale(0.82 * self.face.ear_x / 100, 1.6)
        opaque = Tone(0, 0, 0)
        mask = glow(np.zeros(2), 100, [opaque, opaque, opaque.faded(0)], [0, 0.72, 1])
        canvas.drawRect(
            skia.Rect.MakeLTRB(-1000, -1000, 1000, 1000), paint(mask, blend=skia.BlendMode.kDstIn)
        )
        canvas.restore()
        canvas.restore()

    def edge_line(self, canvas: skia.Canvas, outline: np.ndarray) -> None:
        """A line along cheeks and chin that swells at the jaw and breaks off at the temples."""
        count = len(self._outline) * 8
        steps = 8 * len(self.face.jaw)
        ring = np.roll(outline, steps - 8, axis=0)
        ring = np.concatenate([ring, ring[:1]])[: count + 1]
        # the roll puts the right temple... chin ... left temple in one run
        run = ring[: 2 * steps - 8]
        t = np.linspace(-1, 1, len(run))
        width = np.interp(np.abs(t), [0, 0.25, 0.5, 0.8, 1], [1.5, 1.2, 1.7, 1.1, 0.2])
        width = width * self.style.weight
        draw(canvas, shape(ribbon(run, width)), pen(self.line.faded(0.9)))
