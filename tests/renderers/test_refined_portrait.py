"""A refiner at work in a portrait package."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.library import load_avatar
from liveavatar.controls import vector
from liveavatar.errors import AvatarError
from liveavatar.renderers import open_renderer
from liveavatar.renderers.portrait import rig as rigs
from liveavatar.renderers.portrait.rig import HABITS, LANDMARKS, RigError
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


def test_cards_and_rigs_from_before_refiners_load(tmp_path: Path) -> None:
    avatar = load_avatar(DATA / "portrait")
    assert avatar.portrait.refiner == ""
    assert rigs.read_rig((DATA / "portrait" / "rig.npz").read_bytes()).manner.shape == (0, LANDMARKS, 2)


def test_a_manner_moves_the_mesh_and_is_checked() -> None:
    rig = rigs.read_rig((DATA / "portrait" / "rig.npz").read_bytes())
    manner = np.zeros((len(HABITS), LANDMARKS, 2), np.float32)
    manner[HABITS.index("jawOpen"), 17, 1] = -0.1
    known = rigs.read_rig(replace(rig, manner=manner).save())
    assert (known.manner == manner).all()
    from liveavatar.renderers.portrait import motion

    asked = Expression(vector(jawOpen=0.5), 0.0)
    shift = motion.expressed(known, asked, asked.controls) - motion.expressed(rig, asked, asked.controls)
    assert shift[17, 1] == pytest.approx(0.05 * rig.height, rel=0.05)
    assert np.abs(np.delete(shift[:LANDMARKS], 17, 0)).max() < 1e-4
    with pytest.raises(RigError, match="manner"):
        rigs.read_rig(replace(rig, manner=manner[:5]).save())
