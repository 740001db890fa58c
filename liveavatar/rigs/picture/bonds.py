"""What belongs together moves together: how much each layer moves as which, so that layers which show one thing between them do
not part where they meet."""

import cv2
import numpy as np

from liveavatar.rigs.picture.framing import CANVAS
from liveavatar.rigs.picture.layers import LAYERS

CELLS = 64
"""Of these shares, across the canvas."""
APART = 5
"""Pixels before and behind a border whose colours are compared."""
CONTRAST = 26.0
"""Levels by which two things differ."""
GROWN = {("back", "front"): 1.0, ("face", "front"): 0.25}
"""How much layers are one thing whatever lines run between them: hair is, and grows from the head."""
ALIKE = 240.0
"""How strong a border of one colour bonds, beside a cell's own part."""
REACH = 4.0
"""Cells over which a bond is felt on both sides."""
ROUNDS = 250


def shares_of(picture: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """picture: (CANVAS, CANVAS, 4) uint8; owner: (CANVAS, CANVAS) int, which of LAYERS a pixel shows, or -1 -> (layer, as which,
    CELLS, CELLS) float32, summing to one over the second.

    Where a layer is seen it moves as itself, but where it meets another without an edge both move as their mean; between, as
    smoothly as can be: the least of a screened membrane, by relaxation."""
    n = len(LAYERS)
    seen = np.stack([_cells((owner == k).astype(np.float32)) for k in range(n)])
    own = seen / REACH**2 + 1e-4
    bonds = _bonds(picture, owner)
    target = np.zeros((n, n, CELLS, CELLS))
    target[np.arange(n), np.arange(n)] = 1.0
    shares = target.copy()
    for _ in range(ROUNDS):
        padded = np.pad(shares, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
        near = padded[..., :-2, 1:-1] + padded[..., 2:, 1:-1] + padded[..., 1:-1, :-2] + padded[..., 1:-1, 2:]
        pulled = near + own[:, None] * target + np.einsum("lmyx,mkyx->lkyx", bonds, shares)
        shares = pulled / (4 + own + bonds.sum(1))[:, None]
    return (shares / shares.sum(1, keepdims=True)).astype(np.float32)


def _bonds(picture: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """How strongly each two layers are one thing in each cell: (layer, layer, CELLS, CELLS)."""
    image = cv2.GaussianBlur(picture, (0, 0), 1.5).astype(np.float32)
    n = len(LAYERS)
    grown = {(LAYERS.index(a), LAYERS.index(b)): share for (a, b), share in GROWN.items()}
    bonds = np.zeros((n, n, CELLS, CELLS))
    for axis in (0, 1):
        here, there = (np.roll(owner, shift, axis) for shift in (0, -1))
        away = np.abs(np.roll(image, APART, axis) - np.roll(image, -APART - 1, axis)).max(-1)
        between = np.abs(image - 0.5 * (np.roll(image, APART, axis) + np.roll(image, -APART - 1, axis))).max(
            -1
        )
        alike = np.exp(-((np.maximum(away, between) / CONTRAST) ** 2))
        alike[(slice(None),) * axis + (slice(-1, None),)] = 0
        for a in range(n):
            for b in range(n):
                if a != b:
                    border = (here == a) & (there == b) | (here == b) & (there == a)
                    strength = np.maximum(alike, grown.get((min(a, b), max(a, b)), 0.0))
                    bonds[a, b] += _cells(np.where(border, strength, 0).astype(np.float32))
    return ALIKE * bonds


def _cells(image: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(image, (CELLS, CELLS), interpolation=cv2.INTER_AREA), float)


def sampled(maps: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Maps (k, CELLS, CELLS) at points (n, 2), pixels of the canvas: (k, n)."""
    at = np.clip(xy * (CELLS / CANVAS) - 0.5, 0, CELLS - 1.001)
    corner = at.astype(int)
    right, down = (at - corner).T
    x, y = corner.T
    return np.asarray(
        (maps[:, y, x] * (1 - right) + maps[:, y, x + 1] * right) * (1 - down)
        + (maps[:, y + 1, x] * (1 - right) + maps[:, y + 1, x + 1] * right) * down
    )
