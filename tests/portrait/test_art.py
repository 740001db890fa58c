"""What eyes and mouth are painted from."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from liveavatar.portrait.eyes import make_eye
from liveavatar.portrait.mouth import make_mouth
from liveavatar.renderers.portrait.eyes import SIDES
from liveavatar.renderers.portrait.rig import PortraitRig, read_rig
from liveavatar.renderers.portrait.topology import EYES

PACKAGE = Path(__file__).parents[1] / "data" / "portrait"


@pytest.fixture(scope="module")
def rig() -> PortraitRig:
    return read_rig((PACKAGE / "rig.npz").read_bytes())


@pytest.fixture(scope="module")
def texture() -> np.ndarray:
    return np.array(Image.open(PACKAGE / "sheet.png"))


@pytest.mark.parametrize("index", [0, 1])
def test_an_iris_is_a_whole_disc_where_the_landmarks_are(
    index: int, rig: PortraitRig, texture: np.ndarray
) -> None:
    box = rig.eye_boxes[index]
    art = make_eye(texture, rig.vertices, SIDES[index], box)
    assert [a.shape for a in art] == [(72, 72, 3), (72, 72, 4), (72, 72, 3)]
    assert all(a.dtype == np.uint8 for a in art)
    y, x = np.nonzero(art.iris[..., 3] > 127)
    centre = rig.vertices[EYES[SIDES[index]]["iris"][0], :2] - box
    assert np.hypot(x.mean() - centre[0], y.mean() - centre[1]) < 1
    assert abs(np.ptp(x) - np.ptp(y)) <= 1, "lids hide none of it"
    assert (art.iris[..., :3] <= art.iris[..., 3:]).all()


def test_mouths_have_teeth_before_the_dark(rig: PortraitRig, texture: np.ndarray) -> None:
    teeth, colours = make_mouth(texture, rig.vertices)
    assert teeth.shape == (2, 64, 192, 4) and colours.shape == (2, 3)
    assert teeth[..., 3].max() == 255 and (teeth[..., :3] <= teeth[..., 3:]).all()
    cavity, tongue = colours.astype(int)
    assert cavity.sum() < tongue.sum(), "dark behind the tongue"
