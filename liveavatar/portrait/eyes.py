"""What an eye is painted from, made once from the picture: the eyeball with its sclera filled in, the iris completed, and the
colour of closed lids. renderers/portrait/eyes.py paints with it.
"""

from typing import NamedTuple

import cv2
import numpy as np

from liveavatar.renderers.portrait.eyes import EyeOutline, outline, ramp
from liveavatar.renderers.portrait.rig import EYE_BOX
from liveavatar.renderers.portrait.topology import EYES


class EyeArt(NamedTuple):
    """(72, 72, channels) uint8 each, over the eye's patch."""

    ball: np.ndarray
    """RGB, without iris."""
    iris: np.ndarray
    """Premultiplied RGBA, where it is in the picture."""
    lid: np.ndarray
    """RGB of the closed lid."""


def make_eye(texture: np.ndarray, vertices: np.ndarray, side: str, box: np.ndarray) -> EyeArt:
    """What one eye is painted from. texture: (512, 512, 4) uint8; vertices: (>= 478, 3), its pixels; side: of SIDES; box: (2,)
    left, top of the eye's patch."""
    x, y = box
    w, h = EYE_BOX
    picture = texture[y : y + h, x : x + w, :3].astype(np.float32)
    eye = outline(vertices, side, box)
    inside = np.minimum(eye.t - eye.upper, eye.lower - eye.t) * eye.width  # pixels within the lids
    ring = vertices[EYES[side]["iris"], :2] - box
    centre = ring[0]
    radius = float(np.clip(np.linalg.norm(ring[1:] - centre, axis=1).mean(), 2.0, 0.32 * eye.width))
    gx, gy = np.meshgrid(np.arange(w) - centre[0], np.arange(h) - centre[1])
    distance = np.hypot(gx, gy).astype(np.float32)
    gap = float((eye.lower - eye.upper).max() * eye.width)
    margin = min(1.2, 0.2 * gap)
    clear = ramp(inside, margin, margin + 1.0)  # away from lashes and their shadow
    radius = _iris_radius(picture, clear, gx, gy, distance, radius)

    white = clear * ramp(distance, radius * 1.12 + 0.5, radius * 1.12 + 1.5)
    ball = _eyeball(picture, white, inside, margin, 0.12 * eye.width)
    disc = _complete(picture, clear * (distance < radius + 0.5), gx, gy, distance, radius, centre)
    edge = ramp(radius + 0.8 - distance, 0.0, 1.6)[..., None]
    iris = np.concatenate([disc * edge, 255 * edge], -1)
    lid = _lid(picture, eye)
    return EyeArt(*(np.clip(np.round(a), 0, 255).astype(np.uint8) for a in (ball, iris, lid)))


def _eyeball(
    picture: np.ndarray, white: np.ndarray, inside: np.ndarray, margin: float, sigma: float
) -> np.ndarray:
    """(h, w, 3) float32: the sclera's colour where the picture shows it, spread over the rest.

    white: (h, w) how much of a pixel is sclera; inside: its distance from the lids, pixels, of which `margin` are lashes."""
    skin = picture[(inside < -2) & (inside > -8)]
    bright = np.percentile(picture[inside > margin], 85, axis=0) if (inside > margin).any() else skin.mean(0)
    base = np.maximum(0.75 * bright + 0.25 * np.array([225, 222, 220]), np.percentile(skin, 60, axis=0) * 0.9)
    if white.sum() <= 8:
        return _spread(picture, np.zeros_like(white), base, sigma)
    mean = (picture * white[..., None]).sum((0, 1)) / white.sum()
    base = np.where(mean.sum() > 0.8 * base.sum(), np.maximum(mean, 0.85 * bright), base)
    return _spread(picture, white * ramp(picture.sum(-1) / base.sum(), 0.66, 0.8), base, sigma)


