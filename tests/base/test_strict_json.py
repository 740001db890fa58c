"""JSON of others: one error for whatever the bytes are, and no value that the rest of the program cannot bear."""

import json
import os
import sys
from pathlib import Path

import pytest

from liveavatar.base.files import Unreadable, read_whole
from liveavatar.base.strict_json import MAX_BYTES, parse_json, read_json


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 500, "nested deeper|no JSON"),
        ("[" * 200_000 + "]" * 200_000, "nested deeper"),
        ("[" * 65 + "]" * 65, "nested deeper than 64"),
        ('{"a":' * 70 + "1" + "}" * 70, "nested deeper"),
        ('{"format": ' + "9" * 5000 + "}", "99999999999999999999 is no number"),
        ("1e400", "1e400 is no number"),
        ("-1e999", "no number"),
        ("NaN", "NaN is no number"),
        ("[-Infinity]", "-Infinity is no number"),
        ('{"a": 1, "a": 2}', "'a' twice"),
        (r'{"name": "\ud800"}', "no text"),
        (r'{"\udfff": 1}', "no text"),
        ("", "no JSON"),
        ("{", "no JSON"),
        ("'a'", "no JSON"),
        (b"\xff\xfe\xff", "no text"),
        (b"\x80abc", "no text"),
        (b"\0" * 100, "no JSON|no text"),
    ],
)
def test_what_is_refused(text: str | bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        parse_json(text)
    assert len(str(caught.value)) < 200


def test_many_equal_keys_are_refused_at_once() -> None:
    text = "{" + ",".join(f'"{i}": 1' for i in range(60_000)) + ', "59999": 1}'
    with pytest.raises(Unreadable, match="'59999' twice"):
        parse_json(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_what_editors_write_is_read(tmp_path: Path, encoding: str) -> None:
    value = {"名": ["星\U0001f600", 1, -0.5, True, None, {}], "深": [[[[[1e300]]]]]}
    path = tmp_path / "名.json"
    path.write_bytes(json.dumps(value, ensure_ascii=False).encode(encoding))
    assert read_json(path) == value


def test_a_pair_of_surrogates_is_a_letter() -> None:
    assert parse_json(r'"\ud83d\ude00"') == "\U0001f600"


def test_files_that_are_no_small_files(tmp_path: Path) -> None:
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(Unreadable, match="larger than 1 MB"):
        read_json(big)
    big.unlink()
    with pytest.raises(Unreadable, match=r"folder|denied"):
        read_json(tmp_path)
    with pytest.raises(Unreadable, match="cannot be read") as caught:
        read_json(tmp_path / "gone.json")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    with pytest.raises(Unreadable, match="no file's name"):
        read_json(tmp_path / "a\0b")
    with pytest.raises(Unreadable, match="cannot be read"):
        read_json(tmp_path / ("x" * 5000))
    exact = tmp_path / "exact"
    exact.write_bytes(b" " * (MAX_BYTES - 1) + b"1")
    assert read_json(exact) == 1 and len(read_whole(exact, MAX_BYTES)) == MAX_BYTES


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes among its files")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero")):
        with pytest.raises(Unreadable, match="no plain file"):
            read_json(path)
