"""The surface a picture is drawn on, and how colour lies on it: paper, watercolour, pencil, brush.

All of it is one thing: how densely the pigment lies at a place. Pigment darkens, so white stays white. The texture hangs on
the head or on the body and moves with it."""

from functools import lru_cache

import cv2
import numpy as np

from liveavatar.rigs.drawn.style import Style

_SIDE = 512
"""Width of the texture in its own pixels, two canvas units each. Small pictures take a smaller one."""
_RUN = 11.0
"""How wide the pigment gathers at an edge, a sigma in canvas units."""
_MOST = 17
"""How far pigment's density moves a colour, of 255."""
Affine = tuple[float, float, float, float, float, float]


def lay(pixels: np.ndarray, style: Style, place: Affine, scale: float, origin: tuple[int, int]) -> None:
    """Put a layer (h, w, 4) uint8 premultiplied on the style's surface, in place.

    place: where the surface hangs, (xx, xy, tx, yx, yy, ty) to the canvas; scale: pixels to a canvas unit; origin: of the layer
    in the whole picture, in pixels."""
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(pixels[..., 3]))
    if not width:
        return
    part = pixels[y : y + height, x : x + width]
    alpha = cv2.cvtColor(np.ascontiguousarray(part[..., 3]), cv2.COLOR_GRAY2RGBA)
    alpha[..., 3] = part[..., 3]
    dark = cv2.subtract(alpha, part)
    xx, xy, tx, yx, yy, ty = place
    texel = 2
    while texel * scale < 0.5:
        texel *= 2
    side = _SIDE * 2 // texel
    there = np.array([[texel * xx, texel * xy, tx], [texel * yx, texel * yy, ty]]) * scale
    there[:, 2] -= there[:, :2] @ (side, side) + (origin[0] + x, origin[1] + y)
    # with a border that wraps it would take twice as long
    density = cv2.warpAffine(_texture(style, side), there, (width, height), borderMode=cv2.BORDER_REPLICATE)
    gather = 0.45 * style.wash
    if gather:
        small = cv2.resize(
            dark[: height // 4 * 4 or None, : width // 4 * 4 or None],
            (max(width // 4, 1), max(height // 4, 1)),
            interpolation=cv2.INTER_AREA,
        )  # of whole fours: ten times as fast
        mean = cv2.resize(cv2.GaussianBlur(small, (0, 0), _RUN * scale / 4), (width, height))
        dark = cv2.addWeighted(dark, 1 + gather, mean, -gather, 0)
    result = cv2.multiply(dark, density, scale=1 / 128)
    # on what is dark the same share would be noise
    most = np.full_like(dark, _MOST)
    result = cv2.max(cv2.min(result, cv2.add(dark, most)), cv2.subtract(dark, most))
    part[...] = cv2.subtract(alpha, result)


@lru_cache(maxsize=64)
def _texture(style: Style, side: int) -> np.ndarray:
    """How densely pigment lies: (2 side, 2 side, 4) uint8, the texture four times, so that all of a picture lies on it from the
    middle. 128 is as it is in the drawing, for what keeps off red, green and blue."""
    density: np.ndarray = np.ones((_SIDE, _SIDE, 4), np.float32)
    even = 0.16 * style.grain * _noise(1, 0.9, 0.9)
    even += style.wash * (
        0.13 * _noise(2, 30.0, 30.0) + 0.03 * _noise(3, 12.0, 12.0) + 0.015 * _noise(1, 0.9, 0.9)
    )
    strokes = np.tanh(1.4 * _noise(4, 44.0, 1.7, 38.0)) + 0.12 * _noise(5, 30.0, 1.7, -40.0)
    even += 0.14 * style.hatch * np.maximum(strokes, 0.55 * strokes)
    even += 0.05 * style.bristle * (_noise(6, 22.0, 1.4, 64.0) + 0.9 * _noise(7, 40.0, 6.0, 30.0))
    density += even[..., None]
    # pigments part as they dry
    parted = (0.07 * style.wash + 0.03 * style.bristle) * _noise(8, 24.0, 24.0)
    density += parted[..., None] * np.array([1.0, -0.25, -0.75, 0.0], np.float32)
    if side < _SIDE:
        density = cv2.resize(density, (side, side), interpolation=cv2.INTER_AREA)
    return np.tile(np.clip(density * 128, 0, 255).astype(np.uint8), (2, 2, 1))


@lru_cache(maxsize=16)
def _noise(seed: int, along: float, across: float, angle: float = 0.0) -> np.ndarray:
    """Noise (512, 512) of unit variance that repeats, smooth over so many pixels along an angle in degrees and across it."""
    white = np.random.default_rng(seed).standard_normal((_SIDE, _SIDE))
    fy, fx = np.meshgrid(np.fft.fftfreq(_SIDE), np.fft.rfftfreq(_SIDE), indexing="ij")
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    pass_band = np.exp(-2 * np.pi**2 * (((fx * c + fy * s) * along) ** 2 + ((fy * c - fx * s) * across) ** 2))
    pass_band[0, 0] = 0.0
    result = np.fft.irfft2(np.fft.rfft2(white) * pass_band, s=(_SIDE, _SIDE))
    return (result / result.std()).astype(np.float32)
