"""What the portrait renderer does with its picture."""

import json
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveavatar.avatar.card import CARD
from liveavatar.avatar.library import load_avatar, sha256
from liveavatar.base.files import asset
from liveavatar.controls import neutral, vector
from liveavatar.errors import AvatarError
from liveavatar.renderers import open_renderer
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.portrait.renderer import PortraitRenderer
from liveavatar.renderers.portrait.rig import read_rig
from liveavatar.types import Expression

PACKAGE = Path(__file__).parent.parent / "data" / "portrait"


@pytest.fixture(scope="module")
def renderer() -> PortraitRenderer:
    return PortraitRenderer(load_avatar(PACKAGE))


def draw(renderer: PortraitRenderer, **controls: float) -> np.ndarray:
    return renderer.render(Expression(vector(**controls), 0.0)).image.astype(int)


def eye(renderer: PortraitRenderer, side: int) -> tuple[slice, slice]:
    x, y = renderer._rig.eye_boxes[side]
    return slice(y + 26, y + 46), slice(x + 18, x + 54)


def test_at_rest_it_is_the_picture(renderer: PortraitRenderer) -> None:
    sheet = read_rgba(load_avatar(PACKAGE), "sheet.png").astype(int)
    assert np.abs(draw(renderer) - sheet).mean() < 0.5


def test_closed_lids_hide_the_eye(renderer: PortraitRenderer) -> None:
    """No white and no pupil between the lids: what is bright or dark in the eye is gone but for the lashes' line."""
    for side, name in enumerate(("eyeBlinkRight", "eyeBlinkLeft")):
        place = eye(renderer, side)
        opened, shut = draw(renderer)[place][..., :3], draw(renderer, **{name: 1.0})[place][..., :3]
        skin = np.median(shut.reshape(-1, 3), axis=0)
        assert (np.abs(opened - skin).max(-1) > 60).mean() > 2 * (np.abs(shut - skin).max(-1) > 60).mean()


def test_one_eye_alone(renderer: PortraitRenderer) -> None:
    still, wink = draw(renderer), draw(renderer, eyeBlinkLeft=1.0)
    assert np.abs(still - wink)[eye(renderer, 1)].max() > 60
    assert np.abs(still - wink)[eye(renderer, 0)].max() < 25


def test_the_gaze_moves_the_iris_the_right_way(renderer: PortraitRenderer) -> None:
    def dark(image: np.ndarray) -> float:
        """Where the darkness between the lids is, x in the patch."""
        weight = np.clip(150 - image[eye(renderer, 1)][..., :3].mean(-1), 0, None)
        return float((weight * np.arange(weight.shape[1])).sum() / weight.sum())

    assert dark(draw(renderer, eyeLookOutLeft=1)) > dark(draw(renderer)) + 1  # to the right of the picture
    assert dark(draw(renderer, eyeLookInLeft=1)) < dark(draw(renderer)) - 1


def test_an_open_mouth_shows_its_inside(renderer: PortraitRenderer) -> None:
    corners = renderer._rig.vertices[[61, 291], :2]
    x, y = corners.mean(0).astype(int)
    mouth = slice(y + 4, y + 16), slice(x - 8, x + 8)
    assert draw(renderer, jawOpen=0.8)[mouth][..., :3].mean() < 0.6 * draw(renderer)[mouth][..., :3].mean()


def test_the_sources_own_motion_is_used(renderer: PortraitRenderer) -> None:
    motion = np.zeros((478, 3), np.float32)
    motion[291, 1] = motion[61, 1] = 0.08  # the corners of the mouth go up, which no control says
    moved = renderer.render(Expression(neutral(), 0.0, motion=motion)).image.astype(int)
    assert np.abs(moved - draw(renderer)).max() > 40


def test_the_map_says_where_pixels_come_from(renderer: PortraitRenderer) -> None:
    warped = renderer.warp(Expression(vector(headYaw=0.3), 0.0))
    assert warped.field.shape == (512, 512, 2) and warped.field.dtype == np.float32
    nose = renderer._rig.vertices[4]
    moved = renderer.warp(Expression(neutral(), 0.0)).field[int(nose[1]), int(nose[0])]
    assert np.abs(moved - nose[:2].astype(int)).max() < 1.0
    assert np.abs(warped.field[int(nose[1]), int(nose[0])] - nose[:2]).max() > 5


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKAGE, tmp_path / "portrait"))


def rehash(folder: Path, **fields: Any) -> None:
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card.update(fields)
    card["files"] = {name: sha256(folder / name) for name in card["files"]}
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def test_a_rig_that_is_none(package: Path) -> None:
    (package / "rig.npz").write_bytes(b"no rig")
    rehash(package)
    with pytest.raises(AvatarError, match=r"does not fit its card: rig\.npz"):
        open_renderer(load_avatar(package))


def test_a_sheet_of_another_size(package: Path) -> None:
    shutil.copy(package / "golden.png", package / "sheet.png")
    rehash(package)
    with pytest.raises(AvatarError, match=r"sheet\.png is 128x128 pixels, expected 512x512"):
        open_renderer(load_avatar(package))


def test_a_missing_field_is_named(package: Path) -> None:
    card = json.loads((package / CARD).read_text(encoding="utf-8"))
    del card["rig"]
    (package / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(AvatarError, match="'rig' is missing"):
        load_avatar(package)


def test_a_drawings_portrait_of_older_versions_still_plays(tmp_path: Path) -> None:
    """Lids in one colour, a mouth stretched, and a refiner of its own: such packages are not made any more."""
    folder = Path(shutil.copytree(PACKAGE, tmp_path / "older"))
    rig = read_rig((folder / "rig.npz").read_bytes())
    drawn = replace(
        rig, options=np.array([0.95, 0.22, 1.0, 0.55], np.float32), teeth=np.zeros_like(rig.teeth)
    )
    (folder / "rig.npz").write_bytes(drawn.save())
    shutil.copyfile(asset("refiner.onnx"), folder / "refiner.onnx")
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card["golden"]["tolerance"] = 16.0
    card["files"] = {name: sha256(folder / name) for name in (*card["files"], "refiner.onnx")}
    (folder / CARD).write_text(json.dumps({**card, "refiner": "refiner.onnx"}), encoding="utf-8")
    with closing(PortraitRenderer(load_avatar(folder))) as renderer:
        shut, rest = (draw(renderer, eyeBlinkLeft=x) for x in (1.0, 0.0))
        assert np.abs(shut - rest)[eye(renderer, 1)].max() > 60