def _lid(picture: np.ndarray, eye: EyeOutline) -> np.ndarray:
    """(h, w, 3) float32: the skin above the crease, lightened by that under the eye where the socket is in shadow."""
    source = np.minimum(eye.crease, eye.upper - 0.08) - 0.05
    above = cv2.GaussianBlur(_shift(picture, eye, source - eye.t), (0, 0), 0.09 * eye.width)
    below = cv2.GaussianBlur(_shift(picture, eye, eye.lower + 0.22 - eye.t), (0, 0), 0.12 * eye.width)
    lid: np.ndarray = 0.6 * above + 0.4 * np.maximum(above, below)
    return lid


def _shift(picture: np.ndarray, eye: EyeOutline, amount: np.ndarray) -> np.ndarray:
    """The picture sampled `amount` eye widths further down than each pixel."""
    gx, gy = np.meshgrid(np.arange(EYE_BOX[0], dtype=np.float32), np.arange(EYE_BOX[1], dtype=np.float32))
    step = amount.astype(np.float32) * eye.width
    return cv2.remap(picture, gx - eye.along[1].astype(np.float32) * step, gy + eye.along[0].astype(np.float32) * step,
                     cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip


def _spread(picture: np.ndarray, known: np.ndarray, base: np.ndarray, sigma: float) -> np.ndarray:
    """Known pixels, their colours spread over the rest, fading to `base`."""
    weight = cv2.GaussianBlur(known, (0, 0), sigma)[..., None]
    colour = cv2.GaussianBlur(picture * known[..., None], (0, 0), sigma) + 0.02 * base
    blurred = colour / (weight + 0.02)
    return blurred + known[..., None] * (picture - blurred)


def _iris_radius(
    picture: np.ndarray, clear: np.ndarray, gx: np.ndarray, gy: np.ndarray, distance: np.ndarray, guess: float
) -> float:
    """The radius at which the picture gets brightest outwards, near the landmarks' guess; drawn irises are larger."""
    beside = clear * (np.abs(gx) > 0.8 * np.abs(gy))
    light = picture.mean(-1)
    steepest, best = 0.0, guess
    for radius in np.arange(0.8 * guess, 1.5 * guess + 0.01, 0.4):
        inner, outer = (beside * (np.abs(distance - radius - d) < 1.2) for d in (-1.4, 1.4))
        if min(inner.sum(), outer.sum()) < 4:
            continue
        rise = (light * outer).sum() / outer.sum() - (light * inner).sum() / inner.sum()
        rise *= float(np.exp(-0.5 * ((radius - guess) / (0.25 * guess)) ** 2))
        if rise > steepest:
            steepest, best = rise, float(radius)
    return best


def _complete(
    picture: np.ndarray,
    visible: np.ndarray,
    gx: np.ndarray,
    gy: np.ndarray,
    distance: np.ndarray,
    radius: float,
    centre: np.ndarray,
) -> np.ndarray:
    """The iris as a whole disc: hidden parts from its mirror images, else from the mean of their ring."""
    rings = np.clip(distance / max(radius, 1) * 8, 0, 15).astype(int)
    weight = np.bincount(rings.ravel(), visible.ravel(), 16)
    profile = np.stack(
        [np.bincount(rings.ravel(), (visible * picture[..., k]).ravel(), 16) for k in range(3)], 1
    )
    all_mean = profile.sum(0) / max(weight.sum(), 1e-6)
    profile = (profile + 0.3 * all_mean) / (weight[:, None] + 0.3)
    disc = profile[rings].astype(np.float32)
    total, share = np.zeros_like(disc), np.zeros_like(visible)
    for fx, fy, trust in ((1, 1, 1.0), (-1, 1, 0.02), (1, -1, 0.02)):
        mx, my = (centre[0] + fx * gx).astype(np.float32), (centre[1] + fy * gy).astype(np.float32)
        part = cv2.remap(visible, mx, my, cv2.INTER_LINEAR) * trust
        total += (
            cv2.remap(picture, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * part[..., None]
        )
        share += part
    share = share[..., None]
    return (total + 0.004 * disc) / (share + 0.004)
