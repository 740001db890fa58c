"""Installing from folders and archives, kind and hostile; whatever fails leaves things as they were."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from liveavatar.avatar import install as installing
from liveavatar.avatar import library as packages
from liveavatar.avatar.card import CARD
from liveavatar.avatar.install import install, remove
from liveavatar.avatar.library import find_avatar, take_place
from liveavatar.cli import main
from liveavatar.errors import AvatarError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "数据" / "avatars"
    for module in (packages, installing):
        monkeypatch.setattr(module, "avatar_folders", lambda: [folder])
    return folder


def zipped(folder: Path, target: Path, prefix: str = "", **more: bytes) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, prefix + path.name)
        for name, data in more.items():
            archive.writestr(name.replace("__", "/").replace("DOTS", ".."), data)
    return target


def left(home: Path) -> list[str]:
    return sorted(p.name for p in home.iterdir()) if home.exists() else []


def test_a_folder_and_archives_with_or_without_one_around(
    home: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    for source in (
        tiny_folder,
        zipped(tiny_folder, tmp_path / "flat.zip"),
        zipped(tiny_folder, tmp_path / "nested.zip", "tiny-1.0/"),
    ):
        avatar = install(source, replace=True)
        assert avatar.folder == home / "tiny" and find_avatar("tiny").name == "tiny"
        assert left(home) == ["tiny"]


def test_an_avatar_of_the_same_name_is_only_replaced_on_request(home: Path, tiny_folder: Path) -> None:
    install(tiny_folder)
    mark = home / "tiny" / "mark"
    mark.touch()
    with pytest.raises(AvatarError, match="--replace"):
        install(tiny_folder)
    assert mark.exists()
    install(tiny_folder, replace=True)
    assert not mark.exists() and left(home) == ["tiny"]


def test_a_broken_one_does_not_take_the_place_of_a_good_one(home: Path, tiny_folder: Path) -> None:
    install(tiny_folder)
    (tiny_folder / "face.png").write_bytes(b"other")
    with pytest.raises(AvatarError, match="sha256"):
        install(tiny_folder, replace=True)
    assert find_avatar("tiny").folder == home / "tiny" and left(home) == ["tiny"]


def test_a_broken_card_is_told_of_where_the_user_has_it(
    home: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    (tiny_folder / CARD).write_text("{", encoding="utf-8")
    for source in (tiny_folder, zipped(tiny_folder, tmp_path / "broken.zip")):
        with pytest.raises(AvatarError) as caught:
            install(source)
        assert str(source / CARD) in str(caught.value) and str(home) not in str(caught.value)
    assert left(home) == []


@pytest.mark.parametrize(
    "name", ["../evil", "a/b", "con", "COM1.x", "", ".", "a:b", "x" * 65, "end. ", "a\nb"]
)
def test_a_name_that_is_no_plain_folder_is_refused(home: Path, tiny_folder: Path, name: str) -> None:
    card = json.loads((tiny_folder / CARD).read_text(encoding="utf-8"))
    (tiny_folder / CARD).write_text(json.dumps({**card, "name": name}), encoding="utf-8")
    with pytest.raises(AvatarError, match="cannot be an avatar's name"):
        install(tiny_folder)
    assert left(home) == []


def test_names_in_an_archive_that_lead_elsewhere_are_left_out(
    home: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    source = zipped(tiny_folder, tmp_path / "a.zip", DOTS__DOTS__evil=b"x", sub__evil=b"x")
    install(source)
    assert not list(tmp_path.rglob("evil"))
    shutil.copytree(tiny_folder, tmp_path / "linked")
    (tmp_path / "linked" / "more").symlink_to("/etc")
    install(tmp_path / "linked", replace=True)
    assert not (home / "tiny" / "more").exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p / "nothing", "no such file"),
        (lambda p: p, "holds no avatar.json"),
        (lambda p: (p / "a.zip").write_bytes(b"PK no") and p / "a.zip", "cannot be read as a .zip"),
        (lambda p: zipped(p / "empty", p / "b.zip", readme=b"hello"), "holds no avatar.json"),
    ],
)
def test_what_is_no_avatar(home: Path, tmp_path: Path, make, words: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "empty").mkdir()
    with pytest.raises(AvatarError, match=words):
        install(make(tmp_path))
    assert left(home) == []


def test_too_large_and_too_many_are_refused(
    home: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "MAX_BYTES", 10)
    with pytest.raises(AvatarError, match="larger than"):
        install(tiny_folder)
    monkeypatch.setattr(installing, "MAX_FILES", 2)
    with pytest.raises(AvatarError, match="more than the 2"):
        install(tiny_folder)
    assert left(home) == []


def test_remove_takes_installed_ones_only(
    home: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["avatars", "install", str(tiny_folder)]) == 0
    assert main(["avatars", "remove", "tiny"]) == 0
    assert left(home) == []
    for name in ("tiny", "hoshi", "..", ""):
        with pytest.raises(AvatarError, match="not among"):
            remove(name)


def test_a_folder_with_other_things_in_it_is_never_replaced(tiny_folder: Path, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "thesis.txt").write_text("three years")
    for place in (documents, documents / "thesis.txt"):
        with pytest.raises(AvatarError, match="is no avatar; it would be lost"):
            take_place(tiny_folder, place)
    assert (documents / "thesis.txt").read_text() == "three years"
    (tmp_path / "empty").mkdir()
    assert take_place(tiny_folder, tmp_path / "empty").name == "tiny"
