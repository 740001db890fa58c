"""A brow that is drawn over hair as a thin line: found as a dark ridge near where landmarks have it."""

import cv2
import numpy as np

from liveavatar.rigs.picture.eyeplace import Place

_ALONG = 64
"""Places along a brow."""
_ASIDE = np.arange(-40.0, 13.1, 0.65)
"""Units below the landmarks' line at which it is looked for: over hair they have it too low."""
_FAR = 0.001
"""What a unit away from that line costs, in levels of darkness."""
_WIDEST = 15
"""Of these, how many a brow that is a line covers at most."""
_BEND = 0.03
"""What a step aside costs, in levels of darkness (0 to 1)."""
_FAINT = 0.05
"""How much darker than what is beside it a brow is at least."""
_WHOLE = 0.6
"""Share of its length that has to be seen."""


def over_hair(place: Place, line: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Middle (n, 2) and half-widths (n,), in units, of a brow near a line (k, 2); None where none is seen."""
    at = np.linspace(0, len(line) - 1, _ALONG)
    every = np.arange(len(line))
    middle = np.stack([np.interp(at, every, line[:, k]) for k in (0, 1)], 1)
    grid = middle[:, None] + np.stack([0 * _ASIDE, _ASIDE], 1)
    where = place.px(grid.reshape(-1, 2)).reshape(_ALONG, -1, 2).astype(np.float32)
    light = cv2.remap(place.rgb, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).mean(-1)
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((1, _WIDEST), np.uint8))
    dark = cv2.GaussianBlur(closed - light, (0, 0), sigmaX=0.6, sigmaY=3.0)
    path = _ridge(dark - _FAR * np.abs(_ASIDE))
    depth = dark[np.arange(_ALONG), path]
    strong = depth > max(_FAINT, 0.4 * float(np.quantile(depth, 0.8)))
    first, last = _longest(strong)
    if last - first < _WHOLE * _ALONG:
        return None
    found = slice(first, last)
    half = (dark[found] > 0.5 * depth[found, None]).sum(1) * (_ASIDE[1] - _ASIDE[0]) / 2
    half = np.minimum(half, 1.6 * np.median(half)) + 0.8
    spine = middle[found] + np.stack([0 * path[found], _ASIDE[path[found]]], 1)
    for _ in range(8):
        spine[1:-1] = (spine[:-2] + 2 * spine[1:-1] + spine[2:]) / 4
        half[1:-1] = (half[:-2] + 2 * half[1:-1] + half[2:]) / 4
    return spine, half


def _ridge(dark: np.ndarray) -> np.ndarray:
    """(n,) the columns of dark (n, m) a line runs through, row for row: the darkest that bends little, by dynamic programming."""
    rows, columns = dark.shape
    step = np.abs(np.arange(columns)[:, None] - np.arange(columns))
    bend = np.where(step > 2, 1e3, _BEND * step)
    best, back = dark[0].copy(), np.zeros((rows, columns), int)
    for k in range(1, rows):
        reached = best[None] - bend
        back[k] = reached.argmax(1)
        best = reached.max(1) + dark[k]
    path = np.empty(rows, int)
    path[-1] = best.argmax()
    for k in range(rows - 1, 0, -1):
        path[k - 1] = back[k, path[k]]
    return path


def _longest(there: np.ndarray) -> tuple[int, int]:
    """First and past the last of the longest run, short gaps counted in."""
    filled = cv2.morphologyEx(there.astype(np.uint8)[None], cv2.MORPH_CLOSE, np.ones((1, 7), np.uint8))[0]
    ends = np.flatnonzero(np.diff(np.concatenate([[0], filled, [0]])))
    if not len(ends):
        return 0, 0
    runs = ends.reshape(-1, 2)
    first, last = runs[(runs[:, 1] - runs[:, 0]).argmax()]
    return int(first), int(last)
