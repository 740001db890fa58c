"""A mouth of a picture drawn for any controls, in its colours and lines, of its own pixels where it has them."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import skia

from liveavatar.controls import CONTROLS
from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import ribbon, smoothstep
from liveavatar.rigs.drawn.ink import draw, paint, shape
from liveavatar.rigs.drawn.mouthpaint import draw_inside, draw_tongue
from liveavatar.rigs.picture.mouthcolours import LIGHT, tone
from liveavatar.rigs.picture.mouthedges import T
from liveavatar.rigs.picture.mouthpixels import Pixels
from liveavatar.rigs.picture.mouthpose import Poser, Shape
from liveavatar.rigs.picture.mouthread import Hand

_SOFT = 0.8
"""Share of the blur that is read which drafts get: with all of it their gradients have 0.69 of the truth's energy, with this 0.98
(84 crops of the population)."""
_PUSHED = 0.6, 0.25
"""How dense lips are that are seen only when pushed out; and where an open mouth is drawn without any."""


class Draft(Poser):
    """Draws one hand's mouth."""

    def __init__(self, hand: Hand, exact: bool = False) -> None:
        """exact: the hand's face is truly this one, not a guess."""
        super().__init__(hand, exact)
        self.pixels = Pixels(hand)
        self.strength = _strength(hand)
        """How far its lines are lines, and not the shade between painted lips."""

    def draw(self, controls: np.ndarray) -> np.ndarray:
        """The crop (h, w, 4) float32 0..255, premultiplied: nothing but the mouth."""
        v = dict(zip(CONTROLS, np.asarray(controls, float).tolist(), strict=True))
        now = self.pose(controls)
        hand = self.hand
        open_ = float(smoothstep(0.3, 3.0, now.gap))
        stirred = 0.0 if self.exact or hand.lips is not None else now.stirred
        drawn = 1.0 if hand.opened else max(open_, stirred)
        """How far the line is a drawn one, and not the picture's own."""
        result = self._pushed(now)
        if not hand.opened:
            own = self.pixels.carried(now, drawn)
            if hand.lips is None:  # nothing but a line
                own *= 1 - max(float(smoothstep(0.3, 6.0, now.gap)), stirred)
            result = _over(own, result)
        if open_ > 0:
            result = _over(self._within(now, v, open_), result)
        lines = self._sheet(lambda canvas: self._lines(canvas, now, v, open_, drawn))
        return _over(self._grained(lines), result)

    def _pushed(self, now: Shape) -> np.ndarray:
        """Lips: of an open mouth those that are drawn, else what is seen because it is pushed out."""
        hand, amount = self.hand, now.lines.lips
        full = hand.lips is not None and hand.opened
        if not full and (hand.lips is not None or amount <= 0):
            return np.zeros((*hand.hole.shape, 4), np.float32)
        dense = _PUSHED[hand.told] * amount
        rosy = _rosy(tone(mean_skin(hand))).to(0.0, 1.0 + 0.15 * now.lines.pout)

        def paint_(canvas: skia.Canvas) -> None:
            bow = shape(now.lines.bow)
            if full and hand.lips is not None:
                canvas.drawPath(bow, _fill(hand.lips, 0.95))
            else:
                draw(canvas, bow, paint(rosy.faded(dense)))
                draw(canvas, bow, paint(rosy.to(-0.08).faded(0.5 * dense), line=1.6))

        return self._sheet(paint_)

    def _within(self, now: Shape, v: dict[str, float], open_: float) -> np.ndarray:
        """What is seen between the lips."""
        hand = self.hand
        shown = float(smoothstep(2.0, 8.0, now.gap)) * (1 - now.lines.lips) ** 2
        opening = shape(now.lines.opening)
        if hand.told:
            place = self._sheet(lambda canvas: canvas.drawPath(opening, _fill(np.full(3, 255.0), open_)))
            own = self.pixels.inner(now)
            bared = self._bared(v) * shown
            if bared > 0 and hand.teeth is not None:
                teeth = self._sheet(partial(self._bare, now, bared, hand.teeth))
                own = teeth[..., :3] + own * (1 - teeth[..., 3:] / 255)
            result = np.concatenate([own, np.full_like(own[..., :1], 255.0)], -1) * (place[..., 3:] / 255)
        else:
            result = self._sheet(lambda canvas: draw_inside(canvas, now.lines, hand.within))
        return self._grained(result)

    def _bare(self, now: Shape, bared: float, colour: np.ndarray, canvas: skia.Canvas) -> None:
        """The upper row of teeth; in a mouth that is hardly open it fills it."""
        canvas.clipPath(shape(now.lines.opening), skia.ClipOp.kIntersect, True)
        low = now.upper[:, 1] + min(9.0, 0.3 * now.gap) * bared * (1 - np.abs(T) ** 3) ** 0.7
        fills = bared * float(1 - smoothstep(14.0, 26.0, now.gap))
        low = np.minimum(low + (now.lower[:, 1] - low) * fills, now.lower[:, 1])
        row = np.concatenate([now.upper, np.stack([now.upper[:, 0], low], 1)[::-1]])
        canvas.drawPath(shape(row), _fill(colour, min(4 * bared, 1.0)))

    def _bared(self, v: dict[str, float]) -> float:
        """How far the lips are drawn off the teeth, 0..1."""
        up = max(v["mouthUpperUpLeft"], v["mouthUpperUpRight"])
        down = max(v["mouthLowerDownLeft"], v["mouthLowerDownRight"])
        stretch = (v["mouthStretchLeft"] + v["mouthStretchRight"]) / 2
        return float(smoothstep(0.25, 0.7, max(up, down, 0.6 * stretch)))

    def _lines(
        self, canvas: skia.Canvas, now: Shape, v: dict[str, float], open_: float, drawn: float
    ) -> None:
        """The pen's lines along both lips, and the tongue that hangs out."""
        line, strength = self.hand.line, self.strength
        ring = min(1.2 * max(v["mouthPucker"], v["mouthFunnel"]), 1.0)
        even = np.interp(np.abs(T), [0, 0.8, 1], [1, 1, 0.6]) * line.round
        half = line.half + (even - line.half) * max(ring, 0.8) * float(smoothstep(1.0, 8.0, now.gap))
        below = self.hand.under + (0.9 - self.hand.under) * np.maximum(ring, np.abs(T) ** 3)
        low = half * (1 - 0.15 * ring) * below
        colour = line.colour + (line.ink - line.colour) * float(smoothstep(1.0, 8.0, now.gap))
        if open_ > 0:
            low = low * min(now.gap / 8.0, 1.0)
            canvas.drawPath(shape(ribbon(now.lower, low)), _fill(colour, open_ * strength))
        if now.lines.reach > 0:
            tones = tone(line.ink).faded(0.9 * strength), self.hand.within.tongue
            draw_tongue(canvas, now.lines, *tones, 1.8 * float(line.half.mean()))
        if drawn > 0:
            canvas.drawPath(shape(ribbon(now.upper, half)), _fill(colour, drawn * strength))

    def _grained(self, layer: np.ndarray) -> np.ndarray:
        """A layer with the grain of the picture's paint."""
        if self.hand.grain is None:
            return layer
        alpha = layer[..., 3:]
        colour = np.clip(layer[..., :3] + 0.7 * self.hand.grain * alpha / 255, 0, alpha)
        return np.concatenate([colour, alpha], -1)

    def _sheet(self, paint: Callable[[skia.Canvas], None]) -> np.ndarray:
        """What `paint` draws on a canvas in canvas units: (h, w, 4) float32, as blurred as the picture is."""
        h, w = self.hand.hole.shape
        pixels = np.zeros((h, w, 4), np.uint8)
        info = skia.ImageInfo.Make(w, h, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        surface = skia.Surface.MakeRasterDirect(info, pixels, 4 * w)
        canvas = surface.getCanvas()
        (a, b, c), (d, e, f) = self.hand.place.tolist()
        # pixels have their middles at whole numbers
        canvas.concat(skia.Matrix.MakeAll(a, b, c + 0.5, d, e, f + 0.5, 0, 0, 1))
        paint(canvas)
        surface.flushAndSubmit()
        sigma = np.sqrt(max((_SOFT * self.hand.soft) ** 2 - 0.35**2, 0.0))
        result = pixels.astype(np.float32)
        return np.asarray(cv2.GaussianBlur(result, (0, 0), sigma) if sigma > 0.15 else result)


def mean_skin(hand: Hand) -> np.ndarray:
    """Colour (3,) 0..255 of what lies below a mouth."""
    return np.asarray(hand.skin[hand.hole].mean(0) if hand.hole.any() else hand.skin.mean((0, 1)), np.float64)


def _over(top: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.asarray(top + below * (1.0 - top[..., 3:] / 255.0))


def _fill(colour: np.ndarray, alpha: float) -> skia.Paint:
    red, green, blue = (np.clip(colour, 0, 255) / 255.0).tolist()
    return skia.Paint(AntiAlias=True, Color4f=skia.Color4f(red, green, blue, min(max(alpha, 0.0), 1.0)))


def _rosy(skin: Tone) -> Tone:
    """Lips that go with a skin: those of the population's."""
    dark = max(0.93 - skin.light, 0.0)
    return Tone(0.755 - 0.55 * dark, 0.12 - 0.07 * dark, 19.0)


def _strength(hand: Hand) -> float:
    """Of its lines, 0..1: the nearer to a line's colour shut lips are, the less of a line is seen between them."""
    if hand.lips is None or hand.told:
        return 1.0
    skin, lips, ink = (float(colour @ LIGHT) for colour in (mean_skin(hand), hand.lips, hand.line.ink))
    return float(np.interp((skin - lips) / max(skin - ink, 1.0), [0.25, 0.36], [1.0, 0.45]))
