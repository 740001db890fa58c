"""Zips of avatars, whoever packed them; and what is none, in one line."""

import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from liveavatar.avatar import install as installing
from liveavatar.avatar import library as packages
from liveavatar.avatar import trial
from liveavatar.avatar.card import CARD
from liveavatar.avatar.install import install
from liveavatar.errors import AvatarError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "avatars"
    for module in (packages, installing, trial):
        monkeypatch.setattr(module, "avatar_folders", lambda: [folder])
    return folder


def packed(
    files: list[tuple[str | zipfile.ZipInfo, bytes]], target: Path, kind: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(target, "w", kind) as archive:
        for name, data in files:
            archive.writestr(name, data, compress_type=kind)
    return target


def renamed(folder: Path, prefix: str) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    found: list[tuple[str | zipfile.ZipInfo, bytes]] = []
    for path in folder.iterdir():
        info = zipfile.ZipInfo("x")
        info.filename = prefix + path.name  # as it is: the constructor turns backslashes round
        found.append((info, path.read_bytes()))
    return found


@pytest.mark.parametrize("prefix", ["", "tiny/", "tiny\\", "a/b/c/", "./", "out\\tiny-1.0\\"])
def test_folders_of_every_system(tiny_folder: Path, tmp_path: Path, home: Path, prefix: str) -> None:
    extra = [(f"__MACOSX/{prefix}._{CARD}", b"x"), (f"__MACOSX/{CARD}", b"{}"), (f"{prefix}.DS_Store", b"x"),
             (f"{prefix}Thumbs.db", b"x"), (f"{prefix}more/{CARD}", b"{}")]  # fmt: skip
    source = packed([*renamed(tiny_folder, prefix), *extra], tmp_path / "a.zip")
    avatar = install(source)
    assert avatar.folder == home / "tiny"
    assert sorted(p.name for p in home.iterdir()) == ["tiny"]
    assert not list(avatar.folder.glob(".*"))


def test_a_card_with_a_byte_order_mark(tiny_folder: Path, tmp_path: Path) -> None:
    (tiny_folder / CARD).write_bytes(b"\xef\xbb\xbf" + (tiny_folder / CARD).read_bytes())
    assert install(packed(renamed(tiny_folder, ""), tmp_path / "a.zip")).name == "tiny"


def encrypted(folder: Path, target: Path) -> Path:
    packed(renamed(folder, ""), target)
    data = bytearray(target.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            data[start + at] |= 1
    target.write_bytes(data)
    return target


def doubled(folder: Path, target: Path) -> Path:
    with pytest.warns(UserWarning, match="Duplicate"):
        return packed([*renamed(folder, ""), ("face.png", b"other")], target)


def bomb(folder: Path, target: Path) -> Path:
    """A file that says that it is small, and inflates to 200 MB."""
    packed([*renamed(folder, ""), ("bomb.bin", bytes(1 << 20))], target)
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("large.png", "w") as file,
    ):
        for _ in range(200):
            file.write(bytes(1 << 20))
    data = target.read_bytes().replace(struct.pack("<I", 200 << 20), struct.pack("<I", 1 << 10))
    target.write_bytes(data)
    return target


def many(target: Path) -> Path:
    """A list of files that says that it has no end."""
    data = bytearray(packed([("a", b"")], target).read_bytes())
    data[-22 + 12 : -22 + 16] = struct.pack("<I", 0x7FFFFFFF)
    target.write_bytes(data)
    return target


def tarred(folder: Path, target: Path, mode: str) -> Path:
    with tarfile.open(target, mode) as archive:  # type: ignore[call-overload]
        archive.add(folder, "tiny")
    return target


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda f, t: packed([*renamed(f, "a/"), *renamed(f, "b/")], t),
            r"holds 2 avatars \('a', 'b'\); unpack it",
        ),
        (encrypted, "has a password"),
        (doubled, "'face.png' twice"),
        (lambda f, t: packed([("a.zip", b"PK")], t), r"holds another \.zip"),
        (lambda f, t: packed(renamed(f, ""), t, zipfile.ZIP_LZMA), "unusual way"),
        (lambda f, t: packed(renamed(f, ""), t, zipfile.ZIP_BZIP2), "unusual way"),
        (bomb, "larger than|damaged"),
        (lambda f, t: many(t), "cannot be read as a .zip"),
        (lambda f, t: packed([(f"{i}.png", b"") for i in range(70)] + renamed(f, ""), t), "more than the 64"),
        (lambda f, t: tarred(f, t, "w"), r"is a \.tar archive"),
        (lambda f, t: tarred(f, t, "w:gz"), r"is a \.gz archive"),
        (
            lambda f, t: t.write_bytes(b"Rar!\x1a\7") and t,
            r"is a \.rar archive; unpack it and give the folder",
        ),
        (lambda f, t: t.write_bytes(b"7z\xbc\xaf\x27\x1c") and t, r"is a \.7z archive"),
        (lambda f, t: t.write_bytes(b"\x89PNG") and t, "Give an avatar's folder or .zip"),
        (lambda f, t: (t.write_bytes(b"") and t) or t, "cannot be read as a .zip"),
        (lambda f, t: f / CARD, "cannot be read as a .zip"),
        (lambda f, t: Path("/dev/null"), "no plain file"),
        (lambda f, t: Path("/x" * 5000), "no such file"),
    ],
)
def test_what_cannot_be_installed_says_so_in_one_line(  # type: ignore[no-untyped-def]
    tiny_folder: Path, tmp_path: Path, home: Path, make, words: str
) -> None:
    source = make(tiny_folder, tmp_path / "a.zip")
    with pytest.raises(AvatarError, match=words) as error:
        install(source)
    assert "\n" not in str(error.value)
    assert not home.exists() or not list(home.iterdir())


@pytest.mark.parametrize(
    "damage",
    [lambda d: d[:50] + bytes(20) + d[70:], lambda d: d[: len(d) // 2], lambda d: d[:-5], lambda d: b"x" + d],
)
def test_a_damaged_zip(tiny_folder: Path, tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    source = packed(renamed(tiny_folder, ""), tmp_path / "a.zip")
    source.write_bytes(damage(source.read_bytes()))
    try:
        assert install(source).name == "tiny"
    except AvatarError as error:
        assert str(error)


def test_links_in_a_zip_are_no_files(tiny_folder: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("more.png")
    link.external_attr = 0o120777 << 16
    avatar = install(packed([*renamed(tiny_folder, ""), (link, b"/etc/passwd")], tmp_path / "a.zip"))
    assert not (avatar.folder / "more.png").exists()


def test_a_bomb_takes_little_memory(tiny_folder: Path, tmp_path: Path) -> None:
    source = bomb(tiny_folder, tmp_path / "a.zip")
    code = (
        "import resource, sys; from pathlib import Path; from liveavatar.avatar.archive import unpack\n"
        "from liveavatar.errors import AvatarError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: unpack(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except AvatarError: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    if sys.platform != "linux":
        pytest.skip("needs the resource module's kilobytes")
    (tmp_path / "work").mkdir()
    command = [sys.executable, "-c", code, str(source), str(tmp_path / "work")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert int(done.stdout) < 150_000
