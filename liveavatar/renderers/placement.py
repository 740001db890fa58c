"""Where the bust stands in the picture: it leans in and moves aside with the head."""

from typing import NamedTuple

import numpy as np

from liveavatar.base.box import Box
from liveavatar.types import Expression


class Placement(NamedTuple):
    """Picture pixel p shows avatar pixel p / zoom - (x, y)."""

    zoom: float = 1.0
    """About the bottom centre."""
    x: float = 0.0
    y: float = 0.0
    """The shift before it, in avatar pixels."""

    def moved(self, box: Box, size: tuple[int, int]) -> Box:
        """Where a box of the avatar lands in a picture of this size (width, height), clipped to it."""
        zoom, shift_x, shift_y = self
        if zoom == 1.0 and shift_x == 0.0 and shift_y == 0.0:
            return box
        x, y, w, h = box
        x0, y0 = int(np.floor((x + shift_x) * zoom)), int(np.floor((y + shift_y) * zoom))
        x1, y1 = int(np.ceil((x + w + shift_x) * zoom)), int(np.ceil((y + h + shift_y) * zoom))
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, size[0]), min(y1, size[1])
        return Box.between(x0, y0, x1, y1)


AT_REST = Placement()


def placement(expression: Expression, width: int, height: int) -> Placement:
    """Of the head's place and size in the camera's picture, within what may be shown.

    The bust is cut at the bottom, so it never rises: lifting the head only lowers a bust that was pushed down."""
    zoom = float(np.clip(expression.scale, 0.7, 1.5))
    shift_x = float(np.clip(expression.x, -0.3, 0.3)) * width / zoom
    shift_y = max(0.0, float(np.clip(expression.y, -0.2, 0.2))) * height / zoom
    return Placement(zoom, shift_x + width / 2 * (1 / zoom - 1), shift_y + height * (1 / zoom - 1))
