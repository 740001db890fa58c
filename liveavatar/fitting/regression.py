"""Least squares in closed form: how much of each feature makes a motion, or a picture."""

import numpy as np

ROWS = 128
"""Pictures that are floating point at a time."""


def ridge(features: np.ndarray, targets: np.ndarray, strength: float) -> np.ndarray:
    """Weights (D, K) float32 with which features (N, D) come closest to targets (N, K). strength: what weights cost, as a share
    of the features' mean square; the last feature is 1, and free."""
    f = features.astype(np.float64)
    return np.asarray(np.linalg.solve(_gram(f, strength), f.T @ targets), np.float32)


def reduced_rank(
    features: np.ndarray, pictures: np.ndarray, shown: np.ndarray, rank: int, strength: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The few pictures whose sums come closest to many (Izenman 1975), if how much of each is shown is a sum of features: that
    (D, rank), the pictures (rank, V, 4) and their mean (V, 4), float32 levels. Over the features each varies by 1.

    features: (N, D), the last 1; pictures: (N, h, w, 4) uint8; shown: (h, w) bool, the V texels that matter."""
    whole = pictures.reshape(len(pictures), -1, 4).view(np.uint32)[..., 0]
    which = np.flatnonzero(shown)
    moments = np.zeros((features.shape[1], 4 * len(which)), np.float32)
    total = np.zeros(4 * len(which), np.float32)
    for start in range(0, len(whole), ROWS):
        rows = slice(start, start + ROWS)
        texels = whole[rows].take(which, axis=1).view(np.uint8).astype(np.float32)
        moments += features[rows].T @ texels
        total += texels.sum(0)
    mean = total / len(whole)
    moments -= np.outer(features.sum(0), mean)
    gram = _gram(features.astype(np.float64), strength)
    # The best sum of full rank is solve(gram, moments); its principal directions, as the features weigh them, are kept.
    lower = np.linalg.cholesky(gram)
    whitened = np.linalg.solve(lower, np.eye(len(lower))).astype(np.float32) @ moments
    vectors = np.linalg.eigh((whitened @ whitened.T).astype(np.float64))[1]
    kept = vectors[:, ::-1][:, :rank]
    amounts = np.linalg.solve(lower.T, kept) * np.sqrt(len(whole))
    basis = kept.T.astype(np.float32) @ whitened / np.float32(np.sqrt(len(whole)))
    return amounts.astype(np.float32), basis.reshape(len(basis), -1, 4), mean.reshape(-1, 4)


def _gram(features: np.ndarray, strength: float) -> np.ndarray:
    gram = features.T @ features
    cost = strength * np.trace(gram) / len(gram) * np.eye(len(gram))
    cost[-1, -1] = 0
    return np.asarray(gram + cost)
