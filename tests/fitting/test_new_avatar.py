"""A character by its seed becomes an avatar without torch: it moves as its rig does."""

import errno
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("skia")

from liveavatar.avatar import golden
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import load_avatar
from liveavatar.controls import both, neutral, vector
from liveavatar.fitting import create as creating
from liveavatar.fitting.create import Fitted, Told, create
from liveavatar.fitting.metrics import over_grey, psnr
from liveavatar.renderers import open_renderer
from liveavatar.rigs import open_rig
from liveavatar.types import Expression

SIDE = 128


@pytest.fixture(scope="module")
def fitted() -> list[Fitted]:
    """What the avatar's package holds, once it is made."""
    return []


@pytest.fixture(scope="module")
def avatar(tmp_path_factory: pytest.TempPathFactory, fitted: list[Fitted]) -> Avatar:
    patch = pytest.MonkeyPatch()
    fit = creating.fit
    patch.setattr(creating, "fit", lambda *a: fitted.append(fit(*a)) or fitted[0])
    for name, value in (
        ("SIZE", SIDE), ("POINTS", 600), ("STILLS", 300), ("LEAST_STILLS", 250), ("DRAWS_UNTIL", 0.0),
    ):  # fmt: skip
        patch.setattr(creating, name, value)
    patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    told: list[tuple[int, int]] = []
    folder = tmp_path_factory.mktemp("new") / "nova"
    create("seed-5", "nova", folder, 2, Told(stills=lambda done, total: told.append((done, total))))
    patch.undo()
    assert told[-1] == (250, 250)  # time was up, so it made do with the least
    assert [path.name for path in folder.parent.iterdir()] == ["nova"]
    return load_avatar(folder)


def test_it_draws_what_its_rig_draws(avatar: Avatar) -> None:
    rig = open_rig("seed-5")
    looks = [
        neutral(),
        vector(**both(eyeBlink=1.0)),
        vector(jawOpen=0.8),
        vector(headYaw=0.3, headPitch=-0.15),
    ]
    with closing(open_renderer(avatar, "cpu")) as renderer:
        for controls in looks:
            ours = over_grey(renderer.render(Expression(controls, 0.0)).image)
            truth = over_grey(rig.render(controls, SIDE))
            still = over_grey(rig.render(neutral(), SIDE))
            assert psnr(ours, truth) > 22
            if controls.any():
                assert psnr(ours, truth) > psnr(still, truth) + 1


def test_its_card_says_how_it_was_made(avatar: Avatar) -> None:
    assert avatar.made_with["options"] == {"rig": "seed-5"} and avatar.name == "nova"


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Writing the package's pictures fails from the one of this number on."""
    write, fails = golden.write_picture, [10**9]
    written: list[Path] = []

    def on_a_full_disk(path: Path, pixels: Any) -> None:
        written.append(path)
        if len(written) > fails[0]:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, pixels)

    monkeypatch.setattr(golden, "write_picture", on_a_full_disk)
    yield fails


@pytest.mark.parametrize("written", [0, 4, 12])
def test_a_full_disk_leaves_nothing_or_the_older_one(
    written: int,
    avatar: Avatar,
    fitted: list[Fitted],
    pictures: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(creating, "fit", lambda *a: fitted[0])
    place = tmp_path / "nova"
    pictures[0] = written
    with pytest.raises(OSError, match="No space left"):
        create("seed-5", "nova", place, 1, Told())
    assert list(tmp_path.iterdir()) == []
    pictures[0] = 10**9
    older = create("seed-5", "nova", place, 1, Told())
    pictures[0] = 0
    with pytest.raises(OSError, match="No space left"):
        create("seed-6", "nova", place, 1, Told())
    assert load_avatar(place).digest == older.digest
    assert [path.name for path in tmp_path.iterdir()] == ["nova"]
