"""Pages that scripts make are current: the map of the code, the scripts' list, a page for each avatar."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["map", "model_cards"])
def test_pages_are_current(name: str) -> None:
    pages = importlib.import_module(f"scripts.{name}").pages()
    stale = [p.name for p, text in pages.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
    assert not stale, f"run: python scripts/{name}.py"


def test_every_module_says_what_it_is() -> None:
    """The map is made of first sentences."""
    lines = (ROOT / "docs" / "map.md").read_text(encoding="utf-8").splitlines()
    modules = [
        line.split(maxsplit=1) for line in lines if line.split()[:1] and line.split()[0].endswith(".py")
    ]
    assert len(modules) > 150 and not [words for words in modules if len(words) < 2]


def test_every_avatar_that_ships_has_a_page_in_both_languages() -> None:
    shipped = {path.parent.name for path in (ROOT / "weights").glob("*/avatar.json")}
    pages = {path.stem for path in (ROOT / "docs" / "avatars").glob("*.md")}
    assert pages == {name + end for name in shipped for end in ("", ".zh-CN")}
    listed = set(
        re.findall(r"avatars/(\w+)\.md", (ROOT / "weights" / "README.md").read_text(encoding="utf-8"))
    )
    assert listed == shipped
