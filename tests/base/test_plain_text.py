"""Text of strangers cannot steer a terminal."""

import pytest

from liveavatar.base.messages import say
from liveavatar.base.plain_text import is_plain, plain, without_password


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"), ("\x9b31m", "\\x9b31m"), ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udc9b", "\\udc9b"), ("bell\a", "bell\\x07"), ("a\u2028b\U000e0041", "a\\u2028b\\U000e0041"),
    ],
)  # fmt: skip
def test_what_draws_nothing_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert plain(text) == shown and not is_plain(text)
    shown.encode()


def test_writing_of_all_kinds_stays() -> None:
    for text in ("星 hoshi 　", "Zoë, ñ", "👩‍🎨", "two\nlines\tand a tab", "שלום"):
        assert plain(text) == text
    assert is_plain("星 (2)")


def test_messages_are_neutralised_where_they_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    say("bad name: \x1b]0;title\a")
    assert capsys.readouterr().err == "bad name: \\x1b]0;title\\x07\n"


def test_an_address_is_shown_without_its_password() -> None:
    assert without_password("rtsp://me:secret@10.0.0.7:554/a") == "rtsp://...@10.0.0.7:554/a"
    assert without_password("http://10.0.0.7/a@b") == "http://10.0.0.7/a@b" and without_password("0") == "0"
