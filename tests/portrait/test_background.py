"""A picture's own background is kept without its figure, and stands behind the avatar until the user says otherwise."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.app.sink import Sink
from liveavatar.avatar.card import CARD
from liveavatar.avatar.library import load_avatar, sha256
from liveavatar.errors import AvatarError
from liveavatar.media.compositing import DEFAULT, Framing, parse_colour
from liveavatar.media.png import encode_png
from liveavatar.portrait.background import without_figure


def test_what_the_figure_hid_is_painted_as_what_is_beside_it() -> None:
    """On a ground that goes over from one colour to another; the picture's own edges are nowhere to be seen."""
    y, x = np.mgrid[:300, :400].astype(np.float32)
    ground = np.stack([60 + 0.3 * x, 200 - 0.4 * y, 90 + 0.1 * (x + y)], -1)
    figure = np.zeros((300, 400), np.float32)
    cv2.ellipse(figure, (200, 170), (60, 90), 0, 0, 360, 1, -1)
    rgb = np.where(cv2.dilate(figure, np.ones((5, 5)))[..., None] > 0, 255, ground).astype(np.uint8)
    move = np.array([[1.8, 0, 512 - 1.8 * 200], [0, 1.8, 700 - 1.8 * 200]])
    kept = without_figure(rgb, figure, move, 1024)
    assert kept.shape == (720, 1280, 3)
    scale = 720 / 1024
    place = scale * move
    place[0, 2] += 280
    expected = cv2.warpAffine(ground, place, (1280, 720), borderMode=cv2.BORDER_REFLECT)
    away = np.abs(kept - expected).max(-1)
    assert away.max() < 40 and away.mean() < 5  # nothing of the white figure is left
    assert kept[360, 5].min() > 30 and kept[-3, 640].min() > 30


def with_background(folder: Path, picture: np.ndarray) -> None:
    (folder / "background.png").write_bytes(encode_png(picture))
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card["files"]["background.png"] = sha256(folder / "background.png")
    (folder / CARD).write_text(json.dumps({**card, "background": "background.png"}), encoding="utf-8")


def test_it_stands_behind_the_avatar_where_the_user_says_nothing_else(tiny_folder: Path) -> None:
    bare = load_avatar(tiny_folder)
    with_background(tiny_folder, np.full((72, 128, 4), (200, 30, 40, 255), np.uint8))
    avatar = load_avatar(tiny_folder)

    def behind(background: str | None, spec: str = "null") -> list[int]:
        sink = Sink(spec, background, "auto", (256, 144), Framing())
        return sink.backdrop(avatar.size, avatar).image[5, 5].tolist()

    assert behind(None) == [200, 30, 40] and behind("green") == [0, 177, 64]
    sink = Sink("null", None, "auto", (256, 144), Framing())
    backdrop = sink.backdrop(avatar.size, avatar)
    sink.dress(backdrop, bare)  # swapped
    assert tuple(backdrop.image[5, 5]) == parse_colour(DEFAULT)
    assert Sink("browser:0", None, "auto", None, Framing()).backdrop(avatar.size, avatar).transparent


def test_a_background_that_is_none_is_refused(tiny_folder: Path) -> None:
    with_background(tiny_folder, np.zeros((8, 8, 4), np.uint8))
    (tiny_folder / "background.png").write_bytes(b"no picture")
    card = json.loads((tiny_folder / CARD).read_text(encoding="utf-8"))
    card["files"]["background.png"] = sha256(tiny_folder / "background.png")
    (tiny_folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    avatar = load_avatar(tiny_folder)
    with pytest.raises(AvatarError, match=r"background\.png is not an RGBA PNG"):
        Sink("null", None, "auto", None, Framing()).backdrop(avatar.size, avatar)
