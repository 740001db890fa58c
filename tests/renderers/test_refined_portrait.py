"""A refiner at work in a portrait package."""

from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.library import load_avatar
from liveavatar.controls import vector
from liveavatar.errors import AvatarError
from liveavatar.renderers import open_renderer
from liveavatar.renderers.portrait import rig as rigs
from liveavatar.types import Expression
from tests.helpers.refined import refined_portrait

DATA = Path(__file__).parent.parent / "data"


def test_it_repaints_mouth_and_eyes_and_nothing_else(tmp_path: Path) -> None:
    plain = open_renderer(load_avatar(DATA / "portrait"))
    refined = open_renderer(load_avatar(refined_portrait(tmp_path / "x")))
    asked = Expression(vector(jawOpen=0.6, eyeBlinkLeft=1, headYaw=0.2), 0.0)
    before, after = plain.render(asked).image.astype(int), refined.render(asked).image.astype(int)
    changed = np.abs(before - after).max(-1) > 0
    assert changed.any()
    rows, _ = np.nonzero(changed)
    points = rigs.read_rig((DATA / "portrait" / "rig.npz").read_bytes()).vertices[:468]
    assert points[:, 1].min() < rows.min() and rows.max() < points[:, 1].max() + 60
    assert changed.mean() < 0.1
    assert (before[..., 3] == after[..., 3]).all()
    assert (after[..., :3] <= after[..., 3:]).all()


def test_what_is_no_refiner_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match=r"refiner\.onnx: it is not a graph"):
        open_renderer(load_avatar(refined_portrait(tmp_path / "junk", b"junk")))
    other = (DATA / "tiny" / "generator.onnx").read_bytes()
    with pytest.raises(AvatarError, match=r"mouth\.warped"):
        open_renderer(load_avatar(refined_portrait(tmp_path / "other", other)))
