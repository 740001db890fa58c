"""Where a mouth lies on its sheet: laid out as a wide open one, so that lips that move in the picture keep their place there.

48 principal components of *hoshi*'s stills hold her mouth to 23.7 dB in the face's own frame, to 31.2 dB in one like this
(benchmarks/LOG.md, 2026-11-26, evening)."""

import numpy as np

COLUMNS = np.linspace(-120.0, 120.0, 15)
ROWS = np.linspace(-54.0, 138.0, 9)
"""Of the frame's points, in canvas units of the sheet, right of and down from the middle of the upper lip."""
HALF, GAP = 80.0, 80.0
"""Half the width and the height of the mouth on the sheet, in canvas units."""
MARGIN = 40.0
"""Of lips, creases and tongue: what is round the opening shrinks with it, and the opening not to nothing."""


def frame(x: np.ndarray, line: np.ndarray, gap: float) -> np.ndarray:
    """The frame's points (n, 2) round a mouth whose corners and bend are given by a line along the upper lip, x (m,) from the
    picture's left to right and y (m,), and which is open by `gap`.

    All is straight or bends slowly, that of a narrow mouth still more so: a flow has a cell only every 16 units, and round lips
    would get corners."""
    middle, half = (x[-1] + x[0]) / 2, (x[-1] - x[0]) / 2
    across = middle + COLUMNS * (half + MARGIN) / (HALF + MARGIN)
    line = line[len(line) // 2] + (line - line[len(line) // 2]) * min(half / HALF * 2, 1.0)
    slopes = [np.clip((line[a] - line[b]) / (x[a] - x[b]), -0.8, 0.8) for a, b in ((6, 0), (-7, -1))]
    beyond = np.minimum(across - x[0], 0.0) * slopes[0] + np.maximum(across - x[-1], 0.0) * slopes[1]
    down = np.interp(across, x, line) + beyond + ROWS[:, None] * (gap + MARGIN) / (GAP + MARGIN)
    return np.stack([np.broadcast_to(across, down.shape), down], -1).reshape(-1, 2)


def on_sheet(middle: np.ndarray) -> np.ndarray:
    """The same points on the sheet (n, 2) on the canvas, the middle of the upper lip at `middle`."""
    return np.stack(np.meshgrid(COLUMNS, ROWS), -1).reshape(-1, 2) + middle
