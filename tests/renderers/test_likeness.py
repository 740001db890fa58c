"""The file of a likeness: read back as it was, refused where it could not be one."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.renderers.portrait.likeness import LikenessError, read_likeness
from tests.helpers.own_face import driver_likeness, portrait


def test_it_comes_back_as_it_was(model: Path) -> None:
    likeness, (rig, _) = driver_likeness(model), portrait()
    data = likeness.save()
    again = read_likeness(data, rig)
    assert len(data) < 6 << 20
    assert all((getattr(likeness, f.name) == getattr(again, f.name)).all() for f in fields(likeness))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pictures", lambda a: a[:, :-1]),
        ("amounts", lambda a: a * np.float32("nan")),
        ("stance", lambda a: a[:, :100]),
        ("habits", lambda a: a.astype(np.float32)),
        ("shown", lambda a: a[:, :, None]),
        ("shown", lambda a: np.zeros((2000, 2000), np.uint8)),
        ("layout", lambda a: a + np.float32(1e9)),
        ("components", lambda a: np.zeros((500, 478, 3), np.float16)),
        ("mean", lambda a: np.uint8(0)),
    ],
)
def test_what_cannot_be_is_refused(model: Path, name: str, change) -> None:  # type: ignore[no-untyped-def]
    likeness = driver_likeness(model)
    broken = replace(likeness, **{name: np.asarray(change(getattr(likeness, name)))})
    with pytest.raises(LikenessError):
        read_likeness(broken.save(), portrait()[0])


def test_junk_is_refused() -> None:
    with pytest.raises(LikenessError):
        read_likeness(b"junk", portrait()[0])
