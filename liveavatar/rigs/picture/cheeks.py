"""Cheeks of a picture: colour that comes into them, and the air that fills them, painted over its skin."""

import cv2
import numpy as np
import skia

from liveavatar.rigs.drawn.ink import shape

_WIDE, _TALL = 84.0, 72.0
"""Half the crop, canvas units."""
_SHADE = np.array([(-50, 2), (-44, 22), (-20, 38), (12, 36), (36, 20), (20, 26), (-6, 27), (-32, 14)], float)
"""Of a cheek full of air on the picture's right, from its middle: below, and towards the mouth."""
_LIGHT = np.stack(
    [6 + 12 * np.cos(np.arange(12) * np.pi / 6), -12 + 6 * np.sin(np.arange(12) * np.pi / 6)], 1
)


class Cheek:
    """One side's cheek."""

    def __init__(
        self, picture: np.ndarray, points: np.ndarray, unit: float, side: int, skin: np.ndarray
    ) -> None:
        """picture (S, S, 4) uint8 premultiplied; points (46, 2) in its pixels; unit: pixels to a canvas unit; side: 1 for the
        subject's left, -1 for the right; skin (3,): its colour round the mouth."""
        p = np.asarray(points, np.float64)
        eye, mouth = (p[11] + p[15]) / 2 if side > 0 else (p[0] + p[4]) / 2, (p[29] + p[30]) / 2
        middle = (p[0] + p[4] + p[11] + p[15]) / 4
        across = (p[11] + p[15] - p[0] - p[4]) / 2
        across /= max(float(np.hypot(*across)), 1e-6)
        down = np.array([-across[1], across[0]])
        rim, jaw = p[43 if side > 0 else 42], p[41 if side > 0 else 40]
        out = abs(float((eye - middle) @ across))
        room = abs(float(((rim + jaw) / 2 - middle) @ across))
        x = min(1.18 * out, max(room - 22.0 * unit, 0.5 * out))
        y = 0.62 * float((mouth - middle) @ down)
        at = middle + side * across * x + down * y
        self.side, self.unit = side, unit
        size = np.array([_WIDE, _TALL]) * unit
        h, w = picture.shape[:2]
        self.x0, self.y0 = (np.maximum(at - size, 0)).astype(int)
        self.x1, self.y1 = np.minimum((at + size).astype(int), (w, h))
        self.place = np.column_stack([across * unit, down * unit, at - (self.x0, self.y0)])
        outline = np.array([middle, rim + 0.3 * (rim - jaw), rim, jaw, p[39], (p[39] + mouth) / 2]) - (
            self.x0,
            self.y0,
        )
        mask = np.zeros((max(self.y1 - self.y0, 1), max(self.x1 - self.x0, 1)), np.uint8)
        cv2.fillPoly(mask, [outline.round().astype(np.int32)], 255)
        self.mask = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(3.0 * unit, 0.5))
        near = picture[max(int(at[1] - 8 * unit), 0) : int(at[1] + 8 * unit) + 1,
                       max(int(at[0] - 8 * unit), 0) : int(at[0] + 8 * unit) + 1, :3]  # fmt: skip
        own = near.reshape(-1, 3).astype(np.float64)
        own = own[np.abs(own - skin).max(1) < 50.0]  # and no hair
        if len(own) > 8:
            skin = np.median(own, axis=0)
        self.blush = np.clip(skin * (1.0, 0.70, 0.70) + (6, 0, 4), 0, 255)
        self.shade = skin * (0.90, 0.70, 0.68)
        self.light = 0.4 * skin + 0.6 * 255.0

    def draw(self, v: dict[str, float]) -> tuple[int, int, np.ndarray] | None:
        """x, y and the crop (h, w, 4) uint8 premultiplied to lay over the face; None where nothing shows."""
        name = "Left" if self.side > 0 else "Right"
        puff, squint, smile = v["cheekPuff"], v["cheekSquint" + name], v["mouthSmile" + name]
        amount = min(0.30 * puff + 0.24 * squint + 0.12 * smile, 0.6)
        if amount <= 0.004:
            return None
        h, w = self.mask.shape
        pixels = np.zeros((h, w, 4), np.uint8)
        info = skia.ImageInfo.Make(w, h, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        surface = skia.Surface.MakeRasterDirect(info, pixels, 4 * w)
        canvas = surface.getCanvas()
        (a, b, c), (d, e, f) = self.place.tolist()
        canvas.concat(skia.Matrix.MakeAll(a, b, c + 0.5, d, e, f + 0.5, 0, 0, 1))
        canvas.scale(self.side, 1.0)
        canvas.translate(0.0, 8 * puff - 9 * squint - 4 * smile)
        tones = [_colour(self.blush, amount * k) for k in (1.0, 0.55, 0.0)]
        pool = skia.GradientShader.MakeRadial(
            center=skia.Point(0, 0), radius=58.0 + 12 * puff, colors=tones, positions=[0, 0.5, 1]
        )
        canvas.save()
        canvas.scale(1.0, 0.6)
        canvas.drawCircle(0, 0, 74, skia.Paint(AntiAlias=True, Shader=pool))
        canvas.restore()
        if puff > 0:
            for outline, colour, blur in ((_SHADE, self.shade, 5.0), (_LIGHT, self.light, 4.0)):
                soft = skia.Paint(AntiAlias=True, Color=_colour(colour, 0.5 * puff))
                soft.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
                canvas.drawPath(shape(outline), soft)
        surface.flushAndSubmit()
        seen = (pixels * self.mask[..., None]).round().astype(np.uint8)
        return int(self.x0), int(self.y0), seen


def _colour(rgb: np.ndarray, alpha: float) -> int:
    red, green, blue = np.clip(rgb, 0, 255).round().astype(int).tolist()
    return round(255 * min(max(alpha, 0.0), 1.0)) << 24 | red << 16 | green << 8 | blue
