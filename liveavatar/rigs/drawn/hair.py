"""Hair: masses, locks, highlights. Built once in head space, placed per frame."""

from typing import NamedTuple

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix, warmed
from liveavatar.rigs.drawn.geometry import Batch, curve, hair_depth, ribbon, smoothstep
from liveavatar.rigs.drawn.identity import Identity, LayeredHair
from liveavatar.rigs.drawn.ink import ATOP, Brush, Cut, draw, fade, glow, paint, pen, ramp, shape, shapes
from liveavatar.rigs.drawn.locks import DROP, LockShape, build_lock


class LockInk(NamedTuple):
    """The paints of one lock; drop, body and wedge are gradients from root to tip."""

    drop: skia.Paint
    body: skia.Paint
    wedge: skia.Paint
    strand: skia.Paint
    glint: skia.Paint
    line: skia.Paint


def _pair(point: np.ndarray) -> tuple[float, float]:
    return float(point[0]), float(point[1])


class Hair:
    """A character's hair and cat ears."""

    def __init__(self, identity: Identity, hair: LayeredHair) -> None:
        p = identity.palette
        self.batch = Batch()
        self._inks: dict[tuple[int, float, bool], LockInk] = {}
        self.style = identity.style
        lines = self.style.weight
        self.back = [build_lock(self.batch, k, -60.0 + 8 * i, weight=lines) for i, k in enumerate(hair.back)]
        self.nape = [build_lock(self.batch, k, -62.0, weight=lines) for k in hair.nape]
        self.wisps = [build_lock(self.batch, k, 0.0, weight=lines) for k in hair.wisps]
        self.mass = self._mass()
        self.mass_strands = self._mass_strands()
        self.batch.settle()
        self.sides = [build_lock(self.batch, k, weight=lines) for k in hair.sides]
        self.locks = [build_lock(self.batch, k, melts=True, weight=lines) for k in hair.fringe]
        self.stray = [build_lock(self.batch, k, 40.0, melts=True, weight=lines) for k in hair.stray]
        self.cap = self._cap()
        self.ring = self._ring()
        self.parting = self._parting()
        self.whorl = self._whorl()
        self.batch.settle()
        self.batch.freeze()

        locks = (*self.nape, *self.back, *self.wisps)
        self.behind = [self.mass, *self.mass_strands, *(part for k in locks for part in (k.outline, k.spine))]
        locks = (*self.sides, *self.locks, *self.stray)
        before = [self.cap, self.ring, self.parting, *self.whorl]
        self.before = [*before, *(part for k in locks for part in (k.outline, k.spine))]
        self.skull = [self.cap, *(lock.outline for lock in self.locks)]
        self.fringe: Cut | None = Cut([*(k.outline for k in (*self.sides, *self.locks)), self.cap])
        """Fringe and side locks as one silhouette, for their shadow on the skin."""

        tone = p.hair
        self.root = tone.to(-0.045, 1.0, warmed(tone, 3))
        self.middle = tone.to(0.015)
        self.end = tone.to(0.07, 1.02, 10)
        self.tips = p.tips
        self.shadow = tone.to(-0.13, 1.02, warmed(tone, 8))
        self.line = tone.to(-0.26, 0.72, warmed(tone, 14))
        self.light = tone.to(0.30, 0.72, 2)
        self.sun = tone.to(0.24, 0.9, 15) if tone.hue % 360 < 140 else Tone(0.80, 0.10, 300)
        self.inner = p.inner
        self.inner_dark = p.inner.to(-0.30, 0.85, -12)
        self.gold = p.gold
        self.ribbon = p.ribbon

    def _cap(self) -> slice:
        rim = [
            (-206, 60), (-228, -30), (-214, -146), (-170, -226), (-104, -266), (-40, -280), (-34, -276),
            (20, -286), (96, -270), (170, -226), (214, -146), (228, -30), (206, 60),
            (182, 10), (166, -70), (110, -128), (30, -156), (-50, -160), (-110, -136), (-166, -70),
            (-182, 10),
        ]  # fmt: skip
        dense = curve(np.array(rim, float), 6, closed=True)
        return self.batch.add(dense, hair_depth(dense, -4.0))

    def _mass(self) -> slice:
        rim = [
            (-150, -180), (-226, -60), (-220, 80), (-186, 170), (-160, 220), (-90, 244), (0, 250),
            (90, 244), (160, 220), (190, 170), (220, 80), (226, -60), (150, -180),
        ]  # fmt: skip
        dense = curve(np.array(rim, float), 5, closed=True)
        swing = 0.35 * smoothstep(60, 330, dense[:, 1])
        return self.batch.add(dense, -64.0, swing)

    def _mass_strands(self) -> list[slice]:
        result = []
        for i, x in enumerate(np.linspace(-180, 180, 13)):
            top, low = 40 + 30 * ((i * 5) % 3), 262 - 14 * ((i * 7) % 4)
            spine = curve(np.array([[x * 0.86, top], [x * 0.96, (top + low) / 2], [x * 1.04 + 5, low]]), 6)
            pen = (1.4 + 0.9 * (i % 3)) * np.sin(np.linspace(0.1, np.pi - 0.05, len(spine)))
            points = ribbon(spine, pen)
            result.append(self.batch.add(points, -60.0, 0.35 * smoothstep(60, 330, points[:, 1])))
        return result

    def _ring(self) -> slice:
        """A band of light with pointed ends above and below, as one outline."""
        x = np.linspace(-186, 196, 240)
        arch = -146 + 66 * (x / 200) ** 2
        env = np.clip(1 - ((x - 4) / 192) ** 2, 0, 1) ** 0.6
        gap = 1 - np.exp(-(((x + 40) / 15) ** 2))
        below, above = np.zeros_like(x), np.zeros_like(x)
        for centre, size, wide in (
            (-168, 20, 12), (-140, 44, 15), (-112, 22, 12), (-84, 52, 17), (-60, 24, 12), (-14, 30, 13),
            (14, 58, 18), (42, 30, 14), (70, 62, 19), (100, 28, 14), (128, 48, 16), (156, 26, 12),
            (180, 14, 10),
        ):  # fmt: skip
            below = np.maximum(below, size * np.clip(1 - np.abs(x - centre) / wide, 0, 1) ** 1.7)
            above = np.maximum(above, 0.14 * size * np.clip(1 - np.abs(x - centre - 5) / wide, 0, 1) ** 1.8)
        upper = arch - (13 + above) * env * gap
        lower = arch + (5 + below) * env * gap
        points = np.concatenate([np.stack([x, upper], 1), np.stack([x, lower], 1)[::-1]])
        points[:, 0] += (points[:, 0] + 40) * 0.0022 * (points[:, 1] - np.concatenate([arch, arch[::-1]]))
        return self.batch.add(points, hair_depth(points) * 0.8 + 10)

    def _parting(self) -> slice:
        spine = curve(np.array([[-36, -282], [-44, -262], [-40, -236], [-46, -206]], float), 6)
        points = ribbon(spine, np.interp(np.linspace(0, 1, len(spine)), [0, 0.4, 1], [0.6, 2.4, 0.4]))
        return self.batch.add(points, hair_depth(points, 22.0))

    def _whorl(self) -> list[slice]:
        """Fine lines that fan out from the parting over the crown."""
        result = []
        for x, y in (
            (-152, -198),
            (-116, -176),
            (-78, -164),
            (-14, -172),
            (36, -170),
            (92, -178),
            (146, -200),
        ):
            spine = curve(
                np.array([[-38, -268], [-38 + 0.62 * (x + 38), -262 + 0.30 * (y + 262)], [x, y]]), 7
            )
            points = ribbon(spine, 1.5 * np.sin(np.linspace(0.05, np.pi - 0.05, len(spine))))
            result.append(self.batch.add(points, hair_depth(points, 22.0)))
        return result

    # drawing ---------------------------------------------------------------------------------------------

    def path(self, at: np.ndarray, part: slice) -> skia.Path:
        """One polygon of the batch as a path."""
        return shape(at[part])

    def draw_lock(
        self,
        canvas: skia.Canvas,
        at: np.ndarray,
        lock: LockShape,
        shade: float = 1.0,
        inside: bool = False,
    ) -> None:
        """One lock: drop shadow, gradient, cel wedge, strands, edge lines."""
        ink = self._ink(lock, shade, inside)
        outline, spine = at[lock.outline], at[lock.spine]
        root, tip = _pair(spine[0]), _pair(spine[-1])
        if shade > 0:
            # along the edges only, the lock itself covers the rest
            edges = [np.concatenate([outline[k], (outline[k] + DROP)[::-1]]) for k in lock.cast]
            draw(canvas, shapes(edges), Brush(ink.drop, _pair(spine[0] + DROP), _pair(spine[-1] + DROP)))
        draw(canvas, shape(outline), Brush(ink.body, root, tip))
        draw(canvas, self.path(at, lock.wedge), Brush(ink.wedge, root, tip))
        if lock.strands:
            draw(canvas, shapes([at[strand] for strand in lock.strands]), ink.strand)
        if lock.glint is not None:
            draw(canvas, self.path(at, lock.glint), ink.glint)
        draw(canvas, shapes([at[line] for line in lock.lines]), ink.line)

    def _ink(self, lock: LockShape, shade: float, inside: bool) -> LockInk:
        """The paints of a lock, mixed once."""
        key = (lock.outline.start, shade, inside)
        if key in self._inks:
            return self._inks[key]
        drop = self.shadow.faded(0.6 * shade)
        warm = mix(self.end, self.tips, min(lock.warm * 2.4, 1.0))
        pale = mix(self.end, self.tips, min(lock.warm * 1.2, 1.0))
        start = 1 - min(0.18 + lock.warm * 0.75, 0.6)
        tones = [self.root.faded(0 if lock.melts else 1), self.root, self.middle, self.end, pale, warm]
        if inside:
            half = mix(self.inner_dark, self.inner, 0.7)
            tones = [self.inner_dark, self.inner_dark, self.inner_dark, half, self.inner, self.tips]
        shadow_tip = mix(self.shadow, self.tips.to(-0.16, 1.05, -14), min(lock.warm * 2.4, 1.0))
        deep = self.inner.to(-0.2, 0.95, -12) if inside else self.shadow
        ink = self._inks[key] = LockInk(
            drop=ramp([drop.faded(0), drop.faded(0.3), drop], [0.1, 0.35, 0.7], ATOP),
            body=ramp(tones, [0.0, 0.14, 0.35, start, (start + 1) / 2, 1]),
            wedge=ramp(
                [deep.faded(0.15), deep.faded(0.7), deep.faded(0.8), shadow_tip.faded(0.85)],
                [0, 0.4, start, 1],
            ),
            strand=paint(deep.faded(0.55)),
            glint=paint(
                (self.tips.to(0.08) if inside else self.light).faded(min(0.30 * self.style.gleam, 1.0))
            ),
            line=pen((self.inner_dark if inside else self.line).faded(0.85)),
        )
        return ink

    def draw_back(self, canvas: skia.Canvas, at: np.ndarray) -> None:
        """What lies behind the body: coloured inside, outer locks, the shade of the head on them."""
        mass = self.path(at, self.mass)
        points = at[self.mass]
        top, low = points[:, 1].min(), points[:, 1].max()
        middle = points[:, 0].mean()
        inside = fade(
            np.array([middle, top]),
            np.array([middle, low]),
            [self.inner_dark, self.inner_dark, mix(self.inner_dark, self.inner, 0.6), self.inner],
            [0, 0.55, 0.8, 1],
        )
        draw(canvas, mass, paint(inside))
        strands = shapes([at[strand] for strand in self.mass_strands])
        draw(canvas, strands, paint(self.inner_dark.faded(0.42), blend=ATOP))
        for lock in self.nape:
            self.draw_lock(canvas, at, lock, 0.6, inside=True)
        for lock in (*self.back, *self.wisps):
            self.draw_lock(canvas, at, lock)
        shade = self.line.to(0.02, 1.4)
        hollow = glow(np.zeros(2), 100, [shade.faded(0.55), shade.faded(0.45), shade.faded(0)], [0, 0.62, 1])
        canvas.save()
        canvas.translate(float(middle), float(top) + 235)
        canvas.scale(2.25, 2.35)
        canvas.drawCircle(0, 0, 100, paint(hollow, blend=ATOP))
        canvas.restore()

    def draw_cap(self, canvas: skia.Canvas, at: np.ndarray) -> None:
        """The hair on the skull, under everything else in front."""
        cap = self.path(at, self.cap)
        points = at[self.cap]
        top, low = points[:, 1].min(), points[:, 1].max()
        draw(
            canvas,
            cap,
            paint(
                fade(
                    np.array([512, top]),
                    np.array([512, low]),
                    [self.root.to(0.02), self.root, self.middle],
                    [0, 0.4, 1],
                )
            ),
        )
        draw(canvas, cap, paint(self.line.faded(0.8), line=2.4))

    def draw_sides(self, canvas: skia.Canvas, at: np.ndarray) -> None:
        """The masses and locks beside the face."""
        for lock in self.sides:
            self.draw_lock(canvas, at, lock)

    def draw_front(self, canvas: skia.Canvas, at: np.ndarray) -> None:
        """Everything in front of the face, with highlights."""
        self.draw_cap(canvas, at)
        self.draw_sides(canvas, at)
        for lock in self.locks:
            self.draw_lock(canvas, at, lock)
        draw(canvas, self.path(at, self.parting), paint(self.line.faded(0.7), blend=ATOP))
        whorl = shapes([at[part] for part in self.whorl])
        draw(canvas, whorl, paint(self.shadow.to(-0.04).faded(0.6), blend=ATOP))
        ring = at[self.ring]
        shine = fade(
            np.array([ring[:, 0].min(), 0]),
            np.array([ring[:, 0].max(), 0]),
            [self.light.faded(self.style.gleam * alpha) for alpha in (0.30, 0.80, 0.62, 0.22)],
            [0, 0.32, 0.7, 1],
        )
        band = self.path(at, self.ring)
        draw(canvas, band, paint(self.light.faded(0.38 * self.style.air), blend=ATOP, blur=14))
        draw(canvas, band, paint(shine, blend=ATOP))
        middle = (ring[:, 0].min() + ring[:, 0].max()) / 2
        at_sun = np.array([middle - 130, ring[:, 1].min() - 20])
        sun = glow(
            at_sun,
            330,
            [self.sun.faded(self.style.air * alpha) for alpha in (0.30, 0.12, 0.0)],
            [0, 0.5, 1],
        )
        canvas.drawCircle(float(at_sun[0]), float(at_sun[1]), 330, paint(sun, blend=ATOP))
        for lock in self.stray:
            self.draw_lock(canvas, at, lock, 0.0)
