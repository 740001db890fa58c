"""Crops of mouth and eyes: where they lie, what they know about the warp, and that they come back to their place."""

from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.library import load_avatar
from liveavatar.controls import vector
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.placement import AT_REST, Placement
from liveavatar.renderers.portrait import crops
from liveavatar.renderers.portrait.renderer import Puppet, Warped
from liveavatar.renderers.portrait.rig import PortraitRig, read_rig
from liveavatar.types import Expression

PACKAGE = Path(__file__).parent.parent / "data" / "portrait"


@pytest.fixture(scope="module")
def rig() -> PortraitRig:
    return read_rig((PACKAGE / "rig.npz").read_bytes())


def warp(rig: PortraitRig, place: Placement = AT_REST, **controls: float) -> Warped:
    puppet = Puppet(rig, read_rgba(load_avatar(PACKAGE), "sheet.png"))
    return puppet.warp(Expression(vector(**controls), 0.0), place)


def test_the_mouth_stays_in_the_middle_of_its_crop(rig: PortraitRig) -> None:
    for place in (AT_REST, Placement(1.3, 20.0, -50.0)):
        shown = warp(rig, place, headYaw=0.3, headRoll=0.3, jawOpen=0.7)
        matrix = crops.locate(rig, shown.points, place.zoom).mouth
        inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
        lips = np.column_stack([shown.points[[61, 291, 0, 17], :2], np.ones(4)]) @ inverse.T
        assert np.allclose(lips[:, :2].mean(0), (np.array(crops.MOUTH) - 1) / 2, atol=0.01)
        assert (lips[:, :2] > 4).all() and (lips[:, :2] < np.array(crops.MOUTH) - 4).all()
        assert lips[0, 1] == pytest.approx(lips[1, 1], abs=6)  # upright though the head is not


def test_both_eyes_look_like_left_ones(rig: PortraitRig) -> None:
    shown = warp(rig)
    right, left = (crops.extract(shown.image, m, crops.EYE) for m in crops.locate(rig, shown.points).eyes)
    same = np.abs(right.astype(int) - left).mean()
    assert same < np.abs(right[:, ::-1].astype(int) - left).mean()
    raised = vector(eyeBlinkRight=0.8, headYaw=0.2)
    _, eyes = crops.conditions(raised)
    blink, yaw = crops.EYE_CONTROLS.index("eyeBlinkLeft"), crops.EYE_CONTROLS.index("headYaw")
    assert eyes[:, blink] == pytest.approx([0.8, 0.0])
    assert eyes[:, yaw] == pytest.approx([-0.2, 0.2])


def test_maps_tell_what_the_warp_did(rig: PortraitRig) -> None:
    home = crops.locate(rig, rig.vertices).mouth
    still = crops.warp_maps(warp(rig).field, home, home, crops.MOUTH)
    assert still.shape == (crops.MAPS, crops.MOUTH[1] // 2, crops.MOUTH[0] // 2)
    assert np.abs(still[:2]).max() < 0.05
    assert np.abs(still[2]).mean() < 0.05
    shown = warp(rig, jawOpen=1.0)
    opened = crops.warp_maps(shown.field, crops.locate(rig, shown.points).mouth, home, crops.MOUTH)
    middle = opened[:, 15:25, 20:28]
    assert middle[2].mean() > 1  # what is between the lips was stretched to many times its size
    nowhere = crops.warp_maps(np.full((512, 512, 2), -30000, np.float32), home, home, crops.MOUTH)
    assert (nowhere[4] == 1).all()


def test_a_change_goes_to_its_place_and_no_further(rig: PortraitRig) -> None:
    picture = np.full((512, 512, 4), 100, np.uint8)
    picture[..., 3] = 120
    matrix = crops.locate(rig, rig.vertices).mouth
    w, h = crops.MOUTH
    change = np.dstack([50 * crops.feather(crops.MOUTH)] * 3 + [np.zeros((h, w), np.float32)])
    crops.add_residual(picture, change, matrix)
    x, y = np.round(matrix @ [w / 2, h / 2, 1]).astype(int)
    assert (picture[y, x] == [120, 120, 120, 120]).all()  # no colour above alpha
    low, high = matrix @ [-1, -1, 1], matrix @ [w, h, 1]
    away = np.ones((512, 512), bool)
    away[int(low[1]) : int(high[1]) + 2, int(low[0]) : int(high[0]) + 2] = False
    assert (picture[away][:, :3] == 100).all()
    outside = matrix.copy()
    outside[:, 2] = 5000
    crops.add_residual(picture, change, outside)


def test_nothing_painted_and_nothing_shifted_changes_nothing() -> None:
    w, h = crops.EYE
    crop = np.random.default_rng(1).integers(0, 256, (h, w, 4)).astype(np.uint8)
    none, still = np.zeros((5, h, w), np.float32), np.zeros((4, h // 2, w // 2), np.float32)
    own = np.full((h, w, 4), 7, np.uint8)
    assert np.abs(crops.residual(crop, own, none, still, crops.feather(crops.EYE))).max() < 1e-3
    kept = none.copy()
    kept[4] = 1
    changed = crops.residual(crop, own, kept, still, crops.feather(crops.EYE))
    assert np.allclose((crop + changed)[h // 2, w // 2, :3], 7)
    all_new = np.ones((5, h, w), np.float32)
    changed = crops.residual(crop, own, all_new, still, crops.feather(crops.EYE))
    assert np.allclose((crop + changed)[h // 2, w // 2, :3], 255)
    assert np.abs(changed[0]).max() < 4  # faded out at the border
