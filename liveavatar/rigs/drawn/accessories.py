"""Cat ears, hairpin and ribbon: what sits on hoshi's head."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.geometry import HeadPose, curve, ribbon, stroke
from liveavatar.rigs.drawn.identity import Palette
from liveavatar.rigs.drawn.ink import draw, fade, paint, record, shape
from liveavatar.rigs.drawn.rest import through

_EAR = np.array(
    [(-62, 26), (-66, -20), (-56, -70), (-34, -116), (-8, -142), (22, -118), (50, -78), (70, -34), (78, 14)],
    float,
)
_INNER = np.array([(-40, 14), (-44, -26), (-34, -72), (-10, -118), (16, -84), (38, -46), (50, 2)], float)
_TUFTS = (
    np.array([(50, 2), (40, -28), (22, -66)], float),
    np.array([(30, 6), (16, -20), (4, -56)], float),
    np.array([(8, 12), (-6, -12), (-12, -40)], float),
)
_PIN = (146.0, -96.0, 91.0)
"""Middle of the hairpin in head space, on the hair."""
_PIN_LIES = (-0.43, 0.23)
"""How the hair's depth changes there, to the right and downwards."""
_PIN_SWING = 0.05
"""Its share of the hair's swing, as that of the hair it sits on."""


def _ear_parts() -> tuple[np.ndarray, dict[str, slice]]:
    """All outlines of an ear in its own units (n, 2), and where each lies. They are of one depth, so that an ear turns as one
    sheet would."""
    outer = curve(_EAR, 8)
    at = np.linspace(0, 1, len(outer))
    width = np.interp(at, [0, 0.16, 0.3, 0.55, 0.85, 0.95, 1], [0, 0, 1.2, 2.0, 1.3, 0, 0])
    parts = {"outer": outer, "inner": curve(_INNER, 8), "line": ribbon(outer, width)}
    parts |= {f"tuft{i}": stroke(tuft, 26, 6, 0.35) for i, tuft in enumerate(_TUFTS)}
    ends = np.cumsum([0, *(len(points) for points in parts.values())])
    places = {name: slice(*ends[i : i + 2]) for i, name in enumerate(parts)}
    return np.concatenate(list(parts.values())), places


_LOCAL, _EAR_PARTS = _ear_parts()
_PIN_GRID = np.stack(np.meshgrid(np.linspace(-56, 56, 6), np.linspace(-36, 64, 6)), -1).reshape(-1, 2)
"""Points (36, 2) round the hairpin."""


