import cv2
import numpy as np
import pytest

from liveavatar.media.yuv import MATRICES, matrix, to_i420


@pytest.mark.parametrize("name", MATRICES)
def test_black_white_and_grey_have_no_colour(name: str) -> None:
    for level, luma in ((0, 16), (255, 235), (128, 126)):
        planes = to_i420(np.full((4, 4, 3), level, np.uint8), matrix(name))
        assert set(planes[:16]) == {luma} and set(planes[16:]) == {128}


def test_bt601_is_what_cv2_makes() -> None:
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (64, 48, 3), np.uint8), (9, 9), 3)
    ours = to_i420(picture, matrix("bt601")).astype(int)
    theirs = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420).ravel().astype(int)
    assert np.abs(ours - theirs)[: 64 * 48].max() <= 1
    assert np.abs(ours - theirs).mean() < 1  # cv2 takes one pixel's colour for four, we their mean


def test_pure_colours_have_the_standard_bt709_codes() -> None:
    for colour, code in (((255, 0, 0), (63, 102, 240)), ((0, 0, 255), (32, 240, 118))):
        planes = to_i420(np.full((2, 2, 3), colour, np.uint8), matrix("bt709"))
        assert tuple(planes[[0, 4, 5]]) == code
