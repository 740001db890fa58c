"""What the mouth's inside is painted from, made once from the picture's colours: two rows of teeth, and the colours of cavity
and tongue. renderers/portrait/mouth.py paints with them.
"""

import cv2
import numpy as np

from liveavatar.renderers.portrait.mouth import TEETH
from liveavatar.renderers.portrait.topology import BETWEEN_BROWS, CHEEKS, LIP_LOWER, LIP_UPPER, LIPS_OUTER

_UPPER_WIDTHS = (8.5, 6.6, 7.4, 6.0, 5.0, 4.4)
"""Millimetres from the middle outwards, seen from the front."""
_LOWER_WIDTHS = (5.4, 5.9, 6.6, 6.2, 5.4, 4.6)


def make_mouth(texture: np.ndarray, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Teeth (2, 64, 192, 4) premultiplied and the colours of cavity and tongue (2, 3), uint8."""
    points = vertices[:, :2]
    rgb = texture[..., :3]
    lips = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(lips, [points[LIPS_OUTER].astype(np.int32)], 255)
    cv2.fillPoly(lips, [points[np.r_[LIP_UPPER, LIP_LOWER[::-1]]].astype(np.int32)], 0)
    lip = rgb[lips > 0].mean(0) if (lips > 0).any() else np.array([150, 90, 85])
    cheeks = np.concatenate(
        [
            rgb[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4].reshape(-1, 3)
            for x, y in points[[*CHEEKS, BETWEEN_BROWS]]
        ]
    )
    skin = np.percentile(cheeks, 75, axis=0)
    # Teeth are ivory, as bright as the light that the skin shows, and a third of its colour: between lips all light is warm.
    light = min(float((skin / np.array([226, 186, 165])).mean()), 1.08)
    white = 212 * light * (0.65 * np.array([1.045, 1.01, 0.945]) + 0.35 * skin / skin.mean())
    white = np.minimum(white, 245)
    gum = 0.55 * lip + 0.25 * skin * np.array([1, 0.75, 0.75])
    cavity = lip * np.array([0.26, 0.17, 0.17])
    tongue = 0.62 * lip * np.array([1.0, 0.82, 0.85])
    teeth = np.stack(
        [_row(_UPPER_WIDTHS, white, gum, 9.5, False), _row(_LOWER_WIDTHS, white * 0.94, gum, 8.0, True)]
    )
    return teeth, np.clip(np.stack([cavity, tongue]), 0, 255).astype(np.uint8)


def _row(
    widths: tuple[float, ...], white: np.ndarray, gum: np.ndarray, height: float, lower: bool
) -> np.ndarray:
    """One row, 60 mm by 20 mm: gum, teeth with rounded ends, clear beyond."""
    fine = 4
    w, h = TEETH[0] * fine, TEETH[1] * fine
    per_mm = w / 60
    x = (np.arange(w) + 0.5) / per_mm - 30
    y = (np.arange(h) + 0.5) / per_mm  # from the gum's far side
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    which = np.clip(np.searchsorted(edges, np.abs(x), side="right") - 1, 0, len(widths) - 1)
    middle = (edges[which] + edges[which + 1]) / 2
    half = np.array(widths)[which] / 2
    u = (np.abs(x) - middle) / half  # -1..1 across a tooth
    length = (
        height
        * np.array([1.0, 0.90, 0.98, 0.86, 0.80, 0.76])[which]
        * (np.array([0.95, 1.0, 1.03, 0.95, 0.9, 0.85])[which] if lower else 1)
    )
    begin = 9.0 + 1.2 * u**2 * 0.8
    end = (
        begin[None] * 0
        + 9.0
        + length
        - 0.9 * np.abs(u) ** 5
        - (0.5 * np.abs(u) ** 2 if not lower else 0.15 * u**2)
    )
    yy = y[:, None]
    tooth = (np.clip((yy - begin) * 2, 0, 1) * np.clip((end - yy) * 3, 0, 1)) * (np.abs(x) < edges[-1])
    line = np.clip((1 - np.abs(u)) * half / 0.5, 0, 1) ** 0.5
    round_ = 1 - 0.16 * np.abs(u) ** 3
    arch = np.clip(1.02 - (np.abs(x) / 31) ** 2 * 0.75, 0.15, 1)
    along = 0.90 + 0.10 * np.clip((yy - 9) / length, 0, 1)
    shade = (0.72 + 0.28 * line) * round_ * arch * along
    gums = (
        np.clip((begin + 0.6 - yy) * 1.5, 0, 1) * np.clip(1 - (np.abs(x) / 29) ** 6, 0, 1) * np.ones_like(yy)
    )
    alpha = np.maximum(tooth, gums)
    colour = (
        tooth[..., None] * shade[..., None] * white
        + (1 - tooth[..., None]) * gum * (arch * 0.8)[None, :, None]
    )
    image = np.concatenate([colour * alpha[..., None], 255 * alpha[..., None]], -1)
    image = cv2.resize(image.astype(np.float32), TEETH, interpolation=cv2.INTER_AREA)
    if lower:
        image = image[::-1]
    return np.clip(np.round(image), 0, 255).astype(np.uint8)
