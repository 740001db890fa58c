"""The package format: what is refused, and that every refusal says what to do."""

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from liveavatar.avatar import library as packages
from liveavatar.avatar.card import CARD, Avatar
from liveavatar.avatar.library import find_avatar, list_avatars, load_avatar, write_card
from liveavatar.avatar.reader import read_card
from liveavatar.cli import main
from liveavatar.errors import AvatarError


def change(folder: Path, **fields: Any) -> None:
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card.update(fields)
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def test_what_is_written_is_what_is_read(tiny: Avatar, tmp_path: Path) -> None:
    write_card(tiny, tmp_path)
    assert read_card(json.loads((tmp_path / CARD).read_text(encoding="utf-8")), tiny.folder) == tiny


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
PATCH = {"name": "p", "layer": "face", "low": "eye_left.low.png", "high": "eye_left.high.png"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"format": 99}, "expected format 2, got 99"),
        ({"format": 1}, r"got 1: it was made by an older liveavatar; .* train it again"),
        ({"format": 3}, "got 3: it was made by a newer liveavatar; update"),
        ({"size": [100000, 128]}, "multiples of 16"),
        ({"size": "big"}, "wrong form"),
        ({"controls": []}, "at least one"),
        ({"controls": [{"name": "jawOpen", "minimum": 1, "maximum": 0}]}, "not below"),
        ({"files": {"../evil": "0"}}, "files lacks"),
        ({"patches": [{**PATCH, "layer": "none", "box": [0, 0, 8, 8]}]}, "does not exist"),
        ({"patches": [{**PATCH, "box": [120, 0, 64, 8]}]}, "outside the picture"),
        ({"layers": [{**FACE, "span": [120, 0, 64, 8]}]}, "outside the picture"),
        ({"layers": [{**FACE, "span": [0, 0, 64]}]}, "expected 4 numbers"),
        ({"layers": [{**FACE, "span": [0, 0, 64, 8]}], "patches": []}, "narrower than 16"),
        (
            {
                "patches": [
                    {**PATCH, "name": n, "box": [x, 8, 32, 32]} for n, x in (("p", 8), ("q", 39))
                ]
            },
            "patches of a layer overlap",
        ),
        ({"name": "a\x9bb"}, "cannot be an avatar's name"),
        ({"name": "\u202egnp"}, "cannot be an avatar's name"),
        ({"name": "\ud83d"}, "damaged"),
        ({"name": 7}, "wrong form"),
        ({"licence": "MIT \x1b[2J"}, "control characters"),
        ({"credits": "x\u202e"}, "control characters"),
        ({"format": True}, "expected format 2"),
        ({"size": [128.0, 128]}, "wrong form"),
        ({"size": [True, 128]}, "wrong form"),
        ({"detail": -2}, "detail must be"),
        ({"detail": 10**30}, "wrong form"),
        ({"controls": [{"name": "jawOpen", "minimum": -1e9, "maximum": 1}]}, "wrong form"),
        ({"controls": [{"name": "jawOpen", "minimum": -99, "maximum": 1}]}, "goes beyond"),
        ({"controls": [{"name": "jawOpen", "minimum": 0, "maximum": 1}] * 2}, "stands twice"),
        ({"golden": {"controls": {}, "file": "golden.png", "tolerance": 255}}, "tolerance"),
        ({"golden": {"controls": {}, "file": "golden.png", "tolerance": -1}}, "tolerance"),
        ({"golden": {"controls": {"nose": 1}, "file": "golden.png", "tolerance": 1}}, "unknown control nose"),
        ({"golden": {"controls": {}, "file": "face.png", "tolerance": 1}}, "named for two things"),
        ({"layers": [{**FACE, "span": [0, 0, 64, 64], "laid_out": 1}]}, "wrong form"),
        ({"layers": [{**FACE, "span": [0, 0, 64, 64]}] * 33}, "at most 32"),
        ({"layers": [{**FACE, "span": [0, 0, 64, 64]}] * 2}, "stands twice"),
        (
            {"layers": [{**FACE, "name": n, "span": [0, 0, 64, 64]} for n in ("face", "twin")], "patches": []},
            "named for two things",
        ),
        ({"size": [2048, 2048], "detail": 4,
          "layers": [{**FACE, "source": [0, 0, 2048, 2048], "span": [0, 0, 64, 64]}]}, "larger than 128 MB together"),
        ({"made_with": []}, "wrong form"),
        ({"figures": "none"}, "wrong form"),
    ],
)  # fmt: skip
def test_nonsense_in_the_card(tiny_folder: Path, fields: dict[str, Any], words: str) -> None:
    change(tiny_folder, **fields)
    with pytest.raises(AvatarError, match=words):
        load_avatar(tiny_folder)


