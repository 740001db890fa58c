"""The tailor of garments: paints any record of panels, fitted to the wearer."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix, skin_shadow
from liveavatar.rigs.drawn.garment import Build, Dye, Fold, Garment, Panel, Studs, Trim
from liveavatar.rigs.drawn.geometry import BodyPose, Cloth, HeadPose, Points, curve, on_neck
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import ATOP, Brush, draw, fade, paint, pen, polygon_path, ramp, shape
from liveavatar.rigs.drawn.outfits.pattern import Dots, Pattern, Piece, Sewn
from liveavatar.rigs.drawn.tailor import Tailor, hair_on_clothes, neck

_ROOTS: Points = ((454, 750), (442, 774), (408, 798), (570, 750), (582, 774), (616, 798))
_CHEST = Panel(
    (
        (462, 760), (430, 788), (356, 806), (306, 828), (270, 868), (252, 920), (242, 990), (236, 1064), (236, 1064),
        (788, 1064), (788, 1064), (782, 990), (772, 920), (754, 868), (718, 828), (668, 806), (594, 788), (562, 760),
    ),
    Dye("skin"),
    axis=((480, 790), (560, 1060)),
    # below the collar bones, under the arms, on the far side of the arm
    shades=(
        ((406, 816), (450, 812), (494, 828), (470, 836), (430, 828)),
        ((620, 812), (574, 812), (530, 828), (556, 838), (596, 828)),
        ((692, 880), (706, 930), (702, 1064), (720, 1064), (718, 960)),
        ((318, 900), (326, 950), (322, 1064), (334, 1064), (332, 950)),
        ((770, 880), (748, 930), (746, 1064), (800, 1064), (790, 960)),
    ),
    folds=(
        Fold(((326, 1064), (322, 980), (328, 926), (344, 896)), 0, 3.2, 0.4),
        Fold(((702, 1064), (704, 980), (698, 920), (680, 890)), 0, 3.2, 0.4),
    ),
    depth=0.5,
)  # fmt: skip
"""Shoulders and arms."""
_BONES: tuple[tuple[Points, float, float], ...] = (
    (((500, 822), (476, 812), (438, 806), (396, 808)), 3.4, 0.25),
    (((526, 822), (550, 812), (590, 806), (630, 806)), 3.4, 0.25),
    (((506, 806), (510, 820), (516, 820)), 2.4, 0.25),
)
_CAST = Tone(0.26, 0.07, 290, 0.42)
_SHADED = skia.Rect.MakeLTRB(0, 550, 1024, 1024)
_UNDER_CHIN = Tone(0.30, 0.09, 300, 0.17)
_VEIL, _SHEEN = Tone(0.28, 0.09, 288, 0.27), Tone(1.0, 0.02, 90, 0.44)
"""Shade and light over prints."""
_DUSK = (Tone(0.48, 0.13, 292, 0.0), Tone(0.48, 0.13, 292, 0.13))


class Inks:
    """Shade, light and line of a fabric, derived from its tone."""

    def __init__(self, tone: Tone, skin: bool, skin_line: Tone) -> None:
        self.tone = tone
        self.end = tone.to(-0.03, 1.05, 0.3 * toward_dusk(tone.hue))
        """What it runs into on the far side."""
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


class _Step(NamedTuple):
    """One thing the pen does: paths and paints are chosen once, not a frame."""

    piece: Piece
    paint: skia.Paint
    closed: bool = True
    ends: slice | None = None
    """Where a gradient begins and ends."""
    shift: tuple[float, float] | None = None


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


@lru_cache(maxsize=8)
def _cut_out(garment: Garment, build: Build) -> tuple[np.ndarray, dict[str, list[Sewn]]]:
    """All points (n, 2) of a garment, and its panels by where they lie. Kept, as a character whose face or colours are tried
    out is made anew again and again."""
    pattern = Pattern(build)
    panels = {
        "behind": garment.behind,
        "under": (_CHEST, *garment.under),
        "over": garment.over,
        "top": garment.top,
    }
    pieces = {name: [pattern.sew(panel) for panel in group] for name, group in panels.items()}
    return pattern.points(), pieces


class GarmentPainter:
    """One garment on one body in one palette."""

    def __init__(self, identity: Identity, garment: Garment) -> None:
        self.palette, self.garment, self.build = identity.palette, garment, identity.build
        self.skin, self.skin_line = identity.palette.skin, identity.face.line
        self.cloth = Cloth()
        self._bellows = Bellows(identity.palette.gold) if identity.head == "robot" else None
        self._roots = self.build.fit(_ROOTS)
        self._choker = [(np.array(self.build.fit(band.points)), band) for band in garment.choker]
        self._bones = [(self.build.fit(bone), width, swell) for bone, width, swell in _BONES]
        self._inks: dict[Dye, Inks] = {}
        self._points, pieces = _cut_out(garment, self.build)
        self._steps = {
            name: [step for one in sewn for step in self._sewn(one)] for name, sewn in pieces.items()
        }
        tone = self.palette.hair
        self._hair_shade = Tone(0.30, 0.07, tone.hue if tone.chroma > 0.03 else 285, 0.24)

    def inks(self, dye: Dye) -> Inks:
        """The tones of a fabric."""
        if dye not in self._inks:
            self._inks[dye] = Inks(dye.tone(self.palette), dye.base == "skin", self.skin_line)
        return self._inks[dye]

    def draw(
        self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose, chin: np.ndarray, locks: skia.Path | None
    ) -> None:
        """Paint it."""
        self.cloth.move(pose)
        self._at = pose.place(self._points)
        t = Tailor(canvas, self.cloth)
        self._panels(canvas, "behind")
        self._panels(canvas, "under")
        if self._bellows is None:
            half = self.build.half_neck
            neck(
                t,
                head,
                chin,
                self.skin,
                self.skin_line,
                self._roots,
                half,
                lambda: self._band(canvas, head, pose),
            )
            t.folds(
                self.skin_line.faded(0.5),
                *self._bones,
            )
        else:
            self._bellows.draw(t, head)
        self._panels(canvas, "over")
        canvas.save()  # what throws shadows reaches far above what they fall on
        canvas.clipRect(_SHADED)
        draw(canvas, shape(chin), paint(_UNDER_CHIN, blend=ATOP))
        hair_on_clothes(canvas, locks, self._hair_shade)
        canvas.restore()
        self._panels(canvas, "top")
        dusk = fade(np.array([518, 880]), np.array([800, 1040]), _DUSK, (0, 1))
        draw(canvas, skia.Path.Rect(skia.Rect.MakeLTRB(440, 760, 964, 1024)), paint(dusk, blend=ATOP))

    def _band(self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose) -> None:
        """What is worn round the neck."""
        for points, band in self._choker:
            at = curve(on_neck(head, pose, points), 8)
            ink = self.inks(band.dye)
            if band.edge:
                draw(canvas, shape(at, False), _outlined(ink.line, band.width + 3.2))
            draw(canvas, shape(at, False), paint(ink.tone, line=band.width))

    def _panels(self, canvas: skia.Canvas, name: str) -> None:
        at, of, path = self._at.astype(np.float32), None, skia.Path()
        for piece, ink, closed, ends, shift in self._steps[name]:
            if piece is not of:
                path = polygon_path(at[piece.part], piece.counts, closed)
                if piece.clipped:
                    path.setFillType(skia.PathFillType.kEvenOdd)
                of = piece
            if shift:
                canvas.save()
                canvas.translate(*shift)
                canvas.drawPath(path, ink)
                canvas.restore()
            elif ends:
                start, end = self._at[ends].tolist()
                draw(canvas, path, Brush(ink, start, end))
            else:
                canvas.drawPath(path, ink)

    def _sewn(self, sewn: Sewn) -> list[_Step]:
        """A panel with all that is on it."""
        steps = [] if sewn.outline is None else self._cloth(sewn, sewn.outline)
        for trim, piece in zip(sewn.panel.trims, sewn.trims, strict=True):
            steps += self._trim(trim, piece)
        for studs, dots in zip(sewn.panel.studs, sewn.studs, strict=True):
            steps += self._studs(studs, dots)
        return steps

    def _cloth(self, sewn: Sewn, outline: Piece) -> list[_Step]:
        panel, ink = sewn.panel, self.inks(sewn.panel.dye)
        below = []
        if sewn.cast is not None:
            below.append(_Step(sewn.cast, paint(_CAST.faded(panel.cast), blend=ATOP)))
        if panel.line > 0:
            # heavier below and to the right, where no light falls
            below.append(_Step(outline, paint(ink.line, line=panel.line * 1.15), shift=(0.45, 0.6)))
        end = self.inks(panel.toward).tone if panel.toward else ink.end
        fabric = ramp((ink.tone.to(0.012), ink.tone, end), (0, 0.5, 1))
        below.append(_Step(outline, fabric, ends=sewn.axis))
        printed = bool(panel.prints or panel.bands)
        shade, light = (_VEIL, _SHEEN) if printed else (ink.shade.faded(panel.depth), ink.light)
        steps: list[tuple[Piece | None, skia.Paint]] = [
            *((p, paint(self.inks(x.dye).tone)) for x, p in zip(panel.prints, sewn.prints, strict=True)),
            *((p, paint(self.inks(x.dye).tone)) for x, p in zip(panel.bands, sewn.bands, strict=True)),
            (sewn.shade, paint(shade, blend=ATOP)),
            *((piece, paint(shade.faded(0.75), blend=ATOP, blur=blur)) for blur, piece in sewn.blurred),
            (sewn.glow, paint(light.faded(panel.gleam), blend=ATOP)),
            (sewn.lines, pen(ink.line, 0.72)),
        ]
        return below + [_Step(piece, brush) for piece, brush in steps if piece is not None]

    def _trim(self, trim: Trim, piece: Piece) -> list[_Step]:
        ink = self.inks(trim.dye)
        stroke = paint(ink.tone, line=trim.width)
        if trim.dashes:
            stroke = skia.Paint(stroke)
            stroke.setPathEffect(skia.DashPathEffect.Make([trim.dashes, trim.dashes * 0.8 + trim.width], 0))
            stroke.setStrokeCap(skia.Paint.kButt_Cap)
        edge = [_Step(piece, _outlined(ink.line, trim.width + 3.4), closed=False)] if trim.edge else []
        return [*edge, _Step(piece, stroke, closed=False)]

    def _studs(self, studs: Studs, dots: Dots) -> list[_Step]:
        ink = self.inks(studs.dye)
        disc = _Step(dots.disc, paint(ink.tone))
        if not studs.raised:
            return [disc]
        return [
            _Step(dots.below, paint(ink.line.faded(0.4), blend=ATOP)),
            _Step(dots.disc, paint(ink.line, line=2.6)),
            disc,
            _Step(dots.light, paint(ink.tone.to(0.12, 0.6))),
        ]


def _outlined(tone: Tone, width: float) -> skia.Paint:
    """The paint of a wide line that shows as an outline of another one on it."""
    result = skia.Paint(pen(tone))
    result.setStyle(skia.Paint.kStroke_Style)
    result.setStrokeWidth(width)
    result.setStrokeCap(skia.Paint.kRound_Cap)
    result.setStrokeJoin(skia.Paint.kRound_Join)
    return result
