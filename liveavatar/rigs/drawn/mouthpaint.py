"""Painting a mouth: lips, what is inside, the tongue that hangs out."""

from typing import NamedTuple

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.identity import Mouth
from liveavatar.rigs.drawn.ink import draw, glow, paint, pen, shape, shapes
from liveavatar.rigs.drawn.mouth import MouthLines

TEETH = Tone(0.99, 0.008, 70)
SHADE = Tone(0.84, 0.03, 330)
"""Of the lip on the teeth."""


class Inside(NamedTuple):
    """The tones of an open mouth."""

    wall: Tone = Tone(0.42, 0.135, 16)
    deep: Tone = Tone(0.33, 0.11, 10)
    tongue: Tone = Tone(0.71, 0.155, 18)
    throat: float = 0.0
    """How far the depth of the mouth lies in the dark, 0..1."""
    teeth: float = 1.0
    """How far teeth are seen, 0..1."""
    gleam: float = 1.0
    """How far the tongue shines and teeth lie in the lip's shade, 0..1."""


def inside(skin: Tone, lips: Tone, throat: float) -> Inside:
    """An open mouth that goes with a skin and lips: of the lips' hue, violet in a skin that is not a human's."""
    if not throat:
        return Inside()
    strange = 100.0 < skin.hue % 360 < 330.0
    hue = 336.0 if strange else 14.0 + 0.5 * ((lips.hue - 14.0 + 180.0) % 360.0 - 180.0)
    pale = max(skin.light - 0.55, 0.0) / 0.4
    return Inside(
        Tone(0.36 + 0.08 * pale, 0.125, hue),
        Tone(0.25 + 0.05 * pale, 0.10, hue - 6.0),
        Tone(0.62 + 0.11 * pale, 0.15, hue + 4.0),
        throat,
    )


def draw_mouth(canvas: skia.Canvas, m: MouthLines, style: Mouth, skin: np.ndarray, within: Inside) -> None:
    """Paint the mouth over the face; lips and creases end where the skin's outline (n, 2) does."""
    line = style.line
    canvas.save()
    canvas.clipPath(shape(skin), skia.ClipOp.kIntersect, True)
    if style.lip or style.tint or m.lips > 0:
        bow = shape(m.bow)
        lip = (style.lip or style.pout).to(0.0, 1.0 + 0.15 * m.pout)
        edge = 1.0 if style.lip else m.lips
        seen = max(edge, style.tint)
        draw(canvas, bow, paint(lip.faded(0.95 * seen)))
        if style.relief > 0:
            half = len(m.bow) // 2
            upper = np.concatenate([m.bow[:half], m.opening[half - 1 :: -1]])
            draw(canvas, shape(upper), paint(lip.to(-0.09, 1.05).faded(0.7 * style.relief * seen)))
        if edge > 0:
            draw(canvas, bow, paint(lip.to(-0.08).faded(0.6 * edge), line=1.6))
    for outline, strength in m.creases:
        if strength > 0:
            draw(canvas, shape(outline), paint(style.crease.faded(strength)))
    shine = max(0.75 * m.pout, 0.6 * style.relief * (1.0 if style.lip else style.tint))
    if shine > 0:
        draw(canvas, shape(m.gloss), paint(Tone(0.98, 0.02, 40, shine)))
    canvas.restore()
    draw_inside(canvas, m, within)
    draw(canvas, shape(m.lower), paint(line.faded(0.85)))
    if m.reach > 0:
        draw_tongue(canvas, m, line, within.tongue)
    closed = 1.0 - min(m.gap / 8.0, 1.0)
    if style.peek > 0 and closed > 0:
        draw(canvas, shape(m.peek), paint(TEETH.faded(closed)))
        draw(canvas, shape(m.peek, closed=False), paint(line.faded(0.8 * closed), line=1.4))
    draw(canvas, shape(m.upper), pen(line))


def draw_inside(canvas: skia.Canvas, m: MouthLines, within: Inside) -> None:
    """Paint what is seen between the lips."""
    opening = shape(m.opening)
    shown = min(m.gap / 5.0, 1.0)
    draw(canvas, opening, paint(within.wall.faded(shown)))
    canvas.save()
    canvas.clipPath(opening, skia.ClipOp.kIntersect, True)
    draw(canvas, opening, paint(within.deep.faded(0.6 * shown), line=7.0, blur=2.5))
    if within.throat and m.gap > 6.0:
        low, high = m.opening.min(axis=0), m.opening.max(axis=0)
        x, y = (low + high) / 2
        wide, tall = 0.34 * (high - low)
        deep = within.deep.to(-0.07).faded(within.throat * min((m.gap - 6.0) / 14.0, 1.0))
        pool = glow(np.zeros(2), 1.0, [deep, deep.faded(0.7), deep.faded(0.0)], [0, 0.5, 1])
        canvas.save()
        canvas.translate(float(x), float(y - 0.1 * tall))
        canvas.scale(float(1.3 * wide), float(1.35 * tall))
        canvas.drawCircle(0, 0, 1, paint(pool))
        canvas.restore()
    draw(canvas, shape(m.tongue), paint(within.tongue.faded(min(m.gap / 14.0, 1.0))))
    if within.throat:
        middle, half = m.tongue.mean(axis=0), np.ptp(m.tongue, axis=0) / 2
        groove = middle + np.array([(-0.02, -0.86), (0.03, -0.5), (-0.02, -0.5)]) * half
        draw(
            canvas,
            shape(groove),
            paint(within.tongue.to(-0.09).faded(min(max(m.gap - 10.0, 0.0) / 10.0, 1.0))),
        )
    teeth = min(max(m.gap - 4.0, 0.0) / 9.0, 1.0) * (1 - m.lips) ** 2 * within.teeth
    draw(
        canvas,
        shape(m.gleam),
        paint(within.tongue.to(0.09, 0.8).faded(within.gleam * min(m.gap / 14.0, 1.0))),
    )
    draw(canvas, shape(m.teeth), paint(TEETH.faded(teeth)))
    draw(canvas, shapes(np.split(m.fang, len(m.fang) // 4)), paint(TEETH.faded(teeth)))
    draw(canvas, shape(np.add(m.upper, (0, 3))), paint(SHADE.faded(0.55 * within.gleam * teeth), line=3.0))
    canvas.restore()


def draw_tongue(canvas: skia.Canvas, m: MouthLines, line: Tone, tone: Tone, wide: float = 2.4) -> None:
    """Paint the tongue that hangs out. wide: its line."""
    amount = min(m.reach * 4.0, 1.0)
    tongue = shape(m.out)
    draw(canvas, tongue, paint(tone.faded(amount)))
    canvas.save()
    canvas.clipPath(tongue, skia.ClipOp.kIntersect, True)
    # the shadow of the lip above, and the side away from the light
    shadow = paint(tone.to(-0.10).faded(0.7 * amount))
    draw(
        canvas,
        shape(np.add(m.lower, (0, 3))),
        paint(tone.to(-0.12).faded(0.6 * amount), line=9.0, blur=3),
    )
    draw(canvas, shape(np.concatenate([m.out[14:], m.out[:13:-1] - (7, 1)])), shadow)
    canvas.restore()
    draw(canvas, shape(m.groove), paint(tone.to(-0.14).faded(amount)))
    draw(canvas, shape(m.light), paint(tone.to(0.16, 0.5).faded(0.85 * amount)))
    draw(canvas, shape(m.out[2:-2], closed=False), paint(line.faded(amount * 0.9), line=wide))
