"""The package format: what is refused, and that every refusal says what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from liveavatar import avatar as packages
from liveavatar.avatar import CARD, Avatar, find_avatar, list_avatars, load_avatar, write_card
from liveavatar.errors import AvatarError


def change(folder: Path, **fields: Any) -> None:
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card.update(fields)
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def test_what_is_written_is_what_is_read(tiny: Avatar, tmp_path: Path) -> None:
    write_card(tiny, tmp_path)
    assert Avatar.from_dict(json.loads((tmp_path / CARD).read_text(encoding="utf-8")), tiny.folder) == tiny


def test_damaged_json(tiny_folder: Path) -> None:
    (tiny_folder / CARD).write_text("{", encoding="utf-8")
    with pytest.raises(AvatarError, match=r"avatar\.json is damaged"):
        load_avatar(tiny_folder)


def test_a_changed_file_is_refused_by_its_hash(tiny_folder: Path) -> None:
    path = tiny_folder / "face.png"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(AvatarError, match=r"face\.png has sha256"):
        load_avatar(tiny_folder)


def test_a_missing_file(tiny_folder: Path) -> None:
    (tiny_folder / "generator.onnx").unlink()
    with pytest.raises(AvatarError, match=r"generator\.onnx is missing"):
        load_avatar(tiny_folder)


def test_an_unknown_control_lists_the_known(tiny_folder: Path) -> None:
    change(tiny_folder, controls=[{"name": "wagTail", "minimum": 0, "maximum": 1}])
    with pytest.raises(AvatarError, match="unknown control wagTail; known controls are: browDownLeft"):
        load_avatar(tiny_folder)


FACE = {
    "name": "face",
    "file": "face.png",
    "source": [0, 0, 64, 64],
    "target": [0, 0, 64, 64],
    "laid_out": False,
}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"format": 99}, "expected format 1, got 99"),
        ({"size": [100000, 128]}, "multiples of 16"),
        ({"size": "big"}, "wrong form"),
        ({"controls": []}, "at least one"),
        ({"controls": [{"name": "jawOpen", "minimum": 1, "maximum": 0}]}, "not below"),
        ({"files": {"../evil": "0"}}, "files lacks"),
        ({"patches": [{"name": "p", "layer": "none", "box": [0, 0, 8, 8]}]}, "does not exist"),
        ({"patches": [{"name": "p", "layer": "face", "box": [120, 0, 64, 8]}]}, "outside the picture"),
        ({"layers": [{**FACE, "span": [120, 0, 64, 8]}]}, "outside the picture"),
        ({"layers": [{**FACE, "span": [0, 0, 64]}]}, "expected 4 numbers"),
        ({"layers": [{**FACE, "span": [0, 0, 64, 8]}], "patches": []}, "narrower than 16"),
        (
            {
                "patches": [
                    {"name": n, "layer": "face", "box": [x, 8, 32, 32]} for n, x in (("p", 8), ("q", 39))
                ]
            },
            "patches of a layer overlap",
        ),
    ],
)
def test_nonsense_in_the_card(tiny_folder: Path, fields: dict[str, Any], words: str) -> None:
    change(tiny_folder, **fields)
    with pytest.raises(AvatarError, match=words):
        load_avatar(tiny_folder)


def test_files_stay_inside_the_folder(tiny_folder: Path) -> None:
    card = json.loads((tiny_folder / CARD).read_text(encoding="utf-8"))
    change(tiny_folder, files={**card["files"], "../outside": "0"})
    with pytest.raises(AvatarError, match="plain names"):
        load_avatar(tiny_folder)


def test_a_missing_field_is_named(tiny_folder: Path) -> None:
    card = json.loads((tiny_folder / CARD).read_text(encoding="utf-8"))
    del card["layers"]
    (tiny_folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(AvatarError, match="'layers' is missing"):
        load_avatar(tiny_folder)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(AvatarError, match=r"no avatar named 'nobody'; there are: .*hoshi"):
        find_avatar("nobody")


def test_lookup_prefers_the_users_folder(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "avatar_folders", lambda: [tiny_folder.parent])
    assert dict(list_avatars()) == {"tiny": tiny_folder}
    assert find_avatar("tiny").folder == tiny_folder


def test_a_path_is_an_avatar_too(tiny_folder: Path) -> None:
    assert find_avatar(tiny_folder).name == "tiny"
