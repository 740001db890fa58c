"""Carries a stroke of a picture from one curve to another: along it by share, beside it by distance, so its width stays."""

import cv2
import numpy as np

from liveavatar.rigs.drawn.geometry import normals

_DENSE = 160


def dense(line: np.ndarray) -> np.ndarray:
    """A polyline (n, 2) as (_DENSE, 2), every part as finely as every other."""
    at = np.linspace(0, len(line) - 1, _DENSE)
    k = np.arange(len(line))
    fine = np.stack([np.interp(at, k, line[:, i]) for i in (0, 1)], 1)
    # rounded, so that normals turn evenly
    for _ in range(3):
        fine[1:-1] = (fine[:-2] + 2 * fine[1:-1] + fine[2:]) / 4
    return fine


def carried(
    texture: np.ndarray, rest: np.ndarray, now: np.ndarray, reach: float, width: float = 1.0, above: float = 1.0,
    thick: float = 0.0, below: float = 1.0,
) -> np.ndarray:  # fmt: skip
    """texture (h, w, c) float32 of a stroke along `rest` -> along `now`, curves (n, 2) in its pixels, point for point.

    reach: how far beside the curve the stroke goes, pixels; width: of the stroke now, as a share; above: what becomes of what
    stands further than `thick` above it, below: of what hangs below, as shares."""
    h, w = texture.shape[:2]
    result = np.zeros_like(texture)
    if not texture.any():
        return result
    first, last = dense(rest), dense(now)
    low = np.clip(np.floor(last.min(0) - reach - 2), 0, (w, h)).astype(int)
    high = np.clip(np.ceil(last.max(0) + reach + 2), 0, (w, h)).astype(int)
    if (high - low).min() < 2:
        return result
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    here = np.stack([x.ravel(), y.ravel()], 1)
    away = (
        (here[:, 0] ** 2 + here[:, 1] ** 2)[:, None]
        - 2 * here @ last.T.astype(np.float32)
        + (last**2).sum(1).astype(np.float32)
    )
    k = away.argmin(1)
    side_now, side_rest = normals(last)[k], normals(first)[k]
    off = here - last[k]
    along_now, along_rest = (np.stack([-s[:, 1], s[:, 0]], 1) for s in (side_now, side_rest))
    beside, along = (off[:, 0] * way[:, 0] + off[:, 1] * way[:, 1] for way in (side_now, along_now))
    stretch = _lengths(first)[k] / np.maximum(_lengths(last)[k], 1e-3)
    ends = (k == 0) | (k == _DENSE - 1)
    along = along * np.where(ends, 1.0, stretch)
    up = beside * np.sign(_up(side_now))  # > 0 above the curve
    t = np.where(up > thick * width, thick + (up - thick * width) / max(above, 1e-3), up / width)
    t = np.where(up < 0, up / below, t)
    t = t * np.sign(_up(side_rest))
    source = first[k] + side_rest * t[:, None] + along_rest * along[:, None]
    there = source.astype(np.float32).reshape(*x.shape, 2)
    part = cv2.remap(texture, there, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT).reshape(
        *x.shape, -1
    )
    far = (np.sqrt(np.maximum(away.min(1), 0)) < reach).reshape(x.shape)
    result[low[1] : high[1], low[0] : high[0]] = np.clip(part, 0, 1) * far[..., None]
    return result


def _up(side: np.ndarray) -> np.ndarray:
    """Whether a normal points up (> 0); level ones count as up."""
    return np.where(np.abs(side[:, 1]) < 1e-6, 1.0, -side[:, 1])


def _lengths(line: np.ndarray) -> np.ndarray:
    step = np.gradient(line, axis=0)
    return np.asarray(np.hypot(step[:, 0], step[:, 1]))
