"""The tailor of garments: paints any record of panels, fitted to the wearer."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix, skin_shadow
from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Studs, Trim
from liveavatar.rigs.drawn.geometry import BodyPose, Cloth, HeadPose, Points, curve, on_neck
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import ATOP, draw, fade, paint, shape, shapes
from liveavatar.rigs.drawn.tailor import Tailor, hair_on_clothes, neck

_ROOTS: Points = ((454, 750), (442, 774), (408, 798), (570, 750), (582, 774), (616, 798))
_CHEST: Points = (
    (462, 760), (430, 788), (356, 806), (306, 828), (270, 868), (252, 920), (242, 990), (236, 1064), (236, 1064),
    (788, 1064), (788, 1064), (782, 990), (772, 920), (754, 868), (718, 828), (668, 806), (594, 788), (562, 760),
)  # fmt: skip
"""Shoulders and arms."""
_BONES: tuple[tuple[Points, float, float], ...] = (
    (((500, 822), (476, 812), (438, 806), (396, 808)), 3.4, 0.25),
    (((526, 822), (550, 812), (590, 806), (630, 806)), 3.4, 0.25),
    (((506, 806), (510, 820), (516, 820)), 2.4, 0.25),
)
_HOLLOWS: tuple[Points, ...] = (
    ((406, 816), (450, 812), (494, 828), (470, 836), (430, 828)),
    ((620, 812), (574, 812), (530, 828), (556, 838), (596, 828)),
    ((692, 880), (706, 930), (702, 1064), (720, 1064), (718, 960)),
    ((318, 900), (326, 950), (322, 1064), (334, 1064), (332, 950)),
    ((770, 880), (748, 930), (746, 1064), (800, 1064), (790, 960)),
)
"""Below the collar bones, under the arms, on the far side of the arm: where skin lies in the shade."""
_PITS: tuple[tuple[Points, float, float], ...] = (
    (((326, 1064), (322, 980), (328, 926), (344, 896)), 3.2, 0.4),
    (((702, 1064), (704, 980), (698, 920), (680, 890)), 3.2, 0.4),
)
"""Where arms meet the chest."""
_UNDER_CHIN = Tone(0.30, 0.09, 300, 0.17)
_PLAIN = {"white": Tone(0.963, 0.008, 265), "cream": Tone(0.955, 0.02, 88), "ink": Tone(0.27, 0.022, 275)}
"""Tones that no palette changes."""
_VEIL, _SHEEN = Tone(0.28, 0.09, 288, 0.27), Tone(1.0, 0.02, 90, 0.30)
"""Shade and light over prints."""
_DUSK = (Tone(0.5, 0.12, 300, 0.0), Tone(0.5, 0.12, 300, 0.0), Tone(0.48, 0.13, 292, 0.13))


class Inks:
    """Shade, light and line of a fabric, derived from its tone."""

    def __init__(self, tone: Tone, skin: bool, skin_line: Tone) -> None:
        self.tone = tone
        if skin:
            self.shade, self.light, self.line = skin_shadow(tone), tone.to(0.03, 0.8), skin_line
            return
        plain = min(max((0.05 - tone.chroma) / 0.05, 0.0), 1.0) * min(max((tone.light - 0.5) / 0.4, 0.0), 1.0)
        depth = 0.068 + 0.055 * tone.light
        shade = tone.to(-depth, 1.12, toward_dusk(tone.hue))
        # white cloth has coloured shadows: lilac beside cold light, sand beside warm
        self.shade = mix(shade, Tone(shade.light + 0.005, 0.034, _hue_of_white(tone)), plain)
        self.light = tone.to(0.045 + 0.045 * (1 - tone.light), 1.04, -0.6 * toward_dusk(tone.hue))
        dark = tone.light * 0.52 + 0.005
        chroma = max(0.85 * tone.chroma, 0.035 + 0.03 * plain)
        hue = _hue_of_white(tone) if tone.chroma < 0.02 else tone.hue + 1.6 * toward_dusk(tone.hue)
        self.line = Tone(dark, chroma, hue)


def _hue_of_white(tone: Tone) -> float:
    return 55.0 if tone.chroma >= 0.008 and 20 < tone.hue % 360 < 120 else 282.0


def toward_dusk(hue: float) -> float:
    """By how many degrees a shadow's hue differs: yellow to orange, red to crimson, green to blue, blue to violet."""
    return float(
        np.interp(hue % 360, [0, 40, 80, 110, 125, 180, 260, 300, 360], [-8, -14, -22, -20, 8, 14, 12, 4, -8])
    )


