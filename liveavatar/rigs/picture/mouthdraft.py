"""A mouth of a picture drawn for any controls: the rig's own geometry, moved to where this mouth is, in its colours and lines."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import skia

from liveavatar.controls import CONTROLS
from liveavatar.rigs.drawn.geometry import HeadPose, ribbon, smoothstep
from liveavatar.rigs.drawn.ink import shape
from liveavatar.rigs.drawn.mouth import MouthLines, mouth_lines
from liveavatar.rigs.drawn.rest import REST
from liveavatar.rigs.picture.mouthread import Hand, T

_AHEAD = HeadPose(0.0, 0.0, 0.0)
_SOFT = 0.8
"""Share of the blur that is read which drafts get: with all of it their gradients have 0.69 of the truth's energy, with this 0.98
(84 crops of the population)."""


@dataclass(frozen=True)
class Shape:
    """Where a mouth's parts lie, canvas units."""

    upper: np.ndarray
    lower: np.ndarray
    """(41, 2): the edges of the opening."""
    lines: MouthLines
    """All parts."""
    gap: float
    """Between the lips at most."""


class Draft:
    """Draws one hand's mouth."""

    def __init__(self, hand: Hand, exact: bool = False) -> None:
        """exact: the hand's face is truly this one, not a guess."""
        self.hand, self.exact = hand, exact
        rest = mouth_lines(hand.face, _AHEAD, REST).opening
        self.half = float(rest[40, 0] - rest[0, 0]) / 2
        middle = (hand.upper + hand.lower) / 2
        if hand.opened and exact:
            self.bend = np.zeros((len(T), 2))
        elif hand.opened:
            # shut, it lies on a line through its corners
            ends = middle[[0, -1]] - rest[[0, 40]]
            self.bend = ends[0] + (ends[1] - ends[0]) * (T[:, None] + 1) / 2
        else:
            self.bend = middle - rest[:41]

    def pose(self, controls: np.ndarray) -> Shape:
        """The mouth for controls (len(CONTROLS),)."""
        values = dict(zip(CONTROLS, np.asarray(controls, float).tolist(), strict=True))
        lines = mouth_lines(
            self.hand.face, _AHEAD, {**values, **dict.fromkeys(("headYaw", "headPitch", "headRoll"), 0.0)}
        )
        x = lines.opening[:41, 0]
        middle, half = (x[0] + x[-1]) / 2, (x[-1] - x[0]) / 2
        grown = max(half - self.half, 0.0)
        narrow = 1.0 - grown * (1.0 - min(self.half / 48.0, 1.0)) / half
        # the wider a mouth, the more it narrows as the jaw drops
        narrow *= 1.0 - 0.25 * values["jawOpen"] * float(np.clip(self.half / 30.0 - 1.0, 0.0, 1.0))

        if self.exact:
            narrow = 1.0

        def bent(points: np.ndarray) -> np.ndarray:
            at = np.interp(points[:, 0], x, T)
            points = points * (narrow, 1.0) + ((1.0 - narrow) * middle, 0.0)
            return points + np.stack([np.interp(at, T, self.bend[:, k]) for k in (0, 1)], 1)

        opening = bent(lines.opening)
        parts = {
            name: bent(getattr(lines, name))
            for name in ("teeth", "tongue", "out", "groove", "light", "gloss", "bow", "frame")
        }
        creases = [(bent(points), strength) for points, strength in lines.creases]
        moved = MouthLines(**{**vars(lines), **parts, "opening": opening, "creases": creases})
        return Shape(opening[:41], opening[:40:-1], moved, lines.gap)

    def draw(self, controls: np.ndarray) -> np.ndarray:
        """The crop (h, w, 4) float32 0..255, premultiplied: nothing but the mouth."""
        v = dict(zip(CONTROLS, np.asarray(controls, float).tolist(), strict=True))
        now = self.pose(controls)
        hand = self.hand
        open_ = float(smoothstep(0.3, 3.0, now.gap))
        drawn = 1.0 if hand.opened else open_
        """How far the line is a drawn one, and not the picture's own."""
        result = self._pushed(now)
        if not hand.opened:
            result = _over(self.carried(now, drawn), result)
        return _over(self._painted(now, v, open_, drawn), result)

    def carried(self, now: Shape, drawn: float) -> np.ndarray:
        """The picture's own mouth, carried along by both lips. drawn: how far its line is left out."""
        hand = self.hand
        h, w = hand.hole.shape
        inverse = cv2.invertAffineTransform(hand.place)
        gx, gy = np.meshgrid(np.arange(w, dtype=np.float64), np.arange(h, dtype=np.float64))
        x = inverse[0, 0] * gx + inverse[0, 1] * gy + inverse[0, 2]
        y = inverse[1, 0] * gx + inverse[1, 1] * gy + inverse[1, 2]
        at = np.interp(x, now.upper[:, 0], T)
        beyond = x - np.clip(x, now.upper[0, 0], now.upper[-1, 0])
        top, low = np.interp(at, T, now.upper[:, 1]), np.interp(at, T, now.lower[:, 1])
        was_top, was_low = np.interp(at, T, hand.upper[:, 1]), np.interp(at, T, hand.lower[:, 1])
        left_out = drawn * np.interp(at, T, 1.25 * hand.line.half) + drawn * 0.6 * hand.soft / hand.unit
        above = y < (top + low) / 2
        from_y = np.where(above, was_top + (y - top) - left_out, was_low + (y - low) + left_out)
        from_x = np.interp(at, T, hand.upper[:, 0]) + beyond
        place = hand.place
        map_x = place[0, 0] * from_x + place[0, 1] * from_y + place[0, 2]
        map_y = place[1, 0] * from_x + place[1, 1] * from_y + place[1, 2]
        still = np.hypot(map_x - gx, map_y - gy) < 0.02
        map_x, map_y = (
            np.where(still, here, there).astype(np.float32) for here, there in ((gx, map_x), (gy, map_y))
        )
        moved = cv2.remap(hand.own, map_x, map_y, cv2.INTER_CUBIC)
        moved = np.clip(moved, 0, 255)
        moved[..., :3] = np.minimum(moved[..., :3], moved[..., 3:])
        return np.asarray(moved, np.float32)

    def _pushed(self, now: Shape) -> np.ndarray:
        """Lips: of an open mouth those that are drawn, else what is seen because it is pushed out."""
        hand, amount = self.hand, now.lines.lips
        full = hand.lips is not None and hand.opened
        if not full and (hand.lips is not None or amount <= 0):
            return np.zeros((*hand.hole.shape, 4), np.float32)
        skin = _mean_skin(hand)
        tint = 0.72 * skin + 0.28 * np.minimum(hand.line.colour, skin * (0.95, 0.5, 0.5))

        def paint(canvas: skia.Canvas) -> None:
            bow = shape(now.lines.bow)
            if full and hand.lips is not None:
                canvas.drawPath(bow, _fill(hand.lips, 0.95))
                return
            canvas.drawPath(bow, _fill(tint, 0.8 * amount))
            canvas.drawPath(bow, _stroke(0.55 * skin + 0.45 * hand.line.colour, 1.2, 0.55 * amount))

        return self._sheet(paint)

    def _painted(self, now: Shape, v: dict[str, float], open_: float, drawn: float) -> np.ndarray:
        hand, lines = self.hand, now.lines
        teeth_up = max(v["mouthUpperUpLeft"], v["mouthUpperUpRight"])
        teeth_down = max(v["mouthLowerDownLeft"], v["mouthLowerDownRight"])
        stretch = (v["mouthStretchLeft"] + v["mouthStretchRight"]) / 2
        bared = float(smoothstep(0.25, 0.7, max(teeth_up, teeth_down, stretch)))
        toothed = max(hand.toothed, bared) * float(smoothstep(2.0, 8.0, now.gap)) * (1 - lines.lips) ** 2
        ring = min(1.2 * max(v["mouthPucker"], v["mouthFunnel"]), 1.0)

        def paint(canvas: skia.Canvas) -> None:
            opening = shape(lines.opening)
            if open_ > 0:
                canvas.save()
                canvas.clipPath(opening, skia.ClipOp.kIntersect, True)
                canvas.drawPath(opening, _fill(hand.wall, open_))
                if hand.tongued > 0:
                    canvas.drawPath(
                        shape(self._lying(now)), _fill(hand.tongue, float(smoothstep(3.0, 12.0, now.gap)))
                    )
                if toothed > 0:
                    row = self._row(now, toothed, bared)
                    canvas.drawPath(shape(row), _fill(hand.teeth, min(4 * toothed, 1.0)))
                canvas.restore()
            half = hand.line.half
            low = half * (1 - 0.15 * ring) * (hand.under + (0.85 - hand.under) * ring)
            if open_ > 0:
                low = low * min(now.gap / 8.0, 1.0)
                canvas.drawPath(shape(ribbon(now.lower, low)), _fill(hand.line.colour, open_))
            self._tongue(canvas, lines)
            if drawn > 0:
                even = np.interp(np.abs(T), [0, 0.8, 1], [1, 1, 0.6]) * np.percentile(half, 70)
                up = half + (even - half) * max(ring, open_ * 0.8)
                canvas.drawPath(shape(ribbon(now.upper, up)), _fill(hand.line.colour, drawn))

        return self._sheet(paint)

    def _row(self, now: Shape, toothed: float, bared: float) -> np.ndarray:
        """The upper teeth (82, 2); bared, in a mouth that is hardly open, they fill it."""
        lines = now.lines
        low = lines.teeth[:40:-1]
        high = min(9.0, 0.34 * now.gap) / 11.5 * toothed
        deep = now.upper + (low - now.upper) * high
        deep = deep + (now.lower - deep) * bared * float(1 - smoothstep(14.0, 26.0, now.gap))
        return np.concatenate([now.upper, deep[::-1]])

    def _lying(self, now: Shape) -> np.ndarray:
        """The tongue in the mouth (n, 2)."""
        share = self.hand.tongued
        middle, low = now.lower[20], float(now.lower[20, 1])
        wide = float(now.lower[-1, 0] - now.lower[0, 0]) / 2 * (0.72 + 0.35 * share)
        tall = now.gap * min(0.25 + 0.72 * share, 0.9)
        angle = np.linspace(0, 2 * np.pi, 41)
        return np.stack(
            [middle[0] + np.cos(angle) * wide, low + 0.25 * tall - 1.25 * np.sin(angle) * tall], 1
        )

    def _tongue(self, canvas: skia.Canvas, lines: MouthLines) -> None:
        """The one that hangs out."""
        if lines.reach <= 0:
            return
        hand, amount = self.hand, min(lines.reach * 4.0, 1.0)
        skin = _mean_skin(hand)
        colour = (
            hand.tongue
            if hand.tongued > 0
            else np.minimum(0.45 * hand.wall + 0.55 * skin * (1, 0.62, 0.62), 255)
        )
        dark = colour * (0.82, 0.72, 0.74)
        out = shape(lines.out)
        canvas.drawPath(out, _fill(colour, amount))
        canvas.save()
        canvas.clipPath(out, skia.ClipOp.kIntersect, True)
        canvas.drawPath(shape(np.add(lines.lower, (0.0, 3.0))), _stroke(dark, 7.0, 0.7 * amount))
        canvas.restore()
        canvas.drawPath(shape(lines.groove), _fill(dark, amount))
        edge = shape(lines.out[2:-2], closed=False)
        canvas.drawPath(edge, _stroke(hand.line.colour, 1.8 * float(hand.line.half.mean()), 0.9 * amount))

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


def _mean_skin(hand: Hand) -> np.ndarray:
    return np.asarray(hand.skin[hand.hole].mean(0) if hand.hole.any() else hand.skin.mean((0, 1)), np.float64)


def _over(top: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.asarray(top + below * (1.0 - top[..., 3:] / 255.0))


def _paint(colour: np.ndarray, alpha: float) -> skia.Paint:
    red, green, blue = (np.clip(colour, 0, 255) / 255.0).tolist()
    return skia.Paint(AntiAlias=True, Color4f=skia.Color4f(red, green, blue, min(max(alpha, 0.0), 1.0)))


def _fill(colour: np.ndarray, alpha: float) -> skia.Paint:
    return _paint(colour, alpha)


def _stroke(colour: np.ndarray, width: float, alpha: float) -> skia.Paint:
    result = _paint(colour, alpha)
    result.setStyle(skia.Paint.kStroke_Style)
    result.setStrokeWidth(width)
    result.setStrokeCap(skia.Paint.kRound_Cap)
    return result
