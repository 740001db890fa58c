"""Turns a moved triangle mesh into a backward map: for each pixel of the picture, where it comes from.

All triangles at once in numpy, by scanlines: triangles -> rows -> pixels. The triangles come far to near and later
ones overwrite earlier ones, which is the z-buffer. Positions are complex numbers x + iy: one array, one write.
"""

import numpy as np

OUTSIDE = np.complex64(-30000 - 30000j)
"""Source position of a pixel that no triangle covers."""
MAX_ROWS = 400_000
"""Lines of all triangles; faces have some ten thousand."""
MAX_COVER = 8
"""How often the triangles may cover the field; a face covers it once."""


def paint(field: np.ndarray, target: np.ndarray, source: np.ndarray, triangles: np.ndarray) -> None:
    """Write the source positions of the pixels that the triangles cover into `field`, in place.

    field      (H, W) complex64, source positions by pixel
    target     (V,) complex64, where the vertices are in the picture, pixels of `field`
    source     (V,) complex64, where they were in the texture, pixels
    triangles  (T, 3) int, far to near; either winding
    """
    height, width = field.shape
    a, b, c = (target[triangles[:, k]] for k in range(3))
    # Sorted by height: a is the highest corner, c the lowest.
    a, b = np.where(a.imag <= b.imag, a, b), np.where(a.imag <= b.imag, b, a)
    b, c = np.where(b.imag <= c.imag, b, c), np.where(b.imag <= c.imag, c, b)
    a, b = np.where(a.imag <= b.imag, a, b), np.where(a.imag <= b.imag, b, a)
    top = np.ceil(np.clip(a.imag, 0, height)).astype(np.int32)
    count = np.floor(np.clip(c.imag, -1, height - 1)).astype(np.int32) - top + 1
    p, q, r = (target[triangles[:, k]] for k in range(3))
    e1, e2 = q - p, r - p
    area = e1.real * e2.imag - e1.imag * e2.real
    keep = np.flatnonzero((count > 0) & (np.abs(area) > 1e-3))
    keep = keep[_nearest(count[keep], MAX_ROWS)]
    a, b, c, p, e1, e2, area = (v[keep] for v in (a, b, c, p, e1, e2, area))
    top, count, triangles = top[keep], count[keep], triangles[keep]

    # The affine map of each triangle: source = at + x * right + y * down.
    s0, s1, s2 = (source[triangles[:, k]] for k in range(3))
    d1, d2 = s1 - s0, s2 - s0
    right = (d1 * e2.imag - d2 * e1.imag) / area
    down = (d2 * e1.real - d1 * e2.real) / area
    at = s0 - p.real * right - p.imag * down

    # A row goes from the long edge a-c to one of the short ones: a-b above b, b-c below.
    owner = np.repeat(np.arange(len(count), dtype=np.int32), count)
    ends = np.cumsum(count, dtype=np.int32)
    row = np.arange(len(owner), dtype=np.int32) + (top - ends + count)[owner]
    y = row.astype(np.float32)
    start, slope = _edge(a, c)
    long = start[owner] + slope[owner] * y
    start, slope = (np.concatenate(pair) for pair in zip(_edge(a, b), _edge(b, c), strict=True))
    which = owner + (y > b.imag[owner]) * np.int32(len(count))
    short = start[which] + slope[which] * y
    first = np.ceil(np.clip(np.minimum(long, short) - np.float32(1e-3), 0, width)).astype(np.int32)
    last = np.floor(np.clip(np.maximum(long, short) + np.float32(1e-3), -1, width - 1)).astype(np.int32)
    filled = np.flatnonzero(last >= first)
    filled = filled[_nearest(last[filled] - first[filled] + 1, MAX_COVER * field.size)]
    owner, first, row, y = owner[filled], first[filled], row[filled], y[filled]
    length = last[filled] - first + 1

    run = np.repeat(np.arange(len(length), dtype=np.int32), length)
    ends = np.cumsum(length, dtype=np.int32)
    x = np.arange(len(run), dtype=np.int32) + (first - ends + length)[run]
    line = at[owner] + y * down[owner]
    values = line[run] + x.astype(np.float32) * right[owner][run]
    field.ravel()[x + (row * np.int32(width))[run]] = values


def _nearest(sizes: np.ndarray, most: int) -> slice:
    """Of things far to near, the nearest that are no more than `most` together: a mesh may move so that all of its triangles
    are as large as the picture."""
    if sizes.sum(dtype=np.int64) <= most:
        return slice(None)
    return slice(int((sizes[::-1].cumsum(dtype=np.int64)[::-1] > most).sum()), None)


def _edge(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x at y = 0 and its slope, of the lines through a and b."""
    rise = b.imag - a.imag
    slope = (b.real - a.real) / np.where(rise > 1e-4, rise, np.float32(1))
    return a.real - a.imag * slope, slope


def positions(vertices: np.ndarray) -> np.ndarray:
    """(V,) complex64 x + iy of vertices (V, 2 or 3)."""
    return (vertices[:, 0] + 1j * vertices[:, 1]).astype(np.complex64)


def far_first(triangles: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """The triangles (T, 3) int32 sorted for paint(); depth (V,) float32: z of the vertices, larger is farther."""
    return triangles[np.argsort(-depth[triangles].sum(1))]
