import io

import numpy as np
import pytest
from PIL import Image

from liveavatar.media.png import PngError, decode_png, encode_png, size_of


def picture(channels: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (24, 32, channels), np.uint8)


@pytest.mark.parametrize("effort", [1, 6])
def test_what_is_written_is_what_is_read(effort: int) -> None:
    rgba = picture(4)
    data = encode_png(rgba, effort=effort)
    assert size_of(data) == (32, 24)
    assert np.array_equal(decode_png(data), rgba)


def test_a_part_of_a_picture_is_written_in_its_own_order() -> None:
    rgb = picture(3)[4:20, 3:30]
    data = encode_png(rgb, {"Source": "synthetic", "Title": "星"})
    with Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(np.asarray(opened), rgb)
        assert opened.text == {"Source": "synthetic", "Title": "星"}  # type: ignore[attr-defined]


def test_texts_and_profiles_do_not_reach_the_decoder() -> None:
    rgba = picture(4)
    assert np.array_equal(decode_png(encode_png(rgba, {"Comment": "x" * 100_000})), rgba)


@pytest.mark.parametrize("cut", [0, 7, 20, 60, -30])
def test_what_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(PngError):
        decode_png(encode_png(picture(4))[:cut])


def test_a_picture_without_alpha_is_none_of_an_avatars() -> None:
    with pytest.raises(PngError, match="RGBA"):
        decode_png(encode_png(picture(3)))
