"""README and docs in English and Chinese: the same headings, the same commands, the same figures."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BOTH_IN_ONE = {"cli.md"}
"""Both languages stand beside each other on the page."""
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"] + [
    page
    for page in sorted((ROOT / "docs").rglob("*.md"))
    if page.name not in BOTH_IN_ONE and ".zh-CN" not in page.name
]


def twin(page: Path) -> Path:
    return page.with_name(f"{page.stem}.zh-CN.md")


def lines(page: Path, *, code: bool) -> list[str]:
    """The lines in code blocks (fenced, or indented by four after a blank line), or the others."""
    found, fenced, indented, before = [], False, False, ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
            continue
        indented = line.startswith("    ") and (indented or not before.strip())
        before = line
        if (fenced or indented) == code:
            found.append(line)
    return found


def commands(page: Path) -> list[str]:
    """Code without comments, and without the descriptions in a tree of files."""
    return [re.sub(r"(?<=\S)\s{2,}\S.*$", "", line).strip() for line in lines(page, code=True)]


def figures(page: Path) -> Counter[str]:
    """Every number on the page outside of code blocks, and how often."""
    text = "\n".join(lines(page, code=False))
    text = re.sub(r"\]\([^)]*\)|<[^>]*>", "", text)  # addresses of links
    text = re.sub(r"^ *\d+\. ", "", text, flags=re.MULTILINE)  # numbers of list items
    return Counter(re.findall(r"(?<![\w.])[.]?\d+(?:[.,:]\d+)*", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_twin_says_the_same(page: Path) -> None:
    other = twin(page)
    assert other.is_file()
    levels = [
        [line.split(" ")[0] for line in lines(p, code=False) if re.match("#+ ", line)] for p in (page, other)
    ]
    assert levels[0] == levels[1]
    rows = [sum(line.startswith("|") for line in lines(p, code=False)) for p in (page, other)]
    assert rows[0] == rows[1]
    assert commands(page) == commands(other)
    here, there = figures(page), figures(other)
    assert here == there, f"only in English: {here - there}, only in Chinese: {there - here}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_page_links_to_its_twin_at_the_top(page: Path) -> None:
    for here, there in ((page, twin(page)), (twin(page), page)):
        top = here.read_text(encoding="utf-8")[:600]
        assert f"]({there.name})" in top or f'href="{there.name}"' in top


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_twin_is_chinese(page: Path) -> None:
    for line in lines(twin(page), code=False):
        if line.startswith(("|", "[")):  # names and figures; a link
            continue
        prose = re.sub(r"`[^`]*`|\"[^\"]*\"|\]\([^)]*\)|<[^>]*>", "", line)
        if len(re.findall(r"[A-Za-z]{2,}", prose)) > 3:
            assert CHINESE.search(prose), line


def test_no_twin_without_its_page_and_no_page_without_either() -> None:
    twins = {page for folder in (ROOT, ROOT / "docs") for page in folder.glob("*.zh-CN.md")}
    twins |= set((ROOT / "docs").rglob("*.zh-CN.md"))
    assert twins == {twin(page) for page in PAGES}


def test_the_readme_is_for_people_who_come() -> None:
    for page in (ROOT / "README.md", twin(ROOT / "README.md")):
        assert len(page.read_text(encoding="utf-8").splitlines()) <= 120


def test_links_between_pages_lead_somewhere() -> None:
    for page in (*PAGES, *map(twin, PAGES), *((ROOT / "docs") / name for name in BOTH_IN_ONE)):
        for target in re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def test_files_that_pages_name_are_there() -> None:
    """As a path from the root, or from one of the folders that a page may take for granted."""
    pages = [
        *PAGES,
        *map(twin, PAGES),
        ROOT / "docs" / "cli.md",
        *(ROOT / n / "README.md" for n in ("benchmarks", "examples")),
    ]
    roots = [ROOT, *(ROOT / name for name in ("liveavatar", "liveavatar/rigs/drawn", "benchmarks", "docs"))]
    missing = [
        (page.name, name)
        for page in pages
        for name in re.findall(
            r"(?<![\w/.-])(?:[\w-]+/)+\w+\.(?:py|md|sh)\b", page.read_text(encoding="utf-8")
        )
        if "NAME" not in name and not any((root / name).exists() for root in (*roots, page.parent))
    ]
    assert not missing


def test_every_row_of_the_command_reference_is_in_both_languages() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `--")
    ]
    assert rows
    assert not [row for row in rows if not CHINESE.search(row)]