class CatEars:
    """Cat ears and a hairpin in one palette."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.fur = palette.hair.to(0.0, 1.0)
        self.line = palette.hair.to(-0.24, 0.8, 14)
        self._pin_picture = record(self._paint_pin, 100)

    def pose(self, head: HeadPose, v: dict[str, float]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Take this frame's pose; all points on the canvas."""
        self._ears = [self.ear(head, side, v["ears"], v["hairX"]) for side in (-1, 1)]
        x, y, z = _PIN
        # It goes where the hair goes that it shares a layer with, and tilts a little as it swings.
        x, y = x + _PIN_SWING * 44.0 * v["hairX"], y - _PIN_SWING * 34.0 * v["hairY"]
        self._pin, self._tilt = head.frame(x, y, z, _PIN_LIES), 0.06 * v["hairX"]
        c, s = np.cos(self._tilt), np.sin(self._tilt)
        pin = through(self._pin, _PIN_GRID @ np.array([[c, s], [-s, c]]))
        return [part for ear in self._ears for part in ear.values()], [pin]

    def draw_over(self, canvas: skia.Canvas) -> None:
        """The ears."""
        for ear in self._ears:
            self.draw_ear(canvas, ear)

    def draw_front(self, canvas: skia.Canvas) -> None:
        """A gold star with a small ribbon, on the right of the picture."""
        xx, xy, tx, yx, yy, ty = self._pin
        canvas.save()
        canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
        canvas.rotate(float(np.degrees(self._tilt)))
        canvas.drawPicture(self._pin_picture)
        canvas.restore()

    def ear(self, pose: HeadPose, side: int, ears: float, swing: float) -> dict[str, np.ndarray]:
        """One cat ear's outlines on the canvas; ears -1 (drooped) .. 1 (perked)."""
        droop, perk = max(-ears, 0.0), max(ears, 0.0)
        angle = 0.14 + 0.95 * droop - 0.16 * perk + 0.02 * swing * side
        tall = 1.0 - 0.16 * droop + 0.13 * perk
        wide = 1.0 + 0.05 * droop - 0.05 * perk
        c, s = np.cos(angle), np.sin(angle)

        x, y = _LOCAL[:, 0] * wide, _LOCAL[:, 1] * tall
        root = np.clip(-_LOCAL[:, 1] / 60.0, 0, 1)
        placed = np.empty((len(x), 3))
        placed[:, 0] = side * (126 + x + (x * c - y * s - x) * root + 6 * droop)
        placed[:, 1] = -200 + 0.45 * x + y + (x * s + y * c - y) * root + 10 * droop * root
        placed[:, 2] = 0.0
        on_canvas = pose.place(placed, keep=0.3)
        return {name: on_canvas[part] for name, part in _EAR_PARTS.items()}

    def draw_ear(self, canvas: skia.Canvas, parts: dict[str, np.ndarray]) -> None:
        """Paint one ear."""
        p = self.palette
        outer = parts["outer"]
        base, tip = (outer[0] + outer[-1]) / 2, outer[len(outer) // 2]
        fur = fade(
            base,
            tip,
            [self.fur.to(-0.05).faded(0), self.fur.to(-0.035), self.fur.to(0.02), self.fur.to(0.07, hue=10)],
            [0, 0.22, 0.5, 1],
        )
        draw(canvas, shape(outer), paint(fur))
        pink = fade(
            base,
            tip,
            [p.inner.to(-0.16).faded(0), p.inner.to(-0.10), p.inner.to(0.06), mix(p.inner, self.fur, 0.4)],
            [0.08, 0.24, 0.6, 1],
        )
        draw(canvas, shape(parts["inner"]), paint(pink))
        for i in range(3):
            draw(
                canvas,
                shape(parts[f"tuft{i}"]),
                paint(
                    fade(
                        base,
                        tip,
                        [self.fur.to(0.04).faded(0), self.fur.to(0.10, 0.85, 6), self.fur.to(0.26, 0.6, 10)],
                        [0.05, 0.25, 0.6],
                    )
                ),
            )
        draw(canvas, shape(parts["line"]), paint(self.line))

    def _paint_pin(self, canvas: skia.Canvas) -> None:
        canvas.rotate(18)
        shade = self.palette.hair.to(-0.22).faded(0.5)
        canvas.drawOval(skia.Rect.MakeLTRB(-52, -14, 60, 40), paint(shade, blur=8))
        self._bow(canvas, 0, 0, 1.0)
        self._star(canvas, 0, -2, 30)

    def _bow(self, canvas: skia.Canvas, x: float, y: float, size: float) -> None:
        r = self.palette.ribbon
        line = r.to(-0.30, 0.8)
        for sign in (-1, 1):
            tail = curve(
                np.array(
                    [
                        (0, 4),
                        (sign * 14, 34),
                        (sign * 30, 62),
                        (sign * 12, 58),
                        (sign * 6, 50),
                        (-sign * 2, 20),
                    ],
                    float,
                )
                * size,
                6,
                True,
            )
            draw(
                canvas,
                shape(tail),
                paint(fade(np.array([0, 0]), np.array([0, 60 * size]), [r.to(-0.08), r.to(0.04)], [0, 1])),
            )
            draw(canvas, shape(tail), paint(line, line=1.8))
            loop = curve(
                np.array(
                    [
                        (0, 0),
                        (sign * 22, -24),
                        (sign * 54, -26),
                        (sign * 60, 2),
                        (sign * 50, 24),
                        (sign * 20, 14),
                    ],
                    float,
                )
                * size,
                6,
                True,
            )
            draw(
                canvas,
                shape(loop),
                paint(
                    fade(
                        np.array([0, 0]),
                        np.array([sign * 58 * size, 0]),
                        [r.to(-0.12), r, r.to(0.06)],
                        [0, 0.5, 1],
                    )
                ),
            )
            draw(canvas, shape(loop), paint(line, line=1.8))
            fold = stroke(np.array([(sign * 8, 0), (sign * 24, -3), (sign * 38, -9)], float) * size, 4, 6)
            draw(canvas, shape(fold), paint(line.faded(0.7)))

    def _star(self, canvas: skia.Canvas, x: float, y: float, size: float) -> None:
        g = self.palette.gold
        outline = star(x, y, size)
        draw(
            canvas,
            shape(outline),
            paint(
                fade(
                    np.array([0, -size]),
                    np.array([0, size]),
                    [g.to(0.10), g, g.to(-0.12, hue=-14)],
                    [0, 0.5, 1],
                )
            ),
        )
        points = star(x, y, size, smooth=False)
        for i in range(0, 10, 2):
            facet = np.array([[x, y], points[i], points[(i + 1) % 10]])
            draw(canvas, shape(facet), paint(Tone(1, 0.03, 95, 0.42)))
        draw(canvas, shape(outline), paint(g.to(-0.42, 0.75, -25), line=2.2))


def star(x: float, y: float, size: float, inner: float = 0.52, smooth: bool = True) -> np.ndarray:
    """A five-pointed star's outline."""
    angle = np.arange(10) * np.pi / 5
    radius = np.where(np.arange(10) % 2 == 0, size, size * inner)
    return np.stack([x + radius * np.sin(angle), y - radius * np.cos(angle)], 1)
