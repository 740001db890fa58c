"""The lock of hair: one primitive for fringe, sides, back, nape and strays."""

from dataclasses import dataclass

import numpy as np

from liveavatar.rigs.drawn.geometry import Batch, bezier, hair_depth, normals, ribbon, smoothstep
from liveavatar.rigs.drawn.identity import Lock

_N = 22
DROP = np.array([5.0, 8.0])
"""Where a lock's shadow falls, in canvas units."""


@dataclass(frozen=True)
class LockShape:
    """Where one lock's polygons lie in the batch."""

    outline: slice
    wedge: slice
    lines: tuple[slice, ...]
    strands: tuple[slice, ...]
    glint: slice | None
    spine: slice
    warm: float
    cast: tuple[slice, ...]
    """The runs of the outline that face away from the light, where the lock's shadow shows."""
    melts: bool
    """Whether the root fades into the hair below."""


def lock_width(lock: Lock, t: np.ndarray) -> np.ndarray:
    """Half-width along the spine: swells from the root, runs out in a cusp."""
    rise = lock.start + (1 - lock.start) * smoothstep(0.0, 0.5, t)
    return lock.width * rise * np.maximum(1 - t**2.9, 0.0)


def build_lock(
    batch: Batch, lock: Lock, behind: float | None = None, melts: bool = False, weight: float = 1.0
) -> LockShape:
    """Add one lock to the batch; `behind` gives hair behind the head its own constant depth, `weight` is that of its lines."""
    spine = bezier(np.array([lock.root, lock.first, lock.second, lock.tip]), _N)
    t = np.linspace(0, 1, _N)
    width = lock_width(lock, t)
    side = normals(spine)

    def add(points: np.ndarray, along: np.ndarray) -> slice:
        z = np.full(len(points), behind) if behind is not None else hair_depth(points, lock.lift)
        return batch.add(points, z, lock.swing * along**2.2)

    def edge(share: np.ndarray | float, part: slice = slice(None)) -> np.ndarray:
        return (spine + side * (width * share)[:, None])[part]

    outline = add(np.concatenate([edge(1.0), edge(-1.0)[::-1]]), np.concatenate([t, t[::-1]]))
    inner = np.interp(t, [0, 0.2, 0.55, 1], [1.0, 0.95, 0.36, 0.1])
    part = slice(4, None)
    wedge = add(
        np.concatenate([edge(1.0, part), edge(inner, part)[::-1]]), np.concatenate([t[part], t[part][::-1]])
    )
    lines = []
    for sign in (1.0, -1.0):
        part = slice(5, None)
        pen = np.interp(t[part], [0.2, 0.5, 0.85, 1], [0.1, 0.7, 1.35, 0.9]) * (1.0 if sign > 0 else 0.8)
        pen = pen * weight
        lines.append(add(ribbon(edge(sign, part), pen), np.concatenate([t[part], t[part][::-1]])))
    strands = []
    if lock.width > 22:
        for share, low, high in ((-0.42, 3, 17), (0.12, 6, 20)):
            part = slice(low, high)
            pen = 1.25 * np.sin(np.linspace(0.1, np.pi - 0.1, high - low))
            strands.append(add(ribbon(edge(share, part), pen), np.concatenate([t[part], t[part][::-1]])))
    glint = None
    if lock.width > 30:
        part = slice(6, 17)
        pen = lock.width * 0.075 * np.sin(np.linspace(0.05, np.pi - 0.05, 11))
        glint = add(ribbon(edge(-0.70, part), pen), np.concatenate([t[part], t[part][::-1]]))
    return LockShape(
        outline, wedge, tuple(lines), tuple(strands), glint, add(spine, t), lock.warm, _facing(side), melts
    )


def _facing(side: np.ndarray) -> tuple[slice, ...]:
    """Runs of an outline, up one edge and down the other, whose outward normal does not turn its back on DROP."""
    towards = np.concatenate([side, -side[::-1]]) @ DROP / np.hypot(*DROP)
    runs = []
    for half in (slice(0, _N), slice(_N, 2 * _N)):
        at = np.flatnonzero(towards[half] > -0.35)
        if len(at) > 1:
            runs.append(slice(half.start + int(at[0]), half.start + int(at[-1]) + 1))
    return tuple(runs)
