"""Where an avatar may be written."""

from pathlib import Path

import pytest

from liveavatar.errors import AvatarError
from liveavatar.portrait.request import Request


def test_the_destination_is_where_the_user_says(tmp_path: Path) -> None:
    assert Request(tmp_path / "a.png", "mine", "", tmp_path / "x").destination() == tmp_path / "x"


def test_what_stands_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(AvatarError, match="--replace"):
        Request(tmp_path / "a.png", "mine", "", tmp_path / "x").destination()
    request = Request(tmp_path / "a.png", "mine", "", tmp_path / "x", replace=True)
    assert request.destination() == tmp_path / "x"


@pytest.mark.parametrize("name", ["../up", "", "a/b"])
def test_names_that_are_none_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(AvatarError):
        Request(tmp_path / "a.png", name, "", tmp_path / "x").destination()
