"""The neutral card: what is shown at once in place of the avatar when its user asks for it, whatever works or does not."""

import cv2
import numpy as np

from liveavatar.types import AvatarFrame

_TOP, _BOTTOM, _GLOW, _INK = (
    np.array(rgb, np.float32) for rgb in ((62, 72, 118), (27, 30, 57), (134, 150, 222), (238, 241, 252))
)
_FINE = 4
"""The moon is drawn so many times as large, and scaled down."""
_SHIFT = 4
"""cv2 takes coordinates in sixteenths of a pixel."""


def neutral_card(size: tuple[int, int]) -> AvatarFrame:
    """A calm card with a moon on it, transparent round its corners. size: (width, height) in pixels, all of the output's."""
    width, height = size
    short = min(width, height)
    middle = 0.48 * height
    x, y = (np.arange(n, dtype=np.float32) + np.float32(0.5) for n in size)
    # The night sky: darker downwards, with a soft light about the moon.
    down = (y / height)[:, None, None]
    sky = np.broadcast_to(_TOP * (1 - down) + _BOTTOM * down, (height, width, 3)).copy()
    light = [np.exp(-((v / (0.25 * short)) ** 2)) for v in (y - middle, x - width / 2)]
    sky += (0.4 * np.outer(*light))[..., None] * (_GLOW - sky)
    left, top, moon = _moon(width / 2, middle, short)
    part = sky[top : top + len(moon), left : left + len(moon)]
    part += moon[..., None] * (_INK - part)
    # A light edge, as of a sheet of glass.
    depth = _depth(x[None] - width / 2, y[:, None] - height / 2, size, 0.05 * short, 0.1 * short)
    rim = np.clip(1 - np.abs(depth - 0.0035 * short) / (0.0035 * short + 0.5), 0, 1)[..., None]
    sky += 0.2 * (1 - 0.7 * down) * rim * (255 - sky)
    # Noise of half a level: no bands in the gradient.
    sky += np.random.default_rng(7).uniform(-0.5, 0.5, (height, width, 1)).astype(np.float32)
    alpha = np.clip(depth + 0.5, 0, 1)[..., None]
    picture = np.rint(np.concatenate([sky * alpha, 255 * alpha], axis=2)).astype(np.uint8)
    return AvatarFrame(picture, 0.0, whole=True)


def _depth(x: np.ndarray, y: np.ndarray, size: tuple[int, int], margin: float, radius: float) -> np.ndarray:
    """How far inside a rounded rectangle about (0, 0) each place lies, pixels; below 0 outside."""
    across, down = (np.abs(v) - (n / 2 - margin - radius) for v, n in zip((x, y), size, strict=True))
    outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    return np.asarray(radius - outside - np.minimum(np.maximum(across, down), 0), np.float32)


def _moon(x: float, y: float, short: int) -> tuple[int, int, np.ndarray]:
    """A crescent and three stars about (x, y): left, top, and (side, side) float32 in [0, 1]."""
    side = 2 * (short // 5)
    left, top = round(x - side / 2), round(y - side / 2)
    drawn = np.zeros((side * _FINE, side * _FINE), np.uint8)
    unit = short * _FINE * (1 << _SHIFT)
    centre = np.array([x - left, y - top]) * _FINE * (1 << _SHIFT)

    def disc(across: float, down: float, radius: float, value: int) -> None:
        at = np.rint(centre + np.array([across, down]) * unit).astype(int)
        cv2.circle(drawn, at.tolist(), round(radius * unit), value, cv2.FILLED, cv2.LINE_AA, _SHIFT)

    def star(across: float, down: float, radius: float) -> None:
        turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        points = np.column_stack([np.cos(turn), np.sin(turn)])
        points = np.sign(points) * np.abs(points) ** 3 * radius + (across, down)
        cv2.fillPoly(drawn, [np.rint(centre + points * unit).astype(np.int32)], 215, cv2.LINE_AA, _SHIFT)

    disc(-0.012, 0.004, 0.13, 255)
    disc(0.047, -0.04, 0.113, 0)
    star(0.071, -0.055, 0.034)
    star(0.128, 0.012, 0.022)
    star(0.036, 0.02, 0.015)
    return left, top, cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
