"""The bust: neck, dress with a sailor collar, a cardigan that slips off one shoulder. Canvas coordinates."""

import numpy as np
import skia

from liveavatar.rigs.drawn.accessories import star
from liveavatar.rigs.drawn.cardigan import Cardigan
from liveavatar.rigs.drawn.colour import Tone, mix, skin_shadow
from liveavatar.rigs.drawn.geometry import BodyPose, Cloth, HeadPose, Points, curve, on_neck, ribbon
from liveavatar.rigs.drawn.identity import Palette
from liveavatar.rigs.drawn.ink import ATOP, draw, fade, paint, shape, shapes


def _c(*points: tuple[float, float]) -> Points:
    return points


def _moved(points: Points, by: tuple[float, float]) -> Points:
    return tuple((x + by[0], y + by[1]) for x, y in points)


_SKIN = _c(
    (470, 770),
    (430, 784),
    (360, 806),
    (330, 830),
    (400, 1060),
    (700, 1060),
    (772, 960),
    (766, 890),
    (738, 846),
    (690, 814),
    (610, 790),
    (556, 772),
)
_DRESS = _c(
    (392, 800),
    (372, 850),
    (352, 940),
    (340, 1060),
    (700, 1060),
    (704, 960),
    (690, 900),
    (652, 812),
    (600, 796),
    (560, 850),
    (512, 900),
    (466, 846),
    (430, 790),
)
_COLLAR_L = _c(
    (440, 756), (400, 774), (354, 802), (340, 846), (352, 884), (420, 894), (500, 918), (512, 908), (478, 852)
)
_COLLAR_R = _c(
    (586, 758), (612, 776), (648, 806), (664, 846), (656, 890), (596, 900), (524, 918), (512, 908), (546, 856)
)
_TRIMS_L = (
    _c((350, 838), (360, 868), (424, 878), (500, 906)),
    _c((353, 822), (372, 856), (430, 866), (500, 892)),
)
_TRIMS_R = (
    _c((654, 846), (644, 876), (596, 886), (524, 906)),
    _c((651, 828), (632, 864), (590, 874), (526, 892)),
)


_KNOT = (512.0, 908.0)
"""Where the bow is tied."""


_STARS = ((462, 972, 8), (570, 992, 9), (606, 948, 7), (490, 1014, 6), (450, 1012, 5), (548, 956, 5))
"""x, y, size of the stars on the dress."""
_CHOKER = np.array([(436, 712), (470, 733), (512, 741), (552, 734), (590, 714)], float)


