"""Painting a mouth: lips, what is inside, the tongue that hangs out."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.identity import Mouth
from liveavatar.rigs.drawn.ink import draw, paint, pen, shape, shapes
from liveavatar.rigs.drawn.mouth import MouthLines

INSIDE = Tone(0.42, 0.135, 16)
DEEP = Tone(0.33, 0.11, 10)
TONGUE = Tone(0.71, 0.155, 18)
TEETH = Tone(0.99, 0.008, 70)
SHADE = Tone(0.84, 0.03, 330)
"""Of the lip on the teeth."""


def draw_mouth(canvas: skia.Canvas, m: MouthLines, style: Mouth, skin: np.ndarray) -> None:
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
    opening = shape(m.opening)
    shown = min(m.gap / 5.0, 1.0)
    draw(canvas, opening, paint(INSIDE.faded(shown)))
    canvas.save()
    canvas.clipPath(opening, skia.ClipOp.kIntersect, True)
    draw(canvas, opening, paint(DEEP.faded(0.6 * shown), line=7.0, blur=2.5))
    draw(canvas, shape(m.tongue), paint(TONGUE.faded(min(m.gap / 14.0, 1.0))))
    teeth = min(max(m.gap - 4.0, 0.0) / 9.0, 1.0) * (1 - m.lips) ** 2
    draw(canvas, shape(m.gleam), paint(TONGUE.to(0.09, 0.8).faded(min(m.gap / 14.0, 1.0))))
    draw(canvas, shape(m.teeth), paint(TEETH.faded(teeth)))
    draw(canvas, shapes(np.split(m.fang, len(m.fang) // 4)), paint(TEETH.faded(teeth)))
    draw(canvas, shape(np.add(m.upper, (0, 3))), paint(SHADE.faded(0.55 * teeth), line=3.0))
    canvas.restore()
    draw(canvas, shape(m.lower), paint(line.faded(0.85)))
    if m.reach > 0:
        amount = min(m.reach * 4.0, 1.0)
        tongue = shape(m.out)
        draw(canvas, tongue, paint(TONGUE.faded(amount)))
        canvas.save()
        canvas.clipPath(tongue, skia.ClipOp.kIntersect, True)
        # the shadow of the lip above, and the side away from the light
        shadow = paint(TONGUE.to(-0.10).faded(0.7 * amount))
        draw(
            canvas,
            shape(np.add(m.lower, (0, 3))),
            paint(TONGUE.to(-0.12).faded(0.6 * amount), line=9.0, blur=3),
        )
        draw(canvas, shape(np.concatenate([m.out[14:], m.out[:13:-1] - (7, 1)])), shadow)
        canvas.restore()
        draw(canvas, shape(m.groove), paint(TONGUE.to(-0.14).faded(amount)))
        draw(canvas, shape(m.light), paint(TONGUE.to(0.16, 0.5).faded(0.85 * amount)))
        draw(canvas, shape(m.out[2:-2], closed=False), paint(line.faded(amount * 0.9), line=2.4))
    closed = 1.0 - min(m.gap / 8.0, 1.0)
    if style.peek > 0 and closed > 0:
        draw(canvas, shape(m.peek), paint(TEETH.faded(closed)))
        draw(canvas, shape(m.peek, closed=False), paint(line.faded(0.8 * closed), line=1.4))
    draw(canvas, shape(m.upper), pen(line))