class Bellows:
    """A robot's neck."""

    def __init__(self, metal: Tone) -> None:
        self.line, self.dark, self.ring = metal.to(-0.54), metal.to(-0.42), metal.to(-0.16)

    def draw(self, t: Tailor, head: HeadPose) -> None:
        """Rings between head and clothes."""
        top = head.place(np.array([(-58.0, 206.0, -6.0), (58.0, 206.0, -6.0)]))
        low = t.cloth.points((448, 830), (576, 828))
        for i in range(6):
            a, b = (top + (low - top) * s for s in (i / 6, (i + 0.92) / 6))
            middle, sag = (a + b) / 2, np.array([0.0, 8.0])
            ring = [
                a[0],
                middle[0] - (7, 0),
                b[0],
                b.mean(0) + sag,
                b[1],
                middle[1] + (7, 0),
                a[1],
                a.mean(0) + sag,
            ]
            piece = shape(curve(np.array(ring), 5, True))
            draw(t.canvas, piece, paint(self.line, line=2.4))
            draw(t.canvas, piece, paint(fade(b[0], b[1], [self.dark, self.ring, self.dark], [0, 0.35, 1])))


class GarmentPainter:
    """One garment on one body in one palette."""

    def __init__(self, identity: Identity, garment: Garment) -> None:
        self.palette, self.garment, self.build = identity.palette, garment, identity.build
        self.skin, self.skin_line = identity.palette.skin, identity.face.line
        self.cloth = Cloth()
        self._bellows = Bellows(identity.palette.gold) if identity.head == "robot" else None
        self._fit = lru_cache(maxsize=4096)(self.build.fit)
        self._inks: dict[Dye, Inks] = {}
        tone = self.palette.hair
        self._hair_shade = Tone(0.30, 0.07, tone.hue if tone.chroma > 0.03 else 285, 0.24)

    def inks(self, dye: Dye) -> Inks:
        """The tones of a fabric."""
        if dye not in self._inks:
            base: Tone = _PLAIN[dye.base] if dye.base in _PLAIN else getattr(self.palette, dye.base)
            tone = base.to(dye.light, dye.chroma, dye.hue).faded(dye.alpha)
            self._inks[dye] = Inks(tone, dye.base == "skin", self.skin_line)
        return self._inks[dye]

    def draw(
        self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose, chin: np.ndarray, locks: skia.Path | None
    ) -> None:
        """Paint it."""
        self.cloth.move(pose)
        t = Tailor(canvas, self.cloth, self._fit)
        self._panels(t, self.garment.behind)
        self._chest(t)
        self._panels(t, self.garment.under)
        if self._bellows is None:
            roots, half = self._fit(_ROOTS), self.build.half_neck
            neck(
                t,
                head,
                chin,
                self.skin,
                self.skin_line,
                roots,
                half,
                lambda: self._choker(canvas, head, pose),
            )
            t.folds(self.skin_line.faded(0.5), *_BONES)
        else:
            self._bellows.draw(t, head)
        self._panels(t, self.garment.over)
        draw(canvas, shape(chin), paint(_UNDER_CHIN, blend=ATOP))
        hair_on_clothes(canvas, locks, self._hair_shade)
        self._panels(t, self.garment.top)
        dusk = fade(np.array([330, 770]), np.array([800, 1040]), _DUSK, (0, 0.4, 1))
        draw(canvas, skia.Path.Rect(skia.Rect.MakeLTRB(60, 720, 964, 1024)), paint(dusk, blend=ATOP))

    def _chest(self, t: Tailor) -> None:
        ink = self.inks(Dye("skin"))
        t.panel(_CHEST, t.across((480, 790), (560, 1060), self.skin, self.skin.to(-0.012)), ink.line, 2.4)
        t.shade(ink.shade.faded(0.5), *_HOLLOWS)
        t.folds(ink.line.faded(0.8), *_PITS)

    def _choker(self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose) -> None:
        for band in self.garment.choker:
            points = np.array(self.build.fit(band.points))
            at = curve(on_neck(head, pose, points), 8)
            ink = self.inks(band.dye)
            if band.edge:
                draw(canvas, shape(at, False), paint(ink.line, line=band.width + 3.2))
            draw(canvas, shape(at, False), paint(ink.tone, line=band.width))

    def _panels(self, t: Tailor, panels: Iterable[Panel]) -> None:
        for panel in panels:
            self._panel(t, panel)

    def _panel(self, t: Tailor, panel: Panel) -> None:
        if panel.outline:
            self._cloth(t, panel)
        self._trims(t, panel.trims)
        for studs in panel.studs:
            self._studs(t, studs)

    def _cloth(self, t: Tailor, panel: Panel) -> None:
        canvas, ink = t.canvas, self.inks(panel.dye)
        outline = self.cloth.curve(self._fit(panel.outline), 7, True)
        path = shape(outline)
        if panel.cast > 0:
            shadow = Tone(0.26, 0.07, 290, 0.42 * panel.cast)
            draw(canvas, shape(np.add(outline, panel.drop)), paint(shadow, blend=ATOP))
        if panel.line > 0:
            # heavier below and to the right, where no light falls
            draw(canvas, path, paint(ink.line, line=panel.line))
            draw(canvas, shape(np.add(outline, (0.9, 1.2))), paint(ink.line, line=panel.line * 0.7))
        end = (
            self.inks(panel.toward).tone
            if panel.toward
            else ink.tone.to(-0.03, 1.05, 0.3 * toward_dusk(ink.tone.hue))
        )
        tones = (ink.tone.to(0.012), ink.tone, end)
        draw(canvas, path, paint(t.across(panel.axis[0], panel.axis[1], *tones)))
        if panel.prints or panel.bands or panel.shades or panel.glow or panel.folds:
            canvas.save()
            canvas.clipPath(path, skia.ClipOp.kIntersect, True)
            for patch in panel.prints:
                pieces = shapes([self.cloth.curve(self._fit(p), 7, True) for p in patch.pieces])
                draw(canvas, pieces, paint(self.inks(patch.dye).tone, blur=patch.blur))
            self._trims(t, panel.bands)
            shade, light = (
                (_VEIL, _SHEEN) if panel.prints or panel.bands else (ink.shade, ink.light.faded(0.7))
            )
            if panel.shades:
                t.shade(shade, *panel.shades)
            if panel.glow:
                t.shade(light, *panel.glow)
            self._folds(t, panel.folds, shade, ink.line)
            canvas.restore()

    def _folds(self, t: Tailor, folds: tuple[Fold, ...], shade: Tone, line: Tone) -> None:
        """Shades first, so that no wedge hides a line."""
        for blur in sorted({fold.blur for fold in folds if fold.wedge > 0}):
            strokes = [(f.spine, f.wedge, f.swell) for f in folds if f.wedge > 0 and f.blur == blur]
            t.folds(shade.faded(0.95 if not blur else 0.75), *strokes, blur=blur)
        lines = [(f.spine, f.line, f.swell) for f in folds if f.line > 0]
        if lines:
            t.folds(line.faded(0.72), *lines)

    def _trims(self, t: Tailor, trims: tuple[Trim, ...]) -> None:
        for trim in trims:
            ink = self.inks(trim.dye)
            path = t.path(trim.points, False)
            if trim.edge:
                draw(t.canvas, path, paint(ink.line, line=trim.width + 3.4))
            pen = paint(ink.tone, line=trim.width)
            if trim.dashes:
                pen = skia.Paint(pen)
                pen.setPathEffect(skia.DashPathEffect.Make([trim.dashes, trim.dashes * 0.8 + trim.width], 0))
                pen.setStrokeCap(skia.Paint.kButt_Cap)
            draw(t.canvas, path, pen)

    def _studs(self, t: Tailor, studs: Studs) -> None:
        ink = self.inks(studs.dye)
        r = studs.radius
        if not studs.raised:
            t.dots(studs.centres, r, ink.tone)
            return
        t.dots(tuple((x + 1.5, y + 3.0) for x, y in studs.centres), r, ink.line.faded(0.4))
        t.dots(studs.centres, r, ink.tone, ink.line)
        t.dots(tuple((x - 0.3 * r, y - 0.3 * r) for x, y in studs.centres), 0.36 * r, ink.tone.to(0.12, 0.6))
