"""Where a mouth lies on its texture: unwrapped along its lips, as a wide open one.

The points follow both lips from corner to corner, so the lips keep their place on the texture whatever the mouth does, and what
is between them is stretched to one height. What is painted there hardly changes with the mouth's shape then: 64 principal
components of *hoshi*'s stills hold it to 35.6 dB (benchmarks/LOG.md, 2026-11-30).
"""

import numpy as np

ACROSS = np.linspace(-1.5, 1.5, 25)
"""Columns: along the lips, -1 and 1 at the corners."""
BETWEEN = np.linspace(0.0, 1.0, 7)
"""Rows from the upper lip to the lower."""
ABOVE, BELOW = (52.0, 34.0, 18.0, 8.0), (8.0, 18.0, 34.0, 56.0, 80.0)
"""Rows beyond the lips: so many canvas units from them."""
SHAPE = len(ABOVE) + len(BETWEEN) + len(BELOW), len(ACROSS)
"""Rows and columns."""
HALF, RISE, FALL = 80.0, 28.0, 56.0
"""Half the mouth's width on the texture, and how far the lips are from the line between the corners there, in canvas units."""
LEAST, LEAST_ON_TEXTURE = 32.0, 24.0
"""Lips are held so far apart at least: the motion has a cell only every five units, and what is squeezed into fewer is torn
(squeezed to 12 units, it comes back with 34.5 dB, to 32 with 38)."""
MARGIN = 40.0
"""What is beside the corners shrinks with the mouth, but less."""


def frame(x: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """The points (n, 2) of a mouth whose lips go through x, upper and lower, (m,) each from the picture's left to its right."""
    columns = np.clip(ACROSS, -1, 1)
    middle, half = (x[-1] + x[0]) / 2, (x[-1] - x[0]) / 2
    # Where the lips turn round a corner, half way to columns that are as far from each other everywhere.
    at = (np.interp(columns, np.linspace(-1, 1, len(x)), x) + middle + half * columns) / 2
    top, low = (np.interp(at, x, line) for line in (upper, lower))
    beyond = (ACROSS - columns) * HALF * (half + MARGIN) / (HALF + MARGIN)
    line = (top + low) / 2
    left, right = (np.clip((line[a] - line[b]) / (at[a] - at[b]), -0.8, 0.8) for a, b in ((9, 4), (-10, -5)))
    bent = np.where(ACROSS < 0, left, right) * beyond / 2  # half as steep as beside the corner
    return _grid(at + beyond, top + bent, low + bent, LEAST)


def on_texture(middle: np.ndarray) -> np.ndarray:
    """The same points on the texture (n, 2) on the canvas, the middle of the closed mouth at `middle`."""
    columns = np.clip(ACROSS, -1, 1)
    x = HALF * (ACROSS + 0.3 * (np.sin(columns * np.pi / 2) - columns))
    belly = np.maximum(1 - np.abs(columns) ** 2.2, 0.0) ** 0.75
    return _grid(x, -RISE * belly, FALL * belly, LEAST_ON_TEXTURE) + middle


def _grid(x: np.ndarray, upper: np.ndarray, lower: np.ndarray, least: float) -> np.ndarray:
    """Rows from above the lips to below them, which are moved apart softly where they are nearer than `least`."""
    opening = lower - upper
    room = (np.hypot(opening, least) - opening) / 2
    upper, lower = upper - room, lower + room
    rows = (
        *(upper - d for d in ABOVE),
        *(upper + share * (lower - upper) for share in BETWEEN),
        *(lower + d for d in BELOW),
    )
    return np.stack([np.broadcast_to(x, SHAPE), np.stack(rows)], -1).reshape(-1, 2)
