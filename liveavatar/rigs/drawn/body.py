"""The bust: neck, dress with a sailor collar, a cardigan that slips off one shoulder. Canvas coordinates."""

from collections.abc import Callable

import numpy as np
import skia

from liveavatar.rigs.drawn.accessories import star
from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.geometry import BodyPose, HeadPose, curve, normals, ribbon, stroke
from liveavatar.rigs.drawn.identity import Palette
from liveavatar.rigs.drawn.ink import ATOP, dots, fade, paint, shape


def _c(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


_SKIN = _c((452, 742), (430, 768), (360, 800), (330, 830), (400, 1060), (700, 1060), (772, 960), (766, 890), (738, 846), (690, 814), (600, 784), (574, 742))
_DRESS = _c((392, 800), (372, 850), (352, 940), (340, 1060), (700, 1060), (704, 960), (690, 900), (652, 812), (600, 796), (560, 850), (512, 900), (466, 846), (430, 790))
_COLLAR_L = _c((446, 752), (400, 774), (354, 802), (340, 846), (352, 884), (420, 894), (500, 918), (512, 908), (478, 852))
_COLLAR_R = _c((578, 754), (612, 776), (648, 806), (664, 846), (656, 890), (596, 900), (524, 918), (512, 908), (546, 856))
_TRIMS_L = (_c((350, 838), (360, 868), (424, 878), (500, 906)), _c((353, 822), (372, 856), (430, 866), (500, 892)))
_TRIMS_R = (_c((654, 846), (644, 876), (596, 886), (524, 906)), _c((651, 828), (632, 864), (590, 874), (526, 892)))
_OUTER_L = _c((404, 776), (352, 788), (298, 816), (258, 874), (234, 950), (218, 1060))
_INNER_L = _c((412, 774), (396, 830), (400, 900), (418, 980), (436, 1060))
_OUTER_R = _c((748, 866), (784, 884), (812, 936), (824, 1000), (828, 1060))
_INNER_R = _c((742, 862), (700, 900), (668, 950), (638, 1006), (622, 1060))


class BodyPainter:
    """The torso in one palette."""

    def __init__(self, palette: Palette) -> None:
        self.p = palette
        self.skin_shadow = palette.skin.to(-0.115, hue=-16)._replace(chroma=palette.skin.chroma + 0.055)
        self.skin_line = Tone(0.50, 0.11, 28)
        self.knit_shadow = palette.knit.to(-0.10, 1.7, -34)
        self.knit_line = palette.knit.to(-0.38, 2.6, -38)
        self.dress_line = palette.dress.to(-0.14, 0.85, 8)
        self.dress_shadow = palette.dress.to(-0.09)

    def draw(
        self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose, chin: np.ndarray, locks: skia.Path | None = None
    ) -> None:
        """Paint the body; `chin` is the face's outline (n, 2), whose shadow falls on the neck."""
        p = self.p

        def put(points: np.ndarray, closed: bool = True, steps: int = 8) -> skia.Path:
            return shape(pose.place(curve(points, steps, closed)), closed)

        def mark(
            points: list[tuple[float, float]], width: float, tone: Tone, swell: float = 0.5, blur: float = 0.0
        ) -> None:
            outline = stroke(np.array(points, float), width, 8, swell)
            canvas.drawPath(shape(pose.place(outline)), paint(tone, blur=blur))

        # neck and shoulders
        top = head.place(np.array([[46.0, 150.0, -6.0], [50.0, 200.0, -6.0], [-50.0, 200.0, -6.0], [-46.0, 150.0, -6.0]]))
        low = pose.place(_c((446, 772), (578, 776)))
        neck = np.concatenate([top, low[:1] + [4, -26], low[:1] + [-26, 0], low[:1] + [10, 26], low[1:] + [-10, 26], low[1:] + [26, 0], low[1:] + [-4, -26]])
        canvas.drawPath(put(_SKIN), paint(p.skin))
        canvas.drawPath(put(_SKIN), paint(self.skin_line, line=2.4))
        canvas.drawPath(shape(neck), paint(p.skin))
        for a, b in ((2, 5), (1, 8)):
            if a == 2:
                run = curve(np.stack([top[2], low[0] + [4, -26], low[0] + [-26, 0]]), 8)
            else:
                run = curve(np.stack([top[1], low[1] + [-4, -26], low[1] + [26, 0]]), 8)
            canvas.drawPath(shape(run, False), paint(self.skin_line, line=2.2))
        canvas.save()
        canvas.translate(4 + 20 * head.yaw, 34)
        canvas.drawPath(shape(chin), paint(self.skin_shadow.faded(0.9), blend=ATOP))
        canvas.restore()
        # collar bones
        mark([(500, 812), (478, 806), (440, 800)], 3.0, self.skin_line.faded(0.5), 0.2)
        mark([(528, 814), (556, 808), (604, 806)], 3.0, self.skin_line.faded(0.5), 0.2)
        canvas.save()
        canvas.clipPath(shape(neck), skia.ClipOp.kIntersect, True)
        self._choker(canvas, head, pose)
        canvas.restore()

        # dress
        dress = put(_DRESS)
        canvas.drawPath(dress, paint(fade(np.array([512, 800]), np.array([512, 1024]), [p.dress.to(0.03), p.dress, p.dress.to(-0.03)], [0, 0.5, 1])))
        for points, width in (
            ([(486, 930), (470, 985), (462, 1050)], 16), ([(540, 930), (560, 985), (566, 1050)], 18),
            ([(430, 900), (420, 960), (424, 1040)], 20), ([(620, 905), (616, 960), (600, 1040)], 24),
        ):  # fmt: skip
            mark(points, width, self.dress_shadow.faded(0.8), 0.7)
        for x, y, size in ((474, 968, 8), (548, 998, 9), (592, 950, 7), (506, 1012, 6), (448, 1016, 7), (528, 950, 5)):
            at = pose.place(star(x, y, size))
            canvas.drawPath(shape(at), paint(p.gold.faded(0.9)))
        canvas.drawPath(dress, paint(self.dress_line, line=2.4))
        # sailor collar
        for collar, trims in ((_COLLAR_L, _TRIMS_L), (_COLLAR_R, _TRIMS_R)):
            path = put(collar, steps=6)
            canvas.save()
            canvas.translate(2, 9)
            canvas.drawPath(path, paint(self.dress_line.faded(0.5), blend=ATOP, blur=2))
            canvas.restore()
            ends = pose.place(collar[[0, 6]])
            canvas.drawPath(path, paint(fade(ends[0], ends[1], [p.dress.to(0.14, 1.1), p.dress.to(0.08, 1.1)], [0, 1])))
            for trim, width in zip(trims, (4.6, 2.2), strict=True):
                canvas.drawPath(shape(pose.place(curve(trim, 8)), False), paint(p.gold.to(0.04), line=width))
            canvas.drawPath(path, paint(self.dress_line, line=2.4))
        self._cardigan(canvas, pose, mark)
        self._bow(canvas, pose)
        if locks is not None:
            canvas.save()
            canvas.translate(8, 20)
            canvas.drawPath(locks, paint(Tone(0.35, 0.1, 300, 0.24), blend=ATOP, blur=4))
            canvas.restore()
        dusk = fade(
            np.array([330, 780]), np.array([800, 1030]), [Tone(0.5, 0.12, 300, 0.0), Tone(0.5, 0.12, 300, 0.0), Tone(0.5, 0.14, 310, 0.10)], [0, 0.45, 1]
        )
        canvas.drawRect(skia.Rect.MakeLTRB(0, 640, 1024, 1024), paint(dusk, blend=ATOP))

    def _choker(self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose) -> None:
        p = self.p
        shift = head.place(np.array([[0.0, 215.0, 10.0]]))[0] - np.array([512.0, 661.0])
        band = pose.place(curve(_c((436, 712), (470, 733), (512, 741), (552, 734), (590, 714)), 8)) + 0.55 * shift
        canvas.drawPath(shape(band, False), paint(p.dress.to(-0.10), line=15))
        canvas.drawPath(shape(band + [0, -4], False), paint(p.dress.to(0.16).faded(0.7), line=2))
        middle = band[len(band) // 2] + [0, 18]
        outer = skia.Path()
        outer.addCircle(float(middle[0]), float(middle[1]), 14)
        cut = skia.Path()
        cut.addCircle(float(middle[0]) + 6, float(middle[1]) - 5, 11.5)
        moon = skia.Op(outer, cut, skia.PathOp.kDifference_PathOp)
        canvas.drawPath(moon, paint(p.gold))
        canvas.drawPath(moon, paint(p.gold.to(-0.42, 0.75, -25), line=1.6))

    def _cardigan(self, canvas: skia.Canvas, pose: BodyPose, mark: Callable[..., None]) -> None:
        p = self.p
        for left, outer, inner in ((True, _OUTER_L, _INNER_L), (False, _OUTER_R, _INNER_R)):
            out, into = curve(outer, 10), curve(inner, 10)
            count = min(len(out), len(into))
            out, into = (c[np.linspace(0, len(c) - 1, count).round().astype(int)] for c in (out, into))
            path = shape(pose.place(np.concatenate([out, into[::-1]])))
            canvas.save()
            canvas.translate(4, 9)
            canvas.drawPath(path, paint(self.dress_line.faded(0.55), blend=ATOP, blur=4))
            canvas.restore()
            wool = fade(np.array([250, 790]), np.array([760, 1060]), [p.knit.to(0.012), p.knit, p.knit.to(-0.035, 1.5, -14)], [0, 0.4, 1])
            canvas.drawPath(path, paint(wool))
            canvas.save()
            canvas.clipPath(path, skia.ClipOp.kIntersect, True)
            self._knit(canvas, pose, out, into)
            self._folds(mark, left)
            canvas.restore()
            edge = pose.place(out)
            t = np.linspace(0, 1, len(edge))
            canvas.drawPath(shape(ribbon(edge, 1.0 + 0.7 * np.sin(t * 9) ** 2)), paint(self.knit_line))
            self._hem(canvas, pose.place(into))

    def _knit(self, canvas: skia.Canvas, pose: BodyPose, out: np.ndarray, into: np.ndarray) -> None:
        """Ribs down the sleeve and one cable between them."""
        t = np.linspace(0, 1, len(out))
        for share in (0.14, 0.27, 0.66, 0.78):
            rib = pose.place(out * (1 - share) + into * share)
            canvas.drawPath(shape(ribbon(rib[2:], 1.3 * np.sin(t[2:] * np.pi) ** 0.5 + 0.2)), paint(self.knit_shadow.faded(0.55)))
        dense = np.linspace(0.06, 1.0, 90)
        for phase in (0.0, np.pi):
            share = 0.46 + 0.055 * np.sin(dense * 26 + phase)
            spine = np.stack(
                [np.interp(dense, t, out[:, i]) * (1 - share) + np.interp(dense, t, into[:, i]) * share for i in (0, 1)], 1
            )
            width = 1.7 * np.abs(np.cos((dense * 26 + phase) / 2 + 0.4)) + 0.5
            canvas.drawPath(shape(ribbon(pose.place(spine), width)), paint(self.knit_shadow.to(-0.03).faded(0.7)))

    def _hem(self, canvas: skia.Canvas, line: np.ndarray) -> None:
        """The ribbed border along the open front."""
        canvas.drawPath(shape(line, False), paint(self.knit_line, line=23))
        canvas.drawPath(shape(line, False), paint(self.p.knit.to(0.015), line=19))
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        at = np.arange(6, along[-1], 8.0)
        centre = np.stack([np.interp(at, along, line[:, i]) for i in (0, 1)], 1)
        across = normals(centre) * 8.0
        ribs = skia.Path()
        for start, end in zip(dots(centre - across), dots(centre + across), strict=True):
            ribs.moveTo(start)
            ribs.lineTo(end)
        canvas.drawPath(ribs, paint(self.knit_shadow.to(-0.02), line=1.7))

    def _folds(self, mark: Callable[..., None], left: bool) -> None:
        tone, line = self.knit_shadow.to(-0.02), self.knit_line.faded(0.6)
        if left:
            mark([(404, 800), (376, 880), (380, 980), (400, 1060)], 70, tone.faded(0.75), 0.6, 9)
            mark([(366, 880), (330, 930), (286, 942)], 18, tone.faded(0.9), 0.35, 1)
            mark([(372, 960), (330, 1000), (282, 1006)], 18, tone.faded(0.9), 0.35, 1)
            mark([(370, 872), (332, 926), (288, 938)], 2.8, line, 0.2)
            mark([(376, 952), (332, 995), (286, 1001)], 2.8, line, 0.2)
            mark([(388, 850), (372, 930), (378, 1010)], 2.6, line)
        else:
            mark([(690, 920), (706, 970), (680, 1060)], 56, tone.faded(0.75), 0.6, 8)
            mark([(826, 950), (800, 1010), (806, 1060)], 44, tone.faded(0.75), 0.6, 8)
            mark([(702, 914), (738, 926), (778, 912)], 16, tone.faded(0.9), 0.35, 1)
            mark([(696, 960), (744, 984), (790, 974)], 18, tone.faded(0.9), 0.35, 1)
            mark([(690, 1010), (740, 1034), (784, 1030)], 16, tone.faded(0.9), 0.35, 1)
            mark([(704, 908), (738, 920), (776, 907)], 2.8, line, 0.2)
            mark([(698, 955), (744, 979), (788, 969)], 2.8, line, 0.2)

    def _bow(self, canvas: skia.Canvas, pose: BodyPose) -> None:
        r = self.p.ribbon
        line = r.to(-0.30, 0.8)
        for sign in (-1, 1):
            tail = _c((0, 6), (sign * 16, 44), (sign * 34, 98), (sign * 18, 94), (sign * 4, 102), (sign * 2, 50)) + [512, 908]
            loop = _c((0, 0), (sign * 26, -26), (sign * 66, -30), (sign * 76, -2), (sign * 62, 26), (sign * 24, 16)) + [512, 908]
            for part in (tail, loop):
                at = pose.place(curve(part, 6, True))
                tones = [r.to(-0.10), r, r.to(0.05)]
                canvas.drawPath(shape(at), paint(fade(pose.place(part[:1])[0], pose.place(part[2:3])[0], tones, [0, 0.5, 1])))
                canvas.drawPath(shape(at), paint(line, line=2.2))
            for dy in (-4, 6):
                fold = stroke(_c((sign * 10, 0), (sign * 30, dy * 0.8), (sign * 48, dy * 1.8)) + [512, 908], 4, 6, 0.2)
                canvas.drawPath(shape(pose.place(fold)), paint(line.faded(0.7)))
        g = self.p.gold
        at = pose.place(star(512, 908, 21))
        canvas.drawPath(shape(at), paint(mix(g, Tone(1, 0, 90), 0.1)))
        canvas.drawPath(shape(at), paint(g.to(-0.42, 0.75, -25), line=2.2))
