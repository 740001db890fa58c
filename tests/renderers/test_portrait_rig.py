"""The rig's file is untrusted; the map it makes is exact."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveavatar.renderers.portrait import raster
from liveavatar.renderers.portrait.rig import RigError, read_rig

RIG = (Path(__file__).parent.parent / "data" / "portrait" / "rig.npz").read_bytes()


def changed(**arrays: Any) -> bytes:
    with np.load(io.BytesIO(RIG)) as data:
        every = {name: data[name] for name in data.files}
    file = io.BytesIO()
    np.savez_compressed(file, **{**every, **arrays})
    return file.getvalue()


def test_what_is_saved_is_what_is_loaded() -> None:
    rig = read_rig(RIG)
    again = read_rig(rig.save())
    assert all(np.array_equal(getattr(rig, n), getattr(again, n)) for n in rig.__dataclass_fields__)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"face": np.full((4, 3), 99999, np.int32)}, "vertices that are not there"),
        ({"outer": np.full((4, 3), -1, np.int32)}, "vertices that are not there"),
        ({"turn": np.zeros(3, np.float32)}, "turn must be"),
        ({"vertices": np.full((600, 3), np.nan, np.float32)}, "must be|no positions"),
        ({"pivot": np.full(3, np.inf, np.float32)}, "no positions"),
        ({"vertices": np.float32(3)}, "len"),
        ({"height": np.float32(3)}, "16 to 512"),
        ({"eye_boxes": np.full((2, 2), 500, np.int32)}, "outside the picture"),
        ({"gain": np.zeros((478, 3))}, "gain must be float32"),
        ({"balls": np.array([{"a": 1}], object)}, "holds no numbers"),
    ],
)
def test_nonsense_is_refused(arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(RigError, match=words):
        read_rig(changed(**arrays))


def test_other_files_are_refused() -> None:
    for data in (b"", b"no zip", RIG[:2000], RIG[:-200]):
        with pytest.raises(RigError):
            read_rig(data)
    with pytest.raises(RigError, match="larger than"):
        read_rig(changed(more=np.zeros(30 << 20, np.uint8)))


def test_the_map_inverts_an_affine_motion_exactly() -> None:
    x, y = np.meshgrid(np.arange(-20, 121, 20.0), np.arange(-20, 121, 20.0))
    source = (x + 1j * y).ravel().astype(np.complex64)
    index = np.arange(source.size).reshape(x.shape)
    triangles = np.concatenate([
        np.stack([index[:-1, :-1], index[1:, :-1], index[:-1, 1:]], -1).reshape(-1, 3),
        np.stack([index[1:, 1:], index[:-1, 1:], index[1:, :-1]], -1).reshape(-1, 3),
    ])  # fmt: skip
    turn = np.complex64(1.1 * np.exp(0.2j))
    field = np.full((100, 100), raster.OUTSIDE)
    raster.paint(field, ((source - (50 + 50j)) * turn + (50 + 50j)).astype(np.complex64), source, triangles)
    px, py = np.meshgrid(np.arange(100), np.arange(100))
    expected = ((px + 1j * py) - (50 + 50j)) / turn + (50 + 50j)
    assert (field != raster.OUTSIDE).all()  # no cracks between triangles
    assert np.abs(field - expected).max() < 0.01


def test_nearer_triangles_hide_farther_ones() -> None:
    target = np.array([0, 40, 40j, 0, 40, 40j], np.complex64)
    source = np.array([0, 0, 0, 7, 7, 7], np.complex64)
    triangles = np.array([[3, 4, 5], [0, 1, 2]])
    depth = np.array([5, 5, 5, -5, -5, -5], np.float32)  # z away from the camera: the second three are nearer
    field = np.full((40, 40), raster.OUTSIDE)
    raster.paint(field, target, source, raster.far_first(triangles, depth))
    assert field[5, 5] == 7
