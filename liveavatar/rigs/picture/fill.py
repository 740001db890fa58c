"""Painting what is hidden: what is known flows smoothly into what is not."""

import cv2
import numpy as np


def spread(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """values (h, w, c) float32 where known (h, w) in [0, 1] is 1, elsewhere what lies around: each size of a pyramid fills the
    holes of the finer one (Gortler et al. 1996, push-pull)."""
    h, w = known.shape
    weight = known[..., None]
    if min(h, w) <= 2:
        total = float(weight.sum())
        mean = (values * weight).sum((0, 1)) / total if total > 1e-6 else values.mean((0, 1))
        return np.asarray(values * weight + mean * (1 - weight), np.float32)
    less = cv2.pyrDown(known)
    small = cv2.pyrDown(values * weight).reshape(*less.shape, -1) / np.maximum(less, 1e-6)[..., None]
    coarse = spread(small.astype(np.float32), np.minimum(less * 4, 1.0))
    grown = cv2.pyrUp(coarse, dstsize=(w, h)).reshape(h, w, -1)
    return np.asarray(values * weight + grown * (1 - weight), np.float32)


def matched(painted: np.ndarray, seen: np.ndarray, known: np.ndarray) -> np.ndarray:
    """What is seen where it is known, and there alone; else what was painted, in colours that go over into it without a seam.
    painted, seen (h, w, c); known (h, w) in [0, 1]."""
    return np.asarray(painted + spread(seen - painted, known), np.float32)
