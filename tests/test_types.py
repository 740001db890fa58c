"""A frame is a picture, or what one is composed of."""

import numpy as np
import pytest

from liveavatar.types import AvatarFrame, Drawing


class Counted(Drawing):
    def __init__(self, picture: np.ndarray) -> None:
        self.picture, self.count = picture, 0

    def compose(self) -> np.ndarray:
        self.count += 1
        return self.picture


def test_a_drawing_is_composed_once_and_only_when_it_is_looked_at() -> None:
    drawing = Counted(np.zeros((4, 6, 4), np.uint8))
    frame = AvatarFrame(drawing, 1.0)
    assert frame.drawing is drawing and not drawing.count
    assert frame.composed() is frame and frame.image is drawing.picture and frame.image is drawing.picture
    assert drawing.count == 1
    assert AvatarFrame(drawing.picture, 1.0).drawing is None


@pytest.mark.parametrize(
    "picture", [np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6, 4)), np.zeros((4, 6), np.uint8)]
)
def test_what_is_no_premultiplied_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"\(H, W, 4\) uint8"):
        AvatarFrame(picture, 0.0)
    with pytest.raises(ValueError, match=r"\(H, W, 4\) uint8"):
        AvatarFrame(Counted(picture), 0.0).composed()
