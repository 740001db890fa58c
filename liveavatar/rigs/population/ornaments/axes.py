"""Axes that bend, and bodies round them: horns, leaves, feathers, flames."""

import numpy as np

from liveavatar.rigs.drawn.geometry import normals
from liveavatar.rigs.population.ornaments.pieces import corners


def spine(angle: float, curl: float, long: float, count: int = 8, late: float = 1.0) -> np.ndarray:
    """Points (count, 2) of an axis that leaves (0, 0) at `angle` from upright, clockwise, and turns by `curl` radians on its
    way, the later the larger `late`."""
    t = np.linspace(0.0, 1.0, count)
    turn = angle + curl * ((t[:-1] + t[1:]) / 2) ** late
    step = (
        np.stack([np.sin(turn), -np.cos(turn)], 1)
        * (long / (count - 1))
        * np.linspace(1.25, 0.75, count - 1)[:, None]
    )
    return np.concatenate([[(0.0, 0.0)], np.cumsum(step, axis=0)])


def tapered(axis: np.ndarray, half: float, blunt: float = 0.0, power: float = 1.0) -> np.ndarray:
    """The outline of a body round an axis, `half` wide at its root, to a tip of share `blunt`."""
    wide = half * (blunt + (1 - blunt) * (1 - np.linspace(0.0, 1.0, len(axis)) ** power))
    away = normals(axis) * wide[:, None]
    left, right = axis + away, axis - away
    tip = corners(axis[-1:]) if blunt < 0.1 else np.empty((0, 2))
    return np.concatenate([left[:1], left[:-1], tip, right[:-1][::-1], right[:1]])


def leafed(axis: np.ndarray, half: float, swell: float = 0.45) -> np.ndarray:
    """The outline of a leaf or feather round an axis."""
    t = np.linspace(0.0, 1.0, len(axis))
    rise = np.where(t < swell, t / swell, (1 - t) / (1 - swell))
    away = normals(axis) * (half * np.sin(rise * np.pi / 2) ** 0.8)[:, None]
    return np.concatenate([axis + away, (axis - away)[1:-1][::-1]])
