import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveavatar.errors import OutputError
from liveavatar.media.compositing import (
    COLOURS,
    WHITE,
    ZOOM,
    Background,
    Framing,
    checkerboard,
    framed,
    parse_colour,
    parse_size,
)
from liveavatar.media.outline import outline
from liveavatar.types import AvatarFrame

SIZE = (40, 30)


def frame(rgba: tuple[int, int, int, int], size: tuple[int, int] = SIZE) -> AvatarFrame:
    return AvatarFrame(np.full((size[1], size[0], 4), rgba, np.uint8), 0.0)


@pytest.mark.parametrize(
    ("spec", "rgb"),
    [
        ("#ff8000", (255, 128, 0)),
        ("#FF8000", (255, 128, 0)),
        ("green", COLOURS["green"]),
        ("Blue", COLOURS["blue"]),
    ],
)
def test_colours(spec: str, rgb: tuple[int, int, int]) -> None:
    assert parse_colour(spec) == rgb
    assert tuple(Background(spec, SIZE).composite(frame((0, 0, 0, 0)))[5, 5]) == rgb


@pytest.mark.parametrize("spec", ["#ff80", "#gggggg", "no such thing", "missing.png"])
def test_an_unusable_background_says_what_is_expected(spec: str) -> None:
    with pytest.raises(OutputError, match="#rrggbb"):
        Background(spec, SIZE)


@settings(deadline=None, max_examples=60)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3), st.integers(0, 255))
def test_premultiplied_over(colour: tuple[int, ...], behind: tuple[int, ...], alpha: int) -> None:
    premultiplied = tuple(round(c * alpha / 255) for c in colour)
    picture = Background("#" + bytes(behind).hex(), SIZE).composite(frame((*premultiplied, alpha)))
    exact = np.array(premultiplied) + np.array(behind) * (255 - alpha) / 255
    assert np.abs(picture[3, 3] - exact).max() <= 1
    assert (picture == picture[0, 0]).all()


