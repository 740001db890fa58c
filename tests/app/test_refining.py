"""`refine`: what it writes, what stops it, and which videos it does not take."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from liveavatar.app import refining
from liveavatar.avatar.library import load_avatar, sha256
from liveavatar.errors import AvatarError, TrainingError
from liveavatar.renderers import open_renderer
from tests.helpers.clips import write_clip
from tests.helpers.own_face import PORTRAIT, driver_shots


@pytest.fixture
def package(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(refining, "watch", lambda *a: list(driver_shots(model)))
    return Path(shutil.copytree(PORTRAIT, tmp_path / "person"))


def refine(package: Path) -> refining.Learned:
    return refining.refine(
        load_avatar(package), Path("me.mp4"), Path("x"), "a video", print, lambda s: None, lambda a, b: None
    )


def test_it_writes_a_package_that_runs(package: Path) -> None:
    before = load_avatar(package)
    learned = refine(package)
    avatar = learned.avatar
    assert learned.figures["face_psnr"] > learned.figures["face_psnr_before"]
    assert avatar.consent == f"{before.consent}; a video" and avatar.folder == package
    assert set(avatar.files) - set(before.files) == {"likeness.npz"}
    assert [p.name for p in package.parent.iterdir()] == [package.name]
    open_renderer(avatar).close()
    refine(package)  # once more, from what it is now


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_what_stops_it_leaves_the_avatar_as_it_was(
    package: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    before = {p.name: sha256(p) for p in package.iterdir()}

    def fail(*a: object) -> None:
        raise error

    monkeypatch.setattr(refining, "seal", fail)
    with pytest.raises((KeyboardInterrupt, AvatarError)):
        refine(package)
    assert {p.name: sha256(p) for p in package.iterdir()} == before
    assert [p.name for p in package.parent.iterdir()] == [package.name]


def test_other_avatars_are_refused() -> None:
    with pytest.raises(AvatarError, match="no portrait"):
        refining.parts_of(load_avatar(PORTRAIT.parent / "tiny"))


def test_videos_of_no_use_are_refused(model: Path, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "empty.mp4", size=(320, 240))
    with pytest.raises(TrainingError, match="no face was found"):
        refining.watch(clip, model, load_avatar(PORTRAIT), lambda s: None)
    shots = list(driver_shots(model))
    dark = [refining.Shot(s.expression, s.landmarks, np.zeros_like(s.picture)) for s in shots]
    for seen, shown, crowded, reason in (
        (shots, 3.0, False, "3.0 s"),
        (shots, 20, True, "several"),
        (dark, 20, False, "dark"),
    ):
        with pytest.raises(TrainingError, match=reason):
            refining._require_use("me.mp4", seen, shown, crowded)
