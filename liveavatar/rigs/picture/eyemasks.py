"""Masks (h, w) and colours (h, w, 3) of pictures' parts: small steps that taking an eye apart is made of."""

import cv2
import numpy as np


def grown(mask: np.ndarray, by: float) -> np.ndarray:
    """A mask (h, w) that reaches `by` pixels further."""
    n = max(round(by), 1)
    return np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * n + 1, 2 * n + 1))))


def ramp(distance: np.ndarray, wide: float) -> np.ndarray:
    """0 up to a distance of 0, 1 from `wide` on."""
    return np.clip(distance / wide, 0, 1).astype(np.float32)


def with_alpha(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(h, w, 4) premultiplied."""
    return np.concatenate([colour * alpha[..., None], alpha[..., None]], 2).astype(np.float32)


def far(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(h, w) how far colours are apart."""
    return np.asarray(np.sqrt(((a - b) ** 2).sum(-1)), np.float32)


def usual(c: np.ndarray, weight: np.ndarray, most: float) -> np.ndarray:
    """(h, w) 1 where a colour is like most of those that have weight .. nearly 0 where it is quite another one, at
    the latest one that lies `most` away."""
    if weight.sum() < 1.0:
        return np.ones(weight.shape, np.float32)
    middle = np.empty(3)
    for k in range(3):
        rank = np.argsort(c[..., k], axis=None)
        total = np.cumsum(weight.ravel()[rank])
        middle[k] = c[..., k].ravel()[rank][np.searchsorted(total, total[-1] / 2)]
    away = np.sqrt(((c - middle) ** 2).sum(-1))
    spread_ = float((away * weight).sum() / weight.sum())
    return np.asarray(0.004 + np.exp(-((away / np.clip(2.0 * spread_, 0.06, most)) ** 2)), np.float32)


def unmixed(c: np.ndarray, alpha: np.ndarray, below: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """The colour (h, w, 3) of a layer of which alpha (h, w) lies over `below` where c is seen; where it hardly is, the guess."""
    a = alpha[..., None]
    found = np.clip((c - (1 - a) * below) / np.maximum(a, 0.1), 0, 1)
    return np.asarray(guess + (found - guess) * np.clip(2 * a - 0.2, 0, 1), np.float32)
