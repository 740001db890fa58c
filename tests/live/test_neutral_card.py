import numpy as np
import pytest

from liveavatar.live.neutral_card import neutral_card
from liveavatar.media.compositing import SIZES, Background, Framing
from liveavatar.outputs import open_output


@pytest.mark.parametrize("size", [(64, 64), (256, 256), (512, 512), (480, 854), SIZES["1080p"], (1000, 64)])
def test_it_fills_the_output_with_clear_corners(size: tuple[int, int]) -> None:
    card = neutral_card(size)
    image = card.image
    assert image.shape == (size[1], size[0], 4) and card.whole
    assert (image[..., :3].max(-1) <= image[..., 3]).all()
    assert not image[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    assert (image[..., 3] == 255).mean() > 0.7
    assert np.array_equal(image, neutral_card(size).image)


@pytest.mark.parametrize("size", [(256, 256), (512, 512), (1920, 1080)])
def test_a_light_moon_stands_on_a_calm_dark_ground(size: tuple[int, int]) -> None:
    luma = neutral_card(size).image[..., :3].mean(2)
    light = np.argwhere(luma > 200)
    assert 0.004 < len(light) / min(size) ** 2 < 0.05
    middle = light.mean(0) / luma.shape
    assert np.abs(middle - (0.48, 0.5)).max() < 0.05
    inner = luma[size[1] // 8 : size[1] // 5]
    assert inner[:, size[0] // 4 : -size[0] // 4].max() < 120
    assert np.abs(np.diff(luma[size[1] // 8 : -size[1] // 8, size[0] // 8], axis=0)).max() <= 3  # no bands


@pytest.mark.parametrize("background", ["green", "transparent"])
@pytest.mark.parametrize("framing", [Framing(2.5, 0.3, -0.2, True), Framing(0.4, -0.9, 0.9)])
def test_no_framing_moves_it(background: str, framing: Framing) -> None:
    size = (320, 180)
    card = neutral_card(size)
    framed, plain = Background(background, size, framing), Background(background, size)
    assert np.array_equal(framed.composite_rgba(card), plain.composite_rgba(card))
    assert np.array_equal(framed.composite(card), plain.composite(card))
    assert (framed.composite_rgba(card)[0, 0, 3] == 0) == (background == "transparent")


def test_outputs_show_it() -> None:
    background = Background("transparent", (256, 144), Framing(3.0))
    output = open_output("memory", size=(256, 144), fps=30, background=background)
    card = neutral_card((256, 144))
    output.send(card)
    assert np.array_equal(output.pictures[0], card.image)  # type: ignore[attr-defined]
