"""Hair in a few large masses: locks that share one silhouette, one light and one line round them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, golden, mix, warmed
from liveavatar.rigs.drawn.identity import GroupedHair, Identity, Mass
from liveavatar.rigs.drawn.ink import ATOP, Brush, Cut, draw, drawn_in, fade, glow, paint, pen, ramp, shape
from liveavatar.rigs.drawn.strands import Built, geometry
from liveavatar.rigs.drawn.style import PLAIN


class _Body(NamedTuple):
    """One mass as it is drawn."""

    record: Mass
    ink: "_Ink"
    union: Cut
    halves: Cut | None
    wedges: Cut | None
    lines: Cut | None
    gleams: Cut | None
    roots: np.ndarray
    """Where in the batch its spines begin, (k,)."""
    ends: np.ndarray


class _Ink(NamedTuple):
    """The paints of one mass; body and wedge are gradients from its roots to its ends."""

    cast: skia.Paint
    outline: skia.Paint
    line: skia.Paint
    plain: skia.Paint
    body: skia.Paint
    half: skia.Paint
    wedge: skia.Paint
    strand: skia.Paint
    gleam: skia.Paint


class Masses:
    """A character's hair."""

    def __init__(self, identity: Identity, hair: GroupedHair) -> None:
        p = identity.palette
        self._style = identity.style
        self._flush = 0.46 * identity.finish.flush
        self._glowing = Tone(
            0.5 * (p.skin.light + max(p.hair.light, 0.62)), p.skin.chroma + 0.05, p.skin.hue - 14
        )
        self.batch, back, front, self._cap, seams, ring, self._before = geometry(
            hair, identity.style.weight, identity.style is PLAIN
        )
        self.behind = [part for mass in back for part in (*mass.outlines, *mass.spines)]
        self.before = [self._cap, *(part for mass in front for part in (*mass.outlines, *mass.spines))]
        upper = [m for m in front if not m.record.hang]
        self.skull = [self._cap, *(part for mass in upper for part in mass.outlines)]
        self._dyes = {"hair": (p.hair, p.tips), "ribbon": (p.ribbon, p.ribbon), "gold": (p.gold, p.gold)}
        self._inner, self._skin = p.inner, p.skin
        self._record = hair
        inks = {mass: self._ink(mass) for mass in (*hair.back, *hair.front)}
        self._back, self._front = (
            [self._body(m, inks[m.record]) for m in masses] for masses in (back, front)
        )
        self._seams, self._ring, self._ring_parts = _cut(seams), _cut(ring), ring
        edges = [slice(part.start, part.stop, 2) for mass in front for part in mass.outlines]
        self.fringe = _cut(edges if hair.bare > 0.5 else [*edges, self._cap])
        """The masses in front of the face as one silhouette, for their shadow on skin and clothes."""

    @staticmethod
    def _body(mass: Built, ink: "_Ink") -> _Body:
        dark = mass.record.dark
        return _Body(
            record=mass.record,
            ink=ink,
            union=Cut(mass.outlines),
            halves=None if dark else _cut(mass.halves),
            wedges=_cut(mass.wedges),
            lines=_cut(mass.lines),
            gleams=None if dark else _cut(mass.gleams),
            roots=np.array([part.start for part in mass.spines]),
            ends=np.array([part.stop - 1 for part in mass.spines]),
        )

    # drawing ---------------------------------------------------------------------------------------------

    def _draw(self, canvas: skia.Canvas, at: np.ndarray, fine: np.ndarray, mass: _Body, first: bool) -> None:
        """One mass; `fine` are the points `at` as float32."""
        record, ink = mass.record, mass.ink
        union = mass.union.path(fine)
        if not first:
            canvas.save()
            canvas.translate(*record.cast)
            draw(canvas, union, ink.cast)
            canvas.restore()
        # a line that is heavier below and to the right, and nearly gone where the light comes from
        if self._style.line:
            draw(canvas, union, ink.outline)
            heavier = at.take(mass.union.index, 0) + _WEIGHT * self._style.weight
            draw(canvas, mass.union.through(heavier), ink.line)
        roots, ends = (at.take(where, 0).mean(axis=0).tolist() for where in (mass.roots, mass.ends))
        draw(canvas, union, ink.plain if record.plain else Brush(ink.body, roots, ends))
        if mass.halves:
            draw(canvas, mass.halves.path(fine), ink.half)
        if mass.wedges:
            draw(canvas, mass.wedges.path(fine), Brush(ink.wedge, roots, ends))
        if mass.lines:
            draw(canvas, mass.lines.path(fine), ink.strand)
        if mass.gleams:
            draw(canvas, mass.gleams.path(fine), ink.gleam)

    def _ink(self, mass: Mass) -> _Ink:
        """The paints of a mass."""
        hair, tips = (self._inner, self._inner) if mass.inside else self._dyes[mass.dye]
        hair = mix(hair, hair.to(-0.16, 0.88, 2), mass.dark)
        tips = tips if mass.inside else mix(tips, tips.to(-0.17, 0.88, 2), mass.dark)
        if mass.bare:
            hair, tips = (mix(tone, self._skin, mass.bare) for tone in (hair, tips))
        shadow = hair.to(-0.105, 0.95 if mass.dark else 1.05, warmed(hair, 4))
        deep = mix(shadow, tips.to(-0.13, 1.1, -10), 0.6)
        line = hair.to(-0.22, 0.9, warmed(hair, 12))
        warm = hair.hue % 360 < 120
        # a blurred shadow costs: none where it is hardly seen
        with drawn_in(replace(self._style, soft=0.0) if mass.dark else self._style):
            cast = paint(shadow.to(-0.05).faded(0.62), blend=ATOP)
        return _Ink(
            cast=cast,
            outline=paint(line, line=1.7),
            line=pen(line),
            plain=paint(hair),
            body=ramp([hair.to(-0.045, 1.0, 3), hair, hair.to(0.025), tips], [0, 0.25, 0.6, 1]),
            half=paint(shadow.faded(0.28)),
            wedge=ramp([shadow.faded(0.35), shadow.faded(0.85), deep.faded(0.9)], [0, 0.4, 1]),
            strand=self._hairs(line, hair),
            gleam=paint(
                hair.to(
                    0.19 if warm else 0.16, 0.95 if warm else 1.2, golden(hair, 18) if warm else -8
                ).faded(0.58 * mass.gloss * self._style.gleam)
            ),
        )

    def _hairs(self, line: Tone, hair: Tone) -> skia.Paint:
        """The paint of the hairs inside a lock, which stay, softer, where no outlines are drawn."""
        bare = 1.0 - self._style.line
        if not bare:
            return pen(line.faded(0.62))
        return paint(mix(line, hair.to(-0.12), 0.7 * bare).faded(0.62 - 0.1 * bare))

    def draw_back(self, canvas: skia.Canvas, at: np.ndarray) -> None:
        """What lies behind the body."""
        fine = at.astype(np.float32)
        for i, mass in enumerate(self._back):
            self._draw(canvas, at, fine, mass, i == 0)

    def draw_front(self, canvas: skia.Canvas, at: np.ndarray) -> None:
        """The cap on the skull, then the masses in front."""
        bare = self._record.bare
        covered = 1.0 - bare
        hair = self._dyes["hair"][0]
        if bare:
            hair = mix(hair, self._skin, bare)
        cap = at[self._cap]
        low, high = cap.min(axis=0), cap.max(axis=0)
        if self._style.line:
            # on a shaved head only the rim of the skull has a line, the hairline has none
            rim = shape(cap[: round(_RIM * len(cap))], False) if bare else shape(cap)
            draw(canvas, rim, paint(hair.to(-0.24, 0.85, 12).faded(0.6), line=2.0))
        down = [
            hair.to(-0.03 * covered),
            hair.to(0.02 * covered),
            hair.to(-0.05 * covered, 1.05, warmed(hair, 4)),
        ]
        if bare == 1.0:
            down[2] = hair  # the forehead goes on without an edge
        middle = (low[0] + high[0]) / 2
        top, bottom = np.array([middle, low[1]]), np.array([middle, high[1]])
        draw(canvas, shape(cap), paint(fade(top, bottom, down, [0, 0.3, 1])))
        fine = at.astype(np.float32)
        for mass in self._front:
            self._draw(canvas, at, fine, mass, False)
        # airbrushed light from above on the left, and shade on the far side, where there is hair
        canvas.save()
        left, top = (fine[self._before].min(axis=0) - 4).tolist()
        right, bottom = (fine[self._before].max(axis=0) + 4).tolist()
        canvas.clipRect(skia.Rect.MakeLTRB(left, top, right, bottom))
        size = high[0] - low[0]
        warm = hair.hue % 360 < 120
        sun = hair.to(0.24, 0.9, golden(hair, 20) if warm else -12)
        for where, reach, tone, strength in (
            (low + np.array([0.26, 0.16]) * size, 0.62 * size, sun, 0.28),
            (low + np.array([0.98, 0.75]) * size, 0.60 * size, hair.to(-0.14, 1.0, warmed(hair, 6)), 0.28),
        ):
            strength *= self._style.air * (1.0 - 0.6 * bare)
            soft = glow(
                where, reach, [tone.faded(strength), tone.faded(0.4 * strength), tone.faded(0)], [0, 0.5, 1]
            )
            canvas.drawCircle(float(where[0]), float(where[1]), float(reach), paint(soft, blend=ATOP))
        if self._flush:
            # skin shines through the fringe's tips
            where, reach = low + np.array([0.5, 0.80]) * size, 0.44 * size
            tones = [self._glowing.faded(self._flush * share) for share in (1.0, 0.55, 0.0)]
            pool = paint(glow(where, reach, tones, [0, 0.5, 1]), blend=ATOP)
            canvas.drawCircle(float(where[0]), float(where[1]), float(reach), pool)
        canvas.restore()
        if self._seams:
            tone = hair.to(-0.2, 0.9, 10).faded(0.75)
            draw(canvas, self._seams.path(fine), paint(tone, blend=ATOP))
        if self._ring:
            light = hair.to(0.30 if hair.light < 0.8 else 0.12, 0.72, 2)
            ends = [np.mean(at[part], axis=0) for part in (self._ring_parts[0], self._ring_parts[-1])]
            tones = [light.faded(self._record.shine * share) for share in (0.3, 0.95, 0.75, 0.2)]
            band = self._ring.path(fine)
            draw(canvas, band, paint(light.faded(0.3 * self._record.shine), blend=ATOP, blur=12))
            draw(canvas, band, paint(fade(ends[0], ends[1], tones, [0, 0.32, 0.7, 1]), blend=ATOP))


def _cut(parts: list[slice]) -> Cut | None:
    return Cut(parts) if parts else None


_RIM = 12.0 / 21.0
"""Share of the cap's outline that is the rim of the skull; the rest is hairline."""


_WEIGHT = np.array([1.3, 1.7])
"""How far the line is moved down and to the right."""