def test_a_picture_covers_the_output_and_is_cropped_about_the_middle(tmp_path: Path) -> None:
    picture = np.zeros((100, 400, 3), np.uint8)
    picture[:, :100], picture[:, 100:300], picture[:, 300:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    path = tmp_path / "背景 图.png"
    path.write_bytes(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes())
    shown = Background(str(path), (50, 50)).composite(frame((0, 0, 0, 0), (50, 50)))
    assert shown.shape == (50, 50, 3)
    assert (shown == (0, 255, 0)).all()  # scaled to 200x50, the middle 50 columns are green


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    for name, data in (("text.png", b"hello"), ("empty.png", b"")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(OutputError, match="cannot be read as a picture"):
            Background(str(tmp_path / name), SIZE)


def test_transparent_keeps_alpha_and_colours_do_not() -> None:
    half = frame((50, 60, 70, 128))
    np.testing.assert_array_equal(Background("transparent", SIZE).composite_rgba(half), half.image)
    assert (Background("white", SIZE).composite_rgba(half)[..., 3] == 255).all()


def test_a_smaller_avatar_is_enlarged_to_fit_bottom_centre() -> None:
    placed = framed(np.full((10, 20, 4), 255, np.uint8), (60, 40))
    assert placed.shape == (40, 60, 4)
    assert placed[10:].all() and not placed[:10].any()


def test_a_smaller_avatar_over_a_colour() -> None:
    picture = Background("white", (60, 40)).composite(frame((0, 64, 0, 128), (20, 20)))
    assert picture.shape == (40, 60, 3)
    assert np.abs(picture[:, 10:50].astype(int) - (127, 191, 127)).max() <= 1
    picture[:, 10:50] = 255
    assert (picture == 255).all()


def arrow() -> np.ndarray:
    """A 40x40 picture whose left half is red, right half green, the lower quarter blue."""
    image = np.zeros((40, 40, 4), np.uint8)
    image[..., 3] = 255
    image[:, :20, 0], image[:, 20:, 1] = 255, 255
    image[30:] = (0, 0, 255, 255)
    return image


def test_the_avatar_is_mirrored_and_its_background_is_not(tmp_path: Path) -> None:
    path = tmp_path / "halves.png"
    behind = np.zeros((40, 80, 3), np.uint8)
    behind[:, :40] = 255
    path.write_bytes(cv2.imencode(".png", behind)[1].tobytes())
    picture = Background(str(path), (80, 40), Framing(mirror=True)).composite(AvatarFrame(arrow(), 0.0))
    assert tuple(picture[5, 25]) == (0, 255, 0) and tuple(picture[5, 55]) == (255, 0, 0)
    assert tuple(picture[5, 5]) == (255, 255, 255) and tuple(picture[5, 75]) == (0, 0, 0)


def test_a_zoom_is_about_the_face_and_never_lifts_the_cut_bottom() -> None:
    for zoom in (0.5, 0.8, 1.0, 1.3, 2.0, 4.0):
        for y in (-1.0, -0.2, 0.0):
            placed = framed(arrow(), (80, 40), Framing(zoom=zoom, y=y))
            assert placed[-1, 40].any(), (zoom, y)  # the bust still stands on the lower edge
    closer = framed(arrow(), (40, 40), Framing(zoom=2.0))
    assert tuple(closer[17, 15, :3]) == (255, 0, 0) and tuple(closer[17, 25, :3]) == (0, 255, 0)


@settings(deadline=None, max_examples=200)
@given(
    st.floats(*ZOOM), st.floats(-1, 1), st.floats(-1, 1), st.booleans(),
    st.tuples(st.integers(33, 90), st.integers(33, 90)),
    st.sampled_from([0.0, 90.0, -33.3]), st.sampled_from([WHITE, (10, 200, 255, 100)]),
)  # fmt: skip
def test_any_framing_gives_a_picture_of_the_outputs_size(
    zoom: float, x: float, y: float, mirror: bool, size: tuple[int, int], rotation: float,
    tint: tuple[int, int, int, int],
) -> None:  # fmt: skip
    framing = Framing(zoom, x, y, mirror, rotation, tint)
    placed = framed(arrow(), size, framing)
    assert placed.shape == (size[1], size[0], 4)
    assert (placed[..., :3] <= placed[..., 3:]).all()
    picture = Background("black", size, framing).composite(AvatarFrame(arrow(), 0.0))
    assert np.abs(picture.astype(int) - placed[..., :3]).max() <= 1


def test_a_shift_is_in_shares_of_the_output() -> None:
    placed = framed(arrow(), (80, 40), Framing(x=0.25))
    assert placed[5, 41:79].any(axis=1).all() and not placed[5, :39].any()


def test_a_turn_is_clockwise_about_the_middle_and_a_tint_multiplies() -> None:
    whole = framed(arrow(), (40, 40))
    for degrees, quarters in ((90, -1), (-90, 1), (180, 2), (360, 0)):
        turned = framed(arrow(), (40, 40), Framing(rotation=degrees))
        assert np.abs(turned.astype(int) - np.rot90(whole, quarters)).max() <= 1, degrees
    tinted = framed(arrow(), (40, 40), Framing(tint=(255, 0, 100, 51)))
    assert tuple(tinted[5, 5]) == (51, 0, 0, 51) and tuple(tinted[5, 35]) == (0, 0, 0, 51)


def test_an_outline_lies_on_what_is_seen_however_it_is_framed() -> None:
    picture = np.zeros((256, 256, 4), np.uint8)
    cv2.circle(picture, (150, 100), 60, (255, 255, 255, 255), -1)
    assert not len(outline(np.zeros_like(picture), (64, 64), Framing()))
    for framing in (Framing(), Framing(1.5, 0.1, -0.1), Framing(0.6, mirror=True), Framing(rotation=120)):
        hull = outline(picture, (320, 240), framing).round().astype(np.int32)
        drawn = np.zeros((240, 320), np.uint8)
        cv2.fillConvexPoly(drawn, hull, 255)
        seen = framed(picture, (320, 240), framing)[..., 3]
        assert np.minimum(drawn, seen).sum() > 0.85 * np.maximum(drawn, seen).sum(), framing


@pytest.mark.parametrize("wrong", [{"zoom": 0.0}, {"zoom": math.nan}, {"x": 2.0}, {"y": -1.5}])
def test_a_framing_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(OutputError, match="must be from"):
        Framing(**wrong)  # type: ignore[arg-type]


def test_sizes() -> None:
    assert parse_size("720P") == (1280, 720) and parse_size("640x480") == (640, 480)
    for wrong in ("", "big", "640", "641x480", "9000x9000", "640x", "-640x480", "６４０x480x"):
        with pytest.raises(OutputError, match="1080p"):
            parse_size(wrong)


def test_the_background_is_not_painted_on() -> None:
    background = Background("white", SIZE)
    background.composite(frame((0, 0, 0, 255)))
    assert (background.composite(frame((0, 0, 0, 0))) == 255).all()


def test_a_larger_avatar_is_shrunk_to_fit() -> None:
    placed = framed(np.full((100, 50, 4), 255, np.uint8), (60, 40))
    assert placed.shape == (40, 60, 4)
    assert placed[:, 20:40].all() and not placed[:, :20].any() and not placed[:, 40:].any()


def test_checkers_are_two_greys() -> None:
    board = checkerboard((40, 32), cell=8)
    assert board.shape == (32, 40, 3)
    assert tuple(board[0, 0]) == (204, 204, 204) and tuple(board[0, 8]) == (255, 255, 255)
