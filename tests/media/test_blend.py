"""Source-over of premultiplied pictures."""

import numpy as np
import pytest

from liveavatar.media.blend import clamp_to_alpha, over


def premultiplied(seed: int) -> np.ndarray:
    return clamp_to_alpha(np.random.default_rng(seed).integers(0, 256, (20, 30, 4), np.uint8))


@pytest.mark.parametrize("channels", [3, 4])
def test_over_is_top_plus_what_it_lets_through(channels: int) -> None:
    bottom, top = premultiplied(1)[..., :channels].copy(), premultiplied(2)
    expected = top[..., :channels] + bottom * (1 - top[..., 3:] / 255)
    over(bottom, top)
    assert np.abs(bottom - expected).max() <= 1


def test_over_works_in_place_on_a_part_of_a_picture() -> None:
    picture, top = np.zeros((40, 40, 4), np.uint8), np.full((8, 8, 4), 255, np.uint8)
    over(picture[4:12, 6:14], top)
    assert (picture[4:12, 6:14] == 255).all() and picture.sum() == top.sum()


def test_no_colour_stays_above_alpha() -> None:
    image = premultiplied(3)
    assert (image[..., :3] <= image[..., 3:]).all()
    assert np.array_equal(clamp_to_alpha(image.copy()), image)
