"""Where the bust stands in the picture: it leans in and moves aside with the head."""

from typing import NamedTuple

import numpy as np

from liveavatar.types import Expression


class Placement(NamedTuple):
    """Picture place p shows avatar place p / zoom - (x, y), both counted from the corner: the first pixel's middle is 0.5."""

    zoom: float = 1.0
    """About the bottom centre."""
    x: float = 0.0
    y: float = 0.0
    """The shift before it, in avatar pixels."""

    def moved(self, boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Where boxes of the avatar land in a picture of this size (width, height), clipped to it.

        boxes: (n, 4) int, as Box counts; so is what is returned."""
        if self == (1.0, 0.0, 0.0):
            return boxes
        corners = np.stack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
        first, last = (corners + self[1:]) * self.zoom
        begin = np.maximum(np.floor(first).astype(int), 0)
        return np.concatenate([begin, np.minimum(np.ceil(last).astype(int), size) - begin], axis=1)


AT_REST = Placement()


def placement(expression: Expression, width: int, height: int) -> Placement:
    """Of the head's place and size in the camera's picture, within what may be shown.

    The bust is cut at the bottom, so it never rises: lifting the head only lowers a bust that was pushed down."""
    zoom = float(np.clip(expression.scale, 0.7, 1.5))
    shift_x = float(np.clip(expression.x, -0.3, 0.3)) * width / zoom
    shift_y = max(0.0, float(np.clip(expression.y, -0.2, 0.2))) * height / zoom
    return Placement(zoom, shift_x + width / 2 * (1 / zoom - 1), shift_y + height * (1 / zoom - 1))