class BodyPainter:
    """The torso in one palette."""

    def __init__(self, palette: Palette) -> None:
        self.p = palette
        self.skin_shadow = skin_shadow(palette.skin)
        self.skin_line = Tone(0.50, 0.11, 28)
        self.cardigan = Cardigan(palette)
        self.cloth = Cloth()
        self.moon = self._moon()
        self.dress_line = palette.dress.to(-0.14, 0.85, 8)
        self.dress_shadow = palette.dress.to(-0.09)

    def draw(
        self,
        canvas: skia.Canvas,
        head: HeadPose,
        pose: BodyPose,
        chin: np.ndarray,
        locks: skia.Path | None = None,
    ) -> None:
        """Paint the body; `chin` (n, 2) is where the face's shadow falls on the neck."""
        p = self.p

        cloth = self.cloth
        cloth.move(pose)

        def put(points: Points, closed: bool = True, steps: int = 8) -> skia.Path:
            return shape(cloth.curve(points, steps, closed), closed)

        def mark(points: Points, width: float, tone: Tone, swell: float = 0.5, blur: float = 0.0) -> None:
            draw(canvas, shape(cloth.stroke(points, width, 8, swell)), paint(tone, blur=blur))

        # neck and shoulders
        draw(canvas, put(_SKIN), paint(p.skin))
        draw(canvas, put(_SKIN), paint(self.skin_line, line=2.4))
        top = head.place(
            np.array([[s * x, y, -6.0] for s in (-1, 1) for x, y in ((50.0, 140.0), (50.0, 196.0))])
        )
        root = cloth.points((453, 742), (444, 764), (408, 790), (571, 744), (580, 766), (620, 794))
        sides = [curve(np.concatenate([top[:2], root[:3]]), 8), curve(np.concatenate([top[2:], root[3:]]), 8)]
        neck = shape(np.concatenate([sides[0], cloth.points((512, 860)), sides[1][::-1]]))
        draw(canvas, neck, paint(p.skin))
        canvas.save()
        canvas.clipPath(neck, skia.ClipOp.kIntersect, True)
        draw(canvas, shape(sides[1] + [4, 0], False), paint(self.skin_shadow.faded(0.7), line=26, blur=7))
        draw(canvas, shape(chin), paint(self.skin_shadow))
        canvas.translate(-2, -16)
        draw(canvas, shape(chin), paint(self.skin_shadow.to(-0.05, 1.1).faded(0.6), blur=6))
        canvas.restore()
        for side in sides:
            width = np.interp(np.linspace(0, 1, len(side)), [0, 0.5, 0.8, 1], [0.9, 1.2, 1.4, 0.2])
            draw(canvas, shape(ribbon(side, width)), paint(self.skin_line.faded(0.9)))
        # collar bones
        mark(((500, 812), (478, 806), (440, 800)), 3.0, self.skin_line.faded(0.5), 0.2)
        mark(((528, 814), (556, 808), (604, 806)), 3.0, self.skin_line.faded(0.5), 0.2)
        canvas.save()
        canvas.clipPath(neck, skia.ClipOp.kIntersect, True)
        self._choker(canvas, head, pose)
        canvas.restore()

        # dress
        dress = put(_DRESS)
        draw(
            canvas,
            dress,
            paint(
                fade(
                    np.array([512, 800]),
                    np.array([512, 1024]),
                    [p.dress.to(0.03), p.dress, p.dress.to(-0.03)],
                    [0, 0.5, 1],
                )
            ),
        )
        for points, wide in (
            (((486, 930), (470, 985), (462, 1050)), 16), (((540, 930), (560, 985), (566, 1050)), 18),
            (((430, 900), (420, 960), (424, 1040)), 20), (((620, 905), (616, 960), (600, 1040)), 24),
        ):  # fmt: skip
            mark(points, wide, self.dress_shadow.faded(0.8), 0.7)
        stars = [cloth.keep(("star", at), lambda at=at: star(*at)) for at in _STARS]  # type: ignore[misc]
        draw(canvas, shapes(stars), paint(p.gold.faded(0.9)))
        draw(canvas, dress, paint(self.dress_line, line=2.4))
        # sailor collar
        for collar, trims in ((_COLLAR_L, _TRIMS_L), (_COLLAR_R, _TRIMS_R)):
            path = put(collar, steps=6)
            canvas.save()
            canvas.translate(2, 9)
            draw(canvas, path, paint(self.dress_line.faded(0.45), blend=ATOP))
            canvas.restore()
            ends = cloth.points(collar[0], collar[6])
            draw(
                canvas,
                path,
                paint(fade(ends[0], ends[1], [p.dress.to(0.14, 1.1), p.dress.to(0.08, 1.1)], [0, 1])),
            )
            for trim, thick in zip(trims, (4.6, 2.2), strict=True):
                draw(canvas, put(trim, False), paint(p.gold.to(0.04), line=thick))
            draw(canvas, path, paint(self.dress_line, line=2.4))
        self.cardigan.draw(canvas, cloth, mark)
        for x, y in ((428, 938), (440, 996)):
            at = cloth.points((x - 12, y))[0]
            canvas.drawCircle(float(at[0]), float(at[1]), 6.5, paint(p.gold))
            canvas.drawCircle(float(at[0]) - 1.5, float(at[1]) - 1.5, 2.6, paint(p.gold.to(0.12, 0.5)))
            canvas.drawCircle(float(at[0]), float(at[1]), 6.5, paint(p.gold.to(-0.42, 0.75, -25), line=1.6))
        self._bow(canvas)
        if locks is not None:
            canvas.save()
            canvas.translate(8, 20)
            draw(canvas, locks, paint(Tone(0.35, 0.1, 300, 0.24), blend=ATOP))
            canvas.restore()
        dusk = fade(
            np.array([330, 780]),
            np.array([800, 1030]),
            [Tone(0.5, 0.12, 300, 0.0), Tone(0.5, 0.12, 300, 0.0), Tone(0.55, 0.15, 315, 0.07)],
            [0, 0.45, 1],
        )
        draw(canvas, skia.Path.Rect(skia.Rect.MakeLTRB(330, 780, 850, 1024)), paint(dusk, blend=ATOP))

    def _choker(self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose) -> None:
        p = self.p
        band = curve(on_neck(head, pose, _CHOKER), 8)
        draw(canvas, shape(band, False), paint(p.dress.to(-0.10), line=15))
        draw(canvas, shape(band - np.array([0, 4]), False), paint(p.dress.to(0.16).faded(0.7), line=2))
        middle = band[len(band) // 2] + [0, 18]
        canvas.save()
        canvas.translate(float(middle[0]), float(middle[1]))
        draw(canvas, self.moon, paint(p.gold))
        draw(canvas, self.moon, paint(p.gold.to(-0.42, 0.75, -25), line=1.6))
        canvas.restore()

    @staticmethod
    def _moon() -> skia.Path:
        outer, cut = skia.Path.Circle(0, 0, 14), skia.Path.Circle(6, -5, 11.5)
        return skia.Op(outer, cut, skia.PathOp.kDifference_PathOp)

    def _bow(self, canvas: skia.Canvas) -> None:
        r, cloth = self.p.ribbon, self.cloth
        line = r.to(-0.30, 0.8)
        for sign in (-1, 1):
            tail = _c(
                (0, 6), (sign * 16, 44), (sign * 34, 98), (sign * 18, 94), (sign * 4, 102), (sign * 2, 50)
            )
            loop = _c(
                (0, 0), (sign * 26, -26), (sign * 66, -30), (sign * 76, -2), (sign * 62, 26), (sign * 24, 16)
            )
            tail, loop = _moved(tail, _KNOT), _moved(loop, _KNOT)
            for part in (tail, loop):
                at = cloth.curve(part, 6, True)
                tones = [r.to(-0.10), r, r.to(0.05)]
                ends = cloth.points(part[0], part[2])
                draw(
                    canvas,
                    shape(at),
                    paint(fade(ends[0], ends[1], tones, [0, 0.5, 1])),
                )
                draw(canvas, shape(at), paint(line, line=2.2))
            for dy in (-4, 6):
                fold = _c((sign * 10, 0), (sign * 30, dy * 0.8), (sign * 48, dy * 1.8))
                crease = cloth.stroke(_moved(fold, _KNOT), 4, 6, 0.2)
                draw(canvas, shape(crease), paint(line.faded(0.7)))
        g = self.p.gold
        at = cloth.keep(("knot",), lambda: star(512, 908, 21))
        draw(canvas, shape(at), paint(mix(g, Tone(1, 0, 90), 0.1)))
        draw(canvas, shape(at), paint(g.to(-0.42, 0.75, -25), line=2.2))