@pytest.mark.parametrize("tolerance", ["NaN", "Infinity", "1e999", "9" * 5000])
def test_a_number_that_is_none(tiny_folder: Path, tolerance: str) -> None:
    text = (tiny_folder / CARD).read_text(encoding="utf-8")
    (tiny_folder / CARD).write_text(
        text.replace('"tolerance": 1.0', f'"tolerance": {tolerance}'), encoding="utf-8"
    )
    with pytest.raises(AvatarError, match="damaged"):
        load_avatar(tiny_folder)


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, "\ud800", {1}, b"x"], ids=repr)
def test_a_card_that_no_file_could_hold(tiny: Avatar, value: Any) -> None:
    for field in ("name", "size", "detail", "golden", "made_with", "credits"):
        with pytest.raises(AvatarError):
            read_card({**tiny.to_dict(), field: value}, tiny.folder)


def test_words_in_every_language_are_kept(tiny: Avatar) -> None:
    words = "星\n(c) Zoë \u200eשלום می\u200cخواهم 👩\u200d🎨"
    assert read_card({**tiny.to_dict(), "credits": words}, tiny.folder).credits == words


def test_a_card_with_a_byte_order_mark(tiny_folder: Path) -> None:
    (tiny_folder / CARD).write_bytes(b"\xef\xbb\xbf" + (tiny_folder / CARD).read_bytes())
    assert load_avatar(tiny_folder).name == "tiny"


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are no files there")
@pytest.mark.parametrize("name", [CARD, "face.png"])
def test_nothing_but_plain_files_of_a_sensible_size_is_read(tiny_folder: Path, name: str) -> None:
    path = tiny_folder / name
    path.unlink()
    for make in (lambda: os.mkfifo(path), lambda: path.symlink_to("/dev/zero"), path.mkdir):
        make()
        with pytest.raises(AvatarError):
            load_avatar(tiny_folder)
        path.rmdir() if path.is_dir() else path.unlink()
    with path.open("wb") as file:
        file.truncate(3 << 30)  # three gigabytes of nothing, which take no room
    with pytest.raises(AvatarError, match="larger than"):
        load_avatar(tiny_folder)


def test_a_file_that_changes_between_check_and_use_is_refused(tiny_folder: Path) -> None:
    avatar = load_avatar(tiny_folder)
    assert avatar.read("face.png").startswith(b"\x89PNG")
    (tiny_folder / "face.png").write_bytes(b"another")
    with pytest.raises(AvatarError, match=r"face\.png has sha256"):
        avatar.read("face.png")


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


def test_a_card_cannot_steer_the_terminal(tiny_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(
        tiny_folder, made_with={"tool": "\x1b[2J", "\u009bk": ["\u202ex"]}, figures={"held-out": {"\x07": 1}}
    )
    assert main(["avatars", "info", str(tiny_folder)]) == 0
    shown = capsys.readouterr().out
    assert "tool: \\x1b[2J" in shown and "\\x9bk" in shown and "\\u202ex" in shown
    assert not set("\x1b\x9b\u202e\a") & set(shown)
