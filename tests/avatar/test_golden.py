"""How a package is sealed: whoever made it, it draws, it has its hashes, and a failure leaves nothing behind."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.card import CARD, Avatar
from liveavatar.avatar.golden import GOLDEN, expression_of, placeholder, reduced, seal
from liveavatar.avatar.library import load_avatar, sha256
from liveavatar.base.folders import workspace
from liveavatar.controls import INDEX
from liveavatar.errors import AvatarError
from liveavatar.media.png import decode_png
from liveavatar.renderers import make_renderer
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame


def opened(avatar: Avatar) -> Renderer:
    return make_renderer(avatar, "cpu", 1)


def as_rgb(frame: AvatarFrame) -> np.ndarray:
    return frame.image[..., :3]


@pytest.fixture
def draft(tiny: Avatar, tmp_path: Path) -> Iterator[Avatar]:
    """The tiny avatar as training leaves it: graph and textures."""
    with workspace(tmp_path) as work:
        for name in tiny.gan.files:
            shutil.copyfile(tiny.folder / name, work / name)
        controls = {c.name for c in tiny.controls}
        golden = placeholder(work, tiny.size, {n: v for n, v in GOLDEN.items() if n in controls})
        yield replace(tiny, folder=work, golden=golden, files={})


def test_a_sealed_package_is_one_a_user_can_load(draft: Avatar, tiny: Avatar, tmp_path: Path) -> None:
    avatar = seal(draft, tmp_path / "tiny", opened, as_rgb, 1.0)
    assert avatar == load_avatar(tmp_path / "tiny") and avatar.golden.tolerance == 1.0
    assert set(avatar.files) == {p.name for p in avatar.folder.iterdir()} - {CARD}
    assert all(sha256(avatar.folder / name) == digest for name, digest in avatar.files.items())
    before, after = (decode_png((a.folder / "golden.png").read_bytes()) for a in (tiny, avatar))
    assert np.abs(before.astype(int) - after).mean() < 1.0  # the tiny avatar's own, drawn again


def test_what_fails_leaves_the_older_package(draft: Avatar, tiny: Avatar, tmp_path: Path) -> None:
    home = tmp_path / "tiny"
    shutil.copytree(tiny.folder, home)
    (draft.folder / "face.png").write_bytes(b"none")
    with pytest.raises(AvatarError, match=r"face\.png"):
        seal(draft, home, opened, as_rgb, 1.0)
    assert load_avatar(home).files == tiny.files


def test_the_golden_expression_moves_what_it_names(tiny: Avatar) -> None:
    expression = expression_of(replace(tiny.golden, controls={"jawOpen": 0.5}))
    assert expression.controls[INDEX["jawOpen"]] == 0.5 and np.count_nonzero(expression.controls) == 1
    assert reduced(np.zeros((640, 512, 4), np.uint8)).shape == (160, 128, 4)
